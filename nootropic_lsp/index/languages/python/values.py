"""What an expression may stand for, as far as light inference knows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from nootropic_lsp.index.units import Site, Unit

MODULE, CLASS, INSTANCE, FUNCTION = range(4)

WIDEST = 6  # alternatives of one value


class Value(NamedTuple):
    """One thing that an expression may stand for: what the definition `at` in `unit` defines.

    CLASS is a class itself, INSTANCE a value of that class. A module has a path and no
    unit, because a namespace package is one too. `arguments` are the element types of a
    container, one tuple of values per parameter. `receiver` is what a method is bound to;
    a value that has itself there is `super()` in a method of its class.
    """

    kind: int
    unit: Unit | None
    at: int
    arguments: tuple[tuple[Value, ...], ...] = ()
    receiver: Value | None = None
    path: str = ""


Values = tuple[Value, ...]
NOTHING: Values = ()


def distinct(values: Iterable[Value]) -> Values:
    """Every value once, and no more of them than anyone would read."""
    found = tuple(values)
    return found if len(found) < 2 else tuple(dict.fromkeys(found))[:WIDEST]


def instances(values: Values) -> Values:
    """What calling the classes among some values gives."""
    return tuple([instance(value) for value in values if value.kind == CLASS])


def instance(cls: Value) -> Value:
    """What calling a class gives."""
    return Value(INSTANCE, cls.unit, cls.at, cls.arguments)


def classes(values: Values) -> list[Site]:
    """The classes that some values are or belong to."""
    return list(
        dict.fromkeys(
            Site(value.unit, value.at)
            for value in values
            if value.unit is not None and value.kind in (CLASS, INSTANCE)
        )
    )


def module_value(path: str | None) -> Values:
    """The module of a file or of a namespace package's folder."""
    return NOTHING if path is None else (Value(MODULE, None, 0, path=path),)
