"""What linting has found, kept in the user's cache: one row per file and way of asking.

`key` stands for all that decides the findings of a file besides its text and other files.
What is found is stored as the caller encodes it.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from nootropic_lsp.store.shared import open_shared

log = logging.getLogger(__name__)

Connection = sqlite3.Connection
# Ways of asking that are remembered: those that were used last.
_MOST_KEYS = 6

_SCHEMA = """
CREATE TABLE IF NOT EXISTS runs (
    key BLOB PRIMARY KEY, used_at INTEGER NOT NULL, problems TEXT NOT NULL
) WITHOUT ROWID;
-- `resolved` is when the names of the file were resolved, `others` the files it was judged by,
-- `raw` what each engine said, `found` what is shown.
CREATE TABLE IF NOT EXISTS findings (
    key BLOB NOT NULL, path TEXT NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
    digest BLOB NOT NULL, resolved INTEGER NOT NULL, others TEXT NOT NULL, raw TEXT NOT NULL,
    found TEXT NOT NULL, PRIMARY KEY (key, path)
) WITHOUT ROWID;
SELECT path FROM findings LIMIT 1;
"""


class Kept(NamedTuple):
    """What is known of one file."""

    path: str
    size: int
    mtime_ns: int
    digest: bytes
    resolved: int
    others: str
    raw: str
    found: str


def open_findings(path: Path) -> Connection | None:
    """Open the cache; a damaged one begins anew, and without a place for it there is none."""
    return open_shared(path, "no cache of findings", _SCHEMA, busy_ms=500, synchronous="OFF")


def read_problems(connection: Connection, key: bytes) -> str | None:
    """What else was said in the last complete run, None if there was none."""
    try:
        row = connection.execute("SELECT problems FROM runs WHERE key = ?", (key,)).fetchone()
    except sqlite3.DatabaseError as error:
        log.warning("the cache of findings cannot be read: %s", error)
        return None
    return None if row is None else row[0]


def read_kept(connection: Connection, key: bytes) -> dict[str, Kept]:
    """Everything that is known, without what each engine said."""
    try:
        rows = connection.execute(
            "SELECT path, size, mtime_ns, digest, resolved, others, '', found FROM findings"
            " WHERE key = ?",
            (key,),
        ).fetchall()
    except sqlite3.DatabaseError as error:
        log.warning("the cache of findings cannot be read: %s", error)
        return {}
    return {row[0]: Kept(*row) for row in rows}


def read_raw(connection: Connection, key: bytes, paths: Iterable[str]) -> dict[str, str]:
    """What each engine said of some files."""
    found: dict[str, str] = {}
    try:
        for path in paths:
            row = connection.execute(
                "SELECT raw FROM findings WHERE key = ? AND path = ?", (key, path)
            ).fetchone()
            if row is not None:
                found[path] = row[0]
    except sqlite3.DatabaseError as error:
        log.warning("the cache of findings cannot be read: %s", error)
    return found


def write(
    connection: Connection,
    key: bytes,
    rows: Iterable[Kept],
    touched: Iterable[tuple[int, int, str]],
    gone: Iterable[str],
    problems: str,
) -> None:
    """Forget what is gone, then keep what was found; where that cannot be, do not.

    `touched` are files that have only another size or time: these and their path.
    """
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(
            "DELETE FROM findings WHERE key = ? AND path = ?", ((key, path) for path in gone)
        )
        connection.executemany(
            "UPDATE findings SET size = ?, mtime_ns = ? WHERE path = ? AND key = ?",
            ((*each, key) for each in touched),
        )
        connection.executemany(
            "INSERT OR REPLACE INTO findings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            ((key, *row) for row in rows),
        )
        connection.execute(
            "INSERT OR REPLACE INTO runs VALUES (?, ?, ?)", (key, time.time_ns(), problems)
        )
        old = connection.execute(
            "SELECT key FROM runs ORDER BY used_at DESC LIMIT -1 OFFSET ?", (_MOST_KEYS,)
        ).fetchall()
        for table in ("runs", "findings") if old else ():
            connection.executemany(f"DELETE FROM {table} WHERE key = ?", old)
        connection.execute("COMMIT")
    except sqlite3.DatabaseError as error:
        log.info("not kept in the cache of findings: %s", error)
        if connection.in_transaction:
            connection.execute("ROLLBACK")
