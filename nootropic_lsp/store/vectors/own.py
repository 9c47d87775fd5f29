"""Vectors in a table of our own, a byte per number: small, read at once, and searched exactly.

For everybody who has not installed a vector database. Readers need no other process.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from functools import wraps
from pathlib import Path
from threading import RLock
from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt

from nootropic_lsp.store.graph import DamagedIndexError, remove_graph, transaction
from nootropic_lsp.store.vectors.protocol import Vectors

_SCHEMA = """
-- Keys (8 bytes each) and vectors (a byte per number) of many at once, in the same order.
CREATE TABLE blocks (id INTEGER PRIMARY KEY, keys BLOB NOT NULL, vectors BLOB NOT NULL);
CREATE TABLE gone (key INTEGER PRIMARY KEY);
"""
_FORMAT = 1
_BLOCK = 4096
# All is written anew when so much of it is gone.
_MOST_GONE = 0.2
# How many more than wanted are compared exactly, after a look at the signs.
_MORE = 10
_LEAST_COMPARED = 2_000


Method = TypeVar("Method", bound=Callable[..., Any])


def _alone(method: Method) -> Method:
    """One thread at a time: a connection has one transaction."""

    @wraps(method)
    def run(self: OwnStore, *arguments: Any) -> Any:
        with self.lock:
            return method(self, *arguments)

    return cast("Method", run)


class OwnStore:
    """One file. What was read is kept, and read again when another process has written."""

    def __init__(self, path: Path, n_dimensions: int, *, readonly: bool = False) -> None:
        self.lock = RLock()
        self._path = path
        self._n_dimensions = n_dimensions
        try:
            self._connection = _opened(path, readonly=readonly)
        except sqlite3.DatabaseError as error:
            raise DamagedIndexError(f"the vectors {path} cannot be read: {error}") from error
        self._seen: tuple[int, int] | None = None
        self._keys: npt.NDArray[np.int64] = np.zeros(0, np.int64)
        self._vectors: npt.NDArray[np.int8] = np.zeros((0, n_dimensions), np.int8)
        self._signs: npt.NDArray[np.uint64] = np.zeros((1, 0), np.uint64)

    @_alone
    def keys(self) -> set[int]:
        """What has a vector."""
        self._read()
        return set(self._keys.tolist())

    @_alone
    def add(self, keys: Sequence[int], vectors: Vectors) -> None:
        """Keep vectors; those of known keys are replaced."""
        known = self.keys().intersection(keys)
        if known:
            self.remove(known)
        largest = np.maximum(np.abs(vectors).max(1, keepdims=True), 1e-9)
        packed = np.round(vectors / largest * 127).astype(np.int8)
        numbers = np.array(keys, np.int64)
        with transaction(self._connection):
            self._forget_gone(set(keys))
            for at in range(0, len(numbers), _BLOCK):
                self._connection.execute(
                    "INSERT INTO blocks (keys, vectors) VALUES (?, ?)",
                    (numbers[at : at + _BLOCK].tobytes(), packed[at : at + _BLOCK].tobytes()),
                )
        self._seen = None

    @_alone
    def remove(self, keys: Collection[int]) -> None:
        """Forget vectors, whether they are there or not."""
        with transaction(self._connection):
            self._connection.executemany(
                "INSERT OR IGNORE INTO gone (key) VALUES (?)", ((key,) for key in keys)
            )
        self._seen = None
        n_gone = self._connection.execute("SELECT COUNT(*) FROM gone").fetchone()[0]
        if n_gone > _MOST_GONE * (n_gone + len(self.keys())):
            self._write_anew()

    @_alone
    def nearest(self, vector: Vectors, limit: int) -> list[tuple[int, float]]:
        """The keys whose vectors are most like one (dimensions,), with the cosine, best first."""
        self._read()
        n_vectors = len(self._keys)
        if not n_vectors:
            return []
        rows = np.arange(n_vectors)
        n_compared = max(_LEAST_COMPARED, _MORE * limit)
        if n_vectors > 2 * n_compared:
            # Vectors that point the same way have the same signs: 8 bytes tell 64 of them.
            differing = np.zeros(n_vectors, np.uint16)
            for column, asked in zip(self._signs, _signs(vector[None]), strict=True):
                differing += np.bitwise_count(column ^ asked)
            rows = np.argpartition(differing, n_compared)[:n_compared]
        some = self._vectors[rows].astype(np.float32)
        lengths = np.maximum(np.sqrt(np.einsum("ij,ij->i", some, some)), 1e-9)
        cosines = (some @ vector) / lengths
        best = np.argsort(-cosines)[:limit]
        return list(zip(self._keys[rows[best]].tolist(), cosines[best].tolist(), strict=True))

    def n_bytes(self) -> int:
        """How much disk it takes."""
        total = 0
        for suffix in ("", "-wal"):
            with suppress(OSError):
                total += self._path.with_name(self._path.name + suffix).stat().st_size
        return total

    def drop(self) -> None:
        """Remove everything."""
        self.close()
        remove_graph(self._path)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _forget_gone(self, keys: set[int]) -> None:
        """What is written again is gone no longer, but its old vector must not come back."""
        rows = self._connection.execute("SELECT key FROM gone").fetchall()
        if keys.intersection(row[0] for row in rows):
            self._compact(rows)

    def _write_anew(self) -> None:
        with transaction(self._connection):
            self._compact(self._connection.execute("SELECT key FROM gone").fetchall())
        self._connection.execute("VACUUM")

    def _compact(self, gone: Sequence[tuple[int]]) -> None:
        """Write the blocks without what is gone. Inside a transaction."""
        dead = np.array([row[0] for row in gone], np.int64)
        keys, vectors = self._blocks()
        kept = ~np.isin(keys, dead)
        keys, vectors = keys[kept], vectors[kept]
        self._connection.execute("DELETE FROM blocks")
        self._connection.execute("DELETE FROM gone")
        for at in range(0, len(keys), _BLOCK):
            self._connection.execute(
                "INSERT INTO blocks (keys, vectors) VALUES (?, ?)",
                (keys[at : at + _BLOCK].tobytes(), vectors[at : at + _BLOCK].tobytes()),
            )
        self._seen = None

    def _blocks(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int8]]:
        rows = self._connection.execute("SELECT keys, vectors FROM blocks ORDER BY id").fetchall()
        keys = np.frombuffer(b"".join(row[0] for row in rows), np.int64)
        vectors = np.frombuffer(b"".join(row[1] for row in rows), np.int8)
        return keys, vectors.reshape(len(keys), self._n_dimensions)

    def _read(self) -> None:
        """Read what is there, unless nothing was written since."""
        version = self._connection.execute("PRAGMA data_version").fetchone()[0]
        seen = (version, self._connection.total_changes)
        if seen == self._seen:
            return
        try:
            keys, vectors = self._blocks()
            gone = [row[0] for row in self._connection.execute("SELECT key FROM gone")]
        except (sqlite3.DatabaseError, ValueError) as error:
            raise DamagedIndexError(f"the vectors {self._path} cannot be read: {error}") from error
        if gone:
            kept = ~np.isin(keys, np.array(gone, np.int64))
            keys, vectors = keys[kept], vectors[kept]
        self._keys, self._vectors, self._signs = keys, vectors, _signs(vectors)
        self._seen = seen


def _signs(vectors: npt.NDArray[np.int8] | Vectors) -> npt.NDArray[np.uint64]:
    """The signs of the numbers, 64 in one: (dimensions / 64, number)."""
    packed = np.packbits(vectors > 0, axis=1)
    missing = -packed.shape[1] % 8
    return np.ascontiguousarray(np.pad(packed, ((0, 0), (0, missing))).view(np.uint64).T)


def _opened(path: Path, *, readonly: bool) -> sqlite3.Connection:
    if readonly:
        uri = f"{path.absolute().as_uri()}?mode=ro"
        connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
    else:
        connection = sqlite3.connect(path, check_same_thread=False)
    connection.isolation_level = None
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA busy_timeout = 5000")
    if not readonly:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        if connection.execute("PRAGMA user_version").fetchone()[0] != _FORMAT:
            connection.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version={_FORMAT}; COMMIT;")
    connection.execute("SELECT COUNT(*) FROM gone").fetchone()
    return connection
