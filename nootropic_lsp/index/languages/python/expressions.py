"""Reads names, calls and operators."""

from __future__ import annotations

from tree_sitter import Node

from nootropic_lsp.index.facts import Op, Role
from nootropic_lsp.index.languages.python.annotations import between_brackets
from nootropic_lsp.index.languages.python.grammar import kind
from nootropic_lsp.index.languages.python.imports import note_exports_call
from nootropic_lsp.index.languages.python.narrowing import narrow
from nootropic_lsp.index.languages.python.walk import DEEPEST, Walk, inner, only

# A look-up in a class costs something in functions that run for every name of a workspace.
_NAME = Op.NAME
_MEMBER = Op.MEMBER
_KEYWORD = Op.KEYWORD
_CALL = Op.CALL
_READ = Role.READ
_CALLED = Role.CALL

_TYPED_ROLES = (Role.TYPE, Role.BASE)
# What is subscripted under one of these names outside annotations is an alias of a type.
_FORMS = frozenset(
    {"Callable", "Dict", "Iterable", "List", "Mapping", "Optional", "Sequence", "Tuple", "Type"}
    | {"Literal", "Union"}
)

_ARGUMENT_LIST = kind("argument_list")
_KEYWORD_ARGUMENT = kind("keyword_argument")
_COMMENT = kind("comment")


def identifier(walk: Walk, node: Node) -> int:
    """A bare name."""
    start = node.start_byte
    expressions = walk.expressions
    name = walk.text[start : node.end_byte]
    if not name:  # the parser supposes a name that is not there
        return -1
    expressions.append((_NAME, walk.role, start, name, walk.scope))
    return len(expressions) - 1


def attribute(walk: Walk, node: Node) -> int:
    """`receiver.name`."""
    text = walk.text
    end = node.end_byte
    start = text.rfind(".", 0, end) + 1
    name = text[start:end]
    if name.isidentifier():
        # Nearly always; then no objects are made for the dot and the name.
        receiver_node = node.child(0)
        assert receiver_node is not None
        receiver = walk.handlers[receiver_node.kind_id](walk, receiver_node)
    else:
        children = node.children
        receiver_node, name_node = children[0], children[-1]
        receiver = walk.handlers[receiver_node.kind_id](walk, receiver_node)
        start = name_node.start_byte
        name = text[start : name_node.end_byte]
        if not name.isidentifier() and name.isascii():
            return -1  # what the parser skipped to stands here
    expressions = walk.expressions
    expressions.append((_MEMBER, walk.role, start, name, receiver))
    return len(expressions) - 1


def dotted_name(walk: Walk, node: Node) -> int:
    """`a.b` where nothing but names can stand."""
    value = -1
    for part in node.named_children:
        start = part.start_byte
        name = walk.text[start : part.end_byte]
        if value < 0:
            value = walk.add(Op.NAME, walk.role, start, name, walk.scope)
        else:
            value = walk.add(Op.MEMBER, walk.role, start, name, value)
    return value


def call(walk: Walk, node: Node) -> int:
    """`function(arguments)`, or a generator as the only argument."""
    children = node.children
    handlers = walk.handlers
    function_node = children[0]
    function = handlers[function_node.kind_id](walk, function_node)
    expressions = walk.expressions
    is_cast = False
    if function >= 0:
        target = expressions[function]
        if target[0] <= _MEMBER and target[1] == _READ:
            is_cast = target[3] == "cast"
            expressions[function] = (target[0], _CALLED, target[2], target[3], target[4])
    arguments = children[-1]
    first = second = -1
    if arguments.kind_id == _ARGUMENT_LIST:
        count = 0
        n_arguments = arguments.named_child_count
        # A list of children would hold the brackets and commas too.
        for argument in arguments.named_children if n_arguments else ():
            kind_id = argument.kind_id
            if kind_id == _KEYWORD_ARGUMENT:
                keyword(walk, argument, function)
                continue
            if is_cast and not count:
                value = walk.with_role(argument, Role.TYPE)
            else:
                value = handlers[kind_id](walk, argument)
            count += 1
            if count == 1:
                first = value
            elif count == 2:
                second = value
    else:
        first = walk.visit(arguments)
    if function < 0:
        return -1
    if walk.exports is not None and not walk.scope:
        note_exports_call(walk, function, arguments)
    expressions.append((_CALL, function, first, second))
    return len(expressions) - 1


def keyword(walk: Walk, node: Node, function: int) -> int:
    """`name=value` among the arguments of a call, or of a class, which has no `function`."""
    children = node.children
    if function >= 0:
        name = children[0]
        start = name.start_byte
        walk.expressions.append(
            (_KEYWORD, _READ, start, walk.text[start : name.end_byte], function)
        )
    value = children[-1]
    return walk.handlers[value.kind_id](walk, value)


def subscript(walk: Walk, node: Node) -> int:
    """`value[index, ...]`."""
    children = node.named_children
    value = walk.visit(children[0])
    if _holds_types(walk, value):
        indices = between_brackets(walk, value, children[1:])
    else:
        indices = [walk.visit(child) for child in children[1:]]
    if value < 0:
        return -1
    if len(indices) > 1:
        index = walk.add(Op.DISPLAY, "tuple", *indices)
    else:
        index = indices[0] if indices else -1
    return walk.add(Op.ITEM, value, index)


def _holds_types(walk: Walk, head: int) -> bool:
    """Whether types stand between the brackets: in annotations, bases and aliases."""
    if walk.role in _TYPED_ROLES:
        return True
    expression = walk.expressions[head] if head >= 0 else ()
    return bool(expression) and expression[0] <= _MEMBER and expression[3] in _FORMS


def slice_(walk: Walk, node: Node) -> int:
    """`start:end` between brackets."""
    inner(walk, node)
    return walk.literal("slice")


def conditional(walk: Walk, node: Node) -> int:
    """`this if condition else that`."""
    children = [child for child in node.named_children if child.kind_id != _COMMENT]
    if len(children) < 3:
        return inner(walk, node)
    narrow(walk, children[1], children[0].start_byte, children[0].end_byte)
    walk.visit(children[1])
    return walk.either([walk.visit(children[0]), walk.visit(children[2])])


def boolean_operator(walk: Walk, node: Node) -> int:
    """`and`, which gives its right side where it holds, and `or`, which may give either."""
    children = node.named_children
    left = walk.visit(children[0])
    right = children[-1]
    if node.children[1].type == "and":
        narrow(walk, children[0], right.start_byte, right.end_byte)
        return walk.visit(right)
    return walk.either([left, walk.visit(right)])


def binary_operator(walk: Walk, node: Node) -> int:
    """`left + right`; long sums are nested deeply."""
    walk.depth += 1
    if walk.depth >= DEEPEST:
        walk.depth -= 1
        return -1
    children = node.children
    left = walk.visit(children[0])
    right = walk.visit(children[-1])
    walk.depth -= 1
    return walk.add(Op.BINARY, children[1].type, left, right)


def truth(walk: Walk, node: Node) -> int:
    """A comparison or `not`."""
    inner(walk, node)
    return walk.literal("bool")


def await_(walk: Walk, node: Node) -> int:
    """`await value`."""
    value = only(walk, node)
    return walk.add(Op.AWAIT, value) if value >= 0 else -1


def yield_(walk: Walk, node: Node) -> int:
    """`yield value` and `yield from values`. What is sent back is not known."""
    value = only(walk, node)
    if node.child_count > 1 and node.children[1].type == "from":
        value = walk.element(value)
    walk.yields.append(value)
    return -1
