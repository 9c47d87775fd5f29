"""What a rule can ask about the member of a file that it looks at."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from tree_sitter import Node

from nootropic_lsp.analysis.structure.kinds import Kinds
from nootropic_lsp.analysis.structure.members import Member, Names
from nootropic_lsp.analysis.structure.names import WILD, Binding, bindings, unbound
from nootropic_lsp.analysis.structure.scopes import Nested, Range
from nootropic_lsp.analysis.structure.values import UNKNOWN, Named, Reader, named, text_of

_TEST_MODULES = {
    "python": ("pytest", "unittest", "tests"),
    "javascript": (
        *("vitest", "jest", "@jest/globals", "mocha", "chai", "node:test", "test", "supertest"),
        *("@playwright/test", "cypress", "ava", "tap"),
    ),
    "go": ("testing",),
    "java": ("org.junit", "org.testng"),
}
_TEST = re.compile(
    r"(?:@[^\n]*\s+)*(?:async )?def test|(?:describe|it|test|suite)(?:\.\w+)*\(|@Test\b"
)

# Code that is deeper was written by a program, and walking up from everywhere in it takes for ever.
_DEEPEST = 200
_MOST_SPACE = 200  # between a name and what stands behind it
_OPTION = re.compile(r"verif|insecure|cert|ssl|tls|unsafe|legacy", re.IGNORECASE)


_ADMITTED = re.compile(r"insecure|unverified|no_?verif|without_?verif|trust_?all", re.IGNORECASE)


def is_asked_for(sight: Sight, node: Node) -> bool:
    """Whether somebody wants to do without security: by an `if`, or the name of the function."""
    for each in sight.ancestors(node):
        if each.type in {"if_statement", "elif_clause", "conditional_expression"}:
            condition = each.child_by_field_name("condition")
            text = sight.text(condition or each if each.type != "if_statement" else condition)
            if _OPTION.search(text):
                return True
        elif each.type in sight.kinds.functions:
            return _ADMITTED.search(sight.text(each.child_by_field_name("name"))) is not None
    return False


class _Absent:
    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = _Absent()


class Change(NamedTuple):
    """Text in place of a stretch of bytes."""

    start: int
    end: int
    text: str


class Hit(NamedTuple):
    """A place where a rule holds, in bytes. An empty message is that of the rule."""

    start: int
    end: int
    message: str = ""
    changes: tuple[Change, ...] = ()
    title: str = ""
    is_safe: bool | None = None  # as the rule says


def at(node: Node, message: str = "", *, changes: tuple[Change, ...] = (), title: str = "") -> Hit:
    """A hit that covers a node, with what it takes to put it right."""
    return Hit(node.start_byte, node.end_byte, message, changes, title)


class Sight:
    """One member of a file, and what its names stand for.

    `asked` holds what was asked of the rest of the file: as long as the answers are the same,
    so are the findings.
    """

    def __init__(
        self,
        member: Member,
        top: Names,
        data: bytes,
        kinds: Kinds,
        language: str,
        *,
        in_test: bool = False,
    ) -> None:
        self.node = member.node
        self.data = data
        self.kinds = kinds
        self.language = language
        self._in_test = in_test
        self.asked: dict[str, Any] = {}
        self._fields = member.fields
        self._top = top
        self._reader = Reader(data, kinds, self._lookup)
        self._reading: set[tuple[str, int]] = set()
        # By name: the functions that bind it, and its bindings by function.
        self._scopes: dict[str, tuple[Nested, dict[Range, list[Binding]]]] = {}
        self._may_rename: dict[str, bool] = {}

    # --- Texts and places ---------------------------------------------------------------

    def text(self, node: Node | None) -> str:
        """The text of a node."""
        return "" if node is None else text_of(node, self.data)

    @cached_property
    def words(self) -> str:
        """The text of the whole member."""
        return text_of(self.node, self.data)

    @cached_property
    def mentions_async(self) -> bool:
        """Whether there can be asynchronous functions in it."""
        return b"async" in self.data[self.node.start_byte : self.node.end_byte]

    def ancestors(self, node: Node) -> Iterator[Node]:
        """What a node lies in, from the inside, up to the member; nothing is known at great depth."""
        path: list[Node] = []
        at: Node | None = self.node
        while at is not None and at.id != node.id:
            if len(path) == _DEEPEST:
                return iter(())
            path.append(at)
            at = at.child_with_descendant(node)
        return reversed(path)

    def function_of(self, node: Node) -> Node | None:
        """The innermost function around a node."""
        return next((each for each in self.ancestors(node) if each.type in self._functions), None)

    @property
    def _functions(self) -> frozenset[str]:
        return self.kinds.functions

    # --- Names and values ---------------------------------------------------------------

    def value(self, node: Node | None) -> Any:
        """What an expression is: a literal, a `Named`, or `UNKNOWN`."""
        return self._reader.value(node)

    def name(self, node: Node | None) -> str:
        """The qualified name of what a node stands for, or ""."""
        return self._reader.name(node)

    def callee(self, call: Node) -> str:
        """The qualified name of what is called; "?.method" where only that is known."""
        if call.type in {"call", "call_expression"}:
            return self.name(self.kinds.function(call))
        return self.name(call).removesuffix("()")

    def may_rename(self, name: str, wanted: Container[str]) -> bool:
        """Whether a name may stand for something that ends with a wanted word; a quick look."""
        known = self._may_rename.get(name)
        if known is None:
            known = self._may_rename[name] = self._find_may_rename(name, wanted)
        return known

    def _find_may_rename(self, name: str, wanted: Container[str]) -> bool:
        outside = self.from_outside(name)
        if self._has_import:
            return True
        marks = self.kinds.marks_values
        if not marks:
            return outside != Named(name) or f"{name} =" in self.words
        if isinstance(outside, Named) and outside.name.rpartition(".")[2] in wanted:
            return True
        return any(
            self.words[end : end + _MOST_SPACE].lstrip(" \t\r\n\\")[:1] in marks
            for end in self._ends_of(name)
        )

    def _ends_of(self, name: str) -> Iterator[int]:
        # A parser puts nodes without a text where something is missing.
        start = self.words.find(name) if name else -1
        while start >= 0:
            yield start + len(name)
            start = self.words.find(name, start + len(name))

    @cached_property
    def _has_import(self) -> bool:
        return "import" in self.words

    def imports(self, module: str) -> bool:
        """Whether the file imports a module, or something of it."""
        return bool(self.from_outside(f"import {module}")) or any(
            _is_of(each.value, module) for found in self._bindings.values() for each in found
        )

    @cached_property
    def is_test(self) -> bool:
        """Whether this is code of a test, where nothing has to be kept from anybody."""
        return (
            self._in_test
            or any(map(self.imports, _TEST_MODULES[self.kinds.family]))
            or _TEST.match(self.words) is not None
        )

    def matches(self, pattern: str, name: str) -> bool:
        """Whether a qualified name is the one of a rule, which may be `*.method`."""
        if pattern.startswith("*."):
            return name.endswith(pattern[1:])
        if pattern == name:
            return True
        if self.kinds.family != "java" or not pattern.endswith("." + name):
            return False
        package = pattern[: -len(name) - 1]
        return package == "java.lang" or package in self.from_outside(WILD)

    def from_outside(self, name: str) -> Any:
        """What the rest of the file says of a name."""
        if name not in self.asked:
            self.asked[name] = outside(name, self._top, self._fields)
        return self.asked[name]

    def _lookup(self, name: str, position: int) -> Any:
        own = self._own(name, position)
        if not own:
            if self.kinds.family == "java" and not name.startswith("self."):
                field = self.from_outside(f"self.{name}")
                if field is not UNKNOWN:
                    return field
            return self.from_outside(name)
        key = (name, own[0].position)
        if len(own) > 4 or key in self._reading:
            return UNKNOWN
        self._reading.add(key)
        found = [each.value if each.node is None else self._reader.value(each.node) for each in own]
        self._reading.discard(key)
        return found[0] if all(each == found[0] for each in found[1:]) else UNKNOWN

    def assigned(self, name: str, position: int) -> list[Node]:
        """The expressions that a local name is given."""
        return [each.node for each in self._own(name, position) if each.node is not None]

    def _own(self, name: str, position: int) -> Sequence[Binding]:
        """The bindings of a name in the innermost function around a place that has any."""
        found = self._bindings.get(name)
        if not found:
            return ()
        known = self._scopes.get(name)
        if known is None:
            by_scope: dict[Range, list[Binding]] = {}
            for each in found:
                by_scope.setdefault(self._scope_of(each.position), []).append(each)
            known = self._scopes[name] = Nested(by_scope), by_scope
        scope = known[0].around(position, or_at=True)
        return () if scope is None else known[1][scope]

    @cached_property
    def _bindings(self) -> Mapping[str, list[Binding]]:
        found: dict[str, list[Binding]] = {}
        for each in bindings(self.node, self.data, self.kinds, self.language):
            found.setdefault(each.name, []).append(each)
        for several in found.values():
            # `a, b = f()` matches twice where a pattern has one name.
            several.sort(key=lambda each: (each.position, each.node is None))
        return {name: _once(several) for name, several in found.items()}

    def _scope_of(self, position: int) -> Range:
        inner = self._function_ranges.around(position)
        return inner or (self.node.start_byte, self.node.end_byte)

    # Set by the plan, which sees all functions of the member on its way.
    function_nodes: tuple[Node, ...] = ()

    @cached_property
    def _function_ranges(self) -> Nested:
        ranges = []
        for node in self.function_nodes:
            # The name of a function belongs to what is around it.
            name = node.child_by_field_name("name")
            ranges.append((node.start_byte if name is None else name.end_byte, node.end_byte))
        return Nested(ranges)

    # --- Arguments ----------------------------------------------------------------------

    def arguments(self, call: Node) -> Arguments:
        """The arguments of a call."""
        return Arguments(self, call)


class Arguments:
    """The arguments of a call, by position and by keyword.

    The properties of an object literal are named by its position: "2.httpOnly".
    """

    def __init__(self, sight: Sight, call: Node) -> None:
        self.sight = sight
        self.positional: list[Node] = []
        self.keywords: dict[str, Node] = {}
        self.splatted: dict[str, Any] = {}
        self.is_open = False  # more may be passed than one can see
        self.list = call.child_by_field_name("arguments")
        for child in () if self.list is None else self.list.named_children:
            self._add(child)

    def _add(self, child: Node) -> None:
        match child.type:
            case "comment" | "line_comment" | "block_comment":
                pass
            case "keyword_argument":
                name, value = child.child_by_field_name("name"), child.child_by_field_name("value")
                if name is not None and value is not None:
                    self.keywords[self.sight.text(name)] = value
            case "dictionary_splat":
                found = self.sight.value(named(child))
                if isinstance(found, dict) and ... not in found:
                    self.splatted.update(found)
                else:
                    self.is_open = True
            case "list_splat" | "spread_element":
                self.is_open = True
            case _:
                self.positional.append(child)

    def node(self, which: str | int) -> Node | None:
        """The node of an argument: by position, by keyword, or by either as in "1|Loader"."""
        for part in str(which).split("|"):
            if part.isdecimal():
                if int(part) < len(self.positional):
                    return self.positional[int(part)]
            elif part in self.keywords:
                return self.keywords[part]
        return None

    def value(self, which: str | int) -> Any:
        """The value of an argument, `ABSENT`, or `UNKNOWN`."""
        place, _, key = str(which).partition(".")
        if key:
            owner = self.value(place)
            if isinstance(owner, dict):
                return owner.get(key, UNKNOWN if ... in owner else ABSENT)
            return owner if owner is ABSENT else UNKNOWN
        node = self.node(place)
        if node is not None:
            return self.sight.value(node)
        for part in place.split("|"):
            if part in self.splatted:
                return self.splatted[part]
        return UNKNOWN if self.is_open else ABSENT


def fits(value: Any, pattern: Any) -> bool | None:
    """Whether an argument is what a rule speaks of; None where nobody can know."""
    if isinstance(pattern, Mapping):
        return _fits_kind(value, pattern)
    if value is UNKNOWN:
        return None
    wanted = pattern if isinstance(pattern, list) else [pattern]
    if isinstance(value, Named):
        return None
    return any(type(value) is type(each) and value == each for each in wanted)


def _fits_kind(value: Any, pattern: Mapping[str, Any]) -> bool | None:
    ((kind, wanted),) = pattern.items()
    if kind == "absent":
        return None if value is UNKNOWN else (value is ABSENT) is wanted
    if kind == "names":
        if value is UNKNOWN:
            return None
        return isinstance(value, Named) and value.name.removesuffix("()") in wanted
    if kind == "constant":
        if value is ABSENT:
            return False
        return _is_constant(value) is wanted
    if kind == "has":
        return None if value is UNKNOWN else isinstance(value, list) and wanted in value
    if kind == "below":
        return None if value is UNKNOWN else isinstance(value, int) and value < wanted
    if kind == "matches":
        if value is UNKNOWN or isinstance(value, Named):
            return None
        plain = value.decode("latin-1") if isinstance(value, bytes) else value
        return isinstance(plain, str) and re.search(wanted, plain, re.IGNORECASE) is not None
    raise ValueError(f"unknown condition {kind!r}")


def _is_constant(value: Any) -> bool:
    if isinstance(value, list):
        return all(map(_is_constant, value))
    return value is not UNKNOWN and not isinstance(value, Named | dict)


def outside(question: str, top: Names, fields: Names) -> Any:
    """The answer to something a member asked of the rest of its file."""
    if question.startswith("import "):
        return imports(top, question.removeprefix("import "))
    if question == WILD:
        return top.get(WILD, ())
    return (fields if question.startswith("self.") else top).get(question, unbound(question))


def imports(names: Names, module: str) -> bool:
    """Whether one of the names comes from a module."""
    return any(_is_of(value, module) for name, value in names.items() if name != WILD)


def _is_of(value: Any, module: str) -> bool:
    return isinstance(value, Named) and (
        value.name == module or value.name.startswith((f"{module}.", f"{module}/"))
    )


def _once(found: list[Binding]) -> list[Binding]:
    kept: list[Binding] = []
    for each in found:
        if not kept or kept[-1].position != each.position:
            kept.append(each)
    return kept
