"""This file is where we find what a condition says of the values in it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

from nootropic_lsp.analysis.simplify.patterns import Fact
from nootropic_lsp.analysis.simplify.python.values import NO_FACTS, Facts, call

_WEB_HOST = re.compile(r"https?://[^/?#@\\]+[/?#]")

# How facts are written into the simplified text, as calls that rules know. Whatever else a rule
# thinks of calls, their last argument is the value itself:
#   __only__("-a", x)   consists of digits and these characters; `a` stands for all letters
#   __starts__("/a", x) begins with this text
#   __quoted__(x)       stands between quotes, and has none of that kind in it
#   __lacks__("'", x)   this text does not occur in it
#   __same_host__(x)    an address on this site, or on one of a fixed list
#   __inside__(x)       a path that was resolved and lies in a fixed folder
#   __text__(x)         a text, whatever is in it, and nothing with parts of its own
ONLY, LACKS, SAME_HOST, INSIDE = "__only__", "__lacks__", "__same_host__", "__inside__"
STARTS, QUOTED, SIGNED, TEXT = "__starts__", "__quoted__", "__signed__", "__text__"
MARKS = frozenset({ONLY, LACKS, SAME_HOST, INSIDE, STARTS, QUOTED, SIGNED, TEXT})


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
    if "text" in kinds:
        result = call(TEXT, result)
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
