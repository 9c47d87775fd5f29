"""The symbol graph in SQLite: one database per workspace folder, one writer at a time."""

from __future__ import annotations

import shutil
import sqlite3
import time
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files as resource_files
from pathlib import Path
from typing import Any, NamedTuple

from nootropic_lsp.core.errors import NootropicError

Connection = sqlite3.Connection
DatabaseError = sqlite3.DatabaseError

# Part of the path, so that two versions of nootropic never rebuild each other's index.
SCHEMA_VERSION = 1


DAMAGED = "The index was damaged and is being rebuilt."


class DamagedIndexError(NootropicError):
    """The database cannot be read; it has to be rebuilt."""


class NoRoomError(NootropicError):
    """The database cannot be written where it is: the disk is full, or may not be written to."""


@dataclass(frozen=True, slots=True)
class FileRow:
    """What is known of an indexed file without reading its facts."""

    id: int
    path: str
    language: str
    size: int
    mtime_ns: int
    digest: bytes


class SymbolRow(NamedTuple):
    """A symbol as it is stored; `file` is the id of its file."""

    id: int
    file: int
    name: str
    kind: int
    start: int
    full_start: int
    full_end: int
    container: str


@dataclass(frozen=True, slots=True)
class ReadFile:
    """What a worker found in one file, ready to be written."""

    path: str
    language: str
    size: int
    mtime_ns: int
    digest: bytes
    lines: bytes
    is_ascii: bool
    secrets: int
    facts: bytes
    # id, name, kind, start, full_start, full_end, container
    symbols: Sequence[tuple[int, str, int, int, int, int, str]]
    # The names written in it, and those that its imports rename.
    mentions: tuple[bytes, bytes]
    # Not kept: what others can see of it, where that is to be compared with an earlier state.
    interface: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Edges:
    """Where one file uses symbols, and what that was derived from."""

    file: int
    uses: Sequence[tuple[int, bytes]]
    sources: bytes
    names: bytes


def open_graph(path: Path, *, readonly: bool = False) -> Connection:
    """Open the database at `path`, made with the current schema if it is not there.

    Raises `DamagedIndexError` if it is not a readable database of ours, and `NoRoomError`
    if there is no place for it.
    """
    if path.is_symlink() or path.is_dir():
        raise DamagedIndexError(f"the index {path} is a link or a folder")
    connection: Connection | None = None
    try:
        if readonly:
            uri = f"{path.absolute().as_uri()}?mode=ro"
            connection = sqlite3.connect(
                uri, uri=True, check_same_thread=False, factory=ReadConnection
            )
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(path, check_same_thread=False)
        _set_up(connection, readonly=readonly)
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        connection.execute("SELECT COUNT(*) FROM left_out").fetchone()
        pages, page_bytes = (
            connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "page_size")
        )
        size = path.stat().st_size
    except (sqlite3.DatabaseError, OSError) as error:
        if connection is not None:
            connection.close()
        if isinstance(error, OSError) or not is_damage(error):
            raise NoRoomError(f"the index {path} cannot be opened: {error}") from error
        raise DamagedIndexError(f"the index {path} cannot be read: {error}") from error
    if version != SCHEMA_VERSION or size > pages * page_bytes + 65_536:
        connection.close()
        raise DamagedIndexError(f"the index {path} is not one of this version")
    return connection


def _set_up(connection: Connection, *, readonly: bool) -> None:
    # A database that came with a repository must not run anything of its own.
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    connection.execute("PRAGMA busy_timeout = 5000")
    connection.execute("PRAGMA mmap_size = 0")
    connection.execute("PRAGMA cache_size = -4000")
    connection.isolation_level = None
    if not readonly:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA journal_size_limit = 16777216")
        _migrate(connection)


# Primary result codes of SQLite (https://sqlite.org/rescode.html) that speak of the place, not
# of the content: PERM, BUSY, LOCKED, NOMEM, READONLY, IOERR, FULL, CANTOPEN, NOLFS, AUTH.
_PLACE_CODES = frozenset({3, 5, 6, 7, 8, 10, 13, 14, 22, 23})
# Two kinds of IOERR that mean a file was cut short or its file system is broken.
_CONTENT_CODES = frozenset({522, 8458})


def is_damage(error: BaseException) -> bool:
    """Whether an error means that a database has to be rebuilt."""
    if isinstance(error, (DamagedIndexError, UnicodeDecodeError)):
        return True
    if not isinstance(error, sqlite3.DatabaseError):
        return False
    code = getattr(error, "sqlite_errorcode", 1)
    return code in _CONTENT_CODES or code & 0xFF not in _PLACE_CODES


def is_without_room(error: BaseException) -> bool:
    """Whether an error means that a database cannot be written where it is."""
    if isinstance(error, NoRoomError):
        return True
    return isinstance(error, sqlite3.DatabaseError) and not is_damage(error)


def is_sound(connection: Connection) -> bool:
    """Whether all pages of a database hang together: a tenth of a second per 50 MB."""
    try:
        return bool(connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")
    except sqlite3.DatabaseError as error:
        return not is_damage(error)


class ReadConnection(sqlite3.Connection):
    """A connection that notices damage, wherever a query meets it."""

    is_damaged = False

    def cursor(self, factory: Any = None) -> Any:
        """A cursor of ours."""
        return super().cursor(factory or _ReadCursor)

    def execute(self, *arguments: Any) -> Any:
        """The rows of a query. What sqlite3 has for this makes a cursor without asking us."""
        return self.cursor().execute(*arguments)


class _ReadCursor(sqlite3.Cursor):
    def execute(self, *arguments: Any) -> Any:
        try:
            return super().execute(*arguments)
        except sqlite3.DatabaseError as error:
            raise self._noted(error) from error

    def fetchone(self) -> Any:
        try:
            return super().fetchone()
        except sqlite3.DatabaseError as error:
            raise self._noted(error) from error

    def fetchall(self) -> Any:
        try:
            return super().fetchall()
        except sqlite3.DatabaseError as error:
            raise self._noted(error) from error

    def __next__(self) -> Any:
        try:
            return super().__next__()
        except sqlite3.DatabaseError as error:
            raise self._noted(error) from error

    def _noted(self, error: sqlite3.DatabaseError) -> Exception:
        if not is_damage(error) or isinstance(error, sqlite3.ProgrammingError):
            return error
        assert isinstance(self.connection, ReadConnection)
        self.connection.is_damaged = True
        return DamagedIndexError(DAMAGED)


def _migrate(connection: Connection) -> None:
    """Bring an empty or older database up to date, one numbered script after the other."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    for number in range(version + 1, SCHEMA_VERSION + 1):
        script = resource_files("nootropic_lsp.store") / "schema" / f"{number:04d}.sql"
        text = script.read_text(encoding="utf-8")
        connection.executescript(f"BEGIN; {text} PRAGMA user_version = {number}; COMMIT;")


def make_indexes(connection: Connection, *, edges: bool = True) -> None:
    """Make the indexes that are not there yet: of what was read, and of the edges."""
    for index in (*_INDEXES, *(_EDGE_INDEXES if edges else ())):
        connection.execute(f"CREATE INDEX IF NOT EXISTS {index}")


_INDEXES = (
    "symbols_by_name ON symbols (name COLLATE NOCASE)",
    "symbols_by_file ON symbols (file)",
    "files_to_resolve ON files (path) WHERE resolved = 0",
)
_EDGE_INDEXES = ("edges_by_file ON edges (file)",)


def remove_graph(path: Path) -> None:
    """Delete a database and what SQLite keeps beside it, whatever lies there; links as links."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        file = path.with_name(path.name + suffix)
        try:
            if file.is_dir() and not file.is_symlink():
                shutil.rmtree(file)
            else:
                file.unlink(missing_ok=True)
        except OSError as error:
            raise NoRoomError(f"the damaged index {file} cannot be removed: {error}") from error


@contextmanager
def transaction(connection: Connection) -> Iterator[None]:
    """All or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # On a full disk SQLite may have rolled back already.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


# ---- files


def all_files(connection: Connection) -> list[FileRow]:
    """Every indexed file."""
    rows = connection.execute("SELECT id, path, language, size, mtime_ns, digest FROM files")
    return [FileRow(*row) for row in rows]


def files_with_secrets(connection: Connection) -> dict[str, int]:
    """The files with literals that look like secrets, and how many each has."""
    return dict(connection.execute("SELECT path, secrets FROM files WHERE secrets > 0"))


def files_at(connection: Connection, paths: Sequence[str]) -> list[FileRow]:
    """The indexed files among some paths."""
    found: list[FileRow] = []
    for start in range(0, len(paths), 500):
        some = paths[start : start + 500]
        marks = ", ".join("?" * len(some))
        rows = connection.execute(
            f"SELECT id, path, language, size, mtime_ns, digest FROM files WHERE path IN ({marks})",
            some,
        )
        found += [FileRow(*row) for row in rows]
    return found


def files_under(connection: Connection, folder: str) -> list[FileRow]:
    """The indexed files below a folder."""
    rows = connection.execute(
        "SELECT id, path, language, size, mtime_ns, digest FROM files WHERE path > ? AND path < ?",
        (f"{folder}/", f"{folder}0"),
    )
    return [FileRow(*row) for row in rows]


def is_empty(connection: Connection) -> bool:
    """Whether nothing has been indexed yet."""
    rows = connection.execute("SELECT 1 FROM files LIMIT 1").fetchall()
    return not rows


def has_edges(connection: Connection) -> bool:
    """Whether the edges of any file have been written."""
    rows = connection.execute("SELECT 1 FROM edges LIMIT 1").fetchall()
    return bool(rows)


def file_paths(connection: Connection) -> dict[str, int]:
    """The id of every indexed file by its path."""
    return dict(connection.execute("SELECT path, id FROM files").fetchall())


def read_facts(connection: Connection, path: str) -> tuple[int, str, bytes] | None:
    """Id, language and encoded facts of a file."""
    row = connection.execute(
        "SELECT id, language, facts FROM files WHERE path = ?", (path,)
    ).fetchone()
    return None if row is None else (row[0], row[1], row[2])


def read_digest(connection: Connection, path: str) -> bytes | None:
    """What the content of a file was when it was read."""
    row = connection.execute("SELECT digest FROM files WHERE path = ?", (path,)).fetchone()
    return None if row is None else row[0]


def read_lines(connection: Connection, path: str) -> tuple[array[int], bool] | None:
    """Where the lines of a file start, and whether it is all ASCII."""
    row = connection.execute("SELECT lines, is_ascii FROM files WHERE path = ?", (path,)).fetchone()
    if row is None:
        return None
    starts = array("I")
    starts.frombytes(row[0])
    return starts, bool(row[1])


def write_files(
    connection: Connection, found: Sequence[ReadFile], *, fresh: bool = False
) -> list[int]:
    """Write or replace files with their symbols; the ids, in order. Edges are kept.

    `fresh` promises that none of them has been written before.
    """
    ids: list[int] = []
    symbols: list[tuple[int, int, str, int, int, int, int, str]] = []
    for item in found:
        identity = connection.execute(
            "INSERT INTO files (path, language, size, mtime_ns, digest, lines, is_ascii, secrets,"
            " facts) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (path) DO UPDATE SET language = excluded.language,"
            " size = excluded.size, mtime_ns = excluded.mtime_ns, digest = excluded.digest,"
            " lines = excluded.lines, is_ascii = excluded.is_ascii, secrets = excluded.secrets,"
            " facts = excluded.facts, resolved = 0"
            " RETURNING id",
            (
                item.path,
                item.language,
                item.size,
                item.mtime_ns,
                item.digest,
                item.lines,
                item.is_ascii,
                item.secrets,
                item.facts,
            ),
        ).fetchone()[0]
        ids.append(identity)
        symbols += [(symbol[0], identity, *symbol[1:]) for symbol in item.symbols]
    if not fresh:
        connection.executemany("DELETE FROM symbols WHERE file = ?", ((item,) for item in ids))
    connection.executemany(
        "INSERT OR REPLACE INTO symbols VALUES (?, ?, ?, ?, ?, ?, ?, ?)", symbols
    )
    connection.executemany(
        "INSERT OR REPLACE INTO mentions VALUES (?, ?, ?)",
        ((identity, *item.mentions) for identity, item in zip(ids, found, strict=True)),
    )
    connection.executemany("DELETE FROM left_out WHERE path = ?", ((item.path,) for item in found))
    return ids


def touch_files(connection: Connection, rows: Iterable[tuple[int, int, int]]) -> None:
    """Note a new size and time for files whose text is still the same."""
    connection.executemany(
        "UPDATE files SET size = ?, mtime_ns = ? WHERE id = ?",
        ((size, mtime_ns, identity) for identity, size, mtime_ns in rows),
    )


def remove_files(connection: Connection, ids: Sequence[int]) -> None:
    """Forget files with all that was derived from them."""
    parameters = [(identity,) for identity in ids]
    for table in ("symbols", "edges", "sources", "mentions"):
        connection.executemany(f"DELETE FROM {table} WHERE file = ?", parameters)
    connection.executemany("DELETE FROM files WHERE id = ?", parameters)


def remove_everything(connection: Connection) -> None:
    """Forget all files."""
    for table in ("files", "symbols", "edges", "sources", "mentions", "left_out"):
        connection.execute(f"DELETE FROM {table}")


def unresolved_files(connection: Connection) -> list[tuple[int, str]]:
    """Id and path of the files whose edges are still to be written."""
    return connection.execute(
        "SELECT id, path FROM files WHERE resolved = 0 ORDER BY path"
    ).fetchall()


def symbols_of_file(connection: Connection, file: int) -> list[SymbolRow]:
    """The symbols that a file defines."""
    rows = connection.execute(f"SELECT {_SYMBOL} FROM symbols WHERE file = ?", (file,))
    return [SymbolRow(*row) for row in rows]


def is_resolved(connection: Connection) -> bool:
    """Whether the edges of all files are written."""
    return not connection.execute("SELECT 1 FROM files WHERE resolved = 0 LIMIT 1").fetchall()


def mentions(
    connection: Connection, languages: Sequence[str], *, only_unresolved: bool = False
) -> Iterator[tuple[str, bytes]]:
    """Path and mentioned names of the files in some languages."""
    marks = ", ".join("?" * len(languages))
    yield from connection.execute(
        "SELECT files.path, mentions.names FROM files JOIN mentions ON mentions.file = files.id"
        f" WHERE files.language IN ({marks})"
        + (" AND files.resolved = 0" if only_unresolved else ""),
        languages,
    )


def renamed(connection: Connection) -> list[bytes]:
    """What the imports of each file rename, of those that do."""
    rows = connection.execute("SELECT renamed FROM mentions WHERE renamed != x''")
    return [row[0] for row in rows]


def mark_unresolved(connection: Connection, ids: Iterable[int]) -> None:
    """The edges of these files are to be written again."""
    connection.executemany(
        "UPDATE files SET resolved = 0 WHERE id = ?", ((identity,) for identity in ids)
    )


# ---- edges


def write_edges(connection: Connection, batch: Sequence[Edges], *, fresh: bool = False) -> None:
    """Replace the edges of files. `fresh` promises that they have none yet."""
    if not fresh:
        connection.executemany("DELETE FROM edges WHERE file = ?", ((item.file,) for item in batch))
    # In the order of the table: neighbours then go to the same page.
    rows = sorted((target, item.file, uses) for item in batch for target, uses in item.uses)
    connection.executemany("INSERT OR REPLACE INTO edges VALUES (?, ?, ?)", rows)
    connection.executemany(
        "INSERT OR REPLACE INTO sources VALUES (?, ?, ?)",
        ((item.file, item.sources, item.names) for item in batch),
    )
    moment = time.time_ns()
    connection.executemany(
        "UPDATE files SET resolved = ? WHERE id = ?", ((moment, item.file) for item in batch)
    )


def file_states(connection: Connection) -> dict[str, tuple[int, bytes]]:
    """When the edges of each file were written, which differs after each time, and its digest.

    A file without edges has 0.
    """
    rows = connection.execute("SELECT path, resolved, digest FROM files")
    return {path: (resolved, digest) for path, resolved, digest in rows}


def file_of(connection: Connection) -> str:
    """Where the database lies."""
    return next(str(row[2]) for row in connection.execute("PRAGMA database_list"))


def read_uses(connection: Connection, target: int) -> list[tuple[str, array[int]]]:
    """Where a symbol is used: path, and pairs of packed place and caller."""
    rows = connection.execute(
        "SELECT files.path, edges.uses FROM edges JOIN files ON files.id = edges.file"
        " WHERE edges.target = ? ORDER BY files.path",
        (target,),
    )
    return [(path, _integers(uses)) for path, uses in rows]


def _integers(packed: bytes) -> array[int]:
    values = array("q")
    values.frombytes(packed)
    return values


def count_uses(connection: Connection, targets: Sequence[int]) -> dict[int, int]:
    """How often each symbol is used in this folder."""
    counts: dict[int, int] = {}
    for start in range(0, len(targets), 500):
        some = targets[start : start + 500]
        marks = ", ".join("?" * len(some))
        counts.update(
            connection.execute(
                "SELECT target, SUM(LENGTH(uses)) / 16 FROM edges"
                f" WHERE target IN ({marks}) GROUP BY target",
                some,
            ).fetchall()
        )
    return counts


def most_used(connection: Connection, limit: int) -> list[tuple[int, int]]:
    """Ids and numbers of uses of this folder's own symbols that are used most."""
    return connection.execute(
        "SELECT edges.target, SUM(LENGTH(edges.uses)) / 16 FROM edges"
        " JOIN symbols ON symbols.id = edges.target GROUP BY edges.target ORDER BY 2 DESC LIMIT ?",
        (limit,),
    ).fetchall()


def all_sources(connection: Connection) -> Iterator[tuple[int, bytes, bytes]]:
    """For every resolved file, what its edges were derived from."""
    yield from connection.execute("SELECT file, paths, names FROM sources")


# ---- symbols

_SYMBOL = "id, file, name, kind, start, full_start, full_end, container"


def symbols_named(connection: Connection, name: str) -> list[tuple[SymbolRow, str]]:
    """Symbols of exactly this name, with the path of their file."""
    rows = connection.execute(
        f"SELECT {_prefixed()}, files.path FROM symbols JOIN files ON files.id = symbols.file"
        " WHERE symbols.name = ? COLLATE NOCASE AND symbols.name = ?",
        (name, name),
    )
    return [(SymbolRow._make(row[:8]), row[8]) for row in rows]


def symbols_with_prefix(connection: Connection, prefix: str, limit: int) -> list[SymbolRow]:
    """Symbols whose name begins so, whatever the case."""
    rows = connection.execute(
        f"SELECT {_SYMBOL} FROM symbols"
        " WHERE name >= ? COLLATE NOCASE AND name < ? COLLATE NOCASE LIMIT ?",
        (prefix, prefix + "\U0010ffff", limit),
    )
    return list(map(SymbolRow._make, rows))


def symbols_named_any(connection: Connection, names: Sequence[str], limit: int) -> list[SymbolRow]:
    """Symbols that have one of some names, whatever the case."""
    found: list[SymbolRow] = []
    for start in range(0, len(names), 500):
        some = names[start : start + 500]
        marks = ", ".join("?" * len(some))
        rows = connection.execute(
            f"SELECT {_SYMBOL} FROM symbols WHERE name COLLATE NOCASE IN ({marks}) LIMIT ?",
            (*some, limit - len(found)),
        )
        found += map(SymbolRow._make, rows)
    return found


def is_defined(connection: Connection, name: str) -> bool:
    """Whether any symbol has just this name."""
    row = connection.execute(
        "SELECT 1 FROM symbols WHERE name = ? COLLATE NOCASE AND name = ? LIMIT 1", (name, name)
    ).fetchone()
    return row is not None


def symbols_by_id(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[SymbolRow, str]]:
    """Symbols by their ids, with the path of their file."""
    found: dict[int, tuple[SymbolRow, str]] = {}
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        marks = ", ".join("?" * len(some))
        rows = connection.execute(
            f"SELECT {_prefixed()}, files.path FROM symbols"
            f" JOIN files ON files.id = symbols.file WHERE symbols.id IN ({marks})",
            some,
        )
        found.update((row[0], (SymbolRow._make(row[:8]), row[8])) for row in rows)
    return found


def distinct_names(connection: Connection) -> list[str]:
    """Every name of a symbol, once."""
    return [row[0] for row in connection.execute("SELECT DISTINCT name FROM symbols")]


def names_of_kinds(connection: Connection, kinds: Sequence[int]) -> list[str]:
    """Every name of a symbol of some kinds, once."""
    marks = ", ".join("?" * len(kinds))
    rows = connection.execute(f"SELECT DISTINCT name FROM symbols WHERE kind IN ({marks})", kinds)
    return [row[0] for row in rows]


def _prefixed() -> str:
    return ", ".join(f"symbols.{column}" for column in _SYMBOL.split(", "))


# ---- the rest


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that is not in the index; `is_fault` if reading it hung or killed a process."""

    path: str
    size: int
    mtime_ns: int
    reason: str
    is_fault: bool


def write_left_out(connection: Connection, files: Iterable[LeftOut]) -> None:
    """Note files that are not read until they change."""
    connection.executemany(
        "INSERT OR REPLACE INTO left_out VALUES (?, ?, ?, ?, ?)",
        ((item.path, item.size, item.mtime_ns, item.reason, item.is_fault) for item in files),
    )


def read_left_out(connection: Connection) -> dict[str, LeftOut]:
    """All files that are not read until they change, by path."""
    rows = connection.execute("SELECT path, size, mtime_ns, reason, is_fault FROM left_out")
    return {
        path: LeftOut(path, size, mtime_ns, reason, bool(is_fault))
        for path, size, mtime_ns, reason, is_fault in rows
    }


def forget_left_out(connection: Connection) -> None:
    """Have all files that were not read looked at again."""
    connection.execute("DELETE FROM left_out")


def read_meta(connection: Connection, key: str) -> str | None:
    """A note about the whole database."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return None if row is None else row[0]


def write_meta(connection: Connection, key: str, value: str) -> None:
    """Keep a note about the whole database."""
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))


@dataclass(frozen=True, slots=True)
class Size:
    """How much a database holds."""

    n_files: int
    n_symbols: int
    n_edges: int
    n_secrets: int
    n_bytes: int
    source_bytes: int
    by_language: dict[str, int]


def measure(connection: Connection) -> Size:
    """Count what is in the database. The size on disk is that of its pages."""
    n_files, source_bytes, n_secrets = connection.execute(
        "SELECT COUNT(*), TOTAL(size), TOTAL(secrets) FROM files"
    ).fetchone()
    n_symbols = connection.execute("SELECT COUNT(*) FROM symbols").fetchone()[0]
    n_uses = connection.execute("SELECT TOTAL(LENGTH(uses)) FROM edges").fetchone()[0]
    languages = connection.execute(
        "SELECT language, COUNT(*) FROM files GROUP BY language ORDER BY 2 DESC"
    ).fetchall()
    return Size(
        n_files,
        n_symbols,
        int(n_uses) // 16,
        int(n_secrets),
        n_bytes(connection),
        int(source_bytes),
        dict(languages),
    )


def n_bytes(connection: Connection) -> int:
    """How large a database is, without its log."""
    pages: int = connection.execute("PRAGMA page_count").fetchone()[0]
    page_bytes: int = connection.execute("PRAGMA page_size").fetchone()[0]
    return pages * page_bytes


def fold_log(connection: Connection) -> None:
    """Take over what is in the log into the database, and leave the log empty."""
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()


@dataclass(frozen=True, slots=True)
class Version:
    """Numbers that grow: with what is kept of files, and with which files there are."""

    content: int
    paths: int


def version(connection: Connection) -> Version:
    """How far the files are. Edges may come without a new one."""
    return Version(
        int(read_meta(connection, "content") or 0), int(read_meta(connection, "paths") or 0)
    )


def note_change(connection: Connection, *, paths: bool) -> None:
    """Files were written or removed; `paths` says that some came or went."""
    now = version(connection)
    write_meta(connection, "content", str(now.content + 1))
    if paths:
        write_meta(connection, "paths", str(now.paths + 1))


def data_version(connection: Connection) -> int:
    """A number that changes when another connection has written."""
    version: int = connection.execute("PRAGMA data_version").fetchone()[0]
    return version
