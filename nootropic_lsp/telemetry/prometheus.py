"""Counters of calls of models, as Prometheus reads them."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Sequence

from nootropic_lsp.telemetry.spans import (
    COST_USD,
    INPUT_TOKENS,
    MODEL,
    OPERATION,
    OUTPUT_TOKENS,
    PROVIDER,
    Span,
)

_Labels = tuple[tuple[str, str], ...]
_Totals = defaultdict[_Labels, float]
_METRICS = {
    "nootropic_calls_total": ("counter", "Calls of models."),
    "nootropic_call_seconds_total": ("counter", "How long they took together."),
    "nootropic_tokens_total": ("counter", "Tokens that they read and wrote."),
    "nootropic_cost_usd_total": ("counter", "What they cost."),
}


class Counters:
    """A sink that counts the spans which are calls of models."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._totals: dict[str, _Totals] = {name: defaultdict(int) for name in _METRICS}

    def __call__(self, spans: Sequence[Span]) -> None:
        with self._lock:
            for span in spans:
                if OPERATION in span.attributes:
                    self._count(span)

    def _count(self, span: Span) -> None:
        said = span.attributes
        labels = tuple(
            (label, str(said.get(name, "")))
            for label, name in (("operation", OPERATION), ("provider", PROVIDER), ("model", MODEL))
        )
        calls, seconds, tokens, cost = (self._totals[name] for name in _METRICS)
        calls[(*labels, ("status", span.status))] += 1
        _add(seconds, labels, span.seconds)
        _add(tokens, (*labels, ("direction", "input")), said.get(INPUT_TOKENS))
        _add(tokens, (*labels, ("direction", "output")), said.get(OUTPUT_TOKENS))
        _add(cost, labels, said.get(COST_USD))

    def exposition(self) -> str:
        """The text that is scraped, format 0.0.4."""
        with self._lock:
            return "".join(
                f"# HELP {name} {text}\n# TYPE {name} {kind}\n{_samples(name, self._totals[name])}"
                for name, (kind, text) in _METRICS.items()
            )


def _add(totals: _Totals, labels: _Labels, value: object) -> None:
    if isinstance(value, (int, float)):
        totals[labels] += value


def _samples(name: str, totals: _Totals) -> str:
    return "".join(f"{name}{{{_labels(labels)}}} {totals[labels]}\n" for labels in sorted(totals))


def _labels(labels: Iterable[tuple[str, str]]) -> str:
    return ",".join(f'{label}="{_escaped(value)}"' for label, value in labels)


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
