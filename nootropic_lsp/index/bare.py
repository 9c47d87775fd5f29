"""A text without its comments and docstrings: what two texts have in common that do the same."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

from nootropic_lsp.index.opened import OpenText

if TYPE_CHECKING:
    from tree_sitter import Node

_STRINGS = frozenset({"string", "concatenated_string"})


def bare_digest(text: OpenText) -> bytes | None:
    """A digest of the code in a text, the same whatever its comments say; None without a tree."""
    parsed = text.tree()
    if parsed is None:
        return None
    tree, data = parsed
    found = blake2b(digest_size=16)
    has_docstrings = text.document.language == "python"
    waiting: list[Node | None] = [tree.root_node]
    while waiting:
        node = waiting.pop()
        if node is None:
            found.update(b")")
            continue
        if "comment" in node.type or (has_docstrings and _is_docstring(node)):
            continue
        found.update(f"({node.type}".encode())
        if node.children:
            waiting.append(None)
            waiting += reversed(node.children)
        else:
            found.update(b":%d:" % (node.end_byte - node.start_byte))
            found.update(data[node.start_byte : node.end_byte] + b")")
    return found.digest()


def _is_docstring(node: Node) -> bool:
    """Whether a statement is nothing but a string, which does nothing."""
    if node.type != "expression_statement" or node.child_count != 1:
        return False
    inside = node.children[0]
    return inside.type in _STRINGS and not _is_interpolated(inside)


def _is_interpolated(node: Node) -> bool:
    return node.type == "interpolation" or any(map(_is_interpolated, node.children))
