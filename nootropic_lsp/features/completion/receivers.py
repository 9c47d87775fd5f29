"""The expression before a dot, read backwards from it."""

from __future__ import annotations

import re

_OPENERS = {")": "(", "]": "[", "}": "{"}
_LINKS = ("?.", "->", "::", "!.", "&.", ".")
_FURTHEST = 2_000
_NEW = re.compile(r"\bnew\s+\Z")


def receiver_before(text: str, end: int) -> int:
    """Where the expression that ends at an offset starts; `end` itself if there is none."""
    floor = max(0, end - _FURTHEST)
    at = _skip_space(text, end, floor)
    while at > floor:
        character = text[at - 1]
        if character in _OPENERS:
            opened = _opening(text, at - 1, floor)
            if opened is None:
                return end
            at = opened
            if character != "}" and at > floor and (_is_word(text[at - 1]) or text[at - 1] in ")]"):
                continue
        elif character in "\"'`":
            opened = _quote_before(text, at - 1, floor)
            if opened is None:
                return end
            at = opened
            while at > floor and text[at - 1].isalpha():
                at -= 1
        elif _is_word(character):
            while at > floor and _is_word(text[at - 1]):
                at -= 1
        elif character in "?!" and at - 1 > floor:
            at -= 1
            continue
        else:
            break
        link = next((each for each in _LINKS if text.endswith(each, floor, at)), "")
        if not link:
            break
        at = _skip_space(text, at - len(link), floor)
    created = _NEW.search(text, max(floor, at - 10), at)
    return created.start() if created is not None and at < end else min(at, end)


def _is_word(character: str) -> bool:
    return character.isalnum() or character in "_$@"


def _skip_space(text: str, at: int, floor: int) -> int:
    while at > floor and text[at - 1].isspace():
        at -= 1
    return at


def opened_before(text: str, end: int) -> int | None:
    """Where the bracket around an offset was opened."""
    return _opening(text, end - 1, max(0, end - _FURTHEST), depth=1)


def closed_behind(text: str, start: int) -> int:
    """Where the bracket around an offset is closed; the end of what is looked through if nowhere."""
    depth, quote = 0, ""
    limit = min(len(text), start + _FURTHEST)
    for at in range(start, limit):
        character = text[at]
        if quote:
            quote = "" if character in (quote, "\n") else quote
        elif character in "\"'`":
            quote = character
        elif character in "([{":
            depth += 1
        elif character in _OPENERS:
            depth -= 1
            if depth < 0:
                return at
    return limit


def _opening(text: str, at: int, floor: int, depth: int = 0) -> int | None:
    """Where the bracket was opened that closes at an offset."""
    while at >= floor:
        character = text[at]
        if character in _OPENERS:
            depth += 1
        elif character in "([{":
            depth -= 1
            if depth == 0:
                return at
        elif character in "\"'`":
            opened = _quote_before(text, at, floor)
            if opened is None:
                return None
            at = opened
        at -= 1
    return None


def _quote_before(text: str, at: int, floor: int) -> int | None:
    """Where the string starts whose closing quote stands at an offset."""
    quote = text[at]
    if text.endswith(quote * 3, floor, at + 1):
        found = text.rfind(quote * 3, floor, at - 2)
        return found if found >= 0 else None
    at -= 1
    while at >= floor and (quote == "`" or text[at] != "\n"):
        if text[at] == quote and text[at - 1 : at] != "\\":
            return at
        at -= 1
    return None
