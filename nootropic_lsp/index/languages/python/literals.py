"""Reads strings, displays and comprehensions: values whose type is plain to see."""

from __future__ import annotations

import re

from tree_sitter import Node

from nootropic_lsp.index.facts import Op, Role, ScopeKind
from nootropic_lsp.index.languages.python.annotations import quoted
from nootropic_lsp.index.languages.python.assignments import bind
from nootropic_lsp.index.languages.python.grammar import kind, kinds
from nootropic_lsp.index.languages.python.narrowing import narrow
from nootropic_lsp.index.languages.python.walk import Walk, inner

_QUOTES = ("'", '"')
_STRING_PREFIX = re.compile(r"[A-Za-z]*")
_COMMENT = kind("comment")
_PAIR = kind("pair")
_FOR_IN_CLAUSE = kind("for_in_clause")
_IF_CLAUSE = kind("if_clause")
_DISPLAYS = {kind("list"): "list", kind("set"): "set"}
_COMPREHENSIONS = {kind("list_comprehension"): "list", kind("set_comprehension"): "set"}
_DICTIONARY_COMPREHENSION = kinds("dictionary_comprehension")
# The types of the first few elements of a list or set are enough.
_MOST_ELEMENTS = 3


def string(walk: Walk, node: Node) -> int:
    """A string, which is an annotation where a type is expected."""
    start = node.start_byte
    if walk.role != Role.TYPE and walk.text[start : start + 1] in _QUOTES:
        return walk.literal("str")
    prefix = _STRING_PREFIX.match(walk.text, start)
    letters = prefix[0].lower() if prefix else ""
    if "f" in letters or "t" in letters:
        role, walk.role = walk.role, Role.READ
        inner(walk, node)
        walk.role = role
    elif walk.role == Role.TYPE:
        return quoted(walk, node)
    return walk.literal("bytes" if "b" in letters else "str")


def concatenated_string(walk: Walk, node: Node) -> int:
    """`"a" "b"`."""
    inner(walk, node)
    return walk.literal("str")


def integer(walk: Walk, _node: Node) -> int:
    """A whole number."""
    return walk.literal("int")


def float_(walk: Walk, _node: Node) -> int:
    """A number with a point or an exponent."""
    return walk.literal("float")


def boolean(walk: Walk, _node: Node) -> int:
    """`True` or `False`."""
    return walk.literal("bool")


def none(walk: Walk, _node: Node) -> int:
    """`None`."""
    return walk.literal("None")


def display(walk: Walk, node: Node) -> int:
    """A list, set or tuple. Every element of a tuple counts: it may be unpacked."""
    handlers = walk.handlers
    values = [handlers[child.kind_id](walk, child) for child in node.named_children]
    name = _DISPLAYS.get(node.kind_id)
    if name is None:
        return walk.add(Op.DISPLAY, "tuple", *values)
    return walk.add(Op.DISPLAY, name, *values[:_MOST_ELEMENTS])


def dictionary(walk: Walk, node: Node) -> int:
    """A dictionary: the first pair whose value is known stands for all."""
    handlers = walk.handlers
    key = value = -1
    for child in node.named_children:
        if child.kind_id == _PAIR:
            children = child.named_children
            left, right = children[0], children[-1]
            this_key = handlers[left.kind_id](walk, left)
            this_value = handlers[right.kind_id](walk, right)
            if value < 0:
                key, value = this_key, this_value
        else:
            walk.visit(child)
    return walk.add(Op.DISPLAY, "dict", key, value)


def comprehension(walk: Walk, node: Node) -> int:
    """A comprehension or generator expression, with a scope of its own."""
    kind_id = node.kind_id
    outside = walk.scope
    inside = walk.open(ScopeKind.COMPREHENSION, node, -1)
    children = [child for child in node.named_children if child.kind_id != _COMMENT]
    if not children:
        walk.scope = outside
        return -1
    first = True
    body = children[0]
    # The clauses bind the names that the body reads, so they come first.
    for child in children[1:]:
        if child.kind_id == _FOR_IN_CLAUSE:
            left = child.child_by_field_name("left")
            # The outermost iterable is evaluated outside, as the language says.
            walk.scope = outside if first else inside
            iterable = -1
            for right in child.children_by_field_name("right"):
                iterable = walk.visit(right)
            walk.scope = inside
            first = False
            if left is not None:
                bind(walk, left, walk.element(iterable), child)
        else:
            if child.kind_id == _IF_CLAUSE:
                narrow(walk, child.named_children[0], body.start_byte, body.end_byte)
            walk.visit(child)
    if kind_id in _DICTIONARY_COMPREHENSION:
        pair = [walk.visit(part) for part in body.named_children if part.kind_id != _COMMENT]
        result = walk.add(Op.DISPLAY, "dict", *pair[:2])
    else:
        value = walk.visit(body)
        name = _COMPREHENSIONS.get(kind_id)
        result = walk.add(Op.DISPLAY, name, value) if name else walk.add(Op.YIELD, value)
    walk.scope = outside
    return result
