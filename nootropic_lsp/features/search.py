"""Passages of the workspace that belong to a question in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from nootropic_lsp.analysis.testing import is_test
from nootropic_lsp.core.errors import VectorStoreError
from nootropic_lsp.core.spans import Place, Span
from nootropic_lsp.core.symbols import Symbol
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.world import FolderIndex
from nootropic_lsp.retrieval.search import LEAST_LIKENESS, Candidate, ranked
from nootropic_lsp.retrieval.words import question_words
from nootropic_lsp.store import graph, passages

# Who does not ask for tests looks for what they test.
_TEST = 0.5
_TEST_WORDS = frozenset(("test", "tests", "testing", "tested"))


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found; `reasons` say why, in the order of their weight.

    `kind` is that of a symbol, "module" for what is left of a file. `words` are those of the
    question that it has, `likeness` how alike their meanings are, from 0 to 1.
    """

    place: Place
    name: str
    container: str
    kind: str
    symbol: int
    score: float
    reasons: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    likeness: float = 0.0


# The contents most like a question, of the passages that belong to an index.
Near = Callable[[Path, str], Sequence[tuple[int, float]]]


@dataclass(frozen=True, slots=True)
class Hits:
    """What a search has found, best first; `by_words` says why words alone were looked at."""

    hits: tuple[Hit, ...]
    by_words: str = ""


@dataclass(frozen=True, slots=True)
class _Found:
    index: FolderIndex
    connection: passages.Connection
    candidate: Candidate
    path: str
    score: float


def search(
    snapshot: Snapshot, question: str, *, limit: int = 5, near: Near | str = "vectors are off"
) -> Hits:
    """The passages that belong to a question, best first; of one symbol the best only.

    `near` asks the vectors, or says why there are none.
    """
    words = question_words(question)
    wants_tests = not _TEST_WORDS.isdisjoint(words)
    found: list[_Found] = []
    connections: list[passages.Connection] = []
    by_words = ""
    try:
        for index in snapshot.indexes:
            database = passages.file_of(Path(graph.file_of(index.connection)))
            connection = passages.open_passages(database, readonly=True)
            connections.append(connection)
            alike, by_words = _alike(near, Path(graph.file_of(index.connection)), question)
            for each in ranked(connection, words, alike):
                path = each.passage.path
                score = each.score - (_TEST if is_test(path) and not wants_tests else 0.0)
                found.append(_Found(index, connection, each, index.absolute(path), score))
        found.sort(key=lambda each: -each.score)
        return Hits(tuple(_hits(snapshot, found, words, limit)), by_words)
    finally:
        for connection in connections:
            connection.close()


def _alike(
    near: Near | str, database: Path, question: str
) -> tuple[Sequence[tuple[int, float]], str]:
    """What is most like a question by its vector, or why that is not asked."""
    if isinstance(near, str):
        return (), near
    try:
        alike = near(database, question)
    except VectorStoreError as error:
        return (), str(error)
    if not alike:
        return (), "no passage has a vector yet"
    most = alike[0][1]
    if most < LEAST_LIKENESS:
        return (), f"no passage is like the question in meaning ({most:.2f} at most)"
    return alike, ""


def _hits(
    snapshot: Snapshot, found: Sequence[_Found], words: Sequence[str], limit: int
) -> list[Hit]:
    symbols = snapshot.symbols_by_id([each.candidate.passage.symbol for each in found])
    hits: list[Hit] = []
    seen: set[tuple[str, int, int]] = set()
    for each in found:
        if len(hits) == limit:
            break
        row = each.candidate.passage
        symbol = symbols.get(row.symbol)
        span = _span(snapshot, each, symbol)
        # What belongs to no symbol is known by where it begins.
        key = (each.path, row.symbol, 0 if row.symbol else row.start)
        if span is None or key in seen:
            continue
        seen.add(key)
        written = _written(each, words)
        hits.append(
            Hit(
                Place(each.path, span),
                row.name,
                row.container,
                "module" if symbol is None else symbol.kind,
                row.symbol,
                round(each.score, 4),
                _reasons(each, written),
                (*each.candidate.named, *written),
                each.candidate.likeness,
            )
        )
    return hits


def _span(snapshot: Snapshot, found: _Found, symbol: Symbol | None) -> Span | None:
    """Where a passage is now; None for one that may have been edited away."""
    row = found.candidate.passage
    if found.path not in snapshot.changed:
        return Span(row.start, row.end)
    return None if symbol is None else symbol.full_span


def _written(found: _Found, words: Sequence[str]) -> list[str]:
    """The words that a passage has in its text alone."""
    number = found.candidate.passage.id
    return [
        word
        for word in words
        if word not in found.candidate.named
        and passages.which_have(found.connection, word, (number,))
    ]


def _reasons(found: _Found, written: Sequence[str]) -> tuple[str, ...]:
    named = found.candidate.named
    reasons = []
    if named:
        reasons.append(f"{_listed(named)} in its name or place")
    if written:
        reasons.append(f"{_listed(written)} in its text")
    if found.candidate.likeness >= LEAST_LIKENESS:
        reasons.append(f"like the question in meaning ({found.candidate.likeness:.2f})")
    return tuple(reasons)


def _listed(words: Sequence[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def source_of(snapshot: Snapshot, hit: Hit) -> str:
    """The text of a passage, its lines moved to the left together."""
    span, text = hit.place.span, snapshot.text(hit.place.path)
    before = text[text.rfind("\n", 0, span.start) + 1 : span.start]
    lines = text[span.start : span.end].splitlines()
    if before.strip():
        return "\n".join(lines)
    return "\n".join([*lines[:1], *(line.removeprefix(before) for line in lines[1:])])


def last_line_of(snapshot: Snapshot, hit: Hit) -> int:
    """The line that a passage ends on, from 0."""
    span = hit.place.span
    return snapshot.lines(hit.place.path).line_of(max(span.start, span.end - 1))
