"""Where control goes in Python and JavaScript: what never runs on, and which names surely have a value."""

from __future__ import annotations

from collections.abc import Iterator

from nootropic_lsp.features.refactor.source import Source
from nootropic_lsp.features.refactor.variables import Variable
from nootropic_lsp.index.nodes import Node

BLOCKS = frozenset({"block", "module", "statement_block", "program"})
LOOPS = frozenset({"for_statement", "while_statement", "for_in_statement", "do_statement"})
_LEAVING = frozenset(
    {"return_statement", "raise_statement", "throw_statement", "break_statement",
     "continue_statement"}
)  # fmt: skip
_SIMPLE = frozenset(
    [
        "expression_statement",
        "import_statement",
        "import_from_statement",
        "function_definition",
        "class_definition",
        "decorated_definition",
        "return_statement",
        "assert_statement",
        "lexical_declaration",
        "variable_declaration",
        "function_declaration",
        "class_declaration",
        "type_alias_statement",
    ]
)
_CONDITIONAL = frozenset(
    [
        "named_expression",
        "boolean_operator",
        "conditional_expression",
        "lambda",
        "list_comprehension",
        "set_comprehension",
        "dictionary_comprehension",
        "generator_expression",
    ]
)


def leaves(node: Node | None) -> bool:
    """Whether a statement or block surely does not run on to what follows it."""
    if node is None:
        return False
    if node.kind in _LEAVING:
        return True
    if node.kind in BLOCKS or node.kind == "else_clause":
        body = node.child("body") if node.kind == "else_clause" else None
        if body is not None:
            return leaves(body)
        return bool(node.named) and leaves(node.named[-1])
    if node.kind == "if_statement":
        arms = list(_arms(node))
        return bool(arms) and _has_else(node) and all(map(leaves, arms))
    if node.kind == "with_statement":
        return leaves(node.child("body")) and not may_swallow(node)
    if node.kind == "try_statement":
        last = [each for each in node.children if each.kind == "finally_clause"]
        if last and leaves(_block_of(last[0])):
            return True
        handlers = [each for each in node.children if each.kind in _HANDLERS]
        ends = leaves(node.child("body")) or any(
            each.kind == "else_clause" and leaves(each) for each in node.children
        )
        return ends and all(leaves(_block_of(each)) for each in handlers)
    return False


_HANDLERS = frozenset({"except_clause", "except_group_clause", "catch_clause"})


def may_swallow(node: Node) -> bool:
    """Whether a `with` is made to let errors vanish."""
    clause = next((each for each in node.named if each.kind == "with_clause"), None)
    return clause is None or any(word in clause.text for word in ("suppress", "raises", "ignor"))


def _arms(node: Node) -> Iterator[Node]:
    for each in node.children:
        if each.field == "consequence" or (each.field == "alternative" and each.kind in BLOCKS):
            yield each
        elif each.kind == "elif_clause":
            found = each.child("consequence")
            if found is not None:
                yield found
        elif each.kind == "else_clause":
            yield _block_of(each) or each


def _has_else(node: Node) -> bool:
    return any(each.kind == "else_clause" for each in node.children)


def _block_of(node: Node) -> Node | None:
    return next((each for each in node.children if each.kind in BLOCKS), None)


def binds_surely(source: Source, node: Node | None, variable: Variable) -> bool:
    """Whether a name surely has a value if control runs on behind a statement or block."""
    if node is None:
        return False
    if leaves(node):
        return True
    if node.kind in BLOCKS:
        return any(binds_surely(source, each, variable) for each in node.named)
    if node.kind in _SIMPLE:
        return _binds(source, node.start, node.end, variable)
    if node.kind == "if_statement":
        condition = node.child("condition")
        if condition is not None and _walrus(source, condition, variable):
            return True
        arms = list(_arms(node))
        return _has_else(node) and all(binds_surely(source, arm, variable) for arm in arms)
    if node.kind == "with_statement":
        body = node.child("body")
        head = body.start if body is not None else node.end
        return _binds(source, node.start, head, variable) or (
            not may_swallow(node) and binds_surely(source, body, variable)
        )
    if node.kind == "try_statement":
        last = [each for each in node.children if each.kind == "finally_clause"]
        if last and binds_surely(source, _block_of(last[0]), variable):
            return True
        otherwise = [_block_of(each) for each in node.children if each.kind == "else_clause"]
        handlers = [each for each in node.children if each.kind in _HANDLERS]
        tried = [node.child("body"), *otherwise]
        return any(binds_surely(source, each, variable) for each in tried) and all(
            binds_surely(source, _block_of(each), variable) for each in handlers
        )
    return False


def _binds(source: Source, start: int, end: int, variable: Variable) -> bool:
    for each in source.variables.between(start, end):
        if each.variable != variable or not each.is_bound:
            continue
        holders = source.root.around(each.position, each.position + 1).ancestors()
        inside = (holder for holder in holders if start <= holder.start and holder.end <= end)
        if not any(holder.kind in _CONDITIONAL for holder in inside):
            return True
    return False


def _walrus(source: Source, condition: Node, variable: Variable) -> bool:
    """Whether evaluating a condition starts with binding a name."""
    node = condition
    while node.kind in ("parenthesized_expression", "comparison_operator", "not_operator"):
        node = node.named[0]
    return node.kind == "named_expression" and any(
        each.variable == variable and each.is_bound
        for each in source.variables.between(node.start, node.named[0].end)
    )


def is_bound_before(source: Source, variable: Variable, node: Node, start: int = 0) -> bool:
    """Whether a name surely has a value where a node begins, by what runs from an offset on."""
    while node.parent is not None and node.parent.end > start:
        parent = node.parent
        if parent.kind in BLOCKS:
            for each in parent.named:
                if each.start >= node.start:
                    break
                if each.start >= start and binds_surely(source, each, variable):
                    return True
        elif parent.start >= start and _head_binds(source, parent, node, variable):
            return True
        node = parent
    return False


def _head_binds(source: Source, parent: Node, node: Node, variable: Variable) -> bool:
    """Whether the head of a statement binds a name for what is inside of it."""
    if parent.kind in ("for_statement", "with_statement", "except_clause", "except_group_clause",
                       "for_in_statement", "catch_clause", "case_clause"):  # fmt: skip
        if node.kind in BLOCKS and node.field != "alternative":
            return _binds(source, parent.start, node.start, variable)
        return False
    if parent.kind in ("if_statement", "elif_clause", "while_statement"):
        condition = parent.child("condition")
        return (
            condition is not None and node.kind in BLOCKS and _walrus(source, condition, variable)
        )
    return False


def are_exclusive(node: Node, other: Node) -> bool:
    """Whether two nodes are in different arms of one `if` or `match`."""
    around = list(node.ancestors())
    below: Node = other
    for each in other.ancestors():
        if each in around:
            mine = node if each is node.parent else around[around.index(each) - 1]
            if each.kind == "if_statement":
                arms = ("elif_clause", "else_clause")
                return (
                    mine is not below
                    and (mine.field == "consequence" or mine.kind in arms)
                    and (below.field == "consequence" or below.kind in arms)
                )
            return each.kind == "block" and mine.kind == below.kind == "case_clause"
        below = each
    return False


def loops_around(node: Node, until: Node | None) -> list[Node]:
    """The loops that a node is in, up to its function, the innermost first."""
    found = []
    for each in node.ancestors():
        if each is until:
            break
        if each.kind in LOOPS:
            found.append(each)
    return found
