"""What every pass over a syntax tree carries along, where handlers read it node by node."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tree_sitter import Node

from nootropic_lsp.index.facts import Block, Definition, Expression, Op, Role, Scope, ScopeKind


class Walking:
    """One pass over the tree. Offsets are bytes here; `to_code_points` mends them at the end.

    The text is kept as Latin-1, so that a byte offset is an index into it. What lies
    below `deepest` levels in a generated program is left out.
    """

    most_alternatives: int | None = None  # of one value

    def __init__(
        self, data: bytes, handlers: Mapping[int, Callable[[Any, Node], int]], *, deepest: int
    ) -> None:
        self.text = data.decode("latin-1")
        self.handlers = handlers  # by the id of a node's kind
        self.deepest = deepest
        self.scopes = [Scope(ScopeKind.MODULE, -1, 0, len(data), 0)]
        self.definitions: list[Definition] = []
        self.expressions: list[Expression] = []
        self.blocks = [Block(0, len(data), -1)]
        self.stars: list[int] = []
        # Where the walk is.
        self.scope = 0
        self.block_end = len(data)
        self.depth = 0
        self.role = Role.READ  # what the names that are read next are written for
        # What the function that is being read gives.
        self.returns: list[int] = []
        self.yields: list[int] = []
        self.literals: dict[str, int] = {}

    def visit(self, node: Node) -> int:
        """Read a node; the index of its value, or -1."""
        return self.handlers[node.kind_id](self, node)

    def with_role(self, node: Node, role: int) -> int:
        """Read a node whose names are written for something else than to be read."""
        before, self.role = self.role, role
        value = self.visit(node)
        self.role = before
        return value

    def end_before(self, position: int) -> int:
        """Where what stands before a position ends, without the space between."""
        text = self.text
        while position and text[position - 1].isspace():
            position -= 1
        return position

    def add(self, *expression: object) -> int:
        """Note an expression; its index."""
        self.expressions.append(expression)
        return len(self.expressions) - 1

    def mark(self, index: int, role: int) -> None:
        """Set the role of a use after the fact."""
        if index >= 0:
            expression = self.expressions[index]
            if expression[0] <= Op.MEMBER:
                self.expressions[index] = (expression[0], role, *expression[2:])

    def literal(self, name: str) -> int:
        """A value of a builtin type."""
        index = self.literals.get(name)
        if index is None:
            index = self.literals[name] = self.add(Op.LITERAL, name)
        return index

    def either(self, values: Iterable[int]) -> int:
        """One of several values; those that are -1 do not count."""
        known = [value for value in dict.fromkeys(values) if value >= 0]
        if len(known) < 2:
            return known[0] if known else -1
        return self.add(Op.EITHER, *known[: self.most_alternatives])

    def element(self, iterable: int) -> int:
        """An element of what is iterated over."""
        return self.add(Op.ELEMENT, iterable) if iterable >= 0 else -1

    def open(self, kind: int, node: Node, owner: int) -> int:
        """Enter a new scope. Who opens one sets `scope` back afterwards."""
        self.scopes.append(Scope(kind, self.scope, node.start_byte, node.end_byte, owner))
        self.scope = len(self.scopes) - 1
        return self.scope


def inner(walk: Walking, node: Node) -> int:
    """Read what is inside a node that has no value of its own."""
    walk.depth += 1
    if walk.depth < walk.deepest:
        handlers = walk.handlers
        for child in node.named_children:
            handlers[child.kind_id](walk, child)
    walk.depth -= 1
    return -1


def skip(_walk: Walking, _node: Node) -> int:
    """Leave out a node that has neither names nor a value."""
    return -1
