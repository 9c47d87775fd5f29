"""Spans are kept beside the index, and found again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nootropic_lsp.store import traces
from nootropic_lsp.store.traces import Sum
from nootropic_lsp.telemetry import spans
from nootropic_lsp.telemetry.spans import Span

DAY_NS = 24 * 3600 * 10**9
SECOND_NS = 10**9


def call(number: int, start_ns: int, model: str = "small", **more: object) -> Span:
    said = {
        spans.OPERATION: "chat",
        spans.MODEL: model,
        spans.INPUT_TOKENS: 100,
        spans.OUTPUT_TOKENS: 10,
        spans.COST_USD: 0.5,
    }
    return Span("t", f"{number:016}", "", "chat", start_ns, start_ns + SECOND_NS, "ok", said)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[traces.Connection]:
    connection = traces.open_traces(tmp_path / "traces.db")
    assert connection is not None
    yield connection
    connection.close()


def test_the_newest_first(connection: traces.Connection) -> None:
    ask = Span("t", "a", "", "ask", 5, 50, "error", {"error.type": "KeyError", "is": True})
    other = Span("u", "b", "a", "ask", 7, 8)
    chat = call(1, 6)
    traces.write(connection, [ask, other])
    traces.write(connection, [chat])
    assert traces.latest(connection, limit=10) == [other, chat, ask]
    assert traces.latest(connection, limit=1) == [other]
    assert traces.latest(connection, limit=10, calls_only=True) == [chat]
    assert traces.of_trace(connection, "t") == [ask, chat]


def test_sums_by_day_and_model(connection: traces.Connection) -> None:
    failed = Span("t", "f", "", "chat", DAY_NS + 5, DAY_NS + 5, "error", {spans.OPERATION: "chat"})
    search = Span("t", "s", "", "search", DAY_NS, DAY_NS + 5)
    traces.write(
        connection,
        [call(1, 0), call(2, 5), call(3, DAY_NS), call(4, 7, "large"), failed, search],
    )
    assert traces.sums(connection) == [
        Sum("1970-01-02", "", 1, 1, 0, 0, 0.0, 0.0),
        Sum("1970-01-02", "small", 1, 0, 100, 10, 1.0, 0.5),
        Sum("1970-01-01", "large", 1, 0, 100, 10, 1.0, 0.5),
        Sum("1970-01-01", "small", 2, 0, 200, 20, 2.0, 1.0),
    ]
    assert [each.model for each in traces.sums(connection, since_ns=DAY_NS)] == ["", "small"]


def test_old_ones_are_forgotten(connection: traces.Connection) -> None:
    traces.write(connection, [call(number, number * DAY_NS) for number in range(5)])
    assert traces.remove_before(connection, 3 * DAY_NS) == 3
    assert [each.start_ns for each in traces.latest(connection, limit=9)] == [
        4 * DAY_NS,
        3 * DAY_NS,
    ]


def test_a_damaged_file_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "traces.db"
    path.write_bytes(b"no database" * 1000)
    connection = traces.open_traces(path)
    assert connection is not None
    traces.write(connection, [call(1, 1)])
    assert traces.latest(connection, limit=9) == [call(1, 1)]
    connection.close()


def test_two_may_write(tmp_path: Path, connection: traces.Connection) -> None:
    other = traces.open_traces(tmp_path / "traces.db")
    assert other is not None
    traces.write(other, [call(1, 1)])
    traces.write(connection, [call(2, 2)])
    assert len(traces.latest(other, limit=9)) == 2
    other.close()
