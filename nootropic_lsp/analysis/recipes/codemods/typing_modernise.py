"""`Optional`, `Union`, `List` and their like as PEP 585 and PEP 604 write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nootropic_lsp.analysis.recipes.codemods import Around
from nootropic_lsp.analysis.recipes.names import bound, dotted, imported
from nootropic_lsp.analysis.recipes.tree import Change, Rewriter, Source, enclosing, walk

if TYPE_CHECKING:
    from tree_sitter import Node

_BUILT_IN = {
    **{f"typing.{name}": name.lower() for name in ("List", "Dict", "Set", "Tuple", "Type")},
    "typing.FrozenSet": "frozenset",
    "typing.Text": "str",
}
_BUILT_IN_SINCE = (3, 9)
_UNION_SINCE = (3, 10)


def rewrite(source: Source, around: Around) -> Change:
    """Every such type of a text, as far as the project's Python knows the new form."""
    if around.python < _BUILT_IN_SINCE:
        oldest = ".".join(map(str, around.python))
        return Change(notes=[f"left, because the project still runs on Python {oldest}"])
    names = imported(source)
    if not any(each.startswith("typing") for each in names.values()):
        return Change()
    # A method that is called `list` is what `list` means in its class.
    taken = bound(source)

    def rule(node: Node, rewriter: Rewriter) -> str | None:
        if node.type in ("import_statement", "import_from_statement"):
            return source.text(node)
        if node.type in ("identifier", "attribute"):
            new = _BUILT_IN.get(dotted(node, source, names))
            return None if new is None or new in taken or _is_base(node) else new
        if node.type not in ("subscript", "generic_type") or around.python < _UNION_SINCE:
            return None
        meaning = dotted(node.children[0], source, names)
        if meaning not in ("typing.Optional", "typing.Union") or _is_base(node):
            return None
        return _union(node, meaning, source, rewriter)

    return Change(Rewriter(source, rule).replacements())


def _union(node: Node, meaning: str, source: Source, rewriter: Rewriter) -> str | None:
    arguments = _arguments(node)
    if any(each.type == "comment" for each in walk(node)) or not arguments:
        return None
    # A text stands for a name to come, and has no `|`; what is unpacked may be any number.
    if any(each.type in ("string", "list_splat", "splat_type") for each in map(_inner, arguments)):
        return None
    if "\n" in source.text(node) and enclosing(node, "parameters", "argument_list") is None:
        return None
    shown = [rewriter.render(each) for each in arguments]
    if meaning == "typing.Optional":
        if len(shown) != 1:
            return None
        shown.append("None")
    parts: list[str] = []
    for each in (part.strip() for text in shown for part in _split(text)):
        if each not in parts:
            parts.append(each)
    if all(each == "None" for each in parts):
        return None
    return " | ".join(parts)


def _split(text: str) -> list[str]:
    """The members of a union, so that none stands twice."""
    parts, depth, start = [], 0, 0
    for at, character in enumerate(text):
        depth += (character in "([{") - (character in ")]}")
        if character == "|" and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    return [*parts, text[start:]]


def _arguments(node: Node) -> list[Node]:
    if node.type == "subscript":
        arguments = node.children_by_field_name("subscript")
        if len(arguments) == 1 and arguments[0].type == "tuple":
            return list(arguments[0].named_children)
        return list(arguments)
    parameters = [each for each in node.named_children if each.type == "type_parameter"]
    return [each for group in parameters for each in group.named_children]


def _inner(node: Node) -> Node:
    while node.type == "type" and node.named_child_count == 1:
        node = node.named_children[0]
    return node


def _is_base(node: Node) -> bool:
    """Whether a type is a base of a class, where the new form is another base."""
    around = node.parent
    while around is not None and around.type in ("subscript", "attribute", "generic_type", "type"):
        around = around.parent
    if around is None or around.type != "argument_list" or around.parent is None:
        return False
    return around.parent.type == "class_definition"
