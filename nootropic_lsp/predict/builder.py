"""The process that brings the segments of a folder up to date with its index.

Run as `python -P -m nootropic_lsp.predict.builder`; the folder and its database come as one
frame on the standard input, and how it went goes as one frame to the standard output.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from nootropic_lsp.index.clean import clean_text
from nootropic_lsp.index.frames import receive, send
from nootropic_lsp.index.languages.registry import LANGUAGES
from nootropic_lsp.index.lock import WriterLock
from nootropic_lsp.predict.segment import MOST_TOKENS, Segment, build
from nootropic_lsp.predict.shelf import Shelf, shelf_of
from nootropic_lsp.predict.streams import Lexicon, Stream
from nootropic_lsp.store import graph

log = logging.getLogger(__name__)

# What nobody has typed tells nothing of what somebody will type.
_LONGEST_LINE = 5_000
# Smaller segments are put together when there are more than so many of a family.
_SMALL = MOST_TOKENS // 4
_MOST_SMALL = 4
# A segment of which so much does not count any more is written anew.
_MOST_DEAD = 0.3


def main() -> int:
    """Do what is asked, once."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    with contextlib.suppress(BrokenPipeError, AttributeError):
        os.nice(5)
    source, output = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr
    request = receive(source)
    if request is not None:
        try:
            answer = update(request["folder"], Path(request["database"]))
        except (graph.DatabaseError, graph.DamagedIndexError, graph.NoRoomError, OSError) as error:
            log.warning("the token model of %s is not up to date: %s", request["folder"], error)
            answer = {"written": 0, "damaged": 0}
        with contextlib.suppress(BrokenPipeError):
            send(output, answer)
    return 0


def update(folder: str, database: Path) -> dict[str, int]:
    """Bring the segments of a folder up to date: {"written": n, "damaged": n}.

    While another process does that, this one waits, and then has little to do.
    """
    shelf = Shelf(shelf_of(database))
    shelf.folder.mkdir(exist_ok=True)
    lock = WriterLock(shelf.folder / "lock")
    lock.acquire(wait=True)
    try:
        return _update(folder, database, shelf)
    finally:
        lock.release()


def _update(folder: str, database: Path, shelf: Shelf) -> dict[str, int]:
    for leftover in shelf.folder.glob("*.new"):
        leftover.unlink(missing_ok=True)
    connection = graph.open_graph(database, readonly=True)
    try:
        rows = {row.path: row for row in graph.all_files(connection)}
        doubtful = graph.files_with_secrets(connection)
    finally:
        connection.close()
    shelf.look(check=True)
    damaged = list(shelf.damaged)
    shelf.mask({path: row.digest for path, row in rows.items()})
    retired = _retired(shelf)
    covered = {
        file.path
        for path, segment in shelf.segments.items()
        if path not in retired
        for file, is_masked in zip(segment.files, segment.masked, strict=True)
        if not is_masked
    }
    written = 0
    by_family: dict[str, list[graph.FileRow]] = {}
    for missing in sorted(rows.keys() - covered):
        language = LANGUAGES.get(rows[missing].language)
        if language is not None:
            by_family.setdefault(language.family, []).append(rows[missing])
    for family, group in by_family.items():
        for segment in _segments(folder, group, doubtful):
            segment.write(shelf.next_path(family))
            written += 1
    for path in (*retired, *damaged):
        with contextlib.suppress(OSError):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    return {"written": written, "damaged": len(damaged)}


def _retired(shelf: Shelf) -> list[Path]:
    """The segments whose files are better written to new ones."""
    found: list[Path] = []
    small: dict[str, list[Path]] = {}
    for path, segment in shelf.segments.items():
        sizes = [*segment.starts[1:].tolist(), segment.n_tokens]
        dead = sum(
            end - start
            for start, end, is_masked in zip(segment.starts, sizes, segment.masked, strict=True)
            if is_masked
        )
        if dead > segment.n_tokens * _MOST_DEAD:
            found.append(path)
        elif segment.n_tokens < _SMALL:
            small.setdefault(path.name.partition("-")[0], []).append(path)
    for paths in small.values():
        if len(paths) > _MOST_SMALL:
            found += paths
    return found


def _segments(
    folder: str, rows: Sequence[graph.FileRow], doubtful: Mapping[str, int]
) -> Iterator[Segment]:
    lexicon = Lexicon()
    files: list[tuple[str, bytes]] = []
    streams: list[Stream] = []
    n_tokens = 0
    for row in rows:
        text = _text(folder, row, has_secrets=row.path in doubtful)
        # One without a text is noted as well, so that it is not looked at time and again.
        stream = lexicon.read(text, row.language)
        if files and n_tokens + len(stream.ids) > MOST_TOKENS:
            yield build(lexicon, files, streams)
            lexicon, files, streams, n_tokens = Lexicon(), [], [], 0
            stream = lexicon.read(text, row.language)
        files.append((row.path, row.digest))
        streams.append(stream)
        n_tokens += len(stream.ids)
    if files:
        yield build(lexicon, files, streams)


def _text(folder: str, row: graph.FileRow, *, has_secrets: bool) -> str:
    """The text of a file as the index knows it, without secrets; "" for what is of no use."""
    text = clean_text(folder, row, has_secrets=has_secrets).replace("\r\n", "\n")
    return "" if max(map(len, text.split("\n"))) > _LONGEST_LINE else text


if __name__ == "__main__":
    sys.exit(main())
