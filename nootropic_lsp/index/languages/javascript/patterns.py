"""What destructuring and plain names bind."""

from __future__ import annotations

from tree_sitter import Node

from nootropic_lsp.index.facts import Flag, Kind, Op, Role
from nootropic_lsp.index.languages.javascript.walk import DEEPEST, Walk

PATTERNS = frozenset({"identifier", "object_pattern", "array_pattern"})


def bind(
    walk: Walk,
    node: Node,
    value: int,
    whole: Node,
    *,
    kind: int = Kind.VARIABLE,
    scope: int | None = None,
    annotation: int = -1,
) -> None:
    """Bind the names of a pattern; with kind -1 they are only written to."""
    what = node.type
    if what == "identifier":
        if kind < 0:
            walk.mark(walk.use(node, Op.NAME, walk.scope), Role.WRITE)
            return
        index = walk.define(node, kind, whole, scope=scope, value=value)
        if index >= 0 and annotation >= 0:
            walk.definitions[index].annotation = annotation
            if value < 0:
                walk.definitions[index].flags |= Flag.DECLARED
        return
    if annotation >= 0:
        value = walk.add(Op.INSTANCE, annotation)
    walk.depth += 1
    if walk.depth < DEEPEST:
        _destructure(walk, node, value, whole, kind, scope)
    walk.depth -= 1


def _destructure(
    walk: Walk, node: Node, value: int, whole: Node, kind: int, scope: int | None
) -> None:
    what = node.type
    if what == "object_pattern":
        _object(walk, node, value, whole, kind, scope)
    elif what == "array_pattern":
        _array(walk, node, value, whole, kind, scope)
    elif what == "assignment_pattern":
        left, default = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is not None and default is not None:
            other = walk.visit(default)
            bind(walk, left, walk.either([value, other]), whole, kind=kind, scope=scope)
    elif what == "rest_pattern":
        for child in node.named_children:
            bind(walk, child, value, whole, kind=kind, scope=scope)
    else:
        walk.mark(walk.visit(node), Role.WRITE)


def _object(walk: Walk, node: Node, value: int, whole: Node, kind: int, scope: int | None) -> None:
    for child in node.named_children:
        what = child.type
        if what == "shorthand_property_identifier_pattern":
            _shorthand(walk, child, value, -1, whole, kind, scope)
        elif what == "object_assignment_pattern":
            left, default = child.child_by_field_name("left"), child.child_by_field_name("right")
            if left is not None and default is not None:
                _shorthand(walk, left, value, walk.visit(default), whole, kind, scope)
        elif what == "pair_pattern":
            key, target = child.child_by_field_name("key"), child.child_by_field_name("value")
            if key is not None and target is not None:
                bind(walk, target, key_use(walk, key, value), whole, kind=kind, scope=scope)
        elif what == "rest_pattern":
            for rest in child.named_children:
                bind(walk, rest, value, whole, kind=kind, scope=scope)


def _shorthand(
    walk: Walk, name: Node, value: int, default: int, whole: Node, kind: int, scope: int | None
) -> None:
    part = _member(walk, name, value)
    if kind < 0:
        walk.use(name, Op.NAME, walk.scope)
        walk.mark(len(walk.expressions) - 1, Role.WRITE)
        return
    walk.define(name, kind, whole, scope=scope, value=walk.either([part, default]))


def key_use(walk: Walk, key: Node, value: int) -> int:
    """The use of a member by the key of a pattern."""
    what = key.type
    if what in ("property_identifier", "identifier"):
        return _member(walk, key, value)
    if what == "string" and key.named_child_count:
        return _member(walk, key.named_children[0], value)
    if what == "computed_property_name":
        for child in key.named_children:
            walk.visit(child)
    return -1


def _member(walk: Walk, name: Node, value: int) -> int:
    # A member of something unknown is still a place where a name is written.
    role, walk.role = walk.role, Role.READ
    index = walk.use(name, Op.MEMBER, value)
    walk.role = role
    return index


def _array(walk: Walk, node: Node, value: int, whole: Node, kind: int, scope: int | None) -> None:
    position = 0
    for child in node.children:
        what = child.type
        if what == ",":
            position += 1
        elif what == "rest_pattern":
            bind(walk, child, value, whole, kind=kind, scope=scope)
        elif child.is_named and what != "comment":
            part = walk.add(Op.UNPACK, value, position) if value >= 0 else -1
            bind(walk, child, part, whole, kind=kind, scope=scope)
