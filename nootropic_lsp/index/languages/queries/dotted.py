"""Names in packages that are written with dots: Java, C# and PHP."""

from __future__ import annotations

from collections.abc import Iterator

from nootropic_lsp.index.facts import Flag, Kind, Role
from nootropic_lsp.index.languages.queries.neighbours import (
    is_type,
    names_in,
    packages_below,
    units_of,
)
from nootropic_lsp.index.languages.queries.rules import Listed, Lookups
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
        sites = resolver.member(Value(TYPE, owner), name, unit, Role.IMPORT)
        if sites:
            return sites
    return []


def inside(resolver: Lookups, place: Value, name: str, unit: Unit) -> list[Site]:
    """A name in a package or namespace."""
    return found(resolver, f"{place.name}.{name}" if place.name else name, unit)


# ---- lists


def contents(resolver: Lookups, place: Value, unit: Unit) -> Iterator[Listed]:
    """The types of a package."""
    for other in units_of(resolver, unit, place.name):
        yield from names_in(other, 0, is_type)


def of_path(resolver: Lookups, path: str, unit: Unit) -> Iterator[Listed]:
    """What a star brings in: the types of a package, or what a type has itself."""
    owners = resolver.at(path)
    for owner in owners[:1]:
        yield from names_in(
            owner.unit,
            owner.definition.body,
            lambda member: (
                bool(member.flags & Flag.STATIC)
                or member.kind == Kind.ENUM_MEMBER
                or is_type(member)
            ),
        )
    if not owners:
        yield from contents(resolver, Value(PLACE, None, path), unit)


def below(resolver: Lookups, unit: Unit, path: str, level: int) -> Iterator[str]:
    """The packages and types in a package, and the types in a type."""
    yield from packages_below(resolver, unit, path)
    for name, site in of_path(resolver, path, unit):
        if is_type(site.definition):
            yield name
