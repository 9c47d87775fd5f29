"""Anthropic's Messages API."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any

from pydantic import BaseModel

from nootropic_lsp.core.chat import ChatRequest, FillRequest, ModelInfo, Piece, Usage
from nootropic_lsp.models.backend import CHAT, SCHEMA
from nootropic_lsp.models.failures import Server
from nootropic_lsp.models.streams import answer, finish_of
from nootropic_lsp.models.transport import Wire
from nootropic_lsp.safety.egress import Egress

VERSION = "2023-06-01"
_CAN = frozenset({CHAT, SCHEMA})


class Anthropic:
    """Claude, if the user has turned it on."""

    def __init__(self, server: Server, egress: Egress) -> None:
        self._server = server
        headers = {"x-api-key": server.key, "anthropic-version": VERSION}
        self._wire = Wire(server, egress, headers=headers)

    @property
    def name(self) -> str:
        return "anthropic"

    @property
    def is_local(self) -> bool:
        return self._server.is_here

    @property
    def can(self) -> frozenset[str]:
        return _CAN

    async def models(self, *, deadline_s: float) -> list[ModelInfo]:
        listed = await self._wire.get("/v1/models?limit=1000", Listed, deadline_s=deadline_s)
        return [
            ModelInfo(each.id, self.name, context_tokens=each.max_input_tokens or 0, can=_CAN)
            for each in listed.data
        ]

    def chat(
        self, model: str, request: ChatRequest, *, deadline_s: float, first_token_s: float
    ) -> AsyncGenerator[Piece, None]:
        pieces = self._chat(_body(model, request))
        return answer(self._server, pieces, deadline_s=deadline_s, first_token_s=first_token_s)

    async def fill(
        self, model: str, request: FillRequest, *, deadline_s: float, first_token_s: float
    ) -> AsyncGenerator[Piece, None]:
        raise self._server.cannot("fill gaps")
        yield

    async def embed(
        self, model: str, texts: Sequence[str], *, deadline_s: float
    ) -> list[list[float]]:
        raise self._server.cannot("embed texts")

    async def count_tokens(self, model: str, text: str, *, deadline_s: float) -> int | None:
        """None: it would have to be sent there to be counted."""
        return None

    async def close(self) -> None:
        await self._wire.close()

    async def _chat(self, body: dict[str, Any]) -> AsyncGenerator[Piece, None]:
        n_read = 0
        events = self._wire.events("/v1/messages", body, Event)
        async with aclosing(events):
            async for event in events:
                if event.type == "message_start" and event.message:
                    n_read = event.message.usage.input_tokens
                elif event.type == "content_block_delta" and event.delta:
                    yield Piece(text=event.delta.text, thinking=event.delta.thinking)
                elif event.type == "message_delta" and event.delta:
                    written = event.usage.output_tokens if event.usage else 0
                    finish = finish_of(event.delta.stop_reason)
                    yield Piece(finish=finish, usage=Usage(n_read, written))
                elif event.type == "message_stop":
                    return


class Taken(BaseModel):
    input_tokens: int = 0
    output_tokens: int = 0


class Started(BaseModel):
    usage: Taken = Taken()


class Delta(BaseModel):
    text: str = ""
    thinking: str = ""
    stop_reason: str | None = None


class Event(BaseModel):
    """Those of other types, which may be added at any time, say nothing to us."""

    type: str
    message: Started | None = None
    delta: Delta | None = None
    usage: Taken | None = None


class Listing(BaseModel):
    id: str
    max_input_tokens: int | None = None


class Listed(BaseModel):
    data: list[Listing]


def _body(model: str, request: ChatRequest) -> dict[str, Any]:
    """Without a temperature: the newer models refuse to be given one."""
    sampling = request.sampling
    body: dict[str, Any] = {
        "model": model,
        "max_tokens": sampling.max_tokens,
        "messages": [
            {"role": each.role, "content": each.content}
            for each in request.messages
            if each.role != "system"
        ],
        "stream": True,
    }
    if system := "\n\n".join(each.content for each in request.messages if each.role == "system"):
        body["system"] = system
    if stops := [stop for stop in sampling.stop if stop.strip()]:
        body["stop_sequences"] = stops
    if sampling.schema is not None:
        wanted = {"type": "json_schema", "schema": sampling.schema}
        body["output_config"] = {"format": wanted}
    return body
