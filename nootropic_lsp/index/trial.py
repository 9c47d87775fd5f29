"""A text as it would be with a suggestion in it: can it still be read, and which names are new."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from nootropic_lsp.index.opened import OpenText
from nootropic_lsp.index.source import encode_source

if TYPE_CHECKING:
    from tree_sitter import Node

# More of a text that cannot be read is not looked at.
_MOST_ERRORS = 500
_NAMES = ("identifier", "constant", "name", "variable")
# Where a name that is a field of its construct is a use all the same.
_USING = ("call", "invocation", "augmented", "binary", "comparison")


class Role(Enum):
    """What a name is there for: a thing in scope, a member of something, or a name of its own.

    A name of its own is declared, imported or the key of an argument.
    """

    BARE = "bare"
    MEMBER = "member"
    OWN = "own"


class WrittenName(NamedTuple):
    """A name that a suggestion would bring; `start` is an offset in the whole text."""

    text: str
    start: int
    role: Role


def with_text(text: OpenText, start: int, end: int, inserted: str) -> OpenText:
    """A text with a stretch of it replaced."""
    source = text.document.text
    made = replace(text.document, text=f"{source[:start]}{inserted}{source[end:]}")
    return OpenText(made, text)


def is_worse(before: OpenText, after: OpenText, line: int, n_lines: int) -> bool:
    """Whether `n_lines` (at least 1) in the place of one line have broken the text.

    A text that could not be read before, as at most moments of typing, must have no errors
    on other lines than it had.
    """
    one, other = before.tree(), after.tree()
    if one is None or other is None:
        return one is not other
    if not other[0].root_node.has_error:
        return False
    if not one[0].root_node.has_error:
        return True
    known = _faulty_lines(one[0].root_node)
    more = n_lines - 1
    for each in _faulty_lines(other[0].root_node):
        if each < line and each not in known:
            return True
        if each > line + more and each - more not in known:
            return True
    return False


def _faulty_lines(root: Node) -> set[int]:
    found: set[int] = set()
    waiting = [root]
    n_looked_at = 0
    while waiting and n_looked_at < _MOST_ERRORS:
        node = waiting.pop()
        n_looked_at += 1
        if node.is_missing:
            found.add(node.start_point[0])
        elif node.is_error:
            last, column = node.end_point
            found.update(range(node.start_point[0], last + (column > 0)))
        else:
            waiting += [child for child in node.children if child.has_error]
    return found


def names_between(text: OpenText, start: int, end: int) -> list[WrittenName]:
    """The names that are written, at least in part, between two offsets."""
    parsed = text.tree()
    if parsed is None or start == end:
        return []
    tree, data = parsed
    source = text.document.text
    low = len(encode_source(source[:start]))
    high = low + len(encode_source(source[start:end]))
    node = tree.root_node.descendant_for_byte_range(low, high)
    found: list[WrittenName] = []
    waiting = [] if node is None else [node]
    while waiting:
        node = waiting.pop()
        if node.child_count:
            waiting += [
                child
                for child in reversed(node.children)
                if child.end_byte > low and child.start_byte < high
            ]
        elif node.is_named and node.type.endswith(_NAMES) and not node.is_missing:
            word = data[node.start_byte : node.end_byte].decode("utf-8", "replace")
            at = start - len(data[node.start_byte : low].decode("utf-8", "replace"))
            if node.start_byte > low:
                at = start + len(data[low : node.start_byte].decode("utf-8", "replace"))
            found.append(WrittenName(word, at, _role(node, data)))
    return found


def _role(node: Node, data: bytes) -> Role:
    before = data[: node.start_byte][-200:].rstrip()
    if before.endswith((b".", b"->", b"::")) and not before.endswith(b".."):
        return Role.MEMBER
    above = node.parent
    if above is not None and not any(kind in above.type for kind in _USING):
        for field in ("name", "key", "left"):
            named = above.child_by_field_name(field)
            if named is not None and named.id == node.id:
                return Role.OWN
    for _ in range(4):
        if above is None:
            break
        if "import" in above.type or "use_" in above.type or "using" in above.type:
            return Role.OWN
        above = above.parent
    return Role.BARE
