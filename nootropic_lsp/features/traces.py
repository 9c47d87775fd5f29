"""What calls of models took in a workspace."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from nootropic_lsp.store import traces
from nootropic_lsp.store.traces import Sum
from nootropic_lsp.telemetry.spans import Span


def latest_calls(databases: Sequence[Path], *, limit: int) -> list[Span]:
    """The calls that began last, the newest first."""
    found = []
    for database in databases:
        with _opened(traces.file_of(database)) as connection:
            if connection is not None:
                found += traces.latest(connection, limit=limit, calls_only=True)
    return sorted(found, key=lambda span: -span.start_ns)[:limit]


def sums(databases: Sequence[Path]) -> list[Sum]:
    """What the calls of each model took each day, the newest day first, for each index."""
    found = []
    for database in databases:
        with _opened(traces.file_of(database)) as connection:
            if connection is not None:
                found += traces.sums(connection)
    return found


@contextmanager
def _opened(file: Path) -> Iterator[traces.Connection | None]:
    connection = traces.open_traces(file) if file.is_file() else None
    try:
        yield connection
    finally:
        if connection is not None:
            connection.close()
