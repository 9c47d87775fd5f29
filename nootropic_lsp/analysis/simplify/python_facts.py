"""This file is where we find what a condition says of the values in it."""

from __future__ import annotations

import ast
import importlib
import re
import string
from collections.abc import Iterable
from typing import Any

from nootropic_lsp.analysis.simplify.python_values import NO_FACTS, Fact, Facts, call

# The standard library's own parser of regular expressions; it has no public name.
codes: Any = importlib.import_module("re._constants")
parser: Any = importlib.import_module("re._parser")

# What a text can consist of: `a` stands for all letters; digits are not counted.
_EVERYTHING = frozenset(string.punctuation + string.whitespace + "a")
_WEB_HOST = re.compile(r"https?://[^/?#@\\]+[/?#]")

# How facts are written into the simplified text, as calls that rules know. Whatever else a rule
# thinks of calls, their last argument is the value itself:
#   __only__("-a", x)   consists of digits and these characters; `a` stands for all letters
#   __starts__("/a", x) begins with this text
#   __quoted__(x)       stands between quotes, and has none of that kind in it
#   __lacks__("'", x)   this text does not occur in it
#   __same_host__(x)    an address on this site, or on one of a fixed list
#   __inside__(x)       a path that was resolved and lies in a fixed folder
ONLY, LACKS, SAME_HOST, INSIDE = "__only__", "__lacks__", "__same_host__", "__inside__"
STARTS, QUOTED, SIGNED = "__starts__", "__quoted__", "__signed__"
MARKS = frozenset({ONLY, LACKS, SAME_HOST, INSIDE, STARTS, QUOTED, SIGNED})


def both(one: Facts, other: Facts) -> Facts:
    """What holds where both hold."""
    if not one or not other:
        return one or other
    return {
        key: one.get(key, frozenset()) | other.get(key, frozenset())
        for key in dict.fromkeys([*one, *other])
    }


def either(one: Facts, other: Facts) -> Facts:
    """What holds where at least one of them holds."""
    found = {}
    for key in one.keys() & other.keys():
        mine, theirs = values_of(one[key]), values_of(other[key])
        common = one[key] & other[key]
        if mine is not None and theirs is not None:
            both_values = tuple(dict.fromkeys([*mine, *theirs]))
            common = frozenset({("one", repr(both_values))})
        elif mine is not None or theirs is not None:
            # A constant is as good as anything that was checked.
            common = other[key] if theirs is None else one[key]
        if common:
            found[key] = common
    return found


def _values(facts: frozenset[Fact]) -> Fact | None:
    return next((each for each in facts if each[0] == "one"), None)


def written(node: ast.expr, facts: frozenset[Fact]) -> ast.expr:
    """An atom as it is written where something is known of it."""
    kinds = {each[0]: each for each in facts}
    if "one" in kinds:
        return ast.Constant(ast.literal_eval(kinds["one"][1])[0])
    if "member" in kinds:
        # It is an element of that collection, whatever else it is.
        return call("next", call("iter", ast.parse(kinds["member"][1], mode="eval").body))
    result = node
    if "host" in kinds or _is_local(facts):
        result = call(SAME_HOST, result)
    if "number" in kinds:
        result = call("int", result)
    if "signed" in kinds:
        result = call(SIGNED, result)
    if "inside" in kinds:
        result = call(INSIDE, result)
    if "only" in kinds:
        result = call(ONLY, ast.Constant(kinds["only"][1]), result)
    missing = sorted({each[1] for each in facts if each[0] == "lacks"})
    if missing:
        for longer in (each for each in missing if len(each) > 1):
            result = call(LACKS, ast.Constant(longer), result)
        if single := "".join(each for each in missing if len(each) == 1):
            result = call(LACKS, ast.Constant(single), result)
    return result


def _is_local(facts: frozenset[Fact]) -> bool:
    """Whether these make an address one of this site: `/x`, but neither `//x` nor `x:`."""
    starts = [each[1] for each in facts if each[0] == "starts"]
    if any(_WEB_HOST.match(each) for each in starts):
        return True
    if any(len(each) > 1 and each[0] == "/" and each[1] not in "/\\" for each in starts):
        return True
    return "/" in starts and (("starts-not", "//") in facts or ("lacks", "//") in facts)


def one_of(keys: Iterable[str], values: Iterable[object]) -> Facts:
    """That it is one of these constants."""
    plain = [each for each in values if isinstance(each, str | int | bytes | bool | float)]
    if not plain:
        return NO_FACTS
    return {key: frozenset({("one", repr(tuple(plain)))}) for key in keys}


def values_of(facts: frozenset[Fact]) -> tuple[object, ...] | None:
    """The constants that it can be."""
    found = _values(facts)
    return None if found is None else tuple(ast.literal_eval(found[1]))


def fact(keys: Iterable[str], *parts: str) -> Facts:
    return {key: frozenset({parts}) for key in keys}


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
