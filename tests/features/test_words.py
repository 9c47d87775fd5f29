"""The words of a text are those of an earlier version and of what was typed since."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nootropic_lsp.features.completion.words import CALLED, NOWHERE, Near, WholeText, Words

TEXTS = st.text(alphabet="ab.(\n '#", max_size=60)


def test_words_by_what_stands_before_their_dot() -> None:
    text = "self.query.add(x)\nself.get().first\n# not.this 'nor'\n|"
    words = Words(WholeText(text, "python"), text, len(text))
    assert words.after("self") == {"query", "get"}
    assert words.after("query") == {"add"}
    assert words.after(CALLED) == {"first"}
    assert words.bare() == {"self", "x"}


def test_the_word_at_the_cursor_does_not_count() -> None:
    text = "value\nval\n"
    assert Words(WholeText(text, "python"), text, len("value\nval")).bare() == {"value"}


def test_distances_are_those_of_the_text_as_it_is_now() -> None:
    before = "one\n\ntwo one\n"
    text = "one\nx = \ntwo one\n"
    words = Words(WholeText(before, "python"), text, len("one\nx = "))
    assert words.near_bare("one") == Near(8, 5, 2)


@given(TEXTS, TEXTS, st.integers(0, 60))
def test_a_later_version_is_like_a_fresh_one(before: str, text: str, cursor: int) -> None:
    # Strings over several lines may be read otherwise: no triple quotes.
    before, text = before.replace("''", "'"), text.replace("''", "'")
    cursor = min(cursor, len(text))
    later = Words(WholeText(before, "python"), text, cursor)
    fresh = Words(WholeText(text, "python"), text, cursor)
    assert (later.bare(), later.members()) == (fresh.bare(), fresh.members())
    for word in fresh.bare() | {"a", "b"}:
        assert later.near_bare(word) == fresh.near_bare(word)
        assert later.near_member(word) == fresh.near_member(word)
    for receiver in ("a", "b", CALLED):
        assert later.after(receiver) == fresh.after(receiver)


def test_a_part_of_a_number_is_no_word() -> None:
    text = "limit = 5_000\nsize = 0xFF_A1\n"
    words = Words(WholeText(text, "python"), text, len(text))
    assert words.near_bare("limit") is not NOWHERE
    assert words.near_bare("_000") is NOWHERE
    assert words.near_bare("_A1") is NOWHERE
