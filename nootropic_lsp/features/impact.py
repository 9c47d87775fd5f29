"""What may break if something changes: who calls it, builds on it, imports it or tests it."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from operator import methodcaller
from pathlib import PurePosixPath

from nootropic_lsp.core.symbols import Symbol
from nootropic_lsp.features import types
from nootropic_lsp.features.graph import find
from nootropic_lsp.features.snapshot import Snapshot, symbol_of
from nootropic_lsp.index.edges import edges_of, unpack
from nootropic_lsp.index.facts import Role
from nootropic_lsp.index.symbols import id_of, symbols_of
from nootropic_lsp.index.units import Site
from nootropic_lsp.store import graph

# Who needs more than that needs another question.
_MOST_SYMBOLS = 2_000
_TYPE_WORDS = frozenset({"class", "interface", "struct", "enum", "type"})


@dataclass(frozen=True, slots=True)
class Impact:
    """Everything that depends on a symbol or a file, each group the nearest first.

    `callers` use it directly, `transitive_callers` use those; `importers` are files.
    `tests` are those among all of them that lie in test files, and test files that import it.
    """

    callers: tuple[Symbol, ...]
    transitive_callers: tuple[Symbol, ...]
    subclasses: tuple[Symbol, ...]
    importers: tuple[str, ...]
    tests: tuple[Symbol | str, ...]


def impact(snapshot: Snapshot, name_or_path: str) -> Impact:
    """What depends on every symbol of a name (`Cart.total`), or on a file."""
    unit = snapshot.unit(name_or_path)
    if unit is None:
        return impact_of(snapshot, find(snapshot, name_or_path))
    targets = [symbol_of(Site(unit, at)) for _, at in symbols_of(unit)]
    return impact_of(snapshot, targets, modules=[id_of(Site(unit, 0))])


def impact_of(
    snapshot: Snapshot, targets: Sequence[Symbol], *, modules: Sequence[int] = ()
) -> Impact:
    """What depends on some symbols, and on the modules of these ids."""
    edges = _Edges(snapshot)
    own = {symbol.id for symbol in targets} | set(modules)
    subclasses = _subclasses(snapshot, targets, own)
    wanted = own | {symbol.id for target in targets for symbol in _members(snapshot, target)}
    wanted |= _overridden(snapshot, targets)
    callers, importers = edges.callers([*wanted], seen=wanted)
    seen = wanted | set(callers)
    further: list[int] = []
    layer = callers
    while layer and len(further) < _MOST_SYMBOLS:
        methods = [each for each in snapshot.symbols_by_id(layer).values() if each.kind == "method"]
        above = _overridden(snapshot, methods) - seen
        seen |= above
        layer, _ = edges.callers([*layer, *above], seen=seen)
        seen.update(layer)
        further += layer
    _, more = edges.callers(modules, seen=seen)
    known = snapshot.symbols_by_id([*callers, *further[:_MOST_SYMBOLS]])
    direct = [known[identity] for identity in callers if identity in known]
    transitive = [known[each] for each in further[:_MOST_SYMBOLS] if each in known]
    own_paths = {symbol.path for symbol in targets}
    files = sorted((importers | more) - own_paths)
    tests: list[Symbol | str] = [
        symbol for symbol in (*direct, *transitive, *subclasses) if is_test(symbol.path)
    ]
    shown = {symbol.path for symbol in (*direct, *transitive, *subclasses)}
    tests += [path for path in files if is_test(path) and path not in shown]
    return Impact(tuple(direct), tuple(transitive), tuple(subclasses), tuple(files), tuple(tests))


def _overridden(snapshot: Snapshot, methods: Iterable[Symbol]) -> set[int]:
    """The methods of base types that some methods override: a call of those may run these."""
    found: set[int] = set()
    for method in methods:
        site = snapshot.site_of(method) if method.kind == "method" else None
        if site is None:
            continue
        owner = site.unit.scopes[site.definition.scope].owner
        waiting = [Site(site.unit, owner)] if owner >= 0 else []
        seen = set(waiting)
        while waiting:
            below = waiting.pop()
            for base in snapshot.ask(below.unit, methodcaller("bases", below)):
                if base in seen:
                    continue
                seen.add(base)
                waiting.append(base)
                body = base.definition.body
                entry = base.unit.names[body].get(method.name) if body >= 0 else None
                if entry:
                    found.add(id_of(Site(base.unit, entry[0])))
    found.discard(0)
    return found


def is_test(path: str) -> bool:
    """Whether a file looks like a test, as people name them in most languages."""
    place = PurePosixPath(path)
    stem = place.name.split(".", 1)[0]
    return (
        stem.startswith("test_")
        or stem.endswith(("_test", "_tests", "Test", "Tests"))
        or stem in ("tests", "conftest")
        or any(mark in place.name for mark in (".test.", ".spec.", "_spec."))
        or any(part in ("test", "tests", "__tests__", "spec") for part in place.parts[:-1])
    )


def _members(snapshot: Snapshot, symbol: Symbol) -> Iterator[Symbol]:
    """What a type holds: whoever uses its members depends on it too."""
    site = snapshot.site_of(symbol) if symbol.kind in _TYPE_WORDS else None
    if site is None:
        return
    unit, body = site.unit, site.definition.body
    if 0 < body < len(unit.scopes):
        for entry in unit.names[body].values():
            member = symbol_of(Site(unit, entry[0]))
            if member.id:
                yield member


def _subclasses(snapshot: Snapshot, targets: Iterable[Symbol], own: set[int]) -> list[Symbol]:
    found: dict[int, Symbol] = {}
    for target in targets:
        site = snapshot.site_of(target) if target.kind in _TYPE_WORDS else None
        if site is not None:
            for below in types.descendants(snapshot, site):
                symbol = symbol_of(below)
                if symbol.id not in own:
                    found.setdefault(symbol.id, symbol)
    return list(found.values())


class _Edges:
    """The uses of symbols by the index, and by open documents that it does not have yet."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._changed: list[tuple[str, dict[int, list[tuple[int, int]]]]] = []
        for path in snapshot.changed:
            unit = snapshot.unit(path)
            if unit is None:
                continue
            uses, _, _ = snapshot.ask(unit, partial(edges_of, unit))
            self._changed.append((path, {target: _pairs(packed) for target, packed in uses}))

    def callers(self, targets: Iterable[int], *, seen: set[int]) -> tuple[list[int], set[str]]:
        """The symbols that use some others and were not seen yet; the files that import them."""
        found: dict[int, None] = {}
        importers: set[str] = set()
        for target in targets:
            for path, uses in self._uses(target):
                for packed, caller in uses:
                    role = unpack(packed)[2]
                    if role == Role.IMPORT:
                        importers.add(path)
                    if caller and role != Role.BASE and caller not in seen:
                        found[caller] = None
            if len(found) > _MOST_SYMBOLS:
                break
        return list(found)[:_MOST_SYMBOLS], importers

    def _uses(self, target: int) -> Iterator[tuple[str, Iterable[tuple[int, int]]]]:
        for index in self._snapshot.indexes:
            for relative, packed in graph.read_uses(index.connection, target):
                path = index.absolute(relative)
                if path not in self._snapshot.changed:
                    yield path, zip(packed[::2], packed[1::2], strict=True)
        for path, by_target in self._changed:
            if target in by_target:
                yield path, by_target[target]


def _pairs(packed: bytes) -> list[tuple[int, int]]:
    values = array("q", packed)
    return list(zip(values[::2], values[1::2], strict=True))
