"""How names are found in PHP."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nootropic_lsp.index.facts import Kind, Role
from nootropic_lsp.index.languages.queries.names import namespaces
from nootropic_lsp.index.languages.queries.neighbours import (
    is_type,
    named_in,
    names_in,
    packages_below,
    units_of,
)
from nootropic_lsp.index.languages.queries.rules import Listed, Lookups, Rules
from nootropic_lsp.index.languages.queries.values import (
    FUNCTION_KINDS,
    NOTHING,
    PLACE,
    TYPE_KINDS,
    Value,
    Values,
)
from nootropic_lsp.index.languages.queries.words import words
from nootropic_lsp.index.units import Site, Unit


def _module(resolver: Lookups, unit: Unit, path: str, level: int) -> Values:
    path = _whole(unit, path, level)
    sites = resolver.at(path)
    if sites:
        return tuple(value for site in sites[:1] for value in resolver.value(site))
    if unit.path and not path:
        return (Value(PLACE, None, ""),)
    return (Value(PLACE, None, path),) if path else NOTHING


def _named(resolver: Lookups, unit: Unit, path: str, level: int) -> list[Site]:
    return resolver.at(_whole(unit, path, level))


def _whole(unit: Unit, path: str, level: int) -> str:
    """A whole name; at level 1 its first part is an import or below the file's namespace."""
    if level == 1:
        first, _, rest = path.partition(".")
        for at in unit.names[0].get(first, ()):
            if unit.definitions[at].kind == Kind.IMPORT:
                module = unit.expressions[unit.definitions[at].value]
                path = f"{module[3]}.{rest}" if rest else module[3]
                break
        else:
            own = namespaces(unit, 0)
            path = f"{own[0]}.{path}" if own else path
    return path


def _outside(
    resolver: Lookups, unit: Unit, name: str, scope: int, position: int, role: int
) -> list[Site]:
    """The namespace; functions and constants are looked for in the global one too."""
    if name.startswith("$"):
        return []
    own = namespaces(unit, 0)
    paths = [f"{own[0]}.{name}"] if own else [name]
    inner = namespaces(unit, scope)
    if inner and not own:
        paths = [f"{inner[-1]}.{name}", name]
    if own and role in (Role.CALL, Role.READ):
        paths.append(name)
    for path in paths:
        found = [
            site
            for site in resolver.at(path)
            if site.definition.kind in (*FUNCTION_KINDS, *TYPE_KINDS, Kind.CONSTANT)
        ]
        if found:
            return found
    return []


def _inside(resolver: Lookups, place: Value, name: str, unit: Unit) -> list[Site]:
    return resolver.at(f"{place.name}.{name}" if place.name else name)


def _around(resolver: Lookups, unit: Unit, scope: int) -> Iterator[Iterable[Listed]]:
    for path in dict.fromkeys((*namespaces(unit, scope)[-1:], *namespaces(unit, 0)[:1], "")):
        yield _contents(resolver, Value(PLACE, None, path), unit)


def _contents(resolver: Lookups, place: Value, unit: Unit) -> Iterator[Listed]:
    """What a namespace holds, in its blocks and in files that are in it as a whole."""
    if place.name:
        yield from named_in(resolver, place.name)
    for other in units_of(resolver, unit, place.name):
        yield from names_in(other, 0, lambda each: each.kind != Kind.VARIABLE)


def _below(resolver: Lookups, unit: Unit, path: str, level: int) -> Iterator[str]:
    """The namespaces and types in a namespace."""
    path = path.replace("\\", ".")
    yield from packages_below(resolver, unit, path)
    for name, site in _contents(resolver, Value(PLACE, None, path), unit):
        if is_type(site.definition):
            yield name


RULES = Rules(
    family="php",
    outside=_outside,
    module=_module,
    named=_named,
    inside=_inside,
    around=_around,
    contents=_contents,
    below=_below,
    ordered=False,
    closed=True,
    this=frozenset({"$this"}),
    this_type=frozenset({"self", "static"}),
    parent=frozenset({"parent"}),
    common=words(
        "get set has add remove count current key next rewind valid offsetGet offsetSet getMessage "
        "getCode format modify getTimestamp setTimezone bind call fetch execute prepare query close "
        "open read write getName isInstance newInstance getIterator jsonSerialize"
    ),
)
