"""What could be written at a place: names with where they are defined, as a resolver lists them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from nootropic_lsp.index.units import Resolver, Site, Unit


class Candidate(NamedTuple):
    """A name that may stand at a place.

    `site` is where it is defined, imports not followed; None for what no file defines.
    `depth` counts from what is nearest: scopes outwards for a bare name (builtins come last),
    classes up the method resolution order for a member.
    """

    name: str
    site: Site | None
    depth: int


class Lister(Resolver, Protocol):
    """A resolver that can also list what it would find."""

    def visible(self, unit: Unit, scope: int, position: int) -> Sequence[Candidate]:
        """Every bare name that can be used at a position of a scope, the nearest first.

        A name that is hidden by a nearer one is left out.
        """

    def members(self, unit: Unit, index: int) -> Sequence[Candidate]:
        """Every member of the values that an expression may have, the nearest first.

        Nothing if the type of the expression is not known.
        """

    def held(self, site: Site) -> Sequence[Candidate]:
        """Every member of the values that a definition may stand for, the nearest first."""

    def modules(self, unit: Unit, dotted: str, level: int) -> Sequence[str]:
        """The modules and packages directly below one, "" being the roots, as an import has them."""

    def exported(self, unit: Unit, dotted: str, level: int) -> Sequence[Candidate]:
        """The names that can be imported from a module."""
