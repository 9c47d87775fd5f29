"""Where the captures of one file become scopes, definitions and expressions."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable

from tree_sitter import Node

from nootropic_lsp.index.facts import Definition, Expression, Flag, Kind, Op, Role, Scope, ScopeKind
from nootropic_lsp.index.languages.queries.vocabulary import FUNCTIONS, KINDS, TYPES, Captures

_LAST_NAME = re.compile(r"[^\W\d][\w$]*(?=\W*\Z)")
_NAME = re.compile(r"[^\W\d]\w*")
_WORDS = re.compile(r"[a-z_]+")
_FLAGS = {
    "static": Flag.STATIC,
    "abstract": Flag.ABSTRACT,
    "async": Flag.ASYNC,
    "private": Flag.PRIVATE,
    "public": Flag.EXPORTED,
    "pub": Flag.EXPORTED,
}
# Deep enough for every written list of base types.
_DEEPEST_BASES = 6
# Nor does anybody put more parentheses around a value.
_MOST_WRAPPED = 20

Draft = tuple[str, Node, Captures]  # kind, whole construct, parts


class Reading:
    """One file while it is read. Offsets are bytes; the text is Latin-1, so they index it."""

    def __init__(
        self,
        data: bytes,
        *,
        comments: tuple[str, ...] = (),
        constructors: frozenset[str] = frozenset(),
        rebinds: bool = False,
        text_type: str = "",
    ) -> None:
        self.text = data.decode("latin-1")
        self.comments = comments
        self.constructors = constructors
        self.rebinds = rebinds
        self.text_type = text_type
        self.scopes = [Scope(ScopeKind.MODULE, -1, 0, len(data), 0)]
        self.expressions: list[Expression] = []
        self.definitions: list[Definition] = [
            Definition("", Kind.MODULE, 0, 0, 0, 0, len(data), body=0)
        ]
        self.stars: list[int] = []
        self.values: dict[tuple[int, int], int] = {}  # expression of a node by its span
        self.at: dict[int, int] = {}  # expression of a written name by its start
        self.bounds: dict[tuple[int, str], int] = {}  # what a type parameter must be
        self.prefixes: dict[int, int] = {}  # what a type is said to be inside of, by its start
        self.bases: dict[int, list[int]] = {}  # supertypes of a type, by its start
        self.mixed: dict[int, list[int]] = {}  # supertypes of a type, by its scope
        self.taken: set[int] = set()  # starts of names that are no bare uses
        self.bodies: dict[tuple[int, int, int], int] = {}  # scope by span and kind
        self.owner_kinds: dict[int, int] = {}  # kinds of the definitions that open scopes
        self._bounds: list[int] = []
        self._inner: list[int] = []

    # ---- scopes

    def open_scopes(self, wanted: list[tuple[int, int, int]]) -> None:
        """Make the scopes of (start, negative end, kind)."""
        wanted.sort()
        scopes = self.scopes
        stack = [0]
        size = len(self.text)
        bounds: list[int] = []
        inner: list[int] = []

        def close(until: int) -> None:
            while len(stack) > 1 and scopes[stack[-1]].end <= until:
                bounds.append(scopes[stack.pop()].end)
                inner.append(stack[-1])

        for start, negative_end, kind in wanted:
            end = -negative_end
            close(start)
            if (start, end, kind) in self.bodies or end > scopes[stack[-1]].end:
                continue
            index = len(scopes)
            scopes.append(Scope(kind, stack[-1], start, end))
            self.bodies[start, end, kind] = index
            stack.append(index)
            bounds.append(start)
            inner.append(index)
        close(size)
        self._bounds, self._inner = bounds, inner

    def scope_at(self, position: int) -> int:
        """The innermost scope at an offset."""
        found = bisect_right(self._bounds, position) - 1
        return self._inner[found] if found >= 0 else 0

    def class_scope(self, scope: int) -> int:
        """The class around a scope, or the file."""
        while scope > 0 and self.scopes[scope].kind != ScopeKind.CLASS:
            scope = self.scopes[scope].parent
        return max(scope, 0)

    # ---- names

    def references(self, matches: list[Captures], key: str, role: int) -> None:
        """Bare names, most of them in the order of the text."""
        text, taken, values, at = self.text, self.taken, self.values, self.at
        expressions = self.expressions
        bounds, inner = [*self._bounds, len(text) + 1], self._inner
        next_bound, scope, k, before = bounds[0], 0, 0, -1
        size = len(expressions)
        name_operator = Op.NAME
        for captures in matches:
            span = captures[key][0].byte_range
            start, end = span
            if start in taken or start == end:
                continue
            if start < before:
                k = bisect_right(self._bounds, start)
                scope = inner[k - 1] if k else 0
                next_bound = bounds[k]
            before = start
            while start >= next_bound:
                scope = inner[k]
                k += 1
                next_bound = bounds[k]
            values[span] = at[start] = size
            size += 1
            expressions.append((name_operator, role, start, text[start:end], scope))
        if key != "reference":
            starts = [captures[key][0].start_byte for captures in matches]
            taken.update(starts)
            # The name of a variable is a node of its own inside it.
            taken.update(start + 1 for start in starts if text[start : start + 1] == "$")

    def add(self, *expression: object) -> int:
        self.expressions.append(expression)
        return len(self.expressions) - 1

    def value_of(self, node: Node) -> int:
        """The expression of a node, or of the only thing inside it; -1 if it has none."""
        value = self.values.get(node.byte_range, -1)
        # Bounded, because each of a thousand nested parentheses asks for what is inside it.
        for _ in range(_MOST_WRAPPED):
            if value >= 0 or node.named_child_count != 1:
                break
            node = node.named_children[0]
            value = self.values.get(node.byte_range, -1)
        return value

    def use(self, node: Node, role: int = Role.READ) -> int:
        """A bare name at a node, written now or already known."""
        span = node.byte_range
        start, end = span
        known = self.at.get(start)
        if known is not None:
            return known
        if start == end:
            return -1
        index = self.add(Op.NAME, role, start, self.text[start:end], self.scope_at(start))
        self.values[span] = self.at[start] = index
        return index

    def member(self, name: Node, receiver: int, role: int = Role.READ) -> int:
        """A name after a dot."""
        start, end = name.byte_range
        if start == end:
            return -1
        if self.text[start - 1 : start] == "$":
            self.unuse(start - 1)
        known = self.at.get(start)
        expression = (Op.MEMBER, role, start, self.text[start:end], receiver)
        if known is not None:
            self.expressions[known] = expression
            return known
        self.expressions.append(expression)
        index = self.at[start] = len(self.expressions) - 1
        return index

    def module(self, node: Node, path: str, level: int = 0) -> int:
        """A module that an import names; its last part is what counts as written."""
        start, end = node.byte_range
        if level >= 0:
            start = max(start, end - len(path.rpartition(".")[2]))
        self.taken.add(start)
        for part in _NAME.finditer(self.text, *node.byte_range):
            self.unuse(part.start())
        return self.add(Op.MODULE, Role.IMPORT, start, path, level)

    def element(self, value: int) -> int:
        """An element of what is gone through."""
        return self.add(Op.ELEMENT, value) if value >= 0 else -1

    def mark(self, index: int, role: int) -> None:
        """Set the role of a use after the fact."""
        if index < 0:
            return
        expression = self.expressions[index]
        if expression[0] <= Op.MEMBER and expression[1] in (Role.READ, Role.TYPE):
            self.expressions[index] = (expression[0], role, *expression[2:])

    def mark_types(self, index: int) -> None:
        """Say of all names in an annotation that they are types."""
        pending = [index]
        while pending:
            at = pending.pop()
            if at < 0:
                continue
            expression = self.expressions[at]
            if expression[0] <= Op.MEMBER:
                if expression[1] == Role.READ:
                    self.expressions[at] = (expression[0], Role.TYPE, *expression[2:])
            elif expression[0] in (Op.ITEM, Op.EITHER):
                pending += expression[1:]
            elif expression[0] == Op.DISPLAY:
                pending += expression[2:]

    def is_defined(self, start: int) -> bool:
        """Whether the name at an offset is bound there, not used."""
        return start in self.taken and start not in self.at

    # ---- values

    def import_last(self, node: Node, whole: Node, module: int) -> None:
        """Bind the last name of a path."""
        start, end = node.byte_range
        found = _LAST_NAME.search(self.text, start, end)
        if found is not None:
            self.taken.add(found.start())
            self.bind(found.start(), found[0], Kind.IMPORT, whole, value=module)

    # ---- definitions

    def define(
        self, name: Node, kind: int, whole: Node, *, value: int = -1, annotation: int = -1
    ) -> Definition | None:
        """Bind the name at a node in the innermost scope; None for a name that is not there."""
        start, end = name.byte_range
        if start == end:
            return None
        if self.text[start - 1 : start] == "$":
            self.unuse(start - 1)
        if name.named_child_count:
            for part in _NAME.finditer(self.text, start, end):
                self.unuse(part.start())
        return self.bind(
            start, self.text[start:end], kind, whole, value=value, annotation=annotation
        )

    def bind(
        self,
        start: int,
        name: str,
        kind: int,
        whole: Node,
        *,
        value: int = -1,
        annotation: int = -1,
        keep: bool = False,
    ) -> Definition:
        """Bind a name. `keep`: what is written there remains a use as well."""
        full_start, full_end = whole.byte_range
        definition = Definition(
            name,
            kind,
            start,
            self.scope_at(start),
            min(start, full_start),
            full_end,
            full_end,
            value=value,
            annotation=annotation,
        )
        self.definitions.append(definition)
        if kind != Kind.IMPORT and not keep:
            self.unuse(start)
        return definition

    def unuse(self, start: int) -> None:
        """A name that was read as a use turned out to be a definition."""
        known = self.at.pop(start, None)
        if known is not None:
            expression = self.expressions[known]
            self.expressions[known] = (*expression[:2], -1, *expression[3:])

    def definition(self, draft: Draft) -> None:
        """Make the definitions of one pattern."""
        kind, whole, captures = draft
        annotation = -1
        if "type" in captures:
            annotation = self.value_of(captures["type"][0])
            self.mark_types(annotation)
        if "names" in captures:
            self._definitions(kind, whole, captures, annotation)
            return
        value = self.value_of(captures["value"][0]) if "value" in captures else -1
        if kind == "macro" and "\n" in self.text[whole.start_byte : captures["name"][0].start_byte]:
            return  # what follows a macro that the grammar could not read
        if kind in ("extension", "nameless"):
            self._extension(kind, whole, captures)
            return
        definition = self.define(
            captures["name"][0], KINDS[kind], whole, value=value, annotation=annotation
        )
        if definition is not None:
            self._complete(definition, kind, whole, captures)

    def _definitions(self, kind: str, whole: Node, captures: Captures, annotation: int) -> None:
        """Several names at once: in pairs with their values, or out of one value."""
        names = [child for child in captures["names"][0].named_children if child.type != "comment"]
        values: list[int] = []
        if "values" in captures:
            values = [self.value_of(child) for child in captures["values"][0].named_children]
        for position, name in enumerate(names):
            if self.text[name.start_byte : name.end_byte] == "_":
                self.unuse(name.start_byte)
                continue
            if name.named_child_count and name.type != "variable_name":
                continue
            value = -1
            if len(values) == len(names):
                value = values[position]
            elif len(values) == 1 and values[0] >= 0:
                value = self.add(Op.UNPACK, values[0], position)
            definition = self.define(name, KINDS[kind], whole, value=value, annotation=annotation)
            if definition is not None:
                self._place(definition, kind)

    def _extension(self, kind: str, whole: Node, captures: Captures) -> None:
        start, end = whole.byte_range
        body = self.bodies.get((start, end, ScopeKind.CLASS), -1)
        if body < 0:
            return
        related = [self.value_of(captures["of"][0])] if "of" in captures else []
        if "bases" in captures:
            related += self._bases(captures["bases"][0])
        self.definitions.append(
            Definition(
                "",
                KINDS[kind],
                start,
                self.scopes[body].parent,
                start,
                end,
                self._head_end(whole, captures),
                body=body,
                related=related,
                flags=Flag.DECLARED,
            )
        )

    def _complete(self, definition: Definition, kind: str, whole: Node, captures: Captures) -> None:
        """What only types and functions have, and where a name belongs."""
        definition.head_end = self._head_end(whole, captures)
        body = -1
        if kind in TYPES or kind in FUNCTIONS:
            scope_kind = ScopeKind.FUNCTION if kind in FUNCTIONS else ScopeKind.CLASS
            body = self.bodies.get((*whole.byte_range, scope_kind), -1)
        if body >= 0:
            definition.body = body
            definition.scope = self.scopes[body].parent
        if "bases" in captures:
            definition.related = [
                base for captured in captures["bases"] for base in self._bases(captured)
            ]
        if kind == "prototype" or "declared" in captures:
            definition.flags |= Flag.DECLARED
        self._place(definition, kind)
        if definition.kind == Kind.PARAMETER or self._is_local(definition.scope):
            return
        start = definition.full_start
        for word in _WORDS.findall(
            self.text[max(start, definition.start - 200) : definition.start]
        ):
            definition.flags |= _FLAGS.get(word, 0)
        self.document(definition)

    def _place(self, definition: Definition, kind: str) -> None:
        """Move a definition to the scope it belongs to and give it the kind it has there."""
        scopes = self.scopes
        if kind == "declared":
            definition.full_end = definition.head_end = definition.end
        elif kind == "global":
            definition.scope = 0
        elif kind == "attribute":
            definition.scope = self.class_scope(definition.scope)
        in_class = scopes[definition.scope].kind == ScopeKind.CLASS
        if in_class and definition.kind == Kind.FUNCTION:
            owner = self.owner_kinds.get(definition.scope)
            if owner != Kind.NAMESPACE:
                definition.kind = Kind.METHOD
        elif in_class and definition.kind == Kind.VARIABLE:
            definition.kind = Kind.FIELD
        if definition.kind == Kind.METHOD and definition.name in self.constructors:
            definition.kind = Kind.CONSTRUCTOR

    def _is_local(self, scope: int) -> bool:
        return self.scopes[scope].kind not in (ScopeKind.MODULE, ScopeKind.CLASS)

    def _bases(self, node: Node, depth: int = 0) -> list[int]:
        """The outermost values inside a node."""
        value = self.values.get(node.byte_range, -1)
        if value >= 0:
            expression = self.expressions[value]
            self.mark(expression[1] if expression[0] == Op.ITEM else value, Role.BASE)
            return [value]
        if depth > _DEEPEST_BASES:
            return []
        return [base for child in node.named_children for base in self._bases(child, depth + 1)]

    def _head_end(self, whole: Node, captures: Captures) -> int:
        body = captures.get("body")
        if not body:
            return whole.end_byte
        start = whole.start_byte
        return start + len(self.text[start : body[0].start_byte].rstrip())

    def document(self, definition: Definition) -> None:
        """The comment lines right above a definition."""
        text, markers = self.text, self.comments
        line = text.rfind("\n", 0, definition.full_start) + 1
        if line and text[line : definition.full_start].strip():
            return
        first = last = line
        while first:
            above = text.rfind("\n", 0, first - 1) + 1
            content = text[above : first - 1].strip()
            if content.startswith(markers) or content.endswith("*/"):
                if content.endswith("*/") and not content.startswith(("/*", "//")):
                    opening = text.rfind("/*", 0, first)
                    if opening < 0:
                        break
                    above = text.rfind("\n", 0, opening) + 1
                if content.startswith(("#!", "#include", "#define", "#if", "#endif", "#else")):
                    break
                if last == line and not definition.doc_end:
                    definition.doc_end = first - 1
                first = above
                definition.doc_start = above
                if content.endswith("*/"):
                    break
            elif content.startswith(("#[", "@", "[")) and not definition.doc_end:
                first = above  # attributes stand between the comment and what it is about
            else:
                break
        if definition.doc_end:
            start = definition.doc_start
            while text[start] in " \t":
                start += 1
            definition.doc_start = start

    def finish(self) -> list[Definition]:
        """The definitions in the order of the text."""
        ordered = sorted(self.definitions[1:], key=_start)
        definitions = [self.definitions[0], *ordered]
        seen: dict[tuple[int, int], Definition] = {}
        kept: list[Definition] = []
        for definition in definitions:
            key = (definition.start, definition.kind if definition.name else -1)
            twin = seen.get(key)
            if twin is not None and definition.kind != Kind.MODULE and twin.name == definition.name:
                continue
            seen[key] = definition
            kept.append(definition)
        if self.rebinds:
            self._rebind(kept)
        for index, definition in enumerate(kept):
            if definition.body > 0:
                self.scopes[definition.body].owner = index
            if definition.kind == Kind.TYPE_PARAMETER and definition.annotation < 0:
                definition.annotation = self.bounds.get((definition.scope, definition.name), -1)
        self._name_constructors(kept)
        return kept

    def _name_constructors(self, definitions: list[Definition]) -> None:
        """A method that is called like its class is its constructor."""
        for definition in definitions:
            if definition.kind != Kind.METHOD:
                continue
            owner = self.scopes[definition.scope].owner
            if owner <= 0:
                continue
            cls = definitions[owner]
            name = cls.name
            if not name and cls.related and cls.related[0] >= 0:
                of = self.expressions[cls.related[0]]
                name = of[3] if of[0] <= Op.MEMBER else ""
            if name == definition.name:
                definition.kind = Kind.CONSTRUCTOR

    def _rebind(self, definitions: Iterable[Definition]) -> None:
        """An assignment in a block means the variable around it, where there is one."""
        known: set[tuple[int, str]] = set()
        for definition in definitions:
            if definition.kind == Kind.VARIABLE:
                scope = definition.scope
                while self.scopes[scope].kind == ScopeKind.BLOCK:
                    if (scope, definition.name) in known:
                        definition.scope = scope
                        break
                    scope = self.scopes[scope].parent
                else:
                    if (scope, definition.name) in known:
                        definition.scope = scope
            known.add((definition.scope, definition.name))


def _start(definition: Definition) -> int:
    return definition.start
