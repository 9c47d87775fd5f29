"""How Ruby is read."""

from __future__ import annotations

import re

from tree_sitter import Node

from nootropic_lsp.index.facts import Definition, Flag, Kind, Op, Role, ScopeKind
from nootropic_lsp.index.languages.queries.reading import Reading
from nootropic_lsp.index.languages.queries.syntax import Syntax
from nootropic_lsp.index.languages.queries.vocabulary import Captures

_ACCESSORS = frozenset(
    {"attr_accessor", "attr_reader", "attr_writer", "attr", "cattr_accessor", "mattr_accessor"}
)
_DECLARERS = frozenset(
    {"define_method", "scope", "has_many", "belongs_to", "has_one", "class_attribute"}
)
_NAME = re.compile(r"[^\W\d]\w*[?!=]?")


def _prefix(reading: Reading, captures: Captures) -> None:
    """`class A::B`: what B is inside of."""
    name = captures["name"][0]
    reading.prefixes[name.start_byte] = reading.value_of(captures["rule.prefix"][0])


def _base(reading: Reading, captures: Captures) -> None:
    name = captures["name"][0]
    value = reading.value_of(captures["rule.base"][0])
    if value >= 0:
        reading.mark(value, Role.BASE)
        reading.bases.setdefault(name.start_byte, []).append(value)


def _macro(reading: Reading, captures: Captures) -> None:
    """Calls that declare something."""
    name, whole = captures["name"][0], captures["rule.macro"][0]
    word = reading.text[name.start_byte : name.end_byte]
    arguments = captures["arguments"][0].named_children
    if word in ("require", "require_relative"):
        if arguments and arguments[0].type == "string" and arguments[0].named_child_count == 1:
            path = arguments[0].named_children[0]
            start, end = path.byte_range
            level = -1 if word == "require" else -2
            module = reading.add(Op.MODULE, Role.IMPORT, start, reading.text[start:end], level)
            reading.stars.append(module)
    elif word in ("include", "extend", "prepend"):
        scope = reading.scope_at(name.start_byte)
        if reading.scopes[scope].kind == ScopeKind.CLASS:
            for argument in arguments:
                value = reading.value_of(argument)
                if value >= 0:
                    reading.mark(value, Role.BASE)
                    reading.mixed.setdefault(scope, []).append(value)
    elif word in ("alias_method", *_DECLARERS):
        _declare(reading, arguments[:1], whole, Kind.METHOD)
    elif word in _ACCESSORS:
        _declare(reading, arguments, whole, Kind.PROPERTY)
    elif word in ("def_delegators", "def_delegator"):
        _declare(
            reading,
            arguments[1:] if word == "def_delegators" else arguments[-1:],
            whole,
            Kind.METHOD,
        )
    elif word == "delegate":
        _declare(reading, [a for a in arguments if a.type == "simple_symbol"], whole, Kind.METHOD)


def _declare(reading: Reading, arguments: list[Node], whole: Node, kind: int) -> None:
    for argument in arguments:
        found = _NAME.search(reading.text, argument.start_byte, argument.end_byte)
        if argument.type in ("simple_symbol", "string") and found is not None:
            method = reading.bind(found.start(), found[0], kind, whole)
            scope = reading.scope_at(whole.start_byte)
            method.scope = reading.class_scope(scope)
            reading.document(method)


def _several(reading: Reading, captures: Captures) -> None:
    """`a, @b = ...`."""
    node = captures["rule.several"][0]
    for child in node.named_children:
        if child.type == "identifier":
            reading.define(child, Kind.VARIABLE, node)
        elif child.type == "instance_variable":
            variable = reading.define(child, Kind.ATTRIBUTE, node)
            if variable is not None:
                variable.scope = reading.class_scope(variable.scope)


def _member(reading: Reading, captures: Captures) -> None:
    """`A::B`."""
    node = captures["rule.member"][0]
    receiver = reading.value_of(captures["receiver"][0])
    name = captures["name"][0]
    if reading.is_defined(name.start_byte):
        return
    reading.values[node.byte_range] = reading.member(name, receiver)


def _top(reading: Reading, captures: Captures) -> None:
    """`::A` is looked up at the top."""
    name = captures["rule.top"][0]
    index = reading.at.get(name.start_byte, -1)
    if index >= 0:
        expression = reading.expressions[index]
        reading.expressions[index] = (*expression[:4], 0)
        if name.parent is not None:
            reading.values[name.parent.byte_range] = index


def _finish(reading: Reading, definitions: list[Definition]) -> None:
    """Give classes what stands in front of their names, and what is mixed in."""
    for definition in definitions:
        if definition.kind in (Kind.CLASS, Kind.NAMESPACE):
            definition.annotation = reading.prefixes.get(definition.start, -1)
            definition.related = reading.bases.get(definition.start, []) + reading.mixed.get(
                definition.body, []
            )
        elif definition.kind == Kind.ATTRIBUTE:
            definition.flags |= Flag.PRIVATE


SYNTAX = Syntax(
    queries=("ruby/ruby.scm",),
    comments=("#",),
    constructors=frozenset({"initialize"}),
    rebinds=True,
    finish=_finish,
    rules={
        "prefix": _prefix,
        "base": _base,
        "macro": _macro,
        "several": _several,
        "member": _member,
        "top": _top,
    },
)
