"""Mistakes in Java that can be seen in one method."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from nootropic_lsp.analysis.structure.declared import check
from nootropic_lsp.analysis.structure.sight import Change, Hit, Sight, at
from nootropic_lsp.analysis.structure.values import named


@check("java", "binary_expression")
def string_identity(sight: Sight, node: Node) -> Iterator[Hit]:
    """`==` with a string asks for the same object, not for the same text."""
    operator = node.child_by_field_name("operator")
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if operator is None or left is None or right is None:
        return
    if operator.type not in {"==", "!="}:
        return
    sides = (left, right)
    literal = next((side for side in sides if side.type == "string_literal"), None)
    if literal is None:
        return
    other = right if literal == left else left
    if other.type in {"null_literal", "string_literal"}:
        return
    negated = "!" if operator.type == "!=" else ""
    text = f"{negated}{sight.text(literal)}.equals({sight.text(other)})"
    yield at(node, changes=(Change(node.start_byte, node.end_byte, text),), title="Use equals")


@check("java", "catch_clause")
def swallowed_exception(sight: Sight, node: Node) -> Iterator[Hit]:
    """A `catch` with nothing in it, not even a comment that says why."""
    body = node.child_by_field_name("body")
    name = named(node)
    if body is None or body.child_count != 2 or name is None:
        return
    # Whoever cancels something wants nothing more of it.
    if not re.search(r"Cancel\w*Exception\b|\b(?:ignored?|expected|unused|_)$", sight.text(name)):
        yield at(node)


@check("java", "assignment_expression")
def self_assignment(sight: Sight, node: Node) -> Iterator[Hit]:
    """A field that is to be set, but without `this`."""
    operator = node.child_by_field_name("operator")
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if (
        operator is not None
        and operator.type == "="
        and left is not None
        and left.type in {"identifier", "field_access"}
        and sight.text(left) == sight.text(right)
    ):
        yield at(node)


_TRUSTING = frozenset({"checkServerTrusted", "verify"})


@check("java", "method_declaration", "lambda_expression")
def tls_off(sight: Sight, node: Node) -> Iterator[Hit]:
    """A trust manager or host name verifier that agrees to everything."""
    body = node.child_by_field_name("body")
    if body is None:
        return
    if node.type == "lambda_expression":
        owner = next(sight.ancestors(node), None)
        if owner is not None and owner.type == "argument_list":
            owner = next(sight.ancestors(owner), None)
        called = sight.text(None if owner is None else owner.child_by_field_name("name"))
        if called in {"setHostnameVerifier", "setDefaultHostnameVerifier", "hostnameVerifier",
                      "setSSLHostnameVerifier"} and _agrees(sight, body):  # fmt: skip
            yield at(node, "this accepts any host name")
        return
    name = sight.text(node.child_by_field_name("name"))
    if name not in _TRUSTING:
        return
    parameters = sight.text(node.child_by_field_name("parameters"))
    if name == "checkServerTrusted" and not _statements(body):
        yield Hit(node.start_byte, body.start_byte, "this trusts any certificate")
    elif name == "verify" and "SSLSession" in parameters and _agrees(sight, body):
        yield Hit(node.start_byte, body.start_byte, "this accepts any host name")


def _statements(body: Node) -> list[Node]:
    return [each for each in body.named_children if "comment" not in each.type]


def _agrees(sight: Sight, body: Node) -> bool:
    if body.type == "true":
        return True
    statements = _statements(body) if body.type == "block" else []
    return len(statements) == 1 and re.fullmatch(r"return\s+true\s*;", sight.text(statements[0])) is not None  # fmt: skip


_WEAK = re.compile(r"(?:DES|DESede|TripleDES|RC2|RC4|ARCFOUR|Blowfish)(?:/|$)|.*/ECB(?:/|$)|AES$",
                   re.IGNORECASE)  # fmt: skip


@check("java", "method_invocation", "object_creation_expression")
def weak_cipher(sight: Sight, node: Node) -> Iterator[Hit]:
    """A cipher by a weak name, or one with an initialisation vector that never changes."""
    name = sight.name(node).removesuffix("()")
    if sight.matches("javax.crypto.Cipher.getInstance", name):
        value = sight.arguments(node).value("0")
        if isinstance(value, str) and _WEAK.match(value):
            mode = " (without a mode it is ECB)" if value.upper() == "AES" else ""
            yield at(node, f"{value} can be broken{mode}")
    elif any(
        sight.matches(each, name)
        for each in ("javax.crypto.spec.IvParameterSpec", "javax.crypto.spec.GCMParameterSpec")
    ):
        arguments = sight.arguments(node)
        vector = arguments.positional[-1] if arguments.positional else None
        if vector is not None and _is_constant(sight, vector):
            yield at(vector, "the same initialisation vector every time")


def _is_constant(sight: Sight, node: Node) -> bool:
    if node.type == "identifier":
        values = sight.assigned(sight.text(node), node.start_byte)
        function = sight.text(sight.function_of(node))
        name = re.escape(sight.text(node))
        if re.search(rf"(?:nextBytes|get|read|arraycopy)\([^;]*\b{name}\b|\b{name}\[", function):
            return False
        return len(values) == 1 and _is_constant(sight, values[0])
    if node.type == "method_invocation":
        target = node.child_by_field_name("object")
        return sight.text(node.child_by_field_name("name")) == "getBytes" and isinstance(
            sight.value(target), str
        )
    return node.type in {"array_creation_expression", "array_initializer"}
