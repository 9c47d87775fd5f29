"""Expressions: every written name becomes a use, and values keep what types need."""

from __future__ import annotations

from tree_sitter import Node

from nootropic_lsp.index.facts import Definition, Flag, Kind, Op, Role
from nootropic_lsp.index.languages.javascript.commonjs import assign_member, require
from nootropic_lsp.index.languages.javascript.narrowing import narrow
from nootropic_lsp.index.languages.javascript.patterns import PATTERNS, bind
from nootropic_lsp.index.languages.javascript.walk import DEEPEST, Walk, only
from nootropic_lsp.index.languages.walking import inner

FUNCTIONS = frozenset(
    {"arrow_function", "function_expression", "generator_function", "function", "object"}
)


def identifier(walk: Walk, node: Node) -> int:
    """A bare name."""
    start = node.start_byte
    name = walk.text[start : node.end_byte]
    if not name:  # the parser supposes a name that is not there
        return -1
    expressions = walk.expressions
    expressions.append((Op.NAME, walk.role, start, name, walk.scope))
    return len(expressions) - 1


def this(walk: Walk, node: Node) -> int:
    """`this` and `super`: names with no position, because they name nothing that is declared."""
    name = "super" if node.type == "super" else "this"
    return walk.add(Op.NAME, walk.role, -1, name, walk.scope)


def member(walk: Walk, node: Node) -> int:
    """`a.b` and `a?.b`."""
    walk.depth += 1
    if walk.depth >= DEEPEST:
        walk.depth -= 1
        return -1
    children = node.children
    first = children[0]
    receiver = walk.handlers[first.kind_id](walk, first)
    walk.depth -= 1
    name = children[-1]
    start = name.start_byte
    text = walk.text[start : name.end_byte]
    if not text or len(children) < 3:
        return -1
    expressions = walk.expressions
    if receiver < 0 and first.type == "meta_property":
        return -1
    expressions.append((Op.MEMBER, walk.role, start, text, receiver))
    return len(expressions) - 1


def subscript(walk: Walk, node: Node) -> int:
    """`a[b]`; a quoted name is a member."""
    children = node.named_children
    value = walk.visit(children[0])
    at = children[-1]
    if at.type == "string":
        return walk.use(at.named_children[0], Op.MEMBER, value) if at.named_child_count else -1
    index = walk.visit(at)
    return walk.add(Op.ITEM, value, index) if value >= 0 else -1


def call(walk: Walk, node: Node) -> int:
    """A call; the names of functions it calls get their role."""
    walk.depth += 1
    if walk.depth >= DEEPEST:
        walk.depth -= 1
        return -1
    children = node.children
    first = children[0]
    kind = first.type
    arguments = children[-1]
    if kind == "import" or (kind == "identifier" and walk.text[first.start_byte] == "r"):
        value = require(walk, first, arguments)
        if value >= 0:
            walk.depth -= 1
            return value
    function = walk.handlers[first.kind_id](walk, first)
    expressions = walk.expressions
    if function >= 0:
        target = expressions[function]
        if target[0] <= Op.MEMBER and target[1] == Role.READ:
            expressions[function] = (target[0], Role.CALL, *target[2:])
    if len(children) > 2:
        function = _applied(walk, children, function)
    first_given, second_given, n_given = _arguments(walk, arguments, function)
    walk.depth -= 1
    if function < 0:
        return -1
    if n_given > 2:
        expressions.append((Op.CALL, function, first_given, second_given, n_given))
    else:
        expressions.append((Op.CALL, function, first_given, second_given))
    return len(expressions) - 1


_MANY = 100  # a spread may stand for that many arguments


def _applied(walk: Walk, children: list[Node], function: int) -> int:
    """A function or class with the type arguments that a call gives it."""
    for child in children[1:-1]:
        if child.type == "type_arguments":
            parts = [walk.annotation(part) for part in child.named_children]
            if function >= 0:
                return walk.add(Op.ITEM, function, walk.add(Op.DISPLAY, "<>", *parts))
    return function


def _arguments(walk: Walk, arguments: Node, function: int) -> tuple[int, int, int]:
    """Read the arguments of a call; the values of the first two, and how many there are.

    An argument of which nothing is known has the index of a literal without a type.
    """
    if arguments.type != "arguments":
        walk.visit(arguments)
        return -1, -1, 0
    first = second = position = -1
    spread = 0
    outside = walk.context
    for argument in arguments.named_children:
        kind = argument.type
        if kind == "comment":
            continue
        position += 1
        if kind == "spread_element":
            spread = _MANY
        if function >= 0 and kind in FUNCTIONS:
            walk.context = walk.add(Op.EXPECTED, function, position, first)
        value = walk.visit(argument)
        if value < 0 and position < 2:
            value = walk.literal("any")
        walk.context = outside
        if position == 0:
            first = value
        elif position == 1:
            second = value
    return first, second, position + 1 + spread


def new(walk: Walk, node: Node) -> int:
    """`new Foo(...)`."""
    constructor = node.child_by_field_name("constructor")
    if constructor is None:
        return inner(walk, node)
    function = walk.visit(constructor)
    walk.mark(function, Role.CALL)
    for child in node.named_children[1:]:
        if child.type == "type_arguments":
            parts = [walk.annotation(part) for part in child.named_children]
            if function >= 0:
                function = walk.add(Op.ITEM, function, walk.add(Op.DISPLAY, "<>", *parts))
    made = walk.add(Op.NEW, function) if function >= 0 else -1
    arguments = node.child_by_field_name("arguments")
    if arguments is not None:
        _arguments(walk, arguments, made)
    return made


def binary(walk: Walk, node: Node) -> int:
    """Binary operators; a long chain of them is read without recursion."""
    chain = [node]
    children = node.children
    while children[0].type == "binary_expression":
        node = children[0]
        children = node.children
        chain.append(node)
    value = walk.visit(children[0])
    for whole in reversed(chain):
        parts = whole.children
        right = parts[-1]
        operator = parts[1].type
        if operator == "&&":
            narrow(walk, parts[0], right.start_byte, right.end_byte)
            value = walk.visit(right)
        elif operator in ("||", "??"):
            value = walk.either([value, walk.visit(right)])
        else:
            other = walk.visit(right)
            value = _arithmetic(walk, operator, value, other)
    return value


def _arithmetic(walk: Walk, operator: str, left: int, right: int) -> int:
    if operator == "+":
        strings = walk.literals.get("String", -2)
        if strings in (left, right):
            return strings
        return walk.add(Op.BINARY, "+", left, right)
    return walk.literal("Number" if operator in _NUMERIC else "Boolean")


_NUMERIC = frozenset({"-", "*", "/", "%", "**", "<<", ">>", ">>>", "&", "|", "^"})


def unary(walk: Walk, node: Node) -> int:
    """`!x`, `typeof x`, `void 0` and their like."""
    inner(walk, node)
    result = _UNARY_VALUES.get(node.children[0].type)
    return walk.literal(result) if result else -1


_UNARY_VALUES = {"!": "Boolean", "-": "Number", "+": "Number", "~": "Number", "typeof": "String"}


def update(walk: Walk, node: Node) -> int:
    """`x++`."""
    walk.mark(only(walk, node), Role.WRITE)
    return walk.literal("Number")


def ternary(walk: Walk, node: Node) -> int:
    """`condition ? a : b`."""
    condition = node.child_by_field_name("condition")
    first = node.child_by_field_name("consequence")
    second = node.child_by_field_name("alternative")
    if condition is None or first is None or second is None:
        return inner(walk, node)
    walk.depth += 1
    if walk.depth >= DEEPEST:
        walk.depth -= 1
        return -1
    walk.visit(condition)
    narrow(walk, condition, first.start_byte, first.end_byte)
    values = [walk.visit(first), walk.visit(second)]
    walk.depth -= 1
    return walk.either(values)


def await_(walk: Walk, node: Node) -> int:
    """`await x`."""
    value = only(walk, node)
    return walk.add(Op.AWAIT, value) if value >= 0 else -1


def yield_(walk: Walk, node: Node) -> int:
    """`yield x` and `yield* xs`."""
    value = only(walk, node)
    if any(child.type == "*" for child in node.children):
        value = walk.element(value)
    walk.yields.append(value)
    return -1


def array(walk: Walk, node: Node) -> int:
    """An array literal: the types of its first elements are enough."""
    values: list[int] = []
    for child in node.named_children:
        if child.type == "spread_element":
            spread = only(walk, child)
            value = walk.element(spread)
        else:
            value = walk.visit(child)
        if len(values) < 4:
            values.append(value)
    return walk.add(Op.DISPLAY, "Array", *values)


def string(walk: Walk, node: Node) -> int:
    """A string; in an annotation it is a literal type."""
    return walk.literal("String")


def template(walk: Walk, node: Node) -> int:
    """A template string with its substitutions."""
    inner(walk, node)
    return walk.literal("String")


def number(walk: Walk, node: Node) -> int:
    """A number."""
    return walk.literal("Number")


def boolean(walk: Walk, node: Node) -> int:
    """`true` or `false`."""
    return walk.literal("Boolean")


def regex(walk: Walk, node: Node) -> int:
    """A regular expression."""
    return walk.literal("RegExp")


def as_(walk: Walk, node: Node) -> int:
    """`x as Foo`, and `x as const`, which is x."""
    children = node.named_children
    value = walk.visit(children[0])
    if len(children) < 2:
        return value
    return walk.add(Op.INSTANCE, walk.annotation(children[-1]))


def satisfies(walk: Walk, node: Node) -> int:
    """`x satisfies Foo` is x, and tells functions in x what they take."""
    children = node.named_children
    outside = walk.context
    if len(children) > 1:
        walk.context = walk.add(Op.INSTANCE, walk.annotation(children[-1]))
    value = walk.visit(children[0])
    walk.context = outside
    return value


def type_assertion(walk: Walk, node: Node) -> int:
    """`<Foo>x`."""
    children = node.named_children
    for child in children[1:]:
        walk.visit(child)
    named = children[0].named_children if children[0].type == "type_arguments" else [children[0]]
    return walk.add(Op.INSTANCE, walk.annotation(named[0])) if named else -1


def instantiation(walk: Walk, node: Node) -> int:
    """`foo<Bar>` without a call."""
    children = node.children
    return _applied(walk, [*children, children[0]], walk.visit(children[0]))


def decorator(walk: Walk, node: Node) -> int:
    """`@decorator`."""
    value = -1
    for child in node.named_children:
        value = walk.with_role(child, Role.DECORATOR)
    return value


# ---- assignment


def assignment(walk: Walk, node: Node) -> int:
    """`left = right`, which also declares members where JavaScript does it so."""
    left = node.child_by_field_name("left")
    right = node.child_by_field_name("right")
    if left is None or right is None:
        return inner(walk, node)
    kind = left.type
    if kind == "member_expression":
        value = assign_member(walk, node, left, right)
        if value >= -1:
            return value
        mark = walk.visit(left)
        walk.mark(mark, Role.WRITE)
        return _expecting(walk, right, mark)
    if kind in PATTERNS:
        value = walk.visit(right)
        if kind == "identifier":
            walk.mark(identifier(walk, left), Role.WRITE)
            _assigned(walk, walk.text[left.start_byte : left.end_byte], value, node)
        else:
            bind(walk, left, value, node, kind=-1)
        return value
    target = walk.visit(left)
    walk.mark(target, Role.WRITE)
    return walk.visit(right)


def _expecting(walk: Walk, right: Node, target: int) -> int:
    """The value of what is assigned to a target whose type says what a function in it takes."""
    if target < 0 or right.type not in FUNCTIONS:
        return walk.visit(right)
    outside, walk.context = walk.context, target
    value = walk.visit(right)
    walk.context = outside
    return value


def _assigned(walk: Walk, name: str, value: int, node: Node) -> None:
    """From here on the name has the type of what was assigned."""
    if value >= 0:
        end = node.end_byte
        walk.definitions.append(
            Definition(
                name,
                Kind.NARROWED,
                end,
                walk.scope,
                end,
                walk.function_end,
                value=value,
                flags=Flag.ASSIGNED,
            )
        )


def augmented(walk: Walk, node: Node) -> int:
    """`x += y` and `x ??= y`."""
    left = node.child_by_field_name("left")
    right = node.child_by_field_name("right")
    if left is None or right is None:
        return inner(walk, node)
    target = walk.visit(left)
    walk.mark(target, Role.WRITE)
    value = walk.visit(right)
    return walk.either([target, value])


# ---- JSX


def jsx_opening(walk: Walk, node: Node) -> int:
    """`<Foo.Bar prop={x}>`: a use of the component, and of its properties."""
    name = node.child_by_field_name("name")
    component = -1
    if name is not None:
        component = _component(walk, name)
    for child in node.named_children:
        kind = child.type
        if kind == "jsx_attribute":
            _attribute(walk, child, component)
        elif kind == "type_arguments":
            for part in child.named_children:
                walk.annotation(part)
        elif name is not None and child.start_byte != name.start_byte:
            walk.visit(child)
    return -1


def jsx_closing(walk: Walk, node: Node) -> int:
    """`</Foo>`."""
    for child in node.named_children:
        _component(walk, child)
    return -1


def _component(walk: Walk, name: Node) -> int:
    if name.type == "identifier":
        first = walk.text[name.start_byte : name.start_byte + 1]
        if first.islower():  # an element of the page, not a component
            return -1
    elif name.type != "member_expression":
        return -1
    return walk.visit(name)


def _attribute(walk: Walk, node: Node, component: int) -> None:
    children = node.named_children
    name = children[0]
    outside = walk.context
    if component >= 0 and name.type == "property_identifier":
        start = name.start_byte
        walk.context = walk.add(
            Op.KEYWORD, Role.READ, start, walk.text[start : name.end_byte], component
        )
    for child in children[1:]:
        walk.visit(child)
    walk.context = outside
