"""The properties that an object literal or a pattern may name, by the type that it has."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from nootropic_lsp.features.completion.asked import Asked
from nootropic_lsp.features.completion.expected import Expected, expected, is_new, outside
from nootropic_lsp.features.completion.found import Found, Source
from nootropic_lsp.features.completion.receivers import closed_behind, opened_before
from nootropic_lsp.index.candidates import Candidate, Lister
from nootropic_lsp.index.units import Site, Unit

_SCRIPTS = frozenset({"javascript", "typescript", "tsx"})
_DECLARING = re.compile(r"\b(?:const|let|var)\s*\Z")
_PROPERTY = re.compile(r"([\w$]+)\s*:\s*\Z")
_TAKEN_FROM = re.compile(r"\s*(?::[^=;]*)?=\s*([^;\n]+)")
_TYPED = re.compile(r"\s*:\s*([\w$.]+(?:<[^=;{}()]*>)?)")
_KEY = re.compile(r"\s*[\"']?([\w$]+)")
_LOOK_BACK = 100
_DEEPEST = 4


def properties(asked: Asked) -> Iterator[Found]:
    """Properties that can be named at the cursor, without those that are named already."""
    context, source = asked.context, asked.document.text
    if asked.language not in _SCRIPTS or context.before not in ("{", ","):
        return
    opened = opened_before(source, context.span.start)
    if opened is None or source[opened] != "{":
        return
    closed = closed_behind(source, context.span.end)
    inside = [source[opened + 1 : context.span.start], source[context.span.end : closed]]
    given = {key[1] for part in inside for each in outside(part, ",") if (key := _KEY.match(each))}
    for name, site, depth in _of_pattern(asked, opened, closed) or _of_literal(asked, opened, 0):
        if name not in given and not _is_of_every_object(site):
            yield Found(name, Source.EXPECTED, site, depth)


def _of_pattern(asked: Asked, opened: int, closed: int) -> Sequence[Candidate]:
    """The members of what is taken apart."""
    source = asked.document.text
    if _DECLARING.search(source[max(0, opened - _LOOK_BACK) : opened]) is not None:
        taken = _TAKEN_FROM.match(source, closed + 1)
        return [] if taken is None else _members(asked, taken[1])
    typed = _TYPED.match(source, closed + 1)
    return [] if typed is None else _members(asked, f"(0 as {typed[1]})")


def _of_literal(asked: Asked, opened: int, deep: int) -> Sequence[Candidate]:
    """The members of the type that an object is expected to have."""
    source = asked.document.text
    key = _PROPERTY.search(source[max(0, opened - _LOOK_BACK) : opened])
    around = opened_before(source, opened) if key is not None and deep < _DEEPEST else None
    if key is not None and around is not None and source[around] == "{":
        for name, site, _ in _of_literal(asked, around, deep + 1):
            if name == key[1] and site is not None:
                return _held(asked, Expected(site.unit, "", site))
        return []
    for wanted in expected(asked, opened):
        found = _held(asked, wanted)
        if found:
            return found
    return []


def _held(asked: Asked, wanted: Expected) -> Sequence[Candidate]:
    site = wanted.site
    if site is None or is_new(site.unit, site.index):
        return _members(asked, f"(0 as {wanted.text})") if wanted.text else []
    return asked.ask(lambda lister, _: lister.held(site)) or []


def _members(asked: Asked, expression: str) -> Sequence[Candidate]:
    def question(lister: Lister, unit: Unit, index: int) -> Sequence[Candidate]:
        return lister.members(unit, index)

    return asked.of_expression(expression, question) or []


def _is_of_every_object(site: Site | None) -> bool:
    if site is None:
        return False
    owner = site.unit.scopes[site.definition.scope].owner
    return owner >= 0 and site.unit.definitions[owner].name == "Object"
