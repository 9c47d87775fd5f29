"""Finding symbols of the workspace by a part of their name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from nootropic_lsp.core.symbols import Symbol
from nootropic_lsp.features.graph import by_use, find, most_used
from nootropic_lsp.features.snapshot import Snapshot, from_row, symbol_of
from nootropic_lsp.index.facts import Kind
from nootropic_lsp.index.symbols import symbols_of
from nootropic_lsp.index.units import Site
from nootropic_lsp.store import graph

# Enough candidates that ranking by use has something to choose from.
_CANDIDATES = 400
_TYPES = frozenset({"class", "interface", "struct", "enum", "function", "method", "type"})


def workspace_symbols(snapshot: Snapshot, query: str, *, limit: int = 100) -> list[Symbol]:
    """Symbols whose name matches: the same name first, then its beginning, then its parts.

    Within each group the most used come first. A dotted query names the container.
    """
    query = query.strip()
    if not query:
        return most_used(snapshot, limit=limit)
    same = find(snapshot, query)
    found = sorted(same, key=_rank)
    if len(found) < limit and "." not in query and "::" not in query:
        taken = {symbol.id for symbol in found}
        for more in (_beginning, _containing):
            group = [symbol for symbol in more(snapshot, query) if symbol.id not in taken]
            group = by_use(snapshot, group[:_CANDIDATES])
            group.sort(key=lambda symbol: (not symbol.name.startswith(query), *_rank(symbol)))
            found += group
            taken.update(symbol.id for symbol in group)
            if len(found) >= limit:
                break
    return found[:limit]


def _rank(symbol: Symbol) -> tuple[int, int, int, str]:
    """The most used first; among equals, what stands for itself before parts of other things."""
    is_test = _looks_like_test(symbol.path)
    return (-symbol.uses, is_test, symbol.kind not in _TYPES, symbol.path)


def _looks_like_test(path: str) -> bool:
    parts = path.split("/")
    return any(part in ("test", "tests", "testing") for part in parts) or parts[-1].startswith(
        "test_"
    )


def _beginning(snapshot: Snapshot, query: str) -> Iterable[Symbol]:
    for index in snapshot.indexes:
        rows = graph.symbols_with_prefix(index.connection, query, _CANDIDATES)
        for row, relative in rows:
            path = index.absolute(relative)
            if path not in snapshot.changed:
                yield from_row(row, path)
    lowered = query.lower()
    yield from _in_changed(snapshot, lambda name: name.lower().startswith(lowered))


def _containing(snapshot: Snapshot, query: str) -> Iterable[Symbol]:
    """Names that have the letters of the query in order, whole words or humps preferred."""
    lowered = query.lower()
    for index in snapshot.indexes:
        names = index.names()
        inside = names.containing(lowered, _CANDIDATES) or names.spelling(query, _CANDIDATES)
        for row, relative in graph.symbols_named_any(index.connection, inside):
            path = index.absolute(relative)
            if path not in snapshot.changed:
                yield from_row(row, path)
    pattern = re.compile(".*".join(map(re.escape, lowered)))
    yield from _in_changed(snapshot, lambda name: pattern.search(name.lower()) is not None)


def _in_changed(snapshot: Snapshot, wanted: Callable[[str], bool]) -> Iterable[Symbol]:
    for path in snapshot.changed:
        unit = snapshot.unit(path)
        if unit is None:
            continue
        for _, at in symbols_of(unit):
            definition = unit.definitions[at]
            if definition.kind != Kind.MODULE and wanted(definition.name):
                yield symbol_of(Site(unit, at))
