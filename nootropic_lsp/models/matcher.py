"""Which model fits this machine and what is asked, best first, and why the others do not.

    score = α · throughput + β · accuracy - γ · cost - δ · memory pressure

- throughput: tokens per second of one conversation by `fast_enough_tokens_per_s`, at most 1;
  measured where `nootropic models bench` has measured, typical otherwise, and then times the
  pace of this machine: what the measured models do here by what is typical of them.
- accuracy: from 0 to 1, measured or known.
- cost: 1 where every token is paid for, 0 here.
- memory pressure: how far into the second half of the machine's memory a model reaches, from
  0 to 1. There is none on a graphics card, whose memory nobody else needs.

With the defaults, `starcoder2-3b-4bit` has 0.94 and `llama2-7b-4bit` 0.646 on 8 GB without a
graphics card: 0.505·1 + 0.5·0.87 - 0.104·0 and 0.505·0.6 + 0.5·0.79 - 0.104·0.5.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log
from statistics import fmean

from nootropic_lsp.core.chat import ModelInfo
from nootropic_lsp.models.backend import CHAT, EMBED, FILL
from nootropic_lsp.models.hardware import Hardware
from nootropic_lsp.models.metadata import Figures, abilities, context_of, figures_for
from nootropic_lsp.models.names import is_same
from nootropic_lsp.settings.options import CLOUD_BACKENDS, LOCAL_BACKENDS, ModelSettings

EMBEDDED = "embedded"
# In this order servers are asked; clouds only if they are allowed.
FALLBACK_ORDER = (*LOCAL_BACKENDS, "openai-compatible", EMBEDDED, *CLOUD_BACKENDS)
# Those that load what they are asked for. The others have their model in memory already.
_LOADS = frozenset({"ollama", EMBEDDED})
# From this much of it on, being slow counts more than the order of servers.
TOO_SLOW = 0.5
# What a graphics card can give to a model of the memory that it shares with the machine.
_UNIFIED_SHARE = 0.7
_GIB = 1 << 30
# Whoever sells a model runs it well; nothing is known of it here.
_CLOUD_ACCURACY = 0.95

# A model of a backend: "ollama", "qwen2.5-coder:7b".
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each part of the score counts: α, β, γ and δ."""

    throughput: float = 0.505
    accuracy: float = 0.5
    cost: float = 0.2
    memory: float = 0.104
    fast_enough_tokens_per_s: float = 20.0


USUAL = Weights()
# Ghost text has to be there before the next key.
FOR_FILLING = Weights(fast_enough_tokens_per_s=60.0)


@dataclass(frozen=True, slots=True)
class Needs:
    """What is asked of a model. `model` is for those who want that one and no other.

    `max_first_token_s` refuses models of which it is known that they take longer, 0 none.
    """

    can: frozenset[str] = frozenset((CHAT,))
    model: str = ""
    min_accuracy: float = 0.0
    max_first_token_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Offer:
    """A model, and what is known of the server that offers it."""

    backend: str
    is_local: bool
    backend_can: frozenset[str]
    model: ModelInfo

    @property
    def key(self) -> Key:
        """By what a model is recognised."""
        return self.backend, self.model.name


@dataclass(frozen=True, slots=True)
class Measured:
    """What a model did on this machine; 0 and None are for what was not measured."""

    tokens_per_s: float = 0.0
    first_token_s: float = 0.0
    accuracy: float | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model with its score. `refused` says why it is not asked, "" if it may be."""

    offer: Offer
    score: float
    tokens_per_s: float
    accuracy: float
    context_tokens: int
    why: str
    refused: str = ""

    @property
    def name(self) -> str:
        """Backend and model, as they may be written in `modelPreference`."""
        return f"{self.offer.backend}:{self.offer.model.name}"


def score(
    tokens_per_s: float,
    accuracy: float,
    *,
    memory_pressure: float,
    cost: float = 0.0,
    weights: Weights = USUAL,
) -> float:
    """The formula above."""
    throughput = min(tokens_per_s / weights.fast_enough_tokens_per_s, 1.0)
    return (
        weights.throughput * throughput
        + weights.accuracy * accuracy
        - weights.cost * cost
        - weights.memory * memory_pressure
    )


def pressure(needed_gb: float, memory_gb: float) -> float:
    """How far into the second half of the memory that is there what is needed reaches."""
    return min(max(2 * needed_gb / memory_gb - 1, 0.0), 1.0) if memory_gb else 0.0


def rank(
    offers: Iterable[Offer],
    needs: Needs,
    *,
    hardware: Hardware,
    settings: ModelSettings,
    measured: Mapping[Key, Measured] | None = None,
    slow: Mapping[Key, float] | None = None,
) -> list[Candidate]:
    """All models, those that may be asked first, in the order in which to ask them.

    The one that `needs` names comes first, if names like its own are of others too. Then come
    preferred ones, then the servers in their order, the best model of each first;
    `slow` is how much slowness counts against a model, and from `TOO_SLOW` on it comes last.
    """
    known = [(offer, figures_for(offer.model)) for offer in offers]
    measured = measured or {}
    slow = slow or {}
    pace = _pace(known, measured, hardware, settings)
    judged = [
        _Judge(hardware, settings, needs, measured.get(offer.key, Measured()), pace).judge(
            offer, figures, slow.get(offer.key, 0.0)
        )
        for offer, figures in known
    ]

    def place(candidate: Candidate) -> tuple[bool, bool, bool, int, int, float]:
        return (
            bool(candidate.refused),
            needs.model not in (candidate.name, candidate.offer.model.name),
            slow.get(candidate.offer.key, 0.0) >= TOO_SLOW,
            preference(candidate.offer, settings.preference),
            order_of(candidate.offer.backend),
            -candidate.score,
        )

    return sorted(judged, key=place)


def order_of(backend: str) -> int:
    """The place of a backend in the fallback order."""
    return FALLBACK_ORDER.index(backend) if backend in FALLBACK_ORDER else len(FALLBACK_ORDER)


def preference(offer: Offer, names: Sequence[str]) -> int:
    """The place of a model among the preferred ones; their number if it is none of them."""
    return next((i for i, name in enumerate(names) if is_meant(name, offer)), len(names))


def is_meant(name: str, offer: Offer) -> bool:
    """Whether a name, with or without its backend, means this model."""
    backend, _, model = name.partition(":")
    if backend == offer.backend and model:
        return is_same(model, offer.model.name)
    return name == offer.backend or is_same(name, offer.model.name)


@dataclass(frozen=True, slots=True)
class _Judge:
    hardware: Hardware
    settings: ModelSettings
    needs: Needs
    measured: Measured
    pace: float

    def judge(self, offer: Offer, figures: Figures, slow: float) -> Candidate:
        memory_gb, on_gpu = memory_for(figures, self.hardware, self.settings)
        is_cloud = offer.backend in CLOUD_BACKENDS
        weights = FOR_FILLING if FILL in self.needs.can else USUAL
        accuracy = _CLOUD_ACCURACY if is_cloud and figures.is_estimate else figures.accuracy
        if self.measured.accuracy is not None:
            accuracy = self.measured.accuracy
        typical = figures.tokens_per_s_gpu if on_gpu else figures.tokens_per_s_cpu
        tokens_per_s = self.measured.tokens_per_s or (
            typical * self.pace if offer.is_local else weights.fast_enough_tokens_per_s
        )
        is_pressed = offer.is_local and not on_gpu
        points = score(
            tokens_per_s,
            accuracy,
            memory_pressure=pressure(figures.ram_min_gb, memory_gb) if is_pressed else 0.0,
            cost=1.0 if is_cloud else 0.0,
            weights=weights,
        )
        return Candidate(
            offer,
            round(points - slow, 3),
            round(tokens_per_s, 1),
            round(accuracy, 3),
            context_of(offer.model),
            self._why(offer, figures, tokens_per_s, on_gpu=on_gpu, slow=slow),
            self._refused(offer, figures, memory_gb, accuracy),
        )

    def _why(
        self, offer: Offer, figures: Figures, tokens_per_s: float, *, on_gpu: bool, slow: float
    ) -> str:
        if self.measured.tokens_per_s:
            speed = f"{tokens_per_s:.0f} tokens/s measured"
        elif offer.is_local:
            speed = f"about {tokens_per_s:.0f} tokens/s on the {'GPU' if on_gpu else 'processor'}"
        else:
            speed = "not on this machine"
        reasons = [speed]
        if figures.is_estimate and offer.is_local:
            reasons.append("not a known model, judged by its size")
        place = preference(offer, self.settings.preference)
        if place < len(self.settings.preference):
            reasons.insert(0, f"number {place + 1} in modelPreference")
        if slow >= TOO_SLOW:
            reasons.append("too slow lately, so others are asked first")
        return ", ".join(reasons)

    def _refused(self, offer: Offer, figures: Figures, memory_gb: float, accuracy: float) -> str:
        return (
            self._not_meant(offer)
            or where_refused(offer.backend, offer.is_local, self.settings)
            or self._cannot(offer)
            or self._too_large(offer, figures, memory_gb)
            or self._not_good(accuracy)
        )

    def _not_meant(self, offer: Offer) -> str:
        name = self.needs.model
        return f"{name} was asked for" if name and not is_meant(name, offer) else ""

    def _cannot(self, offer: Offer) -> str:
        models_own = self.needs.can & {CHAT, FILL, EMBED}
        missing = (models_own - abilities(offer.model)) or (self.needs.can - offer.backend_can)
        return f"cannot {_SAID.get(min(missing), min(missing))}" if missing else ""

    def _too_large(self, offer: Offer, figures: Figures, memory_gb: float) -> str:
        limit = self.settings.max_size_gb
        if not offer.is_local:
            return ""
        if limit and figures.size_gb > limit:
            return f"{figures.size_gb:.1f} GB is more than maxModelSizeGB ({limit:g})"
        if offer.backend in _LOADS and memory_gb and figures.ram_min_gb > memory_gb:
            return f"needs {figures.ram_min_gb:.0f} GB of memory, and there are {memory_gb:.0f}"
        return ""

    def _not_good(self, accuracy: float) -> str:
        if accuracy < self.needs.min_accuracy:
            return f"accuracy {accuracy:.2f} is less than {self.needs.min_accuracy:g}"
        limit, took = self.needs.max_first_token_s, self.measured.first_token_s
        if limit and took > limit:
            return f"its first token took {took:.1f} s when it was measured, more than {limit:g} s"
        return ""


_SAID = {
    CHAT: "hold a conversation",
    FILL: "fill in the middle",
    EMBED: "embed texts",
    "schema": "follow a JSON schema",
}


def where_refused(backend: str, is_local: bool, settings: ModelSettings) -> str:
    """Why a server may not be asked because of where it is, "" if it may."""
    if backend not in CLOUD_BACKENDS:
        return 'models.run is "cloud-only"' if settings.run == "cloud-only" and is_local else ""
    if backend not in settings.clouds:
        return f'a cloud; add "{backend}" to models.clouds to turn it on'
    if settings.run == "local-only":
        return 'a cloud, and models.run is "local-only"'
    if settings.run == "auto" and not settings.allow_cloud_fallback:
        return "a cloud, and allowCloudFallback is off"
    return ""


def memory_for(figures: Figures, hardware: Hardware, settings: ModelSettings) -> tuple[float, bool]:
    """The memory in GB that a model would run in, and whether that is a graphics card's."""
    card_gb = hardware.gpu_bytes / _GIB * (_UNIFIED_SHARE if hardware.is_unified else 1.0)
    if settings.use_gpu and card_gb >= figures.ram_min_gb:
        return card_gb, True
    return hardware.ram_bytes / _GIB, False


def _pace(
    known: Iterable[tuple[Offer, Figures]],
    measured: Mapping[Key, Measured],
    hardware: Hardware,
    settings: ModelSettings,
) -> float:
    """How fast this machine is by what is typical: a geometric mean, 1 if nothing was measured."""
    ratios = []
    for offer, figures in known:
        found = measured.get(offer.key)
        if found is None or not found.tokens_per_s or not offer.is_local:
            continue
        on_gpu = memory_for(figures, hardware, settings)[1]
        typical = figures.tokens_per_s_gpu if on_gpu else figures.tokens_per_s_cpu
        ratios.append(log(found.tokens_per_s / typical))
    return exp(fmean(ratios)) if ratios else 1.0
