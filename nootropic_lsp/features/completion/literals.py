"""The strings that a file uses at places like the one at the cursor."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nootropic_lsp.features.completion.asked import Asked

_STRING = r"[\"']([^\"'\n]{1,60})[\"']"
_INDEXED = re.compile(rf"\[\s*{_STRING}\s*\]|\.(?:get|pop|setdefault)\(\s*{_STRING}")
_SUBSCRIPT = re.compile(r"([\w$]+)\s*\[\s*\Z")
_GOT = re.compile(r"([\w$]+)\.(?:get|pop|setdefault)\(\s*\Z")
_COMPARED = re.compile(r"([\w$]+)\s*(?:[!=]==?|\bin\s*[\[({].*|\bcase\b.*)\s*\Z")
_NAMED = re.compile(r"([\w$]+)\s*[=:]\s*\Z")
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
    for match in re.finditer(rf"\b{name}\s*(?::[^=\n]*)?=\s*\{{([^{{}}]*)\}}", source):
        yield from re.findall(rf"{_STRING}\s*:", match[1])
