"""What a CommonJS module exports, decided by all that it does with `exports`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nootropic_lsp.analysis.recipes.tree import Source, enclosing, walk
from nootropic_lsp.core.errors import RefusedError

if TYPE_CHECKING:
    from tree_sitter import Node

DECLARATIONS = ("lexical_declaration", "variable_declaration")
_EXPORTING = (("identifier", "exports"), ("member_expression", "module.exports"))
NEW_SCOPE = frozenset(
    [
        *("function_declaration", "function_expression", "method_definition", "class_body"),
        *("generator_function", "generator_function_declaration"),
    ]
)
_RESERVED = frozenset(
    [
        *("await", "break", "case", "catch", "class", "const", "continue", "debugger"),
        *("default", "delete", "do", "else", "enum", "export", "extends", "false"),
        *("finally", "for", "function", "if", "implements", "import", "in", "instanceof"),
        *("interface", "let", "new", "null", "package", "private", "protected", "public"),
        *("return", "static", "super", "switch", "this", "throw", "true", "try"),
        *("typeof", "var", "void", "while", "with", "yield", "eval", "arguments"),
    ]
)
_RUN = frozenset(
    [
        *("expression_statement", "assignment_expression", "variable_declarator", "object", "pair"),
        *("lexical_declaration", "variable_declaration", "call_expression", "arguments", "array"),
        *("member_expression", "new_expression", "parenthesized_expression", "spread_element"),
    ]
)


@dataclass(slots=True)
class Exports:
    """How a module exports: nothing, one value, or names."""

    kind: str = ""  # "", "default" or "named"
    # The name of what is exported as a whole, where more is put on it.
    value: str = ""
    names: dict[str, Node] = field(default_factory=dict)


def exports_of(source: Source) -> Exports:
    """How a CommonJS module exports, decided by all that it does with `exports`."""
    names: dict[str, Node] = {}
    whole: list[Node] = []
    known: set[int] = set()
    owner = ""
    for node in source.root.named_children:
        if node.type in DECLARATIONS and node.named_child_count == 1:
            name, value = declared(node.named_children[0], source)
            if value is not None:
                owner = name
                whole.append(value)
                inner = node.named_children[0].child_by_field_name("value")
                known |= set() if inner is None else {each.id for each in _written_targets(inner)}
            continue
        if node.type != "expression_statement" or not node.named_children:
            continue
        target, value = assigned(node.named_children[0], source)
        if value is None:
            continue
        if target == "":
            whole.append(value)
        elif target not in names:
            names[target] = value
        else:
            names[target] = source.root
        known |= {each.id for each in _written_targets(node.named_children[0])}
    uses = list(_uses(source))
    if not uses:
        return Exports()
    others = [each for each in uses if each.id not in known]
    if not whole and _may_be_named(source, names, others):
        return Exports("named", names=names)
    if len(whole) == 1 and not names and not others:
        return Exports("default", owner)
    if len(whole) == 1 and _is_first(source, whole[0], uses):
        only = whole[0]
        if owner:
            return Exports("default", owner)
        if only.type == "identifier" and source.text(only) != "exports":
            return Exports("default", source.text(only))
        return Exports("default", "moduleExports")
    if not whole and not any(_is_replaced(each, source) for each in uses):
        return Exports("default", "exported")
    raise RefusedError("what it exports is replaced on the way")


def _may_be_named(source: Source, names: dict[str, Node], others: list[Node]) -> bool:
    """Whether every name is set once at the top, is free, and is otherwise only read."""
    if not names or any(value.id == source.root.id for value in names.values()):
        return False
    bound = names_bound(source)
    for name, value in names.items():
        is_same = value.type == "identifier" and source.text(value) == name
        if name in _RESERVED or (name in bound and not is_same):
            return False
    return all(_is_read(each, names, source) for each in others)


def _is_read(use: Node, names: dict[str, Node], source: Source) -> bool:
    """Whether a use of `exports` reads one of its names, which is bound by that name."""
    around = use.parent
    if around is None or around.type != "member_expression" or _is_written(around):
        return False
    name = _text(around.child_by_field_name("property"), source)
    value = names.get(name)
    return value is not None and (value.type != "identifier" or source.text(value) == name)


def _text(node: Node | None, source: Source) -> str:
    return "" if node is None else source.text(node)


def _is_first(source: Source, value: Node, uses: list[Node]) -> bool:
    """Whether nothing was put on what is exported before it was set."""
    statement = value
    while statement.parent is not None and statement.parent.type != "program":
        statement = statement.parent
    return all(
        each.start_byte >= statement.start_byte or enclosing(each, *NEW_SCOPE) is not None
        for each in uses
    ) and not any(
        each.start_byte > statement.end_byte and _is_replaced(each, source) for each in uses
    )


def _is_replaced(use: Node, source: Source) -> bool:
    around = use.parent
    target = use
    if around is not None and source.text(around) == "module.exports":
        target = around
    parent = target.parent
    if parent is None or parent.type != "assignment_expression":
        return False
    return parent.child_by_field_name("left") == target


def _is_written(node: Node) -> bool:
    parent = node.parent
    if parent is None:
        return False
    writes = ("assignment_expression", "augmented_assignment_expression", "update_expression")
    if parent.type in writes:
        return parent.child_by_field_name("left") == node or parent.type == "update_expression"
    return parent.type == "unary_expression"


def _uses(source: Source) -> Iterator[Node]:
    """`exports` and `module.exports` wherever they are used."""
    for node in walk(source.root):
        if (node.type, source.text(node)) in _EXPORTING:
            yield node


def assigned(node: Node, source: Source) -> tuple[str, Node | None]:
    """The name that is exported ("" for all) and its value, if a statement does that."""
    if node.type != "assignment_expression":
        return "", None
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None:
        return "", None
    text = source.text(left)
    found = re.fullmatch(r"(?:module\.)?exports\.([\w$]+)", text)
    if found is not None:
        return (found[1], right) if right.type != "assignment_expression" else ("", None)
    if text not in ("module.exports", "exports"):
        return "", None
    if right.type == "assignment_expression":  # exports = module.exports = …
        inner = right.child_by_field_name("left")
        if inner is not None and source.text(inner) in ("module.exports", "exports"):
            return "", right.child_by_field_name("right")
        return "", None
    return ("", right) if text == "module.exports" else ("", None)


def declared(declarator: Node, source: Source) -> tuple[str, Node | None]:
    """The name and the value of `var app = exports = module.exports = …`."""
    name = declarator.child_by_field_name("name")
    value: Node | None = declarator.child_by_field_name("value")
    if name is None or value is None or name.type != "identifier":
        return "", None
    if value.type != "assignment_expression":
        return "", None
    targets = {source.text(each) for each in _written_targets(value)}
    while value is not None and value.type == "assignment_expression":
        value = value.child_by_field_name("right")
    return (source.text(name), value) if "module.exports" in targets else ("", None)


def is_always_run(node: Node) -> bool:
    """Whether an expression is evaluated whenever its module is, once."""
    around = node.parent
    while around is not None and around.type != "program":
        if around.type not in _RUN:
            return False
        around = around.parent
    return True


def _written_targets(node: Node) -> Iterator[Node]:
    """The nodes of `exports` on the left sides of an export."""
    while node.type == "assignment_expression":
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None:
            return
        yield left
        yield from left.children
        node = right


def names_bound(source: Source) -> set[str]:
    """Every name that is bound anywhere in a text."""
    found: set[str] = set()
    for node in walk(source.root):
        parent = node.parent
        if parent is None:
            continue
        if node.type == "shorthand_property_identifier_pattern":
            found.add(source.text(node))
        elif node.type == "identifier":
            kind = parent.type
            # The name of a function expression is known inside of it only.
            is_name = kind.endswith(("_declaration", "declarator")) and (
                parent.child_by_field_name("name") == node
            )
            if is_name or kind in (
                "formal_parameters",
                "array_pattern",
                "rest_pattern",
                "catch_clause",
            ):
                found.add(source.text(node))
            elif kind in ("pair_pattern", "assignment_pattern", "arrow_function"):
                fields = ("value", "left", "parameter")
                if any(parent.child_by_field_name(each) == node for each in fields):
                    found.add(source.text(node))
    return found


def is_top(node: Node, *, arrows: bool = False) -> bool:
    """Whether no function is around a node that has a `this` of its own."""
    kinds = NEW_SCOPE | {"arrow_function"} if arrows else NEW_SCOPE
    return enclosing(node, *kinds) is None
