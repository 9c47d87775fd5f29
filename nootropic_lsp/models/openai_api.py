"""Servers that speak OpenAI's protocol: vLLM, OpenAI, Hugging Face's router and others."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from nootropic_lsp.core.chat import ChatRequest, FillRequest, ModelInfo, Piece, Sampling, Usage
from nootropic_lsp.models.backend import CHAT, EMBED, FILL, SCHEMA, TOKENS
from nootropic_lsp.models.failures import Server, unreadable
from nootropic_lsp.models.fim import fill_format
from nootropic_lsp.models.streams import answer, finish_of
from nootropic_lsp.models.transport import Wire
from nootropic_lsp.safety.egress import Egress

_CAN = {
    "vllm": frozenset({CHAT, FILL, EMBED, SCHEMA, TOKENS}),
    "openai": frozenset({CHAT, EMBED, SCHEMA}),
    "huggingface": frozenset({CHAT, SCHEMA}),
}
# Models of OpenAI that think have a temperature of their own and refuse any other.
_OWN_TEMPERATURE = re.compile(r"o\d|gpt-5")
_OPENAI_STOPS = 4
_HAS_PATH = re.compile(r"//[^/]+/.")
_NO_CHAT = re.compile(r"whisper|tts|dall-e|image|moderation|transcribe|realtime|audio|sora")


class OpenAi:
    """`name` tells which of the dialects: "vllm", "openai", "huggingface"; else the common part.

    The address may end in the path of the API; without any path that is "/v1".
    """

    def __init__(self, name: str, server: Server, egress: Egress) -> None:
        root = server.url.rstrip("/").removesuffix("/v1")
        self._api = "" if root == server.url.rstrip("/") and _HAS_PATH.search(root) else "/v1"
        self._server = replace(server, url=root)
        self._name = name
        self._wire = Wire(self._server, egress)

    @property
    def name(self) -> str:
        return self._name

    @property
    def is_local(self) -> bool:
        return self._server.is_here

    @property
    def can(self) -> frozenset[str]:
        return _CAN.get(self._name, frozenset({CHAT, FILL, EMBED}))

    async def models(self, *, deadline_s: float) -> list[ModelInfo]:
        listed = await self._wire.get(f"{self._api}/models", Listed, deadline_s=deadline_s)
        return [self._info(each) for each in listed.data]

    def chat(
        self, model: str, request: ChatRequest, *, deadline_s: float, first_token_s: float
    ) -> AsyncGenerator[Piece, None]:
        body = chat_body(model, request, stream_options={"include_usage": True})
        if self._name == "openai":
            body["max_completion_tokens"] = body.pop("max_tokens")
            if _OWN_TEMPERATURE.match(model):
                del body["temperature"]
            if "stop" in body:
                body["stop"] = body["stop"][:_OPENAI_STOPS]
        pieces = chat_pieces(self._wire, f"{self._api}/chat/completions", body)
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
        pieces = self._fill(model, request)
        return answer(self._server, pieces, deadline_s=deadline_s, first_token_s=first_token_s)

    async def embed(
        self, model: str, texts: Sequence[str], *, deadline_s: float
    ) -> list[list[float]]:
        if EMBED not in self.can:
            raise self._server.cannot("embed texts")
        return await embeddings(
            self._wire, f"{self._api}/embeddings", model, texts, deadline_s=deadline_s
        )

    async def count_tokens(self, model: str, text: str, *, deadline_s: float) -> int | None:
        if TOKENS not in self.can:
            return None
        body = {"model": model, "prompt": text, "add_special_tokens": False}
        # Beside the API, not in it.
        return (await self._wire.post("/tokenize", body, Counted, deadline_s=deadline_s)).count

    async def close(self) -> None:
        await self._wire.close()

    async def _fill(self, model: str, request: FillRequest) -> AsyncGenerator[Piece, None]:
        marks = fill_format(model) if FILL in self.can else None
        if marks is None:
            raise self._server.cannot(f"fill gaps with {model}")
        sampling = request.sampling
        body = {
            "model": model,
            "prompt": marks.prompt(request.before, request.after),
            "stop": [*sampling.stop, *marks.stops],
            "stream": True,
            "stream_options": {"include_usage": True},
            **sampled(sampling),
        }
        chunks = self._wire.events(f"{self._api}/completions", body, TextChunk)
        async with aclosing(chunks):
            async for chunk in chunks:
                for choice in chunk.choices:
                    yield Piece(text=choice.text, finish=finish_of(choice.finish_reason))
                if chunk.usage:
                    yield Piece(usage=chunk.usage.value)

    def _info(self, listed: Listing) -> ModelInfo:
        can = self.can
        if "embed" in listed.id:
            can &= {EMBED, TOKENS}
        elif self._name == "openai":
            can = frozenset() if _NO_CHAT.search(listed.id) else can - {EMBED}
        elif fill_format(listed.id) is None:
            can -= {FILL}
        return ModelInfo(listed.id, self._name, context_tokens=listed.max_model_len or 0, can=can)


class Listing(BaseModel):
    id: str
    max_model_len: int | None = None


class Listed(BaseModel):
    data: list[Listing]


class Counted(BaseModel):
    count: int


class Taken(BaseModel):
    prompt_tokens: int = 0
    completion_tokens: int = 0

    @property
    def value(self) -> Usage:
        return Usage(self.prompt_tokens, self.completion_tokens)


class Delta(BaseModel):
    """llama.cpp and DeepSeek say `reasoning_content`, vLLM and some routers `reasoning`."""

    content: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None


class ChatChoice(BaseModel):
    delta: Delta
    finish_reason: str | None = None


class ChatChunk(BaseModel):
    choices: list[ChatChoice] = []
    usage: Taken | None = None


class TextChoice(BaseModel):
    text: str = ""
    finish_reason: str | None = None


class TextChunk(BaseModel):
    choices: list[TextChoice] = []
    usage: Taken | None = None


class Vector(BaseModel):
    index: int
    embedding: list[float]


class Vectors(BaseModel):
    data: list[Vector]


def chat_body(model: str, request: ChatRequest, **more: Any) -> dict[str, Any]:
    """A request for a stream, as all dialects have it."""
    sampling = request.sampling
    body: dict[str, Any] = {
        "model": model,
        "messages": [{"role": each.role, "content": each.content} for each in request.messages],
        "stream": True,
        **sampled(sampling),
        **more,
    }
    if sampling.stop:
        body["stop"] = list(sampling.stop)
    if sampling.schema is not None:
        wanted = {
            "name": "answer",
            "schema": sampling.schema,
            "strict": _is_strict(sampling.schema),
        }
        body["response_format"] = {"type": "json_schema", "json_schema": wanted}
    return body


def sampled(sampling: Sampling) -> dict[str, Any]:
    values = {"max_tokens": sampling.max_tokens, "temperature": sampling.temperature}
    return values if sampling.seed is None else {**values, "seed": sampling.seed}


async def chat_pieces(
    wire: Wire, path: str, body: Mapping[str, Any]
) -> AsyncGenerator[Piece, None]:
    chunks = wire.events(path, body, ChatChunk)
    async with aclosing(chunks):
        async for chunk in chunks:
            for choice in chunk.choices:
                delta = choice.delta
                yield Piece(
                    text=delta.content or "",
                    thinking=delta.reasoning_content or delta.reasoning or "",
                    finish=finish_of(choice.finish_reason),
                )
            if chunk.usage:
                yield Piece(usage=chunk.usage.value)


async def embeddings(
    wire: Wire, path: str, model: str, texts: Sequence[str], *, deadline_s: float
) -> list[list[float]]:
    if not texts:
        return []
    body = {"model": model, "input": list(texts), "encoding_format": "float"}
    vectors = (await wire.post(path, body, Vectors, deadline_s=deadline_s)).data
    if sorted(vector.index for vector in vectors) != list(range(len(texts))):
        raise unreadable(wire.server, f"{len(vectors)} vectors for {len(texts)} texts")
    return [vector.embedding for vector in sorted(vectors, key=lambda vector: vector.index)]


def _is_strict(schema: object) -> bool:
    """Whether OpenAI can hold a model to it: all fields required and no others allowed."""
    if isinstance(schema, Mapping):
        fields = schema.get("properties")
        if isinstance(fields, Mapping) and (
            set(schema.get("required", ())) != set(fields)
            or schema.get("additionalProperties") is not False
        ):
            return False
        return all(_is_strict(each) for each in schema.values())
    return not isinstance(schema, list) or all(_is_strict(each) for each in schema)
