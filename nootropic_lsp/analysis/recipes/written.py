"""The import statements of a text as a recipe changes them, and whether a name is still used."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from nootropic_lsp.analysis.recipes.tree import Replacement, Source, walk

if TYPE_CHECKING:
    from tree_sitter import Node

_NAMES = frozenset(["identifier", "type_identifier", "shorthand_property_identifier"])
_STATEMENTS = frozenset(["import_statement", "import_from_statement", "future_import_statement"])
_WHOLE = frozenset(["import_clause", "namespace_import"])


def first_use(source: Source, name: str) -> int | None:
    """The offset of the first use of a name, or a dotted one, outside of imports."""
    wanted = name.partition(".")[0]
    return min(
        (node.start_byte for node in _uses(source) if source.text(node) == wanted), default=None
    )


def is_mentioned(source: Source, name: str) -> bool:
    """Whether a name is used, or written in a string or in a comment with a type."""
    word = re.compile(rf"(?<![\w.]){re.escape(name)}\b")
    if first_use(source, name) is not None:
        return True
    found = False
    for node in walk(source.root):
        if node.type == "string" and node.parent is not None:
            is_documentation = node.parent.type == "expression_statement"
            if not is_documentation and word.search(source.text(node)):
                return True
        elif node.type == "comment" and "type:" in source.text(node):
            found = found or word.search(source.text(node)) is not None
    return found


def removals(source: Source, module: str, name: str) -> list[Replacement]:
    """What takes an import away from the top level of a text; [] if it is not there."""
    found: list[Replacement] = []
    for statement in source.root.children:
        if statement.type not in _STATEMENTS:
            continue
        parts = list(_parts(statement, source))
        gone = [
            node
            for node, of, what, local in parts
            if (of, what) == (module, name) and local == (name or module)
        ]
        if not gone:
            continue
        if len(gone) == len(parts):
            found.append(_line(source, statement))
        else:
            found += [_item(source, node) for node in gone]
    return found


def module_renamed(source: Source, old: str, new: str) -> list[Replacement]:
    """Imports of a module, and its dotted uses, under its new name."""
    found: list[Replacement] = []
    is_plain = False
    for statement in walk(source.root):
        if statement.type not in _STATEMENTS:
            continue
        origin = statement.child_by_field_name("module_name")
        if origin is not None and source.text(origin) == old:
            found.append(Replacement(origin.start_byte, origin.end_byte, new))
        target = statement.child_by_field_name("source")
        if target is not None and source.text(target)[1:-1] == old:
            found.append(Replacement(target.start_byte + 1, target.end_byte - 1, new))
        if origin is None and target is None:
            for each in statement.children_by_field_name("name"):
                dotted = each.child_by_field_name("name") if each.type == "aliased_import" else each
                if dotted is not None and source.text(dotted) == old:
                    is_plain = is_plain or each.type != "aliased_import"
                    found.append(Replacement(dotted.start_byte, dotted.end_byte, new))
    if is_plain:
        for node in walk(source.root):
            if node.type in ("attribute", "identifier") and source.text(node) == old:
                around = node.parent
                if around is not None and around.type == "attribute" and around.children[0] == node:
                    found.append(Replacement(node.start_byte, node.end_byte, new))
    return found


def name_renamed(source: Source, old: str, new: str) -> list[Replacement]:
    """A name that is imported from a module, under its new name and from its new module."""
    module, _, name = old.partition(":")
    target, _, renamed = new.partition(":")
    found: list[Replacement] = []
    for statement in source.root.children:
        if statement.type not in _STATEMENTS:
            continue
        parts = list(_parts(statement, source))
        for node, of, what, local in parts:
            if (of, what) != (module, name):
                continue
            alias = f" as {local}" if local != name else ""
            if len(parts) == 1 or target == module:
                found.append(Replacement(node.start_byte, node.end_byte, renamed + alias))
                origin = statement.child_by_field_name("module_name")
                if origin is not None:
                    found.append(Replacement(origin.start_byte, origin.end_byte, target))
                origin = statement.child_by_field_name("source")
                if origin is not None:
                    at = Replacement(origin.start_byte + 1, origin.end_byte - 1, target)
                    found.append(at)
            elif source.language == "python":
                found.append(_item(source, node))
                line = f"\nfrom {target} import {renamed}{alias}"
                found.append(Replacement(statement.end_byte, statement.end_byte, line))
            else:
                continue
            if not alias and renamed != name:
                found += [
                    Replacement(use.start_byte, use.end_byte, renamed)
                    for use in _uses(source)
                    if source.text(use) == name
                ]
    return found


def _uses(source: Source) -> Iterator[Node]:
    """The names in a text that are no attributes, keywords or parts of imports."""
    waiting = [source.root]
    while waiting:
        node = waiting.pop()
        if node.type in _STATEMENTS:
            continue
        if node.type in _NAMES and not _is_label(node):
            yield node
        waiting += node.children


def _is_label(node: Node) -> bool:
    """Whether a name belongs to what stands before it, or names an argument."""
    parent = node.parent
    if parent is None:
        return False
    if parent.type == "attribute":
        return parent.child_by_field_name("attribute") == node
    if parent.type == "keyword_argument":
        return parent.child_by_field_name("name") == node
    return False


def _parts(statement: Node, source: Source) -> Iterator[tuple[Node, str, str, str]]:
    """Of each thing that is imported: its node, module, name ("" for the module) and local name."""
    origin = statement.child_by_field_name("module_name")
    target = statement.child_by_field_name("source")
    if target is not None:
        module = source.text(target)[1:-1]
        for node in walk(statement):
            if node.type == "import_specifier":
                name = node.child_by_field_name("name")
                alias = node.child_by_field_name("alias") or name
                if name is not None and alias is not None:
                    yield node, module, source.text(name), source.text(alias)
            elif node.type == "identifier" and _kind_around(node) in _WHOLE:
                yield node, module, "", source.text(node)
        return
    for each in statement.children_by_field_name("name"):
        inner, given = each, None
        if each.type == "aliased_import":
            inner = each.child_by_field_name("name") or each
            given = each.child_by_field_name("alias")
        what = source.text(inner)
        local = what if given is None else source.text(given)
        if origin is None:
            yield each, what, "", local
        else:
            yield each, source.text(origin), what, local


def _kind_around(node: Node) -> str:
    return "" if node.parent is None else node.parent.type


def _item(source: Source, node: Node) -> Replacement:
    """The removal of one item of a list, with a comma and the line it has for itself."""
    data, start, end = source.data, node.start_byte, node.end_byte
    after = re.compile(rb"[ \t]*,[ \t]*").match(data, end)
    if after is not None:
        end = after.end()
        line = data.rfind(b"\n", 0, start) + 1
        if not data[line:start].strip() and data[end : end + 1] in (b"\n", b"\r"):
            return Replacement(line, data.index(b"\n", end) + 1, "")
        return Replacement(start, end, "")
    before = re.compile(rb",\s*\Z").search(data[:start])
    return Replacement(start if before is None else before.start(), end, "")


def _line(source: Source, statement: Node) -> Replacement:
    """The removal of a statement with its line and the comment on it."""
    data = source.data
    end = data.find(b"\n", statement.end_byte)
    end = len(data) if end < 0 else end + 1
    rest = data[statement.end_byte : end].strip()
    if rest and not rest.startswith((b"#", b"//")):
        return Replacement(statement.start_byte, statement.end_byte, "")
    return Replacement(statement.start_byte, end, "")
