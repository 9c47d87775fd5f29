"""This file is where texts that are put together are marked with what that says of them."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from nootropic_lsp.analysis.simplify.python.facts import LACKS, QUOTED, STARTS
from nootropic_lsp.analysis.simplify.python.values import call

# A beginning after which the rest can neither choose a host nor a scheme.
_FIXED = re.compile(r"(/[^/\\\\]|https?://[^/?#@\\\\]+[/?#])")


def starting(start: str, node: ast.expr) -> ast.expr:
    """A text that begins with a constant, where that says where an address leads."""
    if not _FIXED.match(start) or (isinstance(node, ast.Call) and _is(node, STARTS)):
        return node
    return call(STARTS, ast.Constant(start[:80]), node)


def quoted(before: str, node: ast.expr) -> ast.expr:
    """A value that stands after this text, which may end with a quote."""
    if before[-1:] in {"'", '"'} and isinstance(node, ast.Call):
        inner: ast.expr = node
        while isinstance(inner, ast.Call) and inner.args and isinstance(inner.func, ast.Name):
            if _is(inner, LACKS):
                missing = inner.args[0]
                if isinstance(missing, ast.Constant) and before[-1] in str(missing.value):
                    return call(QUOTED, node)
            if not inner.func.id.startswith("__"):
                break
            inner = inner.args[-1]
    return node


def start_of(text: ast.expr | Sequence[ast.expr]) -> str:
    """The constant with which a text begins."""
    if not isinstance(text, ast.expr):
        start = ""
        for each in text:
            inner = each.value if isinstance(each, ast.FormattedValue) else each
            start += start_of(inner)
            if not isinstance(inner, ast.Constant):
                break
        return start
    match text:
        case ast.Constant(value=str(value)):
            return value
        case ast.JoinedStr(values=values):
            return start_of(values)
        case ast.BinOp(left=ast.Constant(value=str(value)), op=ast.Add(), right=right):
            return value + start_of(right)
        case ast.BinOp(left=left, op=ast.Add()):
            return start_of(left)
        case ast.Call(args=[ast.Constant(value=str(value)), _]) if _is(text, STARTS):
            return value
    return ""


def end_of(text: ast.expr | Sequence[ast.expr]) -> str:
    """The constant with which a text ends."""
    if not isinstance(text, ast.expr):
        return end_of(text[-1]) if text else ""
    match text:
        case ast.Constant(value=str(value)):
            return value
        case ast.JoinedStr(values=values):
            return end_of(values)
        case ast.BinOp(right=right, op=ast.Add()):
            return end_of(right)
        case ast.Call(args=[ast.Constant(), inner]) if _is(text, STARTS):
            return end_of(inner)
    return ""


def _is(node: ast.Call, mark: str) -> bool:
    return isinstance(node.func, ast.Name) and node.func.id == mark
