"""What one file says on its own: its scopes, definitions and expressions, without any other file.

Facts are a pure function of the text, so they never need to be invalidated by
another file. A resolver joins the facts of many files into answers and edges.

Every place where a name is written is an expression whose tuple starts with an
operator from `USES`: `(op, role, position, name, operand)`. All other operators
describe values only, for light type inference. Operands are indices into
`Facts.expressions`; -1 means "none". Positions are code-point offsets.
"""

from __future__ import annotations

from typing import Any

import msgspec

# The enumerations below are plain integers: members of `enum` cost ten times as much in the
# inner loops that run over every name of a workspace, and these numbers go to disk.

# Changing what an extractor writes means raising this number: it is part of the index path.
FACTS_VERSION = 5


class Op:
    """Operators of expressions. The first four are the places where a name is written."""

    NAME = 0  # (op, role, position, name, scope)
    MEMBER = 1  # (op, role, position, name, receiver)
    # (op, role, position, dotted name as written, level of a relative import); a negative level
    # says that the name is not dotted but a path or a package, as JavaScript writes it.
    MODULE = 2
    KEYWORD = 3  # (op, role, position, name, called function)
    # (op, function, first argument, second argument), with the number of arguments behind it
    # where a language tells overloads apart by it and there are more than two.
    CALL = 4
    ITEM = 5  # (op, value, index)
    ELEMENT = 6  # (op, iterable): one element of it
    UNPACK = 7  # (op, value, position in the tuple)
    ENTER = 8  # (op, context manager)
    AWAIT = 9  # (op, awaitable)
    LITERAL = 10  # (op, name of a builtin type)
    DISPLAY = 11  # (op, name of a builtin container, element, ...)
    EITHER = 12  # (op, alternative, ...)
    INSTANCE = 13  # (op, annotation): a value of the type that an annotation names
    BINARY = 14  # (op, operator, left, right)
    YIELD = 15  # (op, element, ...): what a generator gives
    OBJECT = 16  # (op, scope): a value whose members are the definitions of a scope
    CLASS = 17  # (op, definition): a class written as an expression
    FUNCTION = 18  # (op, definition): a function written as an expression
    NEW = 19  # (op, class)
    TYPEOF = 20  # (op, value): in an annotation, the type of a value
    EXPECTED = 21  # (op, function, position, first argument): what a function takes there


USES = Op.KEYWORD  # operators up to this one are uses of a name


class Role:
    """What a use does with the name."""

    READ = 0
    CALL = 1
    WRITE = 2
    IMPORT = 3
    TYPE = 4
    BASE = 5
    DECORATOR = 6


class Kind:
    """What a definition is."""

    MODULE = 0
    CLASS = 1
    FUNCTION = 2
    METHOD = 3
    VARIABLE = 4
    PARAMETER = 5
    IMPORT = 6
    ATTRIBUTE = 7  # assigned through an instance: `self.x = ...`
    TYPE_PARAMETER = 8
    INTERFACE = 9
    ENUM = 10
    ENUM_MEMBER = 11
    CONSTANT = 12
    TYPE = 13  # alias
    NAMESPACE = 14
    FIELD = 15
    PROPERTY = 16
    CONSTRUCTOR = 17
    STRUCT = 18
    MACRO = 19
    KEY = 20
    NARROWED = 21  # not a definition: a name known to have a type between two offsets


KIND_WORDS = (
    "module",
    "class",
    "function",
    "method",
    "variable",
    "parameter",
    "import",
    "attribute",
    "type parameter",
    "interface",
    "enum",
    "enum member",
    "constant",
    "type",
    "namespace",
    "field",
    "property",
    "constructor",
    "struct",
    "macro",
    "key",
    "narrowed",
)
ROLE_WORDS = ("read", "call", "write", "import", "type", "base", "decorator")


class Flag:
    """What else is known of a definition."""

    ASYNC = 1
    GENERATOR = 2
    STATIC = 4
    CLASS_METHOD = 8
    PROPERTY = 16
    ABSTRACT = 32
    OVERLOAD = 64
    SETTER = 128
    VARIADIC = 256  # *args
    VARIADIC_KEYWORDS = 512  # **kwargs
    KEYWORD_ONLY = 1024
    HAS_DEFAULT = 2048
    EXPORTED = 4096
    PRIVATE = 8192
    REEXPORT = 16384  # imported so that others import it from here: `import x as x`
    DEPRECATED = 32768
    DATACLASS = 65536
    POSITIONAL_ONLY = 131072
    CONTEXT_MANAGER = 262144
    DECLARED = 524288  # an annotation without a value
    AUGMENTED = 1048576  # `x += 1` binds, but the name had to exist
    ARROW = 2097152  # a function that takes `this` from around it
    ASSIGNED = 4194304  # narrowed by an assignment, not by a test


class ScopeKind:
    """Scopes that hold names."""

    MODULE = 0
    CLASS = 1
    FUNCTION = 2
    COMPREHENSION = 3
    BLOCK = 4
    OBJECT = 5  # members of an object literal: never found by a bare name


class Scope(msgspec.Struct, array_like=True, gc=False):
    """A region in which names are bound. `owner` is the definition that opens it, or -1."""

    kind: int
    parent: int
    start: int
    end: int
    owner: int = -1


class Block(msgspec.Struct, array_like=True, gc=False):
    """A run of statements that are executed one after the other.

    `parent` is the block around it. `exclusive_end` is where the other arms of its
    `if` or `match` end, 0 when it has none; `leaves` says that it never runs on to
    what follows (it ends in `return`, `raise`, `break` or `continue`).
    """

    start: int
    end: int
    parent: int
    exclusive_end: int = 0
    leaves: bool = False


class Definition(msgspec.Struct, array_like=True, gc=False):
    """One place where a name is bound.

    `start` is where the name is written, `full_start` to `full_end` the whole
    construct and `head_end` where its header ends. `value` is what is assigned or
    returned, `annotation` what is declared, `related` the bases of a class or the
    decorators of a function.
    """

    name: str
    kind: int
    start: int
    scope: int
    full_start: int
    full_end: int
    head_end: int = 0
    body: int = -1
    annotation: int = -1
    value: int = -1
    flags: int = 0
    related: list[int] = []
    doc_start: int = 0
    doc_end: int = 0
    block: int = 0

    @property
    def end(self) -> int:
        """Where the written name ends."""
        return self.start + len(self.name)


Expression = tuple[Any, ...]


class Facts(msgspec.Struct, array_like=True):
    """Everything that one file says on its own."""

    language: str
    scopes: list[Scope]
    definitions: list[Definition]
    expressions: list[Expression]
    blocks: list[Block] = []
    stars: list[int] = []  # modules whose every public name is imported
    exports: list[str] | None = None  # what the file says it exports, where it says so
    # Names that a function takes from an outer scope: (scope, name, True for the module's own).
    outer: list[tuple[int, str, bool]] = []
    errors: int = 0  # nodes the parser could not read
