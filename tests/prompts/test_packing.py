"""What of much goes into a prompt: never more than there is room for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nootropic_lsp.prompts.packing import Part, Strategy, pack
from nootropic_lsp.prompts.tokens import estimate_tokens


def words(text: str) -> int:
    return len(text.split())


PARTS = [Part("a a a", 3), Part("b b\nb b\n", 9), Part("c", 1), Part("d d", 2)]


@pytest.mark.parametrize(
    ("strategy", "budget", "wanted"),
    [
        ("priority", 10, ["a a a", "b b\nb b\n", "c", "d d"]),
        ("priority", 7, ["a a a", "b b\nb b\n"]),
        ("priority", 5, ["b b\nb b\n", "c"]),
        # Of the best there is something, even if others would fit better.
        ("priority", 3, ["b b\n", "c"]),
        ("priority", 1, ["c"]),
        ("priority", 0, []),
        ("sliding", 10, ["a a a", "b b\nb b\n", "c", "d d"]),
        ("sliding", 6, ["b b\n", "c", "d d"]),
        ("sliding", 2, ["d d"]),
        ("hybrid", 8, ["b b\nb b\n", "c", "d d"]),
        ("hybrid", 4, ["c", "d d"]),
    ],
)
def test_strategies(strategy: Strategy, budget: int, wanted: list[str]) -> None:
    packed = pack(PARTS, budget_tokens=budget, strategy=strategy, count=words)
    assert [part.text for part in packed] == wanted


def test_what_is_there_twice_is_said_once() -> None:
    packed = pack(
        [Part("a", 1), Part("b", 2), Part("a", 3), Part("")], budget_tokens=9, count=words
    )
    assert packed == [Part("b", 2), Part("a", 3)]


@given(
    st.lists(st.tuples(st.text(alphabet="ab \n", max_size=12), st.floats(0, 9)), max_size=8),
    st.integers(0, 12),
    st.sampled_from(["sliding", "priority", "hybrid"]),
    st.integers(0, 2),
)
def test_there_is_never_too_much(
    given_parts: list[tuple[str, float]], budget: int, strategy: Strategy, extra: int
) -> None:
    parts = [Part(text, worth, str(n)) for n, (text, worth) in enumerate(given_parts)]
    packed = pack(parts, budget_tokens=budget, strategy=strategy, count=words, extra_tokens=extra)
    assert sum(words(each.text) + extra for each in packed) <= budget
    places = [int(each.source) for each in packed]
    assert places == sorted(set(places))
    assert all(each.text in parts[int(each.source)].text for each in packed)


def test_estimates() -> None:
    text = "def readHTTPFile(path):\n    return open(path, 'rb').read(1024)\n"
    large = estimate_tokens(text, "qwen2.5-coder:7b")
    assert 18 <= large <= 26
    # An unknown family may have a small vocabulary.
    assert large < estimate_tokens(text) == estimate_tokens(text, "nobody-knows")
    assert estimate_tokens("") == 0
