"""Columns in three encodings, and lines that are kept up to date edit by edit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nootropic_lsp.core.documents import Document
from nootropic_lsp.core.spans import Encoding, Lines, Span
from nootropic_lsp.server.documents import edited, lines_after
from nootropic_lsp.server.params import ContentChange, Position, Range
from nootropic_lsp.server.positions import choose_encoding, to_offset, to_position

ENCODINGS = list(Encoding)
# Few characters, so that `\r` and `\n` meet often; half a surrogate pair is one, too.
TEXTS = st.text(alphabet="ab\r\n\té😀\u2028\x0c\ud83d", max_size=40)


def at(text: str, line: int, character: int, encoding: Encoding) -> int:
    return to_offset(text, Lines.of(text), Position(line, character), encoding)


@pytest.mark.parametrize(
    ("encoding", "before_x"), [(Encoding.UTF8, 6), (Encoding.UTF16, 3), (Encoding.UTF32, 2)]
)
def test_a_column_past_an_emoji_counts_in_the_agreed_unit(
    encoding: Encoding, before_x: int
) -> None:
    text = "\né😀x"
    assert at(text, 1, before_x, encoding) == text.index("x")
    where = to_position(text, Lines.of(text), text.index("x"), encoding)
    assert where == Position(1, before_x)


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_past_the_end_of_a_line_is_its_end(ending: str) -> None:
    text = f"ab{ending}c"
    assert at(text, 0, 99, Encoding.UTF16) == 2
    assert at(text, 1, 99, Encoding.UTF16) == len(text)
    assert at(text, 99, 0, Encoding.UTF16) == len(text)


def test_inside_a_character_is_its_start() -> None:
    assert at("😀x", 0, 1, Encoding.UTF16) == 0
    assert at("😀x", 0, 3, Encoding.UTF8) == 0


def test_form_feed_and_line_separator_do_not_end_a_line() -> None:
    assert at("a\x0c\u2028b", 0, 3, Encoding.UTF32) == 3


def test_the_first_encoding_that_we_know() -> None:
    assert choose_encoding(["utf-7", "utf-32", "utf-8"]) is Encoding.UTF32
    assert choose_encoding([]) is Encoding.UTF16
    assert choose_encoding([None, 3]) is Encoding.UTF16


@given(TEXTS, st.sampled_from(ENCODINGS))
def test_every_offset_comes_back(text: str, encoding: Encoding) -> None:
    lines = Lines.of(text)
    for offset in range(len(text) + 1):
        inside_an_ending = text[offset - 1 : offset + 1] == "\r\n"
        where = to_position(text, lines, offset, encoding)
        wanted = offset - 1 if inside_an_ending and offset else offset
        assert to_offset(text, lines, where, encoding) == wanted


@given(TEXTS, TEXTS, st.integers(0, 40), st.integers(0, 40))
def test_lines_after_an_edit_are_those_of_the_new_text(
    text: str, inserted: str, one: int, other: int
) -> None:
    start, end = sorted((min(one, len(text)), min(other, len(text))))
    after = text[:start] + inserted + text[end:]
    lines = lines_after(Lines.of(text), Span(start, end), inserted, after)
    assert lines.starts == Lines.of(after).starts
    assert lines.ascii == after.isascii()


@given(
    TEXTS,
    st.lists(st.tuples(*[st.integers(-1, 8)] * 4, TEXTS), max_size=6),
    st.sampled_from(ENCODINGS),
)
def test_edits_wherever_they_are_give_what_a_list_of_lines_would(
    text: str, edits: list[tuple[int, int, int, int, str]], encoding: Encoding
) -> None:
    document = Document("/x", "python", 1, text)
    changes = [
        ContentChange(new, Range(Position(*min(a, b)), Position(*max(a, b))))
        for line, column, end_line, end_column, new in edits
        for a, b in [((line, column), (end_line, end_column))]
    ]
    after = edited(document, 2, changes, encoding)
    wanted = text
    for change in changes:
        assert change.range is not None
        lines = Lines.of(wanted)
        start = to_offset(wanted, lines, change.range.start, encoding)
        end = to_offset(wanted, lines, change.range.end, encoding)
        wanted = wanted[:start] + change.text + wanted[max(start, end) :]
    assert after.text == wanted
    assert after.lines.starts == Lines.of(wanted).starts
    assert (after.version, document.text) == (2, text)


def test_an_edit_without_a_range_is_a_new_text() -> None:
    document = Document("/x", "python", 1, "old\n")
    whole = ContentChange("new\nand more")
    then = ContentChange("!", Range(Position(1, 8), Position(1, 8)))
    after = edited(document, 2, [whole, then], Encoding.UTF16)
    assert after.text == "new\nand more!"
