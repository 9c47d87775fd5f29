"""A llama.cpp server: chat as OpenAI's, gaps by its own `/infill`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any

from pydantic import BaseModel

from nootropic_lsp.core.chat import ChatRequest, FillRequest, ModelInfo, Piece, Usage
from nootropic_lsp.models.backend import CHAT, EMBED, FILL, SCHEMA, TOKENS
from nootropic_lsp.models.failures import Server
from nootropic_lsp.models.openai_api import chat_body, chat_pieces, embeddings
from nootropic_lsp.models.streams import answer, finish_of
from nootropic_lsp.models.transport import Wire
from nootropic_lsp.safety.egress import Egress


class LlamaCpp:
    """It has one model, whatever name a request says."""

    def __init__(self, server: Server, egress: Egress, *, name: str = "llama.cpp") -> None:
        self._server = server
        self._name = name
        # Its HTTP server fails every fifth request on a connection that had a stream before.
        self._wire = Wire(server, egress, is_pooled=False)

    @property
    def name(self) -> str:
        return self._name

    @property
    def is_local(self) -> bool:
        return self._server.is_here

    @property
    def can(self) -> frozenset[str]:
        return frozenset({CHAT, FILL, EMBED, SCHEMA, TOKENS})

    async def models(self, *, deadline_s: float) -> list[ModelInfo]:
        listed = await self._wire.get("/v1/models", Listed, deadline_s=deadline_s)
        return [
            ModelInfo(
                each.id,
                self._name,
                size_bytes=each.meta.size,
                n_parameters=each.meta.n_params,
                context_tokens=each.meta.n_ctx or each.meta.n_ctx_train,
                can=self.can,
            )
            for each in listed.data
        ]

    def chat(
        self, model: str, request: ChatRequest, *, deadline_s: float, first_token_s: float
    ) -> AsyncGenerator[Piece, None]:
        body = chat_body(model, request, stream_options={"include_usage": True}, cache_prompt=True)
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
        pieces = self._fill(request)
        return answer(self._server, pieces, deadline_s=deadline_s, first_token_s=first_token_s)

    async def embed(
        self, model: str, texts: Sequence[str], *, deadline_s: float
    ) -> list[list[float]]:
        return await embeddings(self._wire, "/v1/embeddings", model, texts, deadline_s=deadline_s)

    async def count_tokens(self, model: str, text: str, *, deadline_s: float) -> int | None:
        body = {"content": text, "add_special": False}
        return len((await self._wire.post("/tokenize", body, Tokens, deadline_s=deadline_s)).tokens)

    async def close(self) -> None:
        await self._wire.close()

    async def _fill(self, request: FillRequest) -> AsyncGenerator[Piece, None]:
        sampling = request.sampling
        body: dict[str, Any] = {
            "input_prefix": request.before,
            "input_suffix": request.after,
            "n_predict": sampling.max_tokens,
            "temperature": sampling.temperature,
            "stop": list(sampling.stop),
            "stream": True,
            "cache_prompt": True,
        }
        if sampling.seed is not None:
            body["seed"] = sampling.seed
        if sampling.schema is not None:
            body["json_schema"] = sampling.schema
        chunks = self._wire.events("/infill", body, Filled)
        async with aclosing(chunks):
            async for chunk in chunks:
                if chunk.stop:
                    usage = Usage(chunk.tokens_evaluated, chunk.tokens_predicted)
                    finish = finish_of(chunk.stop_type or "stop")
                    yield Piece(text=chunk.content, finish=finish, usage=usage)
                    return
                yield Piece(text=chunk.content)


class Meta(BaseModel):
    size: int = 0
    n_params: int = 0
    n_ctx: int = 0
    n_ctx_train: int = 0


class Listing(BaseModel):
    id: str
    meta: Meta = Meta()


class Listed(BaseModel):
    data: list[Listing]


class Tokens(BaseModel):
    tokens: list[int]


class Filled(BaseModel):
    content: str = ""
    stop: bool = False
    stop_type: str = ""
    tokens_evaluated: int = 0
    tokens_predicted: int = 0
