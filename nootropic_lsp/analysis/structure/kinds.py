"""How the grammars of the families name what the engine has to know of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from tree_sitter import Node


@dataclass(frozen=True)
class Kinds:
    """The kinds of nodes of one family of languages.

    `binders` is a query whose captures `@name` are bound to `@value`, or to something unknown.
    With `marks_values`, a name that is given a value always has one of these characters behind it.
    """

    family: str
    calls: frozenset[str]
    functions: frozenset[str]
    classes: frozenset[str]
    members: frozenset[str]
    wrappers: frozenset[str]
    loops: frozenset[str]
    imports: frozenset[str]
    binders: str
    fields: tuple[str, str] = ("object", "property")
    more_fields: dict[str, tuple[str, str]] = field(default_factory=dict)
    marks_values: str = ""

    def member(self, node: Node) -> tuple[Node | None, Node | None]:
        """Of `a.b` the node of `a` and that of `b`."""
        owner, name = self.more_fields.get(node.type, self.fields)
        return node.child_by_field_name(owner), node.child_by_field_name(name)

    def function(self, call: Node) -> Node | None:
        """What is called, where that is an expression."""
        return call.child_by_field_name("function") or call.child_by_field_name("constructor")


PYTHON = Kinds(
    family="python",
    calls=frozenset({"call"}),
    functions=frozenset({"function_definition", "lambda"}),
    classes=frozenset({"class_definition"}),
    members=frozenset({"function_definition"}),
    wrappers=frozenset({"decorated_definition"}),
    loops=frozenset({"for_statement", "while_statement"}),
    imports=frozenset({"import_statement", "import_from_statement"}),
    binders="""
        (assignment left: (identifier) @name right: (_)? @value)
        (assignment left: (pattern_list (_) @unpacked))
        (assignment left: (tuple_pattern (_) @unpacked))
        (augmented_assignment left: (identifier) @name)
        (named_expression name: (identifier) @name value: (_) @value)
        (for_statement left: (_) @unpacked)
        (for_in_clause left: (_) @unpacked)
        (as_pattern_target (_) @unpacked)
        (parameters (_) @parameter)
        (lambda_parameters (_) @parameter)
        (function_definition name: (identifier) @name)
        (class_definition name: (identifier) @name)
    """,
    fields=("object", "attribute"),
    marks_values=":=",
)
JAVASCRIPT = Kinds(
    family="javascript",
    calls=frozenset({"call_expression", "new_expression"}),
    functions=frozenset(
        {
            "function_declaration", "function_expression", "arrow_function", "method_definition",
            "generator_function_declaration", "generator_function",
        }
    ),
    classes=frozenset({"class_declaration", "class", "abstract_class_declaration"}),
    members=frozenset({"method_definition", "function_declaration"}),
    wrappers=frozenset({"export_statement"}),
    loops=frozenset(
        {"for_statement", "for_in_statement", "while_statement", "do_statement"}
    ),
    imports=frozenset({"import_statement"}),
    binders="""
        (variable_declarator name: (identifier) @name value: (_)? @value)
        (variable_declarator name: (object_pattern) @destructured value: (_) @value)
        (variable_declarator name: (array_pattern) @unpacked)
        (assignment_expression left: (identifier) @name right: (_) @value)
        (augmented_assignment_expression left: (identifier) @name)
        (formal_parameters (_) @parameter)
        (arrow_function parameter: (identifier) @name)
        (for_in_statement left: (_) @unpacked)
        (catch_clause parameter: (_) @unpacked)
        (function_declaration name: (identifier) @name)
        (class_declaration name: (_) @name)
    """,
)  # fmt: skip
GO = Kinds(
    family="go",
    calls=frozenset({"call_expression"}),
    functions=frozenset({"function_declaration", "method_declaration", "func_literal"}),
    classes=frozenset(),
    members=frozenset({"function_declaration", "method_declaration"}),
    wrappers=frozenset(),
    loops=frozenset({"for_statement"}),
    imports=frozenset({"import_declaration"}),
    binders="""
        (short_var_declaration left: (expression_list . (identifier) @name .)
                               right: (expression_list . (_) @value .))
        (short_var_declaration left: (expression_list (identifier) @unpacked))
        (assignment_statement left: (expression_list . (identifier) @name .)
                              right: (expression_list . (_) @value .))
        (var_spec name: (identifier) @name value: (expression_list . (_) @value .)?)
        (const_spec name: (identifier) @name value: (expression_list . (_) @value .)?)
        (parameter_declaration name: (identifier) @name)
        (range_clause left: (expression_list (identifier) @unpacked))
    """,
    fields=("operand", "field"),
    more_fields={"qualified_type": ("package", "name")},
)
JAVA = Kinds(
    family="java",
    calls=frozenset({"method_invocation", "object_creation_expression"}),
    functions=frozenset({"method_declaration", "constructor_declaration", "lambda_expression"}),
    classes=frozenset({"class_declaration", "record_declaration", "enum_declaration"}),
    members=frozenset({"method_declaration", "constructor_declaration"}),
    wrappers=frozenset(),
    loops=frozenset({"for_statement", "enhanced_for_statement", "while_statement", "do_statement"}),
    imports=frozenset({"import_declaration"}),
    binders="""
        (variable_declarator name: (identifier) @name value: (_)? @value)
        (assignment_expression left: (identifier) @name right: (_) @value)
        (formal_parameter name: (identifier) @name)
        (catch_formal_parameter name: (identifier) @name)
        (enhanced_for_statement name: (identifier) @name)
        (resource name: (identifier) @name value: (_) @value)
        (lambda_expression parameters: (identifier) @name)
    """,
    fields=("object", "field"),
    more_fields={"scoped_type_identifier": ("", "")},
)
KINDS = {each.family: each for each in (PYTHON, JAVASCRIPT, GO, JAVA)}
