"""Vectors in Chroma, in a folder of the workspace.

Two processes that write one folder end in a crash without a word (chromadb 1.5), so only the
owner of a workspace may open this.
"""

from __future__ import annotations

import importlib
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nootropic_lsp.store.vectors.folders import prepared, size_of
from nootropic_lsp.store.vectors.protocol import Vectors

# Chroma holds Python's lock while it writes (1.5: 0.4 s for 500 vectors), and others wait for it.
_BATCH = 500
# SQLite's limit of variables holds for what is removed.
_AT_ONCE = 500


class ChromaStore:
    """One collection in the folder; others belong to other models."""

    def __init__(self, folder: Path, model: str) -> None:
        chromadb = importlib.import_module("chromadb")
        config = importlib.import_module("chromadb.config")
        prepared(folder)
        self._folder = folder
        self._name = f"passages-{model}"
        self._client: Any = chromadb.PersistentClient(
            str(folder), settings=config.Settings(anonymized_telemetry=False)
        )
        self._collection: Any = self._client.get_or_create_collection(
            self._name, configuration={"hnsw": {"space": "cosine"}}, embedding_function=None
        )

    def keys(self) -> set[int]:
        """What has a vector."""
        return {int(each) for each in self._collection.get(include=[])["ids"]}

    def add(self, keys: Sequence[int], vectors: Vectors) -> None:
        """Keep vectors; those of known keys are replaced."""
        ids = [str(key) for key in keys]
        for at in range(0, len(ids), _BATCH):
            self._collection.upsert(ids[at : at + _BATCH], vectors[at : at + _BATCH])

    def remove(self, keys: Collection[int]) -> None:
        """Forget vectors, whether they are there or not."""
        ids = [str(key) for key in keys]
        for at in range(0, len(ids), _AT_ONCE):
            self._collection.delete(ids[at : at + _AT_ONCE])

    def nearest(self, vector: Vectors, limit: int) -> list[tuple[int, float]]:
        """The keys whose vectors are most like one (dimensions,), with the cosine, best first."""
        found = self._collection.query(
            query_embeddings=np.asarray(vector, np.float32)[None],
            n_results=limit,
            include=["distances"],
        )
        return [
            (int(key), 1.0 - float(distance))
            for key, distance in zip(found["ids"][0], found["distances"][0], strict=True)
        ]

    def n_bytes(self) -> int:
        """How much disk the folder takes, those of other models included."""
        return size_of(self._folder)

    def drop(self) -> None:
        """Remove the collection."""
        self._client.delete_collection(self._name)
        self.close()

    def close(self) -> None:
        """Let go of the folder."""
        self._client.close()
