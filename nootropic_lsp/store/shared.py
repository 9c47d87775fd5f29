"""Small databases in the user's folder that any process may add to, and that nobody would miss."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path

log = logging.getLogger(__name__)


def open_shared(
    path: Path, what: str, schema: str, *, busy_ms: int, synchronous: str
) -> sqlite3.Connection | None:
    """Open one; a damaged one begins anew, and without a place for it there is none.

    `schema` ends with a look at a table, which shows damage. `what` is what is missing without it.
    """
    for _ in range(2):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            connection.execute(f"PRAGMA busy_timeout = {busy_ms}")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(f"PRAGMA synchronous = {synchronous}")
            connection.execute("PRAGMA cache_size = -1000")
            connection.executescript(schema)
        except (sqlite3.OperationalError, OSError) as error:
            log.info("%s: %s", what, error)
            return None
        except sqlite3.DatabaseError:
            for suffix in ("", "-wal", "-shm"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
        else:
            return connection
    return None
