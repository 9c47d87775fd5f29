"""The call hierarchy: who calls, and what is called."""

from __future__ import annotations

from nootropic_lsp.core.spans import Span
from nootropic_lsp.core.symbols import Call, Symbol
from nootropic_lsp.features.references import references_of
from nootropic_lsp.features.snapshot import Snapshot, module_name, symbol_of
from nootropic_lsp.index.facts import Role
from nootropic_lsp.index.symbols import id_of
from nootropic_lsp.index.units import written

_CALLABLE = frozenset({"function", "method", "class", "constructor", "struct", "macro"})


def prepare(snapshot: Snapshot, path: str, offset: int) -> list[Symbol]:
    """What can be called at an offset: the function or class named there, or around it."""
    for site in snapshot.sites_at(path, offset):
        symbol = symbol_of(site)
        if symbol.id and symbol.kind in _CALLABLE:
            return [symbol]
    return []


def callers(snapshot: Snapshot, symbol: Symbol) -> list[Call]:
    """Who calls a symbol, each with the places of the calls."""
    spans: dict[tuple[str, int], list[Span]] = {}
    for use in references_of(snapshot, symbol):
        if use.role in ("call", "decorator"):
            spans.setdefault((use.place.path, use.caller), []).append(use.place.span)
    known = snapshot.symbols_by_id([caller for _, caller in spans if caller])
    found = []
    for (path, caller), places in spans.items():
        by = known.get(caller) or _file_symbol(path)
        found.append(Call(by, tuple(places)))
    return sorted(found, key=lambda call: (call.symbol.path, call.symbol.span))


def incoming(snapshot: Snapshot, symbol: Symbol) -> list[Call]:
    """Who calls a symbol."""
    return callers(snapshot, symbol)


def outgoing(snapshot: Snapshot, symbol: Symbol) -> list[Call]:
    """What a symbol calls, each with the places of the calls."""
    site = snapshot.site_of(symbol)
    if site is None:
        return []
    unit = site.unit
    whole = site.definition
    spans: dict[int, list[Span]] = {}
    targets: dict[int, Symbol] = {}
    for index in unit.uses_between(whole.full_start, whole.full_end):
        expression = unit.expressions[index]
        if expression[1] != Role.CALL:
            continue
        for target in snapshot.definitions(unit, index)[:1]:
            identity = id_of(target)
            called = symbol_of(target)
            if identity and called.kind in _CALLABLE:
                start = expression[2]
                targets[identity] = called
                spans.setdefault(identity, []).append(Span(start, start + len(written(expression))))
    return [Call(targets[identity], tuple(places)) for identity, places in spans.items()]


def _file_symbol(path: str) -> Symbol:
    """A call at the top of a file is made by the file itself."""
    return Symbol(0, module_name(path), "module", path, Span(0, 0), Span(0, 0))
