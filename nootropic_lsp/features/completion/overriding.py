"""The methods of its bases that a Python class could define itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from nootropic_lsp.core.spans import Span
from nootropic_lsp.core.symbols import Edit
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
_DECORATOR = re.compile(r"@(?:\w+\.)?(?:cached_property|property|staticmethod|classmethod)\b")
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


class Overriding(NamedTuple):
    """The text of a method from its name on, which part of it is to be written, and what else
    there is to do."""

    insert: str
    selected: Span | None = None
    edits: tuple[Edit, ...] = ()


def overriding(asked: Asked, site: Site) -> Overriding:
    """The definition of a method that calls the one it overrides."""
    definition = site.definition
    source, word = asked.document.text, asked.context.span
    if source.startswith("(", word.end):
        return Overriding(definition.name)
    text = asked.base.text(site.unit.path)
    head = _SPACE.sub(" ", text[definition.start : definition.head_end]).rstrip(" :")
    line = source.rfind("\n", 0, word.start) + 1
    code = line + len(source[line : word.start]) - len(source[line : word.start].lstrip())
    before = text[definition.full_start : definition.start]
    is_async = "async" in before.split() and "async" not in source[code : word.start].split()
    written = source[:line].rstrip().rpartition("\n")[2].lstrip()
    decorator = "" if written.startswith("@") else _decorator(before)
    indent = source[line:code]
    added = f"{decorator}\n{indent}" if decorator else ""
    if is_async:
        added += "async "
    body = _body(site)
    insert = f"{head}:\n{indent}{_INDENT}{body}"
    return Overriding(
        insert,
        Span(len(insert) - len(body), len(insert)),
        (Edit(Span(code, code), added),) if added else (),
    )


def _decorator(before: str) -> str:
    """The decorator that a method has to have as well."""
    found = _DECORATOR.search(before)
    return "" if found is None else "@property" if "property" in found[0] else found[0]


def _body(site: Site) -> str:
    definition = site.definition
    if definition.flags & Flag.ABSTRACT:
        return "pass"
    call = f"super().{definition.name}"
    if not definition.flags & Flag.PROPERTY:
        call += f"({', '.join(_given(site))})"
    if definition.flags & Flag.ASYNC and not definition.flags & Flag.GENERATOR:
        call = f"await {call}"
    return call if definition.name == "__init__" else f"return {call}"


def _given(site: Site) -> Iterator[str]:
    """The parameters as they are handed on."""
    flags = site.definition.flags
    for at, index in enumerate(parameters(site)):
        parameter = site.unit.definitions[index]
        if at == 0 and not flags & Flag.STATIC and site.definition.name != "__new__":
            continue
        if parameter.flags & Flag.VARIADIC:
            yield f"*{parameter.name}"
        elif parameter.flags & Flag.VARIADIC_KEYWORDS:
            yield f"**{parameter.name}"
        elif parameter.flags & Flag.KEYWORD_ONLY:
            yield f"{parameter.name}={parameter.name}"
        else:
            yield parameter.name
