"""What belongs to a piece of code by the symbol graph: who calls it, and what it uses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from nootropic_lsp.core.spans import Span
from nootropic_lsp.core.symbols import Symbol
from nootropic_lsp.features.assist.means import Means
from nootropic_lsp.features.assist.passages import Passage, passage_of
from nootropic_lsp.features.calls import callers
from nootropic_lsp.features.snapshot import Snapshot, symbol_of
from nootropic_lsp.index.symbols import id_of
from nootropic_lsp.index.units import Site

# Longer ones are known by how they begin.
_MOST_LINES = 30
_MOST_CALLERS, _MOST_USED = 4, 12
# Looking for callers in more files takes too long for what they are worth.
_MANY_FILES = 60
# Around a call in a long function.
_LINES_AROUND = 8


def calling(means: Means, symbol: Symbol, worth: float) -> Iterator[Passage]:
    """Who calls a symbol, each with the lines around the call."""
    snapshot = means.snapshot
    site = snapshot.site_of(symbol)
    if site is None or len(snapshot.unresolved(site)) > _MANY_FILES:
        return
    for call in callers(snapshot, symbol)[:_MOST_CALLERS]:
        who = call.symbol
        if not means.readable.may_read(who.path):
            continue
        span = _around(snapshot, who, call.spans[0])
        why = f"calls `{symbol.name}`"
        found = passage_of(means, who.path, span, worth=worth, name=who.name, why=why)
        if found is not None:
            yield found


def used(means: Means, path: str, span: Span, worth: float) -> Iterator[Passage]:
    """What a piece of code uses of the workspace, what it uses most first."""
    unit = means.snapshot.unit(path)
    if unit is None:
        return
    counts: Counter[int] = Counter()
    known: dict[int, Site] = {}
    for use in unit.uses_between(span.start, span.end):
        for site in means.snapshot.definitions(unit, use)[:1]:
            identity = id_of(site)
            whole = site.definition
            is_inside = site.unit.path == path and span.start <= whole.start < span.end
            if identity and whole.name and not is_inside:
                known[identity] = site
                counts[identity] += 1
    for identity, _ in counts.most_common(_MOST_USED):
        symbol = symbol_of(known[identity])
        found = passage_of(
            means,
            symbol.path,
            symbol.full_span,
            worth=worth,
            name=symbol.name,
            why=f"`{symbol.name}` is used there",
            most_lines=_MOST_LINES,
        )
        if found is not None:
            yield found


def symbol_around(snapshot: Snapshot, path: str, span: Span) -> Symbol | None:
    """The innermost function, class or the like around a span."""
    unit = snapshot.unit(path)
    if unit is None:
        return None
    around = [
        symbol
        for index, each in enumerate(unit.definitions)
        if each.name
        and each.body >= 0
        and each.full_start <= span.start
        and span.end <= each.full_end
        and (symbol := symbol_of(Site(unit, index))).kind != "module"
    ]
    return min(around, key=lambda each: each.full_span.end - each.full_span.start, default=None)


def _around(snapshot: Snapshot, who: Symbol, call: Span) -> Span:
    """All of a short function, the lines around a call in a long one."""
    lines = snapshot.lines(who.path)
    first, last = lines.line_of(who.full_span.start), lines.line_of(who.full_span.end)
    if who.full_span.end > who.full_span.start and last - first < _MOST_LINES:
        return who.full_span
    line = lines.line_of(call.start)
    start = lines.start_of(max(first, line - _LINES_AROUND))
    return Span(start, lines.start_of(line + _LINES_AROUND + 1))
