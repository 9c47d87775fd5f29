"""Reads the patterns of `match`: the names they bind, and to what."""

from __future__ import annotations

from tree_sitter import Node

from nootropic_lsp.index.facts import Op, Role
from nootropic_lsp.index.languages.python.assignments import bind
from nootropic_lsp.index.languages.python.expressions import dotted_name
from nootropic_lsp.index.languages.python.walk import Walk


def case_clause(walk: Walk, node: Node) -> int:
    """`case pattern if guard: ...`."""
    subject = _subject(walk, node)
    walk.arms_end = walk.block_end
    for child in node.named_children:
        if child.type == "case_pattern":
            _pattern(walk, child, subject)
        else:
            walk.visit(child)
    walk.arms_end = 0
    return -1


def _subject(walk: Walk, case: Node) -> int:
    """What is matched, where it is a name: each case reads it anew."""
    holder = case.parent.parent if case.parent is not None else None
    if holder is not None and holder.type == "match_statement":
        named = holder.child_by_field_name("subject")
        if named is not None and named.type == "identifier":
            return walk.add(Op.NAME, Role.READ, -1, walk.written(named), walk.scope)
    return -1


def _pattern(walk: Walk, node: Node, value: int) -> int:
    """Bind what a pattern captures from `value`; the value it matches, where it says."""
    kind = node.type
    children = node.named_children
    if kind == "dotted_name":
        if len(children) != 1:
            return dotted_name(walk, node)
        if walk.written(children[0]) != "_":
            bind(walk, children[0], value, node)
        return value
    if kind == "identifier":
        bind(walk, node, value, node)
        return value
    if kind in ("case_pattern", "union_pattern"):
        matched = -1
        for child in children:
            matched = _pattern(walk, child, value)
        return matched
    if kind == "as_pattern":
        matched = _pattern(walk, children[0], value)
        if len(children) > 1:
            bind(walk, children[-1], matched, node)
        return matched
    if kind == "class_pattern":
        cls = dotted_name(walk, children[0])
        walk.mark(cls, Role.CALL)
        matched = walk.add(Op.NEW, cls)
        _patterns(walk, children[1:])
        return matched
    if kind == "splat_pattern":
        for child in children:
            bind(walk, child, walk.add(Op.DISPLAY, "list", -1), node)
        return -1
    _patterns(walk, children[1:] if kind == "keyword_pattern" else children)
    return -1


def _patterns(walk: Walk, nodes: list[Node]) -> None:
    """Patterns inside another: nothing is known of what they match."""
    for node in nodes:
        _pattern(walk, node, -1)
