"""Our own questions: a conversation with a reason for everything, and search."""

from __future__ import annotations

import asyncio
import os
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from nootropic_lsp.features.search import Hit, last_line_of, source_of
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.http.asking import (
    Asked,
    Options,
    Turn,
    chat_request,
    needs_of,
    pieces,
    said_of,
    whole,
)
from nootropic_lsp.http.failing import refusal
from nootropic_lsp.http.house import House
from nootropic_lsp.http.streams import event_stream, while_wanted

routes = APIRouter(prefix="/v1")


class Chat(Options):
    """A conversation. `schema` is a JSON schema that the answer has to follow."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    messages: list[Turn]
    answer_schema: dict[str, Any] | None = Field(None, alias="schema")
    # Rules for answers are settings of the workspace; the field is part of the published form.
    safety: dict[str, Any] | None = None


class Search(BaseModel):
    """A question to the workspace."""

    model_config = ConfigDict(extra="forbid")

    question: str = Field(min_length=1, max_length=10_000)
    limit: int = Field(5, ge=1, le=100)


@routes.post("/chat", summary="Chat completion")
async def chat(asked: Chat, request: Request, house: House = Asked) -> Any:
    """The next turn of a conversation, whole or (`stream`) as server-sent events."""
    sampling = asked.sampling(house.settings.models, schema=asked.answer_schema)
    try:
        question = chat_request(asked.messages, sampling)
    except ValueError as error:
        return refusal(400, str(error))
    router = await house.router()
    needs = needs_of(asked.model, has_schema=asked.answer_schema is not None)
    answering = router.chat(question, needs=needs)
    if asked.stream:
        return await event_stream(pieces(answering))
    answered = await while_wanted(request, whole(answering))
    return {
        "message": {"role": "assistant", "content": answered.reply.text},
        "thinking": answered.reply.thinking,
        "finish": answered.reply.finish,
        **said_of(answered),
    }


@routes.post("/search", summary="Search in the workspace")
async def search(asked: Search, house: House = Asked) -> Any:
    """The passages that belong to a question, best first, with the reasons."""
    snapshot, found = await asyncio.to_thread(house.search, asked.question, asked.limit)
    return {
        "question": asked.question,
        "hits": [_shown(house, snapshot, hit) for hit in found.hits],
        "by_words": found.by_words,
    }


@routes.get("/metrics", summary="Counters for Prometheus")
async def metrics(house: House = Asked) -> Response:
    """What calls of models took, if `telemetry.prometheus` is on."""
    if not house.settings.telemetry.prometheus:
        return refusal(404, "the counters are off; `telemetry.prometheus` is the setting")
    return PlainTextResponse(house.counters.exposition(), media_type="text/plain; version=0.0.4")


def _shown(house: House, snapshot: Snapshot, hit: Hit) -> dict[str, Any]:
    """A hit as plain data, lines from 1."""
    return {
        "path": os.path.relpath(hit.place.path, house.root).replace(os.sep, "/"),
        "line": snapshot.lines(hit.place.path).line_of(hit.place.span.start) + 1,
        "end_line": last_line_of(snapshot, hit) + 1,
        "kind": hit.kind,
        "name": f"{hit.container}.{hit.name}" if hit.container else hit.name,
        "score": hit.score,
        "reasons": list(hit.reasons),
        "text": source_of(snapshot, hit),
    }
