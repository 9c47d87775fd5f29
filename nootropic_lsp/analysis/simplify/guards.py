"""This file is where we read from a condition of Go or Java what it says of the values in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from nootropic_lsp.analysis.simplify import regexes

LISTED, INSIDE, SAME_HOST = "__listed__", "__inside__", "__same_host__"

_NAME = r"([A-Za-z_][\w.]*)"
_HOST = r"(?:\.(?:Host|Hostname\(\)|getHost\(\)|getAuthority\(\)))"
_QUOTED = r"(?:\"(?:[^\"\\]|\\.)*\"|`[^`]*`)"

# What holds where these do; group 1 is the value.
_MEMBER = [
    re.compile(rf"[\w.]+(?:\(\))?\.(?:contains|containsKey)\({_NAME}(?:\.to\w+Case\(\))?\)"),
    re.compile(rf"slices\.Contains\([^,]+,\s*{_NAME}\)"),
    re.compile(rf"(?!r\.|req\.)[\w.]+\[{_NAME}\]"),
]
_MEMBER_HOST = [
    re.compile(rf"[\w.]+(?:\(\))?\.(?:contains|containsKey)\({_NAME}{_HOST}\)"),
    re.compile(rf"slices\.Contains\([^,]+,\s*{_NAME}{_HOST}\)"),
    re.compile(rf"[\w.]+\[{_NAME}{_HOST}\]"),
    re.compile(rf"(?:[A-Z_]+|{_QUOTED})\.equals(?:IgnoreCase)?\({_NAME}{_HOST}\)"),
    re.compile(rf"{_NAME}{_HOST}\.equals(?:IgnoreCase)?\([^()]+\)"),
    re.compile(rf"{_NAME}{_HOST}\s*==\s*[\w.\"-]+"),
]
_EQUAL = [
    re.compile(rf"{_QUOTED}\.equals(?:IgnoreCase)?\({_NAME}\)"),
    re.compile(rf"{_NAME}\.equals(?:IgnoreCase)?\({_QUOTED}\)"),
    re.compile(rf"{_NAME}\s*==\s*{_QUOTED}"),
]
_MATCHED = [
    re.compile(rf"{_NAME}\.matches\(({_QUOTED})\)"),
    re.compile(rf"(?P<pattern>\w+)\.matcher\({_NAME}\)\.matches\(\)"),
    re.compile(rf"(?P<pattern>\w+)\.MatchString\({_NAME}\)"),
]
_PREFIX = [
    re.compile(rf"{_NAME}\.startsWith\((.+)\)"),
    re.compile(rf"strings\.HasPrefix\({_NAME},\s*(.+)\)"),
]
_LOCAL = re.compile(rf"filepath\.IsLocal\({_NAME}\)")
_CANONICAL = re.compile(
    rf"{_NAME}(?:\.toPath\(\))?\.(?:normalize|getCanonicalPath|toRealPath)\(\)\.startsWith\(.+\)"
)
_NO_DOTS = [
    re.compile(rf"{_NAME}\.contains\(\"\.\.[/\\]*\"\)"),
    re.compile(rf"strings\.Contains\({_NAME},\s*\"\.\.[/\\]*\"\)"),
    re.compile(rf"strings\.ContainsAny\({_NAME},\s*\"[^\"]*/[^\"]*\"\)"),
]
_ADDRESS = re.compile(r"\"(?:https?://[\w.:-]+/|/[A-Za-z0-9_-]).*\"")
_NORMAL = (
    r"(?:normalize|toRealPath|getCanonical\w+|filepath\.(?:Clean|Join|Abs)|path\.(?:Clean|Join))"
)
_CALLED = re.compile(rf"(?:this\.)?(\w+)\({_NAME}\)")


def where_true(
    condition: str, text: str, body_of: Callable[[str], str | None]
) -> dict[str, set[str]]:
    """Marks of the values in a condition, where it is true; `text` is that of the file."""
    parts = list(_split(condition, "&&"))
    found = _collected(parts, text, body_of, are_true=True)
    return found if len(parts) > 1 or len(list(_split(condition, "||"))) == 1 else {}


def where_false(
    condition: str, text: str, body_of: Callable[[str], str | None]
) -> dict[str, set[str]]:
    """The same, where it is false."""
    if len(list(_split(condition, "&&"))) > 1:
        return {}
    return _collected(list(_split(condition, "||")), text, body_of, are_true=False)


def _collected(
    parts: list[str], text: str, body_of: Callable[[str], str | None], *, are_true: bool
) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    slashes: dict[str, set[str]] = {}
    for part in parts:
        is_negated = part.startswith("!") and not part.startswith("!=")
        plain = part[1:].strip() if is_negated else part
        while plain.startswith("(") and plain.endswith(")") and _is_whole(plain):
            plain = plain[1:-1].strip()
        unequal = re.sub(r"!=", "==", plain, count=1)
        holds = are_true != is_negated
        if "!=" in plain:
            plain, holds = unequal, not holds
        marks = _positive(plain, text, body_of) if holds else _negative(plain)
        for name, mark in marks:
            found.setdefault(name, set()).add(mark)
        for pattern in _PREFIX:
            if match := pattern.fullmatch(plain):
                kind = {'"/"': "slash", '"//"': "double"}.get(match[2], "")
                if kind and holds == (kind == "slash"):
                    slashes.setdefault(match[1], set()).add(kind)
    for name, kinds in slashes.items():
        if len(kinds) == 2:
            found.setdefault(name, set()).add(SAME_HOST)
    return found


def _positive(
    plain: str, text: str, body_of: Callable[[str], str | None]
) -> Iterator[tuple[str, str]]:
    for patterns, mark in ((_MEMBER_HOST, SAME_HOST), (_MEMBER, LISTED), (_EQUAL, LISTED)):
        for pattern in patterns:
            if match := pattern.fullmatch(plain):
                name = match[1]
                yield name, mark
                if mark == SAME_HOST:
                    yield from ((each, mark) for each in _origins(name, text))
                return
    for pattern in _MATCHED:
        if match := pattern.fullmatch(plain):
            is_named = "pattern" in pattern.groupindex
            name = match[2] if is_named else match[1]
            source = _pattern_text(match["pattern"], text) if is_named else match[2]
            if source and "constant" in regexes.says(f"^(?:{_unquoted(source)})$", ""):
                yield name, LISTED
    if match := _LOCAL.fullmatch(plain) or _CANONICAL.fullmatch(plain):
        yield match[1], INSIDE
    for pattern in _PREFIX:
        if match := pattern.fullmatch(plain):
            if _ADDRESS.fullmatch(match[2]):
                yield match[1], SAME_HOST
            elif re.search(rf"\b{re.escape(match[1])}\b[^=\n;]*:?=[^;\n]*{_NORMAL}", text) and (
                "strings." not in plain or re.search(r"/\"|Separator|sep\b", match[2])
            ):
                yield match[1], INSIDE
    if match := _CALLED.fullmatch(plain):
        body = body_of(match[1])
        if body is not None:
            yield from ((match[2], mark) for mark in _of_check(body))


def _negative(plain: str) -> Iterator[tuple[str, str]]:
    for pattern in _NO_DOTS:
        if match := pattern.fullmatch(plain):
            yield match[1], INSIDE


def _of_check(body: str) -> Iterator[str]:
    """What a function that answers yes or no looks at."""
    if re.search(r"\.(?:Host|Hostname\(\)|getHost\(\)|getAuthority\(\))", body) or re.search(
        r"startsWith\(\"/\"\).*startsWith\(\"//\"\)", body, re.DOTALL
    ):
        yield SAME_HOST
    elif re.search(rf"{_NORMAL}.*(?:startsWith|HasPrefix)", body, re.DOTALL):
        yield INSIDE
    elif re.search(r"\b[A-Z_]{2,}\.(?:contains|containsKey)\(|slices\.Contains\(", body):
        yield LISTED


def _origins(name: str, text: str) -> Iterator[str]:
    """The text that an address was read from."""
    pattern = rf"\b{re.escape(name)}\b(?:,\s*\w+)?\s*:?=\s*(?:url\.Parse|new UR[IL]|UR[IL]\.create)\({_NAME}\)"
    for match in re.finditer(pattern, text):
        yield match[1]


def _pattern_text(name: str, text: str) -> str:
    pattern = rf"\b{re.escape(name)}\s*=\s*(?:Pattern\.compile|regexp\.MustCompile)\(\s*({_QUOTED})"
    match = re.search(pattern, text)
    return match[1] if match else ""


def _unquoted(text: str) -> str:
    return text[1:-1] if text.startswith("`") else text[1:-1].replace("\\\\", "\\")


def _is_whole(text: str) -> bool:
    depth = 0
    for i, each in enumerate(text):
        depth += (each == "(") - (each == ")")
        if depth == 0:
            return i == len(text) - 1
    return False


def _split(condition: str, operator: str) -> Iterator[str]:
    """The operands of `&&` or `||` at the top of a condition."""
    text = condition.strip()
    while text.startswith("(") and text.endswith(")") and _is_whole(text):
        text = text[1:-1].strip()
    depth = start = 0
    quote = ""
    for i, each in enumerate(text):
        if quote:
            if each == quote and text[i - 1] != "\\":
                quote = ""
        elif each in "\"'`":
            quote = each
        elif each in "([{":
            depth += 1
        elif each in ")]}":
            depth -= 1
        elif depth == 0 and text.startswith(operator, i):
            yield text[start:i].strip()
            start = i + len(operator)
    yield text[start:].strip()
