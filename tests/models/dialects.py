"""What each kind of server accepts and how it answers, by its documentation.

A field that it does not document, or a header that is missing, is refused with 400 or 401.
Behind each stands a `Source`, the real engine or a few prepared words.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any, Literal

from models.wire_server import Answer, Refused, Request
from pydantic import BaseModel, ConfigDict, Field

from nootropic_lsp.core.chat import ChatRequest, FillRequest, Message, Piece, Sampling
from nootropic_lsp.models.backend import Backend
from nootropic_lsp.models.fim import fill_format

KEY = "secret-key"
LINES, EVENTS = "application/x-ndjson", "text/event-stream"


class Source:
    """The words behind a dialect."""

    def __init__(
        self, engine: Backend | None = None, words: tuple[str, ...] = ("Hel", "lo")
    ) -> None:
        self._engine = engine
        self.words = words

    async def chat(self, messages: list[Turn], sampling: Sampling) -> AsyncIterator[Piece]:
        if self._engine is None:
            for word in self.words:
                yield Piece(text=word)
            yield Piece(finish="stop")
            return
        said = tuple(Message(turn.role, turn.content) for turn in messages)
        request = ChatRequest(said, sampling)
        asked = self._engine.chat("tiny", request, deadline_s=30, first_token_s=30)
        async with aclosing(asked) as pieces:
            async for piece in pieces:
                yield piece

    async def fill(self, before: str, after: str, sampling: Sampling) -> AsyncIterator[Piece]:
        if self._engine is None:
            for word in self.words:
                yield Piece(text=word)
            yield Piece(finish="stop")
            return
        request = FillRequest(before, after, sampling=sampling)
        asked = self._engine.fill("tiny", request, deadline_s=30, first_token_s=30)
        async with aclosing(asked) as pieces:
            async for piece in pieces:
                yield piece

    async def embed(self, texts: list[str]) -> list[list[float]]:
        if self._engine is None:
            return [[float(len(text)), 1.0] for text in texts]
        return await self._engine.embed("tiny", texts, deadline_s=30)


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Turn(Strict):
    role: Literal["system", "user", "assistant"]
    content: str


class Named(Strict):
    name: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    schema_: dict[str, Any] = Field(alias="schema")
    strict: bool = False


class Wanted(Strict):
    type: Literal["json_schema"]
    json_schema: Named


class StreamOptions(Strict):
    include_usage: bool


class OpenAiChat(Strict):
    model: str = Field(min_length=1)
    messages: list[Turn] = Field(min_length=1)
    stream: Literal[True]
    max_tokens: int = Field(ge=1)
    temperature: float = Field(ge=0, le=2)
    stop: list[str] = Field(default=[], min_length=1)
    seed: int | None = None
    response_format: Wanted | None = None
    stream_options: StreamOptions | None = None

    def sampling(self) -> Sampling:
        wanted = self.response_format
        schema = wanted.json_schema.schema_ if wanted else None
        return Sampling(self.max_tokens, self.temperature, stop=tuple(self.stop), schema=schema)


class CloudChat(Strict):
    """OpenAI's own, where `max_tokens` is no more."""

    model: str = Field(min_length=1)
    messages: list[Turn] = Field(min_length=1)
    stream: Literal[True]
    max_completion_tokens: int = Field(ge=1)
    temperature: float | None = Field(default=None, ge=0, le=2)
    stop: list[str] = Field(default=[], min_length=1, max_length=4)
    seed: int | None = None
    response_format: Wanted | None = None
    stream_options: StreamOptions | None = None

    def sampling(self) -> Sampling:
        wanted = self.response_format
        schema = wanted.json_schema.schema_ if wanted else None
        return Sampling(self.max_completion_tokens, self.temperature or 0, schema=schema)


class TabbyChat(Strict):
    model: str
    messages: list[Turn] = Field(min_length=1)
    stream: Literal[True]
    max_tokens: int = Field(ge=1)
    temperature: float = Field(ge=0, le=2)
    stop: list[str] = []
    seed: int | None = None

    def sampling(self) -> Sampling:
        return Sampling(self.max_tokens, self.temperature, stop=tuple(self.stop))


class LlamaChat(OpenAiChat):
    cache_prompt: bool = True


class Completion(Strict):
    model: str
    prompt: str
    stream: Literal[True]
    max_tokens: int = Field(ge=1)
    temperature: float
    stop: list[str] = []
    seed: int | None = None
    stream_options: StreamOptions | None = None


class OpenAiEmbed(Strict):
    model: str
    input: list[str] = Field(min_length=1)
    encoding_format: Literal["float"] = "float"


class VllmTokenize(Strict):
    model: str
    prompt: str
    add_special_tokens: bool = True


class Infill(Strict):
    input_prefix: str
    input_suffix: str
    n_predict: int
    temperature: float
    stop: list[str]
    stream: Literal[True]
    cache_prompt: bool
    seed: int | None = None
    json_schema: dict[str, Any] | None = None


class LlamaTokenize(Strict):
    content: str
    add_special: bool = False


class Segments(Strict):
    prefix: str
    suffix: str | None = None


class TabbyCompletion(Strict):
    language: str | None = None
    segments: Segments
    temperature: float | None = None
    seed: int | None = None


class OllamaOptions(Strict):
    num_ctx: int = Field(ge=256)
    num_predict: int | None = None
    temperature: float | None = None
    stop: list[str] | None = None
    seed: int | None = None
    num_gpu: int | None = None

    def sampling(self, schema: Any) -> Sampling:
        return Sampling(
            self.num_predict or 100,
            self.temperature or 0,
            stop=tuple(self.stop or ()),
            schema=schema,
        )


class OllamaChat(Strict):
    model: str
    messages: list[Turn]
    stream: Literal[True]
    options: OllamaOptions
    keep_alive: str
    format: dict[str, Any] | None = None
    tools: list[Any] = Field(default=[], max_length=0)


class OllamaGenerate(Strict):
    model: str
    prompt: str
    suffix: str | None = None
    stream: Literal[True]
    raw: bool | None = None
    options: OllamaOptions
    keep_alive: str
    format: dict[str, Any] | None = None


class OllamaEmbed(Strict):
    model: str
    input: list[str]
    options: OllamaOptions
    keep_alive: str


class OllamaModel(Strict):
    model: str


class OllamaPull(Strict):
    model: str
    stream: Literal[True]
    insecure: bool = False


class Format(Strict):
    type: Literal["json_schema"]
    schema_: dict[str, Any] = Field(alias="schema")


class OutputConfig(Strict):
    format: Format


class AnthropicTurn(Strict):
    role: Literal["user", "assistant"]
    content: str = Field(min_length=1)


class Messages(Strict):
    model: str
    max_tokens: int = Field(ge=1)
    messages: list[AnthropicTurn] = Field(min_length=1)
    stream: Literal[True]
    system: str | None = None
    stop_sequences: list[str] | None = None
    output_config: OutputConfig | None = None


class PetalsForm(BaseModel):
    model_config = ConfigDict(extra="forbid")
    model: str
    inputs: str
    max_new_tokens: int
    do_sample: Literal["0", "1"]
    temperature: float | None = None


class Events:
    """What the dialects with server-sent events share."""

    kind = EVENTS

    def framed(self, data: bytes) -> bytes:
        return b"data: " + data + b"\r\n\r\n"

    def failure(self, message: str) -> bytes:
        return self.framed(self.refusal(message))

    def refusal(self, message: str) -> bytes:
        error = {"message": message, "type": "some_error", "code": 400}
        return json.dumps({"error": error}).encode()

    def _event(self, value: Any) -> bytes:
        return self.framed(json.dumps(value).encode())


@dataclass
class OpenAiLike(Events):
    """vLLM, OpenAI and Hugging Face's router."""

    source: Source
    name: str = "vllm"
    prefix: str = "/v1"

    @property
    def asked(self) -> tuple[str, ...]:
        ways = ("chat/completions", "completions", "embeddings", "models")
        return tuple(f"{self.prefix}/{way}" for way in ways)

    def piece(self, text: str) -> bytes:
        # Both shapes at once: a reader takes the one it knows.
        return self._event({"choices": [{"index": 0, "delta": {"content": text}, "text": text}]})

    async def answer(self, request: Request) -> Answer:
        if request.path == "/version" and self.name == "vllm":
            return Answer({"version": "0.11.0"})
        _authorized(request, "authorization", f"Bearer {KEY}")
        route = request.path.removeprefix(self.prefix)
        if route == "/chat/completions":
            shape = CloudChat if self.name == "openai" else OpenAiChat
            wanted = shape.model_validate(request.body)
            if self.name == "openai" and wanted.model.startswith("o") and wanted.temperature:
                raise Refused(400, "temperature does not support this value")
            pieces = self.source.chat(wanted.messages, wanted.sampling())
            return Answer(chunks=_openai_chat(self, pieces), kind=EVENTS)
        if route == "/completions" and self.name == "vllm":
            asked = Completion.model_validate(request.body)
            before, after = _gap(asked.model, asked.prompt)
            sampling = Sampling(asked.max_tokens, asked.temperature, stop=tuple(asked.stop))
            pieces = self.source.fill(before, after, sampling)
            return Answer(chunks=_openai_text(self, pieces), kind=EVENTS)
        if route == "/embeddings" and self.name != "huggingface":
            texts = OpenAiEmbed.model_validate(request.body).input
            vectors = await self.source.embed(texts)
            data = [{"index": i, "embedding": each} for i, each in enumerate(vectors)]
            # The order is not promised, the index is.
            return Answer({"object": "list", "data": data[::-1], "model": "m"})
        if route == "/models":
            return Answer(
                {"object": "list", "data": [{"id": "starcoder2:3b", "max_model_len": 4096}]}
            )
        if request.path == "/tokenize" and self.name == "vllm":
            text = VllmTokenize.model_validate(request.body).prompt
            return Answer(
                {"count": len(text), "max_model_len": 4096, "tokens": list(text.encode())}
            )
        raise Refused(404, "Not Found")


@dataclass
class LlamaLike(Events):
    source: Source
    asked = ("/v1/chat/completions", "/infill", "/v1/embeddings", "/v1/models", "/tokenize")

    def piece(self, text: str) -> bytes:
        choice = {"index": 0, "delta": {"content": text}}
        return self._event({"choices": [choice], "content": text, "stop": False})

    async def answer(self, request: Request) -> Answer:
        if request.path in ("/health", "/v1/health"):
            return Answer({"status": "ok"})
        _authorized(request, "authorization", f"Bearer {KEY}")
        match request.path:
            case "/v1/chat/completions":
                wanted = LlamaChat.model_validate(request.body)
                pieces = self.source.chat(wanted.messages, wanted.sampling())
                return Answer(chunks=_openai_chat(self, pieces), kind=EVENTS)
            case "/infill":
                asked = Infill.model_validate(request.body)
                sampling = Sampling(asked.n_predict, asked.temperature, stop=tuple(asked.stop))
                pieces = self.source.fill(asked.input_prefix, asked.input_suffix, sampling)
                return Answer(chunks=_infilled(self, pieces), kind=EVENTS)
            case "/v1/embeddings":
                vectors = await self.source.embed(OpenAiEmbed.model_validate(request.body).input)
                return Answer(
                    {"data": [{"index": i, "embedding": v} for i, v in enumerate(vectors)]}
                )
            case "/tokenize":
                text = LlamaTokenize.model_validate(request.body).content
                return Answer({"tokens": list(text.encode())})
            case "/props":
                return Answer({"default_generation_settings": {"n_ctx": 4096}})
            case "/v1/models":
                meta = {"n_ctx": 4096, "n_ctx_train": 8192, "n_params": 7, "size": 9}
                return Answer({"data": [{"id": "tiny", "owned_by": "llamacpp", "meta": meta}]})
        raise Refused(404, "File Not Found")


@dataclass
class TabbyLike(Events):
    source: Source
    asked = ("/v1/chat/completions", "/v1/completions")

    def piece(self, text: str) -> bytes:
        return self._event({"choices": [{"index": 0, "delta": {"content": text}}]})

    async def answer(self, request: Request) -> Answer:
        if request.path not in (*self.asked, "/v1/health"):
            raise Refused(404, "")
        _authorized(request, "authorization", f"Bearer {KEY}")
        match request.path:
            case "/v1/chat/completions":
                wanted = TabbyChat.model_validate(request.body)
                pieces = self.source.chat(wanted.messages, wanted.sampling())
                return Answer(chunks=_openai_chat(self, pieces), kind=EVENTS)
            case "/v1/completions":
                asked = TabbyCompletion.model_validate(request.body)
                gap = asked.segments
                pieces = self.source.fill(gap.prefix, gap.suffix or "", Sampling(64, 0))
                text = "".join([piece.text async for piece in pieces])
                return Answer({"id": "cmpl-1", "choices": [{"index": 0, "text": text}]})
            case "/v1/health":
                return Answer(
                    {
                        "model": "StarCoder2-3B",
                        "chat_model": "Qwen2-1.5B-Instruct",
                        "device": "cpu",
                        "arch": "x86_64",
                        "cpu_info": "-",
                        "cpu_count": 2,
                        "version": {"git_describe": "v0.32.0"},
                    }
                )
        raise Refused(404, "")


@dataclass
class OllamaLike:
    source: Source
    capabilities: tuple[str, ...] | None = ("completion", "insert", "embedding")
    pulls: tuple[dict[str, Any], ...] = ()
    asked = ("/api/chat", "/api/generate", "/api/embed")

    def framed(self, data: bytes) -> bytes:
        return data + b"\n"

    def piece(self, text: str) -> bytes:
        said = {"role": "assistant", "content": text}
        return self._line({"model": "m", "message": said, "response": text, "done": False})

    def failure(self, message: str) -> bytes:
        return self.framed(self.refusal(message))

    def refusal(self, message: str) -> bytes:
        return json.dumps({"error": message}).encode()

    async def answer(self, request: Request) -> Answer:
        if "authorization" in request.headers:
            raise Refused(400, "a key that nobody has set")
        match request.path:
            case "/api/chat":
                wanted = OllamaChat.model_validate(request.body)
                sampling = wanted.options.sampling(wanted.format)
                return self._stream(self.source.chat(wanted.messages, sampling), _message)
            case "/api/generate":
                asked = OllamaGenerate.model_validate(request.body)
                sampling = asked.options.sampling(asked.format)
                if asked.raw:
                    before, after = _gap(asked.model, asked.prompt)
                elif asked.suffix and "insert" in (self.capabilities or ()):
                    before, after = asked.prompt, asked.suffix
                else:
                    raise Refused(400, f"{asked.model} does not support insert")
                return self._stream(self.source.fill(before, after, sampling), _response)
            case "/api/embed":
                texts = OllamaEmbed.model_validate(request.body).input
                return Answer({"model": "m", "embeddings": await self.source.embed(texts)})
            case "/api/show":
                return self._show(OllamaModel.model_validate(request.body).model)
            case "/api/tags":
                details = {"parameter_size": "3.0B", "quantization_level": "Q4_K_M"}
                name = "starcoder2:3b"
                return Answer({"models": [{"model": name, "size": 17, "details": details}]})
            case "/api/version":
                return Answer({"version": "0.13.0"})
            case "/api/pull":
                OllamaPull.model_validate(request.body)
                return Answer(chunks=_each(self._line(part) for part in self.pulls), kind=LINES)
        raise Refused(404, "404 page not found")

    def _show(self, model: str) -> Answer:
        if not model.startswith(("starcoder2", "tiny")):
            raise Refused(404, f"model '{model}' not found")
        info = {"llama.context_length": 16384}
        shown: dict[str, Any] = {"template": "{{ .Prompt }}", "model_info": info}
        if self.capabilities is not None:
            shown["capabilities"] = list(self.capabilities)
        return Answer(shown)

    def _stream(
        self, pieces: AsyncIterator[Piece], shaped: Callable[[Piece], dict[str, Any]]
    ) -> Answer:
        return Answer(chunks=_each_line(self, pieces, shaped), kind=LINES)

    def _line(self, value: Any) -> bytes:
        return self.framed(json.dumps(value).encode())


@dataclass
class AnthropicLike(Events):
    source: Source
    asked = ("/v1/messages", "/v1/models?limit=1000")

    def piece(self, text: str) -> bytes:
        delta = {"type": "text_delta", "text": text}
        return self._event({"type": "content_block_delta", "index": 0, "delta": delta})

    def framed(self, data: bytes) -> bytes:
        try:
            name = json.loads(data)["type"]
        except ValueError:
            name = "ping"
        return f"event: {name}\ndata: ".encode() + data + b"\n\n"

    def refusal(self, message: str) -> bytes:
        error = {"type": "api_error", "message": message}
        return json.dumps({"type": "error", "error": error}).encode()

    async def answer(self, request: Request) -> Answer:
        _authorized(request, "x-api-key", KEY)
        if request.headers.get("anthropic-version") != "2023-06-01":
            raise Refused(400, "anthropic-version: header is required")
        if request.path == "/v1/models?limit=1000":
            return Answer({"data": [{"id": "claude", "type": "model"}], "has_more": False})
        if request.path != "/v1/messages":
            raise Refused(404, "not found")
        wanted = Messages.model_validate(request.body)
        turns = [Turn(role=each.role, content=each.content) for each in wanted.messages]
        if wanted.system:
            turns.insert(0, Turn(role="system", content=wanted.system))
        schema = wanted.output_config.format.schema_ if wanted.output_config else None
        pieces = self.source.chat(turns, Sampling(wanted.max_tokens, 0, schema=schema))
        return Answer(chunks=self._said(pieces), kind=EVENTS)

    async def _said(self, pieces: AsyncIterator[Piece]) -> AsyncIterator[bytes]:
        yield self._event({"type": "message_start", "message": {"usage": {"input_tokens": 3}}})
        yield self._event({"type": "ping"})
        async for piece in pieces:
            if piece.thinking:
                delta = {"type": "thinking_delta", "thinking": piece.thinking}
                yield self._event({"type": "content_block_delta", "index": 0, "delta": delta})
            if piece.text:
                yield self.piece(piece.text)
            if piece.finish:
                reason = "max_tokens" if piece.finish == "length" else "end_turn"
                delta = {"stop_reason": reason, "stop_sequence": None}
                usage = {"output_tokens": 5}
                yield self._event({"type": "message_delta", "delta": delta, "usage": usage})
        yield self._event({"type": "message_stop"})


@dataclass
class PetalsLike:
    source: Source
    asked = ("/api/v1/generate",)

    def refusal(self, message: str) -> bytes:
        return json.dumps({"ok": False, "error": message}).encode()

    async def answer(self, request: Request) -> Answer:
        if request.path != "/api/v1/generate":
            raise Refused(404, "not found")
        wanted = PetalsForm.model_validate(request.body)
        question = wanted.inputs.removesuffix("\n\nAssistant:").rpartition("Human: ")[2]
        sampling = Sampling(wanted.max_new_tokens, 0)
        pieces = self.source.chat([Turn(role="user", content=question)], sampling)
        text = "".join([piece.text async for piece in pieces])
        return Answer({"ok": True, "outputs": f" {text}\n\nHuman: and what else?"})


def _authorized(request: Request, header: str, value: str) -> None:
    if request.headers.get(header) != value:
        raise Refused(401, "Invalid API Key")


def _gap(model: str, prompt: str) -> tuple[str, str]:
    marks = fill_format(model)
    assert marks is not None
    before, _, rest = prompt.removeprefix(marks.prefix).partition(marks.suffix)
    return before, rest.removesuffix(marks.middle)


async def _openai_chat(dialect: Events, pieces: AsyncIterator[Piece]) -> AsyncIterator[bytes]:
    yield dialect._event(
        {"choices": [{"index": 0, "delta": {"role": "assistant", "content": None}}]}
    )
    async for piece in pieces:
        delta = {"content": piece.text, "reasoning_content": piece.thinking or None}
        choice = {"index": 0, "delta": delta, "finish_reason": piece.finish or None}
        yield dialect._event({"choices": [choice]})
    yield dialect._event({"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 5}})
    yield dialect.framed(b"[DONE]")


async def _openai_text(dialect: Events, pieces: AsyncIterator[Piece]) -> AsyncIterator[bytes]:
    async for piece in pieces:
        choice = {"index": 0, "text": piece.text, "finish_reason": piece.finish or None}
        yield dialect._event({"choices": [choice]})
    yield dialect._event({"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 5}})
    yield dialect.framed(b"[DONE]")


async def _infilled(dialect: Events, pieces: AsyncIterator[Piece]) -> AsyncIterator[bytes]:
    async for piece in pieces:
        said: dict[str, Any] = {"content": piece.text, "stop": bool(piece.finish)}
        if piece.finish:
            kind = "limit" if piece.finish == "length" else "eos"
            said |= {"stop_type": kind, "tokens_evaluated": 3, "tokens_predicted": 5}
        yield dialect._event(said)


async def _each_line(
    dialect: OllamaLike, pieces: AsyncIterator[Piece], shaped: Callable[[Piece], dict[str, Any]]
) -> AsyncIterator[bytes]:
    async for piece in pieces:
        value = {"model": "m", "created_at": "2026-01-01T00:00:00Z", "done": False}
        if piece.text or piece.thinking:
            yield dialect._line(value | shaped(replace(piece, finish="")))
        if piece.finish:
            end = {
                "done": True,
                "done_reason": piece.finish,
                "prompt_eval_count": 3,
                "eval_count": 5,
            }
            yield dialect._line(value | shaped(Piece()) | end)


def _message(piece: Piece) -> dict[str, Any]:
    said = {"role": "assistant", "content": piece.text}
    return {"message": said | ({"thinking": piece.thinking} if piece.thinking else {})}


def _response(piece: Piece) -> dict[str, Any]:
    return {"response": piece.text}


async def _each(parts: Any) -> AsyncIterator[bytes]:
    for part in parts:
        yield part
