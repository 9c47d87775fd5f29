"""How PHP is read. Variables keep their `$`, so that they never meet functions of the same name."""

from __future__ import annotations

import re

from tree_sitter import Node

from nootropic_lsp.index.facts import Definition, Kind, Op, Role
from nootropic_lsp.index.languages.queries.reading import Reading
from nootropic_lsp.index.languages.queries.syntax import Syntax
from nootropic_lsp.index.languages.queries.vocabulary import Captures
from nootropic_lsp.index.languages.queries.words import words

_VAR = re.compile(r"@var\s+\\?([\w\\]+)")
_RETURN = re.compile(r"@return\s+\\?([\w\\]+)")
_NO_CLASSES = words(
    "string int integer float double bool boolean array mixed null void callable iterable object "
    "resource false true never"
)


def _use(reading: Reading, captures: Captures) -> None:
    """`use A\\B, A\\C as D;` and `use A\\{B, C};`."""
    whole = captures["rule.use"][0]
    prefix = ""
    for child in whole.named_children:
        if child.type == "namespace_name":
            prefix = reading.text[child.start_byte : child.end_byte].strip("\\") + "\\"
            for part in child.named_children:
                reading.unuse(part.start_byte)
        elif child.type == "namespace_use_clause":
            _clause(reading, child, prefix, whole)
        elif child.type == "namespace_use_group":
            for clause in child.named_children:
                _clause(reading, clause, prefix, whole)


def _clause(reading: Reading, clause: Node, prefix: str, whole: Node) -> None:
    names = [node for node in clause.named_children if node.type in ("name", "qualified_name")]
    if not names:
        return
    path = names[0]
    text = prefix + reading.text[path.start_byte : path.end_byte].strip("\\")
    module = reading.module(path, text.replace("\\", "."))
    alias = clause.child_by_field_name("alias")
    if alias is not None:
        reading.unuse(alias.start_byte)
        reading.define(alias, Kind.IMPORT, whole, value=module)
    else:
        reading.import_last(path, whole, module)


def _mixin(reading: Reading, captures: Captures) -> None:
    """`use Trait;` in a class."""
    node = captures["rule.mixin"][0]
    scope = reading.scope_at(node.start_byte)
    for child in node.named_children:
        value = reading.value_of(child)
        if value >= 0:
            reading.mark(value, Role.BASE)
            reading.mixed.setdefault(scope, []).append(value)


def _promoted(reading: Reading, captures: Captures) -> None:
    """A parameter of the constructor that is a property as well."""
    name = captures["name"][0]
    annotation = reading.value_of(captures["type"][0]) if "type" in captures else -1
    reading.mark_types(annotation)
    whole = captures["rule.promoted"][0]
    field = reading.define(name, Kind.FIELD, whole, annotation=annotation)
    if field is not None:
        field.scope = reading.class_scope(field.scope)


def _variable(reading: Reading, captures: Captures) -> None:
    name, whole = captures["name"][0], captures["rule.variable"][0]
    value = reading.value_of(captures["value"][0])
    _bind(reading, name, whole, value)


def _bind(reading: Reading, name: Node, whole: Node, value: int) -> None:
    if name.type == "variable_name":
        text = reading.text[name.start_byte : name.end_byte]
        if text != "$this":
            reading.bind(name.start_byte, text, Kind.VARIABLE, whole, value=value)


def _list(reading: Reading, captures: Captures) -> None:
    node = captures["rule.list"][0]
    for child in node.named_children:
        _bind(reading, child, node, -1)


def _each(reading: Reading, captures: Captures) -> None:
    source = reading.value_of(captures["value"][0])
    name = captures["rule.each"][0]
    value = reading.element(source)
    _bind(reading, name, name, value)


def _bound(reading: Reading, captures: Captures) -> None:
    name = captures["rule.bound"][0]
    _bind(reading, name, name, -1)


def _qualified(reading: Reading, captures: Captures) -> None:
    """`A\\B\\c`: a path; with a backslash in front from the outermost namespace."""
    node = captures["rule.qualified"][0]
    start, end = node.byte_range
    text = reading.text[start:end]
    names = [part for part in node.named_children if part.type == "name"]
    if not names:
        return
    for part in re.finditer(r"[^\W\d]\w*", text):
        if start + part.start() != names[-1].start_byte:
            reading.unuse(start + part.start())
    prefix = text.rpartition("\\")[0]
    level = 0 if prefix.startswith("\\") or not prefix else 1
    place = reading.add(Op.MODULE, Role.READ, -1, prefix.strip("\\").replace("\\", "."), level)
    reading.values[start, end] = reading.member(names[-1], place)


def _constant(reading: Reading, captures: Captures) -> None:
    """`A::B`; `A::class` is the name of A."""
    node, name = captures["rule.constant"][0], captures["name"][0]
    if reading.text[name.start_byte : name.end_byte] == "class":
        reading.unuse(name.start_byte)
        return
    receiver = reading.value_of(captures["receiver"][0])
    reading.values[node.byte_range] = reading.member(name, receiver)


def _finish(reading: Reading, definitions: list[Definition]) -> None:
    """Give classes their traits, and what has no type the one that its comment says."""
    for definition in definitions:
        if definition.body > 0 and definition.body in reading.mixed:
            definition.related = definition.related + reading.mixed[definition.body]
        if definition.annotation >= 0 or not definition.doc_end:
            continue
        pattern = _VAR if definition.kind == Kind.FIELD else _RETURN
        found = pattern.search(reading.text, definition.doc_start, definition.doc_end)
        if found is not None and found[1].lower() not in _NO_CLASSES:
            name = found[1].strip("\\")
            scope = definition.scope
            if name in ("static", "self", "$this"):
                scope = definition.body if definition.body > 0 else scope
            definition.annotation = (
                reading.add(Op.NAME, Role.TYPE, -1, name, scope)
                if "\\" not in name
                else reading.add(Op.MODULE, Role.READ, -1, name.replace("\\", "."), 0)
            )


SYNTAX = Syntax(
    queries=("php/php.scm",),
    comments=("//", "/*", "*", "#"),
    constructors=frozenset({"__construct"}),
    rebinds=True,
    finish=_finish,
    rules={
        "use": _use,
        "mixin": _mixin,
        "promoted": _promoted,
        "variable": _variable,
        "list": _list,
        "each": _each,
        "bound": _bound,
        "qualified": _qualified,
        "constant": _constant,
    },
)
