"""What is carried along on the way through a Python syntax tree."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from tree_sitter import Node

from nootropic_lsp.index.facts import (
    Block,
    Definition,
    Expression,
    Op,
    Role,
    Scope,
    ScopeKind,
)

# A handler reads a node and gives the index of its value, or -1.
Handler = Callable[["Walk", Node], int]

# Deeper than any written program; what lies below in a generated one is left out.
DEEPEST = 2_500


class Walk:
    """One pass over the tree. Offsets are bytes here; `to_code_points` mends them at the end.

    The text is kept as Latin-1, so that a byte offset is an index into it.
    """

    def __init__(self, data: bytes, handlers: Mapping[int, Handler]) -> None:
        self.text = data.decode("latin-1")
        self.handlers = handlers  # by the id of a node's kind
        self.scopes = [Scope(ScopeKind.MODULE, -1, 0, len(data))]
        self.definitions: list[Definition] = []
        self.expressions: list[Expression] = []
        self.blocks = [Block(0, len(data), -1)]
        self.stars: list[int] = []
        self.exports: list[str] | None = None
        self.outer: list[tuple[int, str, bool]] = []
        # Where the walk is.
        self.scope = 0
        self.block = 0
        self.block_end = len(data)
        self.arms_end = 0  # where the arms of an `if` or `match` end, while one of them is next
        self.depth = 0
        self.role = Role.READ  # what the names that are read next are written for
        # What the function that is being read says.
        self.receiver = ""  # its first parameter, if it is a method
        self.receiver_class = -1  # the scope of the class that it is a method of
        self.returns: list[int] = []
        self.yields: list[int] = []
        self.declared: dict[str, int] = {}  # `global` and `nonlocal` names: the scope they bind in
        self._literals: dict[str, int] = {}

    def visit(self, node: Node) -> int:
        """Read a node; the index of its value, or -1."""
        return self.handlers[node.kind_id](self, node)

    def with_role(self, node: Node, role: int) -> int:
        """Read a node whose names are written for something else than to be read."""
        before, self.role = self.role, role
        value = self.handlers[node.kind_id](self, node)
        self.role = before
        return value

    def written(self, node: Node) -> str:
        """The text of a node."""
        return self.text[node.start_byte : node.end_byte]

    def add(self, *expression: object) -> int:
        """Note an expression; its index."""
        self.expressions.append(expression)
        return len(self.expressions) - 1

    def either(self, values: Iterable[int]) -> int:
        """One of several values; those that are -1 do not count."""
        known = [value for value in dict.fromkeys(values) if value >= 0]
        if len(known) < 2:
            return known[0] if known else -1
        return self.add(Op.EITHER, *known)

    def literal(self, name: str) -> int:
        """A value of a builtin type."""
        index = self._literals.get(name)
        if index is None:
            index = self._literals[name] = self.add(Op.LITERAL, name)
        return index

    def element(self, iterable: int) -> int:
        """An element of what is iterated over."""
        return self.add(Op.ELEMENT, iterable) if iterable >= 0 else -1

    def mark(self, index: int, role: int) -> None:
        """Set the role of a use after the fact."""
        if index >= 0:
            expression = self.expressions[index]
            if expression[0] <= Op.MEMBER:
                self.expressions[index] = (expression[0], role, *expression[2:])

    def open(self, kind: int, node: Node, owner: int) -> int:
        """Enter a new scope. Who opens one sets `scope` back afterwards."""
        self.scopes.append(Scope(kind, self.scope, node.start_byte, node.end_byte, owner))
        self.scope = len(self.scopes) - 1
        return self.scope

    def define(
        self,
        name: Node,
        kind: int,
        whole: Node,
        *,
        annotation: int = -1,
        value: int = -1,
        flags: int = 0,
    ) -> Definition | None:
        """A definition in the current scope, or where `global` or `nonlocal` send the name.

        There is none for a name that the parser only supposes.
        """
        start = name.start_byte
        text = self.text[start : name.end_byte]
        if not text:
            return None
        declared = self.declared
        definition = Definition(
            text,
            kind,
            start,
            declared.get(text, self.scope) if declared else self.scope,
            whole.start_byte,
            whole.end_byte,
            annotation=annotation,
            value=value,
            flags=flags,
            block=self.block,
        )
        self.definitions.append(definition)
        return definition


def inner(walk: Walk, node: Node) -> int:
    """Read what is inside a node that has no value of its own."""
    walk.depth += 1
    if walk.depth < DEEPEST:
        handlers = walk.handlers
        for child in node.named_children:
            handlers[child.kind_id](walk, child)
    walk.depth -= 1
    return -1


def only(walk: Walk, node: Node) -> int:
    """Read a node that stands for the one inside it."""
    value = -1
    handlers = walk.handlers
    for child in node.named_children:
        value = handlers[child.kind_id](walk, child)
    return value


def skip(_walk: Walk, _node: Node) -> int:
    """Leave out a node that has neither names nor a value."""
    return -1
