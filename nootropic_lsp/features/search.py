"""Passages of the workspace that belong to a question in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nootropic_lsp.analysis.testing import is_test
from nootropic_lsp.core.spans import Place, Span
from nootropic_lsp.core.symbols import Symbol
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.world import FolderIndex
from nootropic_lsp.retrieval.search import Candidate, by_words
from nootropic_lsp.retrieval.words import question_words
from nootropic_lsp.store import graph, passages

# Who does not ask for tests looks for what they test.
_TEST = 0.5
_TEST_WORDS = frozenset(("test", "tests", "testing", "tested"))


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found; `reasons` say why, in the order of their weight.

    `kind` is that of a symbol, "module" for what is left of a file.
    """

    place: Place
    name: str
    container: str
    kind: str
    symbol: int
    score: float
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Found:
    index: FolderIndex
    connection: passages.Connection
    candidate: Candidate
    path: str
    score: float


def search(snapshot: Snapshot, question: str, *, limit: int = 5) -> list[Hit]:
    """The passages that belong to a question, best first; of one symbol the best only."""
    words = question_words(question)
    wants_tests = not _TEST_WORDS.isdisjoint(words)
    found: list[_Found] = []
    connections: list[passages.Connection] = []
    try:
        for index in snapshot.indexes:
            database = passages.file_of(Path(graph.file_of(index.connection)))
            connection = passages.open_passages(database, readonly=True)
            connections.append(connection)
            for each in by_words(connection, words):
                path = each.passage.path
                score = each.score - (_TEST if is_test(path) and not wants_tests else 0.0)
                found.append(_Found(index, connection, each, index.absolute(path), score))
        found.sort(key=lambda each: -each.score)
        return _hits(snapshot, found, words, limit)
    finally:
        for connection in connections:
            connection.close()


def _hits(
    snapshot: Snapshot, found: Sequence[_Found], words: Sequence[str], limit: int
) -> list[Hit]:
    symbols = snapshot.symbols_by_id([each.candidate.passage.symbol for each in found])
    hits: list[Hit] = []
    seen: set[tuple[str, int]] = set()
    for each in found:
        if len(hits) == limit:
            break
        row = each.candidate.passage
        symbol = symbols.get(row.symbol)
        span = _span(snapshot, each, symbol)
        if span is None or (each.path, row.symbol) in seen:
            continue
        seen.add((each.path, row.symbol))
        hits.append(
            Hit(
                Place(each.path, span),
                row.name,
                row.container,
                "module" if symbol is None else symbol.kind,
                row.symbol,
                round(each.score, 4),
                _reasons(each, words),
            )
        )
    return hits


def _span(snapshot: Snapshot, found: _Found, symbol: Symbol | None) -> Span | None:
    """Where a passage is now; None for one that may have been edited away."""
    row = found.candidate.passage
    if found.path not in snapshot.changed:
        return Span(row.start, row.end)
    return None if symbol is None else symbol.full_span


def _reasons(found: _Found, words: Sequence[str]) -> tuple[str, ...]:
    named = found.candidate.named
    number = found.candidate.passage.id
    written = [
        word
        for word in words
        if word not in named and passages.which_have(found.connection, word, (number,))
    ]
    reasons = []
    if named:
        reasons.append(f"{_listed(named)} in its name or place")
    if written:
        reasons.append(f"{_listed(written)} in its text")
    return tuple(reasons)


def _listed(words: Sequence[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)
