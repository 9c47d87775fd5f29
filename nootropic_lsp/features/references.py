"""Finding every use of a symbol."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from nootropic_lsp.core.spans import Place, Span
from nootropic_lsp.core.symbols import Reference, Symbol
from nootropic_lsp.features.snapshot import Snapshot, place_of
from nootropic_lsp.index.edges import callers_at, callers_of, pack, unpack
from nootropic_lsp.index.facts import ROLE_WORDS, USES, Kind
from nootropic_lsp.index.mentions import spellings_in
from nootropic_lsp.index.symbols import id_of
from nootropic_lsp.index.units import Site, Unit, written
from nootropic_lsp.store import graph


def references(
    snapshot: Snapshot, path: str, offset: int, *, include_declaration: bool = True
) -> list[Reference]:
    """Every use of what the name at an offset means, in the order of files and text."""
    sites = snapshot.sites_at(path, offset)
    return references_to(snapshot, sites[:1], include_declaration=include_declaration)


def references_of(
    snapshot: Snapshot, symbol: Symbol, *, include_declaration: bool = False
) -> list[Reference]:
    """Every use of a symbol."""
    site = snapshot.site_of(symbol)
    sites = [] if site is None else [site]
    return references_to(snapshot, sites, include_declaration=include_declaration)


def references_to(
    snapshot: Snapshot, sites: Sequence[Site], *, include_declaration: bool
) -> list[Reference]:
    """Every use of some definitions."""
    found: dict[Place, Reference] = {}
    for site in sites:
        if id_of(site):
            uses = _references(uses_of(snapshot, site))
        else:
            uses = _local_uses(snapshot, site)
        for use in uses:
            found.setdefault(use.place, use)
        own = list(_definitions(site))
        for place in own:
            if not include_declaration:
                found.pop(place, None)
            elif site.definition.kind != Kind.MODULE:
                found.setdefault(place, Reference(place, "definition"))
    return sorted(found.values(), key=lambda use: (use.place.path, use.place.span))


def in_file(snapshot: Snapshot, unit: Unit, site: Site) -> list[Reference]:
    """The uses of a definition in one file, with its definitions there."""
    if id_of(site):
        uses = _references([(unit.path, uses_in(snapshot, unit, site))])
    else:
        uses = _local_uses(snapshot, site)
    found = {use.place: use for use in uses}
    if site.unit.path == unit.path and site.definition.kind != Kind.MODULE:
        for place in _definitions(site):
            found[place] = Reference(place, "definition")
    return sorted(found.values(), key=lambda use: use.place.span)


def _definitions(site: Site) -> Iterator[Place]:
    """Every place where the symbol of a definition is bound."""
    unit, definition = site.unit, site.definition
    for index in unit.names[definition.scope].get(definition.name, [site.index]):
        yield place_of(Site(unit, index))


def uses_of(snapshot: Snapshot, site: Site) -> Iterator[tuple[str, Iterable[tuple[int, int]]]]:
    """For every file that uses a symbol: its path, and packed places with who uses it there."""
    unresolved = snapshot.unresolved(site)
    skipped = frozenset(unresolved)
    for index in snapshot.indexes:
        for relative, packed in graph.read_uses(index.connection, id_of(site)):
            path = index.absolute(relative)
            if path not in skipped:
                yield path, zip(packed[::2], packed[1::2], strict=True)
    for path in unresolved:
        unit = snapshot.unit(path)
        if unit is not None:
            yield path, uses_in(snapshot, unit, site)


def uses_in(snapshot: Snapshot, unit: Unit, site: Site) -> Iterator[tuple[int, int]]:
    """The uses of a symbol in one file, resolved now: packed places, and who uses it there."""
    identity = id_of(site)
    wanted = spellings_in(unit, site)
    callers = callers_of(unit)
    for position, index in unit.uses:
        expression = unit.expressions[index]
        name = written(expression)
        if wanted is not None and name not in wanted:
            continue
        if any(id_of(found) == identity for found in snapshot.definitions(unit, index)):
            caller, _ = next(callers_at(callers, position))
            yield pack(position, len(name), expression[1]), caller


def _references(
    uses: Iterable[tuple[str, Iterable[tuple[int, int]]]],
) -> Iterator[Reference]:
    for path, pairs in uses:
        for packed, caller in pairs:
            start, length, role = unpack(packed)
            yield Reference(Place(path, Span(start, start + length)), ROLE_WORDS[role], caller)


def _local_uses(snapshot: Snapshot, site: Site) -> Iterator[Reference]:
    """The uses of what only its own file can see."""
    unit, definition = site.unit, site.definition
    for position, index in unit.uses:
        expression = unit.expressions[index]
        if expression[0] > USES or written(expression) != definition.name:
            continue
        for found in snapshot.definitions(unit, index, follow=False):
            same = found.unit is unit and found.definition.scope == definition.scope
            if same and found.definition.name == definition.name:
                span = Span(position, position + len(definition.name))
                yield Reference(Place(unit.path, span), ROLE_WORDS[expression[1]])
                break
