"""How Bash is read."""

from __future__ import annotations

import re

from tree_sitter import Node

from nootropic_lsp.index.facts import Definition, Kind, Op, Role, ScopeKind
from nootropic_lsp.index.languages.queries.reading import Reading
from nootropic_lsp.index.languages.queries.syntax import Syntax
from nootropic_lsp.index.languages.queries.vocabulary import Captures

_NAME = re.compile(r"[A-Za-z_]\w*\Z")
_FUNCTION = re.compile(r"^(?:function\s+)?([A-Za-z_][\w:.-]*)[ \t]*\([ \t]*\)", re.MULTILINE)
_LOCAL = ("local", "declare", "typeset")
_READERS = frozenset({"read", "mapfile", "readarray", "getopts"})


def _assignment(reading: Reading, captures: Captures) -> None:
    """`NAME=value`, after `local` in the function, else in the file."""
    whole, name = captures["rule.assignment"][0], captures["name"][0]
    # A declaration around it is read after it and says that it is local.
    _global(reading, name, whole)


def _global(reading: Reading, name: Node, whole: Node) -> None:
    start, end = name.byte_range
    if name.named_child_count or start == end or not _NAME.match(reading.text[start:end]):
        return
    variable = reading.define(name, Kind.VARIABLE, whole)
    if variable is not None:
        variable.scope = 0
        reading.document(variable)


def _declared(reading: Reading, captures: Captures) -> None:
    """`local NAME` without a value."""
    whole, name = captures["rule.declared"][0], captures["name"][0]
    if reading.text.startswith(("export", "readonly", "unset"), whole.start_byte):
        return
    variable = reading.define(name, Kind.VARIABLE, whole)
    if variable is not None and not _is_local(reading, whole):
        variable.scope = 0


def _command(reading: Reading, captures: Captures) -> None:
    whole = captures["rule.command"][0]
    if not _is_local(reading, whole):
        return
    start, end = whole.byte_range
    for definition in reversed(reading.definitions):
        if definition.full_start < start:
            break
        if definition.start < end:
            definition.scope = reading.scope_at(start)


def _is_local(reading: Reading, node: Node) -> bool:
    start = node.start_byte
    scope = reading.scope_at(start)
    return (
        reading.text.startswith(_LOCAL, start)
        and reading.scopes[scope].kind == ScopeKind.FUNCTION
        and " -g" not in reading.text[start : start + 20]
    )


def _builtin(reading: Reading, captures: Captures) -> None:
    """Commands of the shell itself that name files, functions or variables."""
    word = captures["rule.builtin"][0]
    text = reading.text[word.start_byte : word.end_byte]
    command = word.parent.parent if word.parent is not None else None
    if command is None:
        return
    arguments = [node for node in command.named_children[1:] if node.type != "file_redirect"]
    if not arguments:
        return
    first = arguments[0]
    if text in ("source", "."):
        _source(reading, first)
    elif text in _READERS:
        for argument in arguments[1 if text == "getopts" else 0 :]:
            if argument.type == "word":
                _global(reading, argument, command)
    elif text == "trap" and first.type == "word":
        reading.use(first)
    elif text == "alias" and first.type == "concatenation":
        start = first.start_byte
        name = reading.text[start : reading.text.find("=", start, first.end_byte)]
        if _NAME.match(name):
            alias = reading.bind(start, name, Kind.FUNCTION, command)
            alias.scope = 0


def _source(reading: Reading, argument: Node) -> None:
    """`source FILE`: of a computed path what follows the last variable."""
    start, end = argument.byte_range
    text = reading.text[start:end].strip("\"'")
    path = re.sub(r"\$\{[^}]*\}|\$\([^)]*\)|\$\w+", "", text).lstrip("/")
    if path and "*" not in path:
        position = end - len(path) - (reading.text[end - 1] in "\"'")
        module = reading.add(Op.MODULE, Role.IMPORT, max(position, start), path, -1)
        reading.stars.append(module)


def _mend(reading: Reading) -> None:
    """Functions at the start of a line that the grammar lost after something it cannot read."""
    known = {definition.start for definition in reading.definitions}
    for found in _FUNCTION.finditer(reading.text):
        start = found.start(1)
        if start not in known:
            reading.unuse(start)
            reading.definitions.append(
                Definition(
                    found[1], Kind.FUNCTION, start, 0, found.start(), found.end(), found.end()
                )
            )


SYNTAX = Syntax(
    queries=("bash/bash.scm",),
    comments=("#",),
    mend=_mend,
    rules={
        "assignment": _assignment,
        "declared": _declared,
        "command": _command,
        "builtin": _builtin,
    },
)
