"""Calls as they are written: their arguments, also while they are being typed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from nootropic_lsp.index.offsets import code_point_table

if TYPE_CHECKING:
    from tree_sitter import Node

    from nootropic_lsp.index.opened import OpenText

_CLOSERS = frozenset(")]}")
_OPENERS = frozenset("([{")
_TEXTS = frozenset({"string", "template_string", "string_literal", "comment", "char_literal"})
# A call is not looked for further back than that.
_MOST_TOKENS = 3_000
# With these at the start of a line, what stands before is another statement.
_STATEMENTS = frozenset(
    [
        "def",
        "class",
        "return",
        "import",
        "raise",
        "while",
        "try",
        "with",
        "del",
        "pass",
        "global",
        "assert",
    ]
)
_NAMED_BY_COLON = frozenset({"csharp", "php", "ruby"})
# A brace behind one of these holds a value, behind anything else a block.
_BEFORE_VALUES = frozenset({"(", ",", "=", ":", "[", "return", "?"})
_CALLEES = ("function", "name", "constructor", "type", "method")


class OpenCall(NamedTuple):
    """The call around a cursor. `callee_end` is where the name of what is called ends."""

    callee_end: int
    n_before: int  # arguments before the one at the cursor
    keyword: str  # the name that the argument at the cursor is given


class Argument(NamedTuple):
    """An argument of a call. `keyword` is the name it is given, "" if it goes by its place."""

    start: int
    end: int
    keyword: str
    is_spread: bool


class WrittenCall(NamedTuple):
    """A whole call. `callee_end` is where the name of what is called ends."""

    callee_end: int
    arguments: tuple[Argument, ...]


def call_at(text: OpenText, offset: int) -> OpenCall | None:
    """The innermost call whose arguments hold an offset; the text may stop in their middle."""
    parsed = text.tree()
    if parsed is None:
        return None
    tree, data = parsed
    source = text.document.text
    is_ascii = data.isascii()
    byte = offset if is_ascii else len(source[:offset].encode("utf-8", "surrogatepass"))
    found = _Backwards(tree.root_node, data, byte, text.document.language).call()
    if found is None or is_ascii:
        return found
    before = data[: found.callee_end].decode("utf-8", "surrogatepass")
    return found._replace(callee_end=len(before))


class _Backwards:
    """Reads tokens from a cursor back to the bracket that opens the call around it."""

    def __init__(self, root: Node, data: bytes, byte: int, language: str) -> None:
        self.data = data
        self.is_python = language == "python"
        self.names_by_colon = language in _NAMED_BY_COLON
        self.tokens: list[Node] = []
        self._more = _before(root, byte)

    def text(self, at: int) -> str:
        while at >= len(self.tokens):
            following = next(self._more, None)
            if following is None:
                return ""
            self.tokens.append(following)
        node = self.tokens[at]
        if node.child_count:
            return '"'
        return self.data[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def call(self) -> OpenCall | None:
        depth = n_commas = since_colon = 0
        keyword = ""
        for at in range(_MOST_TOKENS):
            token = self.text(at)
            if not token:
                return None
            if token in _CLOSERS:
                depth += 1
            elif token in _OPENERS:
                if depth:
                    depth -= 1
                    continue
                if token == "(":
                    callee = self._callee(at + 1)
                    if callee is not None:
                        return OpenCall(callee, n_commas, keyword)
                elif token == "{" and not self._holds_value(at):
                    return None
                # The cursor is in a part of an argument: what was counted belongs to that part.
                n_commas = since_colon = 0
                keyword = ""
            elif depth:
                continue
            elif token == ",":
                n_commas += 1
            elif token == ";" or (token in _STATEMENTS and self._starts_line(at)):
                return None
            elif token == ":":
                since_colon = n_commas
                if self.names_by_colon and not n_commas:
                    keyword = self._keyword(at + 1)
            elif token == "=" and not n_commas:
                keyword = self._keyword(at + 1)
            elif token == "lambda":
                n_commas = since_colon
        return None

    def _callee(self, at: int) -> int | None:
        """Where the name before an opening bracket ends."""
        if self.text(at) == ">":
            depth = 0
            while self.text(at):
                depth += (self.text(at) == ">") - (self.text(at) == "<")
                at += 1
                if depth == 0:
                    break
        name = self.text(at)
        if not name or not (name[-1].isalnum() or name[-1] in "_$?!"):
            return None
        return self.tokens[at].end_byte

    def _keyword(self, at: int) -> str:
        name = self.text(at)
        return name if name.isidentifier() and self.text(at + 1) in ("(", ",") else ""

    def _holds_value(self, at: int) -> bool:
        return self.is_python or self.text(at + 1) in _BEFORE_VALUES

    def _starts_line(self, at: int) -> bool:
        start = self.tokens[at].start_byte
        line = self.data.rfind(b"\n", 0, start) + 1
        return not self.data[line:start].strip()


def _before(root: Node, byte: int) -> Iterator[Node]:
    """The tokens that begin before an offset, from there backwards; a string is one token."""
    path: list[tuple[Sequence[Node], int]] = [((root,), 0)]
    count = 0
    while path and count < _MOST_TOKENS:
        children, at = path.pop()
        while at >= 0 and (
            children[at].start_byte >= byte or children[at].start_byte == children[at].end_byte
        ):
            at -= 1
        if at < 0:
            continue
        node = children[at]
        if at:
            path.append((children, at - 1))
        inside = node.children
        if inside and node.type not in _TEXTS:
            path.append((inside, len(inside) - 1))
        else:
            count += 1
            if "comment" not in node.type:
                yield node


def calls_between(text: OpenText, start: int, end: int) -> list[WrittenCall]:
    """The calls that touch a stretch of text, in the order of the text."""
    parsed = text.tree()
    if parsed is None:
        return []
    tree, data = parsed
    source = text.document.text
    if data.isascii():
        table: Sequence[int] = range(len(data) + 1)
    else:
        table = code_point_table(data)
        start, end = (
            len(source[:offset].encode("utf-8", "surrogatepass")) for offset in (start, end)
        )
    found = []
    waiting = [tree.root_node]
    while waiting:
        node = waiting.pop()
        if node.end_byte < start or node.start_byte > end:
            continue
        children = node.children
        waiting += reversed(children)
        if children and ("argument" in children[-1].type or children[-1].type == "arguments"):
            call = _written(node, children[-1], table)
            if call is not None:
                found.append(call)
    return found


def _written(node: Node, arguments: Node, table: Sequence[int]) -> WrittenCall | None:
    callee = next(
        (found for field in _CALLEES if (found := node.child_by_field_name(field)) is not None),
        None,
    )
    if callee is None or arguments.has_error:
        return None
    given = [
        _argument(child, table) for child in arguments.named_children if "comment" not in child.type
    ]
    return WrittenCall(table[callee.end_byte], tuple(given))


def _argument(node: Node, table: Sequence[int]) -> Argument:
    kind = node.type
    keyword = ""
    named = node.child_by_field_name("name") if "argument" in kind or kind == "pair" else None
    if named is None and kind == "pair":
        named = node.child_by_field_name("key")
    if named is not None and named.text is not None:
        keyword = named.text.decode("utf-8", "replace")
    is_spread = "splat" in kind or "spread" in kind or "unpack" in kind
    return Argument(table[node.start_byte], table[node.end_byte], keyword, is_spread)
