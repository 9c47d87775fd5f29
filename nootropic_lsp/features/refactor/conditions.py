"""Invert an `if`, merge one with the only `if` in it, and turn it into an expression and back."""

from __future__ import annotations

from nootropic_lsp.core.errors import RefusedError
from nootropic_lsp.core.spans import Span
from nootropic_lsp.core.symbols import Edit, Patch
from nootropic_lsp.features.refactor.selected import refuse_unless
from nootropic_lsp.features.refactor.source import Source, patch_of, source_of
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.nodes import Node

# What is true exactly where the other is not, whatever is compared.
_OPPOSITE = {"is": "is not", "is not": "is", "in": "not in", "not in": "in"}
_LOOSE = frozenset({"boolean_operator", "conditional_expression", "lambda", "named_expression"})


def invert_if(snapshot: Snapshot, path: str, offset: int) -> Patch:
    """Swap the two blocks of an `if`, under the opposite condition."""
    source = source_of(snapshot, path)
    node = _if_at(source, offset)
    first, last = node.child("consequence"), _only_else(node)
    condition = node.child("condition")
    if last is None or first is None or condition is None:
        raise RefusedError("the `if` has no `else` of its own")
    edits = [
        Edit(Span(condition.start, condition.end), negated(condition)),
        Edit(Span(first.start, first.end), last.text),
        Edit(Span(last.start, last.end), first.text),
    ]
    on_lines = [source.line_start(each.start) > node.start for each in (first, last)]
    refuse_unless(on_lines[0] == on_lines[1], "one of the blocks is on the line of its head")
    return patch_of(snapshot, {path: edits}, "Invert if")


def merge_nested_if(snapshot: Snapshot, path: str, offset: int) -> Patch:
    """`if a:` with nothing but `if b:` in it as `if a and b:`."""
    source = source_of(snapshot, path)
    outer = _if_at(source, offset)
    body, condition = outer.child("consequence"), outer.child("condition")
    is_alone = body is not None and len(body.named) == 1 and body.named[0].kind == "if_statement"
    if not is_alone or body is None or condition is None:
        raise RefusedError("there is more than an `if` in this `if`")
    inner = body.named[0]
    inside, wanted = inner.child("consequence"), inner.child("condition")
    has_other = any(
        each.field == "alternative" for node in (outer, inner) for each in node.children
    )
    if has_other or inside is None or wanted is None:
        raise RefusedError("one of them has an `else`")
    between = source.text[condition.end : inner.start]
    refuse_unless("#" not in between, "a comment would be lost")
    refuse_unless(
        source.line_start(inside.start) > wanted.end, "a block is on the line of its head"
    )
    lines = _dedented(
        source, inside, len(source.indent_at(inner.start)) - len(source.indent_at(outer.start))
    )
    text = f"{_operand(condition)} and {_operand(wanted)}"
    tail = source.text[wanted.end : source.next_line(wanted.end)]
    edit = Edit(Span(condition.start, inside.end), f"{text}{tail}{lines}")
    return patch_of(snapshot, {path: [edit]}, "Merge nested if")


def if_to_expression(snapshot: Snapshot, path: str, offset: int) -> Patch:
    """Two assignments of one name, or two returns, as one with a conditional expression."""
    source = source_of(snapshot, path)
    node = _if_at(source, offset)
    first, last, condition = node.child("consequence"), _only_else(node), node.child("condition")
    if first is None or last is None or condition is None:
        raise RefusedError("the `if` has no `else` of its own")
    heads = [_single(each) for each in (first, last)]
    if heads[0] is None or heads[1] is None or heads[0][0] != heads[1][0]:
        raise RefusedError("its two blocks do not do one thing with two values")
    refuse_unless(not any(each.is_comment for each in node.walk()), "a comment would be lost")
    (head, yes), (_, no) = heads[0], heads[1]
    text = f"{head}{_value(yes)} if {_value(condition)} else {_value(no, last=True)}"
    return patch_of(
        snapshot, {path: [Edit(Span(node.start, node.end), text)]}, "Use a conditional expression"
    )


def expression_to_if(snapshot: Snapshot, path: str, offset: int) -> Patch:
    """`x = a if c else b` as an `if` with two assignments."""
    source = source_of(snapshot, path)
    node: Node | None = source.root.around(offset, offset)
    while node is not None and node.kind not in (
        "expression_statement",
        "return_statement",
        "block",
    ):
        node = node.parent
    if node is None or node.kind == "block":
        raise RefusedError("there is no conditional expression here")
    found = _head(node)
    if found is None or found[1].kind != "conditional_expression":
        raise RefusedError("there is no conditional expression here")
    refuse_unless(
        not source.text[source.line_start(node.start) : node.start].strip(), "it shares its line"
    )
    head, value = found
    yes, condition, no = value.named
    indent, step, end = source.indent_at(node.start), source.indent_unit, source.line_break
    text = (
        f"if {condition.text}:{end}{indent}{step}{head}{yes.text}{end}"
        f"{indent}else:{end}{indent}{step}{head}{no.text}"
    )
    refuse_unless("\n" not in value.text, "it is written on several lines")
    return patch_of(
        snapshot, {path: [Edit(Span(node.start, node.end), text)]}, "Use an if statement"
    )


def if_at(source: Source, offset: int) -> Node | None:
    """The `if` whose head an offset is in."""
    node: Node | None = source.root.around(offset, offset)
    while node is not None and node.kind not in ("if_statement", "block", "elif_clause"):
        node = node.parent
    return node if node is not None and node.kind == "if_statement" and source.is_python else None


def negated(condition: Node) -> str:
    """The opposite of a condition, as one writes it."""
    if condition.kind == "not_operator":
        inner = condition.named[0]
        return inner.text
    if condition.kind == "parenthesized_expression":
        return f"not {condition.text}"
    if condition.kind == "comparison_operator" and len(condition.named) == 2:
        sign = next(each for each in condition.children if not each.is_named)
        if sign.kind in _OPPOSITE:
            left, right = condition.named
            return f"{left.text} {_OPPOSITE[sign.kind]} {right.text}"
    return f"not ({condition.text})" if condition.kind in _LOOSE else f"not {condition.text}"


def _if_at(source: Source, offset: int) -> Node:
    node = if_at(source, offset)
    if node is None:
        raise RefusedError("there is no `if` here")
    return node


def _only_else(node: Node) -> Node | None:
    others = [each for each in node.children if each.field == "alternative"]
    if len(others) != 1 or others[0].kind != "else_clause":
        return None
    return others[0].child("body")


def _operand(node: Node) -> str:
    if node.kind == "boolean_operator" and node.child("operator") is not None:
        sign = node.child("operator")
        return node.text if sign is not None and sign.kind == "and" else f"({node.text})"
    return f"({node.text})" if node.kind in _LOOSE else node.text


def _dedented(source: Source, block: Node, by: int) -> str:
    start = source.line_start(block.start)
    lines = []
    while start < block.end:
        line = source.text[start : min(source.next_line(start), block.end)]
        inside = source.root.around(start, start)
        in_string = inside.kind.startswith("string") and inside.start < start
        is_blank = not line[:by].strip()
        lines.append(line if in_string or not is_blank else line[by:] if line.strip() else line)
        start = source.next_line(start)
    return "".join(lines)


def _single(block: Node) -> tuple[str, Node] | None:
    return _head(block.named[0]) if len(block.named) == 1 else None


def _head(statement: Node) -> tuple[str, Node] | None:
    """What is done with a value, and the value."""
    if statement.kind == "return_statement" and statement.named:
        value = statement.named[0]
    elif statement.kind == "expression_statement" and statement.named[0].kind == "assignment":
        assigned = statement.named[0]
        left, right = assigned.child("left"), assigned.child("right")
        if right is None or left is None or left.kind != "identifier" or assigned.child("type"):
            return None
        value = right
    else:
        return None
    if value.kind in ("assignment", "expression_list", "yield"):
        return None
    return statement.source[statement.start : value.start], value


def _value(node: Node, *, last: bool = False) -> str:
    if node.kind in ("lambda", "named_expression") or (
        node.kind == "conditional_expression" and not last
    ):
        return f"({node.text})"
    return node.text
