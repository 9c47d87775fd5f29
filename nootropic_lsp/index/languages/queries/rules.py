"""What the shared resolver has to know of a language."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from nootropic_lsp.index.languages.queries.values import Value, Values
from nootropic_lsp.index.units import Site, Trail, Unit, World

T = TypeVar("T")


class Lookups(Protocol):
    """What the rules of a language may ask the resolver."""

    world: World
    touched: Trail

    @property
    def rules(self) -> Rules:
        """The rules of the language."""

    def sites(self, unit: Unit, index: int) -> list[Site]:
        """Where the name at a use is defined, before imports are followed."""

    def name(self, unit: Unit, name: str, scope: int, position: int, role: int) -> list[Site]:
        """The definitions of a bare name that a use at `position` in `scope` may mean."""

    def member_sites(self, unit: Unit, name: str, receiver: int, role: int) -> list[Site]:
        """Where a member of an expression is defined."""

    def named(self, name: str) -> tuple[Site, ...]:
        """Every definition of a name that other files can see."""

    def noted(self, key: Hashable, make: Callable[[], T]) -> T:
        """Compute once, and remember what it looked at."""

    def at(self, path: str) -> list[Site]:
        """What a dotted path names, wherever it is written; bodies before declarations."""

    def owner(self, site: Site) -> Site | None:
        """The type, extension or namespace that a definition stands in."""

    def extended_type(self, owner: Site) -> Site | None:
        """A type itself, or the type that an extension adds to."""

    def imported(self, site: Site) -> Values:
        """What an import binds its name to."""

    def member(self, value: Value, name: str, unit: Unit, role: int) -> list[Site]:
        """Where a member of a value is defined."""

    def own(self, owner: Site, name: str) -> list[Site]:
        """A member that a type itself has, in any of the places where it is written."""

    def order(self, cls: Site) -> tuple[Site, ...]:
        """A type and its supertypes, nearest first."""

    def infer(self, unit: Unit, index: int) -> Values:
        """What an expression may stand for; empty when it is not known."""

    def value(self, site: Site) -> Values:
        """What a definition stands for."""

    def annotated(self, unit: Unit, index: int, receiver: Value | None = None) -> Values:
        """Values of the type that an annotation names."""

    def self_values(self, unit: Unit, name: str, scope: int) -> Values:
        """The object or type that `this`, `Self`, `super` and their like stand for."""


# Definitions of a name: (resolver, unit, name, scope, position, role).
Outside = Callable[[Lookups, Unit, str, int, int, int], list[Site]]
# (resolver, unit, path as written in an import, level): what the path names
Module = Callable[[Lookups, Unit, str, int], Values]
# The same, for a path that names a definition: that, not what it stands for.
Named = Callable[[Lookups, Unit, str, int], list[Site]]
# (resolver, place, name, unit that asks): a name in a package, namespace or module
Inside = Callable[[Lookups, Value, str, Unit], list[Site]]
# (resolver, unit, name, scope, position): what a name stands for that no definition gives
Special = Callable[[Lookups, Unit, str, int, int], Values]
# (resolver, unit, called function, first argument): a call that the language itself knows
Called = Callable[[Lookups, Unit, int, int], Values]

# For lists: a name as it is written, and what defines it.
Listed = tuple[str, Site]
# (resolver, unit, scope): what `outside` can find, in groups, the nearest first
Around = Callable[[Lookups, Unit, int], Iterable[Iterable[Listed]]]
# (resolver, place, unit that asks): what `inside` can find
Contents = Callable[[Lookups, Value, Unit], Iterable[Listed]]
# (resolver, unit, path as written in an import, level): what can stand behind the path there
Below = Callable[[Lookups, Unit, str, int], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Rules:
    """How names of one language are found.

    `outside` is asked when no scope of the file binds a name. `bare_members`: members
    of a class are seen without a receiver. `statics`: members of a type itself are
    marked, and no instance has them. `ordered`: a local name is bound by the
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
    inside: Inside = lambda _resolver, _place, _name, _unit: []
    named: Named | None = None
    special: Special | None = None
    called: Called | None = None
    around: Around = lambda _resolver, _unit, _scope: ()
    contents: Contents = lambda _resolver, _place, _unit: ()
    below: Below = lambda _resolver, _unit, _path, _level: ()
    bare_members: bool = False
    statics: bool = False
    ordered: bool = True
    closed: bool = False
    extended: bool = False
    partial: bool = False
    overloads: bool = False
    separate: bool = False
    places: bool = False  # an unknown name may begin a dotted package
    distinct: bool = False  # a type that is declared by another is one of its own
    embeds: bool = False  # fields without a name give their members
    mixins: bool = False  # namespaces are types too
    extension_methods: bool = False  # static methods are called on their first argument
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
    )
