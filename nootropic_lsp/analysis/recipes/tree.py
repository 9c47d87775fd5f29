"""One text with its tree, and how nodes of it are replaced while all else stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from nootropic_lsp.index.parse import parser_of

if TYPE_CHECKING:
    from tree_sitter import Node


@dataclass(frozen=True, slots=True)
class Source:
    """A text in UTF-8 and its tree. `path` is absolute."""

    path: str
    language: str
    data: bytes
    root: Node

    def text(self, node: Node) -> str:
        """What is written at a node."""
        return self.data[node.start_byte : node.end_byte].decode("utf-8", "surrogatepass")

    def indent(self, node: Node) -> str:
        """The white space that begins the line of a node."""
        start = self.data.rfind(b"\n", 0, node.start_byte) + 1
        line = self.data[start : node.start_byte].decode("utf-8", "surrogatepass")
        return line[: len(line) - len(line.lstrip(" \t"))]

    def line(self, node: Node) -> int:
        """The line of a node, counted from 1."""
        return int(node.start_point[0]) + 1


class Replacement(NamedTuple):
    """A stretch of bytes and the text that comes in its place."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """What a step does to a text. `notes` are sentences on what it left, each with its line."""

    replacements: list[Replacement] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def parse(path: str, language: str, data: bytes) -> Source:
    """A text with its tree."""
    return Source(path, language, data, parser_of(language).parse(data).root_node)


def replaced(data: bytes, replacements: Iterable[Replacement]) -> bytes:
    """A text after replacements; of those that overlap, the first counts."""
    parts: list[bytes] = []
    at = 0
    for start, end, text in sorted(replacements, key=_order):
        if start >= at:
            parts += (data[at:start], text.encode("utf-8", "surrogatepass"))
            at = end
    return b"".join((*parts, data[at:]))


def _order(one: Replacement) -> tuple[int, bool, int]:
    """What is put in at a place comes before what stands there."""
    return one.start, one.end > one.start, -one.end


class Rewriter:
    """Replaces nodes by a rule from the outside in.

    The rule gets a node and gives the text that stands for it, or None to leave it; the text
    of what is inside of it, rewritten too, comes from `render`.
    """

    def __init__(self, source: Source, rule: Callable[[Node, Rewriter], str | None]) -> None:
        self.source = source
        self._rule = rule
        self._known: dict[int, str | None] = {}

    def replacements(self) -> list[Replacement]:
        """The outermost replacements of the whole text."""
        return list(self._below(self.source.root))

    def render(self, node: Node) -> str:
        """The text of a node after the rewrite."""
        given = self.given(node)
        if given is not None:
            return given
        return self.render_span(node.start_byte, node.end_byte, node.children)

    def inside(self, node: Node) -> str:
        """The text of a node that is itself left, with what is inside of it rewritten."""
        return self.render_span(node.start_byte, node.end_byte, node.children)

    def render_span(self, start: int, end: int, nodes: Iterable[Node]) -> str:
        """The text from `start` to `end`, which the nodes are within."""
        inside = [one for node in nodes for one in self._at_or_below(node)]
        shifted = [Replacement(one.start - start, one.end - start, one.text) for one in inside]
        return replaced(self.source.data[start:end], shifted).decode("utf-8", "surrogatepass")

    def given(self, node: Node) -> str | None:
        """What the rule gives for a node."""
        if node.id not in self._known:
            self._known[node.id] = self._rule(node, self)
        return self._known[node.id]

    def _at_or_below(self, node: Node) -> Iterator[Replacement]:
        given = self.given(node)
        if given is not None:
            if given != self.source.text(node):
                yield Replacement(node.start_byte, node.end_byte, given)
        else:
            yield from self._below(node)

    def _below(self, node: Node) -> Iterator[Replacement]:
        waiting = list(reversed(node.children))
        while waiting:
            child = waiting.pop()
            given = self.given(child)
            if given is None:
                waiting += reversed(child.children)
            elif given != self.source.text(child):
                yield Replacement(child.start_byte, child.end_byte, given)


def walk(node: Node) -> Iterator[Node]:
    """A node and all below it, in the order of the text."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        yield each
        waiting += reversed(each.children)


def enclosing(node: Node, *kinds: str) -> Node | None:
    """The nearest node around one, of these kinds."""
    around = node.parent
    while around is not None and around.type not in kinds:
        around = around.parent
    return around


def whole_lines(data: bytes, node: Node) -> Replacement:
    """The removal of a statement with its line, unless something else stands on it too."""
    start = data.rfind(b"\n", 0, node.start_byte) + 1
    end = data.find(b"\n", node.end_byte)
    end = len(data) if end < 0 else end + 1
    alone = not data[start : node.start_byte].strip() and not data[node.end_byte : end].strip()
    if alone:
        return Replacement(start, end, "")
    return Replacement(node.start_byte, node.end_byte, "")


# Expressions that bind so loosely that they need brackets as an operand of another.
LOOSE = frozenset(
    [
        *("binary_operator", "boolean_operator", "comparison_operator", "not_operator"),
        *("conditional_expression", "lambda", "named_expression", "unary_operator", "await"),
        *("yield", "assignment_expression", "augmented_assignment_expression", "yield_expression"),
        *("binary_expression", "unary_expression", "ternary_expression", "arrow_function"),
        *("sequence_expression", "await_expression", "generator_expression", "update_expression"),
        *("as_expression", "satisfies_expression", "concatenated_string"),
    ]
)
# What has operands that are read before anything looser.
TIGHT = frozenset(
    [
        *("binary_operator", "boolean_operator", "comparison_operator", "not_operator"),
        *("unary_operator", "attribute", "await", "binary_expression", "unary_expression"),
        *("member_expression", "await_expression", "as_expression", "satisfies_expression"),
        *("non_null_expression", "update_expression"),
    ]
)


def is_operand(node: Node) -> bool:
    """Whether something looser in the place of a node would be read otherwise than as a whole."""
    parent = node.parent
    if parent is None:
        return False
    if parent.type in TIGHT:
        return True
    if parent.type in ("call", "call_expression", "new_expression"):
        return parent.children[0] == node or parent.child_by_field_name("function") == node
    if parent.type in ("subscript", "subscript_expression"):
        return parent.children[0] == node
    return False


def breaks_line(source: Source, node: Node) -> bool:
    """Whether a line ends inside an expression where no bracket of its own holds it together."""
    if node.start_point[0] == node.end_point[0]:
        return False
    depth = 0
    last_row = node.start_point[0]
    for leaf in walk(node):
        if leaf.type in ("string", "template_string") and leaf.child_count:
            # Inside of it, lines belong to it; the next leaf on a later row is another matter.
            if depth == 0 and leaf.start_point[0] > last_row:
                return True
            last_row = leaf.end_point[0]
            continue
        if leaf.child_count or _in_string(leaf, node):
            continue
        if depth == 0 and leaf.start_point[0] > last_row:
            return True
        depth += (leaf.type in "([{") - (leaf.type in ")]}")
        last_row = leaf.end_point[0]
    return False


def _in_string(leaf: Node, top: Node) -> bool:
    around = leaf.parent
    while around is not None and around.id != top.id:
        if around.type in ("string", "template_string"):
            return True
        around = around.parent
    return around is not None and around.type in ("string", "template_string")
