"""The type hierarchy: what a type is built on, and what is built on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from nootropic_lsp.core.symbols import Symbol
from nootropic_lsp.features.snapshot import Snapshot, symbol_of
from nootropic_lsp.index.edges import unpack
from nootropic_lsp.index.facts import Kind, Role
from nootropic_lsp.index.symbols import id_of, symbols_of
from nootropic_lsp.index.units import Site
from nootropic_lsp.store import graph

TYPES = frozenset({Kind.CLASS, Kind.INTERFACE, Kind.STRUCT, Kind.ENUM, Kind.TYPE})
_MOST = 2_000


def prepare(snapshot: Snapshot, path: str, offset: int) -> list[Symbol]:
    """The type that is named at an offset."""
    for site in snapshot.sites_at(path, offset):
        if site.definition.kind in TYPES:
            return [symbol_of(site)]
    return []


def supertypes(snapshot: Snapshot, symbol: Symbol) -> list[Symbol]:
    """The types that a type names as its bases, in their order."""
    site = snapshot.site_of(symbol)
    return [] if site is None else [symbol_of(base) for base in bases(snapshot, site)]


def subtypes(snapshot: Snapshot, symbol: Symbol) -> list[Symbol]:
    """The types that name this one as a base, by files and lines."""
    return _below(snapshot, symbol.id, _unsaved(snapshot))


def _below(
    snapshot: Snapshot, identity: int, unsaved: Mapping[int, Sequence[Symbol]]
) -> list[Symbol]:
    callers: dict[int, None] = {}
    for index in snapshot.indexes:
        for relative, packed in graph.read_uses(index.connection, identity):
            if index.absolute(relative) in snapshot.changed:
                continue
            for use, caller in zip(packed[::2], packed[1::2], strict=True):
                if unpack(use)[2] == Role.BASE and caller not in (0, identity):
                    callers[caller] = None
    found = [*snapshot.symbols_by_id(list(callers)).values(), *unsaved.get(identity, ())]
    return sorted(found, key=lambda each: (each.path, each.span))


def _unsaved(snapshot: Snapshot) -> dict[int, list[Symbol]]:
    """By their bases, the types in texts that the index does not have yet."""
    found: dict[int, list[Symbol]] = {}
    for path in snapshot.changed:
        unit = snapshot.unit(path)
        for _, at in symbols_of(unit) if unit is not None else ():
            if unit is not None and unit.definitions[at].kind in TYPES:
                site = Site(unit, at)
                for base in bases(snapshot, site):
                    found.setdefault(id_of(base), []).append(symbol_of(site))
    return found


def bases(snapshot: Snapshot, site: Site) -> list[Site]:
    """The direct bases of a type."""
    return snapshot.ask(site.unit, lambda resolver: resolver.bases(site))


def ancestors(snapshot: Snapshot, site: Site) -> list[Site]:
    """All bases of a type, the nearest first."""
    return _reached([site], lambda each: bases(snapshot, each))


def descendants(snapshot: Snapshot, site: Site) -> list[Site]:
    """All types that are built on a type, the nearest first."""

    unsaved = _unsaved(snapshot)

    def below(each: Site) -> Iterable[Site]:
        for symbol in _below(snapshot, id_of(each), unsaved):
            found = snapshot.site_of(symbol)
            if found is not None:
                yield found

    return _reached([site], below)


def members(site: Site, name: str) -> list[Site]:
    """The definitions of a member in the type itself."""
    unit, body = site.unit, site.definition.body
    if not 0 < body < len(unit.scopes):
        return []
    return [Site(unit, index) for index in unit.names[body].get(name, ())]


def holder(site: Site) -> Site | None:
    """The type that a definition is a member of."""
    unit = site.unit
    owner = unit.scopes[site.definition.scope].owner
    if owner < 0 or unit.definitions[owner].kind not in TYPES:
        return None
    return Site(unit, owner) if unit.definitions[owner].body == site.definition.scope else None


def _reached(first: list[Site], step: Callable[[Site], Iterable[Site]]) -> list[Site]:
    seen = {_key(site) for site in first}
    found: list[Site] = []
    layer = first
    while layer and len(found) < _MOST:
        following = []
        for site in layer:
            for other in step(site):
                if _key(other) not in seen:
                    seen.add(_key(other))
                    following.append(other)
        found += following
        layer = following
    return found[:_MOST]


def _key(site: Site) -> tuple[str, int]:
    return site.unit.path, site.index
