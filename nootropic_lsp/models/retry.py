"""What to do about a failure, and how long to wait before a call is made again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Literal

from nootropic_lsp.core.errors import Failure, ModelError

# Who could ask another server waits no longer than this for one that is busy.
LONGEST_WAIT_S = 1.0


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait before each further attempt.

    `jitter` is the share of a wait that chance decides, so that many callers who failed
    together do not come back together.
    """

    kind: Literal["exponential", "linear"] = "exponential"
    initial_s: float = 0.25
    most_s: float = 8.0
    jitter: float = 0.5
    max_attempts: int = 3

    def wait_s(self, attempt: int, draw: float) -> float:
        """The wait after the attempt with this number, from 1; `draw` is chance, from 0 to 1."""
        factor = 2.0 ** min(attempt - 1, 60) if self.kind == "exponential" else float(attempt)
        return min(self.initial_s * factor, self.most_s) * (1.0 - self.jitter * draw)


@dataclass(frozen=True, slots=True)
class Recovery:
    """What is done about a kind of failure: "retry" the call, ask another model ("fallback"; the
    last one is asked again), "degrade" (the caller asks for less), or "none"."""

    strategy: Literal["retry", "fallback", "degrade", "none"]
    max_retries: int = 0


RECOVERY: Mapping[Failure, Recovery] = {
    Failure.MODEL_LOAD_FAILED: Recovery("fallback", 2),
    Failure.INFERENCE_ERROR: Recovery("retry", 2),
    Failure.CONTEXT_OVERFLOW: Recovery("degrade"),
    Failure.SAFETY_VIOLATION: Recovery("none"),
    Failure.RATE_LIMIT: Recovery("retry", 2),
}


def next_wait_s(
    error: ModelError,
    attempt: int,
    *,
    remaining_s: float,
    draw: float,
    backoff: Backoff,
    longest_s: float = inf,
) -> float | None:
    """How long to wait before the next attempt; None if there should be none.

    Never less than the server has asked for, at most `longest_s`, and never so long that the
    deadline, in `remaining_s`, would be over.
    """
    most = min(RECOVERY[error.failure].max_retries, backoff.max_attempts - 1)
    if not error.is_passing or attempt > most:
        return None
    wait_s = max(backoff.wait_s(attempt, draw), error.retry_after_s or 0.0)
    return wait_s if wait_s <= longest_s and wait_s < remaining_s else None
