"""The passages of a workspace folder and the words in them: one database, one writer at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from nootropic_lsp.store.graph import DamagedIndexError, transaction

Connection = sqlite3.Connection
DatabaseError = sqlite3.DatabaseError

FORMAT = 3
"""Part of the name of the file: what another version has written is not looked at."""

_SCHEMA = """
CREATE TABLE files (
    id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, digest BLOB NOT NULL
);
-- Numbers are never used again: the words of passages that are gone stay.
CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, file INTEGER NOT NULL, symbol INTEGER NOT NULL,
    start INTEGER NOT NULL, end INTEGER NOT NULL, name TEXT NOT NULL, container TEXT NOT NULL,
    content INTEGER NOT NULL
);
CREATE INDEX passages_by_file ON passages (file);
CREATE INDEX passages_by_symbol ON passages (symbol) WHERE symbol != 0;
CREATE INDEX passages_by_content ON passages (content);
-- The words only, not the text. Scores need their places, so these are kept (`detail=full`).
CREATE VIRTUAL TABLE words USING fts5(
    name, place, body, content='', tokenize='porter ascii'
);
"""

# The forms of words are made by the tokenizer, so it is asked by way of a table of its own.
_COUNTING = """
CREATE VIRTUAL TABLE IF NOT EXISTS temp.said USING fts5(text, tokenize='porter ascii');
CREATE VIRTUAL TABLE IF NOT EXISTS temp.stems USING fts5vocab('temp', 'said', 'instance');
CREATE VIRTUAL TABLE IF NOT EXISTS temp.counts USING fts5vocab('main', 'words', 'row');
"""


class PassageRow(NamedTuple):
    """A passage as it is stored; `path` is that of its file, relative to the folder.

    `content` is the key of its vector: a digest of what the vector is made of.
    """

    id: int
    path: str
    symbol: int
    start: int
    end: int
    name: str
    container: str
    content: int


class Words(NamedTuple):
    """The words of a passage: of its name, of where it is, and of its text."""

    name: str
    place: str
    body: str


def file_of(database: Path) -> Path:
    """The file with the passages that belong to an index."""
    return database.with_name(f"passages-{FORMAT}.db")


def open_passages(path: Path, *, readonly: bool = False) -> Connection:
    """Open the database, made if it is not there. Raises `DamagedIndexError`."""
    connection: Connection | None = None
    try:
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
            if connection.execute("PRAGMA user_version").fetchone()[0] != FORMAT:
                connection.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version={FORMAT}; COMMIT;")
        connection.execute("SELECT COUNT(*) FROM files").fetchone()
    except sqlite3.DatabaseError as error:
        if connection is not None:
            connection.close()
        raise DamagedIndexError(f"the passages {path} cannot be read: {error}") from error
    return connection


def digests(connection: Connection) -> dict[str, bytes]:
    """The digest of each file that has been cut into passages, by its path."""
    return dict(connection.execute("SELECT path, digest FROM files").fetchall())


def remove_files(connection: Connection, paths: Iterable[str]) -> None:
    """Forget the passages of some files."""
    with transaction(connection):
        for path in paths:
            connection.execute(
                "DELETE FROM passages WHERE file = (SELECT id FROM files WHERE path = ?)", (path,)
            )
            connection.execute("DELETE FROM files WHERE path = ?", (path,))


class Cut(NamedTuple):
    """A file cut into passages: symbol, start, end, name, container and content of each, and its words."""

    path: str
    digest: bytes
    rows: Sequence[tuple[int, int, int, str, str, int]]
    words: Sequence[Words]


def write_files(connection: Connection, files: Iterable[Cut]) -> None:
    """Write files that are not there, or not any more."""
    with transaction(connection):
        last = connection.execute(
            "SELECT seq FROM sqlite_sequence WHERE name = 'passages'"
        ).fetchone()
        number = 1 + (last[0] if last else 0)
        for cut in files:
            file = connection.execute(
                "INSERT INTO files (path, digest) VALUES (?, ?)", (cut.path, cut.digest)
            ).lastrowid
            numbers = range(number, number := number + len(cut.rows))
            connection.executemany(
                "INSERT INTO passages (id, file, symbol, start, end, name, container, content)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                ((each, file, *row) for each, row in zip(numbers, cut.rows, strict=True)),
            )
            connection.executemany(
                "INSERT INTO words (rowid, name, place, body) VALUES (?, ?, ?, ?)",
                ((each, *said) for each, said in zip(numbers, cut.words, strict=True)),
            )


def settle(connection: Connection) -> None:
    """Put the words together once much was written: questions are answered sooner."""
    connection.execute("INSERT INTO words (words) VALUES ('optimize')")


def n_passages(connection: Connection) -> int:
    """How many passages there are."""
    count: int = connection.execute("SELECT COUNT(*) FROM passages").fetchone()[0]
    return count


def dead_share(connection: Connection) -> float:
    """Which part of the words belongs to passages that are gone."""
    last = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'passages'").fetchone()
    return 1 - n_passages(connection) / last[0] if last and last[0] else 0.0


# ---- questions


def counts_of(connection: Connection, words: Sequence[str]) -> dict[str, int]:
    """In how many passages each word is written, in any of its forms."""
    connection.executescript(_COUNTING)
    connection.execute("DELETE FROM temp.said")
    connection.executemany("INSERT INTO temp.said (rowid, text) VALUES (?, ?)", enumerate(words, 1))
    rows = connection.execute(
        "SELECT said.doc, counts.doc FROM temp.stems AS said"
        " JOIN temp.counts AS counts ON counts.term = said.term"
    )
    counts = dict(rows.fetchall())
    return {word: counts.get(number, 0) for number, word in enumerate(words, 1)}


def which_are_in(connection: Connection, column: str, word: str) -> set[int]:
    """The numbers of the passages that have a word in their "name" or "place"."""
    rows = connection.execute(
        "SELECT rowid FROM words WHERE words MATCH ?", (f"{column} : {_quoted(word)}",)
    )
    return {row[0] for row in rows}


def which_have(connection: Connection, word: str, numbers: Iterable[int]) -> set[int]:
    """Which of some passages have a word in their text."""
    return {
        number
        for number in numbers
        if connection.execute(
            "SELECT 1 FROM words WHERE words MATCH ? AND rowid = ?",
            (f"body : {_quoted(word)}", number),
        ).fetchone()
    }


def best(
    connection: Connection,
    words: Sequence[str],
    *,
    weights: tuple[float, float, float],
    limit: int,
) -> list[tuple[int, float]]:
    """The numbers of the passages that have some of the words, best first, by BM25.

    `weights` are those of the words in the name, the place and the text. Scores are positive.
    """
    match = " OR ".join(map(_quoted, words))
    rows = connection.execute(
        "SELECT rowid, -bm25(words, ?, ?, ?) AS score FROM words WHERE words MATCH ?"
        " ORDER BY score DESC LIMIT ?",
        (*weights, match, limit),
    )
    return rows.fetchall()


_ROWS = (
    "SELECT passages.id, path, symbol, start, end, name, container, content FROM passages"
    " JOIN files ON files.id = passages.file"
)


def passages_at(connection: Connection, numbers: Sequence[int]) -> dict[int, PassageRow]:
    """The passages of some numbers, as far as they are still there."""
    found: dict[int, PassageRow] = {}
    for start in range(0, len(numbers), 500):
        some = numbers[start : start + 500]
        marks = ", ".join("?" * len(some))
        rows = connection.execute(
            f"{_ROWS} WHERE passages.id IN ({marks})",
            some,
        )
        found.update((row[0], PassageRow(*row)) for row in rows)
    return found


def passages_with(connection: Connection, contents: Sequence[int]) -> list[PassageRow]:
    """The passages whose content is one of some, in no order."""
    found: list[PassageRow] = []
    for start in range(0, len(contents), 500):
        some = contents[start : start + 500]
        marks = ", ".join("?" * len(some))
        rows = connection.execute(f"{_ROWS} WHERE passages.content IN ({marks})", some)
        found.extend(PassageRow(*row) for row in rows)
    return found


def paths_with(connection: Connection, contents: Collection[int]) -> set[str]:
    """The files that have passages with some contents."""
    rows = connection.execute(
        "SELECT DISTINCT path, content FROM passages JOIN files ON files.id = passages.file"
    )
    return {path for path, content in rows if content in contents}


def contents(connection: Connection) -> set[int]:
    """The contents of all passages."""
    return {row[0] for row in connection.execute("SELECT DISTINCT content FROM passages")}


def _quoted(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'
