"""The embedding that comes with nootropic, and how words become vectors."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nootropic_lsp.retrieval.embedding import embedder, stem
from nootropic_lsp.retrieval.words import question_words


@pytest.mark.parametrize(
    ("words", "stemmed"),
    [
        (("cached", "caching", "caches", "cache"), "cach"),
        (("queries", "query"), "query"),
        (("running", "run"), "run"),
        (("class",), "class"),
        (("status",), "status"),
        (("bed",), "bed"),
        (("straße",), "straße"),
    ],
)
def test_endings_are_left_out(words: tuple[str, ...], stemmed: str) -> None:
    assert {stem(word) for word in words} == {stemmed}


@given(st.text(max_size=30))
def test_any_word_has_a_stem_and_a_row(word: str) -> None:
    made = embedder()
    assert len(stem(word)) <= len(word)
    assert 0 <= made.id_of(word) < len(made.rows)


@pytest.mark.parametrize(
    ("question", "best"),
    [("erase a directory", 0), ("convert a string to an integer", 1), ("paint a figure", 2)],
)
def test_meaning_is_found_without_a_shared_word(question: str, best: int) -> None:
    made = embedder()
    texts = (
        "def rmtree path entry scandir unlink entry rmdir path",
        "def parse number text return int text",
        "def draw circle canvas color radius",
    )
    passages = made.passages([text.split() for text in texts])
    assert int(np.argmax(passages @ made.questions([question_words(question)])[0])) == best
    assert np.linalg.norm(passages, axis=1) == pytest.approx(1, abs=1e-5)


def test_what_has_no_words_has_no_direction() -> None:
    assert not embedder().questions([[]]).any()


def test_numpy_is_all_that_is_loaded_for_it() -> None:
    script = """
import json, sys
before = set(sys.modules)
from nootropic_lsp.retrieval.embedding import embedder
embedder().questions([["word"]])
print(json.dumps(sorted({name.split(".")[0] for name in set(sys.modules) - before})))
"""
    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    loaded = set(json.loads(said.stdout)) - set(sys.stdlib_module_names)
    assert loaded == {"numpy", "nootropic_lsp"}
