"""Mistakes in JavaScript and TypeScript that can be seen in one function."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from nootropic_lsp.analysis.structure.declared import check
from nootropic_lsp.analysis.structure.members import ASYNC
from nootropic_lsp.analysis.structure.sight import Change, Hit, Sight, at
from nootropic_lsp.analysis.structure.values import first_token, named

_FUNCTIONS = frozenset({"arrow_function", "function_expression"})


@check("javascript", "if_statement")
def assignment_in_condition(sight: Sight, node: Node) -> Iterator[Hit]:
    """`if (a = b)`; a second pair of parentheses says that it is meant."""
    condition = node.child_by_field_name("condition")
    inner = None if condition is None else named(condition)
    if inner is not None and inner.type == "assignment_expression":
        yield at(inner)


def _callback(sight: Sight, node: Node, methods: frozenset[str]) -> tuple[str, Node] | None:
    """The name of a called method and its first argument, where that is a function."""
    function = node.child_by_field_name("function")
    if function is None or function.type != "member_expression":
        return None
    method = sight.text(function.child_by_field_name("property"))
    if method not in methods:
        return None
    arguments = node.child_by_field_name("arguments")
    first = named(arguments) if arguments is not None else None
    return (method, first) if first is not None and first.type in _FUNCTIONS else None


def _is_async(function: Node) -> bool:
    first = first_token(function)
    return first is not None and first.type == "async"


@check("javascript", "call_expression", words=("forEach",))
def async_for_each(sight: Sight, node: Node) -> Iterator[Hit]:
    """`forEach` does not wait for what its callback promises."""
    found = _callback(sight, node, frozenset({"forEach"}))
    if found is None or not _is_async(found[1]):
        return
    body = found[1].child_by_field_name("body")
    if "await" in sight.text(body):
        yield Hit(found[1].start_byte, found[1].start_byte + len("async"))


@check("javascript", "call_expression", words=("filter", "some", "every", "find", "findIndex"))
def async_filter(sight: Sight, node: Node) -> Iterator[Hit]:
    """A promise always counts as true, so `filter` and the like keep everything."""
    found = _callback(sight, node, frozenset({"filter", "some", "every", "find", "findIndex"}))
    if found is not None and _is_async(found[1]):
        yield Hit(found[1].start_byte, found[1].start_byte + len("async"))


@check("javascript", "call_expression", words=("useEffect", "useLayoutEffect"))
def async_effect(sight: Sight, node: Node) -> Iterator[Hit]:
    """What an effect returns is called as its clean-up; a promise cannot be."""
    name = sight.text(node.child_by_field_name("function")).rpartition(".")[2]
    if name not in {"useEffect", "useLayoutEffect"}:
        return
    arguments = node.child_by_field_name("arguments")
    first = named(arguments) if arguments is not None else None
    if first is not None and first.type in _FUNCTIONS and _is_async(first):
        yield Hit(first.start_byte, first.start_byte + len("async"))


_RETURNING = frozenset(
    {"map", "filter", "find", "findIndex", "some", "every", "flatMap", "reduce", "reduceRight"}
)


@check("javascript", "call_expression", words=_RETURNING)
def missing_return(sight: Sight, node: Node) -> Iterator[Hit]:
    """The callback of `map` and the like has a body, but returns nothing."""
    found = _callback(sight, node, _RETURNING)
    if found is None:
        return
    method, function = found
    body = function.child_by_field_name("body")
    if body is None or body.type != "statement_block" or _is_async(function):
        return
    statements = [each for each in body.named_children if each.type != "comment"]
    if not statements or statements[-1].type == "throw_statement" or _returns(body):
        return
    owner = next(sight.ancestors(node), None)
    if owner is not None and owner.type == "expression_statement" and method == "map":
        return  # No more than an odd `forEach`.
    if method == "reduce" or (owner is not None and owner.type != "expression_statement"):
        yield Hit(
            function.start_byte,
            body.start_byte,
            f"the callback of `{method}` returns nothing",
        )


def _returns(body: Node) -> bool:
    waiting = list(body.named_children)
    while waiting:
        each = waiting.pop()
        if each.type in {"return_statement", "throw_statement"}:
            return True
        if each.type not in {
            "arrow_function", "function_expression", "function_declaration", "class_declaration",
            "class", "method_definition",
        }:  # fmt: skip
            waiting += each.named_children
    return False


@check("javascript", "switch_body")
def duplicate_case(sight: Sight, node: Node) -> Iterator[Hit]:
    """A value that the same `switch` has twice."""
    seen = set()
    for case in node.named_children:
        value = case.child_by_field_name("value")
        if value is None:
            continue
        text = sight.text(value)
        if text in seen and "(" not in text:
            yield at(value, f"an earlier case is for {text} already")
        seen.add(text)


@check("javascript", "object")
def duplicate_property(sight: Sight, node: Node) -> Iterator[Hit]:
    """A property that the same literal has twice."""
    seen: dict[str, str] = {}
    for pair in node.named_children:
        if pair.type == "spread_element":
            seen.clear()
        key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
        if pair.type != "pair" or key is None or key.type not in {
            "property_identifier", "string", "number",
        }:  # fmt: skip
            continue
        name = sight.text(key)
        if key.type == "string":
            name = name[1:-1]
        if name in seen and seen[name] != sight.text(value):
            yield at(key, f"`{name}` is here twice; only the last one counts")
        seen[name] = sight.text(value)


_PLAIN = frozenset({"identifier", "member_expression"})


@check("javascript", "binary_expression")
def self_comparison(sight: Sight, node: Node) -> Iterator[Hit]:
    """The same on both sides; `x !== x` and `x === x` ask whether a number is NaN."""
    operator = node.child_by_field_name("operator")
    if operator is None or operator.type not in {"<", ">", "<=", ">=", "&&", "||"}:
        return
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if (
        left is not None
        and right is not None
        and left.type == right.type
        and left.type in _PLAIN
        and sight.text(left) == sight.text(right)
    ):
        yield at(node)


@check("javascript", "assignment_expression")
def self_assignment(sight: Sight, node: Node) -> Iterator[Hit]:
    """Something is assigned to itself."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if (
        left is not None
        and right is not None
        and left.type == "identifier"
        and sight.text(left) == sight.text(right)
    ):
        yield at(node)


@check("javascript", "if_statement")
def duplicate_condition(sight: Sight, node: Node) -> Iterator[Hit]:
    """The same condition twice in one chain of `if` and `else if`."""
    owner = next(sight.ancestors(node), None)
    if owner is not None and owner.type == "else_clause":
        return
    seen = set()
    each: Node | None = node
    while each is not None and each.type == "if_statement":
        condition = each.child_by_field_name("condition")
        text = sight.text(condition)
        if condition is not None and text in seen and text.count("(") == 1 and "=>" not in text:
            yield at(condition, "an `if` above has the same condition")
        seen.add(text)
        alternative = each.child_by_field_name("alternative")
        each = None if alternative is None else named(alternative)


_ENDS = frozenset({"return_statement", "throw_statement", "break_statement", "continue_statement"})


@check("javascript", *sorted(_ENDS))
def unreachable_code(sight: Sight, node: Node) -> Iterator[Hit]:
    """What follows a return, throw, break or continue in the same block."""
    if node.parent is None or node.parent.type != "statement_block":
        return
    following = node.next_named_sibling
    while following is not None and following.type in _HARMLESS:
        following = following.next_named_sibling
    if following is not None and not following.is_error:
        last = node.parent.named_children[-1]
        yield Hit(following.start_byte, last.end_byte)


# Declarations hold above, too; types are no code.
_HARMLESS = frozenset(
    {"comment", "function_declaration", "generator_function_declaration", "empty_statement",
     "type_alias_declaration", "interface_declaration", "variable_declaration",
     "class_declaration"}
)  # fmt: skip


_TYPES = frozenset(
    {"undefined", "object", "boolean", "number", "string", "function", "symbol", "bigint"}
)


@check("javascript", "binary_expression")
def invalid_typeof(sight: Sight, node: Node) -> Iterator[Hit]:
    """`typeof` never gives what it is compared with."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    operator = node.child_by_field_name("operator")
    if left is None or right is None or operator is None or left.type != "unary_expression":
        return
    if operator.type not in {"==", "===", "!=", "!=="} or right.type != "string":
        return
    first = first_token(left)
    if first is not None and first.type == "typeof" and sight.value(right) not in _TYPES:
        yield at(right, f"`typeof` never gives {sight.text(right)}")


@check("javascript", "binary_expression")
def negated_left_side(sight: Sight, node: Node) -> Iterator[Hit]:
    """`!a in b` negates `a`, not the question."""
    left = node.child_by_field_name("left")
    operator = node.child_by_field_name("operator")
    first = None if left is None or left.type != "unary_expression" else first_token(left)
    if (
        left is not None
        and operator is not None
        and operator.type in {"in", "instanceof"}
        and first is not None
        and first.type == "!"
    ):
        changes = (
            Change(first.end_byte, first.end_byte, "("),
            Change(node.end_byte, node.end_byte, ")"),
        )
        yield at(node, changes=changes, title="Negate the question")


@check("javascript", "binary_expression")
def new_object_comparison(sight: Sight, node: Node) -> Iterator[Hit]:
    """A literal is a new object, which equals nothing."""
    operator = node.child_by_field_name("operator")
    if operator is None or operator.type not in {"===", "!==", "=="}:
        return
    for side in (node.child_by_field_name("left"), node.child_by_field_name("right")):
        if side is not None and side.type in {"array", "object"} and (
            operator.type != "==" or side.type == "object"
        ):  # fmt: skip
            yield at(node)
            return


@check("javascript", "expression_statement")
def missing_await(sight: Sight, node: Node) -> Iterator[Hit]:
    """A test that does not wait for its expectation; a `try` that waits for nothing."""
    call = named(node)
    if call is None or call.type != "call_expression":
        return
    function = call.child_by_field_name("function")
    text = sight.text(function)
    if re.match(r"expect\(", text) and re.search(r"\)\.(?:rejects|resolves)\.", text):
        if re.search(r"\)\.(?:rejects|resolves)(?:\.not)?\.\w+$", text):
            yield from _not_awaited(sight, node, call)
        return
    if function is None or function.type != "identifier" or sight.callee(call) != ASYNC.name:
        return
    # Elsewhere somebody may not want to wait.
    block = next(sight.ancestors(node), None)
    owner = None if block is None else next(sight.ancestors(block), None)
    body = None if owner is None else owner.child_by_field_name("body")
    if owner is not None and owner.type == "try_statement" and body == block:
        yield from _not_awaited(sight, node, call)


def _not_awaited(sight: Sight, node: Node, call: Node) -> Iterator[Hit]:
    function = sight.function_of(node)
    if function is not None and _is_async(function):
        change = Change(call.start_byte, call.start_byte, "await ")
        yield at(call, changes=(change,), title="Await it")


@check("javascript", "call_expression", words=("reduce",))
def spread_in_reduce(sight: Sight, node: Node) -> Iterator[Hit]:
    """`reduce` that copies all that it has gathered in every round."""
    found = _callback(sight, node, frozenset({"reduce"}))
    if found is None:
        return
    _, function = found
    parameters = function.child_by_field_name("parameters")
    first = None if parameters is None else named(parameters)
    if first is not None and first.type == "required_parameter":
        first = first.child_by_field_name("pattern")
    body = function.child_by_field_name("body")
    if first is None or first.type != "identifier" or body is None:
        return
    name = re.escape(sight.text(first))
    pattern = rf"(?:^\(?|return )\s*[\[{{]\s*\.\.\.{name}\s*,"
    place = re.search(pattern, sight.text(body))
    if place is not None:
        start = body.start_byte + len(sight.text(body)[: place.start()].encode())
        yield Hit(start, start + len(place[0].encode()))


@check("javascript", "catch_clause")
def swallowed_exception(sight: Sight, node: Node) -> Iterator[Hit]:
    """A `catch` with nothing in it, not even a comment that says why."""
    body, caught = node.child_by_field_name("body"), node.child_by_field_name("parameter")
    # `catch {` and `catch (_error)` say that it is known.
    if body is None or caught is None or sight.text(caught).startswith("_"):
        return
    line_end = sight.data.find(b"\n", node.end_byte)
    if body.child_count == 2 and b"//" not in sight.data[node.end_byte : line_end]:
        yield at(node)


_WEAK = re.compile(
    r"des(?:-|$)|des3|rc4|rc2|bf(?:-|$)|blowfish|(?:aes-?\d*-|id-aes\d*-)?ecb|.*-ecb$|cast|idea",
    re.IGNORECASE,
)


@check("javascript", "call_expression", words=("createCipheriv", "createDecipheriv"))
def weak_cipher(sight: Sight, node: Node) -> Iterator[Hit]:
    """A cipher by a weak name, or one with an initialisation vector that never changes."""
    if not sight.callee(node).startswith("crypto."):
        return
    arguments = sight.arguments(node)
    name = arguments.value("0")
    if isinstance(name, str) and _WEAK.match(name):
        yield at(node, f"{name} can be broken")
    elif sight.callee(node).endswith("createCipheriv") and _is_constant_bytes(
        sight, arguments.node("2")
    ):
        yield at(arguments.node("2") or node, "the same initialisation vector every time")


def _is_constant_bytes(sight: Sight, node: Node | None) -> bool:
    if node is None or sight.value(node) is None:
        return False
    if node.type == "identifier":
        values = sight.assigned(sight.text(node), node.start_byte)
        if len(values) == 1 and values[0].type != "identifier":
            return _is_constant_bytes(sight, values[0])
    if isinstance(sight.value(node), str):
        return True
    if sight.name(node) == "Buffer.alloc()":
        function = sight.function_of(node)
        return not re.search(r"random|getRandomValues|\.copy\(|\.write", sight.text(function))
    if node.type == "call_expression" and sight.callee(node) == "Buffer.from":
        return isinstance(sight.arguments(node).value("0"), str)
    return False


@check("javascript", "call_expression", words=("decode",))
def jwt_only_decoded(sight: Sight, node: Node) -> Iterator[Hit]:
    """What a token says, believed without a look at its signature."""
    if sight.callee(node) == "jsonwebtoken.decode" and "verify" not in sight.words:
        yield at(node)
