"""This file is where we keep the syntax trees of the files that take part in simplifying one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nootropic_lsp.index.parse import parser_of

if TYPE_CHECKING:
    from tree_sitter import Node

FUNCTIONS = frozenset(
    (
        "function_declaration",
        "function_expression",
        "arrow_function",
        "method_definition",
        "generator_function",
        "generator_function_declaration",
    )
)
# Kinds of nodes that are no more than a type.
TYPES = frozenset(
    (
        "interface_declaration",
        "type_alias_declaration",
        "ambient_declaration",
        "type_annotation",
        "type_arguments",
        "type_parameters",
        "accessibility_modifier",
        "override_modifier",
    )
)
_MUTATING = frozenset(
    [
        "push",
        "pop",
        "shift",
        "unshift",
        "splice",
        "sort",
        "reverse",
        "set",
        "add",
        "delete",
        "clear",
    ]
)
_MAX_BYTES = 300_000
_SUFFIXES = {"tsx": "tsx", "ts": "typescript", "mts": "typescript", "cts": "typescript"}


@dataclass(slots=True, eq=False)
class Source:
    """A file: its tree, and which names in it can change at any time."""

    path: str
    data: bytes
    root: Node
    # Names that are assigned inside a function in which they are not declared.
    unsteady: frozenset[str] = frozenset()
    # Names that are assigned at all after they are declared.
    assigned: frozenset[str] = frozenset()

    def text(self, node: Node) -> str:
        """What stands there."""
        return self.data[node.start_byte : node.end_byte].decode(errors="replace")

    def between(self, start: int, end: int) -> str:
        """What stands between two bytes."""
        return self.data[start:end].decode(errors="replace")


def read(path: str, text: str, language: str) -> Source | None:
    """A file, unless it is too large or not readable."""
    data = text.encode(errors="replace")
    if len(data) > _MAX_BYTES:
        return None
    source = Source(path, data, parser_of(language).parse(data).root_node)
    assigned: set[str] = set()
    unsteady: set[str] = set()
    for name, node in _assignments(source, with_methods=True):
        if node.type != "call_expression":
            assigned.add(name)
        if name not in unsteady and not _is_own(source, name, node):
            unsteady.add(name)
    source.assigned = frozenset(assigned)
    source.unsteady = frozenset(unsteady)
    return source


def language_of(path: str) -> str:
    """The language of a file that is imported."""
    return _SUFFIXES.get(path.rpartition(".")[2], "javascript")


def assigned_in(source: Source, node: Node) -> set[str]:
    """Names that are assigned, or whose containers are changed, somewhere below this node."""
    return {name for name, _node in _assignments(source, node, with_methods=True)}


def _assignments(
    source: Source, root: Node | None = None, *, with_methods: bool = False
) -> Iterator[tuple[str, Node]]:
    stack = [root or source.root]
    while stack:
        node = stack.pop()
        kind = node.type
        target = None
        if kind in {"assignment_expression", "augmented_assignment_expression"}:
            target = node.child_by_field_name("left")
        elif kind == "update_expression":
            target = node.child_by_field_name("argument")
        elif kind == "for_in_statement" and node.child_by_field_name("kind") is None:
            target = node.child_by_field_name("left")
        elif with_methods and kind == "call_expression":
            function = node.child_by_field_name("function")
            if function is not None and function.type == "member_expression":
                method = function.child_by_field_name("property")
                if method is not None and source.text(method) in _MUTATING:
                    target = function.child_by_field_name("object")
        if target is not None:
            while target.type in {"member_expression", "subscript_expression"}:
                if not with_methods:
                    break
                target = target.child_by_field_name("object") or target.children[0]
            if target.type == "identifier":
                yield source.text(target), node
            elif target.type in {"object_pattern", "array_pattern"}:
                for each in names_in(source, target):
                    yield each, node
        stack.extend(node.children)


def names_in(source: Source, pattern: Node) -> Iterator[str]:
    """Names that a pattern binds."""
    if pattern.type in {"identifier", "shorthand_property_identifier_pattern"}:
        yield source.text(pattern)
    elif pattern.type in {"pair_pattern", "assignment_pattern", "object_assignment_pattern"}:
        field_name = "value" if pattern.type == "pair_pattern" else "left"
        inner = pattern.child_by_field_name(field_name)
        if inner is not None:
            yield from names_in(source, inner)
    else:
        for each in pattern.named_children:
            if each.type not in TYPES:
                yield from names_in(source, each)


def parameters_of(function: Node) -> list[Node]:
    """The parameters of a function: patterns, without their types."""
    single = function.child_by_field_name("parameter")
    if single is not None:
        return [single]
    several = function.child_by_field_name("parameters")
    if several is None:
        return []
    found = []
    for each in several.named_children:
        if each.type in {"required_parameter", "optional_parameter"}:
            pattern = each.child_by_field_name("pattern")
            found.append(pattern if pattern is not None else each)
        elif each.type != "comment":
            found.append(each)
    return found


def _is_own(source: Source, name: str, node: Node) -> bool:
    """Whether a name is declared by the innermost function around this node."""
    at: Node | None = node
    while at is not None and at.type not in FUNCTIONS:
        at = at.parent
    if at is None:
        return True
    if any(name in names_in(source, each) for each in parameters_of(at)):
        return True
    stack = list(at.children)
    while stack:
        each = stack.pop()
        if each.type == "variable_declarator" and name in names_in(source, each.children[0]):
            return True
        if each.type not in FUNCTIONS:
            stack.extend(each.children)
    return False
