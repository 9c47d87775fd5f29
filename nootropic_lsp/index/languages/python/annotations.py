"""Reads annotations: types as they are written, in quotes too, and their aliases."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tree_sitter import Node

from nootropic_lsp.index.facts import Kind, Op, Role, ScopeKind
from nootropic_lsp.index.languages.python.walk import Walk, inner

_DOTTED = re.compile(r"\s*[^\W\d]\w*(\s*\.\s*[^\W\d]\w*)*\s*\Z")
_NAME = re.compile(r"[^\W\d]\w*")
_ALL = 1 << 30
# From which argument on these hold values, not types.
_VALUES_FROM = {"Literal": 0, "Annotated": 1}


def annotation(walk: Walk, node: Node) -> int:
    """The expression of an annotation, read as a type."""
    return walk.with_role(node, Role.TYPE)


def generic_type(walk: Walk, node: Node) -> int:
    """`list[int]` inside an annotation."""
    children = node.named_children
    value = walk.visit(children[0])
    return _with_arguments(walk, value, between_brackets(walk, value, children[1].named_children))


def between_brackets(walk: Walk, head: int, arguments: Sequence[Node]) -> list[int]:
    """What stands behind a generic type: types, but the values of `Literal` and `Annotated`."""
    n_types = _n_types(walk, head)
    return [
        walk.with_role(argument, Role.READ if number >= n_types else Role.TYPE)
        for number, argument in enumerate(arguments)
    ]


def _n_types(walk: Walk, head: int) -> int:
    """How many of the arguments of a generic type are types."""
    expression = walk.expressions[head] if head >= 0 else ()
    if not expression or expression[0] > Op.MEMBER:
        return _ALL
    return _VALUES_FROM.get(expression[3], _ALL)


def union_type(walk: Walk, node: Node) -> int:
    """`A | B` inside an annotation."""
    left, right = (walk.visit(child) for child in node.named_children[:2])
    return walk.add(Op.BINARY, "|", left, right)


def member_type(walk: Walk, node: Node) -> int:
    """`a[b].c` inside an annotation."""
    children = node.named_children
    receiver = walk.visit(children[0])
    name = children[-1]
    return walk.add(Op.MEMBER, walk.role, name.start_byte, walk.written(name), receiver)


def quoted(walk: Walk, node: Node) -> int:
    """A forward reference: a dotted name in quotes, perhaps with `| None` or brackets."""
    for child in node.named_children:
        if child.type == "string_content":
            return _read(walk, child.start_byte, child.end_byte)
    return -1


def _read(walk: Walk, start: int, end: int) -> int:
    """The type that is written between two offsets, where there is no tree of it."""
    text = walk.text[start:end]
    if _DOTTED.match(text):
        value = -1
        for match in _NAME.finditer(text):
            position = start + match.start()
            if value < 0:
                value = walk.add(Op.NAME, walk.role, position, match[0], walk.scope)
            else:
                value = walk.add(Op.MEMBER, walk.role, position, match[0], value)
        return value
    parts = list(_split_outside(text, "|"))
    if len(parts) > 1:
        return walk.either(_read(walk, start + at, start + at + len(part)) for at, part in parts)
    opening = text.find("[")
    if opening > 0 and text.rstrip().endswith("]"):
        value = _read(walk, start, start + opening)
        first = start + opening + 1
        parts = list(_split_outside(text[opening + 1 : text.rindex("]")], ","))
        arguments = [
            _read(walk, first + at, first + at + len(part))
            for at, part in parts[: _n_types(walk, value)]
        ]
        if value >= 0:
            return _with_arguments(walk, value, arguments)
    return -1


def _with_arguments(walk: Walk, value: int, arguments: list[int]) -> int:
    if len(arguments) == 1:
        return walk.add(Op.ITEM, value, arguments[0])
    return walk.add(Op.ITEM, value, walk.add(Op.DISPLAY, "tuple", *arguments))


def _split_outside(text: str, separator: str) -> Iterator[tuple[int, str]]:
    """The parts between separators that stand outside brackets, each with its offset."""
    depth = start = 0
    for index, character in enumerate(text):
        if character in "[(":
            depth += 1
        elif character in "])":
            depth -= 1
        elif character == separator and depth == 0:
            yield start, text[start:index]
            start = index + 1
    yield start, text[start:]


def type_parameters(walk: Walk, parameters: Node | None, node: Node, owner: int) -> int:
    """Enter a scope for `[T]` if there is one; the scope that annotations are read in."""
    if parameters is not None:
        walk.open(ScopeKind.FUNCTION, node, owner)
        for parameter in parameters.named_children:
            name = _first_identifier(parameter)
            if name is not None:
                _type_parameter(walk, name, parameter)
    return walk.scope


def _type_parameter(walk: Walk, name: Node, parameter: Node) -> None:
    """`T: bound`, where the bound may be a tuple of the types that are allowed."""
    definition = walk.define(name, Kind.TYPE_PARAMETER, parameter)
    for bound in parameter.named_children[0].named_children[1:]:
        index = annotation(walk, bound)
        if definition is not None and index >= 0:
            expression = walk.expressions[index]
            allowed = expression[2:] if expression[0] == Op.DISPLAY else (index,)
            definition.related = [part for part in allowed if part >= 0]


def type_alias(walk: Walk, node: Node) -> int:
    """`type X[T] = Y`."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None:
        return inner(walk, node)
    name = _first_identifier(left)
    if name is None:
        return inner(walk, node)
    definition = walk.define(name, Kind.TYPE, node)
    outside = walk.scope
    inside = left.named_children[0] if left.named_child_count else left
    if inside.type == "generic_type":
        walk.open(ScopeKind.FUNCTION, node, -1)
        for parameter in inside.named_children[1:]:
            for child in parameter.named_children:
                name = _first_identifier(child)
                if name is not None:
                    _type_parameter(walk, name, child)
    value = annotation(walk, right)
    walk.scope = outside
    if definition is not None:
        definition.value = value
    return -1


def _first_identifier(node: Node) -> Node | None:
    while node.type != "identifier":
        if not node.named_child_count:
            return None
        node = node.named_children[0]
    return node
