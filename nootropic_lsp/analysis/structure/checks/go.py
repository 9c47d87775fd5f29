"""Mistakes in Go that can be seen in one function."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from nootropic_lsp.analysis.structure.declared import check
from nootropic_lsp.analysis.structure.sight import Hit, Sight, at
from nootropic_lsp.analysis.structure.values import named


@check("go", "keyed_element", "assignment_statement")
def tls_off(sight: Sight, node: Node) -> Iterator[Hit]:
    """`InsecureSkipVerify: true`, unless certificates are verified in another way."""
    if node.named_child_count != 2:
        return
    name, value = node.named_children
    if not sight.text(name).endswith("InsecureSkipVerify") or sight.text(value) != "true":
        return
    function = sight.function_of(node)
    if not re.search(r"VerifyPeerCertificate|VerifyConnection", sight.text(function or sight.node)):
        yield at(node)


@check("go", "assignment_statement")
def self_assignment(sight: Sight, node: Node) -> Iterator[Hit]:
    """Something is assigned to itself."""
    operator = node.child_by_field_name("operator")
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if operator is not None and operator.type == "=" and left is not None:
        text = sight.text(left)
        if re.fullmatch(r"[\w.]+", text) and text != "_" and text == sight.text(right):
            yield at(node)


@check("go", "return_statement", "break_statement", "continue_statement", "goto_statement")
def unreachable_code(sight: Sight, node: Node) -> Iterator[Hit]:
    """What follows a return, break or continue in the same block."""
    following = node.next_named_sibling
    while following is not None and following.type == "comment":
        following = following.next_named_sibling
    if following is None or following.is_error or following.type == "labeled_statement":
        return
    block = node.parent
    if block is not None and block.type in {"statement_list", "block"}:
        last = block.named_children[-1]
        if "labeled_statement" not in {each.type for each in block.named_children}:
            yield Hit(following.start_byte, last.end_byte)


@check("go", "call_expression")
def weak_cipher(sight: Sight, node: Node) -> Iterator[Hit]:
    """An initialisation vector that is the same for every message."""
    callee = sight.callee(node)
    if not callee.startswith("crypto/cipher.New"):
        return
    vector = sight.arguments(node).node("1")
    if vector is None:
        return
    nodes = [vector]
    if vector.type == "identifier":
        nodes = sight.assigned(sight.text(vector), vector.start_byte) or nodes
    for each in nodes:
        if each.type == "type_conversion_expression" or (
            each.type == "call_expression" and sight.text(each).startswith("[]byte(")
        ):
            inner = each.named_children[-1]
            value = named(inner) if inner.type == "argument_list" else inner
            if isinstance(sight.value(value), str):
                yield at(vector, "the same initialisation vector every time")


@check("go", "defer_statement")
def defer_in_loop(sight: Sight, node: Node) -> Iterator[Hit]:
    """Deferred calls run at the end of the function, not of the round."""
    for each in sight.ancestors(node):
        if each.type in sight.kinds.functions:
            return
        if each.type == "for_statement":
            if not _returns_at_end(each) and not _is_short(each):
                yield at(node)
            return


def _is_short(loop: Node) -> bool:
    """Whether a loop goes over a list that is written there."""
    clause = next((each for each in loop.named_children if each.type == "range_clause"), None)
    over = None if clause is None else clause.child_by_field_name("right")
    return over is not None and over.type == "composite_literal"


def _returns_at_end(loop: Node) -> bool:
    body = loop.child_by_field_name("body")
    inner = None if body is None else named(body)
    statements = inner.named_children if inner is not None else []
    return bool(statements) and statements[-1].type == "return_statement"
