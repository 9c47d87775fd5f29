"""The vectors of all folders of a client, opened when they are first asked."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import RLock

from nootropic_lsp.core.errors import VectorStoreError
from nootropic_lsp.retrieval import builder, vectors
from nootropic_lsp.retrieval.embedding import embedder
from nootropic_lsp.retrieval.passages import Cutting
from nootropic_lsp.retrieval.vectors import Model, OwnModel, Report
from nootropic_lsp.settings.options import Settings
from nootropic_lsp.store.graph import DamagedIndexError, NoRoomError, remove_graph
from nootropic_lsp.store.vectors.choice import own_file
from nootropic_lsp.store.vectors.own import OwnStore
from nootropic_lsp.store.vectors.protocol import VectorStore

log = logging.getLogger(__name__)

# Opens the store of the folder whose index this is.
Opener = Callable[[Path, Model], VectorStore]


def own_vectors(settings: Settings, model: Model | None = None) -> Dense:
    """Vectors of our own making in a table of our own: any process may read and write them."""
    return Dense(model or OwnModel(embedder()), _own_store, settings, is_own=True)


def _own_store(database: Path, model: Model) -> VectorStore:
    path = own_file(database, model.name)
    try:
        return OwnStore(path, model.n_dimensions)
    except DamagedIndexError as error:
        log.warning("%s; they are made anew", error)
        remove_graph(path)
        return OwnStore(path, model.n_dimensions)


class Dense:
    """One model and the stores with its vectors, one at a time. Safe to use from many threads."""

    def __init__(self, model: Model, open_: Opener, settings: Settings, *, is_own: bool) -> None:
        self.model = model
        # Whether any process may write them, and at once.
        self.is_own = is_own
        self._open = open_
        self._max_bytes = settings.vectors.max_bytes
        self._cutting = Cutting.by(settings.context)
        self._stores: dict[Path, VectorStore] = {}
        self._lock = RLock()

    def near(self, database: Path, question: str) -> Sequence[tuple[int, float]]:
        """The contents most like a question. Raises `VectorStoreError`."""
        with self._lock:
            return vectors.near(self.model, self._store(database), question)

    def update(
        self, folder: str, database: Path, progress: builder.Progress | None = None
    ) -> Report:
        """Bring passages and vectors up to date. Raises `VectorStoreError`."""
        with self._lock:
            store = self._store(database)
        return vectors.update(
            folder,
            database,
            self.model,
            store,
            cutting=self._cutting,
            max_bytes=self._max_bytes,
            progress=progress,
        )

    def fill(self, folder: str, database: Path, should_stop: Callable[[], bool]) -> Report:
        """Make what vectors are missing, while others ask. Raises `VectorStoreError`."""
        with self._lock:
            store = self._store(database)
        return vectors.fill(
            folder,
            database,
            self.model,
            store,
            cutting=self._cutting,
            max_bytes=self._max_bytes,
            should_stop=should_stop,
        )

    def n_bytes(self) -> int:
        """How much disk the vectors take."""
        with self._lock:
            return sum(store.n_bytes() for store in self._stores.values())

    def drop(self) -> None:
        """Remove the vectors of this model."""
        with self._lock:
            for store in self._stores.values():
                store.drop()
            self._stores.clear()

    def close(self) -> None:
        """Close all stores."""
        with self._lock:
            for store in self._stores.values():
                store.close()
            self._stores.clear()

    def _store(self, database: Path) -> VectorStore:
        store = self._stores.get(database)
        if store is None:
            try:
                store = self._open(database, self.model)
            except (DamagedIndexError, NoRoomError) as error:
                raise VectorStoreError(str(error)) from error
            self._stores[database] = store
        return store
