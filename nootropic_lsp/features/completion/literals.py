"""The strings that a file uses at places like the one at the cursor."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nootropic_lsp.features.completion.asked import Asked
from nootropic_lsp.features.completion.expected import choices, expected, outside
from nootropic_lsp.features.completion.receivers import closed_behind, receiver_before
from nootropic_lsp.features.lineage import ancestors, bases
from nootropic_lsp.features.snapshot import text_of
from nootropic_lsp.index.candidates import Lister
from nootropic_lsp.index.facts import Flag
from nootropic_lsp.index.units import Site, Unit

_STRING = r"[\"']([^\"'\n]{1,60})[\"']"
_INDEXED = re.compile(rf"\[\s*{_STRING}\s*\]|\.(?:get|pop|setdefault)\(\s*{_STRING}")
_SUBSCRIPT = re.compile(r"([\w$]+)\s*\[\s*\Z")
_GOT = re.compile(r"([\w$]+)\.(?:get|pop|setdefault)\(\s*\Z")
_COMPARED = re.compile(r"([\w$]+)\s*(?:[!=]==?|\bin\s*[\[({].*|\bcase\b.*)\s*\Z")
_NAMED = re.compile(r"([\w$]+)\s*[=:]\s*\Z")
_KEY = re.compile(rf"\s*{_STRING}\s*:")
_LOOK_BACK = 200


def literals(asked: Asked) -> Iterator[str]:
    """Strings used as the same key, compared with the same name or given to the same argument."""
    context = asked.context
    if context.quoted is None:
        return
    source = asked.document.text
    opened = context.quoted.start - len(context.quoted.quote)
    around = (opened, context.span.end)
    before = _line_before(source, opened)
    yield from choices(asked, expected(asked, opened)).texts
    if _SUBSCRIPT.search(before) or _GOT.search(before):
        yield from keys(asked, *around)
        return
    compared = _COMPARED.search(before)
    if compared is not None:
        name = re.escape(compared[1])
        yield from _all(rf"\b{name}\s*[!=]==?\s*{_STRING}", source, around)
        yield from _all(rf"\b{name}\s*[=:]\s*{_STRING}", source, around)
        return
    named = _NAMED.search(before)
    if named is not None:
        yield from _all(rf"\b{re.escape(named[1])}\s*[=:]=?=?\s*{_STRING}", source, around)
        return
    call = asked.call
    if call is not None:
        callee = re.search(r"[\w$]+\Z", asked.callee)
        if callee is not None:
            commas = rf"(?:[^(),]*,){{{call.n_before}}}"
            yield from _all(rf"\b{re.escape(callee[0])}\({commas}\s*{_STRING}", source, around)


def keys(asked: Asked, start: int, end: int) -> Iterator[str]:
    """The keys that are used with the dictionary whose bracket opens before a stretch of text."""
    source, around = asked.document.text, (start, end)
    before = _line_before(source, start)
    dictionary = _SUBSCRIPT.search(before) or _GOT.search(before)
    if dictionary is not None:
        name = re.escape(dictionary[1])
        yield from _declared_keys(asked, start - len(before) + dictionary.end(1))
        yield from _all(rf"\b{name}\s*\[\s*{_STRING}\s*\]", source, around)
        yield from _all(rf"\b{name}\.(?:get|pop|setdefault)\(\s*{_STRING}", source, around)
        yield from _keys_of(source, name)
        yield from _all(_INDEXED, source, around)


def _line_before(source: str, offset: int) -> str:
    return source[max(0, offset - _LOOK_BACK) : offset].rpartition("\n")[2]


def _all(pattern: str | re.Pattern[str], source: str, around: tuple[int, int]) -> Iterator[str]:
    """What a pattern finds, apart from the string at the cursor; the nearest first."""
    found = [
        (abs(match.start() - around[0]), next(filter(None, match.groups())))
        for match in re.finditer(pattern, source)
        if match.end() <= around[0] or match.start() >= around[1]
    ]
    yield from dict.fromkeys(text for _, text in sorted(found))


def _keys_of(source: str, name: str) -> Iterator[str]:
    """The keys of dictionaries that are assigned to a name."""
    for match in re.finditer(rf"\b{name}\s*(?::[^=\n]*)?=\s*\{{", source):
        for part in outside(source[match.end() : closed_behind(source, match.end())], ","):
            key = _KEY.match(part)
            if key is not None:
                yield key[1]


def _declared_keys(asked: Asked, end: int) -> Iterator[str]:
    """The keys that the type of the dictionary whose name ends at an offset declares."""
    source = asked.document.text

    def question(lister: Lister, unit: Unit, index: int) -> list[Site]:
        return lister.types(unit, index)

    if asked.language == "python":
        dictionary = source[receiver_before(source, end) : end]
        for cls in asked.of_expression(dictionary, question) or ():
            line = [each for each in (cls, *ancestors(asked.base, cls)) if _is_typed(asked, each)]
            for owner in line:
                unit, body = owner.unit, owner.definition.body
                for name, entry in unit.names[body].items() if body >= 0 else ():
                    if unit.definitions[entry[0]].flags & Flag.DECLARED:
                        yield name


def _is_typed(asked: Asked, cls: Site) -> bool:
    """Whether a class is a dictionary type; what is built on one is as well."""
    definition = cls.definition
    head = text_of(asked.base, cls.unit.path)[definition.start : definition.head_end]
    return "TypedDict" in head or any(_is_typed(asked, base) for base in bases(asked.base, cls))
