"""The kinds of syntax nodes that refactorings tell apart, per family of languages."""

from __future__ import annotations

from dataclasses import dataclass

from nootropic_lsp.features.refactor.source import Source


@dataclass(frozen=True)
class Grammar:
    """The kinds of nodes of a language that matter here."""

    still: frozenset[str]  # by itself; what is in it counts
    opaque: frozenset[str]  # whatever is in it, nothing of it is evaluated here
    reading: frozenset[str]
    expressions: frozenset[str]  # what can be given a name
    blocks: frozenset[str]  # what holds statements
    functions: frozenset[str]
    classes: frozenset[str]
    loops: frozenset[str]
    atoms: frozenset[str]  # need no parentheses anywhere
    names: frozenset[str]
    comprehensions: frozenset[str] = frozenset()


PYTHON = Grammar(
    still=frozenset(
        [
            "identifier",
            "integer",
            "float",
            "true",
            "false",
            "none",
            "string",
            "string_start",
            "string_end",
            "string_content",
            "escape_sequence",
            "escape_interpolation",
            "concatenated_string",
            "ellipsis",
            "tuple",
            "list",
            "set",
            "dictionary",
            "pair",
            "parenthesized_expression",
            "expression_list",
            "not_operator",
            "boolean_operator",
            "conditional_expression",
            "argument_list",
            "keyword_argument",
            "(",
            ")",
            "[",
            "]",
            "{",
            "}",
            ",",
            ":",
            "if",
            "else",
            "and",
            "or",
            "not",
            "=",
            "lambda_parameters",
            "default_parameter",
            "type_conversion",
        ]
    ),
    opaque=frozenset({"lambda", "comment", "line_continuation"}),
    reading=frozenset(
        [
            "attribute",
            "subscript",
            "binary_operator",
            "unary_operator",
            "comparison_operator",
            "interpolation",
            "slice",
            "list_splat",
            "dictionary_splat",
            "format_specifier",
        ]
    ),
    expressions=frozenset(
        [
            "identifier",
            "attribute",
            "call",
            "subscript",
            "binary_operator",
            "boolean_operator",
            "not_operator",
            "comparison_operator",
            "unary_operator",
            "conditional_expression",
            "string",
            "concatenated_string",
            "integer",
            "float",
            "true",
            "false",
            "none",
            "list",
            "tuple",
            "dictionary",
            "set",
            "list_comprehension",
            "dictionary_comprehension",
            "set_comprehension",
            "generator_expression",
            "lambda",
            "parenthesized_expression",
            "await",
        ]
    ),
    blocks=frozenset({"block", "module"}),
    functions=frozenset({"function_definition", "lambda"}),
    classes=frozenset({"class_definition"}),
    loops=frozenset({"for_statement", "while_statement"}),
    atoms=frozenset(
        [
            "identifier",
            "attribute",
            "call",
            "subscript",
            "string",
            "integer",
            "float",
            "true",
            "false",
            "none",
            "list",
            "tuple",
            "dictionary",
            "set",
            "list_comprehension",
            "dictionary_comprehension",
            "set_comprehension",
            "generator_expression",
            "parenthesized_expression",
            "ellipsis",
            "concatenated_string",
        ]
    ),
    names=frozenset({"identifier"}),
    comprehensions=frozenset(
        [
            "list_comprehension",
            "dictionary_comprehension",
            "set_comprehension",
            "generator_expression",
        ]
    ),
)

SCRIPT = Grammar(
    still=frozenset(
        [
            "identifier",
            "number",
            "string",
            "string_fragment",
            "escape_sequence",
            "true",
            "false",
            "null",
            "undefined",
            "this",
            "super",
            "regex",
            "regex_pattern",
            "regex_flags",
            "template_string",
            "array",
            "object",
            "pair",
            "property_identifier",
            "shorthand_property_identifier",
            "parenthesized_expression",
            "ternary_expression",
            "arguments",
            "as_expression",
            "satisfies_expression",
            "non_null_expression",
            "predefined_type",
            "(",
            ")",
            "[",
            "]",
            "{",
            "}",
            ",",
            ":",
            "?",
            '"',
            "'",
            "`",
        ]
    ),
    opaque=frozenset(
        [
            "arrow_function",
            "function_expression",
            "comment",
            "type_arguments",
            "type_identifier",
            "union_type",
            "generic_type",
            "array_type",
            "literal_type",
            "object_type",
        ]
    ),
    reading=frozenset(
        [
            "member_expression",
            "subscript_expression",
            "binary_expression",
            "unary_expression",
            "template_substitution",
            "spread_element",
            "optional_chain",
        ]
    ),
    expressions=frozenset(
        [
            "identifier",
            "number",
            "string",
            "true",
            "false",
            "null",
            "template_string",
            "array",
            "object",
            "member_expression",
            "subscript_expression",
            "binary_expression",
            "unary_expression",
            "ternary_expression",
            "call_expression",
            "new_expression",
            "await_expression",
            "parenthesized_expression",
            "regex",
            "arrow_function",
            "function_expression",
            "as_expression",
            "non_null_expression",
            "this",
        ]
    ),
    blocks=frozenset({"statement_block", "program", "class_static_block"}),
    functions=frozenset(
        [
            "function_declaration",
            "function_expression",
            "arrow_function",
            "method_definition",
            "generator_function",
            "generator_function_declaration",
        ]
    ),
    classes=frozenset({"class_declaration", "class", "abstract_class_declaration"}),
    loops=frozenset({"for_statement", "for_in_statement", "while_statement", "do_statement"}),
    atoms=frozenset(
        [
            "identifier",
            "number",
            "string",
            "true",
            "false",
            "null",
            "template_string",
            "array",
            "member_expression",
            "subscript_expression",
            "call_expression",
            "parenthesized_expression",
            "this",
            "regex",
        ]
    ),
    names=frozenset({"identifier", "shorthand_property_identifier"}),
)

GRAMMARS = {"python": PYTHON, "javascript": SCRIPT}


def grammar_of(source: Source) -> Grammar | None:
    """The grammar of a file's language, None where it is not known here."""
    return GRAMMARS.get(source.family)
