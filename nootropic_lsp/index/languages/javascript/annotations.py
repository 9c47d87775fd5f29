"""What only TypeScript writes: types, interfaces, enums and namespaces."""

from __future__ import annotations

from tree_sitter import Node

from nootropic_lsp.index.facts import Flag, Kind, Op, Role, ScopeKind
from nootropic_lsp.index.languages.javascript.commonjs import module_use
from nootropic_lsp.index.languages.javascript.functions import (
    clause,
    function,
    member_name,
)
from nootropic_lsp.index.languages.javascript.walk import (
    DEEPEST,
    PRIMITIVES,
    Walk,
    member_flags,
    only,
)
from nootropic_lsp.index.languages.walking import inner

# ---- declarations


def interface(walk: Walk, node: Node) -> int:
    """`interface Foo<T> extends Bar { ... }`."""
    name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
    if name is None:
        return inner(walk, node)
    outside, class_scope = walk.scope, walk.class_scope
    walk.class_scope = -1
    index = walk.define(name, Kind.INTERFACE, node)
    if index < 0:
        return inner(walk, node)
    definition = walk.definitions[index]
    _parameters(walk, node, index)
    for child in node.named_children:
        if child.type in ("extends_type_clause", "extends_clause"):
            definition.related = [base for base in clause(walk, child) if base >= 0]
    if body is not None:
        definition.head_end = walk.end_before(body.start_byte)
        definition.body = walk.open(ScopeKind.CLASS, body, index)
        walk.each(body.named_children)
    walk.scope, walk.class_scope = outside, class_scope
    return -1


def _parameters(walk: Walk, node: Node, index: int) -> None:
    """Open a scope for type parameters, if there are any."""
    parameters = node.child_by_field_name("type_parameters")
    if parameters is not None:
        walk.open(ScopeKind.FUNCTION, node, index)
        walk.type_parameters(parameters, index)


def alias(walk: Walk, node: Node) -> int:
    """`type Foo<T> = ...`."""
    name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
    if name is None or value is None:
        return inner(walk, node)
    outside = walk.scope
    index = walk.define(name, Kind.TYPE, node)
    if index < 0:
        return inner(walk, node)
    _parameters(walk, node, index)
    result = walk.annotation(value)
    walk.definitions[index].value = result
    walk.hold(index, result)
    walk.scope = outside
    return -1


def enum(walk: Walk, node: Node) -> int:
    """`enum E { A = 1, B }`."""
    name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
    if name is None or body is None:
        return inner(walk, node)
    outside = walk.scope
    index = walk.define(name, Kind.ENUM, node)
    if index < 0:
        return inner(walk, node)
    definition = walk.definitions[index]
    definition.head_end = walk.end_before(body.start_byte)
    definition.body = walk.open(ScopeKind.CLASS, body, index)
    for child in body.named_children:
        kind = child.type
        if kind == "enum_assignment":
            key, value = child.child_by_field_name("name"), child.child_by_field_name("value")
            result = walk.visit(value) if value is not None else -1
            if key is not None:
                member = member_name(walk, key, Kind.ENUM_MEMBER, child, None)
                if member >= 0:
                    walk.definitions[member].value = result
        elif kind == "comment":
            walk.visit(child)
        else:
            member_name(walk, child, Kind.ENUM_MEMBER, child, None)
    walk.scope = outside
    return -1


def namespace(walk: Walk, node: Node) -> int:
    """`namespace A.B { ... }` and `declare module "x" { ... }`."""
    name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
    if name is None:
        return inner(walk, node)
    outside, hoisted = walk.scope, walk.hoisted
    for part in _path(name):
        index = walk.define(part, Kind.NAMESPACE, node)
        if index < 0:
            break
        definition = walk.definitions[index]
        if body is not None:
            definition.head_end = walk.end_before(body.start_byte)
        definition.body = walk.hoisted = walk.open(ScopeKind.MODULE, node, index)
        if part.type == "string":
            definition.flags |= Flag.DECLARED
    if body is not None:
        _namespace_body(walk, body)
    walk.scope, walk.hoisted = outside, hoisted
    return -1


def _namespace_body(walk: Walk, body: Node) -> None:
    """The statements of a namespace; `global { ... }` among them is read as two by the parser."""
    before: Node | None = None
    for child in body.named_children:
        if child.type == "statement_block" and before is not None and before.text == b"global":
            _global(walk, before, child)
        elif child.type != "expression_statement" or child.text != b"global":
            walk.visit(child)
        before = child if child.type == "expression_statement" else None


def _global(walk: Walk, word: Node, block: Node) -> None:
    """What `declare global` adds to what every file sees."""
    outside, hoisted = walk.scope, walk.hoisted
    index = walk.define(word, Kind.NAMESPACE, block)
    walk.hoisted = walk.definitions[index].body = walk.open(ScopeKind.MODULE, block, index)
    _namespace_body(walk, block)
    walk.scope, walk.hoisted = outside, hoisted


def _path(name: Node) -> list[Node]:
    if name.type == "nested_identifier":
        return [part for child in name.named_children for part in _path(child)]
    return [name]


def ambient(walk: Walk, node: Node) -> int:
    """`declare ...`; `declare global` adds to what every file sees."""
    for child in node.children:
        if child.type == "global":
            for block in node.named_children:
                if block.type == "statement_block":
                    _global(walk, child, block)
            return -1
    return inner(walk, node)


# ---- members of types


def property_(walk: Walk, node: Node) -> int:
    """`name?: Type`."""
    name = node.child_by_field_name("name")
    if name is None:
        return inner(walk, node)
    annotation = walk.annotation(node.child_by_field_name("type"))
    index = member_name(walk, name, Kind.PROPERTY, node, None, member_flags(node))
    if index >= 0:
        walk.definitions[index].annotation = annotation
    return -1


def call_signature(walk: Walk, node: Node) -> int:
    """`(x: string): Foo` in an interface: a method that goes by its parenthesis."""
    for child in node.children:
        if child.type == "formal_parameters":
            index = walk.spell("(", child.start_byte, Kind.METHOD, node)
            return function(walk, node, index)
    return inner(walk, node)


def construct_signature(walk: Walk, node: Node) -> int:
    """`new (x: string): Foo` in an interface: its name is `new`."""
    for child in node.children:
        if child.type == "new":
            index = walk.define(child, Kind.CONSTRUCTOR, node)
            value = function(walk, node, index)
            walk.definitions[index].annotation = _after_colon(walk, node, index)
            return value
    return inner(walk, node)


def _after_colon(walk: Walk, node: Node, index: int) -> int:
    """The annotation of a signature that keeps it in a field of another name."""
    outside, walk.scope = walk.scope, walk.definitions[index].body
    annotation = walk.annotation(node.child_by_field_name("type"))
    walk.scope = outside
    return annotation


def index_signature(walk: Walk, node: Node) -> int:
    """`[key: string]: Foo`: a field that goes by its bracket."""
    annotation = -1
    outside = walk.scope
    start = node.start_byte
    for child in node.children:
        if child.type == "[":
            start = child.start_byte
    for child in node.named_children:
        if child.type == "mapped_type_clause":
            mapped(walk, child)
        elif child.type == "type_annotation" or child.type.endswith("_annotation"):
            annotation = walk.annotation(child)
        elif child.type != "identifier":
            walk.annotation(child)
    walk.scope = outside
    index = walk.spell("[", start, Kind.FIELD, node)
    walk.definitions[index].annotation = annotation
    return -1


def mapped(walk: Walk, node: Node) -> int:
    """`K in keyof T`: the type parameter, and T where the keys are those of T."""
    walk.open(ScopeKind.FUNCTION, node, -1)
    source = -1
    name = node.child_by_field_name("name")
    if name is not None:
        walk.define(name, Kind.TYPE_PARAMETER, node)
    for child in node.named_children:
        if name is not None and child.start_byte == name.start_byte:
            continue
        before = len(walk.expressions)
        value = walk.annotation(child)
        if child.type == "index_type_query" and len(walk.expressions) > before and value < 0:
            source = len(walk.expressions) - 1
    return source


def object_type(walk: Walk, node: Node) -> int:
    """`{ a: Foo }`, and the mapped types that are written the same way."""
    walk.depth += 1
    if walk.depth >= DEEPEST:
        walk.depth -= 1
        return -1
    outside = walk.scope
    children = node.named_children
    role, walk.role = walk.role, Role.READ
    if len(children) == 1 and children[0].type == "index_signature":
        clauses = children[0].named_children
        if clauses and clauses[0].type == "mapped_type_clause":
            source = mapped(walk, clauses[0])
            for child in clauses[1:]:
                walk.annotation(child)
            walk.scope, walk.role = outside, role
            walk.depth -= 1
            return source
    class_scope, walk.class_scope = walk.class_scope, -1
    scope = walk.open(ScopeKind.OBJECT, node, -1)
    walk.each(children)
    walk.scope, walk.role, walk.class_scope = outside, role, class_scope
    walk.depth -= 1
    return walk.add(Op.OBJECT, scope)


# ---- types


def type_name(walk: Walk, node: Node) -> int:
    """The name of a type."""
    start = node.start_byte
    name = walk.text[start : node.end_byte]
    if not name:
        return -1
    if name == "bigint":  # the grammar does not know it
        return walk.literal("BigInt")
    expressions = walk.expressions
    expressions.append((Op.NAME, walk.role, start, name, walk.scope))
    return len(expressions) - 1


def member_type(walk: Walk, node: Node) -> int:
    """`ns.Foo`."""
    children = node.named_children
    if len(children) < 2:
        return only(walk, node)
    receiver = walk.visit(children[0])
    return walk.use(children[-1], Op.MEMBER, receiver)


def generic(walk: Walk, node: Node) -> int:
    """`Foo<Bar>`."""
    children = node.named_children
    head = walk.visit(children[0])
    parts = [walk.annotation(part) for part in children[-1].named_children]
    if head < 0 or len(children) < 2:
        return head
    return walk.add(Op.ITEM, head, walk.add(Op.DISPLAY, "<>", *parts))


def predefined(walk: Walk, node: Node) -> int:
    """`string` and its like, where they have members."""
    name = PRIMITIVES.get(walk.text[node.start_byte : node.end_byte])
    return walk.literal(name) if name else -1


def union(walk: Walk, node: Node) -> int:
    """`A | B`, a long one without recursion."""
    parts: list[Node] = []
    while node.type == "union_type":
        children = node.named_children
        if not children:
            break
        parts.extend(reversed(children[1:]))
        node = children[0]
        if node.type != "union_type":
            parts.append(node)
    return walk.either([walk.visit(part) for part in reversed(parts)])


def intersection(walk: Walk, node: Node) -> int:
    """`A & B`."""
    values = [walk.visit(child) for child in node.named_children]
    known = [value for value in values if value >= 0]
    return walk.add(Op.BINARY, "&", *known[:2]) if len(known) > 1 else walk.either(known)


def array_type(walk: Walk, node: Node) -> int:
    """`Foo[]`."""
    return walk.add(Op.DISPLAY, "Array", only(walk, node))


def tuple_type(walk: Walk, node: Node) -> int:
    """`[a: Foo, b?: Bar]`."""
    parts: list[int] = []
    for child in node.named_children:
        if child.type in ("required_parameter", "optional_parameter"):
            parts.append(walk.annotation(child.child_by_field_name("type")))
        else:
            parts.append(walk.visit(child))
    return walk.add(Op.DISPLAY, "tuple", *parts)


def function_type(walk: Walk, node: Node) -> int:
    """`(x: Foo) => Bar` and `new (x: Foo) => Bar`."""
    constructs = node.type == "constructor_type"
    kind = Kind.CONSTRUCTOR if constructs else Kind.FUNCTION
    index = walk.anonymous(kind, node)
    value = function(walk, node, index)
    walk.definitions[index].flags |= Flag.ARROW
    if constructs:
        walk.definitions[index].annotation = _after_colon(walk, node, index)
    return value


def query(walk: Walk, node: Node) -> int:
    """`typeof x` in an annotation."""
    role, walk.role = walk.role, Role.READ
    value = -1
    for child in node.named_children:
        if child.type == "type_arguments":
            for part in child.named_children:
                walk.annotation(part)
        else:
            value = walk.visit(child)
    walk.role = role
    return walk.add(Op.TYPEOF, value) if value >= 0 else -1


def lookup(walk: Walk, node: Node) -> int:
    """`Foo["bar"]` names a member, `Foo[number]` an element."""
    children = node.named_children
    if len(children) < 2:
        return only(walk, node)
    value = walk.visit(children[0])
    at = children[-1]
    if at.type == "literal_type" and at.named_child_count:
        string = at.named_children[0]
        if string.type == "string" and string.named_child_count:
            receiver = walk.add(Op.INSTANCE, value) if value >= 0 else -1
            return walk.use(string.named_children[0], Op.MEMBER, receiver)
    index = walk.visit(at)
    if value >= 0 and index == walk.literals.get("Number", -2):
        return walk.add(Op.ELEMENT, walk.add(Op.INSTANCE, value))
    return -1


def nameless(walk: Walk, node: Node) -> int:
    """A type that we read but do not understand."""
    inner(walk, node)
    return -1


def conditional(walk: Walk, node: Node) -> int:
    """`A extends B ? C : D`; `infer X` binds in it."""
    outside = walk.scope
    walk.open(ScopeKind.FUNCTION, node, -1)
    children = node.named_children
    values = [walk.visit(child) for child in children]
    walk.scope = outside
    if len(children) == 4:
        # The usual way to write "for each of a union", and "or nothing".
        if children[3].text == b"never":
            return values[2]
        if children[2].text == b"never":
            return values[3]
        return walk.either(values[2:])
    return -1


def infer(walk: Walk, node: Node) -> int:
    """`infer X`."""
    children = node.named_children
    if children:
        scope = walk.scope
        while scope > 0 and (
            walk.scopes[scope].kind != ScopeKind.FUNCTION or walk.scopes[scope].owner >= 0
        ):
            scope = walk.scopes[scope].parent
        walk.define(children[0], Kind.TYPE_PARAMETER, node, scope=scope)
        for child in children[1:]:
            walk.visit(child)
    return -1


def literal_type(walk: Walk, node: Node) -> int:
    """`"a"` or `1` as a type."""
    return only(walk, node)


def predicate(walk: Walk, node: Node) -> int:
    """`x is Foo`."""
    name, what = node.child_by_field_name("name"), node.child_by_field_name("type")
    if name is not None and name.type == "identifier":
        walk.use(name, Op.NAME, walk.scope)
        walk.mark(len(walk.expressions) - 1, Role.READ)
    value = walk.annotation(what)
    return walk.add(Op.BINARY, "is", -1, value) if value >= 0 else -1


def asserts(walk: Walk, node: Node) -> int:
    """`asserts x is Foo`."""
    for child in node.named_children:
        if child.type == "asserts":
            asserts(walk, child)
        else:
            value = walk.visit(child)
            if child.type == "identifier":
                walk.mark(value, Role.READ)
    return -1


def import_alias(walk: Walk, node: Node) -> int:
    """`import x = A.B`."""
    children = node.named_children
    if len(children) < 2:
        return inner(walk, node)
    value = walk.visit(children[-1])
    walk.define(children[0], Kind.IMPORT, node, value=value)
    return -1


def import_require(walk: Walk, clause_node: Node, whole: Node) -> None:
    """`import x = require("y")`."""
    source = clause_node.child_by_field_name("source")
    names = [child for child in clause_node.named_children if child.type == "identifier"]
    if source is None or not names:
        return
    module = module_use(walk, source)
    value = walk.add(Op.MEMBER, Role.IMPORT, -1, "export=", module)
    walk.define(names[0], Kind.IMPORT, whole, value=value)
