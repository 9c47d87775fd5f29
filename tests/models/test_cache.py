from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from nootropic_lsp.core.chat import ChatRequest, FillRequest, Message, Reply, Sampling, Usage
from nootropic_lsp.models.answered import gathered
from nootropic_lsp.models.cache import AnswerCache, is_steady, key_of, replayed

MODEL = ("ollama", "m")
ASKED = ChatRequest((Message("user", "why?"),))


def test_prompt_model_and_every_option_are_the_key() -> None:
    key = key_of(MODEL, ASKED)
    assert key == key_of(("ollama", "m"), ChatRequest((Message("user", "why?"),)))
    others = (
        replace(ASKED, messages=(Message("system", "why?"),)),
        replace(ASKED, sampling=Sampling(max_tokens=5)),
        replace(ASKED, sampling=Sampling(schema={"type": "object"})),
        FillRequest("why?"),
    )
    assert len({key, key_of(("vllm", "m"), ASKED), *(key_of(MODEL, each) for each in others)}) == 6


def test_an_answer_is_replayed_as_it_was() -> None:
    reply = Reply("because", "hm", usage=Usage(3, 4))
    cache = AnswerCache(10)
    cache.put(b"a", reply)
    found = cache.get(b"a")
    assert found is not None
    pieces = list(replayed(found))
    assert gathered(pieces) == reply
    assert pieces[-1].finish == "stop"


def test_what_was_cut_off_is_not_kept() -> None:
    cache = AnswerCache(10)
    cache.put(b"a", Reply("half", finish="length"))
    assert cache.get(b"a") is None


def test_the_one_used_longest_ago_goes_first() -> None:
    cache = AnswerCache(2)
    cache.put(b"a", Reply("1"))
    cache.put(b"b", Reply("2"))
    assert cache.get(b"a")
    cache.put(b"c", Reply("3"))
    assert [cache.get(key) is not None for key in (b"a", b"b", b"c")] == [True, False, True]


def test_only_who_asks_without_chance_is_answered_from_it() -> None:
    assert is_steady(ASKED)
    assert not is_steady(replace(ASKED, sampling=Sampling(temperature=0.8)))
    assert is_steady(replace(ASKED, sampling=Sampling(temperature=0.8, seed=1)))


@given(st.lists(st.tuples(st.binary(max_size=1), st.integers(0, 3000)), max_size=40))
def test_its_bytes_are_bounded(puts: list[tuple[bytes, int]]) -> None:
    cache = AnswerCache(5, max_bytes=8_000)
    for key, size in puts:
        cache.put(key, Reply("x" * size))
        assert len(cache) <= 5
        kept = [found for each in {key for key, _ in puts} if (found := cache.get(each))]
        assert len(kept) == len(cache)
        assert sum(4 * len(each.text) + 300 for each in kept) <= 8_000
