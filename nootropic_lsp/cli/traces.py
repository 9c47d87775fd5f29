"""`nootropic traces`: what calls of models took here."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from nootropic_lsp.cli import shown
from nootropic_lsp.cli.answer import FOUND, NOTHING_FOUND, Answer
from nootropic_lsp.cli.limits import limit_of
from nootropic_lsp.cli.workspace import opened, root_for
from nootropic_lsp.features.traces import latest_calls, sums
from nootropic_lsp.telemetry.spans import (
    COST_USD,
    ERROR,
    INPUT_TOKENS,
    MODEL,
    OUTPUT_TOKENS,
    PROMPT,
    PROVIDER,
    Span,
)

_MOST = 10_000
_HEAD = ("time", "what", "model", "tokens in", "out", "seconds", "USD", "")


def traces(
    *, limit: str | None = None, workspace: str | None = None, trust: bool = False
) -> Answer:
    """The latest calls of models, the newest first."""
    most = limit_of(limit, default=20, most=_MOST)
    with opened(root_for(workspace), trust=trust) as app:
        databases = [database for _, database in app.indexed_folders]
    calls = latest_calls(databases, limit=most)
    return Answer(
        shown.table([_HEAD, *map(_row, calls)]) if calls else "",
        {
            "calls": [_data(call) for call in calls],
            "days": [day._asdict() for day in sums(databases)],
        },
        code=FOUND if calls else NOTHING_FOUND,
        note="" if calls else "no model has been called in this workspace so far",
    )


def _row(call: Span) -> tuple[str, ...]:
    said = call.attributes
    return (
        f"{_began(call).astimezone():%Y-%m-%d %H:%M:%S}",
        str(said.get(PROMPT, call.name)),
        "/".join(str(said[name]) for name in (PROVIDER, MODEL) if said.get(name)),
        _number(said.get(INPUT_TOKENS), ","),
        _number(said.get(OUTPUT_TOKENS), ","),
        f"{call.seconds:.2f}",
        _number(said.get(COST_USD), ".4f"),
        "" if call.status == "ok" else str(said.get(ERROR, "failed")),
    )


def _data(call: Span) -> dict[str, Any]:
    return {
        "time": _began(call).isoformat(),
        "name": call.name,
        "trace": call.trace_id,
        "span": call.span_id,
        "parent": call.parent or None,
        "seconds": call.seconds,
        "status": call.status,
        "attributes": dict(call.attributes),
    }


def _began(call: Span) -> datetime:
    return datetime.fromtimestamp(call.start_ns / 1e9, UTC)


def _number(value: object, form: str) -> str:
    return format(value, form) if isinstance(value, (int, float)) else "–"
