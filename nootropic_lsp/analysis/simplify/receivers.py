"""This file is where we tell from the text of Go or Java which type a name is declared with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from nootropic_lsp.analysis.simplify import Helper

_CALL = re.compile(r"\b(\w+)\s*\.\s*(\w+)\(")
_NO_TYPES = frozenset({"return", "new", "else", "throw", "case", "import", "package", "func"})
_MOST_CALLS = 400
_DEEPEST = 2


def types_of(text: str, language: str, receiver: str) -> list[str]:
    """The types that a text declares a variable, a parameter or a field of this name with."""
    return [each for each in _declared(text, language).get(receiver, ()) if each not in _NO_TYPES]


def reached(text: str, language: str, path: str, helper: Helper | None) -> Iterator[str]:
    """The texts of other files whose methods are called on objects, and of those they call."""
    going = [(path, text)]
    seen = {path}
    for _ in range(_DEEPEST if helper is not None else 0):
        more = []
        for at, each in going:
            for receiver, method in list(dict.fromkeys(_CALL.findall(each)))[:_MOST_CALLS]:
                for type_ in types_of(each, language, receiver):
                    for found in of_type(helper, at, type_, method):
                        if found[0] not in seen:
                            seen.add(found[0])
                            more.append(found)
                            yield found[1]
        going = more


def of_type(helper: Helper | None, path: str, type_: str, method: str) -> Iterator[tuple[str, str]]:
    """The files that hold a method of a type: its own, and that of the only other type with it."""
    for asked in (f"{type_}.{method}", f"!{type_}.{method}"):
        found = helper(path, asked) if helper is not None else None
        if found is None:
            return
        yield found


@lru_cache(64)
def _declared(text: str, language: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, type_ in _in_java(text) if language == "java" else _in_go(text):
        known = found.setdefault(name, [])
        if type_ not in known:
            known.append(type_)
    return found


_JAVA_NAME = re.compile(r"\b([A-Z]\w*)(?:<[^<>;(){}]*>)?\s+(\w+)\s*[;=,)]")
_GO_NAME = re.compile(
    r"(?:^|[\s(,{;])(\w+)\s+\*?([A-Za-z_]\w*)(?=\s*[,)\n}=;`]|\s*$)", re.MULTILINE
)
_GO_MADE = re.compile(r"\b(\w+)\s*:?=\s*&?([A-Za-z_]\w*)\{")
_GO_NEW = re.compile(r"\b(\w+)\s*:?=\s*New([A-Z]\w*)\(")


def _in_java(text: str) -> Iterator[tuple[str, str]]:
    for match in _JAVA_NAME.finditer(text):
        yield match[2], match[1]


def _in_go(text: str) -> Iterator[tuple[str, str]]:
    for pattern in (_GO_NAME, _GO_MADE, _GO_NEW):
        for match in pattern.finditer(text):
            yield match[1], match[2]
