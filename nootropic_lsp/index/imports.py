"""The import statements at the top level of a text, with the names that each takes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from nootropic_lsp.index.offsets import code_point_table
from nootropic_lsp.index.opened import OpenText

if TYPE_CHECKING:
    from tree_sitter import Node

_STATEMENTS = frozenset({"import_statement", "import_from_statement", "future_import_statement"})
_PROLOGUE = frozenset({"comment", "hash_bang_line", "expression_statement"})
_FROM = re.compile(r"from\s+(\S+)\s+import\b")
_PLAIN = re.compile(r"import\s+([\w.]+)")
_SOURCE = re.compile(r"""(?:\bfrom\s*|^import\s*)(["'])([^"'\n]+)\1\s*;?\s*\Z""")


class WrittenName(NamedTuple):
    """A name that an import takes."""

    text: str
    start: int
    end: int


class WrittenImport(NamedTuple):
    """An import statement. `names` are empty where a further one cannot simply join them."""

    start: int
    end: int
    module: str
    takes_names: bool
    names: tuple[WrittenName, ...]


class Imports(NamedTuple):
    """`top` is where the first import would stand: below what a file begins with."""

    top: int
    statements: tuple[WrittenImport, ...]


def imports_of(text: OpenText) -> Imports:
    """The import statements of a file in Python, JavaScript or TypeScript."""
    parsed = text.tree()
    if parsed is None:
        return Imports(0, ())
    tree, data = parsed
    source = text.document.text
    table = range(len(data) + 1) if data.isascii() else code_point_table(data)
    is_python = text.document.language == "python"
    top, begins = 0, True
    found = []
    for node in tree.root_node.children:
        if node.type in _STATEMENTS:
            begins = False
            found.append(_import(node, source, table.__getitem__, is_python=is_python))
        elif begins and _is_prologue(node, data):
            end = source.find("\n", table[node.end_byte])
            top = len(source) if end < 0 else end + 1
        else:
            begins = False
    return Imports(top, tuple(found))


def _is_prologue(node: Node, data: bytes) -> bool:
    """A comment, the documentation of the module, or "use strict"."""
    if node.type == "expression_statement":
        return data[node.start_byte : node.start_byte + 1] in (b'"', b"'")
    return node.type in _PROLOGUE


def _import(
    node: Node, source: str, offset: Callable[[int], int], *, is_python: bool
) -> WrittenImport:
    start, end = offset(node.start_byte), offset(node.end_byte)
    statement = source[start:end]
    if is_python:
        found = _FROM.match(statement)
        plain = _PLAIN.match(statement) if found is None else None
        module = found[1] if found is not None else plain[1] if plain is not None else ""
        nodes = node.children_by_field_name("name") if found is not None else []
    else:
        found = _SOURCE.search(statement)
        module = found[2] if found is not None else ""
        nodes = [] if statement.startswith("import type") else _specifiers(node)
    spans = ((offset(each.start_byte), offset(each.end_byte)) for each in nodes)
    names = tuple(WrittenName(source[at:to], at, to) for at, to in spans)
    return WrittenImport(start, end, module, found is not None, names)


def _specifiers(node: Node) -> list[Node]:
    """What stands between the braces of an import."""
    for clause in node.named_children:
        for part in clause.named_children if clause.type == "import_clause" else ():
            if part.type == "named_imports":
                return [each for each in part.named_children if each.type == "import_specifier"]
    return []
