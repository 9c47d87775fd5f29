"""What is carried along on the way through a JavaScript or TypeScript syntax tree."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from tree_sitter import Node

from nootropic_lsp.index.facts import Definition, Flag, Kind, Op, Role, Scope, ScopeKind
from nootropic_lsp.index.languages.walking import Walking

# A handler reads a node and gives the index of its value, or -1.
Handler = Callable[["Walk", Node], int]

# Deeper than any written program; what lies below in a generated one is left out.
DEEPEST = 1_500

# Types that the language itself has, by what their members are declared in.
PRIMITIVES = {
    "string": "String",
    "number": "Number",
    "boolean": "Boolean",
    "bigint": "BigInt",
    "symbol": "Symbol",
    "unique symbol": "Symbol",
}


class Walk(Walking):
    """One pass over a JavaScript or TypeScript tree."""

    most_alternatives = 12

    def __init__(
        self, data: bytes, handlers: Mapping[int, Handler], *, typed: bool, broken: bool
    ) -> None:
        super().__init__(data, handlers, deepest=DEEPEST)
        self.broken = broken  # the parser could not read all of it
        self.typed = typed  # TypeScript: types come from annotations, never from JSDoc
        self.definitions.append(Definition("", Kind.MODULE, 0, 0, 0, len(data), body=0))
        self.hoisted = 0  # the scope that `var` binds in
        self.function_end = len(data)
        self.class_scope = -1  # scope of the class whose member is being read
        self.static = False
        self.constructs = False  # inside a constructor, where members of a class are declared
        self.returning = -1  # what the function that is read is expected to return
        self.function = -1  # the plain function that is being read: what `this` belongs to
        self.context = -1  # what the function or object that is read next is expected to be
        self.doc = (0, 0)
        self.doc_until = 0  # how far comments reach without a gap after the last `/** */`
        self.exports = -1  # the scope of what is exported under a name of its own
        # What can be settled only when every declaration is known: see `settle` in commonjs.py.
        self.attributes: list[tuple[int, int]] = []  # (definition, plain function)
        self.expandos: list[tuple[int, str, bool, int]] = []  # (definition, owner, static, scope)
        self.prototypes: list[tuple[int, str, int]] = []  # (object scope, owner, scope)
        self.instances: dict[int, int] = {}  # the scope of a constructor function's members

    # ---- walking

    def visit(self, node: Node) -> int:
        """Read a node that is not too deep; the index of its value, or -1."""
        self.depth += 1
        value = self.handlers[node.kind_id](self, node) if self.depth < DEEPEST else -1
        self.depth -= 1
        return value

    def each(self, nodes: Iterable[Node]) -> None:
        handlers = self.handlers
        for node in nodes:
            handlers[node.kind_id](self, node)

    def annotation(self, node: Node | None) -> int:
        """The expression of a type annotation, or -1."""
        return -1 if node is None else self.with_role(node, Role.TYPE)

    # ---- expressions

    def use(self, name: Node, operator: int, operand: int) -> int:
        """A use of the name that a node spells."""
        start = name.start_byte
        text = self.text[start : name.end_byte]
        if not text:  # the parser supposes a name that is not there
            return -1
        self.expressions.append((operator, self.role, start, text, operand))
        return len(self.expressions) - 1

    # ---- definitions and scopes

    def define(
        self,
        name: Node,
        kind: int,
        whole: Node,
        *,
        scope: int | None = None,
        value: int = -1,
        flags: int = 0,
    ) -> int:
        """Bind the name that a node spells; the index of the definition, or -1."""
        start, end = name.start_byte, name.end_byte
        if name.type == "string":
            start, end = start + 1, end - 1
        text = self.text[start:end]
        if not text:
            return -1
        full_start = whole.start_byte
        definition = Definition(
            text,
            kind,
            start,
            self.scope if scope is None else scope,
            full_start,
            whole.end_byte,
            value=value,
            flags=flags,
        )
        self.document(definition, full_start)
        self.definitions.append(definition)
        return len(self.definitions) - 1

    def spell(self, name: str, start: int, kind: int, whole: Node, scope: int | None = None) -> int:
        """A definition that goes by a mark of the syntax, such as `(` for a call signature."""
        where = self.scope if scope is None else scope
        definition = Definition(name, kind, start, where, whole.start_byte, whole.end_byte)
        self.document(definition, whole.start_byte)
        self.definitions.append(definition)
        return len(self.definitions) - 1

    def anonymous(self, kind: int, node: Node, scope: int | None = None) -> int:
        """A definition whose name is not written."""
        start = node.start_byte
        where = self.scope if scope is None else scope
        self.definitions.append(Definition("", kind, start, where, start, node.end_byte))
        return len(self.definitions) - 1

    def document(self, definition: Definition, start: int) -> None:
        """Give a definition the comment that ends directly before `start`."""
        until = self.doc_until
        if until and until <= start <= until + 400:
            between = self.text[until:start]
            if not between or between.isspace() or _LEAD.match(between):
                definition.doc_start, definition.doc_end = self.doc

    def exports_scope(self) -> int:
        """The scope of names that are exported but not declared under that name.

        Every module has it, and no script.
        """
        if self.exports < 0:
            self.scopes.append(Scope(ScopeKind.OBJECT, 0, 0, len(self.text), 0))
            self.exports = len(self.scopes) - 1
        return self.exports

    def hold(self, index: int, value: int) -> None:
        """Let a definition own the scope of the object that is its value."""
        if index >= 0 and value >= 0:
            expression = self.expressions[value]
            if expression[0] == Op.OBJECT and self.scopes[expression[1]].owner < 0:
                self.scopes[expression[1]].owner = index
                self.definitions[index].body = expression[1]

    def type_parameters(self, node: Node | None, owner: int) -> None:
        """Bind `<T extends X = Y>` in the current scope."""
        if node is None:
            return
        for parameter in node.named_children:
            name = parameter.child_by_field_name("name")
            if name is None:
                continue
            index = self.define(name, Kind.TYPE_PARAMETER, parameter)
            constraint = parameter.child_by_field_name("constraint")
            default = parameter.child_by_field_name("value")
            bound = self.annotation(constraint)
            given = self.annotation(default)
            if index >= 0:
                definition = self.definitions[index]
                definition.annotation, definition.value = bound, given


# What may stand between a comment and what it documents.
_LEAD = re.compile(
    r"\s*((export|default|declare|const|let|var|async|abstract)\s+)*([\w$]+(\.[\w$]+)*\s*=\s*)?\Z"
)


def only(walk: Walk, node: Node) -> int:
    """A node that stands for the last one inside it."""
    walk.depth += 1
    value = -1
    if walk.depth < DEEPEST:
        for child in node.named_children:
            value = walk.handlers[child.kind_id](walk, child)
    walk.depth -= 1
    return value


def member_flags(node: Node) -> int:
    """What the words before a member say."""
    flags = 0
    for child in node.children:
        word = child.type
        flag = _MODIFIERS.get(word)
        if flag is not None:
            flags |= flag
        elif word == "accessibility_modifier":
            if child.text != b"public":
                flags |= Flag.PRIVATE
        elif word not in _BEFORE_NAME:
            break
    return flags


_MODIFIERS = {
    "static": Flag.STATIC,
    "async": Flag.ASYNC,
    "*": Flag.GENERATOR,
    "get": Flag.PROPERTY,
    "set": Flag.PROPERTY | Flag.SETTER,
    "abstract": Flag.ABSTRACT,
}
_BEFORE_NAME = frozenset({"decorator", "readonly", "declare", "override_modifier", "accessor"})
