"""How names are found in Java."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nootropic_lsp.index.languages.queries import dotted
from nootropic_lsp.index.languages.queries.choice import fits
from nootropic_lsp.index.languages.queries.names import package
from nootropic_lsp.index.languages.queries.rules import Listed, Lookups, Rules
from nootropic_lsp.index.languages.queries.values import PLACE, Value
from nootropic_lsp.index.languages.queries.words import words
from nootropic_lsp.index.units import Site, Unit


def _outside(
    resolver: Lookups, unit: Unit, name: str, scope: int, position: int, role: int
) -> list[Site]:
    """The package, then what is imported with a star, static members too."""
    own = package(unit)
    paths = [f"{unit.expressions[star][3]}.{name}" for star in unit.stars]
    if name[:1].isupper():
        paths.insert(0, f"{own}.{name}" if own else name)
    for path in paths:
        found = [site for site in dotted.found(resolver, path, unit) if fits(site.definition, role)]
        if found:
            return found
    return []


def _around(resolver: Lookups, unit: Unit, scope: int) -> Iterator[Iterable[Listed]]:
    yield dotted.contents(resolver, Value(PLACE, None, package(unit)), unit)
    for star in unit.stars:
        yield dotted.of_path(resolver, unit.expressions[star][3], unit)


RULES = Rules(
    family="java",
    outside=_outside,
    module=dotted.module,
    named=dotted.named,
    inside=dotted.inside,
    around=_around,
    contents=dotted.contents,
    below=dotted.below,
    statics=True,
    bare_members=True,
    extended=False,
    overloads=True,
    separate=True,
    places=True,
    this=frozenset({"this"}),
    parent=frozenset({"super"}),
    common=words(
        "get set add put remove size isEmpty contains containsKey toString equals hashCode length "
        "charAt substring append next hasNext iterator stream map filter collect forEach getClass "
        "getName close read write flush run call apply accept test compareTo compare clear addAll "
        "keySet values entrySet getKey getValue indexOf split trim format valueOf parse name "
        "ordinal clone wait notify start join orElse of asList println print printf getMessage "
        "printStackTrace toArray matches replace startsWith endsWith copy update reset init"
    ),
)
