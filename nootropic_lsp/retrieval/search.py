"""Which passages belong to a question, by the words in them and by what they are about."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from nootropic_lsp.retrieval.words import words_of
from nootropic_lsp.store import passages

# What a word counts in the name, in the path and the container, and in the text of a passage.
_WEIGHTS = (15.0, 3.0, 1.0)
_CANDIDATES = 200
# Beside BM25: which part of the question the name and the place answer, which part of the name
# the question has, and how long a passage is. Chosen on docstrings of which none was in the index
# (`tests/bench/search.py`).
_NAMED, _NAME, _LENGTH = 0.3, 0.2, 0.03
# What a likeness of 1 is worth beside that, and below which the most alike is not alike.
_ALIKE = 1.2
LEAST_LIKENESS = 0.3
# Passages that only their vector has found.
_MOST_ALIKE = 150
# A word that so many passages have tells them apart no more, and takes long to look up.
_COMMON = 0.2


class Candidate(NamedTuple):
    """A passage, its score, and the words of the question that its name or place has.

    `likeness` is the cosine of its vector and that of the question, 0 if it is not among the most
    alike.
    """

    passage: passages.PassageRow
    score: float
    named: tuple[str, ...] = ()
    likeness: float = 0.0


def ranked(
    connection: passages.Connection, words: Sequence[str], near: Sequence[tuple[int, float]] = ()
) -> list[Candidate]:
    """The passages that belong to a question, best first.

    `near` are the contents most like it with their cosines, best first. Scores are fused, not
    ranks: that of the words and the cosine, over what either has found. Whatever is not among
    `near` counts as alike as the last of them.
    """
    candidates = by_words(connection, words)
    if not near or near[0][1] < LEAST_LIKENESS:
        return candidates
    known = {each.passage.id for each in candidates}
    likeness, least = dict(near), near[-1][1]
    for row in passages.passages_with(connection, [key for key, _ in near[:_MOST_ALIKE]]):
        if row.id not in known:
            candidates.append(Candidate(row, -_length(row)))
    fused = [
        each._replace(
            score=each.score + _ALIKE * likeness.get(each.passage.content, least),
            likeness=likeness.get(each.passage.content, 0.0),
        )
        for each in candidates
    ]
    fused.sort(key=lambda each: -each.score)
    return fused


def by_words(connection: passages.Connection, words: Sequence[str]) -> list[Candidate]:
    """The passages that have some of the words, best first."""
    n_passages = passages.n_passages(connection)
    counts = {word: n for word, n in passages.counts_of(connection, words).items() if n}
    rare = [word for word, n in counts.items() if n <= max(50, _COMMON * n_passages)]
    asked = rare or sorted(counts, key=lambda word: counts[word])[:2]
    if not asked:
        return []
    found = passages.best(connection, asked, weights=_WEIGHTS, limit=_CANDIDATES)
    rows = passages.passages_at(connection, [number for number, _ in found])
    worth = {word: math.log(1 + n_passages / counts[word]) for word in asked}
    whole = sum(worth.values())
    named = {word: passages.which_are_in(connection, "name", word) for word in asked}
    placed = {word: passages.which_are_in(connection, "place", word) for word in asked}
    most = found[0][1] if found else 1.0
    candidates = []
    for number, score in found:
        row = rows.get(number)
        if row is None:
            continue
        shown = tuple(word for word in asked if number in named[word] or number in placed[word])
        n_named = sum(number in named[word] for word in asked)
        total = (
            score / most
            + _NAMED * sum(worth[word] for word in shown) / whole
            + _NAME * min(1.0, n_named / max(1, len(set(words_of(row.name)))))
            - _length(row)
        )
        candidates.append(Candidate(row, total, shown))
    candidates.sort(key=lambda each: -each.score)
    return candidates


def _length(row: passages.PassageRow) -> float:
    return _LENGTH * math.log(row.end - row.start)
