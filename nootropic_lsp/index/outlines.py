"""Outlines that come from the syntax tree of an open text, where a language has its own way."""

from __future__ import annotations

from nootropic_lsp.core.symbols import OutlineItem
from nootropic_lsp.index.languages.python.outline import outline as python_outline
from nootropic_lsp.index.offsets import code_point_table
from nootropic_lsp.index.opened import OpenText


def outline_of_tree(text: OpenText) -> list[OutlineItem] | None:
    """The outline of an open text, or None if its language has it from the facts."""
    if text.document.language != "python":
        return None
    parsed = text.tree()
    if parsed is None:
        return None
    tree, data = parsed
    at = int if data.isascii() else code_point_table(data).__getitem__
    return python_outline(tree.root_node, data, at)
