"""This file is where we judge regular expressions: how strict they are, and how slow."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from nootropic_lsp.analysis.simplify import patterns
from nootropic_lsp.analysis.simplify.patterns import codes, parser

# Characters that are harmless in names, numbers and dates wherever they end up.
_HARMLESS = frozenset("-_.")
_NAMED_GROUP = re.compile(r"\(\?<(?=[A-Za-z_$])")
_LOCAL = re.compile(r"\^\\?/(\(\?!.*/|\[\^|\\w|\[a-z|\[\\w|[a-z])")
_WEB_HOST = re.compile(r"\^https\??:\\?/\\?/[\w\\.-]+(\\?/|:|\$|\[/)")


@lru_cache(256)
def says(pattern: str, flags: str) -> frozenset[str]:
    """What is known of a text in which this pattern was found."""
    found = set()
    for kind, *rest in patterns.of_match(_python(pattern), _flags(flags), "search"):
        if kind == "only" and _is_harmless(rest[0]):
            found.add("constant")
    if _LOCAL.match(pattern) or _WEB_HOST.match(pattern):
        found.add("host")
    return frozenset(found)


def _is_harmless(characters: str) -> bool:
    return all(each.isalnum() or each in _HARMLESS for each in characters)


@lru_cache(256)
def leaves(pattern: str, flags: str, replacement: str) -> str:
    """What is known of a text in which each match was replaced: a mark, or nothing."""
    if "g" not in flags:
        return ""
    fact = patterns.removed(_python(pattern), replacement.replace("\\", ""))
    if fact and _is_harmless(fact[1]):
        return "constant"
    removed = set(_class_of(pattern))
    if "\\$&" in replacement and {"*", "+", "(", "["} <= removed:
        return "literal"
    if "$&" not in replacement and {"<", "&"} <= removed:
        return "escaped"
    return ""


@lru_cache(256)
def is_slow(pattern: str, flags: str) -> bool:
    """Whether there are texts on which it tries an exponential number of ways."""
    try:
        parsed: list[Any] = list(parser.parse(_python(pattern), _flags(flags)))
    except (re.error, OverflowError, RecursionError):
        return False
    return _has_nested(parsed)


def _has_nested(parsed: list[Any]) -> bool:
    for operation, argument in parsed:
        if operation in {codes.MAX_REPEAT, codes.MIN_REPEAT}:
            inner = list(argument[2])
            if argument[1] is codes.MAXREPEAT and _is_ambiguous(inner):
                return True
            if _has_nested(inner):
                return True
        elif operation is codes.SUBPATTERN:
            if _has_nested(list(argument[3])):
                return True
        elif operation is codes.BRANCH:
            if any(_has_nested(list(each)) for each in argument[1]):
                return True
        elif operation in {codes.ASSERT, codes.ASSERT_NOT} and _has_nested(list(argument[1])):
            return True
    return False


def _is_ambiguous(body: list[Any]) -> bool:
    """Whether one text can be made by a different number of repetitions of this."""
    body = _unwrapped(body)
    if len(body) == 1 and body[0][0] is codes.BRANCH:
        firsts = [_first(list(each)) for each in body[0][1][1]]
        if any(one & other for i, one in enumerate(firsts) for other in firsts[i + 1 :]):
            return True
        return any(_is_ambiguous(list(each)) for each in body[0][1][1])
    for i, (operation, argument) in enumerate(body):
        if operation not in {codes.MAX_REPEAT, codes.MIN_REPEAT}:
            continue
        if argument[1] is not codes.MAXREPEAT:
            continue
        own = _all(list(argument[2]))
        others = [*body[i + 1 :], *body[:i]]
        # A part that must be there, of characters this one cannot have, keeps repetitions apart.
        if not any(_must(each) and not _all([each]) & own for each in others):
            return True
    return False


def _unwrapped(body: list[Any]) -> list[Any]:
    found: list[Any] = []
    for operation, argument in body:
        if operation is codes.SUBPATTERN:
            found += _unwrapped(list(argument[3]))
        else:
            found.append((operation, argument))
    return found


def _must(part: Any) -> bool:
    operation, argument = part
    if operation in {codes.MAX_REPEAT, codes.MIN_REPEAT}:
        return argument[0] > 0 and any(_must(each) for each in argument[2])
    if operation is codes.SUBPATTERN:
        return any(_must(each) for each in argument[3])
    return operation in {codes.LITERAL, codes.NOT_LITERAL, codes.IN, codes.ANY, codes.BRANCH}


_CHARACTERS = frozenset(map(chr, range(1, 256)))


def _first(body: list[Any]) -> frozenset[str]:
    found: frozenset[str] = frozenset()
    for part in body:
        found |= _all([part])
        if _must(part):
            break
    return found


def _all(body: list[Any]) -> frozenset[str]:
    found: frozenset[str] = frozenset()
    for operation, argument in body:
        if operation is codes.LITERAL:
            found |= {chr(argument)}
        elif operation is codes.NOT_LITERAL:
            found |= _CHARACTERS - {chr(argument)}
        elif operation is codes.ANY:
            found |= _CHARACTERS - {"\n"}
        elif operation is codes.IN:
            found |= _in_class(argument)
        elif operation in {codes.MAX_REPEAT, codes.MIN_REPEAT}:
            found |= _all(list(argument[2]))
        elif operation is codes.SUBPATTERN:
            found |= _all(list(argument[3]))
        elif operation is codes.BRANCH:
            for each in argument[1]:
                found |= _all(list(each))
    return found


_BY_CATEGORY = {
    codes.CATEGORY_DIGIT: re.compile(r"\d"),
    codes.CATEGORY_NOT_DIGIT: re.compile(r"\D"),
    codes.CATEGORY_SPACE: re.compile(r"\s"),
    codes.CATEGORY_NOT_SPACE: re.compile(r"\S"),
    codes.CATEGORY_WORD: re.compile(r"\w", re.ASCII),
    codes.CATEGORY_NOT_WORD: re.compile(r"\W", re.ASCII),
}


def _in_class(parts: list[Any]) -> frozenset[str]:
    found: frozenset[str] = frozenset()
    is_negative = False
    for operation, argument in parts:
        if operation is codes.NEGATE:
            is_negative = True
        elif operation is codes.LITERAL:
            found |= {chr(argument)}
        elif operation is codes.RANGE:
            found |= {each for each in _CHARACTERS if argument[0] <= ord(each) <= argument[1]}
        elif operation is codes.CATEGORY:
            matcher = _BY_CATEGORY.get(argument)
            found |= {each for each in _CHARACTERS if matcher and matcher.match(each)}
    return _CHARACTERS - found if is_negative else found


def _class_of(pattern: str) -> frozenset[str]:
    try:
        return _all(list(parser.parse(_python(pattern))))
    except (re.error, OverflowError, RecursionError):
        return frozenset()


def _python(pattern: str) -> str:
    return _NAMED_GROUP.sub("(?P<", pattern).replace("[^]", "[\\s\\S]").replace("\\/", "/")


def _flags(flags: str) -> int:
    found = 0
    for letter, value in (("i", re.IGNORECASE), ("m", re.MULTILINE), ("s", re.DOTALL)):
        if letter in flags:
            found |= int(value)
    return found
