"""Going from a name to what it names."""

from __future__ import annotations

from nootropic_lsp.core.spans import Place
from nootropic_lsp.features import lineage, types
from nootropic_lsp.features.snapshot import Snapshot, place_of
from nootropic_lsp.index.facts import Flag, Kind
from nootropic_lsp.index.units import Site


def definition(snapshot: Snapshot, path: str, offset: int) -> list[Place]:
    """Where the name at an offset is defined, best first."""
    return _places(snapshot.found_at(path, offset))


def declaration(snapshot: Snapshot, path: str, offset: int) -> list[Place]:
    """Where the name at an offset is introduced in this file: for an imported name, its import."""
    return _places(snapshot.sites_at(path, offset, follow=False))


def type_definition(snapshot: Snapshot, path: str, offset: int) -> list[Place]:
    """Where the type of the name at an offset is defined."""
    unit = snapshot.unit(path)
    if unit is None:
        return []
    use = unit.use_at(offset)
    if use >= 0:
        return _places(snapshot.ask(unit, lambda resolver: resolver.types(unit, use)))
    at = unit.definition_at(offset)
    if at < 0:
        return []
    if unit.definitions[at].kind == Kind.CLASS:
        return [place_of(Site(unit, at))]
    return _places(snapshot.ask(unit, lambda resolver: resolver.types_of(Site(unit, at))))


def implementation(snapshot: Snapshot, path: str, offset: int) -> list[Place]:
    """What a type or a method is made real by: subtypes, and the methods that override it.

    What nothing is built on is its own implementation, unless it says that it is abstract.
    """
    found: list[Site] = []
    for site in snapshot.found_at(path, offset)[:1]:
        definition = site.definition
        holder = lineage.holder(snapshot, site)
        if definition.kind in lineage.TYPES:
            found = types.descendants(snapshot, site)
        elif holder is not None:
            for below in types.descendants(snapshot, holder):
                found += lineage.members(snapshot, below, definition.name)[:1]
        if not found and not definition.flags & Flag.ABSTRACT:
            found = [site]
    return _places(found)


def _places(sites: list[Site]) -> list[Place]:
    return list(dict.fromkeys(map(place_of, sites)))
