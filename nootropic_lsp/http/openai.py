"""The routes of OpenAI's API, so that programs made for it can be pointed here."""

from __future__ import annotations

import base64
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from struct import pack
from typing import Any, Literal
from uuid import uuid4

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from nootropic_lsp.core.chat import FillRequest
from nootropic_lsp.http.asking import (
    MOST_TOKENS,
    Asked,
    Options,
    Turn,
    chat_request,
    needs_of,
    whole,
)
from nootropic_lsp.http.failing import refusal
from nootropic_lsp.http.house import House
from nootropic_lsp.http.streams import event_stream, while_wanted
from nootropic_lsp.models.answered import Answered, Answering
from nootropic_lsp.models.matcher import Needs

routes = APIRouter(prefix="/v1")

_MOST_TEXTS = 2_048


class StreamOptions(BaseModel):
    """What is told in a stream besides the answer."""

    include_usage: bool = False


class JsonSchema(BaseModel):
    """A JSON schema with its name."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    name: str = ""
    content: dict[str, Any] = Field(default_factory=dict, alias="schema")


class ResponseFormat(BaseModel):
    """What form an answer has to have."""

    type: Literal["text", "json_object", "json_schema"]
    json_schema: JsonSchema | None = None

    def schema_asked(self) -> Mapping[str, Any] | None:
        """The schema that an answer has to follow."""
        if self.type == "text":
            return None
        return {"type": "object"} if self.json_schema is None else self.json_schema.content


class Shared(Options):
    """What chat and completion have in common; what cannot be done here is refused, not ignored."""

    n: int | None = Field(None, ge=1)
    stream_options: StreamOptions | None = None
    logprobs: bool | int | None = None


class ChatCompletion(Shared):
    """A conversation that waits for its next turn."""

    messages: list[Turn]
    max_completion_tokens: int | None = Field(None, ge=1, le=MOST_TOKENS)
    response_format: ResponseFormat | None = None
    tools: list[dict[str, Any]] | None = None


class Completion(Shared):
    """A text that goes on, or has a gap before its `suffix`."""

    prompt: str | list[str]
    suffix: str | None = None
    echo: bool = False


class Embeddings(BaseModel):
    """Texts that are to become vectors."""

    model_config = ConfigDict(extra="ignore")

    input: str | list[str]
    model: str = Field("", max_length=300)
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: int | None = None


@routes.get("/models", summary="The models that can be asked")
async def models(house: House = Asked) -> Any:
    """All models that are here, best first."""
    candidates = await (await house.router()).candidates(Needs())
    return {
        "object": "list",
        "data": [
            {"id": each.name, "object": "model", "created": 0, "owned_by": each.offer.backend}
            for each in candidates
        ],
    }


@routes.post("/chat/completions", summary="Chat completion, as OpenAI has it")
async def chat_completions(asked: ChatCompletion, request: Request, house: House = Asked) -> Any:
    """The next turn of a conversation."""
    no = _impossible(asked) or ("`tools` cannot be used here" if asked.tools else "")
    if no:
        return refusal(400, no)
    asked.max_tokens = asked.max_tokens or asked.max_completion_tokens
    schema = asked.response_format.schema_asked() if asked.response_format else None
    try:
        question = chat_request(
            asked.messages, asked.sampling(house.settings.models, schema=schema)
        )
    except ValueError as error:
        return refusal(400, str(error))
    router = await house.router()
    answering = router.chat(question, needs=needs_of(asked.model, has_schema=schema is not None))
    head = _Head("chatcmpl", "chat.completion")
    if asked.stream:
        has_usage = asked.stream_options is not None and asked.stream_options.include_usage
        return await event_stream(_chat_chunks(answering, head, has_usage=has_usage))
    answered = await while_wanted(request, whole(answering))
    message = {"role": "assistant", "content": answered.reply.text}
    if answered.reply.thinking:
        message["reasoning_content"] = answered.reply.thinking
    choice = {"index": 0, "message": message, "finish_reason": answered.reply.finish}
    return {**head.of(_model(answered)), "choices": [choice], "usage": _usage(answered)}


@routes.post("/completions", summary="Completion of a text, as OpenAI has it")
async def completions(asked: Completion, request: Request, house: House = Asked) -> Any:
    """What a text goes on with, or what belongs into its gap."""
    prompts = [asked.prompt] if isinstance(asked.prompt, str) else asked.prompt
    no = _impossible(asked)
    if not no and asked.echo:
        no = "`echo` cannot be had here"
    if not no and len(prompts) != 1:
        no = "one prompt at a time can be completed here"
    if no:
        return refusal(400, no)
    router = await house.router()
    question = FillRequest(
        prompts[0], asked.suffix or "", sampling=asked.sampling(house.settings.models)
    )
    answering = router.fill(question, needs=needs_of(asked.model, fills=True))
    head = _Head("cmpl", "text_completion")
    if asked.stream:
        return await event_stream(_text_chunks(answering, head))
    answered = await while_wanted(request, whole(answering))
    choice = {"index": 0, "text": answered.reply.text, "finish_reason": answered.reply.finish}
    return {**head.of(_model(answered)), "choices": [choice], "usage": _usage(answered)}


@routes.post("/embeddings", summary="Vectors of texts, as OpenAI has it")
async def embeddings(asked: Embeddings, request: Request, house: House = Asked) -> Any:
    """A vector per text, by the model that is named."""
    texts = [asked.input] if isinstance(asked.input, str) else asked.input
    if not texts or not all(texts):
        return refusal(400, "`input` holds no text")
    if len(texts) > _MOST_TEXTS:
        return refusal(400, f"`input` may hold at most {_MOST_TEXTS} texts")
    router = await house.router()
    model = needs_of(asked.model).model
    made = await while_wanted(request, router.embed(texts, model=model))
    if asked.dimensions not in (None, len(made.vectors[0])):
        return refusal(400, f"{made.model} makes vectors of {len(made.vectors[0])} numbers only")
    return {
        "object": "list",
        "model": f"{made.backend}:{made.model}",
        "data": [
            {
                "object": "embedding",
                "index": number,
                "embedding": _packed(vector) if asked.encoding_format == "base64" else vector,
            }
            for number, vector in enumerate(made.vectors)
        ],
        "usage": {"prompt_tokens": 0, "total_tokens": 0},
    }


class _Head:
    """What every part of one answer begins with."""

    def __init__(self, prefix: str, kind: str) -> None:
        self._id = f"{prefix}-{uuid4().hex}"
        self._kind = kind
        self._created = int(time.time())

    def of(self, model: str, *, chunk: bool = False) -> dict[str, Any]:
        kind = f"{self._kind}.chunk" if chunk else self._kind
        return {"id": self._id, "object": kind, "created": self._created, "model": model}


async def _chat_chunks(
    answering: Answering, head: _Head, *, has_usage: bool
) -> AsyncIterator[dict[str, Any]]:
    def chunk(delta: Mapping[str, Any], finish: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return {**head.of(answering.model, chunk=True), "choices": [choice]}

    is_first = True
    async with aclosing(answering):
        async for piece in answering:
            delta = {"role": "assistant", "content": ""} if is_first else {}
            is_first = False
            if piece.text:
                delta["content"] = piece.text
            if piece.thinking:
                delta["reasoning_content"] = piece.thinking
            if delta:
                yield chunk(delta)
    answered = answering.answered
    if answered is not None:
        yield chunk({}, answered.reply.finish)
        if has_usage:
            yield {
                **head.of(_model(answered), chunk=True),
                "choices": [],
                "usage": _usage(answered),
            }


async def _text_chunks(answering: Answering, head: _Head) -> AsyncIterator[dict[str, Any]]:
    def chunk(text: str, finish: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "text": text, "finish_reason": finish}
        return {**head.of(answering.model), "choices": [choice]}

    async with aclosing(answering):
        async for piece in answering:
            if piece.text:
                yield chunk(piece.text)
    answered = answering.answered
    if answered is not None:
        yield chunk("", answered.reply.finish)


def _impossible(asked: Shared) -> str:
    """Why something cannot be had here, a sentence."""
    if asked.n not in (None, 1):
        return "one answer at a time can be had here; `n` has to be 1"
    return "`logprobs` cannot be had here" if asked.logprobs else ""


def _model(answered: Answered) -> str:
    return f"{answered.backend}:{answered.model}"


def _usage(answered: Answered) -> dict[str, int]:
    usage = answered.reply.usage
    return {
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.input_tokens + usage.output_tokens,
    }


def _packed(vector: Sequence[float]) -> str:
    """As OpenAI's own client asks for it: 32-bit floats."""
    return base64.b64encode(pack(f"<{len(vector)}f", *vector)).decode()
