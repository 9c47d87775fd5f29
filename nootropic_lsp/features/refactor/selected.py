"""What a selection selects: one expression, or whole statements."""

from __future__ import annotations

import re

from nootropic_lsp.core.errors import RefusedError
from nootropic_lsp.core.spans import Span
from nootropic_lsp.features.refactor.grammars import Grammar
from nootropic_lsp.features.refactor.source import Source
from nootropic_lsp.index.nodes import Node

# Fields in which a name stands that is no expression, or a target.
_NO_VALUES = frozenset({"left", "name", "alias", "attribute", "property", "key", "label", "type"})
_VALUE_OWNERS = frozenset({"pair", "binary_operator", "binary_expression", "boolean_operator"})
_NO_PARENTS = frozenset(
    [
        "decorator",
        "dotted_name",
        "aliased_import",
        "import_statement",
        "import_from_statement",
        "parameters",
        "lambda_parameters",
        "global_statement",
        "nonlocal_statement",
        "type",
        "for_in_clause_left",
        "case_pattern",
        "concatenated_string",
        "pattern_list",
        "tuple_pattern",
        "list_pattern",
        "delete_statement",
        "except_clause",
        "as_pattern_target",
        "typed_parameter",
        "import_specifier",
        "export_specifier",
        "formal_parameters",
        "type_annotation",
        "array_pattern",
        "object_pattern",
        "case_clause",
        "class_pattern",
        "dict_pattern",
        "union_pattern",
        "value_pattern",
        "keyword_pattern",
        "print_statement",
        "exec_statement",
        "relative_import",
        "namespace_import",
        "import_clause",
        "catch_clause",
        "rest_pattern",
        "required_parameter",
        "optional_parameter",
        "extends_clause",
        "class_heritage",
        "shorthand_property_identifier_pattern",
        "splat_pattern",
        "list_splat_pattern",
        "dictionary_splat_pattern",
        "jsx_opening_element",
        "jsx_closing_element",
        "jsx_self_closing_element",
    ]
)
_WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")


def trimmed(source: Source, span: Span) -> Span:
    """A selection without the white space at its ends."""
    text = source.text[span.start : span.end]
    start = span.start + len(text) - len(text.lstrip())
    return Span(start, max(start, span.end - (len(text) - len(text.rstrip()))))


def expression_at(source: Source, span: Span, grammar: Grammar) -> Node | None:
    """The expression that a selection covers exactly, or None."""
    span = trimmed(source, span)
    if span.start >= span.end:
        return None
    node: Node | None = source.root.around(span.start, span.end)
    found = None
    while node is not None and (node.start, node.end) == (span.start, span.end):
        if node.kind in grammar.expressions and _is_value(node):
            found = node
        node = node.parent
    return found


def _is_value(node: Node) -> bool:
    parent = node.parent
    if parent is None or parent.kind in _NO_PARENTS:
        return False
    if node.field in _NO_VALUES and not (
        node.field in ("left", "key") and parent.kind in _VALUE_OWNERS
    ):
        return False
    if node.kind == "generator_expression" and node.field == "arguments":
        return False
    if parent.kind == "expression_statement" and node.kind in ("string", "concatenated_string"):
        return False
    for each in node.ancestors():
        if each.kind in ("type", "case_pattern", "type_annotation", "global_statement",
                         "type_alias_statement"):  # fmt: skip
            return False
        if each.kind in ("block", "module", "statement_block", "program"):
            return True
        if each.field == "left" and each.parent is not None and each.parent.kind == "for_in_clause":
            return False
    return True


def statements_at(source: Source, span: Span, grammar: Grammar) -> list[Node]:
    """The statements that a selection covers exactly, of one block; none if it cuts one."""
    span = trimmed(source, span)
    if span.start >= span.end:
        return []
    holder: Node | None = source.root.around(span.start, span.end)
    while holder is not None and holder.kind not in grammar.blocks:
        holder = holder.parent
    if holder is None:
        return []
    # A block with one statement has the same extent as the statement.
    found = [each for each in holder.named if each.start < span.end and each.end > span.start]
    if not found:
        return []
    last = found[-1]
    is_whole = span.start <= found[0].start and last.end <= span.end
    return found if is_whole and not source.text[last.end : span.end].strip("; \t\r\n") else []


def suggested_name(node: Node, *, is_python: bool) -> str:
    """A name for the value of an expression."""
    while node.kind in ("await", "await_expression", "parenthesized_expression") and node.named:
        node = node.named[0]
    if node.kind in ("call", "call_expression", "new_expression"):
        node = node.child("function") or node.child("constructor") or node
    if node.kind in ("subscript", "subscript_expression"):
        base = node.named[0]
        key = node.named[1] if len(node.named) > 1 else base
        node = key if key.kind == "string" else base
    if node.kind in ("attribute", "member_expression"):
        node = node.named[-1]
    parent = node.parent
    if parent is not None and parent.kind == "keyword_argument" and node.field == "value":
        return parent.named[0].text
    text = node.text if node.kind in ("identifier", "property_identifier", "string") else ""
    words = _WORD.findall(text)[:4]
    while words and words[0].lower() in ("get", "make", "create", "build", "compute", "find"):
        words = words[1:]
    if not words or words[0][0].isdigit():
        return "value"
    lower = [word.lower() for word in words]
    name = "_".join(lower) if is_python else lower[0] + "".join(map(str.capitalize, lower[1:]))
    return name if name not in _RESERVED else f"{name}_" if is_python else f"{name}Value"


_RESERVED = frozenset(
    [
        "and",
        "as",
        "assert",
        "async",
        "await",
        "break",
        "class",
        "continue",
        "def",
        "del",
        "elif",
        "else",
        "except",
        "finally",
        "for",
        "from",
        "global",
        "if",
        "import",
        "in",
        "is",
        "lambda",
        "nonlocal",
        "not",
        "or",
        "pass",
        "raise",
        "return",
        "try",
        "while",
        "with",
        "yield",
        "none",
        "true",
        "false",
        "new",
        "delete",
        "function",
        "var",
        "let",
        "const",
        "this",
        "null",
        "typeof",
        "void",
        "default",
        "switch",
        "case",
    ]
)


def refuse_unless(is_met: object, why: str) -> None:
    """Raise `RefusedError` with a sentence unless something holds."""
    if not is_met:
        raise RefusedError(why)
