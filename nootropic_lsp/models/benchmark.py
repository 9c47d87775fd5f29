"""How fast models are on this machine: measured, told to the router, kept in the registry."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from nootropic_lsp.core.chat import ChatRequest, FillRequest, Message, Sampling
from nootropic_lsp.core.errors import Failure, ModelError
from nootropic_lsp.models import registry
from nootropic_lsp.models.answered import Answered
from nootropic_lsp.models.backend import CHAT, FILL
from nootropic_lsp.models.matcher import Candidate, Needs
from nootropic_lsp.models.metadata import abilities
from nootropic_lsp.models.names import taken_apart
from nootropic_lsp.models.registry import Entry, Performance
from nootropic_lsp.models.router import Router

# Loading a large model from a slow disk may take this long.
LOAD_S = 300.0
DEADLINE_S = 120.0
# Fewer tokens than this say nothing about speed.
_ENOUGH_TOKENS = 8
# What a token has on average, for servers that do not count.
_CHARS_PER_TOKEN = 4

_CODE = '''\
class Inventory:
    """Counts what is in stock, and remembers what was taken by whom."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.taken: list[tuple[str, str, int]] = []

    def add(self, name: str, count: int = 1) -> None:
        self.counts[name] = self.counts.get(name, 0) + count

    def take(self, name: str, count: int, who: str) -> None:
        if self.counts.get(name, 0) < count:
            raise KeyError(f"there are not {count} of {name}")
        self.counts[name] -= count
        self.taken.append((who, name, count))
'''
_QUESTION = f"Explain what each method of this class does, in whole sentences.\n\n{_CODE}"
_BEFORE = f"{_CODE}\n    def give_back(self, name: str, count: int, who: str) -> None:\n"
_AFTER = "\n\n    def is_empty(self) -> bool:\n        return not any(self.counts.values())\n"


@dataclass(frozen=True, slots=True)
class Speed:
    """What one call took. `tokens_per_s` is 0 where the answer was too short to say."""

    first_token_s: float
    tokens_per_s: float
    n_tokens: int


@dataclass(frozen=True, slots=True)
class Benched:
    """A model, as "backend:model", and its speeds by what it was asked: "chat", "fill".

    `problem` says what could not be measured, "" if all was.
    """

    name: str
    speeds: Mapping[str, Speed] = field(default_factory=dict)
    problem: str = ""


async def bench(
    router: Router,
    model: str = "",
    *,
    home: Path,
    clock: Callable[[], float] = time.perf_counter,
) -> AsyncGenerator[Benched, None]:
    """Measure a model, or all of this machine; the router and the registry in `home` learn of it.

    Raises `ModelError` if there is no such model, `NootropicError` if the registry is damaged.
    """
    # Before anything is measured that could not be kept.
    await asyncio.to_thread(registry.read_registry, registry.registry_file(home))
    for candidate in await _chosen(router, model):
        benched = await _benched(router, candidate, clock)
        if benched.speeds:
            found = await asyncio.to_thread(_note, home, _entry(candidate, benched))
            router.learn(registry.measured([found]))
        yield benched


async def _chosen(router: Router, model: str) -> list[Candidate]:
    """Nobody pays for being measured unless they are named."""
    candidates = await router.candidates(Needs(frozenset(), model), anew=True)
    askable = [each for each in candidates if not each.refused]
    if model and not askable:
        raise ModelError(
            Failure.MODEL_LOAD_FAILED,
            f"there is no model {model} that can be asked; `nootropic models` lists them",
        )
    if model:
        return askable[:1]
    return [each for each in askable if each.offer.is_local and _kinds(each)]


def _kinds(candidate: Candidate) -> list[str]:
    can = abilities(candidate.offer.model) & candidate.offer.backend_can
    return [kind for kind in (CHAT, FILL) if kind in can]


async def _benched(router: Router, candidate: Candidate, clock: Callable[[], float]) -> Benched:
    speeds: dict[str, Speed] = {}
    problems: list[str] = []
    for kind in _kinds(candidate):
        try:
            speeds[kind] = await _speed(router, candidate, kind, clock)
        except ModelError as error:
            problems.append(f"{kind}: {error}")
    if not speeds and not problems:
        problems.append("it neither holds conversations nor fills gaps")
    return Benched(candidate.name, speeds, "; ".join(problems))


async def _speed(
    router: Router, candidate: Candidate, kind: str, clock: Callable[[], float]
) -> Speed:
    needs = Needs(frozenset((kind,)), candidate.name)
    # Loading is not measured, and a prompt that was read before would be answered too early.
    request = _request(kind)
    first = replace(request, sampling=replace(request.sampling, max_tokens=1))
    await router.whole(first, needs=needs, deadline_s=LOAD_S, first_token_s=LOAD_S, fresh=True)
    request = _request(kind)
    limits: dict[str, Any] = {
        "needs": needs,
        "deadline_s": DEADLINE_S,
        "first_token_s": DEADLINE_S,
        "fresh": True,
    }
    start = clock()
    if isinstance(request, ChatRequest):
        answering = router.chat(request, **limits)
    else:
        answering = router.fill(request, **limits)
    async with aclosing(answering):
        arrived = [clock() async for piece in answering if piece.text or piece.thinking]
    answered = answering.answered
    if answered is None or (answered.backend, answered.model) != candidate.offer.key:
        raise ModelError(Failure.INFERENCE_ERROR, "another model has answered in its place")
    if not arrived:
        raise ModelError(Failure.INFERENCE_ERROR, "it has said nothing")
    return _of_times(start, arrived, _n_tokens(answered))


def _of_times(start: float, arrived: list[float], n_tokens: int) -> Speed:
    # Where all of it comes at once, writing cannot be told from reading.
    comes_at_once = len(arrived) == 1
    seconds = arrived[-1] - (start if comes_at_once else arrived[0])
    n_written = n_tokens - (0 if comes_at_once else 1)
    is_enough = n_tokens >= _ENOUGH_TOKENS and seconds > 0
    return Speed(arrived[0] - start, n_written / seconds if is_enough else 0.0, n_tokens)


def _n_tokens(answered: Answered) -> int:
    reply = answered.reply
    n_chars = len(reply.text) + len(reply.thinking)
    return reply.usage.output_tokens or round(n_chars / _CHARS_PER_TOKEN)


def _request(kind: str) -> ChatRequest | FillRequest:
    """Each time another one, so that no server has read its beginning before."""
    number = time.time_ns()
    if kind == CHAT:
        asked = (Message("user", f"Question {number}. {_QUESTION}"),)
        return ChatRequest(asked, Sampling(max_tokens=128, temperature=0.0))
    before = f"# Version {number}\n{_BEFORE}"
    return FillRequest(before, _AFTER, "python", Sampling(max_tokens=64, temperature=0.0))


def _entry(candidate: Candidate, benched: Benched) -> Entry:
    model = candidate.offer.model
    speeds = benched.speeds.values()
    rates = [each.tokens_per_s for each in speeds if each.tokens_per_s]
    return Entry(
        candidate.name,
        architecture=taken_apart(model.name).family,
        parameters=model.n_parameters,
        quantization=model.quantization,
        performance=Performance(
            latency=max(each.first_token_s for each in speeds),
            memory=model.size_bytes / 1e9,
            throughput=sum(rates) / len(rates) if rates else 0.0,
        ),
        benchmarks={
            f"{kind}_{name}": value
            for kind, speed in benched.speeds.items()
            for name, value in (
                ("first_token_s", speed.first_token_s),
                ("tokens_per_s", speed.tokens_per_s),
            )
        },
    )


def _note(home: Path, entry: Entry) -> Entry:
    """Keep an entry; returned is what is known of its model now."""
    file = registry.registry_file(home)
    entries = registry.noted(registry.read_registry(file), entry)
    registry.write_registry(file, entries)
    found = registry.latest(entries, entry.id)
    assert found is not None
    return found
