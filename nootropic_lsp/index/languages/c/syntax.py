"""How C is read."""

from __future__ import annotations

import re

from tree_sitter import Node

from nootropic_lsp.index.facts import Definition, Flag, Kind, Op, Role, ScopeKind
from nootropic_lsp.index.languages.queries.branches import first_branches
from nootropic_lsp.index.languages.queries.reading import Reading
from nootropic_lsp.index.languages.queries.syntax import Syntax
from nootropic_lsp.index.languages.queries.vocabulary import Captures
from nootropic_lsp.index.languages.queries.words import words

_TOKEN = re.compile(
    r'"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|//[^\n]*|/\*.*?\*/|[^\W\d]\w*', re.DOTALL
)
_KEYWORDS = words(
    "auto break case char const continue default do double else enum extern float for goto if int "
    "long register return short signed sizeof static struct switch typedef union unsigned void "
    "volatile while inline bool true false class public private protected namespace template "
    "typename this new delete nullptr static_cast reinterpret_cast const_cast defined"
)
_NAMES = frozenset(
    {
        "identifier",
        "field_identifier",
        "type_identifier",
        "operator_name",
        "operator_cast",
        "destructor_name",
        "qualified_identifier",
        "template_function",
    }
)
_TESTS = frozenset({"TEST", "TEST_F", "TEST_P", "TYPED_TEST"})
# Deep enough for every declarator that a person writes.
_DEEPEST = 30
_FIELDS = re.compile(r"(?:\.|->)\s*\Z")


def _include(reading: Reading, captures: Captures) -> None:
    """Everything that a header declares is seen. Level -1 is a quoted path, -2 one in brackets."""
    node = captures["rule.include"][0]
    start, end = node.byte_range
    system = reading.text[start] == "<"
    path = reading.text[start + system : end - system]
    module = reading.add(Op.MODULE, Role.IMPORT, start + system, path, -2 if system else -1)
    reading.stars.append(module)


def declarator(node: Node) -> tuple[Node | None, bool]:
    """The name that a declarator declares, and whether it is a function's."""
    function = False
    for _ in range(_DEEPEST):
        kind = node.type
        if kind in _NAMES:
            return node, function
        inner: Node | None
        if kind == "function_declarator":
            inner = node.child_by_field_name("declarator")
            function = inner is not None and inner.type != "parenthesized_declarator"
        elif kind in ("reference_declarator", "parenthesized_declarator", "attributed_declarator"):
            children = node.named_children
            inner = children[0 if kind == "attributed_declarator" else -1] if children else None
        else:
            inner = node.child_by_field_name("declarator")
        if inner is None:
            return None, False
        node = inner
    return None, False


def _annotation(reading: Reading, node: Node) -> int:
    kind = node.child_by_field_name("type")
    if kind is None:
        return -1
    annotation = reading.value_of(kind)
    reading.mark_types(annotation)
    return annotation


def _declaration(reading: Reading, captures: Captures) -> None:
    """Variables, fields and prototypes."""
    whole = captures["rule.declaration"][0]
    annotation = _annotation(reading, whole)
    start = whole.start_byte
    text = reading.text
    for declared in whole.children_by_field_name("declarator"):
        name, function = declarator(declared)
        if name is None or name.type == "qualified_identifier":
            continue
        if function:
            function_at(reading, whole, name, annotation, Flag.DECLARED)
            continue
        given = declared.child_by_field_name("value")
        value = reading.value_of(given) if given is not None else -1
        kind = Kind.FIELD if name.type == "field_identifier" else Kind.VARIABLE
        variable = reading.define(name, kind, whole, value=value, annotation=annotation)
        if variable is None:
            continue
        if text.startswith("extern", start) and value < 0:
            variable.flags |= Flag.DECLARED
        elif text.startswith("static", start):
            variable.flags |= Flag.STATIC
        if reading.scopes[variable.scope].kind <= ScopeKind.CLASS:
            reading.document(variable)


def function_at(
    reading: Reading, whole: Node, name: Node, annotation: int, flags: int
) -> Definition | None:
    """A function or method: a prototype, or with its body."""
    function = reading.define(name, Kind.FUNCTION, whole, annotation=annotation)
    if function is None:
        return None
    span = whole.byte_range
    body = reading.bodies.get((*span, ScopeKind.FUNCTION), -1)
    if body >= 0:
        function.body = body
        function.scope = reading.scopes[body].parent
    in_class = reading.scopes[function.scope].kind == ScopeKind.CLASS
    if in_class and reading.owner_kinds.get(function.scope) != Kind.NAMESPACE:
        function.kind = Kind.METHOD
    block = whole.child_by_field_name("body")
    if block is not None:
        head = reading.text[span[0] : block.start_byte]
        function.head_end = span[0] + len(head.rstrip())
    function.flags |= flags
    if reading.text.startswith("static", span[0]):
        function.flags |= Flag.STATIC
    if reading.scopes[function.scope].kind <= ScopeKind.CLASS:
        reading.document(function)
    return function


def _function(reading: Reading, captures: Captures) -> None:
    whole = captures["rule.function"][0]
    declared = whole.child_by_field_name("declarator")
    if declared is None:
        return
    name, function = declarator(declared)
    if name is None or not function or name.type == "qualified_identifier":
        return
    if reading.text[name.start_byte : name.end_byte] not in _TESTS:
        function_at(reading, whole, name, _annotation(reading, whole), 0)


def _typedef(reading: Reading, captures: Captures) -> None:
    whole = captures["rule.typedef"][0]
    annotation = _annotation(reading, whole)
    for declared in whole.children_by_field_name("declarator"):
        name, _ = declarator(declared)
        if name is not None:
            alias = reading.define(name, Kind.TYPE, whole, annotation=annotation)
            if alias is not None:
                alias.scope = reading.scope_at(whole.start_byte - 1)
                reading.document(alias)


def parameter(reading: Reading, captures: Captures) -> None:
    whole = captures["rule.parameter"][0]
    annotation = _annotation(reading, whole)
    declared = whole.child_by_field_name("declarator")
    if declared is None:
        return
    name, _ = declarator(declared)
    if name is None:
        return
    found = reading.define(name, Kind.PARAMETER, whole, annotation=annotation)
    if found is not None and whole.type == "optional_parameter_declaration":
        found.flags |= Flag.HAS_DEFAULT
    own = reading.bodies.get((*whole.byte_range, ScopeKind.FUNCTION))
    if found is not None and own is not None:
        found.scope = reading.scopes[own].parent


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
    "declaration": _declaration,
    "function": _function,
    "typedef": _typedef,
    "parameter": parameter,
    "macro": _macro,
    "subscript": _subscript,
    "designator": _designator,
}
SYNTAX = Syntax(queries=("c/c.scm", "c/enums.scm"), rules=RULES, repair=first_branches)
