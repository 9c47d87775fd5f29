"""What a file defines, as a tree."""

from __future__ import annotations

from nootropic_lsp.core.symbols import OutlineItem
from nootropic_lsp.features.parsed import parsed
from nootropic_lsp.features.snapshot import Snapshot, symbol_of
from nootropic_lsp.index.facts import Flag, Kind, ScopeKind
from nootropic_lsp.index.outlines import outline_of_tree
from nootropic_lsp.index.units import Site, Unit

_HIDDEN = frozenset(
    {Kind.MODULE, Kind.IMPORT, Kind.NARROWED, Kind.PARAMETER, Kind.TYPE_PARAMETER, Kind.ATTRIBUTE}
)
_ANYWHERE = frozenset({Kind.CLASS, Kind.FUNCTION, Kind.METHOD, Kind.INTERFACE, Kind.STRUCT})
_SHOWING = frozenset({ScopeKind.MODULE, ScopeKind.CLASS, ScopeKind.OBJECT})


def outline(snapshot: Snapshot, path: str) -> list[OutlineItem]:
    """The definitions of a file in the order of its text."""
    opened = snapshot.opened.get(path)
    if opened is not None:
        items = outline_of_tree(opened)
        if items is not None:
            return items
    unit = snapshot.unit(path)
    if unit is None:
        text = parsed(snapshot, path)
        unit = None if text is None else text.unit()
    return [] if unit is None else outline_of(unit)


def outline_of(unit: Unit) -> list[OutlineItem]:
    """The outline by the facts of a file."""
    children: dict[int, list[int]] = {}
    seen: set[tuple[int, str]] = set()
    for index, definition in enumerate(unit.definitions):
        if definition.kind in _HIDDEN or not definition.name:
            continue
        visible = unit.scopes[definition.scope].kind in _SHOWING
        if not visible and definition.kind not in _ANYWHERE:
            continue
        key = definition.scope, definition.name
        if definition.kind not in _ANYWHERE and key in seen:
            continue
        seen.add(key)
        children.setdefault(_holder(unit, definition.scope), []).append(index)
    return _items(unit, children, 0)


def _holder(unit: Unit, scope: int) -> int:
    """The nearest scope around that opens with a shown definition."""
    while scope > 0:
        owner = unit.scopes[scope].owner
        if owner >= 0 and unit.definitions[owner].name and unit.definitions[owner].body == scope:
            return scope
        scope = unit.scopes[scope].parent
    return 0


def _items(unit: Unit, children: dict[int, list[int]], scope: int) -> list[OutlineItem]:
    found = []
    for index in sorted(children.get(scope, ()), key=lambda at: unit.definitions[at].full_start):
        definition = unit.definitions[index]
        symbol = symbol_of(Site(unit, index))
        inside = _items(unit, children, definition.body) if definition.body > 0 else []
        found.append(
            OutlineItem(
                symbol.name,
                symbol.kind,
                symbol.span,
                symbol.full_span,
                deprecated=bool(definition.flags & Flag.DEPRECATED),
                children=tuple(inside),
            )
        )
    return found
