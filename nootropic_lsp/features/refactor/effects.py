"""What an expression does when it is evaluated, and what has been evaluated before it.

Moving an expression must change neither what it gives nor what anything else gives. So there
are three levels: `STILL` gives the same wherever it stands, `READING` looks at values that
others can change (and may fail), `ACTING` may do anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nootropic_lsp.features.refactor.grammars import GRAMMARS, PYTHON, SCRIPT, Grammar
from nootropic_lsp.features.refactor.source import Source
from nootropic_lsp.features.refactor.variables import Occurrence
from nootropic_lsp.index.nodes import Node

STILL, READING, ACTING = 0, 1, 2


# ---- what an expression does


def level(source: Source, node: Node) -> int:
    """What evaluating a node may do: `STILL`, `READING` or `ACTING`."""
    grammar = GRAMMARS[source.family]
    found = STILL
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if each.kind in grammar.opaque:
            continue
        if each.kind in ("comparison_operator", "binary_expression", "unary_expression"):
            found = max(found, _operator_level(each))
            waiting += each.named
        elif each.kind in grammar.reading:
            found = READING
            waiting += each.named
        elif each.kind in grammar.names:
            occurrence = occurrence_at(source, each.start)
            if occurrence is not None and not source.variables.is_steady(occurrence):
                found = max(found, READING)
        elif each.kind in grammar.still:
            waiting += each.children
        elif each.is_named:
            return ACTING
    return found


def _operator_level(node: Node) -> int:
    signs = {each.kind for each in node.children if not each.is_named}
    if signs & {"delete"}:
        return ACTING
    return (
        STILL
        if signs <= {"is", "is not", "===", "!==", "&&", "||", "??", "!", "typeof"}
        else READING
    )


def occurrence_at(source: Source, offset: int) -> Occurrence | None:
    """The variable that is written at an offset."""
    return next(iter(source.variables.between(offset, offset + 1)), None)


def is_constant(node: Node) -> bool:
    """Whether it is made of literals only, and is the same object however often it is made."""
    return all(
        each.kind
        in (
            *("integer", "float", "true", "false", "none", "string", "tuple", "number", "null"),
            *("string_start", "string_content", "string_end", "string_fragment", "undefined"),
            *(
                "concatenated_string",
                "parenthesized_expression",
                "escape_sequence",
                "unary_operator",
            ),
            *("unary_expression", "template_string", "binary_operator", "escape_interpolation"),
        )
        for each in node.walk()
        if each.is_named and not each.is_comment
    )


def is_shareable(source: Source, node: Node) -> bool:
    """Whether making it once instead of twice gives the same: no new object, no effect."""
    fresh = {
        *("list", "dictionary", "set", "lambda", "array", "object", "arrow_function", "regex"),
        *("function_expression", "new_expression", "class", "list_splat", "spread_element"),
    }
    return level(source, node) < ACTING and not any(each.kind in fresh for each in node.walk())


def stores(source: Source, start: int, end: int) -> Iterator[Node]:
    """What a stretch of the text writes into objects: targets such as `a.b = …`, `del a[0]`."""
    for node in source.root.around(start, end).walk():
        if node.end <= start or node.start >= end:
            continue
        if node.kind in _WRITING:
            target = node.child("left") or node.child("alias") or node.child("argument")
            for each in (target or node).walk() if target or node.kind in _ALL_TARGET else ():
                if each.kind in _MEMBERS and each.start >= start and each.end <= end:
                    yield each


_ALL_TARGET = frozenset({"delete_statement", "update_expression"})
_WRITING = _ALL_TARGET | {
    *("assignment", "augmented_assignment", "assignment_expression", "for_statement"),
    *("augmented_assignment_expression", "as_pattern", "for_in_statement"),
}
_MEMBERS = ("attribute", "subscript", "member_expression", "subscript_expression")


def acts_between(source: Source, start: int, end: int) -> bool:
    """Whether anything in a stretch of the text may change what an object holds."""
    if start >= end:
        return False
    acting = {
        *("call", "await", "yield", "for_in_clause", "import_statement", "import_from_statement"),
        *("with_statement", "for_statement", "delete_statement", "exec_statement"),
        *("call_expression", "new_expression", "await_expression", "yield_expression"),
        *("for_in_statement", "update_expression", "assignment_expression"),
        *("augmented_assignment_expression", "augmented_assignment"),
    }
    for node in source.root.around(start, end).walk():
        if node.kind in acting and start <= node.start and node.end <= end:
            return True
    return any(True for _ in stores(source, start, end))


# ---- what comes before


def statement_of(node: Node, grammar: Grammar) -> Node | None:
    """The innermost statement around a node that stands directly in a block."""
    while node.parent is not None:
        if node.parent.kind in grammar.blocks or node.parent.kind == "switch_case":
            return node
        node = node.parent
    return None


def evaluated_before(statement: Node, node: Node, grammar: Grammar) -> list[Node] | None:
    """What a statement evaluates before a node in it, the latest first.

    None where the node is not evaluated exactly once each time the statement is run.
    """
    found: list[Node] = []
    while node is not statement:
        parent = node.parent
        assert parent is not None
        before = (_before_python if grammar is PYTHON else _before_script)(parent, node)
        if before is None:
            return None
        found += reversed(before)
        node = parent
    return found


_HEADS = {
    # The one part of a statement that is always evaluated, first and once.
    "if_statement": "condition",
    "for_statement": "right",
    "match_statement": "subject",
    "function_definition": "parameters",
    "class_definition": "superclasses",
}
_NEVER = frozenset(
    [
        "while_statement",
        "elif_clause",
        "else_clause",
        "except_clause",
        "finally_clause",
        "case_clause",
        "try_statement",
        "type",
        "except_group_clause",
        "block",
    ]
)


def _before_python(parent: Node, node: Node) -> list[Node] | None:
    kind = parent.kind
    named = list(parent.named)
    at = next(number for number, each in enumerate(parent.named) if each is node)
    if kind in _NEVER:
        return None
    if kind in _HEADS:
        return [] if node.field == _HEADS[kind] else None
    if kind in ("assignment", "augmented_assignment", "named_expression"):
        if node.field == "type":
            return None
        right = parent.child("right")
        if kind == "assignment" and node.field == "left":
            return None if right is None else [right]
        return named[:at] if kind == "augmented_assignment" else []
    if kind in ("boolean_operator", "assert_statement"):
        return [] if at == 0 else None
    if kind == "conditional_expression":
        return [] if at == 1 else None
    if kind == "comparison_operator":
        return named[:at] if at < 2 else None
    if kind == "lambda":
        return [] if node.field == "parameters" else None
    if kind in PYTHON.comprehensions:
        # Only what is looped over first is evaluated once, and at once.
        return [] if node is next(each for each in named if each.kind == "for_in_clause") else None
    if kind == "for_in_clause":
        return [] if node.field == "right" else None
    if kind == "with_clause":
        return [] if at == 0 else None
    if kind in ("typed_parameter", "typed_default_parameter", "default_parameter"):
        return [] if node.field == "value" else None
    if kind == "interpolation" and any(each.kind == "=" for each in parent.children):
        return None
    return named[:at]


def _before_script(parent: Node, node: Node) -> list[Node] | None:
    kind = parent.kind
    named = list(parent.named)
    at = next(number for number, each in enumerate(parent.named) if each is node)
    if kind in ("if_statement", "switch_statement", "with_statement"):
        return [] if node.field in ("condition", "value", "object") else None
    if kind == "for_in_statement":
        return [] if node.field == "right" else None
    if kind == "for_statement":
        return [] if node.field == "initializer" else None
    if kind in ("while_statement", "do_statement", "try_statement", "catch_clause", "else_clause",
                "switch_case", "switch_default", "finally_clause", "labeled_statement",
                *SCRIPT.functions, "class_body", "formal_parameters", "jsx_element",
                "type_annotation"):  # fmt: skip
        return None
    if kind == "binary_expression":
        sign = next((each.kind for each in parent.children if not each.is_named), "")
        return named[:at] if at == 0 or sign not in ("&&", "||", "??") else None
    if kind == "ternary_expression":
        return [] if at == 0 else None
    if kind in ("assignment_expression", "augmented_assignment_expression"):
        sign = next((each.kind for each in parent.children if not each.is_named), "=")
        return None if at and sign in ("&&=", "||=", "??=") else named[:at]
    if kind in ("member_expression", "subscript_expression", "call_expression") and any(
        each.kind == "optional_chain" for each in parent.children
    ):
        return [] if at == 0 else None
    if kind == "variable_declarator":
        return [] if node.field == "value" else None
    return named[:at]


def disturbing(source: Source, before: Sequence[Node], moved: int) -> Node | None:
    """What stands in the way of evaluating an expression of a level before all of these."""
    if moved == STILL:
        return None
    for node in before:
        is_callee = node.field in ("function", "constructor") or _is_place(node)
        its = STILL if is_callee and _is_plain_chain(node) else level(source, node)
        if its == ACTING or (moved == ACTING and its == READING):
            return node
    return None


def _is_place(node: Node) -> bool:
    """The target of a plain assignment, of which only the object is evaluated first."""
    parent = node.parent
    return node.field == "left" and parent is not None and parent.kind == "assignment_expression"


def _is_plain_chain(node: Node) -> bool:
    """`a.b.c`: where a method is found does not depend on its arguments."""
    while node.kind in ("attribute", "member_expression"):
        if not node.named:
            return False
        node = node.named[0]
    return node.kind in ("identifier", "this", "super")


def in_optional_chain(node: Node, grammar: Grammar) -> bool:
    """Whether a `?.` further left may keep it from being evaluated."""
    for each in node.ancestors():
        if each.kind in grammar.blocks:
            return False
        inner = each
        while inner.kind in _CHAIN and inner.named:
            if any(
                one.kind == "optional_chain" and one.start < node.start for one in inner.children
            ):
                return True
            inner = inner.named[0]
    return False


_CHAIN = frozenset({"call_expression", "member_expression", "subscript_expression"})
