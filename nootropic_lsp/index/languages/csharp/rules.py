"""How names are found in C#."""

from __future__ import annotations

from nootropic_lsp.index.facts import Kind, Role
from nootropic_lsp.index.languages.queries.names import namespaces
from nootropic_lsp.index.languages.queries.rules import Lookups, Rules
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
                    else resolver.members(value, one, unit, role)
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
        for path in resolver.noted(("namespaces", unit), lambda: _around(unit)):
            found = _at(resolver, f"{path}.{place.name}.{name}")
            if found:
                return found
    if not found and place.site is not None and place.site.definition.kind in TYPE_KINDS:
        return resolver.members(Value(TYPE, place.site), name, unit, Role.READ)
    return found


def _around(unit: Unit) -> list[str]:
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
