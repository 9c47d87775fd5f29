"""What a place in a Python file stands inside of: conditions, `try` and functions around it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tree_sitter import Node

    from nootropic_lsp.index.opened import OpenText

_BODIES = frozenset({"block"})
_HOLDERS = {
    "if_statement": "if",
    "elif_clause": "if",
    "while_statement": "if",
    "conditional_expression": "if",
    "boolean_operator": "if",
    "try_statement": "try",
    "with_statement": "with",
    "match_statement": "match",
    "function_definition": "function",
    "lambda": "function",
    "class_definition": "class",
    "type": "type",
    "call": "call",
}
_WORD = re.compile(r"[^\W\d]\w*")


class Around(NamedTuple):
    """Something around a place. `text` is its condition, its handlers, or its head."""

    kind: str  # "if", "try", "with", "match", "function", "class", "type" or "call"
    text: str
    is_first: bool  # whether the place is in its first part: what is tried, what a condition lets


def around(text: OpenText, offset: int) -> list[Around]:
    """What a place is inside of, the innermost first; empty where there is no tree."""
    parsed = text.tree()
    if parsed is None:
        return []
    tree, data = parsed
    source = text.document.text
    byte = offset if data.isascii() else len(source[:offset].encode("utf-8", "surrogatepass"))
    found = []
    node = tree.root_node.descendant_for_byte_range(byte, byte)
    inner: Node | None = None
    while node is not None:
        kind = _HOLDERS.get(node.type)
        if kind is not None and not _is_alias(node):
            found.append(Around(kind, _head(node, kind, data), _is_first(node, inner)))
        inner, node = node, node.parent
    return found


def _is_alias(node: Node) -> bool:
    """Whether it is a side of `type X = Y`, for which `type(x).y = z` is sometimes taken."""
    parent = node.parent
    return parent is not None and parent.type == "type_alias_statement"


def _head(node: Node, kind: str, data: bytes) -> str:
    """The text that says what a construct does with what is inside of it."""
    if kind == "try":
        handlers = [child for child in node.children if child.type.startswith("except")]
        return "\n".join(_before_body(child, data) for child in handlers)
    if kind == "call":
        return _text(data, node.start_byte, node.children[0].end_byte)
    parent = node.parent
    if parent is not None and parent.type == "decorated_definition":
        return _before_body(node, data, parent.start_byte)
    if node.type in ("conditional_expression", "boolean_operator"):
        return _text(data, node.start_byte, node.end_byte)
    return _before_body(node, data)


def _before_body(node: Node, data: bytes, start: int | None = None) -> str:
    body = next((child for child in node.children if child.type in _BODIES), None)
    start = node.start_byte if start is None else start
    return _text(data, start, node.end_byte if body is None else body.start_byte)


def _is_first(node: Node, inner: Node | None) -> bool:
    bodies = [child for child in node.children if child.type in _BODIES]
    return inner is not None and bool(bodies) and inner.start_byte == bodies[0].start_byte


def _text(data: bytes, start: int, end: int) -> str:
    return data[start:end].decode("utf-8", "replace")


def unreadable_words(text: OpenText) -> set[str]:
    """The words in the lines that the parser could not read, or supposed something in."""
    parsed = text.tree()
    if parsed is None:
        return set()
    tree, data = parsed
    words: set[str] = set()
    waiting = [tree.root_node] if tree.root_node.has_error else []
    while waiting:
        node = waiting.pop()
        if node.is_error or node.is_missing:
            start = data.rfind(b"\n", 0, node.start_byte) + 1
            end = data.find(b"\n", node.end_byte)
            words.update(_WORD.findall(_text(data, start, len(data) if end < 0 else end)))
        else:
            waiting += [child for child in node.children if child.has_error or child.is_missing]
    return words
