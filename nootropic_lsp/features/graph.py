"""Looking symbols up by name, as a person types them."""

from __future__ import annotations

from collections.abc import Iterator

from nootropic_lsp.core.symbols import Symbol
from nootropic_lsp.features.snapshot import Snapshot, from_row, symbol_of
from nootropic_lsp.index.symbols import symbols_of
from nootropic_lsp.index.units import Site
from nootropic_lsp.store import graph

_MANY_FILES = 400


def find(snapshot: Snapshot, name: str) -> list[Symbol]:
    """The symbols of a name, the most used first. The name may be dotted: `Cart.total`."""
    container, _, last = name.replace("::", ".").replace("#", ".").rpartition(".")
    found = list(symbols_named(snapshot, last))
    if container:
        found = [symbol for symbol in found if _is_in(symbol, container)]
    return by_use(snapshot, found)


def symbols_named(snapshot: Snapshot, name: str) -> Iterator[Symbol]:
    """The symbols of the workspace that have a name."""
    for index in snapshot.indexes:
        for row, relative in graph.symbols_named(index.connection, name):
            path = index.absolute(relative)
            if path not in snapshot.changed:
                yield from_row(row, path)
    for path in snapshot.changed:
        unit = snapshot.unit(path)
        for _, at in symbols_of(unit) if unit is not None else ():
            if unit is not None and unit.definitions[at].name == name:
                yield symbol_of(Site(unit, at))


def by_use(snapshot: Snapshot, symbols: list[Symbol]) -> list[Symbol]:
    """Symbols with their number of uses, the most used first."""
    counts = snapshot.uses_count([symbol.id for symbol in symbols])
    counted = [_with_uses(symbol, counts.get(symbol.id, 0)) for symbol in symbols]
    return sorted(counted, key=lambda symbol: (-symbol.uses, symbol.path, symbol.span))


def are_uses_many(snapshot: Snapshot, name: str) -> bool:
    """Whether the uses of a name are found sooner by resolving all files than one by one."""
    sites = filter(None, map(snapshot.site_of, find(snapshot, name)))
    return any(len(snapshot.unresolved(site)) > _MANY_FILES for site in sites)


def most_used(snapshot: Snapshot, *, limit: int = 50) -> list[Symbol]:
    """The symbols of the workspace that are used most."""
    counts: dict[int, int] = {}
    for index in snapshot.indexes:
        for identity, count in graph.most_used(index.connection, limit * 4):
            counts[identity] = counts.get(identity, 0) + count
    symbols = snapshot.symbols_by_id(list(counts))
    found = [_with_uses(symbol, counts[identity]) for identity, symbol in symbols.items()]
    found.sort(key=lambda symbol: (-symbol.uses, symbol.path, symbol.span))
    return found[:limit]


def _is_in(symbol: Symbol, container: str) -> bool:
    """Whether a symbol lies in `container`: a class, or a module by its dotted path."""
    module = symbol.path.rpartition(".")[0].removesuffix("/__init__").replace("/", ".")
    whole = f"{module}.{symbol.container}".rstrip(".")
    return f".{whole}".endswith(f".{container}")


def _with_uses(symbol: Symbol, uses: int) -> Symbol:
    return Symbol(
        symbol.id,
        symbol.name,
        symbol.kind,
        symbol.path,
        symbol.span,
        symbol.full_span,
        symbol.container,
        uses,
    )
