"""Mistakes in Python that can be seen in one function."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from nootropic_lsp.analysis.structure.declared import check
from nootropic_lsp.analysis.structure.sight import Change, Hit, Sight, at
from nootropic_lsp.analysis.structure.values import UNKNOWN, named

_MUTABLE = frozenset(
    {"list", "dictionary", "set", "list_comprehension", "dictionary_comprehension"}
)
_MAKERS = frozenset({"list", "dict", "set", "collections.defaultdict", "collections.deque"})
_MUTATING = (
    r"append|extend|insert|add|update|setdefault|pop|popitem|remove|discard|clear|sort|reverse"
)


_MADE = "[(list) (dictionary) (set) (list_comprehension) (dictionary_comprehension) (call)]"


@check(
    "python",
    f"(default_parameter value: {_MADE}) @here",
    f"(typed_default_parameter value: {_MADE}) @here",
)
def mutable_default(sight: Sight, node: Node) -> Iterator[Hit]:
    """A list, dict or set as a default that its own function changes."""
    name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
    if (
        name is None
        or value is None
        or not (value.type in _MUTABLE or (value.type == "call" and sight.callee(value) in _MAKERS))
    ):
        return
    function = sight.function_of(node)
    body = None if function is None else function.child_by_field_name("body")
    if body is None:
        return
    word, text = re.escape(sight.text(name)), sight.text(body)
    changes = rf"(?<![\w.]){word}(?:\.(?:{_MUTATING})\(|\s*\+=|\[[^\]\n]*\]\s*(?:[-+*|]?=)(?!=))"
    # Given another value before it is changed, it is no longer the default.
    anew = rf"(?<![\w.]){word}\s*(?::[^=\n]*)?=(?!=)"
    if re.search(changes, text) and not re.search(anew, text):
        given = _given_inside(sight, node, value, body)
        yield at(
            value, changes=given, title=f"Make it in the function if `{sight.text(name)}` is None"
        )


def _given_inside(sight: Sight, node: Node, value: Node, body: Node) -> tuple[Change, ...]:
    """None as the default, and the value made by the function itself, below its docstring."""
    statements = [each for each in body.named_children if each.type != "comment"]
    if statements and statements[0].type == "expression_statement":
        first = named(statements[0])
        if first is not None and first.type == "string":
            statements = statements[1:]
    # With an annotation, that would have to say so; a body of one line has no room.
    if node.type == "typed_default_parameter" or not statements:
        return ()
    start = statements[0].start_byte
    line = sight.data.rfind(b"\n", 0, start) + 1
    indent = sight.data[line:start].decode("utf-8", "replace")
    if indent.strip() or line <= node.end_byte:
        return ()
    name = sight.text(node.child_by_field_name("name"))
    step = "\t" if "\t" in indent else "    "
    text = f"if {name} is None:\n{indent}{step}{name} = {sight.text(value)}\n{indent}"
    return Change(value.start_byte, value.end_byte, "None"), Change(start, start, text)


@check("python", "comparison_operator")
def is_literal(sight: Sight, node: Node) -> Iterator[Hit]:
    """`is` beside a string, a number or a new object."""
    operators = node.children_by_field_name("operators")
    if len(operators) != 1 or node.named_child_count != 2:
        return
    operator = operators[0]
    if operator.type not in {"is", "is not"}:
        return
    for side in node.named_children:
        if side.type in {"string", "integer", "float", "tuple", "list", "dictionary", "set"} or (
            side.type == "unary_operator" and isinstance(sight.value(side), int | float)
        ):
            equal = "==" if operator.type == "is" else "!="
            change = Change(operator.start_byte, operator.end_byte, equal)
            yield at(node, changes=(change,), title=f"Compare with `{equal}`")
            return


_PLAIN = frozenset({"identifier", "attribute"})


@check("python", "comparison_operator")
def self_comparison(sight: Sight, node: Node) -> Iterator[Hit]:
    """The same on both sides; `x != x` and `x == x` ask whether a number is NaN."""
    operators = node.children_by_field_name("operators")
    if len(operators) != 1 or node.named_child_count != 2:
        return
    left, right = node.named_children
    if (
        left.type == right.type
        and left.type in _PLAIN
        and operators[0].type not in {"!=", "=="}
        and sight.text(left) == sight.text(right)
        and not sight.is_test
    ):
        yield at(node)


_ENDS = frozenset({"return_statement", "raise_statement", "break_statement", "continue_statement"})


@check("python", *(f"(block ({kind}) @here (_))" for kind in sorted(_ENDS)))
def unreachable_code(sight: Sight, node: Node) -> Iterator[Hit]:
    """What follows a return, raise, break or continue in the same block."""
    following = node.next_named_sibling
    while following is not None and following.type == "comment":
        following = following.next_named_sibling
    if following is None or node.parent is None or node.parent.type != "block":
        return
    last = node.parent.named_children[-1]
    # A `yield` that is never reached makes a function a generator.
    rest = sight.data[following.start_byte : last.end_byte]
    if b"yield" not in rest and not following.is_error:
        yield Hit(following.start_byte, last.end_byte)


@check("python", "dictionary")
def duplicate_key(sight: Sight, node: Node) -> Iterator[Hit]:
    """A key that the same literal has twice, with different values."""
    seen: dict[str, str] = {}
    for pair in node.named_children:
        key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
        if pair.type != "pair" or key is None or key.type not in {"string", "integer"}:
            continue
        plain = sight.value(key)
        if plain is UNKNOWN:
            continue
        before = seen.get(repr(plain))
        if before is not None and before != sight.text(value):
            yield at(key, f"the key {sight.text(key)} is here twice; only the last one counts")
        seen[repr(plain)] = sight.text(value)


@check("python", "lambda")
def late_binding(sight: Sight, node: Node) -> Iterator[Hit]:
    """A lambda made in a loop and kept for later, which will see the last value only."""
    loop = keeper = None
    for each in sight.ancestors(node):
        if each.type in {"function_definition", "lambda", "class_definition"}:
            return
        if each.type in {"call", "assignment", "return_statement", "pair"} and keeper is None:
            keeper = each
        if each.type in {"for_statement", "list_comprehension"}:
            loop = each
            break
    if loop is None or (loop.type == "list_comprehension" and keeper is not None):
        return
    if loop.type == "for_statement":
        left = loop.child_by_field_name("left")
        if keeper is None or not _keeps(sight, keeper):
            return
    else:
        clause = next((each for each in loop.named_children if each.type == "for_in_clause"), None)
        left = None if clause is None else clause.child_by_field_name("left")
    parameters = sight.text(node.child_by_field_name("parameters"))
    body = sight.text(node.child_by_field_name("body"))
    for name in re.findall(r"\w+", sight.text(left)):
        if re.search(rf"(?<![\w.]){name}\b(?!\s*=[^=])", body) and not re.search(
            rf"\b{name}\b", parameters
        ):
            yield at(node, f"`{name}` will have its last value when this is called")
            return


def _keeps(sight: Sight, keeper: Node) -> bool:
    if keeper.type == "assignment":
        left = keeper.child_by_field_name("left")
        return left is not None and left.type == "subscript"
    return keeper.type == "call" and sight.text(keeper.child_by_field_name("function")).endswith(
        (".append", ".add", ".add_done_callback", ".connect")
    )


@check("python", "assert_statement")
def assert_on_tuple(sight: Sight, node: Node) -> Iterator[Hit]:
    """`assert (condition, message)`, which always holds."""
    told = named(node)
    if told is not None and told.type == "tuple" and told.named_child_count:
        change = Change(told.start_byte, told.end_byte, sight.text(told)[1:-1].rstrip(", "))
        yield at(node, changes=(change,), title="Take the parentheses away")


@check("python", "raise_statement")
def raise_not_implemented(sight: Sight, node: Node) -> Iterator[Hit]:
    """`raise NotImplemented`, which is no exception."""
    raised = named(node)
    if raised is not None and raised.type == "call":
        raised = raised.child_by_field_name("function")
    if raised is not None and sight.name(raised) == "NotImplemented":
        change = Change(raised.start_byte, raised.end_byte, "NotImplementedError")
        yield at(node, changes=(change,), title="Raise NotImplementedError")


_EXCEPTIONS = frozenset(
    {
        "Exception", "ValueError", "TypeError", "KeyError", "IndexError", "RuntimeError",
        "AttributeError", "NotImplementedError", "OSError", "PermissionError", "LookupError",
        "ArithmeticError", "AssertionError", "ImportError", "TimeoutError", "FileNotFoundError",
    }
)  # fmt: skip


@check("python", "(expression_statement (call function: (identifier))) @here")
def exception_not_raised(sight: Sight, node: Node) -> Iterator[Hit]:
    """An exception that is made and thrown away."""
    made = named(node)
    if (
        made is not None
        and made.type == "call"
        and sight.text(made.child_by_field_name("function")) in _EXCEPTIONS
        and sight.callee(made) in _EXCEPTIONS
        and not any(each.type == "with_statement" for each in sight.ancestors(node))
    ):
        yield at(node, changes=(Change(made.start_byte, made.start_byte, "raise "),),
                 title="Raise it")  # fmt: skip


_LITERALS = frozenset({"string", "integer", "float", "none", "true", "false"})


@check("python", "(expression_statement (comparison_operator)) @here")
def useless_comparison(sight: Sight, node: Node) -> Iterator[Hit]:
    """A comparison with `==` whose result nobody sees."""
    compared = named(node)
    if compared is None or compared.type != "comparison_operator" or node.named_child_count != 1:
        return
    operators = compared.children_by_field_name("operators")
    # `with raises(...)` and `try` may want to see it fail.
    around = {"with_statement", "try_statement"}
    if (
        [each.type for each in operators] == ["=="]
        and named(compared).type in {*_PLAIN, "subscript"}  # type: ignore[union-attr]
        and compared.named_children[-1].type in _LITERALS
        and not any(each.type in around for each in sight.ancestors(node))
        and sight.function_of(node) is not None
    ):
        yield at(node)


_SHRINKING = re.compile(rb"\.(?:remove|pop|popitem|insert)\(|del ")


@check("python", "for_statement")
def changed_while_iterated(sight: Sight, node: Node) -> Iterator[Hit]:
    """A list or dict that loses or gains elements in the loop over it."""
    over, body = node.child_by_field_name("right"), node.child_by_field_name("body")
    if over is None or body is None or over.type not in _PLAIN:
        return
    text = sight.data[body.start_byte : body.end_byte]
    if not _SHRINKING.search(text):
        return
    name = re.escape(sight.text(over))
    pattern = re.compile(
        rf"(?<![\w.])(?:{name}\.(?:remove|pop|popitem|insert)\(|del {name}\[)".encode()
    )
    for found in pattern.finditer(text):
        start = body.start_byte + found.start()
        inner = node.descendant_for_byte_range(start, start + 1)
        statement = inner
        while statement is not None and not (statement.parent and statement.parent.type == "block"):
            statement = statement.parent
        if statement is None or inner is None or inner.type in {"comment", "string_content"}:
            continue
        scope = next(filter(lambda each: each.type in {"for_statement", "while_statement",
                     "function_definition", "lambda"}, sight.ancestors(statement)), None)  # fmt: skip
        if scope is None or scope.id != node.id or _is_left_after(statement):
            continue
        if re.search(rb"(?<![\w.])" + name.encode() + rb"\s*=[^=]", text):
            continue
        if any(
            each.type == "with_clause" and _RAISING.search(sight.text(each))
            for around in sight.ancestors(statement)
            if around.type == "with_statement"
            for each in around.named_children
        ):
            continue
        yield at(statement, f"`{sight.text(over)}` is changed while the loop goes over it")


# `with raises(...)` wants to see it fail.
_RAISING = re.compile(r"[rR]aises|suppress")


def _is_left_after(statement: Node) -> bool:
    """Whether the loop ends after a statement, as far as one can see."""
    block = statement.parent
    while block is not None and block.type == "block":
        if any(each.type in _ENDS - {"continue_statement"} for each in block.named_children):
            return True
        owner = block.parent
        if owner is None or owner.type in {"for_statement", "while_statement"}:
            return False
        while owner is not None and not (owner.parent and owner.parent.type == "block"):
            owner = owner.parent
        block = None if owner is None else owner.parent
        if owner is not None and owner.type in {"for_statement", "while_statement"}:
            return False
    return False


_PARENTS = {
    "BaseException": 0, "Exception": 1, "OSError": 2, "IOError": 2, "LookupError": 2,
    "ArithmeticError": 2, "ValueError": 2,
}  # fmt: skip
_CHILDREN = {
    "LookupError": ("KeyError", "IndexError"),
    "OSError": ("FileNotFoundError", "PermissionError", "ConnectionError", "TimeoutError",
                "FileExistsError", "IsADirectoryError", "NotADirectoryError"),
    "ArithmeticError": ("ZeroDivisionError", "OverflowError"),
    "ValueError": ("UnicodeError", "UnicodeDecodeError", "UnicodeEncodeError"),
}  # fmt: skip
_BUILTIN = frozenset(_EXCEPTIONS.union(*_CHILDREN.values(), _PARENTS))


@check("python", "try_statement")
def unreachable_except(sight: Sight, node: Node) -> Iterator[Hit]:
    """An `except` for what one before it has caught already."""
    caught: set[str] = set()
    for clause in node.named_children:
        if clause.type != "except_clause":
            continue
        told = named(clause)
        if told is None or told.type == "block":
            return
        if told.type == "as_pattern":
            told = named(told) or told
        types = told.named_children if told.type == "tuple" else [told]
        names = [sight.name(each) for each in types]
        if all(name in _BUILTIN for name in names) and all(
            _is_caught(name, caught) for name in names
        ):
            yield at(told, "an `except` above has caught this already")
        caught |= {name for name in names if name in _BUILTIN}


def _is_caught(name: str, caught: set[str]) -> bool:
    return (
        name in caught
        or (name != "BaseException" and "BaseException" in caught)
        or ("Exception" in caught and name != "BaseException")
        or any(name in _CHILDREN.get(parent, ()) for parent in caught)
    )


@check("python", "(if_statement alternative: (elif_clause)) @here")
def duplicate_condition(sight: Sight, node: Node) -> Iterator[Hit]:
    """The same condition twice in one chain of `if` and `elif`."""
    first = node.child_by_field_name("condition")
    seen = {sight.text(first)}
    for clause in node.children_by_field_name("alternative"):
        condition = clause.child_by_field_name("condition")
        if condition is None:
            continue
        text = sight.text(condition)
        if text in seen and "(" not in text and ":=" not in text:
            yield at(condition, "an `if` or `elif` above has the same condition")
        seen.add(text)


@check("python", "(assignment left: (identifier) right: (identifier)) @here")
def self_assignment(sight: Sight, node: Node) -> Iterator[Hit]:
    """Something is assigned to itself."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if (
        left is not None
        and right is not None
        and left.type == right.type
        # Setting an attribute can run code; a plain name cannot.
        and left.type == "identifier"
        and node.child_by_field_name("type") is None
        and sight.text(left) == sight.text(right)
        and (function := sight.function_of(node)) is not None
        and not re.search(rf"\b(?:global|nonlocal)\b.*\b{re.escape(sight.text(left))}\b",
                          sight.text(function))
        and not any(each.type == "class_definition" for each in sight.ancestors(node))
        and not sight.is_test
    ):  # fmt: skip
        yield at(node)


@check("python", "(boolean_operator left: (comparison_operator) right: [(string) (integer)]) @here")
def constant_operand(sight: Sight, node: Node) -> Iterator[Hit]:
    """`x == "a" or "b"`, which always holds."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    operator = node.child_by_field_name("operator")
    if left is None or right is None or operator is None or operator.type != "or":
        return
    if left.type != "comparison_operator" or right.type not in {"string", "integer"}:
        return
    operators = [each.type for each in left.children_by_field_name("operators")]
    if operators == ["=="] and sight.value(right) and _is_condition(sight, node):
        yield at(node)


def _is_condition(sight: Sight, node: Node) -> bool:
    around = next(sight.ancestors(node), None)
    return around is not None and around.type in {
        "if_statement", "elif_clause", "while_statement", "boolean_operator",
        "assert_statement", "not_operator", "parenthesized_expression",
    }  # fmt: skip


@check("python", "except_clause")
def swallowed_exception(sight: Sight, node: Node) -> Iterator[Hit]:
    """An `except` for everything that does nothing about it."""
    told = named(node)
    body = node.named_children[-1] if node.named_children else None
    if body is None or body.type != "block" or told is None:
        return
    is_bare = told.id == body.id
    name = "" if is_bare else sight.name(named(told) if told.type == "as_pattern" else told)
    if not is_bare and name != "BaseException":
        return
    text = sight.text(body)
    statements = [each for each in body.named_children if each.type != "comment"]
    if not statements or re.search(r"raise|exit|abort|exc_info|exception|exc\b", text):  # fmt: skip
        return
    if all(each.type in {"pass_statement", "continue_statement"} for each in statements) or is_bare:
        end = told.start_byte if is_bare else told.end_byte
        head = sight.data[node.start_byte : end].rstrip()
        change = Change(node.start_byte + 6, node.start_byte + 6, " Exception")
        yield Hit(
            node.start_byte,
            node.start_byte + len(head),
            changes=(change,) if is_bare else (),
            title="Catch Exception only",
        )


@check("python", "(expression_statement (assignment right: (call function: (attribute)))) @here")
def result_is_none(sight: Sight, node: Node) -> Iterator[Hit]:
    """`xs = xs.sort()`: the list is sorted in place, and the result is None."""
    assignment = named(node)
    if assignment is None or assignment.type != "assignment":
        return
    left, call = assignment.child_by_field_name("left"), assignment.child_by_field_name("right")
    if left is None or call is None or call.type != "call":
        return
    function = call.child_by_field_name("function")
    if function is None or function.type != "attribute":
        return
    method = sight.text(function.child_by_field_name("attribute"))
    owner = function.child_by_field_name("object")
    if method == "shuffle":
        is_none = sight.callee(call) == "random.shuffle"
    else:
        is_none = method in {"append", "extend", "reverse", "sort", "insert"} and (
            isinstance(sight.value(owner), list)
            or (owner is not None and owner.type in {"list", "list_comprehension"})
        )
    if is_none:
        yield at(node)
