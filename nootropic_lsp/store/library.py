"""Facts of library files in the user's cache: small rows that any process may add."""

from __future__ import annotations

import logging
import os
import sqlite3
from pathlib import Path

from nootropic_lsp.store.shared import open_shared

log = logging.getLogger(__name__)

Connection = sqlite3.Connection


def open_library(path: Path) -> Connection | None:
    """Open the cache; a damaged one is made anew, and without a place for it there is none."""
    return open_shared(path, "no cache of libraries", _SCHEMA, busy_ms=200, synchronous="OFF")


_SCHEMA = """
CREATE TABLE IF NOT EXISTS libraries (
    path TEXT PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, facts BLOB NOT NULL
) WITHOUT ROWID;
SELECT path FROM libraries LIMIT 1;
"""


def read(connection: Connection, path: str, size: int, mtime_ns: int) -> bytes | None:
    """The facts of a file, if they were read from its present state."""
    try:
        row = connection.execute(
            "SELECT facts FROM libraries WHERE path = ? AND size = ? AND mtime_ns = ?",
            (path, size, mtime_ns),
        ).fetchone()
    except sqlite3.DatabaseError as error:
        log.warning("the cache of libraries cannot be read: %s", error)
        return None
    return None if row is None else row[0]


def write(connection: Connection, path: str, size: int, mtime_ns: int, facts: bytes) -> None:
    """Keep the facts of a file; when another process holds the cache, or the disk is full, do not."""
    try:
        connection.execute(
            "INSERT OR REPLACE INTO libraries VALUES (?, ?, ?, ?)", (path, size, mtime_ns, facts)
        )
    except sqlite3.DatabaseError as error:
        log.info("not kept in the cache of libraries: %s", error)


def trim(connection: Connection, max_bytes: int) -> int:
    """When the rows take more than so many bytes, drop those of files that have gone or changed.

    If that does not free half of it, drop all: they are read again as they are needed. The
    file keeps its size, but does not grow before the room in it is used. How many were dropped.
    """
    try:
        if _n_bytes(connection) <= max_bytes:
            return 0
        rows = connection.execute("SELECT path, size, mtime_ns FROM libraries").fetchall()
        dropped = [(path,) for path, size, mtime_ns in rows if not _is_same(path, size, mtime_ns)]
        connection.executemany("DELETE FROM libraries WHERE path = ?", dropped)
        if _n_bytes(connection) <= max_bytes // 2:
            return len(dropped)
        connection.execute("DELETE FROM libraries")
    except sqlite3.DatabaseError as error:
        log.info("the cache of libraries is not trimmed: %s", error)
        return 0
    return len(rows)


def _n_bytes(connection: Connection) -> int:
    pages, free, page_bytes = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * page_bytes)


def _is_same(path: str, size: int, mtime_ns: int) -> bool:
    try:
        status = os.stat(path)  # noqa: PTH116 -- ten thousands of them
    except OSError:
        return False
    return (status.st_size, status.st_mtime_ns) == (size, mtime_ns)
