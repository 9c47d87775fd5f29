"""This file is where we find what functions of Go and Java leave for others.

That is what they put into fields of their object, and under keys into the request or its context.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

# What comes from outside, as it is read from a request.
_INPUT = {
    "go": re.compile(
        r"\.(?:FormValue|PostFormValue|PathValue|Cookie|GetHeader|Param|QueryParam|PostForm"
        r"|DefaultQuery|GetRawData|Query|Referer|UserAgent)\(|\.(?:URL|Header|Form|Body)\."
    ),
    "java": re.compile(
        r"\.(?:getParameter(?:Values|Map)?|getHeaders?|getQueryString|getCookies|getPathInfo"
        r"|getRequestURI|getReader|getInputStream|getPart)\("
    ),
}
_FIELD = {
    "go": re.compile(r"(?<![\w.])(\w+)\.(\w+)\s*=(?![=])\s*([^\n{}]+)"),
    "java": re.compile(r"(?<![\w.])(?:(this)\.)?(\w+)\s*=(?![=])\s*([^;{}]+);"),
}
_KEYED = re.compile(r"\.(?:Set|setAttribute|WithValue)\((?:[^,()]*\(\),\s*)?([\"\w.]+),\s*(.+)\)")
_READ = re.compile(r"\.(?:Get|MustGet|GetString|getAttribute|Value)\(([\"\w.]+)\)$")
_LOCAL = re.compile(r"(?<![\w.])(\w+)(?:,\s*\w+)?\s*:?=(?![=])\s*([^;\n{}]+)")
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Method:
    """A function: the type it belongs to, what it calls its object, its text."""

    owner: str
    this: str
    text: str


def left(methods: Iterable[Method], language: str, fields: Mapping[str, object]) -> dict[str, str]:
    """What is left in each place, a field (`Type.name`) or a key (`["key"]`), if it is input.

    `fields` are the names of fields by type, for a language that reads them without their object.
    """
    found: dict[str, list[str]] = {}
    for method in methods:
        given = dict(_LOCAL.findall(method.text))
        for place, value in _put(method, language, fields):
            whole = _whole(value.strip().rstrip(";"), given, method.text, 3)
            if whole is not None and _INPUT[language].search(whole):
                found.setdefault(place, []).append(whole)
    return {place: several[0] for place, several in found.items() if len(set(several)) == 1}


def sets(method: Method, language: str, fields: Mapping[str, object]) -> frozenset[str]:
    """The places that a function gives values to."""
    return frozenset(place for place, _ in _put(method, language, fields))


def key_of(call: str) -> str | None:
    """The place that is read by a call such as `request.getAttribute("key")`."""
    found = _READ.search(call)
    return f"[{found[1]}]" if found else None


def _put(method: Method, language: str, fields: Mapping[str, object]) -> Iterable[tuple[str, str]]:
    for this, name, value in _FIELD[language].findall(method.text):
        if (this == method.this and this) or (not this and name in _names(fields, method.owner)):
            yield f"{method.owner}.{name}", value
    for key, value in _KEYED.findall(method.text):
        yield f"[{key}]", _first(value)


def _names(fields: Mapping[str, object], owner: str) -> Iterable[str]:
    known = fields.get(owner)
    return known if isinstance(known, Mapping) else ()


def _first(text: str) -> str:
    """The text up to a parenthesis that closes none in it."""
    depth = 0
    for at, each in enumerate(text):
        depth += (each == "(") - (each == ")")
        if depth < 0:
            return text[:at]
    return text


def _whole(value: str, given: Mapping[str, str], text: str, depth: int) -> str | None:
    """A value without local variables; None if it was checked, or is not known."""
    if len(value) > _LONGEST or depth == 0:
        return None
    for name in dict.fromkeys(re.findall(r"(?<![\w.\"])[a-z_]\w*(?![\w(\"])", value)):
        if name not in given:
            continue
        if re.search(rf"\b(?:if|switch)\b[^{{\n]*\b{name}\b", text):
            return None
        inner = _whole(given[name].strip(), given, text, depth - 1)
        if inner is None:
            return None
        value = inner.join(re.split(rf"(?<![\w.\"]){name}(?![\w(\"])", value))
    return value
