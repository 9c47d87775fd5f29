"""The text that a rewrite puts in place of a match."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nootropic_lsp.analysis.recipes.pattern import METAVARIABLE, Bindings
from nootropic_lsp.analysis.recipes.tree import (
    LOOSE,
    Rewriter,
    breaks_line,
    is_operand,
    parse,
    walk,
)

if TYPE_CHECKING:
    from tree_sitter import Node

_STAND_IN = "nootropic_stand_in_"


class Template:
    """A text with the names of a pattern, for one language.

    What a name stands for gets brackets where it would be read otherwise than as a whole.
    """

    def __init__(self, text: str, language: str) -> None:
        self._text = text
        self._names = list(METAVARIABLE.finditer(text))
        self._language = language
        self._operands, self._is_loose = self._read()

    @property
    def names(self) -> set[str]:
        """The names that the text uses."""
        return {found[2] for found in self._names if found[2]}

    def fill(self, target: Node, bound: Bindings, rewriter: Rewriter) -> str:
        """The text for a match, with what is inside of it rewritten too."""
        indent = rewriter.source.indent(target)
        text = ""
        at = 0
        for n, found in enumerate(self._names):
            text += _indented(self._text[at : found.start()], indent)
            at = found.end()
            nodes = bound.get(found[2] or "")
            if nodes is None:
                text += found[0]
            elif nodes:
                text += self._shown(nodes, rewriter, is_operand=n in self._operands)
            else:
                # Where nothing stands, no comma separates it.
                rest = self._text[at:]
                if rest.lstrip().startswith(","):
                    at = len(self._text) - len(rest.lstrip()[1:].lstrip(" "))
                elif text.rstrip().endswith(","):
                    text = text.rstrip().removesuffix(",")
        text += _indented(self._text[at:], indent)
        if self._is_loose and target.type not in LOOSE and is_operand(target):
            return f"({text})"
        return text

    def _shown(self, nodes: Sequence[Node], rewriter: Rewriter, *, is_operand: bool) -> str:
        first, last = nodes[0], nodes[-1]
        if len(nodes) > 1:
            return rewriter.render_span(first.start_byte, last.end_byte, nodes)
        text = rewriter.render(first)
        ends_lines = self._language == "python"
        if (is_operand and first.type in LOOSE) or (
            ends_lines and first.type in LOOSE and breaks_line(rewriter.source, first)
        ):
            return f"({text})"
        return text

    def _read(self) -> tuple[set[int], bool]:
        """Which of the names are operands, and whether the whole is loose."""
        numbers = iter(range(len(self._names)))
        text = METAVARIABLE.sub(lambda _found: f"{_STAND_IN}{next(numbers)}", self._text)
        source = parse("", self._language, text.encode("utf-8", "surrogatepass"))
        operands = {
            int(source.text(leaf).removeprefix(_STAND_IN))
            for leaf in walk(source.root)
            if not leaf.child_count and source.text(leaf).startswith(_STAND_IN) and is_operand(leaf)
        }
        node = source.root
        while node.named_child_count == 1 and node.type in (
            *("module", "program", "expression_statement"),
        ):
            node = node.named_children[0]
        return operands, node.type in LOOSE


def _indented(text: str, indent: str) -> str:
    return text.replace("\n", f"\n{indent}")
