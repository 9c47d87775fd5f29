from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nootropic_lsp.core.errors import Failure, ModelError, SafetyError
from nootropic_lsp.models.retry import RECOVERY, Backoff, next_wait_s

BUSY = ModelError(Failure.RATE_LIMIT, "busy", is_passing=True, retry_after_s=3.0)
BROKEN = ModelError(Failure.INFERENCE_ERROR, "broken", is_passing=True)
PLAIN = Backoff(initial_s=1.0, most_s=5.0, jitter=0.0)


def wait(error: ModelError, attempt: int = 1, remaining_s: float = 60.0) -> float | None:
    return next_wait_s(error, attempt, remaining_s=remaining_s, draw=0.0, backoff=PLAIN)


def test_exponential_and_linear_waits_are_bounded() -> None:
    linear = Backoff("linear", initial_s=1.0, most_s=2.5, jitter=0.0)
    assert [PLAIN.wait_s(n, 0.0) for n in (1, 2, 3, 4, 5000)] == [1, 2, 4, 5, 5]
    assert [linear.wait_s(n, 0.0) for n in (1, 2, 3)] == [1, 2, 2.5]
    assert Backoff(initial_s=1.0, jitter=0.5).wait_s(1, 1.0) == 0.5


def test_what_the_server_asks_for_is_honoured() -> None:
    assert wait(BUSY) == 3.0
    assert wait(BUSY, remaining_s=3.0) is None
    assert next_wait_s(BUSY, 1, remaining_s=60, draw=0, backoff=PLAIN, longest_s=1.0) is None


def test_only_what_may_pass_is_tried_again_and_not_for_ever() -> None:
    assert [wait(BROKEN, attempt) for attempt in (1, 2, 3)] == [1, 2, None]
    assert wait(ModelError(Failure.INFERENCE_ERROR, "for good")) is None
    assert wait(SafetyError("no")) is None
    overflow = ModelError(Failure.CONTEXT_OVERFLOW, "too much", is_passing=True)
    assert wait(overflow) is None
    assert next_wait_s(BROKEN, 1, remaining_s=9, draw=0, backoff=Backoff(max_attempts=1)) is None


def test_every_failure_has_its_recovery() -> None:
    assert set(RECOVERY) == set(Failure)


@given(
    kind=st.sampled_from(["exponential", "linear"]),
    initial_s=st.floats(0, 100),
    most_s=st.floats(0, 100),
    jitter=st.floats(0, 1),
    draws=st.lists(st.floats(0, 1), min_size=20, max_size=20),
    took_s=st.floats(0, 20),
    deadline_s=st.floats(0, 200),
    retry_after_s=st.none() | st.floats(0, 300),
    failure=st.sampled_from(Failure),
)
def test_no_attempt_begins_after_the_deadline(
    kind: str,
    initial_s: float,
    most_s: float,
    jitter: float,
    draws: list[float],
    took_s: float,
    deadline_s: float,
    retry_after_s: float | None,
    failure: Failure,
) -> None:
    backoff = Backoff(kind, initial_s, most_s, jitter, max_attempts=20)  # type: ignore[arg-type]
    error = ModelError(failure, "x", is_passing=True, retry_after_s=retry_after_s)
    now = 0.0
    for attempt, draw in enumerate(draws, 1):
        # Sums of such numbers are not exact.
        assert attempt == 1 or now <= deadline_s + 1e-6
        now += took_s
        wait_s = next_wait_s(
            error, attempt, remaining_s=deadline_s - now, draw=draw, backoff=backoff
        )
        if wait_s is None:
            return
        assert wait_s >= (retry_after_s or 0)
        now += wait_s
    raise AssertionError("it is tried for ever")
