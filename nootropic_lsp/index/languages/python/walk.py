"""What is carried along on the way through a Python syntax tree."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tree_sitter import Node

from nootropic_lsp.index.facts import Definition
from nootropic_lsp.index.languages.walking import Walking
from nootropic_lsp.index.languages.walking import inner as inner
from nootropic_lsp.index.languages.walking import skip as skip

# A handler reads a node and gives the index of its value, or -1.
Handler = Callable[["Walk", Node], int]

# Deeper than any written program; what lies below in a generated one is left out.
DEEPEST = 2_500


class Walk(Walking):
    """One pass over a Python tree."""

    def __init__(self, data: bytes, handlers: Mapping[int, Handler]) -> None:
        super().__init__(data, handlers, deepest=DEEPEST)
        self.exports: list[str] | None = None
        self.outer: list[tuple[int, str, bool]] = []
        self.block = 0
        self.arms_end = 0  # where the arms of an `if` or `match` end, while one of them is next
        # What the function that is being read says.
        self.receiver = ""  # its first parameter, if it is a method
        self.receiver_class = -1  # the scope of the class that it is a method of
        self.declared: dict[str, int] = {}  # `global` and `nonlocal` names: the scope they bind in

    def written(self, node: Node) -> str:
        """The text of a node."""
        return self.text[node.start_byte : node.end_byte]

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


def only(walk: Walk, node: Node) -> int:
    """Read a node that stands for the one inside it."""
    value = -1
    handlers = walk.handlers
    for child in node.named_children:
        value = handlers[child.kind_id](walk, child)
    return value
