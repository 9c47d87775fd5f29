"""Reads statements that are made of other statements, and those that leave them."""

from __future__ import annotations

from tree_sitter import Node

from nootropic_lsp.index.facts import Block, Op
from nootropic_lsp.index.languages.python.assignments import bind
from nootropic_lsp.index.languages.python.grammar import kinds
from nootropic_lsp.index.languages.python.narrowing import instance_of, narrow, narrow_otherwise
from nootropic_lsp.index.languages.python.walk import DEEPEST, Walk, inner, only

_LEAVING = kinds("return_statement", "raise_statement", "continue_statement", "break_statement")


def block(walk: Walk, node: Node) -> int:
    """A run of statements."""
    outside, outside_end, arms_end = walk.block, walk.block_end, walk.arms_end
    walk.arms_end = 0
    walk.block_end = end = node.end_byte
    walk.block = len(walk.blocks)
    children = node.named_children
    leaves = bool(children) and children[-1].kind_id in _LEAVING
    walk.blocks.append(Block(node.start_byte, end, outside, arms_end, leaves))
    walk.depth += 1
    if walk.depth < DEEPEST:
        handlers = walk.handlers
        for child in children:
            handlers[child.kind_id](walk, child)
    walk.depth -= 1
    walk.block, walk.block_end, walk.arms_end = outside, outside_end, arms_end
    return -1


def unreadable(walk: Walk, node: Node) -> int:
    """What the parser skipped. A block in it is not an arm of the `if` around it."""
    arms_end, walk.arms_end = walk.arms_end, 0
    inner(walk, node)
    walk.arms_end = arms_end
    return -1


def return_(walk: Walk, node: Node) -> int:
    """`return value`."""
    value = only(walk, node)
    if value >= 0:
        walk.returns.append(value)
    return -1


def if_(walk: Walk, node: Node) -> int:
    """`if condition: ...`, which narrows names inside, or after it where it leaves."""
    consequence = _narrowed(walk, node, "consequence")
    condition = node.child_by_field_name("condition")
    if condition is not None and consequence is not None and _leaves(consequence):
        narrow_otherwise(walk, condition, node.end_byte)
    walk.arms_end = node.end_byte
    inner(walk, node)
    walk.arms_end = 0
    return -1


def elif_(walk: Walk, node: Node) -> int:
    """`elif condition: ...`, an arm of the `if` around it."""
    _narrowed(walk, node, "consequence")
    return inner(walk, node)


def while_(walk: Walk, node: Node) -> int:
    """`while condition: ...`."""
    _narrowed(walk, node, "body")
    return inner(walk, node)


def _narrowed(walk: Walk, node: Node, field: str) -> Node | None:
    """The block that runs where a condition holds, after noting what the condition says there."""
    condition, body = node.child_by_field_name("condition"), node.child_by_field_name(field)
    if condition is not None and body is not None:
        narrow(walk, condition, body.start_byte, body.end_byte)
    return body


def _leaves(node: Node) -> bool:
    """Whether a block surely does not run on to what follows it."""
    count = node.named_child_count
    last = node.named_child(count - 1) if count else None
    return last is not None and last.kind_id in _LEAVING


def assert_(walk: Walk, node: Node) -> int:
    """`assert condition`, which narrows names for the rest of the block."""
    if node.named_child_count:
        narrow(walk, node.named_children[0], node.end_byte, walk.block_end)
    return inner(walk, node)


def for_(walk: Walk, node: Node) -> int:
    """`for left in right: ...`."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    value = walk.visit(right) if right is not None else -1
    if left is not None:
        bind(walk, left, walk.element(value), node)
    for child in node.named_children[2:]:
        walk.visit(child)
    return -1


def as_pattern(walk: Walk, node: Node) -> int:
    """`value as name` in `with` and `except`."""
    value = walk.visit(node.named_children[0])
    holder = node.parent
    if holder is not None and holder.type == "with_item":
        bound = walk.add(Op.ENTER, value) if value >= 0 else -1
    elif holder is not None and holder.type.startswith("except"):
        bound = instance_of(walk, value)
    else:
        bound = value
    alias = node.child_by_field_name("alias")
    if alias is not None:
        bind(walk, alias, bound, node)
    return value


def except_clause(walk: Walk, node: Node) -> int:
    """`except value as alias: ...`."""
    # Grammars up to 0.23 hold the alias here, later ones in an `as_pattern`.
    alias = node.child_by_field_name("alias")
    value = node.child_by_field_name("value")
    if alias is None or value is None:
        return inner(walk, node)
    bind(walk, alias, instance_of(walk, walk.visit(value)), node)
    for child in node.named_children:
        if child.type == "block":
            walk.visit(child)
    return -1
