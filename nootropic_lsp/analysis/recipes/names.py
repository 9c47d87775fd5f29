"""What the names of a Python file stand for by its imports, and which names it gives to others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from nootropic_lsp.analysis.recipes.tree import Source, walk

if TYPE_CHECKING:
    from tree_sitter import Node

_IMPORTS = ("import_statement", "import_from_statement")


def imported(source: Source) -> dict[str, str]:
    """The dotted names behind the names that imports bind: `{"Case": "unittest.TestCase"}`.

    A name that something else binds too, anywhere in the file, is left out.
    """
    found: dict[str, str] = {}
    for node in walk(source.root):
        if node.type in _IMPORTS:
            for name, target in _bound_by(node, source):
                found[name] = "" if found.get(name, target) != target else target
    for name in bound(source):
        found.pop(name, None)
    return {name: target for name, target in found.items() if target}


def dotted(node: Node, source: Source, names: dict[str, str]) -> str:
    """What an expression such as `os.path.join` means by the imports, "" if nothing known."""
    if node.type == "identifier":
        return names.get(source.text(node), "")
    if node.type == "attribute":
        inner, name = node.child_by_field_name("object"), node.child_by_field_name("attribute")
        before = "" if inner is None else dotted(inner, source, names)
        return f"{before}.{source.text(name)}" if before and name is not None else ""
    return ""


def bound(source: Source) -> set[str]:
    """Every name that the file binds otherwise than by an import, in whatever scope."""
    return {source.text(node) for node in _binding(source)}


def _binding(source: Source) -> Iterator[Node]:
    for node in walk(source.root):
        if node.type != "identifier" or node.parent is None:
            continue
        parent = node.parent
        kind = parent.type
        if kind in ("function_definition", "class_definition", "named_expression"):
            if parent.child_by_field_name("name") == node:
                yield node
        elif kind in ("parameters", "lambda_parameters", "as_pattern_target", "typed_parameter"):
            yield node
        elif kind in ("default_parameter", "typed_default_parameter"):
            if parent.child_by_field_name("name") == node:
                yield node
        elif kind in ("list_splat_pattern", "dictionary_splat_pattern", "global_statement"):
            yield node
        elif kind in ("assignment", "augmented_assignment", "for_statement", "for_in_clause"):
            if parent.child_by_field_name("left") == node:
                yield node
        elif kind in ("pattern_list", "tuple_pattern", "list_pattern", "case_pattern"):
            yield node
        elif kind == "dotted_name" and _kind_around(parent) == "case_pattern":
            yield node  # a name that a case of `match` gives


def _kind_around(node: Node) -> str:
    return "" if node.parent is None else node.parent.type


def _bound_by(node: Node, source: Source) -> Iterator[tuple[str, str]]:
    module = node.child_by_field_name("module_name")
    prefix = "" if module is None else f"{source.text(module)}."
    for each in node.children_by_field_name("name"):
        if each.type == "aliased_import":
            name, alias = each.child_by_field_name("name"), each.child_by_field_name("alias")
            if name is not None and alias is not None:
                yield source.text(alias), prefix + source.text(name)
        elif prefix:
            yield source.text(each), prefix + source.text(each)
        else:
            top = source.text(each).partition(".")[0]
            yield top, top
