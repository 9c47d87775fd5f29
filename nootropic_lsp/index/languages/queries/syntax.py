"""What the shared extractor has to know of a language beside its queries.

A query file says which nodes are what, in this vocabulary. Every pattern has one
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
- `@literal`: a type that the language itself has; `@text`: a string.
- `@import`: parts `@path`, `@name` (a new name) and `@star` (binds every name).
- `@package`: what the file says it belongs to.
- `@rule.NAME`: handed to the function of that name in `Syntax.rules`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nootropic_lsp.index.facts import Definition, Kind, Role

if TYPE_CHECKING:
    from tree_sitter import Node

    from nootropic_lsp.index.languages.queries.reading import Reading

Captures = dict[str, list["Node"]]
Rule = Callable[["Reading", Captures], None]

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


@dataclass(frozen=True, slots=True)
class Syntax:
    """How one language is read.

    `queries` are files below the folder of all languages. `comments` are the starts of lines
    that document what follows. `rebinds` says that an assignment in an inner
    block means the variable of an outer one. `finish` completes the definitions,
    `mend` finds more of them in a file with errors. `prepare` gives a text of
    the same length that the grammar reads better, `repair` one for a file with errors.
    """

    queries: tuple[str, ...]
    comments: tuple[str, ...] = ("//", "/*", "*")
    rules: Mapping[str, Rule] = field(default_factory=dict)
    constructors: frozenset[str] = frozenset()
    rebinds: bool = False
    text_type: str = "String"
    finish: Callable[[Reading, list[Definition]], None] | None = None
    mend: Callable[[Reading], None] | None = None
    prepare: Callable[[bytes], bytes] | None = None
    repair: Callable[[bytes], bytes] | None = None
