"""A Tabby server: gaps by its `/v1/completions`, chat as OpenAI's."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Any

from pydantic import BaseModel

from nootropic_lsp.core.chat import ChatRequest, FillRequest, ModelInfo, Piece
from nootropic_lsp.models.backend import CHAT, FILL
from nootropic_lsp.models.failures import Server, unreadable
from nootropic_lsp.models.openai_api import chat_body, chat_pieces
from nootropic_lsp.models.streams import answer
from nootropic_lsp.models.transport import Wire
from nootropic_lsp.safety.egress import Egress


class Tabby:
    """It has one model for gaps and perhaps one for chat, chosen when it was started."""

    def __init__(self, server: Server, egress: Egress) -> None:
        self._server = server
        self._wire = Wire(server, egress)

    @property
    def name(self) -> str:
        return "tabby"

    @property
    def is_local(self) -> bool:
        return self._server.is_here

    @property
    def can(self) -> frozenset[str]:
        return frozenset({CHAT, FILL})

    async def models(self, *, deadline_s: float) -> list[ModelInfo]:
        health = await self._wire.get("/v1/health", Health, deadline_s=deadline_s)
        can: dict[str, set[str]] = {}
        if health.model:
            can.setdefault(health.model, set()).add(FILL)
        if health.chat_model:
            can.setdefault(health.chat_model, set()).add(CHAT)
        return [ModelInfo(name, self.name, can=frozenset(what)) for name, what in can.items()]

    def chat(
        self, model: str, request: ChatRequest, *, deadline_s: float, first_token_s: float
    ) -> AsyncGenerator[Piece, None]:
        body = chat_body(model, request)
        # It does not know schemas, and what it does not know it refuses.
        body.pop("response_format", None)
        pieces = chat_pieces(self._wire, "/v1/chat/completions", body)
        return answer(
            self._server,
            pieces,
            deadline_s=deadline_s,
            first_token_s=first_token_s,
            may_think=True,
        )

    def fill(
        self, model: str, request: FillRequest, *, deadline_s: float, first_token_s: float
    ) -> AsyncGenerator[Piece, None]:
        pieces = self._fill(request, first_token_s)
        return answer(self._server, pieces, deadline_s=deadline_s, first_token_s=first_token_s)

    async def embed(
        self, model: str, texts: Sequence[str], *, deadline_s: float
    ) -> list[list[float]]:
        raise self._server.cannot("embed texts")

    async def count_tokens(self, model: str, text: str, *, deadline_s: float) -> int | None:
        return None

    async def close(self) -> None:
        await self._wire.close()

    async def _fill(self, request: FillRequest, deadline_s: float) -> AsyncGenerator[Piece, None]:
        """The whole answer at once. How long it may be is a setting of the server."""
        sampling = request.sampling
        body: dict[str, Any] = {
            "segments": {"prefix": request.before, "suffix": request.after},
            "temperature": sampling.temperature,
        }
        if request.language:
            body["language"] = request.language
        if sampling.seed is not None:
            body["seed"] = sampling.seed
        said = await self._wire.post("/v1/completions", body, Completed, deadline_s=deadline_s)
        if not said.choices:
            raise unreadable(self._server, "choices: there is none")
        text = said.choices[0].text
        ends = [at for stop in sampling.stop if stop and (at := text.find(stop)) >= 0]
        yield Piece(text=text[: min(ends, default=len(text))], finish="stop")


class Health(BaseModel):
    model: str | None = None
    chat_model: str | None = None


class Choice(BaseModel):
    text: str


class Completed(BaseModel):
    choices: list[Choice]
