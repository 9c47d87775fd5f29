"""Outlines that come from the syntax tree of an open text, where a language has its own way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nootropic_lsp.core.symbols import OutlineItem
from nootropic_lsp.index.languages.python.outline import outline as python_outline
from nootropic_lsp.index.languages.python.unfinished import regrouped
from nootropic_lsp.index.offsets import code_point_table
from nootropic_lsp.index.opened import OpenText
from nootropic_lsp.index.source import encode_source

if TYPE_CHECKING:
    from tree_sitter import Node


def outline_of_tree(text: OpenText) -> list[OutlineItem] | None:
    """The outline of an open text, or None if its language has it from the facts."""
    if text.document.language != "python":
        return None
    parsed = text.tree()
    if parsed is None:
        return None
    tree, data = parsed
    at = int if data.isascii() else code_point_table(data).__getitem__
    items = python_outline(tree.root_node, data, at)
    if not tree.root_node.has_error:
        return items
    source = text.document.text
    return regrouped(
        items,
        source,
        lambda offset: not _is_in_string(tree.root_node, len(encode_source(source[:offset]))),
    )


def _is_in_string(root: Node, offset: int) -> bool:
    node = root.descendant_for_byte_range(offset, offset + 1)
    while node is not None and node.type != "string":
        node = node.parent
    return node is not None
