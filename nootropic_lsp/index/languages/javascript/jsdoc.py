"""Types that a JavaScript file writes in its documentation comments."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tree_sitter import Node

from nootropic_lsp.index.facts import Definition, Kind, Op, Role, Scope, ScopeKind
from nootropic_lsp.index.languages.javascript.walk import PRIMITIVES, Walk

_TAG = re.compile(r"@(\w+)[ \t]*(\{)?")
_NAME = re.compile(r"[\w$\x80-\xff]+")
_PARAMETER = re.compile(r"\s*\[?\s*([\w$\x80-\xff.]+)")
_TOKEN = re.compile(
    r"""\s*(?:\*(?=\s|\n)\s*)?(?:(?P<name>[A-Za-z_$\x80-\xff][\w$\x80-\xff]*)|(?P<string>"[^"\n]*"|'[^'\n]*')"""
    r"""|(?P<number>-?\d+(?:\.\d+)?)|(?P<mark>\.\.\.|=>|.))"""
)
_TYPES = frozenset({"param", "arg", "argument", "returns", "return", "type", "extends", "augments"})
_UNKNOWN = frozenset({"any", "void", "null", "undefined", "unknown", "never", "object", "Object"})
_DEEPEST = 40
_LONGEST_CAST = 300


@dataclass
class Tags:
    """What one comment says about a function or a variable, as expressions."""

    returns: int = -1
    type: int = -1
    parameters: list[tuple[str, int]] = field(default_factory=list)
    extends: list[int] = field(default_factory=list)

    def parameter(self, name: str, ordinal: int) -> int:
        """The type of a parameter; a pattern has no name, so it goes by its place."""
        for written, annotation in self.parameters:
            if written == name:
                return annotation
        if name[:1] in "{[" and ordinal < len(self.parameters):
            return self.parameters[ordinal][1]
        return -1


def read(walk: Walk, definition: Definition) -> Tags:
    """The types in the comment before a definition."""
    tags = Tags()
    start, end = definition.doc_start, definition.doc_end
    if "@" not in walk.text[start:end]:
        return tags
    for match in _TAG.finditer(walk.text, start, end):
        word = match[1]
        if word not in _TYPES and word != "template":
            continue
        if word == "template":
            _template(walk, match.end(), end)
            continue
        if not match[2]:
            continue
        value, after = _Types(walk, match.end(), end).braced()
        if word in ("returns", "return"):
            tags.returns = value
        elif word == "type":
            tags.type = value
        elif word in ("extends", "augments"):
            if value >= 0:
                tags.extends.append(value)
        else:
            name = _PARAMETER.match(walk.text, after, end)
            if name and "." not in name[1]:
                tags.parameters.append((name[1], value))
    return tags


def declared_type(walk: Walk, definition: Definition) -> int:
    """The `@type` of a variable or field, or -1."""
    start, end = definition.doc_start, definition.doc_end
    at = walk.text.find("@type", start, end)
    if at < 0 or walk.text[at + 5 : at + 6].isalpha():
        return -1
    return read(walk, definition).type


def cast(walk: Walk, node: Node) -> int:
    """The type of `/** @type {Foo} */ (x)`, or -1."""
    first = max(node.start_byte - _LONGEST_CAST, 0)
    before = walk.text[first : node.start_byte].rstrip()
    begin = before.rfind("/**")
    if begin < 0 or not before.endswith("*/"):
        return -1
    begin, end = first + begin, first + len(before)
    return declared_type(
        walk, Definition("", Kind.VARIABLE, 0, 0, 0, 0, doc_start=begin, doc_end=end)
    )


def declarations(walk: Walk, start: int, end: int) -> None:
    """`@typedef` and `@callback` define types where the comment stands."""
    text = walk.text
    owner: Scope | None = None
    scope = -1
    for match in _TAG.finditer(text, start, end):
        word = match[1]
        value, after = -1, match.end()
        if match[2]:
            if word not in ("typedef", "property", "prop"):
                continue
            value, after = _Types(walk, after, end).braced()
        if word == "typedef":
            name = _PARAMETER.match(text, after, end)
            if name is None or "." in name[1] or text[name.end() : name.end() + 1] in ("~", "#"):
                continue
            definition = Definition(
                name[1], Kind.TYPE, name.start(1), walk.scope, start, end, value=value
            )
            definition.doc_start, definition.doc_end = start, end
            walk.definitions.append(definition)
            if value < 0:
                owner = Scope(ScopeKind.OBJECT, walk.scope, start, end, -1)
                walk.scopes.append(owner)
                scope = len(walk.scopes) - 1
                definition.value = walk.add(Op.OBJECT, scope)
        elif word in ("property", "prop") and scope >= 0:
            name = _PARAMETER.match(text, after, end)
            if name is not None and "." not in name[1]:
                begin = name.start(1)
                walk.definitions.append(
                    Definition(
                        name[1], Kind.PROPERTY, begin, scope, begin, name.end(1), annotation=value
                    )
                )


def _template(walk: Walk, start: int, end: int) -> None:
    line_end = walk.text.find("\n", start, end)
    name = _NAME.search(walk.text, start, line_end if line_end >= 0 else end)
    if name is not None:
        walk.definitions.append(
            Definition(
                name[0], Kind.TYPE_PARAMETER, name.start(), walk.scope, name.start(), name.end()
            )
        )


class _Types:
    """A reader of the types between braces. What it does not know, it steps over."""

    def __init__(self, walk: Walk, start: int, end: int) -> None:
        self.walk = walk
        self.start = start
        self.end = end
        self.depth = 0

    def braced(self) -> tuple[int, int]:
        """The type from after `{`, and the offset after the matching `}`."""
        text = self.walk.text
        depth, at = 1, self.start
        while at < self.end and depth:
            character = text[at]
            depth += (character == "{") - (character == "}")
            at += 1
        self.tokens = [
            match for match in _TOKEN.finditer(text, self.start, at - 1) if match.lastgroup
        ]
        self.next = 0
        return self.union(), at

    def peek(self) -> str:
        if self.next < len(self.tokens):
            match = self.tokens[self.next]
            return match[match.lastgroup or 0]
        return ""

    def take(self, mark: str) -> bool:
        if self.peek() == mark:
            self.next += 1
            return True
        return False

    def union(self) -> int:
        self.depth += 1
        if self.depth > _DEEPEST:
            self.next = len(self.tokens)
        self.take("|")
        values = [self.postfix()]
        while self.peek() in ("|", "&") and self.peek():
            self.next += 1
            values.append(self.postfix())
        self.depth -= 1
        return self.walk.either(values)

    def postfix(self) -> int:
        while self.peek() in ("?", "!", "...", "=") and self.peek():
            self.next += 1
        value = self.primary()
        while True:
            if self.take("["):
                if not self.take("]"):
                    self.union()
                    self.take("]")
                    value = -1
                else:
                    value = self.walk.add(Op.DISPLAY, "Array", value)
            elif not (self.take("=") or self.take("?") or self.take("!")):
                return value

    def primary(self) -> int:
        if self.next >= len(self.tokens):
            return -1
        match = self.tokens[self.next]
        kind = match.lastgroup
        self.next += 1
        if kind == "string":
            return self.walk.literal("String")
        if kind == "number":
            return self.walk.literal("Number")
        if kind == "mark":
            return self.bracketed(match["mark"])
        return self.named(match)

    def bracketed(self, mark: str) -> int:
        if mark == "(":
            value = self.union()
            while self.next < len(self.tokens) and not self.take(")"):
                self.next += 1
                value = -1
            if self.take("=>"):
                self.union()
                return -1
            return value
        if mark in "{[":
            closing = {"{": "}", "[": "]"}[mark]
            while self.next < len(self.tokens) and not self.take(closing):
                if self.peek() in ("{", "["):
                    self.primary()
                else:
                    self.next += 1
        return -1

    def named(self, match: re.Match[str]) -> int:
        name = match["name"]
        walk = self.walk
        if name in ("import", "typeof", "function", "keyof"):
            return self.special(name)
        following = self.peek()
        if name in PRIMITIVES:
            return walk.literal(PRIMITIVES[name])
        if name in _UNKNOWN and following not in ("<", "."):
            return -1
        value = walk.add(Op.NAME, Role.TYPE, match.start("name"), name, walk.scope)
        while self.peek() == ".":
            self.next += 1
            if self.peek() == "<":
                break
            if self.next >= len(self.tokens) or self.tokens[self.next].lastgroup != "name":
                return -1
            part = self.tokens[self.next]
            self.next += 1
            value = walk.add(Op.MEMBER, Role.TYPE, part.start("name"), part["name"], value)
        if self.take("<"):
            parts = [self.union()]
            while self.take(","):
                parts.append(self.union())
            self.take(">")
            return walk.add(Op.ITEM, value, walk.add(Op.DISPLAY, "<>", *parts))
        return value

    def special(self, word: str) -> int:
        """`import("./x").Foo`, `typeof x`, `function(): x`."""
        walk = self.walk
        if word == "import":
            if not self.take("(") or self.next >= len(self.tokens):
                return -1
            match = self.tokens[self.next]
            if match.lastgroup != "string":
                return -1
            self.next += 1
            self.take(")")
            start, end = match.span("string")
            value = walk.add(Op.MODULE, Role.IMPORT, start + 1, walk.text[start + 1 : end - 1], -1)
            while self.take("."):
                if self.next < len(self.tokens) and self.tokens[self.next].lastgroup == "name":
                    part = self.tokens[self.next]
                    self.next += 1
                    value = walk.add(Op.MEMBER, Role.TYPE, part.start("name"), part["name"], value)
            return value
        if word == "typeof":
            value = self.postfix()
            if value >= 0 and walk.expressions[value][0] <= Op.MEMBER:
                walk.mark(value, Role.READ)
                return walk.add(Op.TYPEOF, value)
            return -1
        if word == "function" and self.take("("):
            self.bracketed("(")
            if self.take(":"):
                self.union()
        return -1
