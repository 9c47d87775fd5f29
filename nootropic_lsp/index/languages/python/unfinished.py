"""The outline of a Python file that is being typed: where brackets mislead, indentation does not.

After `def total(self` the parser takes the next `def` for an argument, and may lose the class
around it. But no line inside brackets begins with `def` or `class`, so each that does, outside
strings, is a definition, and what is indented below it belongs to it.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from nootropic_lsp.core.spans import Span
from nootropic_lsp.core.symbols import OutlineItem

_HEADER = re.compile(r"(?:async[ \t]+)?(?P<word>def|class)[ \t]+(?P<name>[^\W\d]\w*)")
_WORDS = ("def", "class", "async")
_SIGNATURE = re.compile(r"[ \t]*(\(.*\)(?:[ \t]*->[ \t]*[^\n:]*[^\n:\s])?|\(.*\S)")
_FUNCTIONS = frozenset({"function", "method"})
_VALUES = frozenset({"variable", "constant", "field"})


@dataclass
class _Node:
    """A definition with what is in it; `indent` is that of its first line."""

    item: OutlineItem
    indent: int
    end: int
    detail: str = ""
    children: dict[tuple[str, int], _Node] = field(default_factory=dict)


def regrouped(
    items: Iterable[OutlineItem], text: str, is_code: Callable[[int], bool]
) -> list[OutlineItem]:
    """The outline of a broken file by its indentation, with the definitions the parser has lost.

    `is_code` says whether what stands at an offset is more than a part of a string.
    """
    lines = _Lines(text)
    top: dict[tuple[str, int], _Node] = {}
    around: list[_Node] = []
    for item in sorted(_found(items, lines, is_code), key=lambda each: each.full_span.start):
        start, end = item.full_span.start, item.full_span.end
        line = lines.at(start)
        indent = lines.indents[line]
        while around and not _holds(around[-1], start, indent, lines):
            _cut(around.pop(), lines.starts[line], text)
        inside = around[-1].children if around else top
        if item.kind in _VALUES:
            if not (around and around[-1].item.kind in _FUNCTIONS):
                # A variable is shown where it is bound first.
                inside.setdefault((item.name, -1), _Node(item, indent, end))
            continue
        end = max(end, lines.end_of_block(lines.at(item.span.start)))
        node = inside[item.name, start] = _Node(item, indent, end, item.detail)
        if item.kind == "class" or item.kind in _FUNCTIONS:
            around.append(node)
    return [_built(node, "") for node in top.values()]


class _Lines:
    """The lines of a text that are not blank, with where each starts and how far it is indented."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts: list[int] = []
        self.indents: list[int] = []
        self.headers: dict[int, OutlineItem] = {}
        start = 0
        for line in text.split("\n"):
            code = line.lstrip()
            if code:
                self.starts.append(start)
                self.indents.append(len(line) - len(code))
                if code.startswith(_WORDS):
                    self._add_header(start + len(line) - len(code))
            start += len(line) + 1

    def _add_header(self, start: int) -> None:
        match = _HEADER.match(self.text, start)
        if match is not None:
            kind = "class" if match["word"] == "class" else "function"
            detail = "" if kind == "class" else _detail(self.text, match.end())
            name = Span(*match.span("name"))
            self.headers[name.start] = OutlineItem(
                match["name"], kind, name, Span(start, name.end), detail
            )

    def at(self, offset: int) -> int:
        """The number of the line that holds an offset."""
        return bisect_right(self.starts, offset) - 1

    def end_of_block(self, line: int) -> int:
        """Where a definition ends by the indentation of what follows."""
        indent = self.indents[line]
        for number in range(line + 1, len(self.starts)):
            if self.indents[number] <= indent:
                first = self.starts[number] + self.indents[number]
                # A bracket may be closed at the indentation of the line that opens it.
                if self.text[first] not in ")]}#":
                    return _end_before(self.text, self.starts[line], self.starts[number])
        return _end_before(self.text, self.starts[line], len(self.text))


def _found(
    items: Iterable[OutlineItem], lines: _Lines, is_code: Callable[[int], bool]
) -> Iterator[OutlineItem]:
    headers = lines.headers
    kept = [
        item
        for item in _flat(items)
        # Of a lost `class Cart:` the parser makes a variable with an annotation.
        if item.kind not in _VALUES or item.span.start not in headers
    ]
    known = {item.span.start for item in kept}
    lost = [
        place
        for place, item in headers.items()
        if place not in known and is_code(item.full_span.start)
    ]
    yield from map(headers.__getitem__, lost)
    for item in kept:
        # One that begins with the lost one before it begins with its own line instead.
        if bisect_left(lost, item.full_span.start) < bisect_left(lost, item.span.start):
            item = headers.get(item.span.start, item)
        yield item


def _flat(items: Iterable[OutlineItem]) -> Iterator[OutlineItem]:
    for item in items:
        yield item
        yield from _flat(item.children)


def _detail(text: str, end_of_name: int) -> str:
    """The signature as far as it is on the line of the name."""
    match = _SIGNATURE.match(text, end_of_name)
    return match[1] if match else ""


def _end_before(text: str, start: int, line: int) -> int:
    """Where what starts at an offset ends, if a line is not in it."""
    while line > start and text[line - 1].isspace():
        line -= 1
    return line


def _holds(node: _Node, start: int, indent: int, lines: _Lines) -> bool:
    if start >= node.end:
        return False
    return indent > node.indent or lines.at(start) == lines.at(node.item.span.start)


def _cut(node: _Node, line: int, text: str) -> None:
    """End a definition before a line that is not in it, whatever the parser made of that."""
    if node.end > line:
        node.end = _end_before(text, node.item.span.end, line)
        if node.item.kind in _FUNCTIONS:
            node.detail = _detail(text, node.item.span.end)


def _built(node: _Node, holder: str) -> OutlineItem:
    item = node.item
    kind = item.kind
    if kind in _FUNCTIONS:
        kind = "method" if holder == "class" else "function"
    elif kind in _VALUES:
        kind = "field" if holder == "class" else "constant" if item.name.isupper() else "variable"
    return OutlineItem(
        item.name,
        kind,
        item.span,
        Span(item.full_span.start, node.end),
        node.detail,
        children=tuple(_built(child, kind) for child in node.children.values()),
    )
