"""String literals of Python, and f-strings that mean exactly the same."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nootropic_lsp.analysis.recipes.tree import Source, walk

if TYPE_CHECKING:
    from tree_sitter import Node

# Since then an expression in an f-string may hold anything.
_FREE = (3, 12)
_TEXTUAL = frozenset(["str", "repr", "ascii", "format", "hex", "oct", "bin", "chr"])
_WHOLE = frozenset(["len", "ord", "hash", "id", "int"])
_PURE = frozenset(["identifier", "integer", "float", "true", "false", "none"])
_SIMPLE_STRING = re.compile(r"""(["'])([^"'\\{}\n]*)\1""")


def pieces(node: Node) -> list[Node]:
    """The literals that a string or a row of strings consists of; [] if it is none."""
    if node.type == "string":
        return [node]
    if node.type == "concatenated_string":
        return [each for each in node.children if each.type == "string"]
    if node.type == "parenthesized_expression" and node.named_child_count == 1:
        return pieces(node.named_children[0])
    return []


def parts(node: Node, source: Source) -> tuple[str, str, str]:
    """Prefix, quotes and content of a literal; content as it is written."""
    text = source.text(node)
    start = next(child for child in node.children if child.type == "string_start")
    opening = source.text(start)
    quotes = opening.lstrip("rRbBuUfFtT")
    return opening[: len(opening) - len(quotes)], quotes, text[len(opening) : -len(quotes)]


def is_pure(node: Node) -> bool:
    """Whether evaluating an expression, in any order, has no effect."""
    if node.type == "string":
        return not any(child.type == "interpolation" for child in node.children)
    return node.type in _PURE


def is_text(node: Node, source: Source) -> bool:
    """Whether an expression surely is a `str`, or a number that shows itself as one does."""
    if node.type in ("string", "concatenated_string"):
        return True
    if node.type == "integer":
        return True
    return _called(node, source) in _TEXTUAL | _WHOLE or _method(node, source) in (
        *("join", "format"),
    )


def is_whole(node: Node, source: Source) -> bool:
    """Whether an expression surely is an `int`."""
    return node.type == "integer" or _called(node, source) in _WHOLE


def is_no_tuple(node: Node, source: Source) -> bool:
    """Whether an expression surely is neither a tuple nor a mapping."""
    if is_text(node, source) or is_whole(node, source):
        return True
    return node.type in ("float", "true", "false", "none", "list", "list_comprehension", "set")


def _called(node: Node, source: Source) -> str:
    function = node.child_by_field_name("function") if node.type == "call" else None
    named = function is not None and function.type == "identifier"
    return source.text(function) if named and function is not None else ""


def _method(node: Node, source: Source) -> str:
    """The method that is called on a literal string."""
    function = node.child_by_field_name("function") if node.type == "call" else None
    if function is None or function.type != "attribute":
        return ""
    of, name = function.child_by_field_name("object"), function.child_by_field_name("attribute")
    literal = of is not None and of.type == "string"
    return source.text(name) if literal and name is not None else ""


def embedded(
    node: Node, text: str, source: Source, *, quotes: str, python: tuple[int, int]
) -> str | None:
    """An expression as it can stand between braces, or None if it cannot.

    `text` is how it is written, `quotes` those of the string around it.
    """
    inner = {"'": '"', '"': "'"}[quotes[0]]
    if any(each.type == "comment" for each in walk(node)) or "\n" in text or "\\" in text:
        return None
    if node.type in ("lambda", "yield", "named_expression", "generator_expression"):
        return None
    if node.type in ("string", "concatenated_string"):
        return None  # Whoever keeps a text apart from the text around it has a reason.
    if quotes[0] in text:
        # In other quotes it can be read by every version, and by people.
        text = _SIMPLE_STRING.sub(lambda found: f"{inner}{found[2]}{inner}", text)
    if quotes[0] in text and (python < _FREE or len(quotes) == 1):
        return None
    if python < _FREE and "#" in text:
        return None
    if node.type in ("dictionary", "set", "dictionary_comprehension", "set_comprehension"):
        text = f" {text}"
    return f"{text} " if text.endswith("}") and text.startswith(" ") else text


def as_fstring(prefix: str, quotes: str, content: str) -> str:
    """A literal as an f-string."""
    return f"f{prefix.replace('u', '').replace('U', '')}{quotes}{content}{quotes}"
