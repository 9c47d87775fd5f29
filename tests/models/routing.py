"""A router whose servers, clock and machine are the tests' own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.scripted import GIB, Clock, Scripted

from nootropic_lsp.models.hardware import Hardware
from nootropic_lsp.models.retry import Backoff
from nootropic_lsp.models.router import Router
from nootropic_lsp.safety.gate import Gate
from nootropic_lsp.settings.options import ModelSettings, SafetySettings
from nootropic_lsp.telemetry.spans import Tracer

MACHINE = Hardware(8, 16 * GIB, 12 * GIB, 10**12)
STEADY = Backoff(initial_s=1.0, jitter=0.0)


def router_of(
    *backends: Scripted,
    settings: Mapping[str, Any] | None = None,
    safety: Mapping[str, Any] | None = None,
    tracer: Tracer | None = None,
    **more: Any,
) -> Router:
    """All of it real but the servers, which share the clock of the first."""
    clock = backends[0].clock if backends else Clock()
    for each in backends:
        each.clock = clock
    return Router(
        backends,
        ModelSettings(**settings or {}),
        gate=Gate(SafetySettings(**safety or {}), clock=clock),
        tracer=tracer or Tracer([], redact=str),
        hardware=MACHINE,
        backoff=STEADY,
        clock=clock,
        sleep=clock.sleep,
        draw=lambda: 0.0,
        **more,
    )
