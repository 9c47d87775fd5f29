"""Lines above definitions that say how often they are used."""

from __future__ import annotations

from nootropic_lsp.core.spans import Span
from nootropic_lsp.core.symbols import Lens
from nootropic_lsp.features.references import references_of
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.facts import Kind, ScopeKind
from nootropic_lsp.index.symbols import symbols_of

_SHOWN = frozenset({Kind.CLASS, Kind.FUNCTION, Kind.METHOD, Kind.INTERFACE, Kind.STRUCT, Kind.ENUM})
_VISIBLE = frozenset({ScopeKind.MODULE, ScopeKind.CLASS})


def lenses(snapshot: Snapshot, path: str) -> list[Lens]:
    """A place for a lens at every class, function and method; `fill` says what it shows."""
    unit = snapshot.unit(path)
    if unit is None:
        return []
    found = []
    for identity, at in symbols_of(unit):
        definition = unit.definitions[at]
        if definition.kind in _SHOWN and unit.scopes[definition.scope].kind in _VISIBLE:
            found.append((identity, definition))
    return [
        Lens(Span(definition.start, definition.end), identity)
        for identity, definition in sorted(found, key=lambda each: each[1].start)
    ]


def fill(snapshot: Snapshot, path: str, symbol: int) -> Lens | None:
    """A lens with its places, or None if its definition is gone."""
    known = snapshot.symbols_by_id([symbol]).get(symbol)
    if known is None or known.path != path:
        return None
    places = tuple(use.place for use in references_of(snapshot, known))
    return Lens(known.span, symbol, _title(len(places)), places)


def _title(count: int) -> str:
    return "1 reference" if count == 1 else f"{count} references"
