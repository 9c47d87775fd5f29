"""A workspace of many files: time, memory, size and look-up latency of the index.

    python scale.py CORPUS [--files 50000] [--out FOLDER]

The workspace is assembled from copies of the Python files of CORPUS, each copy under a package
of its own, until there are enough files.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

from nootropic_lsp.app import App
from nootropic_lsp.features import references, workspace_symbols
from nootropic_lsp.features.graph import find
from nootropic_lsp.settings.options import Settings


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--files", type=int, default=50_000)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.out or Path(scratch, "workspace")
        n_lines, n_bytes, names = assemble(arguments.corpus, folder, arguments.files)
        print(f"{arguments.files} files, {n_lines / 1e6:.1f} M lines, {n_bytes / 1e6:.0f} MB")
        app = App(Settings(), [folder.as_posix()])
        with Memory() as memory:
            started, before = time.perf_counter(), cpu_s()
            app.index(lambda done, total: None)
            wall, cpu = time.perf_counter() - started, cpu_s() - before
        status = app.status()
        print(
            f"index: {wall:.0f} s wall, {cpu:.0f} s CPU, {1000 * cpu / arguments.files:.2f} ms CPU"
            f" a file, peak {memory.peak / 1e6:.0f} MB, {status['bytes'] / n_bytes:.2f} x the source"
        )
        started = time.perf_counter()
        app.index(lambda done, total: None)
        print(f"nothing changed: {time.perf_counter() - started:.2f} s")
        snapshot = app.snapshot()
        for what, ask in (
            ("where", lambda name: find(snapshot, name)),
            ("symbols", lambda name: workspace_symbols.workspace_symbols(snapshot, name[:6])),
            (
                "references",
                lambda name: [
                    references.references_of(snapshot, symbol)
                    for symbol in find(snapshot, name)[:1]
                ],
            ),
        ):
            figures = sorted(timed(ask, name) for name in names)
            print(
                f"{what}: p50 {statistics.median(figures):.1f} ms,"
                f" p95 {figures[int(0.95 * len(figures))]:.1f} ms"
            )
        print(f"this process: {psutil.Process().memory_info().rss / 1e6:.0f} MB")
        app.close_all()


def assemble(corpus: Path, folder: Path, n_files: int) -> tuple[int, int, list[str]]:
    sources = sorted(path for path in corpus.rglob("*.py") if ".nootropic" not in path.parts)
    n_lines = n_bytes = 0
    names: set[str] = set()
    for number in range(n_files):
        source = sources[number % len(sources)]
        copy = folder / f"copy{number // len(sources):03d}" / source.relative_to(corpus)
        data = source.read_bytes()
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(data)
        n_lines += data.count(b"\n")
        n_bytes += len(data)
        if number < len(sources):
            found = (line.split("(")[0].split()[-1] for line in data.decode().split("\n") if line.startswith("def "))
            names.update(found)
    return n_lines, n_bytes, random.Random(1).sample(sorted(names), 200)


def timed(ask: object, name: str) -> float:
    started = time.perf_counter()
    ask(name)  # type: ignore[operator]
    return 1000 * (time.perf_counter() - started)


def cpu_s() -> float:
    me = psutil.Process().cpu_times()
    return sum(me[:4])


class Memory:
    """The peak of the memory of this process and its children."""

    def __enter__(self) -> Memory:
        self.peak = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def _watch(self) -> None:
        while not self._over.wait(0.2):
            total = 0
            for process in (psutil.Process(), *psutil.Process().children(recursive=True)):
                try:
                    total += process.memory_info().rss
                except psutil.Error:
                    continue
            self.peak = max(self.peak, total)

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


if __name__ == "__main__":
    sys.exit(main())
