"""Whether a region can be taken out, by what it does and how control leaves it."""

from __future__ import annotations

from nootropic_lsp.core.errors import RefusedError
from nootropic_lsp.features.refactor.flow import (
    leaves,
    loops_around,
)
from nootropic_lsp.features.refactor.grammars import PYTHON
from nootropic_lsp.features.refactor.region import Region
from nootropic_lsp.features.refactor.selected import (
    refuse_unless,
)
from nootropic_lsp.index.facts import ScopeKind
from nootropic_lsp.index.nodes import Node

# Called from one function deeper, these give something else.
_FRAMES = frozenset(
    [
        "locals",
        "vars",
        "dir",
        "eval",
        "exec",
        "_getframe",
        "currentframe",
        "__class__",
        "stack",
        "extract_stack",
        "stacklevel",
        "print_stack",
        "arguments",
    ]
)


def find_function(region: Region) -> None:
    source = region.source
    variables = source.variables
    region.function = variables.function_of(variables.scope_at(region.start))
    scope = source.unit.scopes[region.function]
    refuse_unless(scope.kind != ScopeKind.CLASS, "the body of a class cannot be taken out of it")
    for each in region.nodes[0].ancestors():
        if each.kind in region.grammar.functions and (each.start, each.end) == (
            scope.start,
            scope.end,
        ):
            region.owner = each
            break
    if region.owner is not None and region.owner.kind == "lambda":
        refuse_unless(region.is_expression, "a lambda has no statements")


def refuse_unmovable(region: Region) -> None:
    source = region.source
    for node in region.nodes:
        if node.kind in ("future_import_statement", "import_from_statement") and "*" in node.text:
            raise RefusedError("an import of everything has to stay where it is")
        if node.kind in ("export_statement", "import_statement") and not source.is_python:
            raise RefusedError("imports and exports stay at the top")
    first = region.nodes[0]
    if (
        first.kind == "expression_statement"
        and first.named
        and (first.named[0].kind in ("string", "concatenated_string"))
    ):
        raise RefusedError("this is documentation, not code")
    for node in region.nodes:
        for each in node.walk():
            if each.kind in ("identifier", "property_identifier") and each.text in _FRAMES:
                raise RefusedError(f"`{each.text}` looks at the function that it is used in")
    for each in region.walk():
        if each.kind in ("global_statement", "nonlocal_statement"):
            raise RefusedError("a declaration of outer names has to stay in its function")
        if each.kind == "delete_statement" and any(
            inner.kind == "identifier"
            and inner.parent is not None
            and inner.parent.kind in ("delete_statement", "expression_list")
            for inner in each.walk()
        ):
            raise RefusedError("it takes away a name, which can be done in its own function only")
        if region.is_expression and each.kind in ("named_expression", "assignment_expression",
                                                  "update_expression"):  # fmt: skip
            raise RefusedError("this binds a name, which has to stay where it is")
    types = {each.text for each in region.walk() if each.kind == "type_identifier"}
    for each in region.nodes[0].ancestors():
        if each.kind == "interpolation" and any(one.kind == "=" for one in each.children):
            raise RefusedError("an f-string shows the text of this expression")
        if each.kind == "type_parameters" or each.child("type_parameters") is not None:
            declared = each.child("type_parameters") or each
            for one in declared.named:
                name = one.child("name")
                if name is not None and name.text in types:
                    raise RefusedError(f"`{name.text}` is a type parameter")


def find_control(region: Region) -> None:
    """Find out how control leaves the region: refuse ways that a call does not have."""
    for each in region.walk():
        if each.kind == "return_statement":
            region.returns = True
        elif each.kind in ("yield", "yield_expression"):
            region.yields = True
        elif each.kind in ("await", "await_expression") or (
            each.kind == "async"
            and each.parent is not None
            and each.parent.kind in ("for_statement", "with_statement", "for_in_clause")
        ):
            region.awaits = True
        elif each.kind in ("break_statement", "continue_statement"):
            inside = any(
                region.start <= holder.start and holder.end <= region.end
                for holder in loops_around(each, region.owner)
            ) or (each.kind == "break_statement" and _in_switch(each, region))
            word = each.kind.partition("_")[0]
            refuse_unless(inside, f"`{word}` leaves a loop that is not selected")
    if region.yields:
        is_plain = (
            not region.is_expression
            and region.source.is_python
            and not region.awaits
            and region.owner is not None
            and not any(each.kind == "async" for each in region.owner.children)
        )
        refuse_unless(is_plain, "it yields, which only its own function can do")
    if region.awaits:
        refuse_unless(region.owner is not None, "it awaits at the top of a file")
        for each in region.nodes[0].ancestors():
            if each is region.owner:
                break
            refuse_unless(
                each.kind not in region.grammar.comprehensions, "it awaits in a comprehension"
            )
    if region.returns:
        refuse_unless(
            leaves(region.nodes[-1]) or _ends_function(region),
            "it returns on some ways through it only",
        )


def _in_switch(node: Node, region: Region) -> bool:
    return any(
        each.kind == "switch_statement" and region.start <= each.start and each.end <= region.end
        for each in node.ancestors()
    )


def _ends_function(region: Region) -> bool:
    """Whether the function ends where the region does."""
    node = region.nodes[-1]
    while node.parent is not None and node.parent is not region.owner:
        parent = node.parent
        if parent.kind in PYTHON.blocks or parent.kind == "statement_block":
            following = [each for each in parent.named if each.start > node.start]
            if following:
                return False
        elif parent.kind not in ("if_statement", "else_clause", "elif_clause"):
            return False
        node = parent
    return True
