"""The spans of a workspace folder, in a database beside its index."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from nootropic_lsp.store.graph import transaction
from nootropic_lsp.store.shared import open_shared
from nootropic_lsp.telemetry.spans import (
    COST_USD,
    INPUT_TOKENS,
    MODEL,
    OPERATION,
    OUTPUT_TOKENS,
    Span,
)

Connection = sqlite3.Connection
DatabaseError = sqlite3.DatabaseError

FORMAT = 1
"""Part of the name of the file: what another version has written is not looked at."""

# What is asked for by number or name has a column of its own, and is among the attributes as well.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS spans (
    id INTEGER PRIMARY KEY, trace TEXT NOT NULL, span TEXT NOT NULL, parent TEXT NOT NULL,
    name TEXT NOT NULL, start_ns INTEGER NOT NULL, end_ns INTEGER NOT NULL, status TEXT NOT NULL,
    is_call INTEGER NOT NULL, model TEXT NOT NULL, input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL, cost_usd REAL NOT NULL, attributes TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS spans_by_start ON spans (start_ns);
CREATE INDEX IF NOT EXISTS spans_by_trace ON spans (trace);
SELECT trace FROM spans LIMIT 1;
"""


class Sum(NamedTuple):
    """What the calls of one model took on one day, as UTC has it."""

    day: str
    model: str
    n_calls: int
    n_failed: int
    input_tokens: int
    output_tokens: int
    seconds: float
    cost_usd: float


def file_of(database: Path) -> Path:
    """The file with the spans that belongs to an index."""
    return database.with_name(f"traces-{FORMAT}.db")


def open_traces(path: Path) -> Connection | None:
    """Open it, made if it is not there; a damaged one begins anew, without a place there is none."""
    what = "spans are not kept"
    return open_shared(path, what, _SCHEMA, busy_ms=5000, synchronous="NORMAL")


def write(connection: Connection, spans: Sequence[Span]) -> None:
    """Add some spans at once."""
    with transaction(connection):
        connection.executemany(
            "INSERT INTO spans (trace, span, parent, name, start_ns, end_ns, status, is_call,"
            " model, input_tokens, output_tokens, cost_usd, attributes)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            map(_row, spans),
        )


def remove_before(connection: Connection, start_ns: int) -> int:
    """Forget what began before a time; how many spans that were."""
    return connection.execute("DELETE FROM spans WHERE start_ns < ?", (start_ns,)).rowcount


def latest(connection: Connection, *, limit: int, calls_only: bool = False) -> list[Span]:
    """The spans that began last, the newest first."""
    return _spans(
        connection.execute(
            f"SELECT {_COLUMNS} FROM spans WHERE is_call >= ? ORDER BY start_ns DESC, id DESC LIMIT ?",
            (int(calls_only), limit),
        )
    )


def of_trace(connection: Connection, trace_id: str) -> list[Span]:
    """All that belongs to one trace, in the order in which it began."""
    return _spans(
        connection.execute(
            f"SELECT {_COLUMNS} FROM spans WHERE trace = ? ORDER BY start_ns, id", (trace_id,)
        )
    )


def sums(connection: Connection, *, since_ns: int = 0) -> list[Sum]:
    """What calls of models took, by day and model, the newest day first."""
    rows = connection.execute(
        "SELECT date(start_ns / 1000000000, 'unixepoch') AS day, model, COUNT(*),"
        " SUM(status != 'ok'), SUM(input_tokens), SUM(output_tokens),"
        " SUM(end_ns - start_ns) / 1e9, SUM(cost_usd)"
        " FROM spans WHERE is_call AND start_ns >= ? GROUP BY day, model ORDER BY day DESC, model",
        (since_ns,),
    )
    return list(map(Sum._make, rows))


_COLUMNS = "trace, span, parent, name, start_ns, end_ns, status, attributes"


def _row(span: Span) -> tuple[str | int | float, ...]:
    said = span.attributes
    numbers = (said.get(name) for name in (INPUT_TOKENS, OUTPUT_TOKENS, COST_USD))
    return (
        *(span.trace_id, span.span_id, span.parent, span.name),
        *(span.start_ns, span.end_ns, span.status, OPERATION in said, str(said.get(MODEL, ""))),
        *(each if isinstance(each, (int, float)) else 0 for each in numbers),
        json.dumps(dict(said)),
    )


def _spans(rows: sqlite3.Cursor) -> list[Span]:
    return [
        Span(trace, number, parent, name, start_ns, end_ns, status, json.loads(said))
        for trace, number, parent, name, start_ns, end_ns, status, said in rows
    ]
