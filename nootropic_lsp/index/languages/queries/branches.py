"""Text with preprocessor branches, for grammars that cannot read every way to place them."""

from __future__ import annotations

import re

_DIRECTIVE = re.compile(
    rb"^[ \t]*#[ \t]*(if|ifdef|ifndef|elif|else|endif)\b(?:\\\r?\n|[^\n])*", re.MULTILINE
)


def first_branches(data: bytes) -> bytes:
    """The text with the first branch of every `#if` alone, of the same length.

    Only where the whole could not be read: what is left out has names too.
    """
    if not _DIRECTIVE.search(data):
        return data
    kept = bytearray(data)
    dropped: list[bool] = []  # for every open `#if`, whether its branch is left out
    position = 0
    for match in _DIRECTIVE.finditer(data):
        if any(dropped):
            _blank(kept, position, match.start())
        word = match[1]
        if word in (b"if", b"ifdef", b"ifndef"):
            dropped.append(_is_off(match[0]))
        elif dropped and word == b"endif":
            dropped.pop()
        elif dropped:
            dropped[-1] = not dropped[-1] if _never(data, match.start(), dropped) else True
        _blank(kept, match.start(), match.end())
        position = match.end()
    return bytes(kept)


def _is_off(directive: bytes) -> bool:
    """`#if 0` has nothing to read, and functions before C89 nothing that anyone wants."""
    return directive.split()[-1:] in ([b"0"], [b"KR_headers"])


def _never(data: bytes, position: int, dropped: list[bool]) -> bool:
    """Whether the branch before was left out because it is never compiled."""
    before = data[max(0, position - 20_000) : position]
    return dropped[-1] and (b"#if 0" in before or b"KR_headers" in before)


def _blank(text: bytearray, start: int, end: int) -> None:
    for index in range(start, end):
        if text[index] not in b"\r\n":
            text[index] = 32
