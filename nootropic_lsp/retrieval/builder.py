"""Bringing the passages of a folder up to date with its index."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from nootropic_lsp.index.clean import clean_text
from nootropic_lsp.index.lock import WriterLock
from nootropic_lsp.retrieval.passages import Cutting, Passage, passages_of
from nootropic_lsp.retrieval.words import words_of
from nootropic_lsp.store import graph, passages

log = logging.getLogger(__name__)

Progress = Callable[[int, int], None]


class Chunk(NamedTuple):
    """A passage as vectors are made of it: its key, its words, and its text with where it is."""

    content: int
    words: list[str]
    text: str


# Gets the passages of files that were cut, some at a time.
Sink = Callable[[list[Chunk]], None]
_AT_ONCE = 200
# All is written anew when so much of the words belongs to nothing any more.
_MOST_DEAD = 0.4


def update(
    folder: str,
    database: Path,
    cutting: Cutting,
    progress: Progress | None = None,
    sink: Sink | None = None,
) -> int:
    """Bring the passages up to date; how many files were cut.

    Files that were cut in another way are cut again. While another process does that, this one
    waits, and then has little to do.
    """
    path = passages.file_of(database)
    lock = WriterLock(path.with_suffix(".lock"))
    lock.acquire(wait=True)
    try:
        connection = _opened(path)
        try:
            return _update(_Cutter(folder, cutting), database, connection, progress, sink)
        finally:
            connection.close()
    finally:
        lock.release()


def cut_again(
    folder: str,
    database: Path,
    connection: passages.Connection,
    cutting: Cutting,
    wanted: Collection[int],
) -> Iterator[list[Chunk]]:
    """The passages with some contents, cut once more, some at a time."""
    cutter = _Cutter(folder, cutting)
    index = graph.open_graph(database, readonly=True)
    try:
        doubtful = graph.files_with_secrets(index)
        known = passages.digests(connection)
        paths = passages.paths_with(connection, wanted)
        rows = [row for row in graph.all_files(index) if row.path in paths]
        rows = [row for row in rows if known.get(row.path) == cutter.digest(row)]
        for start in range(0, len(rows), _AT_ONCE):
            chunks: list[Chunk] = []
            for _ in cutter.cut(index, rows[start : start + _AT_ONCE], doubtful, chunks):
                pass
            yield [chunk for chunk in chunks if chunk.content in wanted]
    finally:
        index.close()


def _opened(path: Path) -> passages.Connection:
    if not path.exists():
        _remove_earlier(path)
    try:
        connection = passages.open_passages(path)
        if passages.dead_share(connection) < _MOST_DEAD:
            return connection
        connection.close()
    except graph.DamagedIndexError as error:
        log.warning("%s", error)
    graph.remove_graph(path)
    return passages.open_passages(path)


def _remove_earlier(path: Path) -> None:
    """Remove what an earlier version has left in another format."""
    for other in path.parent.glob("passages-*.db"):
        with suppress(graph.NoRoomError):
            graph.remove_graph(other)


def _update(
    cutter: _Cutter,
    database: Path,
    connection: passages.Connection,
    progress: Progress | None,
    sink: Sink | None,
) -> int:
    index = graph.open_graph(database, readonly=True)
    try:
        rows = {row.path: row for row in graph.all_files(index)}
        doubtful = graph.files_with_secrets(index)
        known = passages.digests(connection)
        changed = [row for path, row in rows.items() if known.get(path) != cutter.digest(row)]
        gone = known.keys() - rows.keys() | {row.path for row in changed if row.path in known}
        passages.remove_files(connection, gone)
        for start in range(0, len(changed), _AT_ONCE):
            some = changed[start : start + _AT_ONCE]
            chunks: list[Chunk] = []
            passages.write_files(connection, cutter.cut(index, some, doubtful, chunks))
            if sink is not None:
                sink(chunks)
            if progress is not None:
                progress(start + len(some), len(changed))
        if len(changed) > _AT_ONCE:
            passages.settle(connection)
    finally:
        index.close()
    return len(changed)


@dataclass(frozen=True, slots=True)
class _Cutter:
    """Cuts the files of a folder in one way."""

    folder: str
    cutting: Cutting

    def digest(self, row: graph.FileRow) -> bytes:
        """What tells a file's passages from those of another text, or cut in another way."""
        return row.digest + self.cutting.mark

    def cut(
        self,
        index: graph.Connection,
        rows: list[graph.FileRow],
        doubtful: Mapping[str, int],
        chunks: list[Chunk],
    ) -> Iterator[passages.Cut]:
        """Cut some files, and add what vectors are made of to `chunks`."""
        for row in rows:
            text = clean_text(self.folder, row, has_secrets=row.path in doubtful) or ""
            symbols = graph.symbols_of_file(index, row.id) if text else []
            found = list(passages_of(text, symbols, module_name(row.path), self.cutting))
            words = [words_in(each, text, row.path) for each in found]
            made = [
                _chunk(each, text, row.path, said) for each, said in zip(found, words, strict=True)
            ]
            chunks += made
            # One without any is noted as well, so that it is not looked at time and again.
            yield passages.Cut(
                row.path,
                self.digest(row),
                [
                    (each.symbol, each.start, each.end, each.name, each.owner, chunk.content)
                    for each, chunk in zip(found, made, strict=True)
                ],
                words,
            )


def _chunk(passage: Passage, text: str, path: str, words: passages.Words) -> Chunk:
    # Where it is counts for little: half of all moves would have all vectors made anew.
    own = f"{passage.owner}\n{passage.text(text)}"
    key = blake2b(own.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return Chunk(
        int.from_bytes(key, "little", signed=True),
        [*words_of(passage.owner), *words.body.split()],
        f"{path}\n{own}",
    )


def words_in(passage: Passage, text: str, path: str) -> passages.Words:
    """The words by which a passage is found."""
    place = f"{passage.owner} {path.rpartition('.')[0]}"
    said = (passage.name, place, passage.text(text))
    return passages.Words(*(" ".join(words_of(each)) for each in said))


def module_name(path: str) -> str:
    """What a file is called by those who import it."""
    pure = PurePosixPath(path)
    return pure.parent.name if pure.stem in ("__init__", "index", "mod") else pure.stem
