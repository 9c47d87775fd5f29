"""This file is where the arguments of a call are told apart, and calls of constants computed."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

from nootropic_lsp.analysis.simplify.python import expressions
from nootropic_lsp.analysis.simplify.python.flow import Flow
from nootropic_lsp.analysis.simplify.python.values import (
    Known,
    Table,
    V,
    constant,
    is_plain,
    known,
)


def arguments_of(flow: Flow, node: ast.Call, track: bool) -> tuple[list[V], dict[str, V]] | None:
    """The arguments by position and by name, or None if they cannot be told apart."""
    positional: list[V] = []
    named: dict[str, V] = {}
    for each in node.args:
        if isinstance(each, ast.Starred):
            items = expressions.elements(flow, flow.ev(each.value, True))
            if items is None:
                return None
            positional += items
        else:
            positional.append(flow.ev(each, track))
    for keyword in node.keywords:
        v = flow.ev(keyword.value, track)
        if keyword.arg is not None:
            named[keyword.arg] = v
            continue
        thing = flow.thing(v)
        if not isinstance(thing, Table):
            return None
        named.update({str(key): each for key, each in thing.entries.items()})
    return positional, named


def again(
    flow: Flow, node: ast.Call, function: ast.expr, given: tuple[list[V], dict[str, V]]
) -> ast.expr:
    positional, named = given
    keywords = [ast.keyword(key, flow.shown(v)) for key, v in named.items()]
    return ast.Call(function, [flow.shown(v) for v in positional], keywords)


def folded(function: Any, arguments: Sequence[Any]) -> V | None:
    """The result of a function of constants."""
    try:
        result = function(*arguments)
    except Exception:  # noqa: BLE001 -- the program would fail there
        return None
    if isinstance(result, list) and all(map(is_plain, result)) and len(result) <= 24:
        return V(constant(result), Known(tuple(result)))
    return known(result) if is_plain(result) else None
