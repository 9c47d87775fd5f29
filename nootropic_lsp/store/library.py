"""Facts of library files in the user's cache: small rows that any process may add."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path

log = logging.getLogger(__name__)

Connection = sqlite3.Connection


def open_library(path: Path) -> Connection | None:
    """Open the cache; a damaged one is made anew, and without a place for it there is none."""
    for attempt in range(2):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            connection.execute("PRAGMA busy_timeout = 200")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("PRAGMA cache_size = -1000")
            connection.execute(
                "CREATE TABLE IF NOT EXISTS libraries (path TEXT PRIMARY KEY, size INTEGER NOT NULL,"
                " mtime_ns INTEGER NOT NULL, facts BLOB NOT NULL) WITHOUT ROWID"
            )
            connection.execute("SELECT path FROM libraries LIMIT 1").fetchone()
        except sqlite3.OperationalError as error:
            log.info("no cache of libraries: %s", error)
            return None
        except sqlite3.DatabaseError:
            if attempt:
                return None
            for suffix in ("", "-wal", "-shm"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
        except OSError as error:
            log.info("no cache of libraries: %s", error)
            return None
        else:
            return connection
    return None


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
