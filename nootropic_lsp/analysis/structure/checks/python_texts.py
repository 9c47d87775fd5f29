"""Mistakes in texts that are filled in, searched or cut, in Python."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from tree_sitter import Node

from nootropic_lsp.analysis.structure.declared import check
from nootropic_lsp.analysis.structure.sight import Change, Hit, Sight, at

_OF_RE = ("compile", "match", "search", "fullmatch", "findall", "finditer", "sub", "subn", "split")


@check("python", "call", words=_OF_RE)
def invalid_regex(sight: Sight, node: Node) -> Iterator[Hit]:
    """A pattern that `re` refuses."""
    if sight.callee(node).removeprefix("re.") not in _OF_RE:
        return
    pattern = sight.arguments(node).node("0|pattern")
    value = sight.value(pattern)
    if pattern is None or not isinstance(value, str | bytes) or len(value) > 1_000:
        return
    try:
        re.compile(value)
    except (re.error, RecursionError, OverflowError) as error:
        if not any(each.type in {"with_statement", "try_statement"}
                   for each in sight.ancestors(node)):  # fmt: skip
            yield at(pattern, f"not a regular expression: {error}")
    except Warning:
        return


_FIELD = re.compile(
    r"%(?:(?P<key>\([^)]*\))?[-+ #0]*(?:\*|\d+)?(?:\.(?:\*|\d+))?[hlL]?(?P<kind>[a-zA-Z%]))"
)


_LEVELS = frozenset({"debug", "info", "warning", "error", "critical", "exception"})


_FILLED = '(binary_operator left: [(string) (concatenated_string)] operator: "%" right: (tuple))'


@check("python", f"{_FILLED} @here", "call", words=("format", *_LEVELS))
def format_arguments(sight: Sight, node: Node) -> Iterator[Hit]:
    """`%`, `str.format` and logging with more or fewer values than places."""
    if node.type == "call":
        yield from _called_to_format(sight, node)
        return
    operator = node.child_by_field_name("operator")
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if operator is None or operator.type != "%" or left is None or right is None:
        return
    if left.type not in {"string", "concatenated_string"} or right.type != "tuple":
        return
    wanted = places(sight.value(left))
    if wanted is None or any(each.type == "list_splat" for each in right.named_children):
        return
    given = sum(each.type != "comment" for each in right.named_children)
    if wanted != given:
        yield at(node, f"{_many(wanted, 'place')} in the text, but {_many(given, 'value')}")


def _called_to_format(sight: Sight, node: Node) -> Iterator[Hit]:
    function = node.child_by_field_name("function")
    if function is None or function.type != "attribute":
        return
    method = sight.text(function.child_by_field_name("attribute"))
    if method == "format":
        yield from _format_method(sight, node, function)
    elif method in _LEVELS:
        yield from _logged(sight, node, function)


def _format_method(sight: Sight, node: Node, function: Node) -> Iterator[Hit]:
    text = function.child_by_field_name("object")
    if text is None or text.type not in {"string", "concatenated_string"}:
        return
    value, arguments = sight.value(text), sight.arguments(node)
    if not isinstance(value, str) or arguments.is_open:
        return
    wanted = _braces(value)
    given = {*map(str, range(len(arguments.positional))), *arguments.keywords, *arguments.splatted}
    missing = [name for name in wanted if name not in given]
    if missing:
        yield at(node, f"the text has a place for {missing[0]!r}, but no value is given for it")


def _braces(text: str) -> list[str]:
    from string import Formatter  # noqa: PLC0415 -- seldom needed

    try:
        fields = [name for _, name, _, _ in Formatter().parse(text) if name is not None]
    except ValueError:
        return []
    plain = [re.split(r"[.\[]", field)[0] for field in fields]
    count = iter(range(len(plain)))
    return [name or str(next(count)) for name in plain]


def _logged(sight: Sight, node: Node, function: Node) -> Iterator[Hit]:
    owner = sight.text(function.child_by_field_name("object")).rpartition(".")[2]
    if owner.lower().lstrip("_") not in {"log", "logger", "logging"}:
        return
    arguments = sight.arguments(node)
    if not arguments.positional or arguments.is_open:
        return
    text, *values = arguments.positional
    if text.type not in {"string", "concatenated_string"}:
        return
    wanted = places(sight.value(text))
    if wanted is None or not values or wanted == len(values):
        return
    if not (len(values) == 1 and values[0].type in {"identifier", "dictionary", "attribute"}
            and wanted != 0):  # fmt: skip
        yield at(node, f"{_many(wanted, 'place')} in the text, but {_many(len(values), 'value')}")


def places(text: object) -> int | None:
    """How many values `%` puts into a text; None if they are named or cannot be counted."""
    if not isinstance(text, str | bytes):
        return None
    plain = text if isinstance(text, str) else text.decode("latin-1")
    count = 0
    for found in _FIELD.finditer(plain):
        if found["key"] is not None or "*" in found[0]:
            return None
        if found["kind"] not in "diouxXeEfFgGcrsa%":
            return None
        count += found["kind"] != "%"
    return count


def _many(count: int, what: str) -> str:
    return f"{count or 'no'} {what}{'' if count == 1 else 's'}"


@check("python", "call", words=("lstrip", "rstrip"))
def strip_of_word(sight: Sight, node: Node) -> Iterator[Hit]:
    """`lstrip("http://")`: strip takes away characters, not a word."""
    function = node.child_by_field_name("function")
    if function is None or function.type != "attribute":
        return
    method = sight.text(function.child_by_field_name("attribute"))
    arguments = sight.arguments(node)
    if len(arguments.positional) != 1 or arguments.positional[0].type != "string":
        return
    word = sight.value(arguments.positional[0])
    if isinstance(word, str) and len(word) > 3 and re.search(r"[a-z]{2}", word) and any(
        a == b for a, b in pairwise(sorted(word))
    ):  # fmt: skip
        instead = "removeprefix" if method == "lstrip" else "removesuffix"
        name = function.child_by_field_name("attribute")
        assert name is not None
        change = Change(name.start_byte, name.end_byte, instead)
        yield at(node, changes=(change,), title=f"Use {instead}")
