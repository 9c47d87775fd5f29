"""The outline of a Python file, straight from its syntax tree.

An outline is asked for after every keystroke, so only statements are looked at:
reading all expressions of a long file takes twenty times as long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tree_sitter import Node

from nootropic_lsp.core.spans import Span
from nootropic_lsp.core.symbols import OutlineItem

_BLOCKS = frozenset(
    {
        "if_statement",
        "elif_clause",
        "else_clause",
        "try_statement",
        "except_clause",
        "except_group_clause",
        "finally_clause",
        "with_statement",
        "for_statement",
        "while_statement",
        "match_statement",
        "case_clause",
        "block",
        "ERROR",
    }
)
# Longer than any signature that fits into a list.
_LONGEST_DETAIL = 200
_DEEPEST = 100


def outline(root: Node, data: bytes, at: Callable[[int], int]) -> list[OutlineItem]:
    """What a file defines, as a tree. `at` turns a byte offset into one of code points."""
    return _Outline(data, at).items(root.named_children, in_class=False, depth=0, values=True)


class _Outline:
    def __init__(self, data: bytes, at: Callable[[int], int]) -> None:
        self.data = data
        self.at = at

    def items(
        self, nodes: Iterable[Node], *, in_class: bool, depth: int, values: bool
    ) -> list[OutlineItem]:
        """Definitions among statements; `values` says whether variables count as such here."""
        found: list[OutlineItem] = []
        if depth > _DEEPEST:
            return found
        for node in nodes:
            kind = node.type
            whole = node
            if kind == "decorated_definition":
                node = node.named_children[-1]
                kind = node.type
            if kind in ("function_definition", "class_definition"):
                item = self._definition(node, whole, in_class=in_class, depth=depth)
                if item is not None:
                    found.append(item)
            elif kind == "expression_statement":
                if values and node.named_child_count:
                    self._assignment(node.named_children[0], found, in_class=in_class)
            elif kind == "type_alias_statement" and values:
                name = node.named_children[0]
                found.append(self._item(name, node, "type"))
            elif kind in _BLOCKS:
                found += self.items(
                    node.named_children, in_class=in_class, depth=depth + 1, values=values
                )
        return found

    def _definition(
        self, node: Node, whole: Node, *, in_class: bool, depth: int
    ) -> OutlineItem | None:
        name = node.child_by_field_name("name")
        body = node.child_by_field_name("body")
        if name is None or name.start_byte == name.end_byte:
            return None
        is_class = node.type == "class_definition"
        word = "class" if is_class else "method" if in_class else "function"
        detail = ""
        if not is_class:
            parameters = node.child_by_field_name("parameters")
            returned = node.child_by_field_name("return_type")
            if parameters is not None:
                end = (returned or parameters).end_byte
                detail = " ".join(self._text(parameters.start_byte, end).split())
        inside = body.named_children if body is not None else []
        if node.has_error:
            # What the parser could not make a body of stands beside it.
            inside += [child for child in node.named_children if child.type == "ERROR"]
        children = self.items(inside, in_class=is_class, depth=depth + 1, values=is_class)
        return self._item(name, whole, word, detail[:_LONGEST_DETAIL], children)

    def _assignment(self, node: Node, found: list[OutlineItem], *, in_class: bool) -> None:
        if node.type != "assignment":
            return
        left = node.child_by_field_name("left")
        if left is None:
            return
        names = [left] if left.type == "identifier" else _names_in(left)
        for name in names:
            text = self._text(name.start_byte, name.end_byte)
            if any(item.name == text for item in found):
                continue
            word = "field" if in_class else "constant" if text.isupper() else "variable"
            found.append(self._item(name, node, word))

    def _item(
        self,
        name: Node,
        whole: Node,
        kind: str,
        detail: str = "",
        children: Iterable[OutlineItem] = (),
    ) -> OutlineItem:
        at = self.at
        return OutlineItem(
            self._text(name.start_byte, name.end_byte),
            kind,
            Span(at(name.start_byte), at(name.end_byte)),
            Span(at(whole.start_byte), at(whole.end_byte)),
            detail,
            children=tuple(children),
        )

    def _text(self, start: int, end: int) -> str:
        return self.data[start:end].decode("utf-8", "replace")


def _names_in(target: Node) -> list[Node]:
    if target.type in ("pattern_list", "tuple_pattern", "list_pattern"):
        return [name for name in target.named_children if name.type == "identifier"]
    return []
