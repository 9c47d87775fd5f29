"""How names are found in C++."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nootropic_lsp.index.facts import Kind, Role
from nootropic_lsp.index.languages.c import rules as c
from nootropic_lsp.index.languages.queries.names import namespaces
from nootropic_lsp.index.languages.queries.neighbours import names_in
from nootropic_lsp.index.languages.queries.rules import Listed, Lookups, Rules
from nootropic_lsp.index.languages.queries.values import PLACE, TYPE, VARIABLE_KINDS, Value
from nootropic_lsp.index.languages.queries.words import words
from nootropic_lsp.index.units import Site, Unit


def _outside(
    resolver: Lookups, unit: Unit, name: str, scope: int, position: int, role: int
) -> list[Site]:
    """The namespaces around, those that are used, then everything at the top."""
    for path in namespaces(unit, scope):
        found = _at(resolver, f"{path}.{name}", unit, role)
        if found:
            return found
    for path in _used(resolver, unit):
        found = _at(resolver, f"{path}.{name}", unit, role)
        if found:
            return found
    return c.ranked(resolver, unit, [site for site in resolver.named(name) if c.at_top(site)])


def _used(resolver: Lookups, unit: Unit) -> list[str]:
    """The namespaces that a file uses as a whole."""
    return [
        value.name
        for star in unit.stars
        for value in resolver.infer(unit, star)
        if value.kind == PLACE and value.site is not None and value.site.index > 0
    ]


def _at(resolver: Lookups, path: str, unit: Unit, role: int) -> list[Site]:
    sites = [
        site
        for site in resolver.at(path)
        if site.definition.kind != Kind.CONSTRUCTOR and site.definition.name
    ]
    if role in (Role.TYPE, Role.BASE):
        sites = [site for site in sites if site.definition.kind not in VARIABLE_KINDS] or sites
    return c.ranked(resolver, unit, sites)


def _inside(resolver: Lookups, place: Value, name: str, unit: Unit) -> list[Site]:
    found = _at(resolver, f"{place.name}.{name}", unit, Role.READ)
    if found or place.site is None:
        return found
    return [
        target
        for owner in resolver.at(place.name)
        if owner.definition.kind != Kind.NAMESPACE
        for target in resolver.member(Value(TYPE, owner), name, unit, Role.READ)
    ][:1]


def _around(resolver: Lookups, unit: Unit, scope: int) -> Iterator[Iterable[Listed]]:
    for path in dict.fromkeys((*namespaces(unit, scope), *_used(resolver, unit))):
        yield _contents(resolver, Value(PLACE, None, path), unit)
    yield from c.included_names(resolver, unit)


def _contents(resolver: Lookups, place: Value, unit: Unit) -> Iterator[Listed]:
    """What a namespace or type holds, in the files that are included and in other headers."""
    seen = c.reached(resolver, unit)
    sites = [site for site in resolver.at(place.name) if site.definition.body >= 0]
    for site in sites:
        if site.unit.path in seen:
            yield from names_in(site.unit, site.definition.body)
    for site in sites:
        if site.unit.path not in seen and site.unit.path.endswith(c.HEADERS):
            yield from names_in(site.unit, site.definition.body)


RULES = Rules(
    family="c",
    outside=_outside,
    module=c.module,
    inside=_inside,
    around=_around,
    contents=_contents,
    below=c.below,
    bare_members=True,
    extended=True,
    overloads=True,
    this=frozenset({"this"}),
    transparent=words("unique_ptr shared_ptr weak_ptr optional scoped_ptr intrusive_ptr RefPtr"),
    common=words(
        "size begin end push_back pop_back back front empty clear insert erase find at data c_str "
        "str length substr append reset get release swap first second count resize reserve value "
        "lock unlock load store emplace emplace_back key next prev name type close open read write "
        "what has_value cbegin cend rbegin rend"
    ),
)
