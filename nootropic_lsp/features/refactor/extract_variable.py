"""Give the value of an expression a name, in front of the statement that uses it."""

from __future__ import annotations

import re

from nootropic_lsp.core.errors import RefusedError
from nootropic_lsp.core.spans import Span
from nootropic_lsp.core.symbols import Edit, Patch
from nootropic_lsp.features.refactor.effects import (
    ACTING,
    READING,
    acts_between,
    disturbing,
    evaluated_before,
    in_optional_chain,
    is_constant,
    is_shareable,
    level,
    statement_of,
    stores,
)
from nootropic_lsp.features.refactor.grammars import Grammar, grammar_of
from nootropic_lsp.features.refactor.selected import expression_at, refuse_unless, suggested_name
from nootropic_lsp.features.refactor.source import (
    Source,
    checked_name,
    free_name,
    patch_of,
    source_of,
)
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.facts import ScopeKind
from nootropic_lsp.index.nodes import Node

_UNMOVABLE = frozenset(
    [
        "yield",
        "yield_expression",
        "named_expression",
        "list_splat",
        "dictionary_splat",
        "spread_element",
        "super",
    ]
)
_BINDING = frozenset({"named_expression", "augmented_assignment_expression", "update_expression"})
_TITLE = "Extract variable"


def extract_variable(
    snapshot: Snapshot, path: str, span: Span, name: str = "", *, everywhere: bool = False
) -> Patch:
    """Bind the selected expression to a name before its statement.

    `everywhere` replaces the equal expressions that follow in the block, too. Raises
    `RefusedError` where that could change what the program does.
    """
    source = source_of(snapshot, path)
    grammar = grammar_of(source)
    node = expression_at(source, span, grammar) if grammar is not None else None
    if grammar is None or node is None:
        raise RefusedError("select a whole expression")
    statement = _statement(source, node, grammar)
    _refuse_if_moved(source, node, statement, grammar)
    nodes = [node]
    if everywhere:
        nodes += _others(source, node, statement, grammar)
    taken = _taken(source, node)
    suggested = suggested_name(node, is_python=source.is_python)
    name = checked_name(source, name, taken) if name else free_name(suggested, taken)
    replacing = [Edit(Span(each.start, each.end), name) for each in nodes]
    return patch_of(
        snapshot,
        {path: [_declaration(source, statement, node, name), *replacing]},
        f"{_TITLE} {name}",
    )


def _statement(source: Source, node: Node, grammar: Grammar) -> Node:
    statement = statement_of(node, grammar)
    if statement is None:
        raise RefusedError("there is no statement around this expression")
    if statement is node or (
        statement.kind == "expression_statement" and statement.named[0] is node
    ):
        raise RefusedError("this is a whole statement: nothing uses its value")
    if statement.parent is not None and statement.parent.kind == "switch_case":
        raise RefusedError("a variable of one case would be seen by the others")
    scope = source.unit.scopes[source.variables.scope_at(statement.start)]
    refuse_unless(
        scope.kind != ScopeKind.CLASS, "a name in the body of a class would be a member of it"
    )
    if statement.kind in ("import_statement", "import_from_statement", "future_import_statement"):
        raise RefusedError("there is no value here")
    return statement


def _refuse_if_moved(source: Source, node: Node, statement: Node, grammar: Grammar) -> None:
    """Refuse an expression that does not mean the same in front of its statement."""
    for each in node.walk(into=lambda inner: inner.kind not in grammar.functions):
        if each.kind in _UNMOVABLE and each.kind != "super":
            raise RefusedError("this binds or yields something, which has to stay where it is")
    _refuse_inner_names(source, node, statement)
    if (
        node.kind in ("member_expression", "subscript_expression", "attribute", "subscript")
        and node.field == "function"
        and source.family == "javascript"
    ):
        raise RefusedError("a method that is taken from its object loses it")
    for outer in node.ancestors():
        if outer is statement:
            break
        if outer.kind == "interpolation" and any(each.kind == "=" for each in outer.children):
            raise RefusedError("an f-string shows the text of this expression")
    if is_constant(node):
        return
    before = evaluated_before(statement, node, grammar)
    if before is None or (source.family == "javascript" and in_optional_chain(node, grammar)):
        raise RefusedError(
            "this is not evaluated exactly once whenever its statement is, so it cannot be"
            " evaluated before it"
        )
    barrier = disturbing(source, before, level(source, node))
    if barrier is not None:
        shown = " ".join(barrier.text.split())
        shown = shown if len(shown) <= 40 else f"{shown[:39]}…"
        raise RefusedError(f"`{shown}` is evaluated before it and could change what it gives")


def _refuse_inner_names(source: Source, node: Node, statement: Node) -> None:
    """Refuse what uses names that are bound inside of the statement only."""
    here = source.variables.scope_at(statement.start)
    scopes = source.unit.scopes
    around = {here}
    while scopes[here].parent >= 0:
        here = scopes[here].parent
        around.add(here)
    own = {
        number
        for number, scope in enumerate(scopes)
        if node.start <= scope.start and scope.end <= node.end
    }
    for each in source.variables.between(node.start, node.end):
        scope = each.variable[0]
        if scope >= 0 and scope not in around and scope not in own:
            raise RefusedError(f"`{each.name}` is known only inside of this statement")
        for other in source.variables.of(each.variable):
            if other.is_bound and statement.start <= other.position < node.start:
                holders = source.root.around(other.position, other.position + 1).ancestors()
                if any(holder.kind in _BINDING for holder in holders):
                    raise RefusedError(f"`{each.name}` gets its value inside of this statement")


def _others(source: Source, node: Node, statement: Node, grammar: Grammar) -> list[Node]:
    """The equal expressions further on in the block that may share the value."""
    refuse_unless(
        is_shareable(source, node), "each time it is evaluated, this may give something else"
    )
    block = statement.parent
    assert block is not None
    wanted = _shape(node)
    following = [each for each in block.named if each.start >= statement.start]
    found: list[Node] = []
    for sibling in following:
        inner = [
            each
            for each in sibling.walk(
                into=lambda inner: inner.kind not in (*grammar.functions, *grammar.classes)
            )
            if each.kind == node.kind
            and each is not node
            and each.start > node.start
            and _shape(each) == wanted
            and expression_at(source, Span(each.start, each.end), grammar) is each
            and not _shows_text(each)
        ]
        if not inner:
            continue
        # Up to the end of the statement, because it may be a loop.
        if _is_disturbed(source, node, statement.start, sibling, inner[-1].end):
            break
        found += inner
    return found


def _shows_text(node: Node) -> bool:
    parent = node.parent
    return (
        parent is not None
        and parent.kind == "interpolation"
        and any(each.kind == "=" for each in parent.children)
    )


def _is_disturbed(source: Source, node: Node, start: int, last: Node, end: int) -> bool:
    is_loop = any(each.kind in ("for_statement", "while_statement", "for_in_statement",
                                "do_statement") for each in last.walk())  # fmt: skip
    end = last.end if is_loop else end
    bound = {each.variable for each in source.variables.between(start, end) if each.is_bound}
    if any(each.variable in bound for each in source.variables.between(node.start, node.end)):
        return True
    its = level(source, node)
    if its == ACTING:
        return True
    if its < READING:
        return False
    return acts_between(source, start, end) or any(True for _ in stores(source, start, end))


def _shape(node: Node) -> tuple[str, ...]:
    """What is written, whatever the white space."""
    return tuple(each.text for each in node.walk() if not each.children and not each.is_comment)


def _taken(source: Source, node: Node) -> set[str]:
    """Names that a new variable here could be mistaken for."""
    variables = source.variables
    function = variables.function_of(variables.scope_at(node.start))
    scope = source.unit.scopes[function]
    return (
        variables.names_near(Span(scope.start, scope.end))
        | set(source.unit.names[0])
        | {name for each in _enclosing(source, function) for name in source.unit.names[each]}
    )


def _enclosing(source: Source, scope: int) -> list[int]:
    found = []
    while scope >= 0:
        found.append(scope)
        scope = source.unit.scopes[scope].parent
    return found


def _declaration(source: Source, statement: Node, node: Node, name: str) -> Edit:
    value = node.text
    if source.is_python:
        if "\n" in value and node.kind not in ("list", "dictionary", "tuple", "set", "string",
                                               "parenthesized_expression", "list_comprehension"):  # fmt: skip
            value = f"({value})"
        assigned = f"{name} = {value}"
    else:
        assigned = f"const {name} = {value}{_semicolon(source)}"
    at = statement.start
    if statement.parent is not None and statement.parent.kind == "export_statement":
        at = statement.parent.start
    line = source.line_start(at)
    if source.text[line:at].strip():
        return Edit(Span(at, at), f"{assigned}; " if source.is_python else f"{assigned} ")
    indent = source.text[line:at]
    return Edit(Span(at, at), f"{assigned}{source.line_break}{indent}")


def _semicolon(source: Source) -> str:
    """How statements of a script end."""
    return "" if re.search(r"[\w)\]]\n", source.text) and ";\n" not in source.text else ";"
