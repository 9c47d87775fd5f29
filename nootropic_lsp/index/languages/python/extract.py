"""From a Python syntax tree to the facts of one file."""

from __future__ import annotations

from functools import cache

from tree_sitter import Node

from nootropic_lsp.index.facts import Definition, Facts, Kind
from nootropic_lsp.index.languages.python import annotations as a
from nootropic_lsp.index.languages.python import assignments as b
from nootropic_lsp.index.languages.python import expressions as e
from nootropic_lsp.index.languages.python import functions as f
from nootropic_lsp.index.languages.python import imports as i
from nootropic_lsp.index.languages.python import literals as l
from nootropic_lsp.index.languages.python import patterns as p
from nootropic_lsp.index.languages.python import statements as s
from nootropic_lsp.index.languages.python.grammar import language
from nootropic_lsp.index.languages.python.walk import Handler, Walk, inner, only, skip
from nootropic_lsp.index.offsets import to_code_points

# The kinds of what the parser could not read, which the grammar does not count.
_ERRORS = (65_535, 65_534)


def extract(root: Node, data: bytes, language_name: str = "python") -> Facts:
    """The facts of the file whose syntax tree is `root` and whose UTF-8 text is `data`."""
    walk = Walk(data, _handlers())
    doc_start, doc_end = f.documentation(root)
    walk.definitions.append(
        Definition(
            "", Kind.MODULE, 0, 0, 0, root.end_byte, body=0, doc_start=doc_start, doc_end=doc_end
        )
    )
    walk.scopes[0].owner = 0
    for node in root.named_children:
        walk.visit(node)
    facts = Facts(
        language_name,
        walk.scopes,
        walk.definitions,
        walk.expressions,
        blocks=walk.blocks,
        stars=walk.stars,
        exports=walk.exports,
        outer=walk.outer,
        errors=int(root.has_error),
    )
    return facts if data.isascii() else to_code_points(facts, data)


@cache
def _handlers() -> dict[int, Handler]:
    """What reads a node, by the id of its kind."""
    grammar = language()
    table: dict[int, Handler] = dict.fromkeys(_ERRORS, s.unreadable)
    for index in range(grammar.node_kind_count):
        name = grammar.node_kind_for_id(index) if grammar.node_kind_is_named(index) else None
        table[index] = _BY_NAME.get(name or "", inner)
    return table


_BY_NAME: dict[str, Handler] = {
    # names, calls and operators
    "identifier": e.identifier,
    "attribute": e.attribute,
    "dotted_name": e.dotted_name,
    "call": e.call,
    "subscript": e.subscript,
    "slice": e.slice_,
    "conditional_expression": e.conditional,
    "boolean_operator": e.boolean_operator,
    "binary_operator": e.binary_operator,
    "comparison_operator": e.truth,
    "not_operator": e.truth,
    "await": e.await_,
    "yield": e.yield_,
    "parenthesized_expression": only,
    "expression_statement": only,
    # values
    "string": l.string,
    "concatenated_string": l.concatenated_string,
    "integer": l.integer,
    "float": l.float_,
    "true": l.boolean,
    "false": l.boolean,
    "none": l.none,
    "list": l.display,
    "tuple": l.display,
    "set": l.display,
    "expression_list": l.display,
    "dictionary": l.dictionary,
    "list_comprehension": l.comprehension,
    "set_comprehension": l.comprehension,
    "dictionary_comprehension": l.comprehension,
    "generator_expression": l.comprehension,
    # annotations
    "type": only,
    "generic_type": a.generic_type,
    "union_type": a.union_type,
    "member_type": a.member_type,
    "type_alias_statement": a.type_alias,
    # what binds names
    "assignment": b.assignment,
    "augmented_assignment": b.augmented_assignment,
    "named_expression": b.named_expression,
    "global_statement": b.global_,
    "nonlocal_statement": b.nonlocal_,
    "import_statement": i.import_,
    "import_from_statement": i.import_from,
    "future_import_statement": i.import_from,
    # functions and classes
    "decorated_definition": f.decorated,
    "function_definition": f.function,
    "class_definition": f.class_,
    "lambda": f.lambda_,
    # statements
    "block": s.block,
    "return_statement": s.return_,
    "if_statement": s.if_,
    "elif_clause": s.elif_,
    "while_statement": s.while_,
    "assert_statement": s.assert_,
    "for_statement": s.for_,
    "as_pattern": s.as_pattern,
    "except_clause": s.except_clause,
    "case_clause": p.case_clause,
    # nothing to read
    "comment": skip,
    "string_content": skip,
    "string_start": skip,
    "string_end": skip,
    "escape_sequence": skip,
    "pass_statement": skip,
    "ellipsis": skip,
}
