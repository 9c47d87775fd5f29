"""`nootropic traces` shows what was called, and `forget` removes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from nootropic_lsp.app import App
from nootropic_lsp.settings.options import Settings
from nootropic_lsp.store import traces
from nootropic_lsp.telemetry import spans
from nootropic_lsp.telemetry.spans import Span

BEGAN = 1_700_000_000 * 10**9
CALLS = [
    Span(
        *("t1", "s1", "", "chat"),
        *(BEGAN, BEGAN + 1_234_000_000, "ok"),
        {
            spans.OPERATION: "chat",
            spans.PROVIDER: "ollama",
            spans.MODEL: "qwen2.5-coder:7b",
            spans.INPUT_TOKENS: 3210,
            spans.OUTPUT_TOKENS: 45,
            spans.COST_USD: 0.00123,
            spans.PROMPT: "ask",
        },
    ),
    Span(
        *("t2", "s2", "", "fill", BEGAN + 10**10, BEGAN + 10**10 + 10**7, "error"),
        {spans.OPERATION: "text_completion", spans.ERROR: "RATE_LIMIT"},
    ),
    Span("t3", "s3", "", "search", BEGAN, BEGAN + 1),
]


@pytest.fixture
def called(shop: Path, type_) -> Path:
    """The shop, in which models have been called."""
    type_("index")
    app = App(Settings(), [str(shop)])
    ((_, database),) = app.indexed_folders
    app.close_all()
    file = traces.file_of(database)
    connection = traces.open_traces(file)
    traces.write(connection, CALLS)
    connection.close()
    return file


def test_calls_as_a_table(called, type_):
    head, fill, chat = type_("traces").out.splitlines()
    assert head.split() == ["time", "what", "model", "tokens", "in", "out", "seconds", "USD"]
    assert fill.split()[2:] == ["fill", "–", "–", "0.01", "–", "RATE_LIMIT"]
    assert chat.split()[2:] == ["ask", "ollama/qwen2.5-coder:7b", "3,210", "45", "1.23", "0.0012"]


def test_calls_as_data(called, type_):
    typed = type_("traces", "--json", "--limit", "1")
    (call,) = typed.json["calls"]
    assert call["time"] == "2023-11-14T22:13:30+00:00"
    assert call["attributes"][spans.ERROR] == "RATE_LIMIT"
    days = typed.json["days"]
    assert [(day["day"], day["model"], day["input_tokens"]) for day in days] == [
        ("2023-11-14", "", 0),
        ("2023-11-14", "qwen2.5-coder:7b", 3210),
    ]


def test_nothing_was_called(shop, type_):
    typed = type_("traces")
    assert typed.code == 1
    assert typed.err == "no model has been called in this workspace so far\n"
    assert list(shop.rglob("traces*")) == []


@pytest.mark.parametrize("limit", ["0", "x", "10001"])
def test_a_limit_that_is_none(shop, type_, limit):
    typed = type_("traces", "--limit", limit)
    assert typed.code == 2
    assert f"--limit takes a number from 1 to 10000, not {limit}" in typed.err


def test_forget_removes_them(called, type_):
    listed = type_("forget", "--json").json["kept"]
    assert any(called.is_relative_to(each["path"]) for each in listed)
    type_("forget", "--yes")
    assert not called.exists()


def test_what_came_with_a_repository_is_not_read(called, type_):
    (called.parent / "seal").write_text("of somebody else")
    assert type_("traces").code == 1
