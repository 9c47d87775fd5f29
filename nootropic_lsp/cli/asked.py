"""This file is where verbs reach the worker, and say who has answered."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nootropic_lsp.core.errors import NootropicError
from nootropic_lsp.safety.trust import is_trusted
from nootropic_lsp.settings.load import load
from nootropic_lsp.worker.starting import find_or_start
from nootropic_lsp.worker.wire import Wire

# The worker keeps to the deadlines of the settings; this is for one that hangs.
DEADLINE_S = 900.0


def worker_of(root: Path, *, trust: bool = False) -> Wire:
    """The worker of a workspace, started if need be. Raises `NootropicError`."""
    settings, _ = load(root, trusted=trust or is_trusted(root))
    if not settings.worker.enabled:
        raise NootropicError(
            "the worker, which speaks with models, is off; `worker.enabled` is the setting"
        )
    return find_or_start(root)


def told_of(made: Mapping[str, Any]) -> str:
    """Who has answered and why, and what it took."""
    tokens = made["input_tokens"] + made["output_tokens"]
    counted = f"{tokens:,} tokens, " if tokens else ""
    cost = f", {made['cost_usd']:.4f} USD" if made["cost_usd"] else ""
    kept = ", from the cache" if made["is_cached"] else ""
    return f"{made['model']}, {counted}{made['seconds']:.1f} s{cost}{kept}: {made['why']}"
