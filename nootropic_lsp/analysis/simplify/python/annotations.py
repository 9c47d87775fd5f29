"""This file is where we say what the types of parameters tell of their values.

They are believed where something else enforces them: frameworks convert what they pass to a
function to the type that it says, and refuse what cannot be converted.
"""

from __future__ import annotations

import ast

from nootropic_lsp.analysis.simplify import patterns
from nootropic_lsp.analysis.simplify.python import expressions, facts
from nootropic_lsp.analysis.simplify.python.flow import Flow
from nootropic_lsp.analysis.simplify.python.values import NO_FACTS, Class, Facts, constants

_NUMBERS = frozenset(
    [
        "int",
        "float",
        "bool",
        "complex",
        "Decimal",
        "UUID",
        "UUID1",
        "UUID3",
        "UUID4",
        "UUID5",
        "date",
        "datetime",
        "time",
        "timedelta",
        "PositiveInt",
        "NonNegativeInt",
        "NegativeInt",
        "conint",
        "confloat",
        "IPvAnyAddress",
        "IPv4Address",
    ]
)
_MODELS = frozenset({"BaseModel", "SQLModel", "Schema"})


def assume(flow: Flow, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    """Remember what the annotations of a function's parameters say."""
    for each in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
        if each.annotation is not None:
            flow.state.assume(_of(flow, each.arg, each.annotation, 0))


def _of(flow: Flow, key: str, annotation: ast.expr, depth: int) -> Facts:
    match annotation:
        case ast.Subscript(value=value, slice=inner):
            last = ast.unparse(value).rpartition(".")[2]
            if last == "Literal":
                parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
                values = [each.value for each in parts if isinstance(each, ast.Constant)]
                return facts.one_of([key], values)
            if last == "Annotated" and isinstance(inner, ast.Tuple):
                return facts.both(
                    _of(flow, key, inner.elts[0], depth), _constrained(key, inner.elts[1:])
                )
            if last == "Optional":
                return _of(flow, key, inner, depth)
            return NO_FACTS
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            if isinstance(right, ast.Constant) and right.value is None:
                return _of(flow, key, left, depth)
            return facts.either(_of(flow, key, left, depth), _of(flow, key, right, depth))
        case ast.Call():
            return _constrained(key, [annotation])
        case ast.Constant(value=str(text)):
            try:
                return _of(flow, key, ast.parse(text, mode="eval").body, depth)
            except SyntaxError:
                return NO_FACTS
    if ast.unparse(annotation).rpartition(".")[2] in _NUMBERS:
        return facts.fact([key], "number")
    owner = flow.ev(annotation).value if isinstance(annotation, ast.Name | ast.Attribute) else None
    return _of_class(flow, key, owner, depth) if isinstance(owner, Class) else NO_FACTS


def _of_class(flow: Flow, key: str, owner: Class, depth: int) -> Facts:
    if expressions._is_enumeration(owner.node):
        found = expressions._any_member(owner)
        values = constants(found.value) if found is not None else None
        return facts.one_of([key, f"{key}.value", f"{key}.name"], values or ())
    result: Facts = NO_FACTS
    bases = {ast.unparse(each).rpartition(".")[2] for each in owner.node.bases}
    if depth == 0 and (bases & _MODELS):
        for each in owner.node.body:
            if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
                inner = f"{key}.{each.target.id}"
                result = facts.both(result, _of(flow, inner, each.annotation, depth + 1))
                if isinstance(each.value, ast.Call):
                    result = facts.both(result, _constrained(inner, [each.value]))
    return result


def _constrained(key: str, nodes: list[ast.expr]) -> Facts:
    """What `Query(pattern=...)` and the like say."""
    for node in nodes:
        for keyword in node.keywords if isinstance(node, ast.Call) else ():
            if keyword.arg in {"pattern", "regex"} and isinstance(keyword.value, ast.Constant):
                found = patterns.of_match(str(keyword.value.value), 0, "search")
                return {key: found} if found else NO_FACTS
    return NO_FACTS
