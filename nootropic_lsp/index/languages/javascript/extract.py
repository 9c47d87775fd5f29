"""From a JavaScript or TypeScript syntax tree to the facts of one file."""

from __future__ import annotations

import re
import sys
from functools import cache
from importlib import import_module

from tree_sitter import Language, Node

from nootropic_lsp.index.facts import Facts
from nootropic_lsp.index.languages.broken import less_broken
from nootropic_lsp.index.languages.javascript import annotations as a
from nootropic_lsp.index.languages.javascript import expressions as e
from nootropic_lsp.index.languages.javascript import functions as f
from nootropic_lsp.index.languages.javascript import imports as i
from nootropic_lsp.index.languages.javascript import statements as s
from nootropic_lsp.index.languages.javascript.commonjs import settle
from nootropic_lsp.index.languages.javascript.walk import Handler, Walk, only
from nootropic_lsp.index.languages.walking import inner, skip
from nootropic_lsp.index.offsets import to_code_points

_GRAMMARS = {
    "javascript": ("tree_sitter_javascript", "language"),
    "typescript": ("tree_sitter_typescript", "language_typescript"),
    "tsx": ("tree_sitter_typescript", "language_tsx"),
}
# A level of nesting costs a few frames; `walk.DEEPEST` ends the descent long before this does.
_FRAMES = 12_000
# The end of the last line before it, comments left aside.
_BEFORE_TYPE_PARAMETERS = re.compile(rb"\n(?=(?:\s|//[^\n]*\n|/\*[^*]*(?:\*(?!/)[^*]*)*\*/)*<)")
_ERROR = 65_535  # the kind of a node that the parser could not read


@cache
def language(name: str = "javascript") -> Language:
    """The grammar of one of the three dialects."""
    module, function = _GRAMMARS[name]
    return Language(getattr(import_module(module), function)())


def extract(root: Node, data: bytes, language_name: str = "javascript") -> Facts:
    """The facts of the file whose syntax tree is `root` and whose UTF-8 text is `data`."""
    if sys.getrecursionlimit() < _FRAMES:
        sys.setrecursionlimit(_FRAMES)
    typed = language_name != "javascript"
    broken = root.has_error
    if typed:
        root = less_broken(root, data, language(language_name), _separated)
    walk = Walk(data, _handlers(language_name), typed=typed, broken=broken)
    i.references(walk)
    walk.each(root.named_children)
    settle(walk)
    facts = Facts(
        language_name,
        walk.scopes,
        walk.definitions,
        walk.expressions,
        blocks=walk.blocks,
        stars=walk.stars,
        errors=int(broken),
    )
    return facts if data.isascii() else to_code_points(facts, data)


def _separated(data: bytes) -> bytes:
    """With a semicolon before a line that begins with type parameters.

    The grammar reads `(a: A): B` and `<T>(a: T): T` below it as one type without it.
    """
    return _BEFORE_TYPE_PARAMETERS.sub(b";", data)


@cache
def _handlers(language_name: str) -> dict[int, Handler]:
    grammar = language(language_name)
    table: dict[int, Handler] = {_ERROR: inner, _ERROR - 1: inner}
    for index in range(grammar.node_kind_count):
        name = grammar.node_kind_for_id(index) or ""
        table[index] = _BY_NAME.get(name, inner)
    return table


_BY_NAME: dict[str, Handler] = {
    # names and expressions
    "identifier": e.identifier,
    "this": e.this,
    "super": e.this,
    "this_type": e.this,
    "member_expression": e.member,
    "subscript_expression": e.subscript,
    "call_expression": e.call,
    "new_expression": e.new,
    "binary_expression": e.binary,
    "unary_expression": e.unary,
    "update_expression": e.update,
    "ternary_expression": e.ternary,
    "await_expression": e.await_,
    "yield_expression": e.yield_,
    "array": e.array,
    "string": e.string,
    "template_string": e.template,
    "number": e.number,
    "true": e.boolean,
    "false": e.boolean,
    "regex": e.regex,
    "as_expression": e.as_,
    "satisfies_expression": e.satisfies,
    "type_assertion": e.type_assertion,
    "instantiation_expression": e.instantiation,
    "non_null_expression": only,
    "assignment_expression": e.assignment,
    "augmented_assignment_expression": e.augmented,
    "jsx_opening_element": e.jsx_opening,
    "jsx_self_closing_element": e.jsx_opening,
    "jsx_closing_element": e.jsx_closing,
    "parenthesized_expression": s.parenthesized,
    "sequence_expression": s.sequence,
    # functions, classes, objects
    "function_declaration": f.function_declaration,
    "generator_function_declaration": f.function_declaration,
    "function_signature": f.function_declaration,
    "function_expression": f.function_expression,
    "generator_function": f.function_expression,
    "arrow_function": f.function_expression,
    "formal_parameters": f.stray_parameters,
    "return_statement": f.return_,
    "class_declaration": f.class_declaration,
    "abstract_class_declaration": f.class_declaration,
    "class": f.class_declaration,
    "method_definition": f.method,
    "method_signature": f.method,
    "abstract_method_signature": f.method,
    "field_definition": f.field,
    "public_field_definition": f.field,
    "object": f.object_,
    # statements
    "variable_declaration": s.variables,
    "lexical_declaration": s.variables,
    "statement_block": s.block,
    "switch_body": s.switch_body,
    "for_statement": s.for_,
    "for_in_statement": s.for_in,
    "catch_clause": s.catch,
    "if_statement": s.if_,
    "labeled_statement": s.labeled,
    "comment": s.comment,
    "import_statement": i.import_,
    "export_statement": i.export,
    # types
    "interface_declaration": a.interface,
    "type_alias_declaration": a.alias,
    "enum_declaration": a.enum,
    "internal_module": a.namespace,
    "module": a.namespace,
    "ambient_declaration": a.ambient,
    "property_signature": a.property_,
    "call_signature": a.call_signature,
    "construct_signature": a.construct_signature,
    "index_signature": a.index_signature,
    "object_type": a.object_type,
    "type_identifier": a.type_name,
    "nested_type_identifier": a.member_type,
    "nested_identifier": a.member_type,
    "generic_type": a.generic,
    "predefined_type": a.predefined,
    "union_type": a.union,
    "intersection_type": a.intersection,
    "array_type": a.array_type,
    "tuple_type": a.tuple_type,
    "function_type": a.function_type,
    "constructor_type": a.function_type,
    "type_query": a.query,
    "lookup_type": a.lookup,
    "index_type_query": a.nameless,
    "conditional_type": a.conditional,
    "infer_type": a.infer,
    "literal_type": a.literal_type,
    "type_predicate": a.predicate,
    "type_predicate_annotation": only,
    "asserts": a.asserts,
    "asserts_annotation": a.asserts,
    "import_alias": a.import_alias,
    "type_annotation": only,
    "constraint": only,
    "default_type": only,
    "parenthesized_type": only,
    "readonly_type": only,
    "rest_type": only,
    "optional_type": only,
    # what holds no names
    "string_fragment": skip,
    "escape_sequence": skip,
    "property_identifier": skip,
    "private_property_identifier": skip,
    "statement_identifier": skip,
    "break_statement": skip,
    "continue_statement": skip,
    "accessibility_modifier": skip,
    "override_modifier": skip,
    "jsx_text": skip,
    "hash_bang_line": skip,
    "meta_property": skip,
    "optional_chain": skip,
    "decorator": e.decorator,
}
