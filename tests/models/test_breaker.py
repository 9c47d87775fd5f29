from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from models.scripted import Clock

from nootropic_lsp.models.breaches import Breaches
from nootropic_lsp.models.breaker import Breaker
from nootropic_lsp.models.matcher import TOO_SLOW


def fail(breaker: Breaker, n: int) -> None:
    for _ in range(n):
        assert breaker.enter()
        breaker.failed()


def test_three_failures_in_a_row_open_it() -> None:
    clock = Clock()
    breaker = Breaker(clock, rest_s=10)
    fail(breaker, 2)
    assert breaker.enter()
    breaker.succeeded()
    fail(breaker, 3)
    assert breaker.state == "open"
    assert breaker.wait_s == 10
    assert not breaker.enter()


def test_after_its_rest_one_call_may_try() -> None:
    clock = Clock()
    breaker = Breaker(clock, rest_s=10)
    fail(breaker, 3)
    clock.now += 10
    assert breaker.state == "half-open"
    assert breaker.enter()
    assert not breaker.enter()
    breaker.succeeded()
    assert breaker.state == "closed"
    assert breaker.enter()
    assert breaker.enter()


def test_each_trial_that_fails_doubles_the_rest() -> None:
    clock = Clock()
    breaker = Breaker(clock, rest_s=10, longest_rest_s=35)
    fail(breaker, 3)
    rests = []
    for _ in range(4):
        clock.now += breaker.wait_s
        fail(breaker, 1)
        rests.append(breaker.wait_s)
    assert rests == [20, 35, 35, 35]


def test_a_trial_that_was_given_up_lets_the_next_one_try() -> None:
    clock = Clock()
    breaker = Breaker(clock, rest_s=10)
    fail(breaker, 3)
    clock.now += 10
    assert breaker.enter()
    breaker.left()
    assert breaker.enter()


def test_who_was_let_in_before_does_not_lengthen_the_rest() -> None:
    clock = Clock()
    breaker = Breaker(clock, rest_s=10)
    for _ in range(5):
        assert breaker.enter()
    for _ in range(5):
        breaker.failed()
    assert breaker.wait_s == 10


@given(
    st.lists(
        st.one_of(st.sampled_from(["succeeded", "failed", "left"]), st.floats(0, 1000)),
        max_size=60,
    )
)
def test_whatever_happens_it_lets_somebody_in_again(steps: list[str | float]) -> None:
    """Without overlapping calls: open is never longer than the longest rest, closed follows a
    success, and nobody enters while it is open."""
    clock = Clock()
    breaker = Breaker(clock, n_failures=2, rest_s=5, longest_rest_s=60)
    in_row = 0
    for step in steps:
        if isinstance(step, float):
            clock.now += step
            continue
        was_open = breaker.state == "open"
        assert breaker.enter() != was_open
        if was_open:
            assert 0 < breaker.wait_s <= 60
            continue
        getattr(breaker, step)()
        in_row = {"succeeded": 0, "failed": in_row + 1, "left": in_row}[step]
        if step == "succeeded":
            assert breaker.state == "closed"
        if in_row < 2:
            assert breaker.state == "closed"
        if step == "failed" and in_row >= 2:
            assert breaker.state == "open"
    clock.now += 60
    assert breaker.enter()


def test_a_breach_fades_and_is_forgotten_when_it_goes_well_again() -> None:
    clock = Clock()
    breaches = Breaches(clock, half_life_s=100)
    key = ("ollama", "m")
    breaches.note(key)
    assert breaches.slow()[key] == 2 * TOO_SLOW
    clock.now += 150
    assert breaches.slow()[key] < TOO_SLOW
    breaches.note(key)
    assert breaches.slow()[key] > 2 * TOO_SLOW
    breaches.kept(key)
    assert breaches.slow() == {}
    breaches.note(key)
    clock.now += 10_000
    breaches.slow()
    assert breaches.slow() == {}
