"""Reads what a condition says about the type of a name, and where that holds."""

from __future__ import annotations

from tree_sitter import Node

from nootropic_lsp.index.facts import Definition, Kind, Op
from nootropic_lsp.index.languages.python.walk import Walk


def narrow(walk: Walk, condition: Node, start: int, end: int) -> None:
    """Note what `isinstance(name, Class)` says about a name or member between two offsets."""
    kind = condition.type
    if kind == "boolean_operator" and condition.children[1].type == "and":
        for part in (condition.children[0], condition.children[-1]):
            narrow(walk, part, start, end)
        return
    if kind == "parenthesized_expression" and condition.named_child_count == 1:
        narrow(walk, condition.named_children[0], start, end)
        return
    if kind != "call":
        return
    function, arguments = condition.children[0], condition.children[-1]
    if walk.written(function) != "isinstance":
        return
    given = [child for child in arguments.named_children if child.type != "comment"]
    if len(given) != 2 or given[0].type not in ("identifier", "attribute"):
        return
    mark = len(walk.expressions)
    value = instance_of(walk, walk.visit(given[1]))
    name, tested = walk.written(given[0]), -1
    if given[0].type == "attribute":
        tested = walk.visit(given[0])
        name = member_key(walk.written(given[0].children[-1]))
    # The condition itself is read later; what was read here must not count as uses.
    for index in range(mark, len(walk.expressions)):
        expression = walk.expressions[index]
        if expression[0] <= Op.MEMBER:
            walk.expressions[index] = (*expression[:2], -1, *expression[3:])
    walk.definitions.append(
        Definition(
            name, Kind.NARROWED, start, walk.scope, start, end, annotation=tested, value=value
        )
    )


def member_key(name: str) -> str:
    """Under which name it is noted what a test says of a member of that name."""
    return f".{name}"


def narrow_otherwise(walk: Walk, condition: Node, start: int) -> None:
    """Note what holds after an `if` that leaves when `condition` holds."""
    if condition.type == "not_operator" and condition.named_child_count:
        narrow(walk, condition.named_children[0], start, walk.block_end)


def instance_of(walk: Walk, classes: int) -> int:
    """An instance of the class, or of one of the classes, that `isinstance` or `except` names."""
    if classes < 0:
        return -1
    expression = walk.expressions[classes]
    if expression[0] == Op.DISPLAY:
        return walk.either(walk.add(Op.NEW, item) for item in expression[2:] if item >= 0)
    return walk.add(Op.NEW, classes)
