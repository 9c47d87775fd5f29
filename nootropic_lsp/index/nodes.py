"""The syntax tree of a text for those who change it: nodes in code points that know their parents."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from nootropic_lsp.index.offsets import code_point_table
from nootropic_lsp.index.opened import OpenText

if TYPE_CHECKING:
    from tree_sitter import Node as RawNode

_COMMENTS = frozenset({"comment", "line_comment", "block_comment", "html_comment"})


class Node:
    """A node of a syntax tree. There is one object per node, so they are compared by `is`."""

    def __init__(
        self,
        raw: RawNode,
        source: str,
        offset: Callable[[int], int],
        parent: Node | None = None,
        field: str = "",
    ) -> None:
        self._raw = raw
        self._offset = offset
        self.source = source
        self.parent = parent
        self.field = field  # what the grammar calls it in its parent, "" if nothing
        self.kind = raw.type
        self.is_named = raw.is_named
        self.start = offset(raw.start_byte)
        self.end = offset(raw.end_byte)
        if source.startswith("\r\n", self.end - 1) and self.end > self.start:
            # To tree-sitter, a comment at the end of a line goes on until the line feed.
            self.end -= 1

    def __repr__(self) -> str:
        return f"<{self.kind} {self.text[:40]!r}>"

    @property
    def text(self) -> str:
        """What is written there."""
        return self.source[self.start : self.end]

    @property
    def has_error(self) -> bool:
        """Whether something in it could not be read."""
        return self._raw.has_error

    @cached_property
    def children(self) -> tuple[Node, ...]:
        """Everything directly in it, signs and comments too."""
        cursor = self._raw.walk()
        found: list[Node] = []
        more = cursor.goto_first_child()
        while more:
            raw = cursor.node
            assert raw is not None
            found.append(Node(raw, self.source, self._offset, self, cursor.field_name or ""))
            more = cursor.goto_next_sibling()
        return tuple(found)

    @cached_property
    def named(self) -> tuple[Node, ...]:
        """What is directly in it, without signs and comments."""
        return tuple(each for each in self.children if each.is_named and each.kind not in _COMMENTS)

    def child(self, field: str) -> Node | None:
        """What the grammar calls by a name in it."""
        return next((each for each in self.children if each.field == field), None)

    def ancestors(self) -> Iterator[Node]:
        """What is around it, the innermost first."""
        node = self.parent
        while node is not None:
            yield node
            node = node.parent

    def walk(self, *, into: Callable[[Node], bool] = lambda _node: True) -> Iterator[Node]:
        """It and everything below it in the order of the text; `into` says where to go deeper."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            if node is self or into(node):
                waiting += reversed(node.children)

    def around(self, start: int, end: int) -> Node:
        """The smallest node in it that holds a stretch of the text."""
        node = self
        while True:
            for each in node.children:
                if each.start <= start and end <= each.end and each.end > each.start:
                    node = each
                    break
            else:
                return node

    @property
    def is_comment(self) -> bool:
        """Whether it is a comment."""
        return self.kind in _COMMENTS


def tree_of(text: OpenText) -> Node | None:
    """The syntax tree of a text, or None if it cannot be parsed."""
    parsed = text.tree()
    if parsed is None:
        return None
    tree, data = parsed
    offset = int if data.isascii() else code_point_table(data).__getitem__
    return Node(tree.root_node, text.document.text, offset)
