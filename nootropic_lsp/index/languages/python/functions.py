"""Reads functions, classes, their decorators and parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tree_sitter import Node

from nootropic_lsp.index.facts import Definition, Flag, Kind, Op, Role, ScopeKind
from nootropic_lsp.index.languages.python.annotations import annotation, type_parameters
from nootropic_lsp.index.languages.python.expressions import keyword
from nootropic_lsp.index.languages.python.grammar import kind, kinds, token
from nootropic_lsp.index.languages.python.statements import block
from nootropic_lsp.index.languages.python.walk import Walk, inner

_DECORATIONS = {
    "property": Flag.PROPERTY,
    "cached_property": Flag.PROPERTY,
    "abstractproperty": Flag.PROPERTY,
    "classproperty": Flag.PROPERTY,
    "staticmethod": Flag.STATIC,
    "classmethod": Flag.CLASS_METHOD,
    "overload": Flag.OVERLOAD,
    "abstractmethod": Flag.ABSTRACT,
    "contextmanager": Flag.CONTEXT_MANAGER,
    "asynccontextmanager": Flag.CONTEXT_MANAGER,
    "dataclass": Flag.DATACLASS,
    "define": Flag.DATACLASS,
    "frozen": Flag.DATACLASS,
    "mutable": Flag.DATACLASS,
    "attrs": Flag.DATACLASS,
    "dataclass_transform": Flag.DATACLASS,
    "deprecated": Flag.DEPRECATED,
}
# `@name.setter` of a property called `name`.
_MEMBER_DECORATIONS = {
    "getter": Flag.PROPERTY,
    "setter": Flag.PROPERTY | Flag.SETTER,
    "deleter": Flag.PROPERTY | Flag.SETTER,
}

_ARGUMENT_LIST = kind("argument_list")
_COMMENT = kind("comment")
_EXPRESSION_STATEMENT = kind("expression_statement")
_IDENTIFIER = kind("identifier")
_PARAMETERS = kind("parameters")
_STRING = kind("string")
_TYPE = kind("type")
_TYPE_PARAMETERS = kind("type_parameter")
_ASYNC = token("async")
_COLON = token(":")
_BLOCK, _INDENTED_BLOCK = sorted(kinds("block"))


def decorated(walk: Walk, node: Node) -> int:
    """`@decorator` lines and what they stand above."""
    decorators: list[int] = []
    for child in node.named_children:
        written = child.type
        if written == "decorator":
            value = -1
            for inside in child.named_children:
                value = walk.with_role(inside, Role.DECORATOR)
            if value >= 0:
                decorators.append(value)
        elif written == "function_definition":
            _function(walk, child, decorators, node)
        elif written == "class_definition":
            _class(walk, child, decorators, node)
        else:
            walk.visit(child)
    return -1


def function(walk: Walk, node: Node) -> int:
    """`def name(...): ...` without decorators."""
    return _function(walk, node, (), node)


def class_(walk: Walk, node: Node) -> int:
    """`class Name(...): ...` without decorators."""
    return _class(walk, node, (), node)


def _function(walk: Walk, node: Node, decorators: Sequence[int], whole: Node) -> int:
    parts = {child.kind_id: child for child in node.children}
    name = parts.get(_IDENTIFIER)
    if name is None:
        return inner(walk, node)
    outside = walk.scope
    in_class = walk.scopes[outside].kind == ScopeKind.CLASS
    definition = walk.define(name, Kind.METHOD if in_class else Kind.FUNCTION, whole)
    if definition is None:
        return inner(walk, node)
    index = len(walk.definitions) - 1
    if decorators:
        definition.related = list(decorators)
        definition.flags = _decorations(walk, decorators)
    if _ASYNC in parts:
        definition.flags |= Flag.ASYNC
    kept = walk.receiver, walk.receiver_class, walk.returns, walk.yields, walk.declared
    signature_scope = type_parameters(walk, parts.get(_TYPE_PARAMETERS), node, index)
    definition.body = inside = walk.open(ScopeKind.FUNCTION, node, index)
    walk.returns, walk.yields, walk.declared = [], [], {}
    parameters = parts.get(_PARAMETERS)
    first = ""
    if parameters is not None:
        first = _parameters(walk, parameters, inside, signature_scope)
    if in_class:
        walk.receiver = "" if definition.flags & Flag.STATIC else first
        walk.receiver_class = outside
    returned = parts.get(_TYPE)
    if returned is not None:
        walk.scope = signature_scope
        definition.annotation = annotation(walk, returned)
        walk.scope = inside
    _body(walk, node, parts, definition)
    if walk.yields:
        definition.flags |= Flag.GENERATOR
        definition.value = walk.add(Op.YIELD, *walk.yields)
    elif walk.returns:
        definition.value = walk.either(walk.returns)
    walk.receiver, walk.receiver_class, walk.returns, walk.yields, walk.declared = kept
    walk.scope = outside
    return -1


def _class(walk: Walk, node: Node, decorators: Sequence[int], whole: Node) -> int:
    parts = {child.kind_id: child for child in node.children}
    name = parts.get(_IDENTIFIER)
    if name is None:
        return inner(walk, node)
    outside = walk.scope
    definition = walk.define(name, Kind.CLASS, whole)
    if definition is None:
        return inner(walk, node)
    index = len(walk.definitions) - 1
    definition.flags = _decorations(walk, decorators)
    type_parameters(walk, parts.get(_TYPE_PARAMETERS), node, index)
    _bases(walk, parts.get(_ARGUMENT_LIST), definition)
    definition.body = walk.open(ScopeKind.CLASS, node, index)
    kept = walk.receiver, walk.declared
    walk.receiver, walk.declared = "", {}
    _body(walk, node, parts, definition)
    walk.receiver, walk.declared = kept
    walk.scope = outside
    return -1


def _bases(walk: Walk, superclasses: Node | None, cls: Definition) -> None:
    """The base classes of a class, and its metaclass as what it is declared to be."""
    bases: list[int] = []
    for child in superclasses.named_children if superclasses is not None else ():
        if child.type == "keyword_argument":
            value = keyword(walk, child, -1)
            if walk.written(child.children[0]) == "metaclass":
                cls.annotation = value
        else:
            bases.append(walk.with_role(child, Role.BASE))
    cls.related = [base for base in bases if base >= 0]


def _body(walk: Walk, node: Node, parts: Mapping[int, Node], definition: Definition) -> None:
    """Read what stands below a header, and note where that ends and what it says of itself."""
    body = parts.get(_BLOCK) or parts.get(_INDENTED_BLOCK)
    if body is not None:
        definition.head_end = _head_end(walk.text, node, parts.get(_COLON), body)
        definition.doc_start, definition.doc_end = documentation(body)
        block(walk, body)


def documentation(body: Node) -> tuple[int, int]:
    """The span of the string that a body begins with, its quotes included; (0, 0) for none."""
    for number in range(body.named_child_count):
        child = body.named_child(number)
        if child is None:
            break
        kind_id = child.kind_id
        if kind_id == _COMMENT:
            continue
        if kind_id == _EXPRESSION_STATEMENT:
            string = child.named_child(0)
            if string is not None and string.kind_id == _STRING and string.child_count:
                return string.start_byte, string.end_byte
        break
    return 0, 0


def _head_end(text: str, node: Node, colon: Node | None, body: Node) -> int:
    """The offset after the colon that ends a header."""
    start = body.start_byte
    last = text.rfind(":", node.start_byte, start)
    # The last colon may stand in a comment behind the header.
    if colon is not None and (last < 0 or text.find("#", last, start) < 0):
        return colon.end_byte
    return last + 1 if last >= 0 else start


def _decorations(walk: Walk, decorators: Sequence[int]) -> int:
    """What decorators say about a function or class, by their names alone."""
    flags = 0
    for index in decorators:
        expression = walk.expressions[index]
        if expression[0] == Op.CALL:
            expression = walk.expressions[expression[1]]
        if expression[0] > Op.MEMBER:
            continue
        name = expression[3]
        flags |= _DECORATIONS.get(name, 0)
        if name.endswith("_property"):
            flags |= Flag.PROPERTY
        elif expression[0] == Op.MEMBER:
            flags |= _MEMBER_DECORATIONS.get(name, 0)
    return flags


def lambda_(walk: Walk, node: Node) -> int:
    """`lambda parameters: body`, a function without a name."""
    outside = walk.scope
    start = node.start_byte
    definition = Definition("", Kind.FUNCTION, start, outside, start, node.end_byte)
    index = len(walk.definitions)
    walk.definitions.append(definition)
    definition.body = inside = walk.open(ScopeKind.FUNCTION, node, index)
    parameters = node.child_by_field_name("parameters")
    if parameters is not None:
        _parameters(walk, parameters, inside, outside)
    body = node.child_by_field_name("body")
    if body is not None:
        definition.value = walk.visit(body)
    walk.scope = outside
    return walk.add(Op.FUNCTION, index)


def _parameters(walk: Walk, node: Node, inside: int, outside: int) -> str:
    """Bind parameters inside; read defaults and annotations outside. The first one's name."""
    first = ""
    keyword_only = 0
    before: list[Definition] = []
    for child in node.named_children:
        kind = child.type
        if kind in ("keyword_separator", "list_splat_pattern"):
            keyword_only = Flag.KEYWORD_ONLY
        if kind in ("keyword_separator", "comment"):
            continue
        if kind == "positional_separator":
            for definition in before:
                definition.flags |= Flag.POSITIONAL_ONLY
            continue
        name, flags = _parameter_name(child)
        if name is None:
            walk.scope = inside
            inner(walk, child)
            continue
        declared = child.child_by_field_name("type")
        value = child.child_by_field_name("value")
        walk.scope = outside
        declared_type = annotation(walk, declared) if declared is not None else -1
        default = walk.visit(value) if value is not None else -1
        walk.scope = inside
        if value is not None:
            flags |= Flag.HAS_DEFAULT
        if flags & Flag.VARIADIC:
            keyword_only = Flag.KEYWORD_ONLY
        else:
            flags |= keyword_only
        parameter = walk.define(
            name, Kind.PARAMETER, child, annotation=declared_type, value=default, flags=flags
        )
        if parameter is not None:
            parameter.related = [len(before)]
            if not before and not flags & (Flag.VARIADIC | Flag.VARIADIC_KEYWORDS):
                first = parameter.name
            before.append(parameter)
    walk.scope = inside
    return first


def _parameter_name(node: Node) -> tuple[Node | None, int]:
    """The identifier of a parameter and what kind of parameter it is."""
    kind = node.type
    if kind == "identifier":
        return node, 0
    if kind in ("list_splat_pattern", "dictionary_splat_pattern"):
        flag = Flag.VARIADIC if kind == "list_splat_pattern" else Flag.VARIADIC_KEYWORDS
        inside = node.named_children
        return (inside[0] if inside and inside[0].type == "identifier" else None), flag
    if kind in ("typed_parameter", "default_parameter", "typed_default_parameter"):
        return _parameter_name(node.named_children[0])
    return None, 0
