"""The methods of its bases that a Python class could define itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nootropic_lsp.features import lineage
from nootropic_lsp.features.callable import parameters
from nootropic_lsp.features.completion.asked import Asked
from nootropic_lsp.features.completion.found import Found, Source
from nootropic_lsp.index.candidates import Lister
from nootropic_lsp.index.facts import Flag, Kind, ScopeKind
from nootropic_lsp.index.probe import Standing
from nootropic_lsp.index.units import Site

_METHODS = frozenset({Kind.FUNCTION, Kind.METHOD, Kind.PROPERTY})
_SPACE = re.compile(r"\s+")
_INDENT = "    "


def overridable(asked: Asked) -> Iterator[Found]:
    """Methods of the bases of the class around, the nearest base first."""

    def question(_: Lister, at: Standing) -> list[Found]:
        scope = at.unit.scopes[at.scope]
        if scope.kind != ScopeKind.CLASS or scope.owner < 0:
            return []
        found: dict[str, Found] = {}
        own = at.unit.names[at.scope]
        for depth, base in enumerate(lineage.ancestors(asked.base, Site(at.unit, scope.owner))):
            unit, body = base.unit, base.definition.body
            for name, entry in unit.names[body].items() if body > 0 else ():
                site = Site(unit, entry[0])
                if site.definition.kind in _METHODS and name not in own and name not in found:
                    found[name] = Found(name, Source.OVERRIDE, site, depth)
        return list(found.values())

    yield from asked.ask(question) or ()


def overriding(asked: Asked, site: Site) -> str:
    """The definition of a method that calls the one it overrides, from its name on."""
    definition = site.definition
    source = asked.document.text
    if source.startswith("(", asked.context.span.end):
        return definition.name
    text = asked.base.text(site.unit.path)
    head = _SPACE.sub(" ", text[definition.start : definition.head_end]).rstrip(" :")
    given = []
    for at, index in enumerate(parameters(site)):
        parameter = site.unit.definitions[index]
        if at == 0 and not definition.flags & Flag.STATIC:
            continue
        if parameter.flags & Flag.VARIADIC:
            given.append(f"*{parameter.name}")
        elif parameter.flags & Flag.VARIADIC_KEYWORDS:
            given.append(f"**{parameter.name}")
        elif parameter.flags & Flag.KEYWORD_ONLY:
            given.append(f"{parameter.name}={parameter.name}")
        else:
            given.append(parameter.name)
    line = source.rfind("\n", 0, asked.context.span.start) + 1
    head_line = source[line : asked.context.span.start]
    indent = head_line[: len(head_line) - len(head_line.lstrip())]
    call = f"super().{definition.name}"
    if definition.kind != Kind.PROPERTY:
        call += f"({', '.join(given)})"
    result = "" if definition.name == "__init__" else "return "
    return f"{head}:\n{indent}{_INDENT}{result}{call}"
