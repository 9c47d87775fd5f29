"""Regions of a text by its syntax tree: what folds, and what lies around a cursor."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from nootropic_lsp.index.offsets import code_point_table

if TYPE_CHECKING:
    from tree_sitter import Node

    from nootropic_lsp.index.opened import OpenText

Region = tuple[int, int]

_PAIRS = {"{": "}", "[": "]", "(": ")"}
# Blocks without brackets: they fold from the end of the line before them.
_BLOCKS = {
    "python": frozenset({"block"}),
    "ruby": frozenset({"body_statement", "then", "do", "begin_block", "block_body"}),
    "bash": frozenset(),
    "html": frozenset(),
}
# Constructs that end with a word or a tag of their own.
_CLOSED = {
    "bash": frozenset({"do_group", "if_statement", "case_statement"}),
    "html": frozenset({"element", "script_element", "style_element"}),
    "ruby": frozenset({"case", "do_block"}),
}
_TEXTS = frozenset(
    {"string", "template_string", "heredoc_body", "raw_string_literal", "string_literal"}
)
_COMMENTS = frozenset({"comment", "line_comment", "block_comment"})
_IMPORTS = frozenset(
    {
        "import_statement", "import_from_statement", "future_import_statement",
        "import_declaration", "use_declaration", "preproc_include", "using_directive",
        "namespace_use_declaration",
    }
)  # fmt: skip
_REGION = re.compile(rb"(?:#|//|/\*|<!--|--)\s*(?:#?\s*(end)?\s*region)\b", re.IGNORECASE)
_WORD = re.compile(rb"[A-Za-z0-9_$\x80-\xff]+")
# Deeper regions than that are of no use to a person.
_DEEPEST = 200


def folds(text: OpenText) -> list[tuple[int, int, str]]:
    """Start, end and kind ("", "comment", "imports", "region") of what folds, in order."""
    parsed = text.tree()
    if parsed is None:
        return []
    tree, data = parsed
    search = _Folds(data, text.document.language)
    search.look(tree.root_node)
    search.runs(tree.root_node)
    found = sorted(set(search.found) | set(_marked(data)))
    at = _points(data)
    return [(at(start), at(end), kind) for start, end, kind in found]


def surroundings(text: OpenText, offsets: Sequence[int]) -> list[list[Region]]:
    """For every offset the constructs around it, the innermost first."""
    parsed = text.tree()
    if parsed is None:
        return [[] for _ in offsets]
    tree, data = parsed
    at = _points(data)
    source = text.document.text
    found = []
    for offset in offsets:
        byte = len(source[:offset].encode("utf-8", "surrogatepass"))
        regions = _around(tree.root_node, data, byte)
        found.append([(at(start), at(end)) for start, end in regions])
    return found


def _points(data: bytes) -> Callable[[int], int]:
    return int if data.isascii() else code_point_table(data).__getitem__


# ---- folding


class _Folds:
    def __init__(self, data: bytes, language: str) -> None:
        self.data = data
        self.found: list[tuple[int, int, str]] = []
        self.blocks = _BLOCKS.get(language, frozenset())
        self.closed = _CLOSED.get(language, frozenset())

    def look(self, root: Node) -> None:
        """Brackets and blocks of several lines. What is on one line is not looked into."""
        waiting = [root]
        while waiting:
            node = waiting.pop()
            children = node.children
            for number, child in enumerate(children):
                kind = child.type
                if kind in self.blocks:
                    self._block(child, children[number - 1] if number else None)
                if child.start_point[0] == child.end_point[0]:
                    continue
                if kind in _TEXTS:
                    self.add(self._line_end(child.start_byte), child.end_byte)
                elif kind in _COMMENTS:
                    self.add(self._line_end(child.start_byte), child.end_byte, "comment")
                elif kind in self.closed:
                    end = self._closing(child.children[-1].start_byte)
                    self.add(self._line_end(child.start_byte), end)
                waiting.append(child)
            self._brackets(children)

    def _block(self, block: Node, before: Node | None) -> None:
        start = block.start_byte
        if before is not None and before.end_point[0] < block.start_point[0]:
            # A comment may stand between the header and its block.
            start = self._line_end(self._header_end(before))
        self.add(min(start, self._line_end(block.start_byte)), self._text_end(block.end_byte))

    @staticmethod
    def _header_end(before: Node) -> int:
        while before.type in _COMMENTS:
            earlier = before.prev_sibling
            if earlier is None:
                break
            before = earlier
        return before.end_byte

    def _brackets(self, children: Sequence[Node]) -> None:
        opened: list[Node] = []
        for child in children:
            kind = child.type
            if kind in _PAIRS:
                opened.append(child)
            elif opened and kind == _PAIRS[opened[-1].type]:
                opener = opened.pop()
                if opener.start_point[0] < child.start_point[0] and not child.is_missing:
                    self.add(opener.end_byte, self._closing(child.start_byte))

    def _closing(self, closer: int) -> int:
        """Up to where the inside of brackets folds: their last line stays if it begins so."""
        line = self.data.rfind(b"\n", 0, closer) + 1
        return line - 1 if not self.data[line:closer].strip() else closer

    def _line_end(self, at: int) -> int:
        end = self.data.find(b"\n", at)
        end = len(self.data) if end < 0 else end
        return end - 1 if self.data[end - 1 : end] == b"\r" and end > at else end

    def _text_end(self, end: int) -> int:
        while end and self.data[end - 1 : end].isspace():
            end -= 1
        return end

    def add(self, start: int, end: int, kind: str = "") -> None:
        if self.data.find(b"\n", start, end) >= 0:
            self.found.append((start, end, kind))

    def runs(self, root: Node) -> None:
        """Comments, and imports, that follow each other line by line."""
        first: Node | None = None
        last: Node | None = None
        kind = ""
        for node in root.children:
            this = "comment" if node.type in _COMMENTS else "imports" * (node.type in _IMPORTS)
            joins = (
                last is not None
                and this == kind != ""
                and (kind == "imports" or node.start_point[0] <= last.end_point[0] + 1)
            )
            if not joins:
                self._run(first, last, kind)
                first, kind = node, this
            last = node
        self._run(first, last, kind)

    def _run(self, first: Node | None, last: Node | None, kind: str) -> None:
        if kind and first is not None and last is not None and first.start_byte != last.start_byte:
            self.add(self._line_end(first.start_byte), self._text_end(last.end_byte), kind)


def _marked(data: bytes) -> Iterable[tuple[int, int, str]]:
    """Regions that the author marked: `# region` to `# endregion`."""
    opened: list[int] = []
    for match in _REGION.finditer(data):
        line = data.rfind(b"\n", 0, match.start()) + 1
        if data[line : match.start()].strip():
            continue
        end = data.find(b"\n", match.end())
        end = len(data) if end < 0 else end
        if match[1] is None:
            opened.append(end)
        elif opened:
            yield opened.pop(), end, "region"


# ---- selection


def _around(root: Node, data: bytes, offset: int) -> list[Region]:
    if offset and not _WORD.match(data, offset) and _WORD.match(data, offset - 1):
        offset -= 1  # just behind a word means the word
    found: list[Region] = []
    node: Node | None = root
    while node is not None and len(found) < _DEEPEST * 2:
        _add(found, node.start_byte, node.end_byte)
        inside = None
        children = node.children
        for number, child in enumerate(children):
            if child.start_byte <= offset < child.end_byte:
                inside = child
                break
            if child.type in _PAIRS and child.end_byte <= offset:
                _add_inside(found, children[number:], data, offset)
        node = inside
    word = _word(data, offset)
    if word is not None:
        _add(found, *word)
    found.reverse()
    return found


def _add_inside(found: list[Region], rest: Sequence[Node], data: bytes, offset: int) -> None:
    """What stands between brackets, without them."""
    opener = rest[0]
    for closer in rest[1:]:
        if closer.type == _PAIRS[opener.type]:
            start, end = opener.end_byte, closer.start_byte
            while start < end and data[start : start + 1].isspace():
                start += 1
            while end > start and data[end - 1 : end].isspace():
                end -= 1
            if start <= offset <= end:
                _add(found, start, end)
            return


def _add(found: list[Region], start: int, end: int) -> None:
    """Add a region if it is smaller than the one around it and inside of it."""
    if end <= start:
        return
    if found:
        outer_start, outer_end = found[-1]
        if not outer_start <= start <= end <= outer_end or (start, end) == found[-1]:
            return
    found.append((start, end))


def _word(data: bytes, offset: int) -> Region | None:
    start = offset
    while start and _WORD.match(data, start - 1):
        start -= 1
        if offset - start > 200:
            return None
    match = _WORD.match(data, start)
    return (start, match.end()) if match is not None and match.end() > offset else None


# ---- object literals


def shorthands(text: OpenText, starts: Sequence[int]) -> set[int]:
    """Which names stand for a key and a variable at once, as in `{ total }` of JavaScript."""
    parsed = text.tree()
    if parsed is None:
        return set()
    tree, data = parsed
    source = text.document.text
    found = set()
    for start in starts:
        byte = start if data.isascii() else len(source[:start].encode("utf-8", "surrogatepass"))
        node = tree.root_node.descendant_for_byte_range(byte, byte + 1)
        if node is not None and node.type.startswith("shorthand_property_identifier"):
            found.add(start)
    return found
