"""Names in packages that are written with dots: Java, C# and PHP."""

from __future__ import annotations

from nootropic_lsp.index.facts import Role
from nootropic_lsp.index.languages.queries.rules import Lookups
from nootropic_lsp.index.languages.queries.values import PLACE, TYPE, Value, Values
from nootropic_lsp.index.units import Site, Unit


def module(resolver: Lookups, unit: Unit, path: str, level: int) -> Values:
    """A type by its whole name, a member of one, or a package."""
    sites = found(resolver, path, unit)
    if sites:
        return tuple(value for site in sites[:1] for value in resolver.value(site))
    last = path.rpartition(".")[2]
    return (Value(TYPE, None, last) if last[:1].isupper() else Value(PLACE, None, path),)


def named(resolver: Lookups, unit: Unit, path: str, level: int) -> list[Site]:
    """The definitions that an import of a whole name brings in."""
    return found(resolver, path, unit)


def found(resolver: Lookups, path: str, unit: Unit) -> list[Site]:
    """What a whole name stands for, inherited static members included."""
    sites = resolver.at(path)
    if sites:
        return sites
    outer, _, name = path.rpartition(".")
    if not outer or not outer.rpartition(".")[2][:1].isupper():
        return []
    for owner in resolver.at(outer):
        sites = resolver.members(Value(TYPE, owner), name, unit, Role.IMPORT)
        if sites:
            return sites
    return []


def inside(resolver: Lookups, place: Value, name: str, unit: Unit) -> list[Site]:
    """A name in a package or namespace."""
    return found(resolver, f"{place.name}.{name}" if place.name else name, unit)
