"""The type hierarchy: what a type is built on, and what is built on it."""

from __future__ import annotations

from nootropic_lsp.core.symbols import Symbol
from nootropic_lsp.features import structural
from nootropic_lsp.features.lineage import TYPES, ancestors, bases, built_on, reached
from nootropic_lsp.features.snapshot import Snapshot, symbol_of
from nootropic_lsp.index.units import Site


def prepare(snapshot: Snapshot, path: str, offset: int) -> list[Symbol]:
    """The type that is named at an offset."""
    for site in snapshot.sites_at(path, offset):
        if site.definition.kind in TYPES:
            return [symbol_of(site)]
    return []


def supertypes(snapshot: Snapshot, symbol: Symbol) -> list[Symbol]:
    """The types that a type names as its bases, in their order, and interfaces it satisfies."""
    site = snapshot.site_of(symbol)
    return [] if site is None else _symbols([*bases(snapshot, site), *_above(snapshot, site)])


def subtypes(snapshot: Snapshot, symbol: Symbol) -> list[Symbol]:
    """The types that name this one as a base, and those that satisfy it, by files and lines."""
    site = snapshot.site_of(symbol)
    return [] if site is None else _symbols(_below(snapshot, site))


def descendants(snapshot: Snapshot, site: Site) -> list[Site]:
    """All types that are built on a type, the nearest first."""
    return reached([site], lambda each: _below(snapshot, each))


def related(snapshot: Snapshot, site: Site) -> list[Site]:
    """All types that share the members of a type: above it and below."""
    above = [*ancestors(snapshot, site), *_above(snapshot, site)]
    return list(dict.fromkeys((*above, *descendants(snapshot, site))))


def _above(snapshot: Snapshot, site: Site) -> list[Site]:
    return structural.satisfied(snapshot, site)


def _below(snapshot: Snapshot, site: Site) -> list[Site]:
    return [*built_on(snapshot, site), *structural.satisfying(snapshot, site)]


def _symbols(sites: list[Site]) -> list[Symbol]:
    return [symbol_of(site) for site in dict.fromkeys(sites)]
