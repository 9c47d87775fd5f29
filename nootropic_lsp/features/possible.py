"""Uses of a member's name on values whose type is not known: nobody can tell whether they mean it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nootropic_lsp.core.spans import Place, Span
from nootropic_lsp.core.symbols import Reference, Symbol
from nootropic_lsp.features.family import Family
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.facts import ROLE_WORDS, Op, ScopeKind
from nootropic_lsp.index.languages.registry import LANGUAGES
from nootropic_lsp.index.mentions import files_naming
from nootropic_lsp.index.units import Unit

_HOLDERS = frozenset({ScopeKind.CLASS, ScopeKind.OBJECT})
# A name that more files write is looked at in the first of them.
_MOST_FILES = 300


def possible_uses(snapshot: Snapshot, family: Family) -> list[Place]:
    """Where a member of this name is taken of something unknown, by files and lines."""
    units = {path: unit for (path, _), unit in family.bindings.items()}
    if not any(units[path].scopes[scope].kind in _HOLDERS for path, scope in family.bindings):
        return []
    unit = next(iter(units.values()))
    return [use.place for use in _unknown(snapshot, family.name, unit, family.starts)]


def possible_references(snapshot: Snapshot, symbol: Symbol) -> list[Reference]:
    """Where a member of a symbol's name is taken of something unknown, by files and lines."""
    site = snapshot.site_of(symbol)
    if site is None or site.unit.scopes[site.definition.scope].kind not in _HOLDERS:
        return []
    return list(_unknown(snapshot, site.definition.name, site.unit, {}))


def _unknown(
    snapshot: Snapshot, name: str, like: Unit, known: Mapping[str, set[int]]
) -> Iterator[Reference]:
    """The uses of a name in files of such a language, without those that are known."""
    for path in sorted(_paths(snapshot, name, like))[:_MOST_FILES]:
        unit = snapshot.unit(path)
        if unit is not None:
            yield from _unknown_in(snapshot, unit, name, known.get(path, set()))


def _paths(snapshot: Snapshot, name: str, unit: Unit) -> Iterator[str]:
    languages = LANGUAGES[unit.language].relatives
    for path, text in snapshot.changed.items():
        if text.document.language in languages:
            yield path
    for index in snapshot.indexes:
        for relative in files_naming(index.connection, name, languages):
            path = index.absolute(relative)
            if path not in snapshot.changed:
                yield path


def _unknown_in(snapshot: Snapshot, unit: Unit, name: str, known: set[int]) -> Iterator[Reference]:
    for start, index in unit.uses:
        expression = unit.expressions[index]
        if expression[0] != Op.MEMBER or expression[3] != name or start in known:
            continue
        if not snapshot.definitions(unit, index):
            place = Place(unit.path, Span(start, start + len(name)))
            yield Reference(place, ROLE_WORDS[expression[1]])
