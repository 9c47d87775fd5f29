"""Another try at a text that a grammar cannot read."""

from __future__ import annotations

from collections.abc import Callable

from tree_sitter import Language, Node, Parser

# Errors further down cost little more than themselves.
_DEEPEST = 4


def less_broken(
    root: Node, data: bytes, grammar: Language, repair: Callable[[bytes], bytes]
) -> Node:
    """The tree of a text, or of the repaired text if far less of that is unreadable.

    `repair` gives a text of the same length, so that all offsets hold.
    """
    if not root.has_error:
        return root
    repaired = repair(data)
    if repaired == data:
        return root
    again = Parser(grammar).parse(repaired).root_node
    return again if 2 * _unread(again) < _unread(root) else root


def _unread(node: Node, depth: int = 0) -> int:
    """How many bytes near the top of a tree could not be read."""
    if node.is_error:
        return node.end_byte - node.start_byte
    if depth > _DEEPEST or not node.has_error:
        return 0
    return sum(_unread(child, depth + 1) for child in node.children if child.has_error)
