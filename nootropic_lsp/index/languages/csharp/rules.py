"""How names are found in C#."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nootropic_lsp.index.facts import Kind, Role
from nootropic_lsp.index.languages.queries.names import namespaces, package
from nootropic_lsp.index.languages.queries.neighbours import (
    is_type,
    named_in,
    names_in,
    packages_below,
    units_of,
)
from nootropic_lsp.index.languages.queries.rules import Listed, Lookups, Rules
from nootropic_lsp.index.languages.queries.values import PLACE, TYPE, TYPE_KINDS, Value, Values
from nootropic_lsp.index.languages.queries.words import words
from nootropic_lsp.index.units import Site, Unit


def _module(resolver: Lookups, unit: Unit, path: str, level: int) -> Values:
    sites = _at(resolver, path)
    types = [site for site in sites if site.definition.kind != Kind.NAMESPACE]
    if types:
        return tuple(value for site in types[:1] for value in resolver.value(site))
    return (Value(PLACE, sites[0] if sites else None, path),)


def _at(resolver: Lookups, path: str) -> list[Site]:
    return [site for site in resolver.at(path) if site.definition.kind != Kind.CONSTRUCTOR]


def _outside(
    resolver: Lookups, unit: Unit, name: str, scope: int, position: int, role: int
) -> list[Site]:
    """The namespaces around, then those that are used, then the global one."""
    names = (name, f"{name}Attribute") if role == Role.DECORATOR else (name,)
    for path in namespaces(unit, scope):
        for one in names:
            found = _at(resolver, f"{path}.{one}")
            if found:
                return found
    for star in unit.stars:
        for value in resolver.infer(unit, star):
            for one in names:
                found = (
                    _at(resolver, f"{value.name}.{one}")
                    if value.kind == PLACE
                    else resolver.member(value, one, unit, role)
                )
                if found:
                    return found
    for one in names:
        found = _at(resolver, one)
        if found:
            return found
    return []


def _inside(resolver: Lookups, place: Value, name: str, unit: Unit) -> list[Site]:
    found = _at(resolver, f"{place.name}.{name}")
    if not found and place.site is None:
        # The first part may be below a namespace that the file is in.
        for path in resolver.noted(("namespaces", unit), lambda: _enclosing(unit)):
            found = _at(resolver, f"{path}.{place.name}.{name}")
            if found:
                return found
    if not found and place.site is not None and place.site.definition.kind in TYPE_KINDS:
        return resolver.member(Value(TYPE, place.site), name, unit, Role.READ)
    return found


def _around(resolver: Lookups, unit: Unit, scope: int) -> Iterator[Iterable[Listed]]:
    for path in namespaces(unit, scope):
        yield _contents(resolver, Value(PLACE, None, path), unit)
    for star in unit.stars:
        for value in resolver.infer(unit, star):
            if value.kind == PLACE:
                yield _contents(resolver, value, unit)
            elif value.site is not None:
                yield names_in(value.site.unit, value.site.definition.body)


def _contents(resolver: Lookups, place: Value, unit: Unit) -> Iterator[Listed]:
    """The types of a namespace, in its blocks and in files that are in it as a whole."""
    found = [*named_in(resolver, place.name)]
    for other in units_of(resolver, unit, place.name):
        if package(other) == place.name:
            found += names_in(other, 0, is_type)
    for name, site in found:
        yield name, site
        if name.endswith("Attribute"):
            yield name.removesuffix("Attribute"), site


def _below(resolver: Lookups, unit: Unit, path: str, level: int) -> Iterator[str]:
    return packages_below(resolver, unit, path)


def _enclosing(unit: Unit) -> list[str]:
    """All namespaces of a file, and those that they are in."""
    found = namespaces(unit, 0)
    for scope, this in enumerate(unit.scopes):
        if this.owner > 0 and unit.definitions[this.owner].kind == Kind.NAMESPACE:
            found += namespaces(unit, scope)
    return list(dict.fromkeys(found))


RULES = Rules(
    family="csharp",
    outside=_outside,
    module=_module,
    inside=_inside,
    around=_around,
    contents=_contents,
    below=_below,
    statics=True,
    bare_members=True,
    partial=True,
    extension_methods=True,
    overloads=True,
    places=True,
    this=frozenset({"this"}),
    parent=frozenset({"base"}),
    transparent=frozenset({"Task", "ValueTask", "Nullable", "Lazy"}),
    common=words(
        "ToString Equals GetHashCode GetType Add Remove Contains ContainsKey Count Length Clear "
        "Select Where First FirstOrDefault Any All ToList ToArray Single OrderBy Cast Substring "
        "IndexOf Replace Split Trim Append AppendLine Write WriteLine Read Close Dispose Key Value "
        "Keys Values Name Message Invoke TryGetValue Insert CopyTo Format Join Parse Item Empty "
        "StartsWith EndsWith GetEnumerator MoveNext Current Flush Result Wait Union Concat"
    ),
)
