"""Uses of what its authors call deprecated."""

from __future__ import annotations

import re

from nootropic_lsp.core.findings import DEPRECATED, HINT, Finding, Related
from nootropic_lsp.features.checks.code import Code, named
from nootropic_lsp.features.snapshot import place_of
from nootropic_lsp.index.facts import Flag, Kind, Op, Role
from nootropic_lsp.index.units import Site

CODE = "deprecated-use"

_TESTS = re.compile(r"/(?:tests?|testing)/|/test_[^/]*$")


def deprecated_uses(code: Code) -> list[Finding]:
    """Uses of imported functions and classes that are marked as deprecated."""
    unit = code.unit
    if _TESTS.search(code.path):
        return []  # what is deprecated is to be tested as well
    marked: dict[str, Site] = {}
    for definition in unit.definitions:
        if definition.kind != Kind.IMPORT or definition.value < 0 or definition.scope:
            continue
        if unit.expressions[definition.value][0] != Op.MEMBER:
            continue
        sites = code.snapshot.definitions(unit, definition.value)
        if len(sites) == 1 and _is_deprecated(sites[0]):
            marked[definition.name] = sites[0]
    found = []
    for expression in unit.expressions if marked else ():
        if expression[0] != Op.NAME or expression[1] in (Role.WRITE, Role.IMPORT):
            continue
        site = marked.get(expression[3])
        if site is None or not code.is_at(expression[2], expression[3]):
            continue
        if code.text[expression[2] - 1 : expression[2]] in ("'", '"'):
            continue  # `__all__` hands it on
        name = expression[3]
        message = f"`{name}` is deprecated"
        related = (Related(place_of(site), f"`{site.definition.name}` is defined here"),)
        span = named(expression[2], name)
        found.append(Finding(span, CODE, message, HINT, related, (DEPRECATED,)))
    return found


def _is_deprecated(site: Site) -> bool:
    """Whether a function or class is marked, with all its overloads."""
    unit, definition = site.unit, site.definition
    entry = unit.names[definition.scope].get(definition.name, ())
    return bool(entry) and all(unit.definitions[at].flags & Flag.DEPRECATED for at in entry)
