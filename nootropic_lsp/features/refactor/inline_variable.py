"""Put the value of a variable where the variable is used, and take the variable away."""

from __future__ import annotations

from nootropic_lsp.core.errors import RefusedError
from nootropic_lsp.core.spans import Span
from nootropic_lsp.core.symbols import Edit, Patch
from nootropic_lsp.features.refactor.effects import (
    ACTING,
    READING,
    STILL,
    disturbing,
    evaluated_before,
    is_constant,
    is_shareable,
    level,
    statement_of,
)
from nootropic_lsp.features.refactor.grammars import Grammar, grammar_of
from nootropic_lsp.features.refactor.removing import removing
from nootropic_lsp.features.refactor.selected import refuse_unless
from nootropic_lsp.features.refactor.source import Source, patch_of, source_of
from nootropic_lsp.features.refactor.variables import Occurrence
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.facts import ScopeKind
from nootropic_lsp.index.nodes import Node

# Around these a value needs no parentheses, whatever it is.
_DELIMITING = frozenset(
    [
        "argument_list",
        "keyword_argument",
        "parenthesized_expression",
        "list",
        "return_statement",
        "pair",
        "arguments",
        "array",
        "variable_declarator",
    ]
)
_BARE = frozenset({"expression_list", "yield", "generator_expression", "sequence_expression"})


def inline_variable(snapshot: Snapshot, path: str, offset: int) -> Patch:
    """Replace every use of a variable by its value. Raises `RefusedError` if that could matter."""
    source = source_of(snapshot, path)
    grammar = grammar_of(source)
    variable = _variable_at(source, offset)
    if grammar is None or variable is None:
        raise RefusedError("there is no variable here")
    name = variable[1]
    entries = source.variables.of(variable)
    scope = source.variables.function_of(variable[0])
    holder = source.unit.scopes[scope].kind
    refuse_unless(
        holder == ScopeKind.FUNCTION,
        f"`{name}` can be used from elsewhere: only variables of functions can be inlined",
    )
    bound = [each for each in entries if each.is_bound]
    refuse_unless(len(bound) == 1, f"`{name}` gets a value at more than one place")
    statement, value = _assignment(source, bound[0], grammar)
    uses = [each for each in entries if not each.is_bound]
    refuse_unless(uses, f"nothing uses `{name}`")
    nodes = [_use(source, each, statement, grammar) for each in uses]
    if is_constant(value):
        _refuse_early(name, nodes, statement)
    else:
        _refuse_if_disturbed(source, name, nodes, statement, value, grammar)
    edits = [_replacing(source, each, value, grammar) for each in nodes]
    return patch_of(
        snapshot, {path: [*removing(source, statement), *edits]}, f"Inline variable {name}"
    )


def _variable_at(source: Source, offset: int) -> tuple[int, str] | None:
    for each in source.variables.between(max(offset - 100, 0), offset + 1)[::-1]:
        if each.position <= offset <= each.position + len(each.name) and each.variable[0] >= 0:
            return each.variable
    return None


def _assignment(source: Source, bound: Occurrence, grammar: Grammar) -> tuple[Node, Node]:
    """The statement that gives a variable its value, and the value."""
    node = source.root.around(bound.position, bound.position + 1)
    holder = node.parent
    statement = statement_of(node, grammar)
    value = None
    if holder is not None and holder.kind == "assignment" and node.field == "left":
        value = holder.child("right")
        is_alone = holder.parent is statement and value is not None and value.kind != "assignment"
    elif holder is not None and holder.kind == "variable_declarator" and node.field == "name":
        value = holder.child("value")
        is_alone = holder.parent is statement and len(statement.named) == 1 if statement else False
    else:
        is_alone = False
    if not is_alone or value is None or statement is None:
        raise RefusedError(f"`{bound.name}` is not bound by an assignment of its own")
    for each in value.walk(into=lambda inner: inner.kind not in grammar.functions):
        if each.kind in ("yield", "yield_expression", "named_expression", "assignment_expression"):
            raise RefusedError("its value binds or yields something, which has to stay where it is")
    return statement, value


def _use(source: Source, use: Occurrence, statement: Node, grammar: Grammar) -> Node:
    node = source.root.around(use.position, use.position + 1)
    parent = node.parent
    is_shown = (
        parent is not None
        and parent.kind == "interpolation"
        and any(each.kind == "=" for each in parent.children)
    )
    if node.kind not in grammar.names or parent is None or is_shown:
        raise RefusedError(f"{source.where(use.position)} needs the name itself")
    if parent.kind in ("delete_statement", "export_specifier") or (
        parent.kind == "expression_list"
        and parent.parent is not None
        and parent.parent.kind == "delete_statement"
    ):
        raise RefusedError(f"{source.where(use.position)} needs the name itself")
    if node.start < statement.end:
        raise RefusedError("it is used before it gets its value")
    return node


def _refuse_early(name: str, nodes: list[Node], statement: Node) -> None:
    block = statement.parent
    for node in nodes:
        if block is None or not block.start <= node.start < block.end:
            raise RefusedError(f"`{name}` is used where it may not have got its value")


def _refuse_if_disturbed(
    source: Source, name: str, nodes: list[Node], statement: Node, value: Node, grammar: Grammar
) -> None:
    variables = source.variables
    home = variables.frame_of(variables.scope_at(statement.start))
    its = level(source, value)
    if len(nodes) > 1:
        refuse_unless(
            is_shareable(source, value),
            f"`{name}` is used {len(nodes)} times, and each time its value would be made anew",
        )
    _refuse_early(name, nodes, statement)
    last = max(nodes, key=lambda each: each.start)
    end = _settled(statement, last)
    inner = {each.variable for each in variables.between(value.start, value.end)}
    for each in variables.between(statement.end, end):
        if each.is_bound and each.variable in inner and not _is_own_target(source, each, last):
            raise RefusedError(f"`{each.name}` changes before `{name}` is used")
    for node in nodes:
        frame = variables.frame_of(variables.scope_at(node.start))
        is_deferred = variables.function_of(frame) != variables.function_of(home)
        if is_deferred or (frame != home and (its > STILL or not is_shareable(source, value))):
            raise RefusedError(
                f"{source.where(node.start)} uses `{name}` inside of a scope of its own, later or"
                " more than once"
            )
        if any(
            occurrence.variable[0]
            != variables.binder(variables.scope_at(node.start), occurrence.name)
            for occurrence in variables.between(value.start, value.end)
            if occurrence.scope == variables.scope_at(value.start)
        ):
            raise RefusedError(
                f"a name in the value means something else at {source.where(node.start)}"
            )
        if its > STILL or not is_shareable(source, value):
            _refuse_if_moved(source, name, node, statement, its, grammar)


def _is_own_target(source: Source, bound: Occurrence, use: Node) -> bool:
    """Whether a name is bound by the very statement that uses the value, after that."""
    node = source.root.around(bound.position, bound.position + 1)
    holder = node.parent
    while holder is not None and holder.kind in ("pattern_list", "tuple_pattern"):
        holder = holder.parent
    right = holder.child("right") if holder is not None and holder.kind == "assignment" else None
    return right is not None and right.start <= use.start < right.end


def _settled(statement: Node, last: Node) -> int:
    """Up to where nothing may change: the use, or the end of the loop that it is in."""
    end = last.end
    for each in last.ancestors():
        if each is statement.parent:
            break
        if each.kind in ("for_statement", "while_statement", "for_in_statement", "do_statement"):
            end = each.end
    # What a statement binds, it binds after what it evaluates.
    return end


def _refuse_if_moved(
    source: Source, name: str, node: Node, statement: Node, its: int, grammar: Grammar
) -> None:
    """Refuse if what is run between the assignment and a use could change the value."""
    user = statement_of(node, grammar)
    if user is None or user.parent is not statement.parent:
        raise RefusedError(
            f"whether and how often {source.where(node.start)} is reached depends on more than the"
            " assignment"
        )
    before = evaluated_before(user, node, grammar)
    if before is None:
        raise RefusedError(f"{source.where(node.start)} is not evaluated exactly once")
    block = statement.parent
    assert block is not None
    between = [each for each in block.named if statement.end <= each.start < user.start]
    moved = max(its, READING)
    for each in between:
        if not _is_quiet(source, each, moved):
            raise RefusedError(f"{source.where(each.start)} could change what `{name}` stands for")
    barrier = disturbing(source, before, moved)
    if barrier is not None:
        shown = " ".join(barrier.text.split())
        raise RefusedError(
            f"`{shown if len(shown) <= 40 else shown[:39] + '…'}` is evaluated before the use, and"
            f" could change what `{name}` stands for"
        )


def _is_quiet(source: Source, statement: Node, moved: int) -> bool:
    """Whether a statement only binds names of the function to what can be evaluated later, too."""
    if statement.kind == "expression_statement" and statement.named:
        inner = statement.named[0]
        if inner.kind in ("string", "concatenated_string"):
            return True
        left, right = inner.child("left"), inner.child("right")
        if inner.kind != "assignment" or left is None or right is None or left.kind != "identifier":
            return False
    elif statement.kind in ("lexical_declaration", "variable_declaration"):
        right = statement.named[0].child("value")
        if (
            right is None
            or len(statement.named) > 1
            or statement.named[0].named[0].kind != "identifier"
        ):
            return False
    else:
        return statement.kind == "pass_statement"
    its = level(source, right)
    return its == STILL or (its == READING and moved < ACTING)


# ---- the edits


def _replacing(source: Source, node: Node, value: Node, grammar: Grammar) -> Edit:
    text = value.text
    parent = node.parent
    assert parent is not None
    if (
        (value.kind in _BARE and not text.startswith("("))
        or (
            value.kind not in grammar.atoms
            and parent.kind not in _DELIMITING
            and not (parent.kind in ("assignment", "return_statement") and "\n" not in text)
        )
        or (value.kind in ("integer", "number", "float") and node.field == "object")
        or (value.kind == "object" and parent.kind in ("expression_statement", "arrow_function"))
        or (value.kind == "concatenated_string" and "\n" in text)
        or "\\\n" in text
    ):
        text = f"({text})"
    for each in node.ancestors():
        is_inside = each.kind in ("interpolation", "format_specifier")
        if is_inside and set(text) & set("\"'\\\n#{}!:"):
            raise RefusedError("this value cannot be written inside of an f-string")
        if each.kind in grammar.blocks:
            break
    if parent.kind == "keyword_argument" and "\n" in text and not text.startswith(("(", "[", "{")):
        text = f"({text})"
    if node.kind == "shorthand_property_identifier":
        text = f"{node.text}: {text}"
    return Edit(Span(node.start, node.end), text)
