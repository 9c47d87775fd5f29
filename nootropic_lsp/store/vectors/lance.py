"""Vectors in LanceDB, in a folder of the workspace."""

from __future__ import annotations

import importlib
from collections.abc import Collection, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np

from nootropic_lsp.store.vectors.folders import prepared, size_of
from nootropic_lsp.store.vectors.protocol import Vectors

_AT_ONCE = 1_000
_KEPT = timedelta(seconds=1)


class LanceStore:
    """One table in the folder, searched exactly; others belong to other models."""

    def __init__(self, folder: Path, model: str, n_dimensions: int) -> None:
        self._arrow: Any = importlib.import_module("pyarrow")
        prepared(folder)
        self._folder = folder
        self._name = f"passages-{model}"
        # Keys are texts: the parser of conditions takes the lowest number of 64 bits for a float.
        vector = self._arrow.list_(self._arrow.float32(), n_dimensions)
        self._schema: Any = self._arrow.schema([("key", self._arrow.string()), ("vector", vector)])
        self._database: Any = importlib.import_module("lancedb").connect(folder)
        self._table: Any = self._database.create_table(
            self._name, schema=self._schema, exist_ok=True
        )

    def keys(self) -> set[int]:
        """What has a vector."""
        found = self._table.search().select(["key"]).limit(self._table.count_rows() or 1)
        return set(map(int, found.to_arrow().column("key").to_pylist()))

    def add(self, keys: Sequence[int], vectors: Vectors) -> None:
        """Keep vectors; those of known keys are replaced."""
        flat = np.ascontiguousarray(vectors, np.float32).reshape(-1)
        arrow = self._arrow
        rows = arrow.table(
            {
                "key": arrow.array(map(str, keys), arrow.string()),
                "vector": arrow.FixedSizeListArray.from_arrays(arrow.array(flat), vectors.shape[1]),
            },
            schema=self._schema,
        )
        merge = self._table.merge_insert("key")
        merge.when_matched_update_all().when_not_matched_insert_all().execute(rows)
        self._tidy()

    def remove(self, keys: Collection[int]) -> None:
        """Forget vectors, whether they are there or not."""
        numbers = [f"'{key:d}'" for key in keys]
        for at in range(0, len(numbers), _AT_ONCE):
            self._table.delete(f"key IN ({', '.join(numbers[at : at + _AT_ONCE])})")
        self._tidy()

    def nearest(self, vector: Vectors, limit: int) -> list[tuple[int, float]]:
        """The keys whose vectors are most like one (dimensions,), with the cosine, best first."""
        asked = self._table.search(np.asarray(vector, np.float32)).distance_type("cosine")
        found = asked.limit(limit).select(["key", "_distance"]).to_arrow()
        keys, distances = (found.column(name).to_pylist() for name in ("key", "_distance"))
        return [(int(key), 1.0 - each) for key, each in zip(keys, distances, strict=True)]

    def n_bytes(self) -> int:
        """How much disk the folder takes, those of other models included."""
        return size_of(self._folder)

    def drop(self) -> None:
        """Remove the table."""
        self._database.drop_table(self._name)
        self.close()

    def close(self) -> None:
        """Let go of the folder."""
        self._table = self._database = None

    def _tidy(self) -> None:
        """Every write leaves the version before it behind; the newest may stay for a moment."""
        self._table.optimize(cleanup_older_than=_KEPT)
