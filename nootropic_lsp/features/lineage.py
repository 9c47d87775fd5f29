"""What types are made of: their bases, what is built on them, and where their members stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from nootropic_lsp.features.graph import symbols_named
from nootropic_lsp.features.references import uses_of
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.edges import unpack
from nootropic_lsp.index.facts import Definition, Kind, Role
from nootropic_lsp.index.symbols import id_of
from nootropic_lsp.index.units import Site, Unit

TYPES = frozenset({Kind.CLASS, Kind.INTERFACE, Kind.STRUCT, Kind.ENUM, Kind.TYPE})
# Where members, and what a type implements, may stand outside of it: in a block without a
# name that says in its head which type it extends.
_EXTENDED = frozenset({"go", "rust", "cpp"})
_MOST = 2_000


def bases(snapshot: Snapshot, site: Site) -> list[Site]:
    """The direct bases of a type."""
    return snapshot.ask(site.unit, lambda resolver: resolver.bases(site))


def ancestors(snapshot: Snapshot, site: Site) -> list[Site]:
    """All bases of a type, the nearest first."""
    return reached([site], lambda each: bases(snapshot, each))


def built_on(snapshot: Snapshot, site: Site) -> list[Site]:
    """The types that name one as a base, by files and lines."""
    identity = id_of(site)
    users: dict[int, None] = {}
    found: list[Site] = []
    for path, uses in uses_of(snapshot, site):
        for packed, user in uses:
            position, _, role = unpack(packed)
            if role != Role.BASE:
                continue
            extended = _extended_at(snapshot, path, position)
            if extended is not None:
                found.append(extended)
            elif user not in (0, identity):
                users[user] = None
    symbols = snapshot.symbols_by_id(list(users)).values()
    found += filter(None, map(snapshot.site_of, symbols))
    found.sort(key=lambda each: (each.unit.path, each.definition.start))
    return list(dict.fromkeys(found))


def reached(first: list[Site], step: Callable[[Site], Iterable[Site]]) -> list[Site]:
    """What some types lead to step by step, the nearest first and without themselves."""
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


# ---- members


def members(snapshot: Snapshot, site: Site, name: str) -> list[Site]:
    """The definitions of a member that a type has itself."""
    unit, body = site.unit, site.definition.body
    if 0 < body < len(unit.scopes):
        found = [Site(unit, index) for index in unit.names[body].get(name, ())]
        if found:
            return found
    if unit.language not in _EXTENDED:
        return []
    return [
        member
        for symbol in symbols_named(snapshot, name)
        if symbol.container.rpartition(".")[2] == site.definition.name
        and (member := snapshot.site_of(symbol)) is not None
        and holder(snapshot, member) == site
    ]


def holder(snapshot: Snapshot, site: Site) -> Site | None:
    """The type that a definition is a member of, also where it stands outside of it."""
    unit = site.unit
    owner = unit.scopes[site.definition.scope].owner
    if owner < 0:
        return None
    definition = unit.definitions[owner]
    if definition.kind not in TYPES or definition.body != site.definition.scope:
        return None
    return Site(unit, owner) if definition.name else _extended(snapshot, unit, definition)


def _extended_at(snapshot: Snapshot, path: str, position: int) -> Site | None:
    """The type that a block extends, if a position is in the head of such a block."""
    unit = snapshot.unit(path)
    if unit is None or unit.language not in _EXTENDED:
        return None
    for definition in unit.definitions:
        if not definition.name and definition.full_start <= position < definition.head_end:
            extended = _extended(snapshot, unit, definition)
            if extended is not None:
                return extended
    return None


def _extended(snapshot: Snapshot, unit: Unit, block: Definition) -> Site | None:
    if not block.related:
        return None
    found = snapshot.ask(unit, lambda resolver: resolver.types(unit, block.related[0]))
    return found[0] if found else None
