"""From a Python syntax tree to the facts of one file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache

import tree_sitter_python
from tree_sitter import Language, Node

from nootropic_lsp.index.facts import (
    Block,
    Definition,
    Expression,
    Facts,
    Flag,
    Kind,
    Op,
    Role,
    Scope,
    ScopeKind,
)
from nootropic_lsp.index.offsets import to_code_points

Handler = Callable[["_Walk", Node], int]

_DOTTED = re.compile(r"\s*[^\W\d]\w*(\s*\.\s*[^\W\d]\w*)*\s*\Z")
_PROPERTIES = frozenset({"property", "cached_property", "abstractproperty", "classproperty"})
_DATACLASSES = frozenset(
    {"dataclass", "define", "frozen", "mutable", "attrs", "dataclass_transform"}
)
_CONSTANT = re.compile(r"_*[A-Z][A-Z0-9_]*\Z")
_QUOTES = ("'", '"')
_STRING_PREFIX = re.compile(r"[A-Za-z]*")
# Deeper than any written program; what lies below in a generated one is left out.
_DEEPEST = 2_500


@cache
def language() -> Language:
    """The Python grammar."""
    return Language(tree_sitter_python.language())


def extract(root: Node, data: bytes, language_name: str = "python") -> Facts:
    """The facts of the file whose syntax tree is `root` and whose UTF-8 text is `data`."""
    walk = _Walk(data)
    walk.module(root)
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


class _Walk:
    """One pass over the tree. Offsets are bytes here; `to_code_points` mends them at the end.

    The text is kept as Latin-1, so that a byte offset is an index into it.
    """

    def __init__(self, data: bytes) -> None:
        self.text = data.decode("latin-1")
        self.scopes = [Scope(ScopeKind.MODULE, -1, 0, len(data))]
        self.definitions: list[Definition] = []
        self.expressions: list[Expression] = []
        self.blocks = [Block(0, len(data), -1)]
        self.current_block = 0
        self.stars: list[int] = []
        self.exports: list[str] | None = None
        self.outer: list[tuple[int, str, bool]] = []
        self.scope = 0
        self.role = Role.READ
        self.receiver = ""  # the first parameter of the method that is being read
        self.receiver_class = -1  # scope of the class whose method is being read
        self.returns: list[int] = []
        self.yields: list[int] = []
        self.block_end = len(data)
        self.declared: dict[str, int] = {}  # `global` and `nonlocal` names: the scope they bind in
        self.literals: dict[str, int] = {}
        self.depth = 0
        self.handlers = _handlers()
        kinds = _kinds()
        self.argument_list = kinds["argument_list"]
        self.keyword_argument = kinds["keyword_argument"]

    # ---- walking

    def module(self, root: Node) -> None:
        self._documentation_of_module(root)
        self.each(root.named_children)

    def _documentation_of_module(self, root: Node) -> None:
        span = self.documentation(root)
        self.definitions.append(
            Definition(
                "", Kind.MODULE, 0, 0, 0, root.end_byte, body=0, doc_start=span[0], doc_end=span[1]
            )
        )
        self.scopes[0].owner = 0

    def visit(self, node: Node) -> int:
        """Read a node; the index of its value, or -1."""
        return self.handlers[node.kind_id](self, node)

    def each(self, nodes: Iterable[Node]) -> None:
        handlers = self.handlers
        for node in nodes:
            handlers[node.kind_id](self, node)

    def inner(self, node: Node) -> int:
        """Read what is inside a node that has no value of its own."""
        self.depth += 1
        if self.depth < _DEEPEST:
            handlers = self.handlers
            for child in node.named_children:
                handlers[child.kind_id](self, child)
        self.depth -= 1
        return -1

    def skip(self, node: Node) -> int:
        return -1

    def add(self, *expression: object) -> int:
        self.expressions.append(expression)
        return len(self.expressions) - 1

    def either(self, values: Iterable[int]) -> int:
        known = [value for value in dict.fromkeys(values) if value >= 0]
        if len(known) < 2:
            return known[0] if known else -1
        return self.add(Op.EITHER, *known)

    def literal(self, name: str) -> int:
        index = self.literals.get(name)
        if index is None:
            index = self.literals[name] = self.add(Op.LITERAL, name)
        return index

    # ---- names

    def identifier(self, node: Node) -> int:
        start = node.start_byte
        expressions = self.expressions
        name = self.text[start : node.end_byte]
        if not name:  # the parser supposes a name that is not there
            return -1
        expressions.append((Op.NAME, self.role, start, name, self.scope))
        return len(expressions) - 1

    def attribute(self, node: Node) -> int:
        children = node.children
        receiver_node = children[0]
        receiver = self.handlers[receiver_node.kind_id](self, receiver_node)
        name = children[-1]
        start = name.start_byte
        expressions = self.expressions
        text = self.text[start : name.end_byte]
        if not text.isidentifier() and text.isascii():
            return -1  # what the parser skipped to stands here
        expressions.append((Op.MEMBER, self.role, start, text, receiver))
        return len(expressions) - 1

    def with_role(self, node: Node, role: int) -> int:
        before, self.role = self.role, role
        value = self.visit(node)
        self.role = before
        return value

    def mark(self, index: int, role: int) -> None:
        """Set the role of a use after the fact."""
        if index >= 0:
            expression = self.expressions[index]
            if expression[0] <= Op.MEMBER:
                self.expressions[index] = (expression[0], role, *expression[2:])

    # ---- expressions

    def call(self, node: Node) -> int:
        children = node.children
        handlers = self.handlers
        function_node = children[0]
        function = handlers[function_node.kind_id](self, function_node)
        expressions = self.expressions
        if function >= 0:
            target = expressions[function]
            if target[0] <= Op.MEMBER and target[1] == Role.READ:
                expressions[function] = (target[0], Role.CALL, target[2], target[3], target[4])
        arguments = children[-1]
        first = second = -1
        if arguments.kind_id == self.argument_list:
            keyword = self.keyword_argument
            count = 0
            for argument in arguments.named_children:
                kind = argument.kind_id
                if kind == keyword:
                    self.keyword(argument, function)
                    continue
                value = handlers[kind](self, argument)
                count += 1
                if count == 1:
                    first = value
                elif count == 2:
                    second = value
        else:
            first = self.visit(arguments)
        if function < 0:
            return -1
        if self.exports is not None and not self.scope:
            self._note_exports_call(function, arguments)
        expressions.append((Op.CALL, function, first, second))
        return len(expressions) - 1

    def keyword(self, node: Node, function: int) -> int:
        children = node.children
        name = children[0]
        start = name.start_byte
        if function >= 0:
            self.add(Op.KEYWORD, Role.READ, start, self.text[start : name.end_byte], function)
        return self.visit(children[-1])

    def subscript(self, node: Node) -> int:
        children = node.named_children
        value = self.visit(children[0])
        indices = [self.visit(child) for child in children[1:]]
        if value < 0:
            return -1
        if len(indices) > 1:
            index = self.add(Op.DISPLAY, "tuple", *indices)
        else:
            index = indices[0] if indices else -1
        return self.add(Op.ITEM, value, index)

    def slice(self, node: Node) -> int:
        self.inner(node)
        return self.literal("slice")

    def generic_type(self, node: Node) -> int:
        """`list[int]` inside an annotation."""
        children = node.named_children
        value = self.visit(children[0])
        indices = [self.visit(child) for child in children[1].named_children]
        if len(indices) == 1:
            return self.add(Op.ITEM, value, indices[0])
        return self.add(Op.ITEM, value, self.add(Op.DISPLAY, "tuple", *indices))

    def union_type(self, node: Node) -> int:
        left, right = (self.visit(child) for child in node.named_children[:2])
        return self.add(Op.BINARY, "|", left, right)

    def member_type(self, node: Node) -> int:
        children = node.named_children
        receiver = self.visit(children[0])
        name = children[-1]
        start = name.start_byte
        return self.add(Op.MEMBER, self.role, start, self.text[start : name.end_byte], receiver)

    def only(self, node: Node) -> int:
        """A node that stands for the one inside it."""
        value = -1
        for child in node.named_children:
            value = self.visit(child)
        return value

    def string(self, node: Node) -> int:
        start = node.start_byte
        if self.role != Role.TYPE and self.text[start : start + 1] in _QUOTES:
            return self.literal("str")
        prefix = _STRING_PREFIX.match(self.text, start)
        letters = prefix[0].lower() if prefix else ""
        if "f" in letters or "t" in letters:
            role, self.role = self.role, Role.READ
            self.inner(node)
            self.role = role
        elif self.role == Role.TYPE:
            return self._quoted_annotation(node)
        return self.literal("bytes" if "b" in letters else "str")

    def _quoted_annotation(self, node: Node) -> int:
        """A forward reference: a dotted name in quotes, perhaps with `| None` or brackets."""
        for child in node.named_children:
            if child.type != "string_content":
                continue
            start, end = child.start_byte, child.end_byte
            return self._annotation_text(start, end)
        return -1

    def _annotation_text(self, start: int, end: int) -> int:
        text = self.text[start:end]
        if _DOTTED.match(text):
            value = -1
            for match in re.finditer(r"[^\W\d]\w*", text):
                position = start + match.start()
                if value < 0:
                    value = self.add(Op.NAME, self.role, position, match[0], self.scope)
                else:
                    value = self.add(Op.MEMBER, self.role, position, match[0], value)
            return value
        parts = _split_outside(text, "|")
        if len(parts) > 1:
            return self.either(
                self._annotation_text(start + at, start + at + len(part)) for at, part in parts
            )
        opening = text.find("[")
        if opening > 0 and text.rstrip().endswith("]"):
            value = self._annotation_text(start, start + opening)
            inside = text[opening + 1 : text.rindex("]")]
            first = start + opening + 1
            indices = [
                self._annotation_text(first + at, first + at + len(part))
                for at, part in _split_outside(inside, ",")
            ]
            if value >= 0 and len(indices) == 1:
                return self.add(Op.ITEM, value, indices[0])
            if value >= 0:
                return self.add(Op.ITEM, value, self.add(Op.DISPLAY, "tuple", *indices))
        return -1

    def concatenated_string(self, node: Node) -> int:
        self.inner(node)
        return self.literal("str")

    def integer(self, node: Node) -> int:
        return self.literal("int")

    def float(self, node: Node) -> int:
        return self.literal("float")

    def boolean(self, node: Node) -> int:
        return self.literal("bool")

    def none(self, node: Node) -> int:
        return self.literal("None")

    def display(self, node: Node) -> int:
        """A list, tuple or set: the types of its first elements are enough."""
        values = [self.visit(child) for child in node.named_children]
        limit = len(values) if node.type in ("tuple", "expression_list") else 3
        name = "tuple" if node.type == "expression_list" else node.type
        return self.add(Op.DISPLAY, name, *values[:limit])

    def dictionary(self, node: Node) -> int:
        pair = _kinds()["pair"]
        key = value = -1
        for child in node.named_children:
            if child.kind_id == pair:
                children = child.named_children
                a, b = self.visit(children[0]), self.visit(children[-1])
                if value < 0:
                    key, value = a, b
            else:
                self.visit(child)
        return self.add(Op.DISPLAY, "dict", key, value)

    def comprehension(self, node: Node) -> int:
        kind = node.type
        outside = self.scope
        self._open(ScopeKind.COMPREHENSION, node, -1)
        inside = self.scope
        children = [child for child in node.named_children if child.type != "comment"]
        if not children:
            self.scope = outside
            return -1
        first = True
        # The clauses bind the names that the body reads, so they come first.
        for child in children[1:]:
            if child.type == "for_in_clause":
                left = child.child_by_field_name("left")
                # The outermost iterable is evaluated outside, as the language says.
                self.scope = outside if first else inside
                value = -1
                for right in child.children_by_field_name("right"):
                    value = self.visit(right)
                self.scope = inside
                first = False
                if left is not None:
                    self.bind(left, self.element(value), child)
            else:
                self.visit(child)
        body = children[0]
        if kind == "dictionary_comprehension":
            values = [self.visit(part) for part in body.named_children if part.type != "comment"]
            result = self.add(Op.DISPLAY, "dict", *values[:2])
        else:
            value = self.visit(body)
            name = {"list_comprehension": "list", "set_comprehension": "set"}.get(kind)
            result = self.add(Op.DISPLAY, name, value) if name else self.add(Op.YIELD, value)
        self.scope = outside
        return result

    def element(self, iterable: int) -> int:
        return self.add(Op.ELEMENT, iterable) if iterable >= 0 else -1

    def lambda_(self, node: Node) -> int:
        outside = self.scope
        parameters = node.child_by_field_name("parameters")
        body = node.child_by_field_name("body")
        start = node.start_byte
        definition = Definition("", Kind.FUNCTION, start, outside, start, node.end_byte)
        index = len(self.definitions)
        self.definitions.append(definition)
        self._open(ScopeKind.FUNCTION, node, index)
        definition.body = self.scope
        if parameters is not None:
            self._parameters(parameters, self.scope, outside)
        if body is not None:
            definition.value = self.visit(body)
        self.scope = outside
        return self.add(Op.FUNCTION, index)

    def conditional(self, node: Node) -> int:
        children = [child for child in node.named_children if child.type != "comment"]
        if len(children) < 3:
            return self.inner(node)
        self.visit(children[1])
        return self.either([self.visit(children[0]), self.visit(children[2])])

    def boolean_operator(self, node: Node) -> int:
        children = node.named_children
        left = self.visit(children[0])
        if node.children[1].type == "and":
            self._narrow(children[0], children[-1].start_byte, children[-1].end_byte)
            return self.visit(children[-1])
        return self.either([left, self.visit(children[-1])])

    def binary_operator(self, node: Node) -> int:
        self.depth += 1
        if self.depth >= _DEEPEST:
            self.depth -= 1
            return -1
        children = node.children
        left = self.visit(children[0])
        right = self.visit(children[-1])
        self.depth -= 1
        return self.add(Op.BINARY, children[1].type, left, right)

    def truth(self, node: Node) -> int:
        """A comparison or `not`."""
        self.inner(node)
        return self.literal("bool")

    def await_(self, node: Node) -> int:
        value = self.only(node)
        return self.add(Op.AWAIT, value) if value >= 0 else -1

    def yield_(self, node: Node) -> int:
        value = self.only(node)
        if node.child_count > 1 and node.children[1].type == "from":
            value = self.element(value)
        self.yields.append(value)
        return -1

    def walrus(self, node: Node) -> int:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        result = self.visit(value) if value is not None else -1
        if name is not None:
            inside = self.scope
            while self.scopes[self.scope].kind == ScopeKind.COMPREHENSION:
                self.scope = self.scopes[self.scope].parent
            self.bind(name, result, node)
            self.scope = inside
        return result

    # ---- binding

    def define(
        self, name: Node, kind: int, whole: Node, *, value: int = -1, flags: int = 0
    ) -> Definition | None:
        """A definition in the current scope, or where `global` or `nonlocal` send the name."""
        start = name.start_byte
        text = self.text[start : name.end_byte]
        if not text:
            return None
        definition = Definition(
            text,
            kind,
            start,
            self.declared.get(text, self.scope) if self.declared else self.scope,
            whole.start_byte,
            whole.end_byte,
            value=value,
            flags=flags,
            block=self.current_block,
        )
        self.definitions.append(definition)
        return definition

    def bind(
        self, target: Node, value: int, whole: Node, *, annotation: int = -1, flags: int = 0
    ) -> None:
        """Bind the names of an assignment's left side."""
        kind = target.type
        if kind == "identifier":
            definition = self.define(target, Kind.VARIABLE, whole, value=value, flags=flags)
            if definition is not None:
                definition.annotation = annotation
                if _CONSTANT.match(definition.name) and definition.scope == 0:
                    definition.kind = Kind.CONSTANT
        elif kind == "attribute":
            self._bind_attribute(target, value, whole, annotation, flags)
        elif kind in _SEQUENCES:
            for index, child in enumerate(target.named_children):
                if child.type == "comment":
                    continue
                part = self.add(Op.UNPACK, value, index) if value >= 0 else -1
                self.bind(child, part, whole, flags=flags)
        elif kind in ("list_splat_pattern", "list_splat"):
            for child in target.named_children:
                self.bind(child, self.add(Op.DISPLAY, "list", -1), whole, flags=flags)
        elif kind in ("as_pattern_target", "parenthesized_expression", "parenthesized_pattern"):
            for child in target.named_children:
                self.bind(child, value, whole, annotation=annotation, flags=flags)
        else:
            self.visit(target)

    def _bind_attribute(
        self, target: Node, value: int, whole: Node, annotation: int, flags: int
    ) -> None:
        index = self.with_role(target, Role.READ)
        self.mark(index, Role.WRITE)
        receiver = target.children[0]
        if (
            index >= 0
            and self.receiver
            and receiver.type == "identifier"
            and self.text[receiver.start_byte : receiver.end_byte] == self.receiver
        ):
            name = target.children[-1]
            definition = Definition(
                self.text[name.start_byte : name.end_byte],
                Kind.ATTRIBUTE,
                name.start_byte,
                self.receiver_class,
                whole.start_byte,
                whole.end_byte,
                value=value,
                annotation=annotation,
                flags=flags,
                block=self.current_block,
            )
            self.definitions.append(definition)

    def assignment(self, node: Node) -> int:
        children = node.children
        left = children[0]
        right = declared = None
        if len(children) == 3 and children[1].type == "=":
            right = children[2]
        else:
            right = node.child_by_field_name("right")
            declared = node.child_by_field_name("type")
        annotation = self.annotation(declared) if declared is not None else -1
        value = self.visit(right) if right is not None else -1
        self.bind(
            left,
            value,
            node,
            annotation=annotation,
            flags=Flag.DECLARED if right is None else 0,
        )
        if (
            self.scope == 0
            and right is not None
            and self.text[left.start_byte : left.end_byte] == "__all__"
        ):
            self.exports = self._strings_in(right)
        return value

    def augmented_assignment(self, node: Node) -> int:
        left = node.child_by_field_name("left")
        right = node.child_by_field_name("right")
        value = self.visit(right) if right is not None else -1
        if left is None:
            return -1
        if left.type == "identifier":
            before = self.identifier(left)
            self.mark(before, Role.WRITE)
            self.bind(left, before, node, flags=Flag.AUGMENTED)
            if (
                self.scope == 0
                and self.exports is not None
                and right is not None
                and self.text[left.start_byte : left.end_byte] == "__all__"
            ):
                self.exports = [*self.exports, *self._strings_in(right)]
        else:
            self.mark(self.visit(left), Role.WRITE)
        return value

    def _strings_in(self, node: Node) -> list[str]:
        return [
            self.text[child.start_byte : child.end_byte]
            for string in node.named_children
            if string.type == "string"
            for child in string.named_children
            if child.type == "string_content"
        ]

    def _note_exports_call(self, function: int, arguments: Node) -> None:
        """`__all__.extend([...])` and `__all__.append("x")`."""
        if self.exports is None:
            return
        expression = self.expressions[function]
        if expression[0] != Op.MEMBER or expression[3] not in ("extend", "append"):
            return
        receiver = self.expressions[expression[4]] if expression[4] >= 0 else ()
        if receiver and receiver[0] == Op.NAME and receiver[3] == "__all__":
            inside = [arguments, *arguments.named_children]
            self.exports += [name for node in inside for name in self._strings_in(node)]

    def annotation(self, node: Node) -> int:
        """The expression of an annotation, read as a type."""
        return self.with_role(node, Role.TYPE)

    # ---- statements

    def function(
        self, node: Node, decorators: Iterable[int] = (), whole: Node | None = None
    ) -> int:
        whole = whole or node
        name = node.child_by_field_name("name")
        body = node.child_by_field_name("body")
        if name is None:
            return self.inner(node)
        outside = self.scope
        in_class = self.scopes[outside].kind == ScopeKind.CLASS
        kind = Kind.METHOD if in_class else Kind.FUNCTION
        definition = self.define(name, kind, whole)
        if definition is None:
            return self.inner(node)
        index = len(self.definitions) - 1
        definition.related = list(decorators)
        definition.flags = self._decorations(definition.related)
        if node.children[0].type == "async":
            definition.flags |= Flag.ASYNC
        kept = (
            self.receiver,
            self.receiver_class,
            self.returns,
            self.yields,
            self.block_end,
            self.declared,
        )
        signature_scope = self._type_parameters(node, index)
        self._open(ScopeKind.FUNCTION, node, index)
        definition.body = inside = self.scope
        self.returns, self.yields, self.declared = [], [], {}
        parameters = node.child_by_field_name("parameters")
        first = ""
        if parameters is not None:
            first = self._parameters(parameters, inside, signature_scope)
        if in_class:
            self.receiver = "" if definition.flags & Flag.STATIC else first
            self.receiver_class = outside
        returned = node.child_by_field_name("return_type")
        if returned is not None:
            self.scope = signature_scope
            definition.annotation = self.annotation(returned)
            self.scope = inside
        if body is not None:
            definition.head_end = _head_end(self.text, node, body)
            definition.doc_start, definition.doc_end = self.documentation(body)
            self.block(body)
        if self.yields:
            definition.flags |= Flag.GENERATOR
            definition.value = self.add(Op.YIELD, *self.yields)
        else:
            definition.value = self.either(self.returns)
        (
            self.receiver,
            self.receiver_class,
            self.returns,
            self.yields,
            self.block_end,
            self.declared,
        ) = kept
        self.scope = outside
        return -1

    def _decorations(self, decorators: list[int]) -> int:
        flags = 0
        for index in decorators:
            expression = self.expressions[index]
            if expression[0] == Op.CALL:
                expression = self.expressions[expression[1]]
            if expression[0] > Op.MEMBER:
                continue
            name = expression[3]
            if name in _PROPERTIES or name.endswith("_property"):
                flags |= Flag.PROPERTY
            elif name == "staticmethod":
                flags |= Flag.STATIC
            elif name == "classmethod":
                flags |= Flag.CLASS_METHOD
            elif name in ("setter", "deleter") and expression[0] == Op.MEMBER:
                flags |= Flag.SETTER | Flag.PROPERTY
            elif name == "getter" and expression[0] == Op.MEMBER:
                flags |= Flag.PROPERTY
            elif name == "overload":
                flags |= Flag.OVERLOAD
            elif name == "abstractmethod":
                flags |= Flag.ABSTRACT
            elif name in ("contextmanager", "asynccontextmanager"):
                flags |= Flag.CONTEXT_MANAGER
            elif name in _DATACLASSES:
                flags |= Flag.DATACLASS
            elif name == "deprecated":
                flags |= Flag.DEPRECATED
        return flags

    def _type_parameters(self, node: Node, owner: int) -> int:
        """Open a scope for `[T]` if there is one; the scope that annotations are read in."""
        parameters = node.child_by_field_name("type_parameters")
        if parameters is None:
            return self.scope
        self._open(ScopeKind.FUNCTION, node, owner)
        for parameter in parameters.named_children:
            name = _first_identifier(parameter)
            if name is not None:
                self.define(name, Kind.TYPE_PARAMETER, parameter)
                for bound in parameter.named_children[0].named_children[1:]:
                    self.annotation(bound)
        return self.scope

    def _parameters(self, node: Node, inside: int, outside: int) -> str:
        """Bind parameters inside; read defaults and annotations outside. The first one's name."""
        first = ""
        flags = 0
        ordinal = 0
        for child in node.named_children:
            kind = child.type
            if kind in ("keyword_separator", "list_splat_pattern"):
                flags = Flag.KEYWORD_ONLY
            if kind in ("keyword_separator", "comment"):
                continue
            if kind == "positional_separator":
                for definition in self.definitions[-ordinal:]:
                    definition.flags |= Flag.POSITIONAL_ONLY
                continue
            name, more = _parameter_name(child)
            if name is None:
                self.scope = inside
                self.inner(child)
                continue
            declared = child.child_by_field_name("type")
            value = child.child_by_field_name("value")
            self.scope = outside
            annotation = self.annotation(declared) if declared is not None else -1
            default = self.visit(value) if value is not None else -1
            if value is not None:
                more |= Flag.HAS_DEFAULT
            self.scope = inside
            definition = self.define(name, Kind.PARAMETER, child, value=default, flags=more | flags)
            if more & Flag.VARIADIC:
                definition_flags = Flag.KEYWORD_ONLY
                flags = definition_flags
                if definition is not None:
                    definition.flags &= ~Flag.KEYWORD_ONLY
            if definition is not None:
                definition.annotation = annotation
                definition.related = [ordinal]
                if ordinal == 0 and not more & (Flag.VARIADIC | Flag.VARIADIC_KEYWORDS):
                    first = definition.name
                ordinal += 1
        self.scope = inside
        return first

    def class_(self, node: Node, decorators: Iterable[int] = (), whole: Node | None = None) -> int:
        whole = whole or node
        name = node.child_by_field_name("name")
        body = node.child_by_field_name("body")
        if name is None:
            return self.inner(node)
        outside = self.scope
        definition = self.define(name, Kind.CLASS, whole)
        if definition is None:
            return self.inner(node)
        index = len(self.definitions) - 1
        definition.flags = self._decorations(list(decorators))
        self._type_parameters(node, index)
        bases = node.child_by_field_name("superclasses")
        related: list[int] = []
        if bases is not None:
            keyword = self.keyword_argument
            for base in bases.named_children:
                if base.kind_id == keyword:
                    self.keyword(base, -1)
                else:
                    related.append(self.with_role(base, Role.BASE))
        definition.related = [base for base in related if base >= 0]
        self._open(ScopeKind.CLASS, node, index)
        definition.body = self.scope
        kept = self.receiver, self.receiver_class, self.declared, self.block_end
        self.receiver, self.declared = "", {}
        if body is not None:
            definition.head_end = _head_end(self.text, node, body)
            definition.doc_start, definition.doc_end = self.documentation(body)
            self.block(body)
        self.receiver, self.receiver_class, self.declared, self.block_end = kept
        self.scope = outside
        return -1

    def decorated(self, node: Node) -> int:
        decorators: list[int] = []
        for child in node.named_children:
            kind = child.type
            if kind == "decorator":
                value = -1
                for inside in child.named_children:
                    value = self.with_role(inside, Role.DECORATOR)
                if value >= 0:
                    decorators.append(value)
            elif kind == "function_definition":
                self.function(child, decorators, node)
            elif kind == "class_definition":
                self.class_(child, decorators, node)
            else:
                self.visit(child)
        return -1

    def _open(self, kind: int, node: Node, owner: int) -> None:
        self.scopes.append(Scope(kind, self.scope, node.start_byte, node.end_byte, owner))
        self.scope = len(self.scopes) - 1

    def block(self, node: Node) -> int:
        outside, end = self.current_block, self.block_end
        self.block_end = node.end_byte
        self.current_block = len(self.blocks)
        children = node.named_children
        leaves = bool(children) and children[-1].type in _LEAVING
        block = Block(node.start_byte, node.end_byte, outside, _exclusive_end(node), leaves)
        self.blocks.append(block)
        self.depth += 1
        if self.depth < _DEEPEST:
            handlers = self.handlers
            for child in children:
                handlers[child.kind_id](self, child)
        self.depth -= 1
        self.current_block, self.block_end = outside, end
        return -1

    def documentation(self, body: Node) -> tuple[int, int]:
        """The span between the quotes of the string that a body begins with."""
        for number in range(body.named_child_count):
            child = body.named_child(number)
            if child is None or child.type == "comment":
                continue
            if child.type == "expression_statement":
                string = child.named_child(0)
                if string is not None and string.type == "string" and string.child_count:
                    return string.start_byte, string.end_byte
            break
        return 0, 0

    def return_(self, node: Node) -> int:
        value = self.only(node)
        if value >= 0:
            self.returns.append(value)
        return -1

    def for_(self, node: Node) -> int:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        value = self.visit(right) if right is not None else -1
        if left is not None:
            self.bind(left, self.element(value), node)
        for child in node.named_children[2:]:
            self.visit(child)
        return -1

    def as_pattern(self, node: Node) -> int:
        """`value as name` in `with` and `except`."""
        children = node.named_children
        value = self.visit(children[0])
        holder = node.parent
        if holder is not None and holder.type == "with_item":
            bound = self.add(Op.ENTER, value) if value >= 0 else -1
        elif holder is not None and holder.type.startswith("except"):
            bound = self._caught(value)
        else:
            bound = value
        alias = node.child_by_field_name("alias")
        if alias is not None:
            self.bind(alias, bound, node)
        return value

    def _caught(self, classes: int) -> int:
        """An instance of the class, or of one of the classes, that `except` names."""
        if classes < 0:
            return -1
        expression = self.expressions[classes]
        if expression[0] == Op.DISPLAY:
            return self.either(self.add(Op.NEW, item) for item in expression[2:] if item >= 0)
        return self.add(Op.NEW, classes)

    def except_clause(self, node: Node) -> int:
        # Grammars up to 0.23 hold the alias here, later ones in an `as_pattern`.
        alias = node.child_by_field_name("alias")
        value = node.child_by_field_name("value")
        if alias is None or value is None:
            return self.inner(node)
        caught = self._caught(self.visit(value))
        self.bind(alias, caught, node)
        for child in node.named_children:
            if child.type == "block":
                self.visit(child)
        return -1

    def if_(self, node: Node) -> int:
        condition = node.child_by_field_name("condition")
        consequence = node.child_by_field_name("consequence")
        if condition is not None and consequence is not None:
            self._narrow(condition, consequence.start_byte, consequence.end_byte)
            if _leaves(consequence):
                self._narrow_otherwise(condition, node.end_byte)
        return self.inner(node)

    def assert_(self, node: Node) -> int:
        if node.named_child_count:
            self._narrow(node.named_children[0], node.end_byte, self.block_end)
        return self.inner(node)

    def _narrow_otherwise(self, condition: Node, start: int) -> None:
        if condition.type == "not_operator" and condition.named_child_count:
            self._narrow(condition.named_children[0], start, self.block_end)

    def _narrow(self, condition: Node, start: int, end: int) -> None:
        """Note what `isinstance(name, Class)` says about a name between two offsets."""
        if condition.type == "boolean_operator" and condition.children[1].type == "and":
            for part in (condition.children[0], condition.children[-1]):
                self._narrow(part, start, end)
            return
        if condition.type == "parenthesized_expression" and condition.named_child_count == 1:
            self._narrow(condition.named_children[0], start, end)
            return
        if condition.type != "call":
            return
        function, arguments = condition.children[0], condition.children[-1]
        if self.text[function.start_byte : function.end_byte] != "isinstance":
            return
        given = [child for child in arguments.named_children if child.type != "comment"]
        if len(given) != 2 or given[0].type != "identifier":
            return
        mark = len(self.expressions)
        classes = self.visit(given[1])
        value = self._caught(classes)
        # The condition itself is read later; what was read here must not count as uses.
        for index in range(mark, len(self.expressions)):
            expression = self.expressions[index]
            if expression[0] <= Op.MEMBER:
                self.expressions[index] = (
                    expression[0],
                    expression[1],
                    -1,
                    expression[3],
                    expression[4],
                )
        name = self.text[given[0].start_byte : given[0].end_byte]
        self.definitions.append(
            Definition(name, Kind.NARROWED, start, self.scope, start, end, value=value)
        )

    def global_(self, node: Node) -> int:
        self._declare(node, 0)
        return -1

    def nonlocal_(self, node: Node) -> int:
        scope = self.scopes[self.scope].parent
        while scope > 0 and self.scopes[scope].kind != ScopeKind.FUNCTION:
            scope = self.scopes[scope].parent
        self._declare(node, scope)
        return -1

    def _declare(self, node: Node, scope: int) -> None:
        for child in node.named_children:
            name = self.text[child.start_byte : child.end_byte]
            self.declared = {**self.declared, name: scope}
            self.outer.append((self.scope, name, scope == 0))
            self.add(Op.NAME, Role.READ, child.start_byte, name, self.scope)

    def type_alias(self, node: Node) -> int:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None:
            return self.inner(node)
        name = _first_identifier(left)
        if name is None:
            return self.inner(node)
        definition = self.define(name, Kind.TYPE, node)
        outside = self.scope
        inside = left.named_children[0] if left.named_child_count else left
        if inside.type == "generic_type":
            self._open(ScopeKind.FUNCTION, node, -1)
            for parameter in inside.named_children[1:]:
                for child in parameter.named_children:
                    bound = _first_identifier(child)
                    if bound is not None:
                        self.define(bound, Kind.TYPE_PARAMETER, child)
        value = self.annotation(right)
        self.scope = outside
        if definition is not None:
            definition.value = value
        return -1

    # ---- patterns

    def case_clause(self, node: Node) -> int:
        subject = -1
        holder = node.parent.parent if node.parent is not None else None
        if holder is not None and holder.type == "match_statement":
            named = holder.child_by_field_name("subject")
            if named is not None and named.type == "identifier":
                start = named.start_byte
                subject = self.add(
                    Op.NAME, Role.READ, -1, self.text[start : named.end_byte], self.scope
                )
        for child in node.named_children:
            if child.type == "case_pattern":
                self.pattern(child, subject)
            else:
                self.visit(child)
        return -1

    def pattern(self, node: Node, value: int) -> int:
        """Bind what a pattern captures; the value it matches, where it says."""
        kind = node.type
        if kind == "dotted_name":
            names = node.named_children
            if len(names) == 1:
                if self.text[names[0].start_byte : names[0].end_byte] != "_":
                    self.bind(names[0], value, node)
                return value
            return self.dotted_name(node)
        if kind == "class_pattern":
            children = node.named_children
            cls = self.dotted_name(children[0])
            self.mark(cls, Role.CALL)
            matched = self.add(Op.NEW, cls)
            for child in children[1:]:
                self.pattern(child, -1)
            return matched
        if kind == "keyword_pattern":
            children = node.named_children
            for child in children[1:]:
                self.pattern(child, -1)
            return -1
        if kind == "as_pattern":
            children = node.named_children
            matched = self.pattern(children[0], value)
            if len(children) > 1:
                self.bind(children[-1], matched, node)
            return matched
        if kind == "splat_pattern":
            for child in node.named_children:
                self.bind(child, self.add(Op.DISPLAY, "list", -1), node)
            return -1
        if kind in ("case_pattern", "union_pattern"):
            matched = -1
            for child in node.named_children:
                matched = self.pattern(child, value)
            return matched
        if kind == "identifier":
            self.bind(node, value, node)
            return value
        for child in node.named_children:
            self.pattern(child, -1)
        return -1

    # ---- imports

    def dotted_name(self, node: Node) -> int:
        value = -1
        for part in node.named_children:
            start = part.start_byte
            name = self.text[start : part.end_byte]
            if value < 0:
                value = self.add(Op.NAME, self.role, start, name, self.scope)
            else:
                value = self.add(Op.MEMBER, self.role, start, name, value)
        return value

    def import_(self, node: Node) -> int:
        """`import a.b, c as d`."""
        for child in node.named_children:
            aliased = child.type == "aliased_import"
            dotted = child.named_children[0] if aliased else child
            if dotted.type != "dotted_name":
                continue
            whole = self._module(dotted, 0)
            if aliased:
                alias = child.named_children[-1]
                self.define(alias, Kind.IMPORT, child, value=whole)
            elif dotted.named_child_count == 1:
                self.define(dotted, Kind.IMPORT, child, value=whole)
            else:
                # `import a.b` binds `a`; that `a.b` is loaded is what the submodule is found by.
                first = dotted.named_children[0]
                start = first.start_byte
                package = self.add(Op.MODULE, Role.IMPORT, -1, self.text[start : first.end_byte], 0)
                self.define(first, Kind.IMPORT, child, value=package)
        return -1

    def _module(self, node: Node, level: int) -> int:
        """Uses for every part of a dotted module name; the index of the whole."""
        value = -1
        start = node.start_byte
        for part in node.named_children:
            dotted = self.text[start : part.end_byte].replace(" ", "")
            value = self.add(Op.MODULE, Role.IMPORT, part.start_byte, dotted, level)
        return value

    def import_from(self, node: Node) -> int:
        """`from a import b as c`, relative ones and `from __future__` too."""
        children = node.named_children
        module = -1
        if node.type == "future_import_statement":
            module = self.add(Op.MODULE, Role.IMPORT, -1, "__future__", 0)
        elif children:
            source = children[0]
            if source.type == "relative_import":
                prefix = source.children[0]
                level = self.text[prefix.start_byte : prefix.end_byte].count(".")
                dotted = source.named_children[-1]
                if dotted.type == "dotted_name":
                    module = self._module(dotted, level)
                else:
                    module = self.add(Op.MODULE, Role.IMPORT, -1, "", level)
            else:
                module = self._module(source, 0)
            children = children[1:]
        for child in children:
            kind = child.type
            if kind == "wildcard_import":
                self.stars.append(module)
                continue
            if kind not in ("aliased_import", "dotted_name"):
                continue
            dotted = child.named_children[0] if kind == "aliased_import" else child
            start, end = dotted.start_byte, dotted.end_byte
            name = self.text[start:end]
            value = self.add(Op.MEMBER, Role.IMPORT, start, name, module)
            alias = child.named_children[-1] if kind == "aliased_import" else dotted
            definition = self.define(alias, Kind.IMPORT, node, value=value)
            if definition is not None and kind == "aliased_import" and definition.name == name:
                definition.flags |= Flag.REEXPORT
        return -1


_LEAVING = frozenset(
    {"return_statement", "raise_statement", "continue_statement", "break_statement"}
)
_SEQUENCES = frozenset(
    {"pattern_list", "tuple_pattern", "list_pattern", "tuple", "list", "expression_list"}
)


def _parameter_name(node: Node) -> tuple[Node | None, int]:
    """The identifier of a parameter and what kind of parameter it is."""
    kind = node.type
    if kind == "identifier":
        return node, 0
    if kind in ("list_splat_pattern", "dictionary_splat_pattern"):
        flag = Flag.VARIADIC if kind == "list_splat_pattern" else Flag.VARIADIC_KEYWORDS
        inside = node.named_children
        return (inside[0] if inside and inside[0].type == "identifier" else None), int(flag)
    if kind in ("typed_parameter", "default_parameter", "typed_default_parameter"):
        return _parameter_name(node.named_children[0])
    return None, 0


def _first_identifier(node: Node) -> Node | None:
    while node.type != "identifier":
        if not node.named_child_count:
            return None
        node = node.named_children[0]
    return node


def _head_end(text: str, node: Node, body: Node) -> int:
    """The offset after the colon that ends a header."""
    colon = text.rfind(":", node.start_byte, body.start_byte)
    comment = text.find("#", colon, body.start_byte) if colon >= 0 else -1
    if comment < 0:
        for child in reversed(node.children):
            if child.type == ":":
                return child.end_byte
    return colon + 1 if colon >= 0 else body.start_byte


def _exclusive_end(block: Node) -> int:
    """Where the arms of the `if` or `match` end that a block is one arm of; 0 for other blocks."""
    holder = block.parent
    if holder is None:
        return 0
    kind = holder.type
    if kind == "if_statement":
        return holder.end_byte
    if kind in ("elif_clause", "else_clause", "case_clause") and holder.parent is not None:
        statement = holder.parent
        if kind != "else_clause" or statement.type == "if_statement":
            return statement.end_byte
    return 0


def _leaves(block: Node) -> bool:
    """Whether a block surely does not run on to what follows it."""
    count = block.named_child_count
    last = block.named_child(count - 1) if count else None
    return last is not None and last.type in _LEAVING


def _split_outside(text: str, separator: str) -> list[tuple[int, str]]:
    """Split at a separator that stands outside brackets, with the offset of each part."""
    parts: list[tuple[int, str]] = []
    depth = start = 0
    for index, character in enumerate(text):
        if character in "[(":
            depth += 1
        elif character in "])":
            depth -= 1
        elif character == separator and depth == 0:
            parts.append((start, text[start:index]))
            start = index + 1
    parts.append((start, text[start:]))
    return parts


@cache
def _kinds() -> dict[str, int]:
    """Node kinds by name. The grammar aliases some, so a name may have several ids."""
    grammar = language()
    return {
        name: index
        for index in range(grammar.node_kind_count - 1, -1, -1)
        if grammar.node_kind_is_named(index)
        and (name := grammar.node_kind_for_id(index)) is not None
    }


@cache
def _handlers() -> list[Handler]:
    by_name: dict[str, Handler] = {
        "identifier": _Walk.identifier,
        "attribute": _Walk.attribute,
        "call": _Walk.call,
        "subscript": _Walk.subscript,
        "slice": _Walk.slice,
        "generic_type": _Walk.generic_type,
        "union_type": _Walk.union_type,
        "member_type": _Walk.member_type,
        "string": _Walk.string,
        "concatenated_string": _Walk.concatenated_string,
        "integer": _Walk.integer,
        "float": _Walk.float,
        "true": _Walk.boolean,
        "false": _Walk.boolean,
        "none": _Walk.none,
        "list": _Walk.display,
        "tuple": _Walk.display,
        "set": _Walk.display,
        "expression_list": _Walk.display,
        "dictionary": _Walk.dictionary,
        "list_comprehension": _Walk.comprehension,
        "set_comprehension": _Walk.comprehension,
        "dictionary_comprehension": _Walk.comprehension,
        "generator_expression": _Walk.comprehension,
        "lambda": _Walk.lambda_,
        "conditional_expression": _Walk.conditional,
        "boolean_operator": _Walk.boolean_operator,
        "binary_operator": _Walk.binary_operator,
        "comparison_operator": _Walk.truth,
        "not_operator": _Walk.truth,
        "await": _Walk.await_,
        "yield": _Walk.yield_,
        "named_expression": _Walk.walrus,
        "assignment": _Walk.assignment,
        "augmented_assignment": _Walk.augmented_assignment,
        "type": _Walk.only,
        "parenthesized_expression": _Walk.only,
        "expression_statement": _Walk.only,
        "interpolation": _Walk.inner,
        "function_definition": _Walk.function,
        "class_definition": _Walk.class_,
        "decorated_definition": _Walk.decorated,
        "block": _Walk.block,
        "return_statement": _Walk.return_,
        "for_statement": _Walk.for_,
        "as_pattern": _Walk.as_pattern,
        "except_clause": _Walk.except_clause,
        "if_statement": _Walk.if_,
        "assert_statement": _Walk.assert_,
        "global_statement": _Walk.global_,
        "nonlocal_statement": _Walk.nonlocal_,
        "type_alias_statement": _Walk.type_alias,
        "case_clause": _Walk.case_clause,
        "dotted_name": _Walk.dotted_name,
        "import_statement": _Walk.import_,
        "import_from_statement": _Walk.import_from,
        "future_import_statement": _Walk.import_from,
        "comment": _Walk.skip,
        "string_content": _Walk.skip,
        "string_start": _Walk.skip,
        "string_end": _Walk.skip,
        "escape_sequence": _Walk.skip,
        "pass_statement": _Walk.skip,
        "ellipsis": _Walk.skip,
    }
    grammar = language()
    return [
        by_name.get(grammar.node_kind_for_id(index) or "", _Walk.inner)
        if grammar.node_kind_is_named(index)
        else _Walk.inner
        for index in range(grammar.node_kind_count)
    ] + [_Walk.inner] * 2
