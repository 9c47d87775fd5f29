"""Finding symbols of the workspace by a part of their name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from difflib import get_close_matches
from itertools import islice

from nootropic_lsp.core.symbols import Symbol
from nootropic_lsp.features.graph import find, most_used
from nootropic_lsp.features.snapshot import Snapshot, from_row
from nootropic_lsp.index.facts import KIND_WORDS, Kind
from nootropic_lsp.index.symbols import container_of, symbols_of
from nootropic_lsp.index.world import FolderIndex
from nootropic_lsp.store import graph

# Enough candidates that ranking by use has something to choose from. Of one and the same name
# there may be many, and the most used of all of them is the one that is meant.
_CANDIDATES = 250
_MOST_OF_A_NAME = 2_000
_TEST = re.compile(r"(?:^|/)(?:test|tests|testing)(?:/|$)|(?:^|/)test_[^/]*$")
# A symbol that may be shown, with the whole path of its file.
_Row = tuple[graph.SymbolRow, str]
_TYPES = frozenset({"class", "interface", "struct", "enum", "function", "method", "type"})


def workspace_symbols(snapshot: Snapshot, query: str, *, limit: int = 100) -> list[Symbol]:
    """Symbols whose name matches: the same name first, then its beginning, then its parts.

    Within each group the most used come first. A dotted query names the container.
    """
    query = query.strip()
    if not query:
        return most_used(snapshot, limit=limit)
    if "." in query or "::" in query:
        dotted = find(snapshot, query)
        return sorted(dotted, key=lambda each: _rank(each.uses, each.kind, each.path))[:limit]
    found = _best(snapshot, query, list(islice(_same(snapshot, query), _MOST_OF_A_NAME)), limit)
    for more in (_beginning, _containing):
        if len(found) >= limit:
            break
        taken = {symbol.id for symbol in found}
        rows = (row for row in more(snapshot, query) if row[0].id not in taken)
        found += _best(snapshot, query, list(islice(rows, _CANDIDATES)), limit - len(found))
    return found


def similar_names(snapshot: Snapshot, name: str) -> list[str]:
    """Names of the workspace that a slip of the finger is away, best first."""
    last = name.rpartition(".")[2]
    # The search itself forgives missing letters, a shorter query also swapped and wrong ones.
    queries = (last, last[:3], last[:1])
    candidates = {
        symbol.name: None
        for query in queries
        if query
        for symbol in workspace_symbols(snapshot, query, limit=500)
    }
    by_lower: dict[str, str] = {}
    for candidate in candidates:  # of names that differ in case only, the first is the most used
        by_lower.setdefault(candidate.lower(), candidate)
    return [by_lower[near] for near in get_close_matches(last.lower(), by_lower, n=3, cutoff=0.7)]


def _best(snapshot: Snapshot, query: str, rows: Sequence[_Row], limit: int) -> list[Symbol]:
    """The symbols of some rows, the best first."""
    counts = snapshot.uses_count([row.id for row, _ in rows])

    def rank(each: _Row) -> tuple[object, ...]:
        row, path = each
        known = _rank(counts.get(row.id, 0), KIND_WORDS[row.kind], path)
        return (not row.name.startswith(query), *known, row.start)

    best = sorted(rows, key=rank)[:limit]
    return [from_row(row, path, counts.get(row.id, 0)) for row, path in best]


def _rank(uses: int, kind: str, path: str) -> tuple[int, bool, bool, str]:
    """The most used first; among equals, what stands for itself before parts of other things."""
    is_test = "test" in path and _TEST.search(path) is not None
    return -uses, is_test, kind not in _TYPES, path


def _same(snapshot: Snapshot, name: str) -> Iterator[_Row]:
    for index in snapshot.indexes:
        rows = graph.symbols_named_any(index.connection, [name], _MOST_OF_A_NAME)
        yield from _stored(snapshot, index, (row for row in rows if row.name == name))
    yield from _in_changed(snapshot, lambda other: other == name)


def _beginning(snapshot: Snapshot, query: str) -> Iterator[_Row]:
    for index in snapshot.indexes:
        yield from _stored(
            snapshot, index, graph.symbols_with_prefix(index.connection, query, _CANDIDATES)
        )
    lowered = query.lower()
    yield from _in_changed(snapshot, lambda name: name.lower().startswith(lowered))


def _containing(snapshot: Snapshot, query: str) -> Iterator[_Row]:
    """Names that have the letters of the query in order, whole words or humps preferred."""
    lowered = query.lower()
    for index in snapshot.indexes:
        names = index.names()
        inside = names.containing(lowered, _CANDIDATES) or names.spelling(query, _CANDIDATES)
        rows = graph.symbols_named_any(index.connection, inside, _CANDIDATES)
        yield from _stored(snapshot, index, rows)
    pattern = re.compile(".*".join(map(re.escape, lowered)))
    yield from _in_changed(snapshot, lambda name: pattern.search(name.lower()) is not None)


def _stored(
    snapshot: Snapshot, index: FolderIndex, rows: Iterable[graph.SymbolRow]
) -> Iterator[_Row]:
    for row in rows:
        relative = index.catalogue.paths.get(row.file)
        # A file may have come since the catalogue was made: it is there with the next question.
        if relative is not None and (path := index.absolute(relative)) not in snapshot.changed:
            yield row, path


def _in_changed(snapshot: Snapshot, wanted: Callable[[str], bool]) -> Iterator[_Row]:
    for path in snapshot.changed:
        unit = snapshot.unit(path)
        for identity, at in symbols_of(unit) if unit is not None else ():
            assert unit is not None
            each = unit.definitions[at]
            if each.kind != Kind.MODULE and wanted(each.name):
                spans = each.start, each.full_start, each.full_end
                container = container_of(unit, each)
                yield graph.SymbolRow(identity, 0, each.name, each.kind, *spans, container), path
