"""Code patterns: source text in which `$NAME` stands for one node and `$$$NAME` for any number.

Comments and separators do not count, a name that stands twice has to be the same code twice,
and `$_` is anything. The meaning is that of ast-grep's patterns.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nootropic_lsp.analysis.recipes.tree import Source, parse, walk
from nootropic_lsp.core.errors import NootropicError

if TYPE_CHECKING:
    from tree_sitter import Node

METAVARIABLE = re.compile(r"(\${3}|\$)([A-Z_][A-Z0-9_]*)?")
# Where `$` cannot be in a name, a letter stands for it that nobody writes.
_MARKS = {"javascript": "$", "typescript": "$", "tsx": "$", "java": "$", "php": "ñ"}
_MARK = "µ"
# What has to be around a statement or an expression.
_CONTEXTS = {
    "go": (("package p\nfunc f() {\n", "\n}\n"), ("package p\n", "\n")),
    "java": (("class C { void f() {", ";}}"), ("class C { void f() {", "}}"), ("class C {", "}")),
    "csharp": (("class C { void f() {", ";}}"), ("class C { void f() {", "}}"), ("class C {", "}")),
    "c": (("void f() {", ";}"), ("void f() {", "}")),
    "cpp": (("void f() {", ";}"), ("void f() {", "}")),
    "rust": (("fn f() {", ";}"), ("fn f() {", "}")),
    "php": (("<?php ", ";"), ("<?php ", "")),
}
_SEPARATORS = frozenset([",", ";"])
_WRAPPERS = frozenset(["expression_statement", "module", "program", "source_file"])

# The nodes that each name stands for, in the order of the text.
Bindings = Mapping[str, Sequence["Node"]]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern for one language."""

    node: Node
    source: Source
    mark: str
    # A word that every match contains, so that most files need not be parsed.
    word: bytes

    # What every match is, "" if it may be anything: most nodes need no closer look.
    kind: str

    def match(self, node: Node, source: Source) -> dict[str, list[Node]] | None:
        """What the names stand for at a node, or None if it is no match."""
        if self.kind and node.type != self.kind:
            return None
        return _Matching(self, source).match(node)


def compiled(text: str, language: str) -> Pattern:
    """Read a pattern. Raises `NootropicError` with what is wrong with it."""
    mark = _MARKS.get(language, _MARK)
    marked = METAVARIABLE.sub(lambda found: mark * len(found[1]) + (found[2] or ""), text.strip())
    source, node = _read(marked, language)
    if node is None:
        raise NootropicError(f"this pattern cannot be read as {language}: {text.strip()}")
    while node.type in _WRAPPERS:
        inside = [child for child in node.children if not _is_trivia(child)]
        if len(inside) != 1:
            raise NootropicError("a pattern is one expression or one statement")
        node = inside[0]
    name = re.compile(re.escape(mark))
    words = (
        source.text(leaf).encode()
        for leaf in walk(node)
        if leaf.is_named and not leaf.child_count and not name.match(source.text(leaf))
    )
    word = max(words, key=len, default=b"")
    is_any = _one(mark).fullmatch(source.text(node).rstrip(";"))
    return Pattern(node, source, mark, word, "" if is_any else node.type)


def _one(mark: str) -> re.Pattern[str]:
    """What a name looks like that stands for one node."""
    return re.compile(rf"{re.escape(mark)}([A-Z_][A-Z0-9_]*)")


def _read(text: str, language: str) -> tuple[Source, Node | None]:
    """A pattern by itself, or else where statements of its language may stand."""
    for before, after in (("", ""), *_CONTEXTS.get(language, ())):
        data = f"{before}{text}{after}".encode("utf-8", "surrogatepass")
        source = parse("", language, data)
        if source.root.has_error:
            continue
        if not before:
            return source, source.root
        start = len(before.encode())
        end = len(data) - len(after.encode())
        node = source.root.descendant_for_byte_range(start, end)
        while (
            node is not None and node.parent is not None and not _is_wider(node.parent, start, end)
        ):
            node = node.parent
        if node is not None and node.start_byte == start:
            return source, node
    return source, None


def _is_wider(node: Node, start: int, end: int) -> bool:
    return bool(node.start_byte < start or node.end_byte > end)


class _Matching:
    def __init__(self, pattern: Pattern, source: Source) -> None:
        self.pattern = pattern
        self.source = source
        mark = re.escape(pattern.mark)
        self._one = _one(pattern.mark)
        self._many = re.compile(rf"{mark}{{3}}([A-Z_][A-Z0-9_]*)?")

    def match(self, node: Node) -> dict[str, list[Node]] | None:
        return self._node(self.pattern.node, node, {})

    def _node(
        self, wanted: Node, node: Node, bound: dict[str, list[Node]]
    ) -> dict[str, list[Node]] | None:
        name = self._name(wanted, self._one)
        if name is not None:
            return self._bind(name, [node], bound) if node.is_named else None
        if wanted.type != node.type:
            return None
        if not wanted.child_count:
            same = self.pattern.source.text(wanted) == self.source.text(node)
            return bound if same and not node.child_count else None
        return self._children(_significant(wanted), _significant(node), bound)

    def _children(
        self, wanted: Sequence[Node], nodes: Sequence[Node], bound: dict[str, list[Node]]
    ) -> dict[str, list[Node]] | None:
        if not wanted:
            return bound if not nodes else None
        name = self._name(wanted[0], self._many)
        if name is not None:
            for n in range(len(nodes) + 1):
                if n and not nodes[n - 1].is_named:
                    break
                now = self._bind(name, list(nodes[:n]), bound)
                found = None if now is None else self._children(wanted[1:], nodes[n:], now)
                if found is not None:
                    return found
            return None
        if not nodes:
            return None
        now = self._node(wanted[0], nodes[0], bound)
        return None if now is None else self._children(wanted[1:], nodes[1:], now)

    def _name(self, node: Node, shape: re.Pattern[str]) -> str | None:
        """The name of a node of the pattern that is nothing but a metavariable."""
        text = self.pattern.source.text(node) if node.is_named else ""
        found = shape.fullmatch(text.rstrip(";")) if text else None
        return None if found is None else found[1] or "_"

    def _bind(
        self, name: str, nodes: list[Node], bound: dict[str, list[Node]]
    ) -> dict[str, list[Node]] | None:
        if name.startswith("_"):
            return bound
        before = bound.get(name)
        if before is None:
            return {**bound, name: nodes}
        same = len(before) == len(nodes) and all(
            is_same(self.source, one, other) for one, other in zip(before, nodes, strict=True)
        )
        return bound if same else None


def is_same(source: Source, one: Node, other: Node) -> bool:
    """Whether two nodes are the same code but for white space and comments."""
    return _words(source, one) == _words(source, other)


def _words(source: Source, node: Node) -> list[str]:
    return [source.text(leaf) for leaf in walk(node) if not leaf.child_count and not leaf.is_extra]


def _significant(node: Node) -> list[Node]:
    return [child for child in node.children if not _is_trivia(child)]


def _is_trivia(node: Node) -> bool:
    return bool(node.is_extra) or node.type in _SEPARATORS
