"""The capture names of our queries.

Every pattern has one
capture that says what it is about; the others name its parts.

- `@definition.KIND`, for every kind in `KINDS`: the whole construct. Parts: `@name` or
  `@names` (a list), `@type` (declared or returned), `@value` or `@values`, `@bases`
  (anything that holds the supertypes), `@body`, and `@of` (the type that an
  `extension` adds members to). A `nameless` type is the type of what is declared with it.
- `@scope`: a block. `@scope.function`: a closure.
- `@reference`, `@reference.ROLE`: a name that is used. `@written`: a value that is assigned.
- `@member`: parts `@receiver` and `@name`; without a receiver it is the object itself.
- `@call` with `@callee`; `@new` with `@type`; `@instance` (a cast) with `@type`.
- `@keyword`: parts `@name` and `@of`, the function called or the type built.
- `@same` with `@value`: stands for what is inside, such as a parenthesis.
- `@item`, `@element`, each with `@value`: one element of a container.
- `@generic`: parts `@type` and `@arguments`; `@list` with `@type`; `@tuple`.
- `@literal`: a type that the language itself has; `@text`: a string; `@number`: an integer.
- `@import`: parts `@path`, `@name` (a new name) and `@star` (binds every name).
- `@package`: what the file says it belongs to.
- `@rule.NAME`: handed to the function of that name in `Syntax.rules`, or to one of these
  that languages share: `method` (a member that is called: `@receiver`, `@name`, `@arguments`),
  `typed` (a type), `decorator`, and `ignored` (a name that is neither used nor defined).
"""

from __future__ import annotations

from tree_sitter import Node

from nootropic_lsp.index.facts import Kind, Role

Captures = dict[str, list[Node]]

KINDS = {
    "class": Kind.CLASS,
    "struct": Kind.STRUCT,
    "interface": Kind.INTERFACE,
    "enum": Kind.ENUM,
    "namespace": Kind.NAMESPACE,
    "extension": Kind.CLASS,
    "nameless": Kind.STRUCT,
    "function": Kind.FUNCTION,
    "method": Kind.METHOD,
    "constructor": Kind.CONSTRUCTOR,
    "prototype": Kind.FUNCTION,
    "variable": Kind.VARIABLE,
    "declared": Kind.VARIABLE,
    "global": Kind.VARIABLE,
    "attribute": Kind.ATTRIBUTE,
    "constant": Kind.CONSTANT,
    "parameter": Kind.PARAMETER,
    "field": Kind.FIELD,
    "property": Kind.PROPERTY,
    "enum_member": Kind.ENUM_MEMBER,
    "variant": Kind.ENUM_MEMBER,
    "type": Kind.TYPE,
    "type_parameter": Kind.TYPE_PARAMETER,
    "macro": Kind.MACRO,
    "key": Kind.KEY,
    "object": Kind.KEY,
}
ROLES = {
    "variable": Role.READ,
    "call": Role.CALL,
    "write": Role.WRITE,
    "import": Role.IMPORT,
    "type": Role.TYPE,
    "base": Role.BASE,
    "decorator": Role.DECORATOR,
}
REFERENCES = {"reference": Role.READ} | {f"reference.{name}": role for name, role in ROLES.items()}
TYPES = frozenset(
    {
        "class",
        "struct",
        "interface",
        "enum",
        "namespace",
        "extension",
        "nameless",
        "variant",
        "object",
    }
)
FUNCTIONS = frozenset({"function", "method", "constructor", "prototype"})
