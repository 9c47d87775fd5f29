"""Counts of what became of suggestions, in the user's folder: no text, and any process may add."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from nootropic_lsp.store.shared import open_shared

log = logging.getLogger(__name__)

Connection = sqlite3.Connection
# What an outcome weighs after each later one of its kind: those before the last fifty hardly count.
_FADING = 0.97


class Count(NamedTuple):
    """How often something became of suggestions in one situation, and how many characters it saved."""

    language: str
    place: str
    size: str
    sureness: int
    outcome: str
    n: int
    characters: int


def open_counts(path: Path) -> Connection | None:
    """Open the counts; damaged ones begin anew, and without a place for them there are none."""
    what = "suggestions are not counted"
    return open_shared(path, what, _SCHEMA, busy_ms=2000, synchronous="NORMAL")


_SCHEMA = """
CREATE TABLE IF NOT EXISTS counts (
    language TEXT NOT NULL, place TEXT NOT NULL, size TEXT NOT NULL, sureness INTEGER NOT NULL,
    outcome TEXT NOT NULL, n INTEGER NOT NULL, characters INTEGER NOT NULL,
    PRIMARY KEY (language, place, size, sureness, outcome)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS experience (
    language TEXT NOT NULL, place TEXT NOT NULL, taken REAL NOT NULL, refused REAL NOT NULL,
    PRIMARY KEY (language, place)
) WITHOUT ROWID;
SELECT n FROM counts LIMIT 1;
"""


def add(connection: Connection, counts: Iterable[Count]) -> None:
    """Add to the counts; when another process holds them for long, or the disk is full, do not."""
    try:
        connection.executemany(
            "INSERT INTO counts VALUES (?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET n = n + excluded.n,"
            " characters = characters + excluded.characters",
            counts,
        )
    except sqlite3.DatabaseError as error:
        log.info("suggestions were not counted: %s", error)


def learn(connection: Connection, language: str, place: str, *, is_taken: bool) -> None:
    """Note that a suggestion at a kind of place was taken or refused."""
    row = (language, place, float(is_taken), float(not is_taken), _FADING, _FADING)
    try:
        connection.execute(
            "INSERT INTO experience VALUES (?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET taken = taken * ? + excluded.taken,"
            " refused = refused * ? + excluded.refused",
            row,
        )
    except sqlite3.DatabaseError as error:
        log.info("nothing was learned: %s", error)


def experience(connection: Connection, language: str, place: str) -> tuple[float, float]:
    """What weight the taken and the refused suggestions at a kind of place have."""
    try:
        row = connection.execute(
            "SELECT taken, refused FROM experience WHERE language = ? AND place = ?",
            (language, place),
        ).fetchone()
    except sqlite3.DatabaseError as error:
        log.info("the counts of suggestions cannot be read: %s", error)
        return 0.0, 0.0
    return (0.0, 0.0) if row is None else (row[0], row[1])


def read(connection: Connection) -> Sequence[Count]:
    """Everything that was counted."""
    try:
        rows = connection.execute(
            "SELECT language, place, size, sureness, outcome, n, characters FROM counts"
            " ORDER BY language, place, size, sureness, outcome"
        ).fetchall()
    except sqlite3.DatabaseError as error:
        log.info("the counts of suggestions cannot be read: %s", error)
        return []
    return list(map(Count._make, rows))
