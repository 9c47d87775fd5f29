"""What the shared resolver has to know of a language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nootropic_lsp.index.languages.queries.values import Value, Values
from nootropic_lsp.index.units import Site, Unit

if TYPE_CHECKING:
    from nootropic_lsp.index.languages.queries.resolve import Resolver

# Definitions of a name: (resolver, unit, name, scope, position, role).
Outside = Callable[["Resolver", Unit, str, int, int, int], list[Site]]
# (resolver, unit, path as written in an import, level): what the path names
Module = Callable[["Resolver", Unit, str, int], Values]
# (resolver, place, name, unit that asks): a name in a package, namespace or module
Inside = Callable[["Resolver", Value, str, Unit], list[Site]]
# (resolver, unit, name, scope, position): what a name stands for that no definition gives
Special = Callable[["Resolver", Unit, str, int, int], Values]
# (resolver, unit, called function, first argument): a call that the language itself knows
Called = Callable[["Resolver", Unit, int, int], Values]


@dataclass(frozen=True, slots=True)
class Rules:
    """How names of one language are found.

    `outside` is asked when no scope of the file binds a name. `bare_members`: members
    of a class are seen without a receiver. `ordered`: a local name is bound by the
    declaration before it. `closed`: variables of outer functions are not seen.
    `extended`: members may be added to a type elsewhere. `partial`: a type may be
    written in several places. `overloads`: the number of arguments chooses.
    `separate`: methods and variables never hide each other. `transparent` are
    containers whose members are those of what they hold. `common` are names of
    the standard library's methods, never guessed at without a type.
    """

    family: str
    outside: Outside
    module: Module
    inside: Inside
    special: Special | None = None
    called: Called | None = None
    bare_members: bool = False
    ordered: bool = True
    closed: bool = False
    extended: bool = False
    partial: bool = False
    overloads: bool = False
    separate: bool = False
    places: bool = False  # an unknown name may begin a dotted package
    embeds: bool = False  # fields without a name give their members
    mixins: bool = False  # namespaces are types too
    guess_on_known: bool = False  # traits add members that the type does not show
    this: frozenset[str] = frozenset()
    this_type: frozenset[str] = frozenset()
    parent: frozenset[str] = frozenset()
    makers: frozenset[str] = frozenset()  # members of a class that make an instance
    transparent: frozenset[str] = frozenset()
    common: frozenset[str] = frozenset()


def outline_only(family: str) -> Rules:
    """The rules of a language whose files are read for their outline alone."""
    return Rules(
        family=family,
        outside=lambda resolver, unit, name, scope, position, role: [],
        module=lambda resolver, unit, path, level: (),
        inside=lambda resolver, place, name, unit: [],
    )
