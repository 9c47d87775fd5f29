"""Whether a cursor is in code, in a string or in a comment, by the syntax tree."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from nootropic_lsp.index.opened import OpenText

if TYPE_CHECKING:
    from tree_sitter import Node

_INTERPOLATED = ("interpolation", "substitution", "expansion")
_STRINGS = ("string", "template", "char_literal", "heredoc", "character")
# Text between tags.
_PROSE = frozenset({"jsx_text", "text", "raw_text"})
_CLOSED = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'')
# An apostrophe begins other things as well in these.
_NO_APOSTROPHES = frozenset({"rust", "c", "cpp", "java", "go", "csharp"})


class Quoted(NamedTuple):
    """The string around a cursor: where its contents start, and its opening mark."""

    start: int
    quote: str


def surroundings(text: OpenText, offset: int) -> Quoted | str:
    """ "code", "comment", or the string around an offset."""
    parsed = text.tree()
    if parsed is None:
        return "code"
    tree, data = parsed
    source = text.document.text
    byte = offset if data.isascii() else len(source[:offset].encode("utf-8", "surrogatepass"))
    for at in (byte - 1, byte):
        leaf = tree.root_node.descendant_for_byte_range(max(at, 0), max(at, 0))
        found = _around(leaf, byte, data)
        if isinstance(found, int):
            start = found if data.isascii() else len(data[:found].decode("utf-8", "replace"))
            return _quoted(source, start)
        if found:
            return found
    if tree.root_node.has_error:
        return _unclosed(source, offset, text.document.language) or "code"
    return "code"


def _around(node: Node | None, byte: int, data: bytes) -> int | str:
    """Where the string around an offset starts, "comment", "code", or "" where nothing says."""
    while node is not None:
        kind = node.type
        start, end = node.start_byte, node.end_byte
        if "comment" in kind and start < byte:
            is_block = data.startswith((b"/*", b"<!", b"=b", b"--["), start)
            if byte < end or (byte == end and not is_block):
                return "comment"
        if kind in _PROSE and start < byte < end and not node.child_count:
            return "comment"
        if kind.endswith(_INTERPOLATED) and start < byte < end + (kind == "simple_expansion"):
            return "code"
        if kind.startswith(_STRINGS) or kind.endswith(("string", "string_literal")):
            inside = start < byte < end and not kind.endswith(("_start", "_end", "_type"))
            if inside and node.is_named and not kind.endswith(("_content", "_fragment")):
                return start
        node = node.parent
    return ""


def _quoted(source: str, start: int) -> Quoted:
    match = re.compile(r"[A-Za-z@$#]*(\"\"\"|'''|[\"'`]|)").match(source, start)
    assert match is not None
    return Quoted(match.end(), match[1] or source[start : start + 1])


def _unclosed(source: str, offset: int, language: str) -> Quoted | None:
    """A string that begins on the line of the cursor and does not end before it."""
    line = source.rfind("\n", 0, offset) + 1
    before = source[line:offset]
    rest = _CLOSED.sub(lambda found: " " * len(found[0]), before)
    quotes = '"' if language in _NO_APOSTROPHES else "\"'"
    at = min((found for quote in quotes if (found := rest.find(quote)) >= 0), default=-1)
    if at < 0 or "#" in rest[:at] or "//" in rest[:at]:
        return None
    return Quoted(line + at + 1, rest[at])
