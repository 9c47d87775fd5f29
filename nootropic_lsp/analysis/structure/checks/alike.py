"""Mistakes that are written alike in several languages."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from nootropic_lsp.analysis.structure.declared import check
from nootropic_lsp.analysis.structure.sight import Hit, Sight, at

# A return in one of these leaves that one.
_INNER = frozenset(
    {
        *("function_definition", "class_definition"),
        *("arrow_function", "function_expression", "function_declaration"),
        *("class", "class_declaration", "lambda_expression", "class_body"),
    }
)
_PLAIN = frozenset({"identifier", "selector_expression", "field_access"})


@check("python", "finally_clause")
@check("javascript", "finally_clause")
@check("java", "finally_clause")
def return_in_finally(sight: Sight, node: Node) -> Iterator[Hit]:
    """A return in `finally`, which drops the exception that is on its way."""
    waiting = list(node.named_children)
    while waiting:
        each = waiting.pop()
        if each.type == "return_statement":
            yield at(each)
        elif each.type not in _INNER:
            waiting += each.named_children


@check("go", "binary_expression")
@check("java", "binary_expression")
def self_comparison(sight: Sight, node: Node) -> Iterator[Hit]:
    """The same on both sides; `x != x` asks whether a number is NaN."""
    operator = node.child_by_field_name("operator")
    if operator is None or operator.type not in {"<", ">", "<=", ">=", "&&", "||"}:
        return
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is not None and left.type in _PLAIN and sight.text(left) == sight.text(right):
        yield at(node)
