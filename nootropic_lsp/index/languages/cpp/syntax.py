"""How C++ is read: like C, with what it adds."""

from __future__ import annotations

import re

from tree_sitter import Node

from nootropic_lsp.index.facts import Definition, Kind, Op, Role, ScopeKind
from nootropic_lsp.index.languages.c import syntax as c
from nootropic_lsp.index.languages.queries.branches import first_branches
from nootropic_lsp.index.languages.queries.reading import Reading
from nootropic_lsp.index.languages.queries.syntax import Syntax
from nootropic_lsp.index.languages.queries.vocabulary import Captures

# More parts than any written name has.
_LONGEST = 40
_CASTS = frozenset({"static_cast", "dynamic_cast", "reinterpret_cast", "const_cast"})
_MAKERS = frozenset({"make_unique", "make_shared"})


def _parts(node: Node) -> list[Node]:
    """The names of `a::b::c`, from the left."""
    parts: list[Node] = []
    while node.type == "qualified_identifier" and len(parts) < _LONGEST:
        scope = node.child_by_field_name("scope")
        name = node.child_by_field_name("name")
        if scope is not None:
            parts.append(scope)
        if name is None:
            return parts
        node = name
    return [*parts, node]


def _written_name(node: Node) -> Node:
    """The name itself, without template arguments."""
    if node.type in ("template_type", "template_function", "template_method", "dependent_name"):
        return node.named_children[0] if node.named_child_count else node
    return node


def _qualified(reading: Reading, captures: Captures) -> None:
    """`a::b::c`: each part is a member of the one before."""
    node = captures["rule.qualified"][0]
    parts = _parts(node)
    value = -1
    for position, part in enumerate(parts):
        name = _written_name(part)
        if position == 0:
            value = reading.value_of(part)
            if value < 0 and name.type in ("identifier", "namespace_identifier", "type_identifier"):
                value = reading.use(name)
        elif name.type in ("identifier", "type_identifier", "namespace_identifier"):
            role = Role.TYPE if name.type == "type_identifier" else Role.READ
            value = reading.member(name, value, role)
            if part is not name:
                inner = reading.values.get(part.byte_range, -1)
                if inner >= 0 and reading.expressions[inner][0] == Op.ITEM:
                    value = reading.add(Op.ITEM, value, reading.expressions[inner][2])
    if value >= 0 and (len(parts) > 1 or node.child_by_field_name("scope") is None):
        reading.values[node.byte_range] = value


def _outside(reading: Reading, captures: Captures) -> None:
    """`T C::name(...) { }`: a member whose body stands outside its class."""
    node = captures["rule.outside"][0]
    whole: Node | None = captures["body"][0].parent
    parts = _parts(node)
    if whole is None or len(parts) < 2:
        return
    owner = reading.value_of(_written_name(parts[-2]))
    reading.values[node.byte_range] = owner  # what the extension adds to
    kind = whole.child_by_field_name("type")
    annotation = reading.value_of(kind) if kind is not None else -1
    reading.mark_types(annotation)
    c.function_at(reading, whole, _written_name(parts[-1]), annotation, 0)


def _star(reading: Reading, captures: Captures) -> None:
    value = reading.value_of(captures["rule.star"][0])
    if value >= 0:
        reading.stars.append(value)


def _using(reading: Reading, captures: Captures) -> None:
    node = captures["rule.using"][0]
    name = _written_name(_parts(node)[-1])
    value = reading.value_of(node)
    if value >= 0 and name.type in ("identifier", "type_identifier"):
        start, end = name.byte_range
        reading.bind(start, reading.text[start:end], Kind.IMPORT, node, value=value)


def _alias(reading: Reading, captures: Captures) -> None:
    node = captures["rule.alias"][0]
    reading.define(captures["name"][0], Kind.IMPORT, node, value=reading.value_of(node))


def _template(reading: Reading, captures: Captures) -> None:
    """A type parameter belongs to the class or function that it stands before."""
    name = captures["rule.template"][0]
    parameter = reading.define(name, Kind.TYPE_PARAMETER, name)
    node: Node | None = name
    while node is not None and node.type != "template_declaration":
        node = node.parent
    if parameter is None or node is None or not node.named_child_count:
        return
    span = node.named_children[-1].byte_range
    for kind in (ScopeKind.CLASS, ScopeKind.FUNCTION):
        body = reading.bodies.get((*span, kind))
        if body is not None:
            parameter.scope = body
            return


def _each(reading: Reading, captures: Captures) -> None:
    """`for (T x : xs)`."""
    whole = captures["rule.each"][0]
    kind = whole.child_by_field_name("type")
    annotation = reading.value_of(kind) if kind is not None else -1
    reading.mark_types(annotation)
    source = reading.value_of(captures["value"][0])
    value = reading.element(source)
    declared = captures["name"][0]
    name, _ = c.declarator(declared)
    if name is not None:
        reading.define(name, Kind.VARIABLE, declared, value=value, annotation=annotation)


def _initializer(reading: Reading, captures: Captures) -> None:
    """`C() : field(value)`: a member, whatever parameters are called; or a base class."""
    name = captures["rule.initializer"][0]
    this = reading.add(Op.NAME, Role.READ, -1, "this", reading.scope_at(name.start_byte))
    reading.member(name, this)


def _template_function(reading: Reading, captures: Captures) -> None:
    """`f<T>`: a cast or a maker gives a T, everything else is called."""
    node, name = captures["rule.template_function"][0], captures["value"][0]
    text = reading.text[name.start_byte : name.end_byte]
    arguments = captures["arguments"][0].named_children
    value = reading.value_of(name)
    if arguments and text in _CASTS:
        reading.unuse(name.start_byte)
        kind = reading.value_of(arguments[0])
        reading.mark_types(kind)
        value = reading.add(Op.INSTANCE, kind)
    elif arguments and text in _MAKERS:
        kind = reading.value_of(arguments[0])
        reading.mark_types(kind)
        value = reading.add(Op.INSTANCE, kind)
    reading.values[node.byte_range] = value


def _within(reading: Reading, captures: Captures) -> None:
    """`struct A::B {`: what B is inside of."""
    name = captures["name"][0]
    reading.prefixes[name.start_byte] = reading.value_of(captures["rule.within"][0])


def _finish(reading: Reading, definitions: list[Definition]) -> None:
    for definition in definitions if reading.prefixes else ():
        if definition.start in reading.prefixes and definition.kind in (Kind.CLASS, Kind.STRUCT):
            definition.annotation = reading.prefixes[definition.start]


# Macros that the grammar takes for names: `class EXPORT Name {` and `int x GUARDED_BY(mutex);`.
_EXPORTS = re.compile(
    rb"\b(?:class|struct)\s+([A-Z][A-Z0-9_]+(?:\([^()\n]*\))?)(?=\s+\w+\s*(?:final\s*)?[:{])"
    rb"|\b(?:class|struct)\s+([A-Z0-9_]*(?:EXPORT|API|PUBLIC|DLL)[A-Z0-9_]*)(?=\s+\w+\s*;)"
)
_LOCKS = re.compile(
    rb"\s((?:PT_)?GUARDED_BY\([^()\n]*\)|[A-Z_]*LOCKS?_(?:REQUIRED|EXCLUDED|RETURNED)\([^()\n]*\)"
    rb"|(?:ACQUIRED_(?:BEFORE|AFTER)|EXCLUDES|REQUIRES)\([^()\n]*\))"
)
# What every one of them has, and few files.
_LOCKING = re.compile(rb"GUARDED_BY\(|LOCKS?_[RE]|ACQUIRED_[BA]|EXCLUDES\(|REQUIRES\(")


def _prepare(data: bytes) -> bytes:
    """The text with macros blanked out."""
    data = _EXPORTS.sub(_blanked, data)
    return _LOCKS.sub(_blanked, data) if _LOCKING.search(data) else data


def _blanked(match: re.Match[bytes]) -> bytes:
    start, end = match.span(match.lastindex or 0)
    before, after = start - match.start(), end - match.start()
    return match[0][:before] + b" " * (end - start) + match[0][after:]


SYNTAX = Syntax(
    queries=("c/c.scm", "cpp/cpp.scm"),
    finish=_finish,
    prepare=_prepare,
    repair=first_branches,
    rules={
        **c.RULES,
        "star": _star,
        "using": _using,
        "alias": _alias,
        "template": _template,
        "outside": _outside,
        "each": _each,
        "within": _within,
        "initializer": _initializer,
        "qualified": _qualified,
        "template_function": _template_function,
    },
)
