"""What an expression may stand for, as far as light inference knows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from nootropic_lsp.index.facts import Kind
from nootropic_lsp.index.units import Site, Unit

MODULE, CLASS, INSTANCE, FUNCTION, OBJECT = range(5)

_WIDEST = 6  # alternatives of one value
_HEAVIEST = 24  # values inside one value


class Value(NamedTuple):
    """One thing that an expression may stand for.

    CLASS is a class, enum or namespace itself, INSTANCE a value of a type; OBJECT has the
    scope of its members as `index`. `arguments` are the type arguments in order, `bound`
    what type parameters (and, for None, `this`) stand for in an object or function.
    A builtin type that no declaration was found for has no unit but a `path`, its name.
    """

    kind: int
    unit: Unit | None
    index: int  # type: ignore[assignment]  # hides a method that nobody calls
    arguments: tuple[tuple[Value, ...], ...] = ()
    bound: tuple[tuple[Site | None, tuple[Value, ...]], ...] = ()
    path: str = ""


Values = tuple[Value, ...]
Bound = tuple[tuple[Site | None, Values], ...]
NOTHING: Values = ()
# The declarations of a type and its supertypes, and the object types among those.
Ancestry = tuple[list[tuple[Site, Bound]], list[Value]]
# Where a call stands, its first two arguments, and how many there are.
Given = tuple[Unit, int, int, int]

# Types of the library that hold values of their first argument.
SEQUENCES = frozenset(
    {
        "Array", "ReadonlyArray", "Set", "ReadonlySet", "Iterable", "IterableIterator", "Iterator",
        "Generator", "AsyncGenerator", "AsyncIterable", "AsyncIterableIterator", "ArrayIterator",
        "SetIterator", "MapIterator", "IteratorObject", "ArrayLike", "AsyncIteratorObject",
        "NodeListOf", "HTMLCollectionOf",
    }
)  # fmt: skip
MAPS = frozenset({"Map", "ReadonlyMap"})
PROMISES = frozenset({"Promise", "PromiseLike"})

# Kinds of definitions that have members, and those that can be called.
CLASSES = frozenset({Kind.CLASS, Kind.INTERFACE, Kind.ENUM, Kind.NAMESPACE})
FUNCTIONS = frozenset({Kind.FUNCTION, Kind.METHOD, Kind.CONSTRUCTOR})


def distinct(values: Iterable[Value]) -> Values:
    """Every value once, and no more of them than anyone would read."""
    return tuple(dict.fromkeys(values))[:_WIDEST]


def bound_to(bound: Bound, site: Site | None) -> Values | None:
    """What a type parameter stands for, or None."""
    for key, values in bound:
        if key == site:
            return values
    return None


def type_name(value: Value) -> str:
    """The name of the type of an instance; "" for anything else."""
    if value.kind != INSTANCE:
        return ""
    if value.unit is None:
        return "Array" if value.path == "tuple" else value.path
    return value.unit.definitions[value.index].name


def light(values: Values) -> Values:
    """The same values, without what is deep inside those that have grown too large.

    Generic types that refer to each other make values of any size, and every look-up
    of one has to go through all of it.
    """
    for value in values:
        if (value.arguments or value.bound) and _weigh(value, 0) > _HEAVIEST:
            return tuple(_shallow(value, 2) for value in values)
    return values


def _weigh(value: Value, weight: int) -> int:
    weight += 1
    for part in value.arguments:
        for inner in part:
            if weight > _HEAVIEST:
                return weight
            weight = _weigh(inner, weight)
    for _, part in value.bound:
        for inner in part:
            if weight > _HEAVIEST:
                return weight
            weight = _weigh(inner, weight)
    return weight


def _shallow(value: Value, depth: int) -> Value:
    if not depth:
        return value._replace(arguments=(), bound=())
    return value._replace(
        arguments=tuple(
            tuple(_shallow(inner, depth - 1) for inner in part) for part in value.arguments
        ),
        bound=tuple(
            (site, tuple(_shallow(inner, depth - 1) for inner in part))
            for site, part in value.bound
        ),
    )
