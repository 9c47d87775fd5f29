"""Reads what binds names to values: assignments, `:=`, `global` and `nonlocal`."""

from __future__ import annotations

import re

from tree_sitter import Node

from nootropic_lsp.index.facts import Definition, Flag, Kind, Op, Role, ScopeKind
from nootropic_lsp.index.languages.python.annotations import annotation
from nootropic_lsp.index.languages.python.expressions import keyword
from nootropic_lsp.index.languages.python.grammar import kind, kinds
from nootropic_lsp.index.languages.python.imports import strings_in
from nootropic_lsp.index.languages.python.walk import Walk

_CONSTANT = re.compile(r"_*[A-Z][A-Z0-9_]*\Z")
_TYPE_VARIABLE = re.compile(r"(?:\w+\.)?TypeVar\(")
_TYPE_ALIAS = ("TypeAlias",)
_CALL = kind("call")
_IDENTIFIER = kind("identifier")
_ATTRIBUTE = kind("attribute")
_COMMENT = kind("comment")
_SEQUENCES = kinds(
    "pattern_list", "tuple_pattern", "list_pattern", "tuple", "list", "expression_list"
)
_SPLATS = kinds("list_splat_pattern", "list_splat")
_HOLDERS = kinds("as_pattern_target", "parenthesized_expression", "parenthesized_pattern")


def bind(
    walk: Walk, target: Node, value: int, whole: Node, *, declared: int = -1, flags: int = 0
) -> None:
    """Bind the names of an assignment's left side. `declared` is the annotation."""
    kind_id = target.kind_id
    if kind_id == _IDENTIFIER:
        definition = walk.define(
            target, Kind.VARIABLE, whole, annotation=declared, value=value, flags=flags
        )
        if (
            definition is not None
            and definition.scope == 0
            and _CONSTANT.match(definition.name) is not None
        ):
            definition.kind = Kind.CONSTANT
    elif kind_id == _ATTRIBUTE:
        _bind_attribute(walk, target, value, whole, declared, flags)
    elif kind_id in _SEQUENCES:
        for index, child in enumerate(target.named_children):
            if child.kind_id != _COMMENT:
                part = walk.add(Op.UNPACK, value, index) if value >= 0 else -1
                bind(walk, child, part, whole, flags=flags)
    elif kind_id in _SPLATS:
        for child in target.named_children:
            bind(walk, child, walk.add(Op.DISPLAY, "list", value), whole, flags=flags)
    elif kind_id in _HOLDERS:
        for child in target.named_children:
            bind(walk, child, value, whole, declared=declared, flags=flags)
    else:
        walk.visit(target)


def _bind_attribute(
    walk: Walk, target: Node, value: int, whole: Node, declared: int, flags: int
) -> None:
    """`receiver.name = value`; through `self` it defines an attribute of the class."""
    index = walk.with_role(target, Role.READ)
    walk.mark(index, Role.WRITE)
    if index < 0 or not walk.receiver:
        return
    children = target.children
    receiver = children[0]
    if receiver.kind_id != _IDENTIFIER or walk.written(receiver) != walk.receiver:
        return
    name = children[-1]
    walk.definitions.append(
        Definition(
            walk.written(name),
            Kind.ATTRIBUTE,
            name.start_byte,
            walk.receiver_class,
            whole.start_byte,
            whole.end_byte,
            annotation=declared,
            value=value,
            flags=flags,
            block=walk.block,
        )
    )


def assignment(walk: Walk, node: Node) -> int:
    """`left: type = right`."""
    children = node.children
    left = children[0]
    right: Node | None
    declared = -1
    if len(children) == 3 and children[1].type == "=":
        right = children[2]
    else:
        right = node.child_by_field_name("right")
        written_type = node.child_by_field_name("type")
        if written_type is not None:
            declared = annotation(walk, written_type)
    if right is None:
        bind(walk, left, -1, node, declared=declared, flags=Flag.DECLARED)
        return -1
    if right.kind_id == _CALL and _TYPE_VARIABLE.match(walk.text, right.start_byte):
        return _type_variable(walk, left, right, node)
    if declared >= 0 and walk.expressions[declared][3:4] == _TYPE_ALIAS:
        value = annotation(walk, right)
    else:
        value = walk.handlers[right.kind_id](walk, right)
    bind(walk, left, value, node, declared=declared)
    if walk.scope == 0 and walk.written(left) == "__all__":
        walk.exports = strings_in(walk, right)
    return value


def _type_variable(walk: Walk, name: Node, call: Node, whole: Node) -> int:
    """`T = TypeVar("T", bound=Base)`, or with the types that are allowed."""
    children = call.children
    function = walk.visit(children[0])
    walk.mark(function, Role.CALL)
    bounds: list[int] = []
    first = -1
    for number, argument in enumerate(children[-1].named_children):
        if argument.type == "keyword_argument":
            role, walk.role = walk.role, Role.TYPE
            value = keyword(walk, argument, function)
            walk.role = role
            if walk.written(argument.children[0]) == "bound":
                bounds.append(value)
        elif number:
            bounds.append(annotation(walk, argument))
        else:
            first = walk.visit(argument)
    value = walk.add(Op.CALL, function, first, -1)
    n_definitions = len(walk.definitions)
    bind(walk, name, value, whole)
    for definition in walk.definitions[n_definitions:]:
        definition.related = [bound for bound in bounds if bound >= 0]
    return value


def augmented_assignment(walk: Walk, node: Node) -> int:
    """`left += right`."""
    left = node.child_by_field_name("left")
    right = node.child_by_field_name("right")
    value = walk.visit(right) if right is not None else -1
    if left is None:
        return -1
    before = walk.visit(left)
    walk.mark(before, Role.WRITE)
    if left.kind_id == _IDENTIFIER:
        bind(walk, left, before, node, flags=Flag.AUGMENTED)
        if (
            walk.scope == 0
            and walk.exports is not None
            and right is not None
            and walk.written(left) == "__all__"
        ):
            walk.exports = [*walk.exports, *strings_in(walk, right)]
    return value


def named_expression(walk: Walk, node: Node) -> int:
    """`name := value`, which binds outside the comprehensions around it."""
    name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
    result = walk.visit(value) if value is not None else -1
    if name is not None:
        inside = walk.scope
        while walk.scopes[walk.scope].kind == ScopeKind.COMPREHENSION:
            walk.scope = walk.scopes[walk.scope].parent
        bind(walk, name, result, node)
        walk.scope = inside
    return result


def global_(walk: Walk, node: Node) -> int:
    """`global a, b`."""
    _declare(walk, node, 0)
    return -1


def nonlocal_(walk: Walk, node: Node) -> int:
    """`nonlocal a, b`."""
    scope = walk.scopes[walk.scope].parent
    while scope > 0 and walk.scopes[scope].kind != ScopeKind.FUNCTION:
        scope = walk.scopes[scope].parent
    _declare(walk, node, scope)
    return -1


def _declare(walk: Walk, node: Node, scope: int) -> None:
    """Let names be bound in an outer scope for the rest of the function."""
    for child in node.named_children:
        name = walk.written(child)
        walk.declared = {**walk.declared, name: scope}
        walk.outer.append((walk.scope, name, scope == 0))
        walk.add(Op.NAME, Role.READ, child.start_byte, name, walk.scope)
