"""Who answers: the best model that may be asked, and the next one where it fails."""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from itertools import count
from math import inf
from typing import TYPE_CHECKING, Any, cast

from nootropic_lsp.core.chat import ChatRequest, FillRequest, Message, Piece
from nootropic_lsp.core.errors import ContextOverflowError, Failure, ModelError
from nootropic_lsp.models.answered import (
    Answered,
    Answering,
    Described,
    Embedded,
    ServerState,
    gathered,
)
from nootropic_lsp.models.backend import CHAT, EMBED, FILL, Backend
from nootropic_lsp.models.breaches import Breaches
from nootropic_lsp.models.breaker import Breaker
from nootropic_lsp.models.cache import AnswerCache, is_steady, key_of, replayed
from nootropic_lsp.models.calls import Call, Watched, fitted, summed_up, with_context
from nootropic_lsp.models.hardware import Hardware
from nootropic_lsp.models.listing import Find, Listing
from nootropic_lsp.models.matcher import Candidate, Key, Measured, Needs, is_meant, rank
from nootropic_lsp.models.retry import LONGEST_WAIT_S, RECOVERY, Backoff, next_wait_s
from nootropic_lsp.settings.options import CLOUD_BACKENDS, ModelSettings
from nootropic_lsp.telemetry import spans
from nootropic_lsp.telemetry.spans import Tracer, Value

if TYPE_CHECKING:
    from nootropic_lsp.safety.gate import Gate, Guarded

EMBED_BATCH = 32
# A list older than this is asked for anew before anybody hears that there is no model.
_STALE_S = 2.0
_GRACE_S = 0.5
_N_EVENTS = 20
_MOST_PROBLEMS = 2
_OPERATIONS = {CHAT: "chat", FILL: "text_completion", EMBED: "embeddings"}
_CACHED, _GIVEN_UP = "nootropic.cached", "nootropic.given_up"
_FIRST_TOKEN_S = "nootropic.first_token_s"


class Router:
    """All servers of models as one. It lives in one event loop.

    `find` looks for further servers. `measured` is what models did on this machine. `clock`, `sleep` and `draw` (chance, from 0
    to 1) are for tests.
    """

    def __init__(
        self,
        backends: Iterable[Backend],
        settings: ModelSettings,
        *,
        gate: Gate,
        tracer: Tracer,
        hardware: Hardware,
        measured: Mapping[Key, Measured] | None = None,
        find: Find | None = None,
        usd_per_hour: float = 0.0,
        backoff: Backoff | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._settings = settings
        self._gate = gate
        self._tracer = tracer
        self._hardware = hardware
        self._measured = dict(measured or {})
        self._usd_per_hour = usd_per_hour
        self._backoff = backoff or Backoff()
        self._clock = clock
        self._sleep = sleep
        self._draw = draw
        self._listing = Listing(backends, settings, clock, find=find)
        self._breakers: dict[str, Breaker] = {}
        # Too slow for ghost text is not too slow for a conversation.
        self._breaches = {CHAT: Breaches(clock), FILL: Breaches(clock), EMBED: Breaches(clock)}
        self._cache = AnswerCache(settings.cache_answers)
        self._events: deque[str] = deque(maxlen=_N_EVENTS)

    # ---- asking

    def chat(
        self,
        request: ChatRequest,
        *,
        needs: Needs | None = None,
        deadline_s: float | None = None,
        first_token_s: float | None = None,
        fresh: bool = False,
        note: Mapping[str, Value] | None = None,
    ) -> Answering:
        """The next turn of a conversation, piece by piece; close it, or read it to its end.

        If a model fails before its first piece the next one is asked; after it there is an
        error, so that no answer is of two models. With `fresh`, no earlier answer is given.
        `note` is what its span is to say besides, such as the name of the prompt.
        """
        call = Call(request, needs or Needs(), CHAT, note=note or {})
        return self._stream(call, deadline_s, first_token_s, fresh)

    def fill(
        self,
        request: FillRequest,
        *,
        needs: Needs | None = None,
        deadline_s: float | None = None,
        first_token_s: float | None = None,
        fresh: bool = False,
        note: Mapping[str, Value] | None = None,
    ) -> Answering:
        """What belongs into a gap, piece by piece, as `chat` does it."""
        call = Call(request, needs or Needs(frozenset((FILL,))), FILL, note=note or {})
        return self._stream(call, deadline_s, first_token_s, fresh)

    async def whole(
        self,
        request: ChatRequest | FillRequest,
        *,
        needs: Needs | None = None,
        deadline_s: float | None = None,
        first_token_s: float | None = None,
        fresh: bool = False,
        note: Mapping[str, Value] | None = None,
    ) -> Answered:
        """A whole answer. One that breaks off in the middle is begun again, elsewhere if need be."""
        kind = CHAT if isinstance(request, ChatRequest) else FILL
        needs = needs or Needs(frozenset((kind,)))
        call = Call(request, needs, kind, is_whole=True, note=note or {})
        answering = self._stream(call, deadline_s, first_token_s, fresh)
        async with aclosing(answering):
            async for _ in answering:
                pass
        assert answering.answered is not None
        return answering.answered

    async def embed(
        self, texts: Sequence[str], *, model: str = "", deadline_s: float | None = None
    ) -> Embedded:
        """A vector per text, all of one model: vectors of two cannot be compared.

        `model` may have its backend before it, as in "ollama:nomic-embed-text". Without a model,
        and without its backend, another one may answer than the last time: look who did.
        """
        ends_at = self._clock() + (self._settings.deadline_s if deadline_s is None else deadline_s)
        batches = [
            await self._clean(texts[start : start + EMBED_BATCH])
            for start in range(0, len(texts), EMBED_BATCH)
        ]
        failures: list[ModelError] = []
        candidates = await self._askable(Needs(frozenset((EMBED,)), model), ends_at)
        for candidate in candidates:
            is_last = candidate is candidates[-1]
            vectors: list[list[float]] = []
            try:
                for batch in batches:
                    vectors += await self._embed_batch(candidate, batch, ends_at, is_last=is_last)
            except ModelError as error:
                failures.append(with_context(error, candidate))
                if self._clock() >= ends_at:
                    break
            else:
                return Embedded(vectors, *candidate.offer.key)
        raise summed_up(failures)

    async def count_tokens(
        self, text: str, *, needs: Needs | None = None, deadline_s: float = 1.0
    ) -> int | None:
        """How many tokens a text has for the model that would be asked; None if nobody says."""
        candidates = [each for each in await self.candidates(needs or Needs()) if not each.refused]
        if not candidates:
            return None
        backend, model = candidates[0].offer.key
        try:
            (clean,) = await self._clean((text,))
            return await self._listing.backends[backend].count_tokens(
                model, clean, deadline_s=deadline_s
            )
        except ModelError:
            return None

    # ---- choosing

    async def candidates(self, needs: Needs, *, anew: bool = False) -> list[Candidate]:
        """All models in the order in which they would be asked, the refused ones last."""
        listed = await self._listing.now(anew=anew)
        return rank(
            (offer for each in listed.values() for offer in each.offers),
            needs,
            hardware=self._hardware,
            settings=self._settings,
            measured=self._measured,
            slow=self._breaches[_kind(needs)].slow(),
        )

    async def describe(self, needs: Needs | None = None, *, anew: bool = True) -> Described:
        """All that could be asked here, with reasons."""
        candidates = await self.candidates(needs or Needs(), anew=anew)
        listed = await self._listing.now()
        return Described(
            self._hardware,
            tuple(
                ServerState(
                    name,
                    self._is_local(name),
                    len(said.offers),
                    self._breaker(name).state,
                    said.problem,
                )
                for name, said in listed.items()
            ),
            tuple(candidates),
            tuple(
                name
                for name in self._settings.preference
                if not any(is_meant(name, each.offer) for each in candidates)
            ),
            tuple(self._events),
        )

    async def close(self) -> None:
        """Let go of all servers."""
        await self._listing.close()

    def learn(self, measured: Mapping[Key, Measured]) -> None:
        """From now on, judge models by this."""
        self._measured |= measured

    def backend(self, name: str) -> Backend | None:
        """A server by its name, if it was found."""
        return self._listing.backends.get(name)

    async def _askable(self, needs: Needs, ends_at: float) -> list[Candidate]:
        """Those that may be asked, at least one."""
        try:
            async with asyncio.timeout(max(ends_at - self._clock(), 0)):
                found = await self.candidates(needs)
                if all(each.refused for each in found) and self._listing.age_s > _STALE_S:
                    found = await self.candidates(needs, anew=True)
        except TimeoutError:
            raise ModelError(
                Failure.MODEL_LOAD_FAILED,
                "it is still being looked which models are there; try again in a moment",
                is_passing=True,
            ) from None
        askable = [each for each in found if not each.refused]
        if not askable:
            raise ModelError(Failure.MODEL_LOAD_FAILED, await self._why_none(found))
        return askable

    async def _why_none(self, found: Sequence[Candidate]) -> str:
        if found:
            reasons = "; ".join(f"{each.name}: {each.refused}" for each in found[:3])
            return f"no model can be asked this ({reasons}); `nootropic models` lists them all"
        listed = await self._listing.now()
        # What the user has named says more than what was looked for where it usually is.
        names = sorted(listed, key=lambda name: name not in self._settings.servers)
        problems = [listed[name].problem for name in names if listed[name].problem]
        said = "; ".join(problems[:_MOST_PROBLEMS])
        more = len(problems) - _MOST_PROBLEMS
        where = f" ({said}{f'; and {more} more' if more > 0 else ''})" if said else ""
        return (
            f"there is no language model{where}; start a server such as Ollama, or name a GGUF "
            "file in `models.gguf`; `nootropic models` says where was looked"
        )

    # ---- calling

    def _stream(
        self, call: Call, deadline_s: float | None, first_token_s: float | None, fresh: bool
    ) -> Answering:
        now = self._clock()
        call.started_at = now
        call.ends_at = now + (self._settings.deadline_s if deadline_s is None else deadline_s)
        call.first_token_s = (
            self._settings.first_token_s if first_token_s is None else first_token_s
        )
        call.is_cached = not fresh and self._settings.cache_answers > 0 and is_steady(call.request)
        return Answering(self._guarded(call), call.record)

    async def _guarded(self, call: Call) -> AsyncGenerator[Piece, None]:
        # Looking for secrets takes a millisecond per thousand characters.
        guard: Callable[[Any], Guarded[Any]] = self._gate.outgoing
        guarded = await asyncio.to_thread(guard, call.request)
        call.request = guarded.request
        pieces = cast("AsyncGenerator[Piece, None]", guarded.restored(self._pieces(call)))
        async with aclosing(pieces):
            async for piece in pieces:
                yield piece
        call.record.seconds = self._clock() - call.started_at

    async def _pieces(self, call: Call) -> AsyncGenerator[Piece, None]:
        """The answer of the first candidate that gives one."""
        failures: list[ModelError] = []
        candidates = await self._askable(call.needs, call.ends_at)
        for place, candidate in enumerate(candidates):
            if self._is_pointless(candidate, failures):
                continue
            is_last = place + 1 == len(candidates)
            for attempt in count(1):
                call.has_begun = False
                try:
                    async with aclosing(self._attempt(call, candidate)) as pieces:
                        if call.is_whole:
                            answer = [piece async for piece in pieces]
                            for piece in answer:
                                yield piece
                        else:
                            async for piece in pieces:
                                call.has_begun = True
                                yield piece
                    return
                except ModelError as error:
                    if call.has_begun:
                        raise
                    failure = error
                call.record.tried += (f"{candidate.name}: {failure}",)
                wait_s = self._wait_s(failure, attempt, call.ends_at, is_last=is_last)
                if wait_s is None:
                    failures.append(with_context(failure, candidate))
                    break
                await self._sleep(wait_s)
            if self._clock() >= call.ends_at:
                break
        raise summed_up(failures)

    def _is_pointless(self, candidate: Candidate, failures: Sequence[ModelError]) -> bool:
        """Whether what did not fit into another model will not fit into this one."""
        held = [each.context_tokens for each in failures if isinstance(each, ContextOverflowError)]
        return bool(held) and candidate.context_tokens <= max(held)

    def _wait_s(
        self, error: ModelError, attempt: int, ends_at: float, *, is_last: bool
    ) -> float | None:
        falls_back = RECOVERY[error.failure].strategy == "fallback"
        if falls_back and not is_last:
            return None
        return next_wait_s(
            error,
            attempt,
            remaining_s=ends_at - self._clock(),
            draw=self._draw(),
            backoff=self._backoff,
            longest_s=inf if is_last else LONGEST_WAIT_S,
        )

    async def _attempt(self, call: Call, candidate: Candidate) -> AsyncGenerator[Piece, None]:
        """One call of one model, with its span."""
        span = self._span(call.kind, candidate)
        span.note(call.note)
        request = fitted(call.request, candidate)
        key = key_of(candidate.offer.key, request) if call.is_cached else b""
        cached = self._cache.get(key) if call.is_cached else None
        record = call.record
        record.candidate, record.is_cached = candidate, cached is not None
        said: list[Piece] = []
        try:
            if cached is not None:
                span.note({_CACHED: True})
                for piece in replayed(cached):
                    yield piece
                return
            async with aclosing(self._watched(call, candidate, request, said)) as pieces:
                async for piece in pieces:
                    yield piece
            answer = gathered(said)
            span.note(
                {
                    spans.INPUT_TOKENS: answer.usage.input_tokens or None,
                    spans.OUTPUT_TOKENS: answer.usage.output_tokens or None,
                    spans.COST_USD: record.cost_usd,
                    _FIRST_TOKEN_S: record.first_token_s,
                }
            )
            if call.is_cached:
                self._cache.put(key, answer)
        except (GeneratorExit, asyncio.CancelledError):
            span.note({_GIVEN_UP: True})
            raise
        except BaseException as error:
            span.fail(error)
            raise
        finally:
            span.end()

    async def _watched(
        self,
        call: Call,
        candidate: Candidate,
        request: ChatRequest | FillRequest,
        said: list[Piece],
    ) -> AsyncGenerator[Piece, None]:
        """What a model says, also put into `said`; its outcome counts for breaker and breaches."""
        watched = self._watch(call.kind, candidate)
        started_at = self._clock()
        first_token_s = min(call.first_token_s, call.ends_at - started_at)
        try:
            pieces = self._timed(
                self._asked(candidate, request, call, first_token_s), call.ends_at, first_token_s
            )
            async with aclosing(pieces):
                async for piece in pieces:
                    if not said:
                        call.record.first_token_s = self._clock() - started_at
                    said.append(piece)
                    yield piece
        except ModelError as error:
            took_s = self._clock() - started_at
            is_slow = self._clock() >= call.ends_at if said else took_s >= first_token_s
            watched.failed(error, f"{took_s:.1f} s" if is_slow else "")
            if error.failure is Failure.MODEL_LOAD_FAILED:
                self._listing.is_old()
            raise
        except BaseException:
            watched.given_up(answered=bool(said))
            raise
        first_s = call.record.first_token_s or 0.0
        watched.answered(f"{first_s:.1f} s" if first_s > call.first_token_s else "")
        call.record.cost_usd = self._cost(candidate, self._clock() - started_at)

    def _asked(
        self,
        candidate: Candidate,
        request: ChatRequest | FillRequest,
        call: Call,
        first_token_s: float,
    ) -> AsyncGenerator[Piece, None]:
        deadline_s = call.ends_at - self._clock()
        name, model = candidate.offer.key
        backend = self._listing.backends[name]
        pieces = (
            backend.chat(model, request, deadline_s=deadline_s, first_token_s=first_token_s)
            if isinstance(request, ChatRequest)
            else backend.fill(model, request, deadline_s=deadline_s, first_token_s=first_token_s)
        )
        # The protocol says that they are generators.
        return cast("AsyncGenerator[Piece, None]", pieces)

    async def _timed(
        self, pieces: AsyncGenerator[Piece, None], ends_at: float, first_token_s: float
    ) -> AsyncGenerator[Piece, None]:
        """The pieces, each in time. The time between two is the reader's own."""
        limit_s = first_token_s
        async with aclosing(pieces):
            while True:
                async with _in_time(limit_s):
                    piece = await anext(pieces, None)
                if piece is None:
                    return
                yield piece
                limit_s = ends_at - self._clock()

    async def _clean(self, texts: Sequence[str]) -> list[str]:
        """Texts as they may go out, for calls whose answers say nothing of them."""
        request = ChatRequest(tuple(Message("user", text) for text in texts))
        guarded = await asyncio.to_thread(self._gate.outgoing, request)
        return [message.content for message in guarded.request.messages]

    async def _embed_batch(
        self, candidate: Candidate, texts: Sequence[str], ends_at: float, *, is_last: bool
    ) -> list[list[float]]:
        for attempt in count(1):
            try:
                return await self._embed_once(candidate, texts, ends_at)
            except ModelError as error:
                wait_s = self._wait_s(error, attempt, ends_at, is_last=is_last)
                if wait_s is None:
                    raise
            await self._sleep(wait_s)
        raise AssertionError  # `count` does not end.

    async def _embed_once(
        self, candidate: Candidate, texts: Sequence[str], ends_at: float
    ) -> list[list[float]]:
        backend, model = candidate.offer.key
        watched = self._watch(EMBED, candidate)
        span = self._span(EMBED, candidate)
        left_s = ends_at - self._clock()
        try:
            async with _in_time(left_s):
                vectors = await self._listing.backends[backend].embed(
                    model, texts, deadline_s=left_s
                )
        except ModelError as error:
            span.fail(error)
            watched.failed(error, "")
            if error.failure is Failure.MODEL_LOAD_FAILED:
                self._listing.is_old()
            raise
        except BaseException:
            span.note({_GIVEN_UP: True})
            watched.given_up(answered=False)
            raise
        finally:
            span.end()
        watched.answered("")
        return vectors

    def _span(self, kind: str, candidate: Candidate) -> spans.Open:
        backend, model = candidate.offer.key
        operation = _OPERATIONS[kind]
        return self._tracer.begin(
            f"{operation} {model}",
            {spans.OPERATION: operation, spans.PROVIDER: backend, spans.MODEL: model},
        )

    def _watch(self, kind: str, candidate: Candidate) -> Watched:
        """Raises `ModelError` if the server has to be left alone for now."""
        breaker = self._breaker(candidate.offer.backend)
        watched = Watched(breaker, self._breaches[kind], candidate, self._events)
        watched.enter()
        return watched

    def _is_local(self, name: str) -> bool:
        found = self.backend(name)
        return name not in CLOUD_BACKENDS if found is None else found.is_local

    def _breaker(self, backend: str) -> Breaker:
        return self._breakers.setdefault(backend, Breaker(self._clock))

    def _cost(self, candidate: Candidate, seconds: float) -> float | None:
        return seconds / 3600 * self._usd_per_hour if candidate.offer.is_local else None


@asynccontextmanager
async def _in_time(limit_s: float) -> AsyncGenerator[None, None]:
    """Backends keep to their deadlines; this is for one that does not."""
    try:
        async with asyncio.timeout(max(limit_s, 0) + _GRACE_S):
            yield
    except TimeoutError:
        raise ModelError(
            Failure.INFERENCE_ERROR, f"there was no answer within {limit_s:.1f} s"
        ) from None


def _kind(needs: Needs) -> str:
    return next((kind for kind in (FILL, EMBED) if kind in needs.can), CHAT)
