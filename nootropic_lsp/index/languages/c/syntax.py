"""How C is read."""

from __future__ import annotations

import re

from tree_sitter import Node

from nootropic_lsp.index.facts import Flag, Kind, Op, Role
from nootropic_lsp.index.languages.queries.reading import Reading
from nootropic_lsp.index.languages.queries.syntax import Captures, Syntax

_TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|//[^\n]*|/\*.*?\*/|[^\W\d]\w*', re.S)
_KEYWORDS = frozenset(
    "auto break case char const continue default do double else enum extern float for goto if int "
    "long register return short signed sizeof static struct switch typedef union unsigned void "
    "volatile while inline bool true false class public private protected namespace template "
    "typename this new delete nullptr static_cast reinterpret_cast const_cast defined".split()
)
_FIELDS = re.compile(r"(?:\.|->)\s*\Z")


def _include(reading: Reading, captures: Captures) -> None:
    """Everything that a header declares is seen. Level -1 is a quoted path, -2 one in brackets."""
    node = captures["rule.include"][0]
    start, end = node.byte_range
    system = reading.text[start] == "<"
    path = reading.text[start + system : end - system]
    module = reading.add(Op.MODULE, Role.IMPORT, start + system, path, -2 if system else -1)
    reading.stars.append(module)


def _nameless(reading: Reading, captures: Captures) -> None:
    """The members of a structure without a name belong to what is declared with it."""
    node = captures["rule.nameless"][0]
    body = reading.bodies.get((*node.byte_range, 1), -1)
    if body >= 0:
        reading.values[node.byte_range] = reading.add(Op.OBJECT, body)


def _ignored(reading: Reading, captures: Captures) -> None:
    reading.unuse(captures["rule.ignored"][0].start_byte)


def _declared(reading: Reading, captures: Captures) -> None:
    """A variable without a value; `extern` says that it is somewhere else."""
    whole, name = captures["rule.declared"][0], captures["name"][0]
    annotation = reading.value_of(captures["type"][0])
    reading.mark_types(annotation)
    variable = reading.define(name, Kind.VARIABLE, whole, annotation=annotation)
    if variable is None:
        return
    if reading.text.startswith("extern", whole.start_byte):
        variable.flags |= Flag.DECLARED
    if reading.text.startswith("static", whole.start_byte):
        variable.flags |= Flag.STATIC
    if variable.scope == 0:
        reading.document(variable)


def _macro(reading: Reading, captures: Captures) -> None:
    """The names in the text of a macro."""
    node = captures["rule.macro"][0]
    for token in _TOKEN.finditer(reading.text, *node.byte_range):
        name, start = token[0], token.start()
        if name in _KEYWORDS or not (name[0].isalpha() or name[0] == "_"):
            continue
        if reading.text[start - 1] in ".>" and _FIELDS.search(reading.text, start - 4, start):
            reading.add(Op.MEMBER, Role.READ, start, name, -1)
        else:
            called = reading.text.startswith("(", token.end())
            reading.at[start] = reading.add(
                Op.NAME, Role.CALL if called else Role.READ, start, name, reading.scope_at(start)
            )


def _subscript(reading: Reading, captures: Captures) -> None:
    """An element of an array has the type that the array was declared with."""
    node = captures["rule.subscript"][0]
    value = reading.value_of(captures["value"][0])
    if value >= 0:
        reading.values[node.byte_range] = value


def _designator(reading: Reading, captures: Captures) -> None:
    """`.field = value` in a literal of a declared type."""
    name = captures["rule.designator"][0]
    start, end = name.byte_range
    kind = _literal_type(name)
    of = reading.value_of(kind) if kind is not None else -1
    known = reading.at.get(start)
    expression = (Op.KEYWORD, Role.WRITE, start, reading.text[start:end], of)
    if known is None:
        reading.at[start] = reading.add(*expression)


def _literal_type(node: Node) -> Node | None:
    for _ in range(6):
        parent = node.parent
        if parent is None:
            return None
        if parent.type in ("declaration", "compound_literal_expression"):
            return parent.child_by_field_name("type")
        node = parent
    return None


RULES = {
    "include": _include,
    "nameless": _nameless,
    "ignored": _ignored,
    "declared": _declared,
    "macro": _macro,
    "subscript": _subscript,
    "designator": _designator,
}
SYNTAX = Syntax(queries=("c/c.scm", "c/enums.scm"), rules=RULES)
