"""From text and questions to words."""

from __future__ import annotations

import pytest

from nootropic_lsp.retrieval.words import question_words, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("readHTTPFile_2", ["read", "http", "file"]),
        ("snake_case CONSTANT_NAME x", ["snake", "case", "constant", "name"]),
        ("größe = цена", ["gr", "öß", "цена"]),
        ("deadbeef" * 6, []),
        ("", []),
    ],
)
def test_identifiers_are_taken_apart(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def test_words_that_say_nothing_are_left_out() -> None:
    asked = "where are the sessions invalidated, and which sessions?"
    assert question_words(asked) == ["sessions", "invalidated"]


def test_a_question_of_such_words_alone_keeps_them() -> None:
    assert question_words("how is it used") == ["how", "is", "it", "used"]
