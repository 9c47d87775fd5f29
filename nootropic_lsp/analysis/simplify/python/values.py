"""This file is where we say what can be known of a value in Python without running the program."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from nootropic_lsp.analysis.simplify.patterns import Fact

# Larger literals are left alone.
MAX_ITEMS = 24
_MAX_TEXT = 4096

# What is known of an atom (a name, or an attribute of one) on this path: see `facts.py`.
Facts = Mapping[str, frozenset[Fact]]
NO_FACTS: Facts = {}


@dataclass(frozen=True, slots=True)
class Known:
    """A constant."""

    value: object


@dataclass(frozen=True, slots=True)
class Some:
    """One of several constants."""

    values: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Ref:
    """A container or an object of a class in this workspace; what is in it stands in the state."""

    oid: int


@dataclass(frozen=True, slots=True, eq=False)
class Func:
    """A function whose source is known, with arguments that are given already."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    frame: Frame
    first: tuple[V, ...] = ()
    named: tuple[tuple[str, V], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Class:
    """A class whose source is known."""

    node: ast.ClassDef
    frame: Frame


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """One of several functions."""

    functions: tuple[V, ...]


@dataclass(frozen=True, slots=True)
class Truth:
    """A condition: what holds where it is true, and where it is false."""

    when_true: Facts
    when_false: Facts


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled regular expression."""

    pattern: str
    flags: int


@dataclass(frozen=True, slots=True)
class Matched:
    """What a regular expression found; it consists of these characters and of letters.

    If there is anything, `holds` is known of the text in which it was looked for.
    """

    characters: str
    holds: Facts


@dataclass(frozen=True, slots=True)
class Address:
    """The parts of a URL that was read from the atoms `keys`."""

    keys: tuple[str, ...]
    part: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """An object of a foreign class, made of constants."""

    node: ast.expr


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature of what the atoms `keys` hold, made with a secret."""

    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Resolved:
    """A path without `..` in it."""


@dataclass(frozen=True, slots=True)
class Page:
    """A template, or what makes templates; `text` is what is written in it, where that is known.

    `escapes` says that values are escaped unless it says otherwise.
    """

    text: str | None
    syntax: str
    escapes: bool


@dataclass(frozen=True, slots=True)
class Files:
    """A module of this workspace."""

    frame: Frame


Value = (
    Known | Some | Ref | Func | Class | Choice | Truth | Pattern | Matched | Address
    | Resolved | Files | Made | Signature | Page
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class V:
    """An expression of the simplified text, and what is known of its value."""

    node: ast.expr
    value: Value | None = None


@dataclass(slots=True)
class Items:
    """What is in a list, a tuple, a queue or a text that is being built.

    A loose one holds everything that may be in it, in no order.
    """

    kind: str
    items: list[V]
    is_loose: bool = False

    def copy(self) -> Items:
        return Items(self.kind, list(self.items), self.is_loose)


@dataclass(frozen=True, slots=True)
class Anywhere:
    """The key of an entry whose key is not known."""

    number: int


@dataclass(slots=True)
class Table:
    """What is in a dict or a configuration, or the attributes of an object of a class."""

    entries: dict[object, V]
    kind: str = "dict"
    of: Class | None = None
    # An object that others made: an attribute that is not here may exist.
    is_open: bool = False
    # Scalars of the simplified text that hold entries, for the sake of branches.
    name: str = ""
    settled: set[object] = field(default_factory=set)

    def copy(self) -> Table:
        return Table(
            dict(self.entries), self.kind, self.of, self.is_open, self.name, set(self.settled)
        )


Thing = Items | Table


@dataclass(slots=True)
class State:
    """What is known at one point of a function."""

    names: dict[tuple[int, str], V] = field(default_factory=dict)
    heap: dict[int, Thing] = field(default_factory=dict)
    facts: dict[str, frozenset[Fact]] = field(default_factory=dict)

    def copy(self) -> State:
        return State(
            dict(self.names),
            {oid: each.copy() for oid, each in self.heap.items()},
            dict(self.facts),
        )

    def assume(self, facts: Facts) -> None:
        for key, some in facts.items():
            self.facts[key] = self.facts.get(key, frozenset()) | some


@dataclass(slots=True, eq=False)
class Frame:
    """A scope: a module, or one run of a function.

    The statements of a `linear` one are written out inside another function.
    """

    number: int
    module: Module
    parent: Frame | None = None
    local: frozenset[str] = frozenset()
    is_linear: bool = False
    elsewhere: frozenset[str] = frozenset()
    # Values it returned or yielded, each with what was known then.
    returned: list[tuple[V, dict[str, frozenset[Fact]]]] = field(default_factory=list)
    yielded: list[V] | None = None


@dataclass(slots=True, eq=False)
class Module:
    """A file: its definitions by name."""

    path: str
    is_home: bool
    definitions: dict[str, ast.stmt]
    imports: dict[str, tuple[str, str]]
    # Modules that are imported as `a.b`.
    dotted: frozenset[str] = frozenset()
    values: dict[str, V | None] = field(default_factory=dict)
    heap: dict[int, Thing] = field(default_factory=dict)
    frame: Frame = field(init=False)

    def __post_init__(self) -> None:
        self.frame = Frame(0, self)


class Unsupported(Exception):
    """This cannot be written in another way; it stays as it is."""


def constant(value: object) -> ast.expr:
    """The literal of a value."""
    match value:
        case tuple():
            return ast.Tuple([constant(each) for each in value], ast.Load())
        case list():
            return ast.List([constant(each) for each in value], ast.Load())
        case frozenset() | set():
            return ast.Set([constant(each) for each in value])
        case Anywhere():
            return ast.Constant("?")
        case dict():
            return ast.Dict([constant(each) for each in value], [*map(constant, value.values())])
    assert value is None or isinstance(value, str | bytes | int | float | complex)
    return ast.Constant(value)


def is_plain(value: object) -> bool:
    """Whether it can be written as a literal that is not too long."""
    if isinstance(value, str | bytes):
        return len(value) <= _MAX_TEXT
    if isinstance(value, tuple | frozenset):
        return len(value) <= 64 and all(map(is_plain, value))
    if isinstance(value, int):
        return abs(value) < 1 << 64
    return value is None or isinstance(value, float)


def known(value: object) -> V:
    return V(constant(value), Known(value))


def name(text: str) -> ast.Name:
    return ast.Name(text, ast.Load())


def assign(target: ast.expr | str, value: ast.expr) -> ast.Assign:
    if isinstance(target, str):
        target = ast.Name(target, ast.Store())
    return ast.Assign(targets=[target], value=value, lineno=0)


def call(function: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(name(function), list(arguments), [])


def some(values: Iterable[object]) -> V:
    """One of these constants; None is shown only if there is nothing else."""
    distinct = list(dict.fromkeys(values))
    if len(distinct) == 1:
        return known(distinct[0])
    shown = next((each for each in distinct if each is not None), None)
    return V(constant(shown), Some(tuple(distinct)))


def constants(value: Value | None) -> tuple[object, ...] | None:
    """The constants that it can be, or None if it can be anything else."""
    match value:
        case Known(only):
            return (only,)
        case Some(values):
            return values
    return None


def truth(value: Value | None) -> bool | None:
    """Whether it counts as true, where that is known."""
    match value:
        case Known(only):
            return bool(only)
        case Some(values):
            results = {bool(each) for each in values}
            return results.pop() if len(results) == 1 else None
        case Func() | Class() | Choice() | Pattern():
            return True
    return None


def choice(items: Sequence[V]) -> V:
    return V(items[0].node, Choice(tuple(items)))
