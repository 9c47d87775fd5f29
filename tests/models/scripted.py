"""A backend that plays prepared answers and failures, and a clock that only tests move."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from nootropic_lsp.core.chat import ChatRequest, FillRequest, ModelInfo, Piece, Usage
from nootropic_lsp.models.backend import CHAT, EMBED, FILL, SCHEMA

GIB = 1 << 30
# A text is said, an error raised, a number lets so many seconds pass, an event is waited for.
Step = str | Piece | Exception | float | asyncio.Event


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@dataclass
class Asked:
    model: str
    request: ChatRequest | FillRequest
    deadline_s: float
    first_token_s: float
    was_closed: bool = False


@dataclass
class Scripted:
    """Plays one script per call; the last one again and again."""

    name: str = "ollama"
    scripts: Sequence[Sequence[Step]] = (("ok",),)
    offers: Sequence[ModelInfo | str] = ("qwen2.5-coder:7b",)
    can: frozenset[str] = frozenset((CHAT, FILL, EMBED, SCHEMA))
    is_local: bool = True
    clock: Clock = field(default_factory=Clock)
    asked: list[Asked] = field(default_factory=list)
    embedded: list[list[str]] = field(default_factory=list)
    counted: list[str] = field(default_factory=list)
    lists: list[Exception | None] = field(default_factory=list)
    n_listed: int = 0
    is_closed: bool = False
    is_asked: asyncio.Event = field(default_factory=asyncio.Event)

    async def models(self, *, deadline_s: float) -> list[ModelInfo]:
        self.n_listed += 1
        problem = self.lists.pop(0) if self.lists else None
        if problem is not None:
            raise problem
        return [
            each if isinstance(each, ModelInfo) else ModelInfo(each, self.name)
            for each in self.offers
        ]

    def chat(
        self, model: str, request: ChatRequest, *, deadline_s: float, first_token_s: float
    ) -> AsyncIterator[Piece]:
        return self._play(Asked(model, request, deadline_s, first_token_s))

    def fill(
        self, model: str, request: FillRequest, *, deadline_s: float, first_token_s: float
    ) -> AsyncIterator[Piece]:
        return self._play(Asked(model, request, deadline_s, first_token_s))

    async def embed(
        self, model: str, texts: Sequence[str], *, deadline_s: float
    ) -> list[list[float]]:
        for step in self._next(len(self.embedded)):
            if isinstance(step, Exception):
                self.embedded.append([])
                raise step
            if isinstance(step, asyncio.Event):
                await step.wait()
            elif isinstance(step, float):
                self.clock.now += step
        self.embedded.append(list(texts))
        return [[float(len(text))] for text in texts]

    async def count_tokens(self, model: str, text: str, *, deadline_s: float) -> int | None:
        self.counted.append(text)
        return len(text.split())

    async def close(self) -> None:
        self.is_closed = True

    async def _play(self, asked: Asked) -> AsyncIterator[Piece]:
        script = self._next(len(self.asked))
        self.asked.append(asked)
        self.is_asked.set()
        try:
            for step in script:
                if isinstance(step, Exception):
                    raise step
                if isinstance(step, asyncio.Event):
                    await step.wait()
                elif isinstance(step, float):
                    self.clock.now += step
                else:
                    yield Piece(step) if isinstance(step, str) else step
            if not (script and isinstance(script[-1], Piece) and script[-1].finish):
                yield Piece(finish="stop", usage=Usage(10, 5))
        except GeneratorExit:
            asked.was_closed = True
            raise
        except asyncio.CancelledError:
            asked.was_closed = True
            raise

    def _next(self, n_before: int) -> Sequence[Step]:
        return self.scripts[min(n_before, len(self.scripts) - 1)]
