"""Functions, classes and object literals: what opens a scope and holds members."""

from __future__ import annotations

from operator import attrgetter

from tree_sitter import Node

from nootropic_lsp.index.facts import Definition, Flag, Kind, Op, Role, ScopeKind
from nootropic_lsp.index.languages.javascript import jsdoc
from nootropic_lsp.index.languages.javascript.patterns import bind
from nootropic_lsp.index.languages.javascript.walk import DEEPEST, Walk, member_flags
from nootropic_lsp.index.languages.walking import inner

FUNCTION_NODES = frozenset(
    {"arrow_function", "function_expression", "generator_function", "function"}
)
_MEMBERS = frozenset({Kind.METHOD, Kind.PROPERTY, Kind.CONSTRUCTOR})
_FIELDS = frozenset({Kind.FIELD, Kind.PROPERTY, Kind.ATTRIBUTE})
_EXPECTING = FUNCTION_NODES | {"object"}


def bound_value(
    walk: Walk,
    name: Node,
    right: Node,
    whole: Node,
    *,
    kind: int,
    scope: int | None = None,
    annotation: int = -1,
    flags: int = 0,
) -> tuple[int, int]:
    """Bind a name to a value: its definition and the value.

    A function or class that is written as the value of a name is defined by that name.
    """
    what = right.type
    if annotation < 0 and what in FUNCTION_NODES:
        function_kind = Kind.METHOD if kind in _FIELDS else Kind.FUNCTION
        index = walk.define(name, function_kind, whole, scope=scope, flags=flags)
        if index >= 0:
            return index, function(walk, right, index)
    elif annotation < 0 and what == "class":
        index = walk.define(name, Kind.CLASS, whole, scope=scope, flags=flags)
        if index >= 0:
            return index, class_parts(walk, right, index)
    index = walk.define(name, kind, whole, scope=scope, flags=flags)
    if index >= 0 and annotation < 0 and not walk.typed:
        annotation = jsdoc.declared_type(walk, walk.definitions[index])
    outside = walk.context
    if what in _EXPECTING:
        if annotation >= 0:
            walk.context = walk.add(Op.INSTANCE, annotation)
        elif kind not in _FIELDS:
            walk.context = -1
    value = walk.visit(right)
    walk.context = outside
    if index >= 0:
        definition = walk.definitions[index]
        definition.value, definition.annotation = value, annotation
        walk.hold(index, value)
    return index, value


# ---- functions


def function_declaration(walk: Walk, node: Node) -> int:
    """`function foo() {}`, and signatures without a body."""
    name = node.child_by_field_name("name")
    if name is None:  # `export default function () {}`
        return function_expression(walk, node)
    flags = member_flags(node)
    if node.type == "function_signature":
        flags |= Flag.OVERLOAD
    index = walk.define(name, Kind.FUNCTION, node, flags=flags)
    if index < 0:
        return inner(walk, node)
    return function(walk, node, index)


def function_expression(walk: Walk, node: Node) -> int:
    """A function that is not the value of a name."""
    return function(walk, node, walk.anonymous(Kind.FUNCTION, node))


# What a function changes while it is read.
_STATE = (
    "scope",
    "hoisted",
    "returns",
    "yields",
    "function_end",
    "block_end",
    "class_scope",
    "function",
    "static",
    "role",
    "constructs",
    "returning",
)
_state = attrgetter(*_STATE)


def function(walk: Walk, node: Node, index: int) -> int:
    """Read parameters and body of the function that a definition names; its value."""
    walk.depth += 1
    if walk.depth >= DEEPEST:
        walk.depth -= 1
        return -1
    definition = walk.definitions[index]
    kept = _state(walk)
    context, walk.context = walk.context, -1
    walk.role = Role.READ
    walk.returns, walk.yields = [], []
    _bind_own_name(walk, node, index)
    walk.hoisted = definition.body = walk.open(ScopeKind.FUNCTION, node, index)
    walk.function_end = walk.block_end = node.end_byte
    _bind_this(walk, node, index)
    walk.type_parameters(node.child_by_field_name("type_parameters"), index)
    tags = None
    if not walk.typed and definition.doc_end:
        tags = jsdoc.read(walk, definition)
    parameters = node.child_by_field_name("parameters")
    if parameters is not None:
        _parameters(walk, parameters.named_children, context, tags)
    else:
        single = node.child_by_field_name("parameter")
        if single is not None:
            _parameters(walk, [single], context, tags)
    returned = node.child_by_field_name("return_type")
    if returned is not None:
        definition.annotation = walk.annotation(returned)
    elif tags is not None:
        definition.annotation = tags.returns
    body = node.child_by_field_name("body")
    if body is not None:
        walk.returning = _expected_result(walk, definition, context)
        _body(walk, node, body, index)
    vars(walk).update(zip(_STATE, kept, strict=True))
    walk.context = context
    walk.depth -= 1
    return walk.add(Op.FUNCTION, index)


def _expected_result(walk: Walk, definition: Definition, context: int) -> int:
    """What a function is expected to return, by its annotation or by where it is written."""
    if definition.annotation >= 0:
        result = walk.add(Op.INSTANCE, definition.annotation)
    else:
        result = walk.add(Op.CALL, context, -1, -1) if context >= 0 else -1
    if result >= 0 and definition.flags & Flag.ASYNC:
        result = walk.add(Op.AWAIT, result)
    return result


def _bind_this(walk: Walk, node: Node, index: int) -> None:
    """Note what `this` is inside a function, and how it was written."""
    definition = walk.definitions[index]
    kind = node.type
    for child in node.children[:2]:
        if child.type == "async":
            definition.flags |= Flag.ASYNC
        elif child.type == "*":
            definition.flags |= Flag.GENERATOR
    if kind.startswith("generator"):
        definition.flags |= Flag.GENERATOR
    if kind == "arrow_function":
        definition.flags |= Flag.ARROW
        return
    holder = walk.scopes[definition.scope].kind
    walk.class_scope = walk.function = -1
    walk.constructs = definition.kind == Kind.CONSTRUCTOR
    walk.static = bool(definition.flags & Flag.STATIC)
    if definition.kind in _MEMBERS and holder == ScopeKind.CLASS:
        walk.class_scope = definition.scope
    elif holder != ScopeKind.OBJECT or definition.kind not in _MEMBERS:
        walk.function = index


def _bind_own_name(walk: Walk, node: Node, index: int) -> None:
    """The name of a function expression is known inside it only, in a scope around it."""
    if node.type not in FUNCTION_NODES:
        return
    own = node.child_by_field_name("name")
    name = walk.definitions[index].name
    if own is not None and name != walk.text[own.start_byte : own.end_byte]:
        walk.open(ScopeKind.FUNCTION, node, -1)
        inside = walk.define(own, Kind.VARIABLE, node)
        if inside >= 0:
            walk.definitions[inside].value = walk.add(Op.FUNCTION, index)


def _body(walk: Walk, node: Node, body: Node, index: int) -> None:
    definition = walk.definitions[index]
    text = walk.text
    start = node.start_byte
    head = text[start : body.start_byte].rstrip()
    definition.head_end = start + len(head)
    if body.type == "statement_block":
        walk.each(body.named_children)
        if walk.yields:
            definition.flags |= Flag.GENERATOR
            definition.value = walk.add(Op.YIELD, *walk.yields[:8])
        else:
            definition.value = walk.either(walk.returns)
    else:
        while body.type == "parenthesized_expression" and body.named_child_count == 1:
            body = body.named_children[0]
        walk.context = walk.returning if body.type in _EXPECTING else -1
        definition.value = walk.visit(body)
        walk.context = -1


def _parameters(walk: Walk, nodes: list[Node], context: int, tags: jsdoc.Tags | None) -> None:
    ordinal = 0
    for node in nodes:
        kind = node.type
        if kind == "comment":
            continue
        pattern: Node | None = node
        default: Node | None = None
        annotation = -1
        flags = 0
        if kind in ("required_parameter", "optional_parameter"):
            pattern = node.child_by_field_name("pattern")
            default = node.child_by_field_name("value")
            annotation = walk.annotation(node.child_by_field_name("type"))
            if kind == "optional_parameter":
                flags |= Flag.HAS_DEFAULT
            for child in node.named_children:
                if child.type == "decorator":
                    walk.visit(child)
        elif kind == "assignment_pattern":
            pattern = node.child_by_field_name("left")
            default = node.child_by_field_name("right")
        if pattern is None:
            continue
        if pattern.type == "rest_pattern":
            flags |= Flag.VARIADIC
            pattern = pattern.named_children[0] if pattern.named_child_count else pattern
        if pattern.type == "this":
            index = walk.define(pattern, Kind.VARIABLE, node)
            walk.definitions[index].annotation = annotation
            continue
        value = walk.visit(default) if default is not None else -1
        if default is not None:
            flags |= Flag.HAS_DEFAULT
        if annotation < 0 and tags is not None:
            annotation = tags.parameter(walk.text[pattern.start_byte : pattern.end_byte], ordinal)
        if annotation < 0 and value < 0 and context >= 0:
            value = walk.add(Op.EXPECTED, context, ordinal, -1)
        _parameter(walk, node, pattern, annotation, value, flags, ordinal)
        ordinal += 1


def stray_parameters(walk: Walk, node: Node) -> int:
    """Parameters of a function that the parser could not make out around them."""
    _parameters(walk, node.named_children, -1, None)
    return -1


def _parameter(
    walk: Walk, node: Node, pattern: Node, annotation: int, value: int, flags: int, ordinal: int
) -> None:
    if pattern.type == "identifier":
        index = walk.define(pattern, Kind.PARAMETER, node, value=value, flags=flags)
    else:
        index = walk.anonymous(Kind.PARAMETER, node)
        walk.definitions[index].flags = flags
    if index < 0:
        return
    definition = walk.definitions[index]
    definition.annotation, definition.value = annotation, value
    definition.related = [ordinal]
    if pattern.type != "identifier":
        whole = walk.add(Op.INSTANCE, annotation) if annotation >= 0 else value
        bind(walk, pattern, whole, node)
    elif walk.typed and walk.class_scope >= 0 and node.type.endswith("_parameter"):
        words = {child.type for child in node.children}
        if words & _PROPERTY_WORDS:
            # `constructor(private x: Foo)` declares a field too.
            flags = member_flags(node) & Flag.PRIVATE
            field = walk.define(
                pattern, Kind.FIELD, node, scope=walk.class_scope, value=value, flags=flags
            )
            walk.definitions[field].annotation = annotation


_PROPERTY_WORDS = {"accessibility_modifier", "readonly", "override_modifier"}


def return_(walk: Walk, node: Node) -> int:
    """`return x`."""
    walk.context = walk.returning
    value = -1
    for child in node.named_children:
        if child.type not in _EXPECTING:
            walk.context = -1
        value = walk.visit(child) if child.type != "comment" else value
    walk.context = -1
    if value >= 0:
        walk.returns.append(value)
    return -1


def inner_value(walk: Walk, node: Node) -> int:
    """The value of the one expression in a statement."""
    value = -1
    for child in node.named_children:
        value = walk.visit(child) if child.type != "comment" else value
    return value


# ---- classes


def class_declaration(walk: Walk, node: Node) -> int:
    """`class Foo {}`, abstract ones and those of `export default` without a name."""
    name = node.child_by_field_name("name")
    flags = Flag.ABSTRACT if node.type.startswith("abstract") else 0
    if name is not None:
        index = walk.define(name, Kind.CLASS, node, flags=flags)
    else:
        index = walk.anonymous(Kind.CLASS, node)
    return class_parts(walk, node, index) if index >= 0 else inner(walk, node)


def class_parts(walk: Walk, node: Node, index: int) -> int:
    """Read heritage and body of the class that a definition names; its value."""
    walk.depth += 1
    if walk.depth >= DEEPEST:
        walk.depth -= 1
        return -1
    definition = walk.definitions[index]
    kept = walk.scope, walk.class_scope, walk.function, walk.static, walk.context, walk.role
    walk.context = -1
    walk.role = Role.READ
    parameters = node.child_by_field_name("type_parameters")
    own = node.child_by_field_name("name")
    body = node.child_by_field_name("body")
    renamed = own is not None and definition.start != own.start_byte
    if parameters is not None or renamed:
        walk.open(ScopeKind.FUNCTION, node, index)
        walk.type_parameters(parameters, index)
    if own is not None and renamed:
        inside = walk.define(own, Kind.VARIABLE, node)
        if inside >= 0:
            walk.definitions[inside].value = walk.add(Op.CLASS, index)
    related: list[int] = []
    for child in node.named_children:
        kind = child.type
        if kind == "decorator":
            walk.visit(child)
        elif kind == "class_heritage":
            related += _heritage(walk, child)
    if not walk.typed and definition.doc_end:
        extended = jsdoc.read(walk, definition).extends
        related = [*extended, *related] if extended else related
    definition.related = related
    if body is not None:
        definition.head_end = walk.end_before(body.start_byte)
        definition.body = walk.class_scope = walk.open(ScopeKind.CLASS, body, index)
        walk.function, walk.static = -1, False
        walk.each(body.named_children)
    walk.scope, walk.class_scope, walk.function, walk.static, walk.context, walk.role = kept
    walk.depth -= 1
    return walk.add(Op.CLASS, index)


def _heritage(walk: Walk, node: Node) -> list[int]:
    """The expressions behind `extends` and `implements`."""
    related: list[int] = []
    for child in node.named_children:
        kind = child.type
        if kind == "extends_clause":
            related += clause(walk, child)
        elif kind == "implements_clause":
            related += [walk.with_role(part, Role.BASE) for part in child.named_children]
        elif kind != "comment":
            related.append(walk.with_role(child, Role.BASE))
    return [base for base in related if base >= 0]


def clause(walk: Walk, node: Node) -> list[int]:
    """Bases with their type arguments, which this grammar keeps beside them."""
    related: list[int] = []
    for child in node.named_children:
        if child.type == "type_arguments":
            parts = [walk.annotation(part) for part in child.named_children]
            if related and related[-1] >= 0:
                related[-1] = walk.add(Op.ITEM, related[-1], walk.add(Op.DISPLAY, "<>", *parts))
        elif child.type != "comment":
            related.append(walk.with_role(child, Role.BASE))
    return related


def method(walk: Walk, node: Node, scope: int | None = None, context: int = -1) -> int:
    """A method, accessor or constructor, with or without a body."""
    name = node.child_by_field_name("name")
    if name is None:
        return inner(walk, node)
    flags = member_flags(node)
    kind = Kind.METHOD
    if flags & Flag.PROPERTY:
        kind = Kind.PROPERTY
    elif name.type == "property_identifier" and name.text == b"constructor":
        kind = Kind.CONSTRUCTOR
    if name.type == "private_property_identifier":
        flags |= Flag.PRIVATE
    if node.type == "method_signature" and walk.class_scope == walk.scope >= 0:
        flags |= Flag.OVERLOAD
    index = member_name(walk, name, kind, node, scope, flags)
    if index < 0:
        index = walk.anonymous(Kind.FUNCTION, node)
    walk.context = context
    value = function(walk, node, index)
    walk.context = -1
    return value


def member_name(
    walk: Walk, name: Node, kind: int, whole: Node, scope: int | None, flags: int = 0
) -> int:
    """Define a member by the node of its name; computed names count when they are a chain."""
    if name.type == "computed_property_name":
        role, walk.role = walk.role, Role.READ
        walk.each(name.named_children)
        walk.role = role
        inside = name.named_children[0] if name.named_child_count else None
        if inside is None or inside.type not in ("member_expression", "string"):
            return -1
        if inside.type == "string":
            return walk.define(inside, kind, whole, scope=scope, flags=flags)
    elif name.type == "number":
        return -1
    return walk.define(name, kind, whole, scope=scope, flags=flags)


def field(walk: Walk, node: Node) -> int:
    """A field of a class."""
    name = node.child_by_field_name("name") or node.child_by_field_name("property")
    if name is None:
        return inner(walk, node)
    for child in node.named_children:
        if child.type == "decorator":
            walk.visit(child)
    flags = member_flags(node)
    if name.type == "private_property_identifier":
        flags |= Flag.PRIVATE
    annotation = walk.annotation(node.child_by_field_name("type"))
    value = node.child_by_field_name("value")
    static, walk.static = walk.static, bool(flags & Flag.STATIC)
    if value is not None and name.type in ("property_identifier", "private_property_identifier"):
        bound_value(
            walk,
            name,
            value,
            node,
            kind=Kind.FIELD,
            annotation=annotation,
            flags=flags,
        )
    else:
        index = member_name(walk, name, Kind.FIELD, node, None, flags)
        result = walk.visit(value) if value is not None else -1
        if index >= 0:
            definition = walk.definitions[index]
            if annotation < 0 and not walk.typed:
                annotation = jsdoc.declared_type(walk, definition)
            definition.annotation, definition.value = annotation, result
    walk.static = static
    return -1


# ---- object literals


def object_(walk: Walk, node: Node) -> int:
    """An object literal: its members are definitions in a scope of their own."""
    walk.depth += 1
    if walk.depth >= DEEPEST:
        walk.depth -= 1
        return -1
    outside = walk.scope
    scope = walk.open(ScopeKind.OBJECT, node, -1)
    walk.scope = outside
    context, walk.context = walk.context, -1
    for child in node.named_children:
        kind = child.type
        if kind == "pair":
            _pair(walk, child, scope, context)
        elif kind == "method_definition":
            name = child.child_by_field_name("name")
            method(walk, child, scope, _part(walk, name, context))
        elif kind == "shorthand_property_identifier":
            value = walk.use(child, Op.NAME, outside)
            walk.define(child, Kind.PROPERTY, child, scope=scope, value=value)
        elif kind == "spread_element":
            value = inner_value(walk, child)
            if value >= 0:  # an import of all members of another object
                index = walk.spell("...", child.start_byte, Kind.IMPORT, child, scope)
                walk.definitions[index].value = value
        else:
            walk.visit(child)
    walk.context = context
    walk.depth -= 1
    return walk.add(Op.OBJECT, scope)


def _part(walk: Walk, name: Node | None, context: int) -> int:
    """What a member of an object is expected to be."""
    if context < 0 or name is None or name.type != "property_identifier":
        return -1
    text = walk.text[name.start_byte : name.end_byte]
    return walk.add(Op.MEMBER, Role.READ, -1, text, context)


def _pair(walk: Walk, node: Node, scope: int, context: int) -> None:
    key, value = node.child_by_field_name("key"), node.child_by_field_name("value")
    if key is None or value is None:
        inner(walk, node)
        return
    if key.type == "property_identifier":
        if value.type in _EXPECTING:
            walk.context = _part(walk, key, context)
        bound_value(walk, key, value, node, scope=scope, kind=Kind.PROPERTY)
    else:
        index = member_name(walk, key, Kind.PROPERTY, node, scope)
        result = walk.visit(value)
        if index >= 0:
            walk.definitions[index].value = result
    walk.context = -1
