"""Where a text cannot be read, and why, in the words of the person who wrote it.

Tree-sitter says only which stretch it skipped or what it had to suppose. A stretch
is as long as the parser needed to find its feet again, so we look inside it for the
place that a person would look at: a bracket that is not closed, a header without its
colon, a line that stops too early.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from nootropic_lsp.index.gaps import in_simpler_words
from nootropic_lsp.index.offsets import code_point_table
from nootropic_lsp.index.parse import parser_of

if TYPE_CHECKING:
    from tree_sitter import Node

    from nootropic_lsp.index.opened import OpenText

MOST_FAULTS = 50
# More than this of a stretch that makes no sense is not looked at.
_MOST_PIECES = 4_000
_LONGEST_SHOWN = 30

_CLOSERS = {")": "(", "]": "[", "}": "{"}
_OPENERS = {opener: closer for closer, opener in _CLOSERS.items()}
# Languages in which the end of a line ends a statement and a colon opens a block.
_BY_LINES = frozenset({"python"})
_HEADERS = frozenset(
    [
        "if",
        "elif",
        "else",
        "for",
        "while",
        "def",
        "class",
        "with",
        "try",
        "except",
        "finally",
        "match",
        "case",
        "async",
    ]
)
_CONTINUING = frozenset(["elif", "else", "except", "finally", "case"])
_OPERATORS = frozenset(
    [
        "=",
        "+",
        "-",
        "*",
        "/",
        "%",
        "//",
        "**",
        "|",
        "&",
        "^",
        "~",
        "<<",
        ">>",
        "<",
        ">",
        "<=",
        ">=",
        "==",
        "!=",
        ":=",
        "+=",
        "-=",
        "*=",
        "/=",
        "%=",
        "|=",
        "&=",
        "^=",
        "->",
        "=>",
        ".",
        ",",
        "@",
        "?",
        "&&",
        "||",
        "??",
        "and",
        "or",
        "not",
        "in",
        "is",
        "as",
        "import",
        "from",
        "return",
        "yield",
        "await",
        "lambda",
        "new",
        "typeof",
    ]
)
_STRING_MARKS = frozenset({"string_start", '"', "'", "`", '"""', "'''"})

_OPEN = " is never closed"

Fault = tuple[int, int, str]


class _Piece(NamedTuple):
    """A token, or a whole construct that could be read."""

    text: str
    start: int
    end: int
    row: int
    last_row: int
    is_token: bool
    is_missing: bool = False


def faults(text: OpenText) -> list[Fault]:
    """Start, end and message of the first syntax errors, in code points and in order."""
    tree = text.tree()
    if tree is None or not tree[0].root_node.has_error:
        return []
    root, data = tree[0].root_node, tree[1]
    language = text.document.language
    found = _found(root, data, language)
    for simpler, read_as in in_simpler_words(data, language, text.document.path):
        if not found:
            break
        again = _found(parser_of(read_as).parse(simpler).root_node, simpler, read_as)
        found = min(found, again, key=len)
    if data.isascii():
        return found
    table = code_point_table(data)
    return [(table[start], table[end], message) for start, end, message in found]


def _found(root: Node, data: bytes, language: str) -> list[Fault]:
    search = _Search(data, by_lines=language in _BY_LINES)
    return _one_per_line(sorted(search.below(root)), data)


def _one_per_line(found: list[Fault], data: bytes) -> list[Fault]:
    """The faults that are no mere consequence of another one.

    What follows a fault on its line mostly is, and so is all that follows what was not closed.
    """
    kept: list[Fault] = []
    for fault in found:
        if not kept or data.find(b"\n", kept[-1][0], fault[0]) >= 0:
            kept.append(fault)
            if fault[2].endswith(_OPEN):
                break
    return kept


class _Search:
    def __init__(self, data: bytes, *, by_lines: bool) -> None:
        self.data = data
        self.by_lines = by_lines

    def below(self, root: Node) -> list[Fault]:
        """One fault for every outermost stretch that could not be read."""
        found: list[Fault] = []
        waiting = [root]
        while waiting and len(found) < MOST_FAULTS:
            node = waiting.pop()
            if node.is_missing:
                found.append(self._missing(node))
            elif node.is_error:
                found.append(self._skipped(node))
            else:
                waiting += reversed([child for child in node.children if child.has_error])
        return found

    # ---- what was supposed

    def _missing(self, node: Node) -> Fault:
        return self._expected(_wanted(node), node.start_byte)

    def _expected(self, what: str, at: int) -> Fault:
        """Something is not there: marked where the text before it ends."""
        while at > 0 and self.data[at - 1 : at].isspace():
            at -= 1
        if at < len(self.data) and not self.data[at : at + 1].isspace():
            return at, self._next(at), f"expected {what}"
        return self._before(at), at, f"expected {what}"

    def _next(self, at: int) -> int:
        at += 1
        while at < len(self.data) and (self.data[at] & 0xC0) == 0x80:
            at += 1
        return at

    def _before(self, at: int) -> int:
        at = max(0, at - 1)
        while at > 0 and (self.data[at] & 0xC0) == 0x80:
            at -= 1
        return at

    def _unexpected(self, piece: _Piece) -> Fault:
        shown = piece.text if piece.is_token else self._first_word(piece)
        return piece.start, piece.start + len(shown.encode()), f"unexpected {_quoted(shown)}"

    def _first_word(self, piece: _Piece) -> str:
        line = self.data[piece.start : piece.end].split(b"\n", 1)[0]
        words = line.decode("utf-8", "replace").split()
        return words[0][:_LONGEST_SHOWN] if words else ""

    def _nothing_after(self, piece: _Piece) -> Fault:
        return piece.start, piece.end, f"expected something after {_quoted(piece.text)}"

    # ---- what was skipped

    def _skipped(self, error: Node) -> Fault:
        pieces = self._pieces(error)
        if not pieces:
            return error.start_byte, self._next(error.start_byte), "this cannot be read"
        return (
            self._bracket(pieces)
            or (self._line(pieces, error) if self.by_lines else None)
            or self._word(pieces, error)
        )

    def _pieces(self, error: Node) -> list[_Piece]:
        """What lies in a stretch, constructs that could be read as one piece each."""
        found: list[_Piece] = []
        waiting = [error]
        while waiting and len(found) < _MOST_PIECES:
            node = waiting.pop()
            if node.child_count and (node.has_error or node.is_error):
                waiting += reversed(node.children)
                continue
            if node.is_extra and not node.is_error:
                continue  # a comment
            start, end = node.start_byte, node.end_byte
            is_token = node.child_count == 0
            text = ""
            if node.is_missing:
                text = _wanted(node)
            elif is_token:
                text = self.data[start:end].decode("utf-8", "replace")
                if node.type == "string_start":
                    text = "string_start"
            found.append(
                _Piece(
                    text,
                    start,
                    end,
                    node.start_point[0],
                    node.end_point[0],
                    is_token,
                    node.is_missing,
                )
            )
        return found

    def _bracket(self, pieces: list[_Piece]) -> Fault | None:
        """A bracket without its partner, or a string without its end."""
        opened: list[_Piece] = []
        quoted: _Piece | None = None
        for piece in pieces:
            if piece.is_missing:
                return self._expected(piece.text, piece.start)
            if not piece.is_token:
                continue
            if piece.text in _STRING_MARKS:
                quoted = None if quoted is not None and quoted.text == piece.text else piece
            elif piece.text in _OPENERS:
                opened.append(piece)
            elif piece.text in _CLOSERS:
                if not opened:
                    return self._unexpected(piece)
                if opened[-1].text != _CLOSERS[piece.text]:
                    return self._never_closed(opened[-1])
                opened.pop()
        if opened:
            return self._never_closed(opened[-1])
        if quoted is not None:
            return quoted.start, quoted.end, f"this string{_OPEN}"
        return None

    def _never_closed(self, piece: _Piece) -> Fault:
        return piece.start, piece.end, f"{_quoted(piece.text)}{_OPEN}"

    def _line(self, pieces: list[_Piece], error: Node) -> Fault | None:
        """A header without its colon, or a line that ends where it cannot."""
        before = _token_before(error, self.data)
        first = pieces[0]
        if before is not None and before.row < first.row and before.text in _OPERATORS:
            return self._nothing_after(before)
        for line in _lines(pieces):
            start, last = line[0], line[-1]
            if start.is_token and start.text in _HEADERS:
                has_colon = any(piece.text == ":" for piece in line)
                if not has_colon and not self._goes_on(last):
                    return self._expected("':'", last.end)
                if start.text in _CONTINUING and start is first:
                    return self._unexpected(start)
            elif last.is_token and last.text in _OPERATORS and last is not pieces[-1]:
                return self._nothing_after(last)
        return None

    def _goes_on(self, piece: _Piece) -> bool:
        """Whether a colon follows a piece on its line."""
        end = self.data.find(b"\n", piece.end)
        rest = self.data[piece.end : end if end >= 0 else len(self.data)]
        return rest.lstrip().startswith(b":")

    def _word(self, pieces: list[_Piece], error: Node) -> Fault:
        """The first word that cannot stand where it does."""
        for one, other in itertools.pairwise(pieces):
            if _is_operand(one) and _is_operand(other) and one.last_row == other.row:
                return self._unexpected(other)
        last = pieces[-1]
        if last.is_token and last.text in _OPERATORS:
            after = self.data[last.end :].lstrip(b" \t")[:1]
            if not after or after in b")]};:,\r\n":
                return self._nothing_after(last)
        if len(pieces) == 1 or pieces[0].row != last.row:
            return self._unexpected(pieces[0])
        return self._unexpected(last)


def _wanted(node: Node) -> str:
    """What the parser supposed to be there."""
    if not node.is_named:
        return _quoted(node.type)
    words = node.type.strip("_").replace("_", " ")
    return f"{'an' if words[:1] in 'aeiou' else 'a'} {words}"


def _quoted(text: str) -> str:
    shown = text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"
    return f'"{shown}"' if "'" in shown else f"'{shown}'"


def _lines(pieces: list[_Piece]) -> Iterator[list[_Piece]]:
    """Pieces by the lines of the text, those inside brackets with the line that opens them."""
    line: list[_Piece] = []
    depth = 0
    for piece in pieces:
        if line and depth <= 0 and piece.row > line[-1].last_row:
            yield line
            line = []
        line.append(piece)
        depth += (piece.text in _OPENERS) - (piece.text in _CLOSERS)
    if line:
        yield line


def _is_operand(piece: _Piece) -> bool:
    if not piece.is_token:
        return True
    first = piece.text[:1]
    return (first.isalnum() or first == "_") and piece.text not in _OPERATORS | _HEADERS


def _token_before(error: Node, data: bytes) -> _Piece | None:
    """The token that stands before a stretch, inside the same construct."""
    node = error.prev_sibling
    if node is None:
        return None
    while node.child_count:
        node = node.children[-1]
    text = data[node.start_byte : node.end_byte].decode("utf-8", "replace")
    return _Piece(
        text, node.start_byte, node.end_byte, node.start_point[0], node.end_point[0], True
    )
