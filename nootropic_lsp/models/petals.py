"""Petals' HTTP endpoint: `/api/v1/generate`, which is given a text and answers with its end."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Any

from pydantic import BaseModel

from nootropic_lsp.core.chat import ChatRequest, FillRequest, ModelInfo, Piece
from nootropic_lsp.models.backend import CHAT
from nootropic_lsp.models.failures import Server, from_body
from nootropic_lsp.models.streams import answer
from nootropic_lsp.models.transport import Wire
from nootropic_lsp.safety.egress import Egress

_TURN = "\n\n"
_SAYS = {"system": "", "user": "Human: ", "assistant": "Assistant: "}


class Petals:
    """It has no stream, no list of models and no keys."""

    def __init__(self, server: Server, egress: Egress) -> None:
        self._server = server
        self._wire = Wire(server, egress)

    @property
    def name(self) -> str:
        return "petals"

    @property
    def is_local(self) -> bool:
        return self._server.is_here

    @property
    def can(self) -> frozenset[str]:
        return frozenset({CHAT})

    async def models(self, *, deadline_s: float) -> list[ModelInfo]:
        return []

    def chat(
        self, model: str, request: ChatRequest, *, deadline_s: float, first_token_s: float
    ) -> AsyncGenerator[Piece, None]:
        # The first word comes with the last.
        return answer(
            self._server,
            self._chat(model, request, deadline_s),
            deadline_s=deadline_s,
            first_token_s=deadline_s,
            may_think=True,
        )

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
        return None

    async def close(self) -> None:
        await self._wire.close()

    async def _chat(
        self, model: str, request: ChatRequest, deadline_s: float
    ) -> AsyncGenerator[Piece, None]:
        sampling = request.sampling
        turns = [f"{_SAYS[each.role]}{each.content}" for each in request.messages]
        fields: dict[str, Any] = {
            "model": model,
            "inputs": _TURN.join([*turns, "Assistant:"]),
            "max_new_tokens": sampling.max_tokens,
            "do_sample": int(sampling.temperature > 0),
        }
        if sampling.temperature > 0:
            fields["temperature"] = sampling.temperature
        said = await self._wire.post_form(
            "/api/v1/generate", fields, Generated, deadline_s=deadline_s
        )
        if not said.ok:
            # The last line of a traceback is the one that says something.
            raise from_body(self._server, said.traceback.strip().rpartition("\n")[2])
        # It writes on for both sides.
        stops = (*sampling.stop, f"{_TURN}Human:")
        ends = [at for stop in stops if (at := said.outputs.find(stop)) >= 0]
        text = said.outputs[: min(ends, default=len(said.outputs))].lstrip()
        yield Piece(text=text, finish="stop")


class Generated(BaseModel):
    ok: bool
    outputs: str = ""
    traceback: str = ""
