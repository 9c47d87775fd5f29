"""The vectors of a folder's passages: made where they are missing, and asked what is alike."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np

from nootropic_lsp.retrieval import builder
from nootropic_lsp.retrieval.builder import Chunk
from nootropic_lsp.retrieval.embedding import Embedder, Vectors
from nootropic_lsp.retrieval.passages import Cutting
from nootropic_lsp.retrieval.words import question_words
from nootropic_lsp.store import passages
from nootropic_lsp.store.vectors.protocol import VectorStore

log = logging.getLogger(__name__)

# Written at once: what is lost when the process is killed, at most.
_BATCH = 4_000
# What is gone stays until it is so large a part: branches are changed to and fro.
_MOST_GONE = 0.25
# How many of the most alike are looked at. The last one's likeness stands for that of the others.
_NEAR = 400


class Model(Protocol):
    """What makes vectors of length 1 of passages and of questions."""

    @property
    def name(self) -> str:
        """Its name, with letters, digits and dashes: another one if its vectors are others."""
        ...

    @property
    def n_dimensions(self) -> int:
        """The length of a vector."""
        ...

    def of_passages(self, chunks: Sequence[Chunk]) -> Vectors:
        """Of each passage a vector: (number, dimensions)."""
        ...

    def of_question(self, question: str) -> Vectors:
        """The vector of a question: (dimensions,)."""
        ...


class OwnModel:
    """The embedding that comes with nootropic, or one adapted to the workspace."""

    def __init__(self, embedder: Embedder, name: str = "own-1") -> None:
        self._embedder = embedder
        self.name = name

    @property
    def n_dimensions(self) -> int:
        """The length of a vector."""
        return self._embedder.n_dimensions

    def of_passages(self, chunks: Sequence[Chunk]) -> Vectors:
        """Of each passage a vector: (number, dimensions)."""
        return self._embedder.passages([chunk.words for chunk in chunks])

    def of_question(self, question: str) -> Vectors:
        """The vector of a question: (dimensions,)."""
        made: Vectors = self._embedder.questions([question_words(question)])[0]
        return made


class Report(NamedTuple):
    """What became of an update: `n_vectors` passages have one, `n_missing` have none, for lack of
    room if it `is_full`.
    """

    n_added: int
    n_removed: int
    n_vectors: int = 0
    n_missing: int = 0
    is_full: bool = False


def update(
    folder: str,
    database: Path,
    model: Model,
    store: VectorStore,
    *,
    cutting: Cutting,
    max_bytes: int,
    progress: builder.Progress | None = None,
) -> Report:
    """Bring passages and vectors up to date at once, while others wait for the passages.

    Only what is new is embedded.
    """
    filler = _Filler(model, store, max_bytes)
    builder.update(folder, database, cutting, progress, filler.take)
    filler.flush()
    return _filled(folder, database, filler, store, cutting, lambda: False)


def fill(
    folder: str,
    database: Path,
    model: Model,
    store: VectorStore,
    *,
    cutting: Cutting,
    max_bytes: int,
    should_stop: Callable[[], bool],
) -> Report:
    """Make the vectors that passages have not got, and keep nobody waiting for it."""
    filler = _Filler(model, store, max_bytes)
    return _filled(folder, database, filler, store, cutting, should_stop)


def _filled(
    folder: str,
    database: Path,
    filler: _Filler,
    store: VectorStore,
    cutting: Cutting,
    should_stop: Callable[[], bool],
) -> Report:
    connection = passages.open_passages(passages.file_of(database), readonly=True)
    try:
        wanted = passages.contents(connection)
        missing = wanted - filler.known
        if missing and not filler.is_full:
            for chunks in builder.cut_again(folder, database, connection, cutting, missing):
                if should_stop():
                    break
                filler.take(chunks)
            filler.flush()
        n_missing = len(wanted - filler.known)
    finally:
        connection.close()
    gone = filler.known - wanted
    if len(gone) > _MOST_GONE * len(wanted) or (gone and filler.is_full):
        store.remove(gone)
    else:
        gone = set()
    n_vectors = len(wanted) - n_missing
    return Report(filler.n_added, len(gone), n_vectors, n_missing, is_full=filler.is_full)


def near(model: Model, store: VectorStore, question: str) -> list[tuple[int, float]]:
    """The contents most like a question, with the cosine, best first."""
    return store.nearest(model.of_question(question), _NEAR)


class _Filler:
    """Makes vectors of what has none, and writes them some thousands at a time."""

    def __init__(self, model: Model, store: VectorStore, max_bytes: int) -> None:
        self._model = model
        self._store = store
        self._max_bytes = max_bytes
        self._waiting: dict[int, Chunk] = {}
        self.known = store.keys()
        self.n_added = 0
        self.is_full = False

    def take(self, chunks: Sequence[Chunk]) -> None:
        """Passages that may have no vector yet."""
        for chunk in chunks:
            if chunk.content not in self.known:
                self._waiting[chunk.content] = chunk
        if len(self._waiting) >= _BATCH:
            self.flush()

    def flush(self) -> None:
        """Make and write what waits."""
        waiting, self._waiting = list(self._waiting.values()), {}
        if not waiting:
            return
        if self._store.n_bytes() > self._max_bytes:
            if not self.is_full:
                log.warning(
                    "vectors take more than %d MB: new passages get none, and are found by their "
                    "words; `vectors.maxBytes` is the setting",
                    self._max_bytes // 1_000_000,
                )
            self.is_full = True
            return
        vectors = np.asarray(self._model.of_passages(waiting), np.float32)
        keys = [chunk.content for chunk in waiting]
        self._store.add(keys, vectors)
        self.known.update(keys)
        self.n_added += len(keys)
