"""Ollama, by its own client over connections of ours."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import aclosing, contextmanager
from typing import Any

import httpx
import ollama

from nootropic_lsp.core.chat import ChatRequest, FillRequest, ModelInfo, Piece, Sampling, Usage
from nootropic_lsp.core.errors import ModelError
from nootropic_lsp.models.backend import CHAT, EMBED, FILL, SCHEMA, Progress
from nootropic_lsp.models.failures import Server, cut_off, from_body, unreadable
from nootropic_lsp.models.fim import FillFormat, fill_format
from nootropic_lsp.models.streams import answer, finish_of
from nootropic_lsp.models.transport import client_options, plainly
from nootropic_lsp.safety.egress import Egress

# The same with every call, as every other value with which it would load the model again.
KEEP_ALIVE = "15m"
_CAN = {
    "completion": frozenset({CHAT, SCHEMA}),
    "insert": frozenset({FILL}),
    "embedding": frozenset({EMBED}),
}
_UNITS = {"K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}


class Ollama:
    """`context_tokens` is for the calls that do not say how much room they need."""

    def __init__(
        self, server: Server, egress: Egress, *, context_tokens: int = 8192, use_gpu: bool = True
    ) -> None:
        self._server = server
        self._fixed = {} if use_gpu else {"num_gpu": 0}
        self._context_tokens = context_tokens
        self._shown: dict[str, ollama.ShowResponse] = {}

        def authorize(request: httpx.Request) -> httpx.Request:
            # The client takes a key from the environment for whatever server it speaks to.
            request.headers.pop("authorization", None)
            if server.key:
                request.headers["authorization"] = f"Bearer {server.key}"
            return request

        self._client = ollama.AsyncClient(
            server.url,
            headers={"Accept-Encoding": "identity"},
            auth=authorize,
            **client_options(server, egress),
        )

    @property
    def name(self) -> str:
        return "ollama"

    @property
    def is_local(self) -> bool:
        return self._server.is_here

    @property
    def can(self) -> frozenset[str]:
        return frozenset({CHAT, FILL, EMBED, SCHEMA})

    async def models(self, *, deadline_s: float) -> list[ModelInfo]:
        with self._plainly(deadline_s):
            async with asyncio.timeout(deadline_s):
                listed = (await self._client.list()).models
                names = [each.model or "" for each in listed]
                # A model that cannot be looked at is one that can chat, for all we know.
                shown = await asyncio.gather(*map(self._seen, names))
        return [
            ModelInfo(
                name,
                self.name,
                size_bytes=int(each.size or 0),
                n_parameters=_count(each.details.parameter_size if each.details else None),
                quantization=(each.details.quantization_level if each.details else None) or "",
                context_tokens=_context(what),
                can=_can(name, what),
            )
            for name, each, what in zip(names, listed, shown, strict=True)
        ]

    def chat(
        self, model: str, request: ChatRequest, *, deadline_s: float, first_token_s: float
    ) -> AsyncGenerator[Piece, None]:
        return answer(
            self._server,
            self._chat(model, request),
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
        if not texts:
            return []
        options = {"num_ctx": self._context_tokens, **self._fixed}
        with self._plainly(deadline_s):
            async with asyncio.timeout(deadline_s):
                said = await self._client.embed(
                    model, list(texts), options=options, keep_alive=KEEP_ALIVE
                )
        if len(said.embeddings) != len(texts):
            raise unreadable(self._server, f"{len(said.embeddings)} vectors for {len(texts)} texts")
        return [list(vector) for vector in said.embeddings]

    async def count_tokens(self, model: str, text: str, *, deadline_s: float) -> int | None:
        return None

    async def pull(self, model: str, *, silence_s: float) -> AsyncGenerator[Progress, None]:
        """Have it download a model, which may take hours; `silence_s` is without any progress."""
        with self._plainly(silence_s):
            async with asyncio.timeout(silence_s):
                parts = await self._client.pull(model, stream=True)
        is_whole = False
        async with aclosing(self._heard(parts, silence_s)) as heard:
            async for part in heard:
                is_whole = part.status == "success"
                yield Progress(part.status or "", part.completed or 0, part.total or 0)
        if not is_whole:
            raise cut_off(self._server)
        self._shown.pop(model, None)

    async def close(self) -> None:
        await self._client.close()  # type: ignore[no-untyped-call]

    async def _chat(self, model: str, request: ChatRequest) -> AsyncGenerator[Piece, None]:
        with self._plainly():
            parts = await self._client.chat(
                model,
                [{"role": each.role, "content": each.content} for each in request.messages],
                stream=True,
                format=_format(request.sampling),
                options=self._options(request.sampling),
                keep_alive=KEEP_ALIVE,
            )
        async with aclosing(self._heard(parts)) as heard:
            async for part in heard:
                said = part.message
                yield _piece(part, said.content, said.thinking)

    async def _fill(self, model: str, request: FillRequest) -> AsyncGenerator[Piece, None]:
        with self._plainly():
            marks = None if _inserts(await self._show(model)) else fill_format(model)
            if marks is None and not _inserts(await self._show(model)):
                raise self._server.cannot(f"fill gaps with {model}")
            parts = await self._client.generate(
                model,
                stream=True,
                format=_format(request.sampling),
                options=self._options(request.sampling, marks),
                keep_alive=KEEP_ALIVE,
                **_gap(request, marks),
            )
        async with aclosing(self._heard(parts)) as heard:
            async for part in heard:
                yield _piece(part, part.response, part.thinking)

    async def _heard(
        self, parts: AsyncIterator[Any], silence_s: float | None = None
    ) -> AsyncGenerator[Any, None]:
        """The parts of an answer; with `silence_s`, none of them may take longer."""
        async with aclosing(parts):  # type: ignore[type-var]
            while True:
                with self._plainly(silence_s or 0):
                    async with asyncio.timeout(silence_s):
                        part = await anext(parts, None)
                if part is None:
                    return
                yield part

    async def _seen(self, model: str) -> ollama.ShowResponse:
        try:
            with self._plainly():
                return await self._show(model)
        except ModelError:
            return ollama.ShowResponse(model_info={})

    async def _show(self, model: str) -> ollama.ShowResponse:
        if model not in self._shown:
            self._shown[model] = await self._client.show(model)
        return self._shown[model]

    def _options(self, sampling: Sampling, marks: FillFormat | None = None) -> dict[str, Any]:
        options: dict[str, Any] = {
            # Without it the context is cut to a few thousand tokens, in silence.
            "num_ctx": sampling.context_tokens,
            "num_predict": sampling.max_tokens,
            "temperature": sampling.temperature,
            **self._fixed,
        }
        if stops := [*sampling.stop, *(marks.stops if marks else ())]:
            options["stop"] = stops
        if sampling.seed is not None:
            options["seed"] = sampling.seed
        return options

    @contextmanager
    def _plainly(self, deadline_s: float = 0) -> Iterator[None]:
        """Also what the client says, and what it stumbles over, becomes a `ModelError`."""
        try:
            with plainly(self._server, deadline_s):
                yield
        except ollama.ResponseError as error:
            raise from_body(self._server, error.error) from None
        except (ValueError, TypeError, AttributeError, RecursionError):
            raise unreadable(self._server, "it is not what Ollama says") from None


def _piece(part: Any, text: str | None, thinking: str | None) -> Piece:
    if not part.done:
        return Piece(text=text or "", thinking=thinking or "")
    usage = Usage(part.prompt_eval_count or 0, part.eval_count or 0)
    finish = finish_of(part.done_reason or "stop")
    return Piece(text=text or "", thinking=thinking or "", finish=finish, usage=usage)


def _gap(request: FillRequest, marks: FillFormat | None) -> dict[str, Any]:
    if marks is not None:
        return {"prompt": marks.prompt(request.before, request.after), "raw": True}
    # An empty suffix is none, and then the prompt would be taken for a question.
    return {"prompt": request.before, "suffix": request.after or "\n"}


def _format(sampling: Sampling) -> dict[str, Any] | None:
    return None if sampling.schema is None else dict(sampling.schema)


def _inserts(shown: ollama.ShowResponse) -> bool:
    """Whether its template has a place for what follows. Old servers name no capabilities."""
    if shown.capabilities is None:
        return ".Suffix" in (shown.template or "")
    return "insert" in shown.capabilities


def _can(model: str, shown: ollama.ShowResponse) -> frozenset[str]:
    kinds = ["completion"] if shown.capabilities is None else shown.capabilities
    can = frozenset[str]().union(*(_CAN.get(kind, frozenset()) for kind in kinds))
    fills = _inserts(shown) or (CHAT in can and fill_format(model) is not None)
    return can | {FILL} if fills else can


def _context(shown: ollama.ShowResponse) -> int:
    found = (shown.modelinfo or {}).items()
    lengths = (value for key, value in found if key.endswith(".context_length"))
    return next((value for value in lengths if isinstance(value, int)), 0)


def _count(size: str | None) -> int:
    """ "7.6B" as a number."""
    number, unit = (size or "")[:-1], (size or "")[-1:]
    try:
        return round(float(number) * _UNITS.get(unit, 0))
    except ValueError:
        return 0
