"""What conditions say about the type of a name."""

from __future__ import annotations

from tree_sitter import Node

from nootropic_lsp.index.facts import USES, Definition, Kind, Op
from nootropic_lsp.index.languages.javascript.walk import Walk


def narrow(walk: Walk, condition: Node, start: int, end: int) -> None:
    """Note what holds between two offsets if the condition does: `instanceof` and type guards."""
    kind = condition.type
    if kind == "parenthesized_expression":
        for child in condition.named_children:
            narrow(walk, child, start, end)
    elif kind == "binary_expression":
        children = condition.children
        operator = children[1].type
        if operator == "&&":
            narrow(walk, children[0], start, end)
            narrow(walk, children[-1], start, end)
        elif operator == "instanceof" and children[0].type == "identifier":
            cls = _quietly(walk, children[-1])
            if cls >= 0:
                _note(walk, children[0], walk.add(Op.NEW, cls), start, end)
    elif kind == "call_expression":
        children = condition.children
        given = children[-1].named_children
        if len(given) == 1 and given[0].type == "identifier":
            guard = _quietly(walk, children[0])
            if guard >= 0:
                _note(walk, given[0], walk.add(Op.BINARY, "is", guard, -1), start, end)


def narrow_otherwise(walk: Walk, condition: Node, start: int, end: int) -> None:
    """Note what holds between two offsets if the condition does not."""
    kind = condition.type
    if kind == "parenthesized_expression":
        for child in condition.named_children:
            narrow_otherwise(walk, child, start, end)
    elif kind == "unary_expression" and condition.children[0].type == "!":
        narrow(walk, condition.children[-1], start, end)
    elif kind == "binary_expression" and condition.children[1].type == "||":
        narrow_otherwise(walk, condition.children[0], start, end)
        narrow_otherwise(walk, condition.children[-1], start, end)


def leaves(node: Node) -> bool:
    """Whether a statement surely does not run on to what follows it."""
    if node.type == "statement_block":
        children = node.named_children
        return bool(children) and leaves(children[-1])
    return node.type in _LEAVING


_LEAVING = frozenset(
    {"return_statement", "throw_statement", "continue_statement", "break_statement"}
)


def _note(walk: Walk, name: Node, value: int, start: int, end: int) -> None:
    text = walk.text[name.start_byte : name.end_byte]
    walk.definitions.append(
        Definition(text, Kind.NARROWED, start, walk.scope, start, end, value=value)
    )


def _quietly(walk: Walk, node: Node) -> int:
    """The value of a name or member that is read elsewhere, so that it must not count as a use."""
    if node.type not in ("identifier", "member_expression"):
        return -1
    mark = len(walk.expressions)
    value = walk.visit(node)
    for index in range(mark, len(walk.expressions)):
        expression = walk.expressions[index]
        if expression[0] <= USES:
            walk.expressions[index] = (*expression[:2], -1, *expression[3:])
    return value
