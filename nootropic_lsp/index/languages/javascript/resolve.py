"""What a name means: from the facts of many JavaScript and TypeScript files to definitions."""

from __future__ import annotations

from typing import Any

from nootropic_lsp.index.candidates import Candidate
from nootropic_lsp.index.facts import Flag, Kind, Op
from nootropic_lsp.index.languages.javascript.calls import given_by
from nootropic_lsp.index.languages.javascript.inference import Inference
from nootropic_lsp.index.languages.javascript.listing import Listing
from nootropic_lsp.index.languages.javascript.values import (
    CLASS,
    FUNCTION,
    INSTANCE,
    Values,
)
from nootropic_lsp.index.units import Site, Trail, Unit, World

_OWN_NAMES = frozenset({"exports", "module"})


class Resolver:
    """Answers for one state of the world. Make a new one when any file has changed."""

    def __init__(self, world: World) -> None:
        self.inference = Inference(world)
        self.touched: Trail = self.inference.touched
        self._listing = Listing(self.inference)

    def forget(self, unit: Unit) -> None:
        """Drop what only the expressions of this file needed."""
        self.inference.forget(unit)

    def remembered(self) -> list[dict[Any, Any]]:
        """All that is remembered about units, which stand in the keys."""
        return [*self.inference.remembered(), *self._listing.remembered()]

    def definitions(self, unit: Unit, index: int, *, follow: bool = True) -> list[Site]:
        """Where the name at a use is defined, best first. `follow` goes through imports."""
        inference = self.inference
        inference.ask()
        expression = unit.expressions[index]
        operator, role, _, name, operand = expression
        if operator == Op.NAME:
            sites = inference.names.named(unit, name, operand, role)
            if name in _OWN_NAMES and unit.language == "javascript":
                # CommonJS gives each file its own.
                sites = [site for site in sites if site.unit is unit] or [Site(unit, 0)]
        elif operator == Op.MEMBER:
            sites = inference.members_of(unit, expression)
        elif operator == Op.MODULE:
            return inference.members.module_sites(unit, expression)
        else:
            sites = [site for site, _ in inference.calls.property_of(unit, expression)]
        if follow:
            sites = inference.follow(sites)
        return self._chosen(unit, index, sites)

    def types(self, unit: Unit, index: int) -> list[Site]:
        """The definitions of the types that an expression may have."""
        self.inference.ask()
        return _classes(self.inference.infer(unit, index))

    def types_of(self, site: Site) -> list[Site]:
        """The definitions of the types that a definition may have."""
        self.inference.ask()
        return _classes(self.inference.value_of(site))

    def followed(self, site: Site) -> list[Site]:
        """What an import stands for; any other definition stands for itself."""
        self.inference.ask()
        return self.inference.follow([site])

    def bases(self, site: Site) -> list[Site]:
        """The direct supertypes of a class or interface."""
        self.inference.ask()
        if site.definition.kind not in (Kind.CLASS, Kind.INTERFACE):
            return []
        return list(
            dict.fromkeys(
                Site(value.unit, value.index)
                for base in site.definition.related
                for value in self.inference.lines.base_values(site, base, ())[:1]
                if value.unit is not None and value.kind == INSTANCE
            )
        )

    def callables(self, unit: Unit, index: int) -> list[Site]:
        """The functions that a call of an expression runs."""
        self.inference.ask()
        return [
            site
            for value in self.inference.infer(unit, index)
            if value.kind in (FUNCTION, INSTANCE)
            for site, _ in self.inference.calls.callables(value)
        ]

    # ---- lists

    def visible(self, unit: Unit, scope: int, position: int) -> list[Candidate]:
        """Every bare name that can be used at a position of a scope, the nearest first."""
        self.inference.ask()
        return self._listing.visible(unit, scope, position)

    def members(self, unit: Unit, index: int) -> list[Candidate]:
        """Every member of the values that an expression may have, the nearest first."""
        self.inference.ask()
        return self._listing.members(unit, index)

    def held(self, site: Site) -> list[Candidate]:
        """Every member of the values that a definition may stand for, the nearest first."""
        self.inference.ask()
        return self._listing.held(site)

    def modules(self, unit: Unit, dotted: str, level: int) -> list[str]:
        """What can stand behind a specifier and a slash.

        `dotted` is the specifier up to a slash: "./src" or "@scope/package"; "" asks for
        packages and aliases. `level` says nothing here.
        """
        return self._listing.modules(unit, dotted)

    def exported(self, unit: Unit, dotted: str, level: int) -> list[Candidate]:
        """The names that can be imported; `dotted` is a whole specifier, `level` says nothing."""
        self.inference.ask()
        return self._listing.exported(unit, dotted)

    def _chosen(self, unit: Unit, index: int, sites: list[Site]) -> list[Site]:
        """Few: an overload that fits the call, a getter rather than its setter."""
        if len(sites) < 2:
            return sites
        first = sites[0]
        if first.definition.kind in (Kind.FUNCTION, Kind.METHOD):
            inference = self.inference
            use = unit.expressions[index]
            call = inference.names.tables(unit).call_of(index)
            given = given_by(unit, unit.expressions[call]) if call >= 0 else None
            bound = (
                inference.members.receiver_bound(unit, use, first) if use[0] == Op.MEMBER else ()
            )
            fitting = inference.calls.overloads(first, given, bound)
            return [Site(first.unit, fitting[0])]
        return [site for site in sites if not site.definition.flags & Flag.SETTER][:2] or sites[:1]


def _classes(values: Values) -> list[Site]:
    return list(
        dict.fromkeys(
            Site(value.unit, value.index)
            for value in values
            if value.unit is not None and value.kind in (CLASS, INSTANCE)
        )
    )
