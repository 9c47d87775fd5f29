"""What an expression may stand for, in the languages that share a resolver."""

from __future__ import annotations

from typing import NamedTuple

from nootropic_lsp.index.facts import Kind
from nootropic_lsp.index.units import Site

TYPE, INSTANCE, FUNCTION, PLACE = range(4)


class Value(NamedTuple):
    """One thing that an expression may stand for.

    A type from outside the workspace has a `name` and no site. A PLACE (package,
    namespace or module) has its path as name, and a site where one file is it.
    `fog` marks what came out of a method of an outside container: perhaps the
    container, perhaps one of its elements.
    """

    kind: int
    site: Site | None = None
    name: str = ""
    arguments: tuple[tuple[Value, ...], ...] = ()
    receiver: Value | None = None
    fog: bool = False


Values = tuple[Value, ...]
NOTHING: Values = ()

TYPE_KINDS = frozenset({Kind.CLASS, Kind.STRUCT, Kind.INTERFACE, Kind.ENUM})
FUNCTION_KINDS = frozenset({Kind.FUNCTION, Kind.METHOD, Kind.CONSTRUCTOR})
VARIABLE_KINDS = frozenset(
    {Kind.VARIABLE, Kind.PARAMETER, Kind.FIELD, Kind.PROPERTY, Kind.ATTRIBUTE, Kind.CONSTANT}
)
