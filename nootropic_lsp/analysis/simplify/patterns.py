"""What a regular expression says of the texts in which it is found."""

from __future__ import annotations

import importlib
import re
import string
from collections.abc import Iterable
from typing import Any

# The standard library's own parser of regular expressions; it has no public name.
codes: Any = importlib.import_module("re._constants")
parser: Any = importlib.import_module("re._parser")

# Something that is known of a value: its kind, and what it is about.
Fact = tuple[str, ...]

# What a text can consist of: `a` stands for all letters; digits are not counted.
_EVERYTHING = frozenset(string.punctuation + string.whitespace + "a")


def of_match(pattern: str, flags: int, method: str) -> frozenset[Fact]:
    """What is known of a text in which a regular expression was found."""
    try:
        parsed: list[Any] = list(parser.parse(pattern, flags))
    except (re.error, OverflowError, RecursionError):
        return frozenset()
    found: set[Fact] = set()
    begins = method in {"match", "fullmatch"} or _is_at(
        parsed[:1], {codes.AT_BEGINNING, codes.AT_BEGINNING_STRING}
    )
    ends = method == "fullmatch" or _is_at(parsed[-1:], {codes.AT_END, codes.AT_END_STRING})
    if flags & re.MULTILINE and method != "fullmatch":
        begins = begins and method == "match"
        ends = _is_at(parsed[-1:], {codes.AT_END_STRING})
    if begins:
        text = ""
        for operation, argument in parsed:
            if operation is codes.LITERAL:
                text += chr(argument)
            elif operation is not codes.AT:
                break
        if text:
            found.add(("starts", text))
    if begins and ends:
        found.add(("only", _spelled(_characters(parsed))))
    return frozenset(found)


def characters(pattern: str, flags: int) -> str:
    """The characters besides letters and digits that can occur in what a pattern matches."""
    try:
        return _spelled(_characters(list(parser.parse(pattern, flags))))
    except (re.error, OverflowError, RecursionError):
        return _spelled(_EVERYTHING)


def removed(pattern: str, replacement: str) -> Fact | None:
    """What is known of a text after `re.sub` with this pattern, a class of single characters."""
    try:
        parsed: list[Any] = list(parser.parse(pattern))
    except (re.error, OverflowError, RecursionError):
        return None
    if len(parsed) == 1 and parsed[0][0] is codes.MAX_REPEAT and parsed[0][1][0] == 1:
        parsed = list(parsed[0][1][2])
    if len(parsed) != 1 or "\\" in replacement:
        return None
    gone = _characters(parsed) if parsed[0][0] is not codes.ANY else _EVERYTHING
    if parsed[0][0] is not codes.IN or parsed[0][1][0][0] is not codes.NEGATE:
        # Not all letters are gone.
        gone -= {"a"}
    kept = (_EVERYTHING - gone) | (frozenset(replacement) & _EVERYTHING)
    if parsed[0][0] in {codes.IN, codes.LITERAL, codes.NOT_LITERAL}:
        return ("only", _spelled(kept))
    return None


def _is_at(parsed: list[Any], places: set[Any]) -> bool:
    return bool(parsed) and parsed[0][0] is codes.AT and parsed[0][1] in places


def _spelled(some: frozenset[str]) -> str:
    return "".join(sorted(some))


def _characters(parsed: Iterable[Any]) -> frozenset[str]:
    found: frozenset[str] = frozenset()
    for operation, argument in parsed:
        if operation is codes.LITERAL:
            found |= _counted(argument)
        elif operation is codes.NOT_LITERAL:
            found |= _EVERYTHING - {chr(argument)}
        elif operation is codes.IN:
            found |= _class(argument)
        elif operation in {codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT}:
            found |= _characters(argument[2])
        elif operation is codes.SUBPATTERN:
            found |= _characters(argument[3])
        elif operation is codes.ATOMIC_GROUP:
            found |= _characters(argument)
        elif operation is codes.BRANCH:
            for each in argument[1]:
                found |= _characters(each)
        elif operation not in {codes.AT, codes.ASSERT, codes.ASSERT_NOT}:
            return _EVERYTHING
    return found


def _class(parts: list[Any]) -> frozenset[str]:
    found: frozenset[str] = frozenset()
    is_negative = False
    for operation, argument in parts:
        if operation is codes.NEGATE:
            is_negative = True
        elif operation is codes.LITERAL:
            found |= _counted(argument)
        elif operation is codes.RANGE:
            low, high = argument
            found |= {each for each in _EVERYTHING - {"a"} if low <= ord(each) <= high}
            found |= _counted(low) | _counted(high)
        elif operation is codes.CATEGORY:
            found |= _CATEGORIES.get(argument, _EVERYTHING)
        else:
            return _EVERYTHING
    return _EVERYTHING - found if is_negative else found


def _counted(code: int) -> frozenset[str]:
    return frozenset("a" if chr(code).isalpha() else chr(code)) & _EVERYTHING


_SPACE = frozenset(string.whitespace)
_CATEGORIES: dict[Any, frozenset[str]] = {
    codes.CATEGORY_DIGIT: frozenset(),
    codes.CATEGORY_WORD: frozenset("_a"),
    codes.CATEGORY_SPACE: _SPACE,
    codes.CATEGORY_NOT_SPACE: _EVERYTHING - _SPACE,
    codes.CATEGORY_NOT_DIGIT: _EVERYTHING,
    codes.CATEGORY_NOT_WORD: _EVERYTHING - {"_", "a"},
}
