"""What one save costs: CPU of re-indexing one edited file, with a worker that is kept warm.

    python save.py FOLDER [FILE] [--runs 20]

The file (default: one of about 1,000 lines) gets a new line at its end each time, so that its
own edges are rewritten and nobody else's. Then a new method in the middle, which others may see.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from pathlib import Path

import psutil

from nootropic_lsp.index.indexer import Indexer
from nootropic_lsp.settings.options import Settings


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("file", nargs="?")
    parser.add_argument("--runs", type=int, default=20)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "workspace")
        shutil.copytree(arguments.folder, folder, ignore=shutil.ignore_patterns(".nootropic*"))
        indexer = Indexer(folder.as_posix(), Path(scratch, "graph.db"), Settings())
        indexer.sync()
        path = folder / arguments.file if arguments.file else of_a_thousand_lines(folder)
        text = path.read_text()
        lines = text.count("\n")
        for what, edit in (
            ("a comment", lambda run: f"{text}\n# {run}\n"),
            ("a new function", lambda run: f"{text}\ndef added_{run}():\n    pass\n"),
        ):
            figures = [save(indexer, path, edit(run)) for run in range(arguments.runs + 1)][1:]
            cpu = statistics.median(figure[0] for figure in figures)
            wall = statistics.median(figure[1] for figure in figures)
            print(
                f"{path.name}, {lines} lines, {what}: {cpu:.0f} ms CPU, {wall:.0f} ms wall (median)"
            )
        indexer.close()


def of_a_thousand_lines(folder: Path) -> Path:
    files = (
        path for path in sorted(folder.rglob("*.py")) if 950 < path.read_bytes().count(b"\n") < 1050
    )
    return next(files)


def save(indexer: Indexer, path: Path, text: str) -> tuple[float, float]:
    path.write_text(text)
    started, before = time.perf_counter(), cpu_s()
    indexer.update([path.as_posix()])
    return 1000 * (cpu_s() - before), 1000 * (time.perf_counter() - started)


def cpu_s() -> float:
    tree = [psutil.Process(), *psutil.Process().children(recursive=True)]
    return sum(sum(process.cpu_times()[:2]) for process in tree)


if __name__ == "__main__":
    main()
