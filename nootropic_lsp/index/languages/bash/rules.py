"""How names are found in Bash."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nootropic_lsp.index.facts import Role
from nootropic_lsp.index.languages.queries.files import (
    climbed,
    file_at,
    folder_of,
    folders_around,
    note_file,
)
from nootropic_lsp.index.languages.queries.neighbours import names_in
from nootropic_lsp.index.languages.queries.rules import Listed, Lookups, Rules
from nootropic_lsp.index.languages.queries.values import FUNCTION_KINDS, NOTHING, Values
from nootropic_lsp.index.units import Site, Unit

_MOST_SOURCED = 100


def _module(resolver: Lookups, unit: Unit, path: str, level: int) -> Values:
    """The file that is sourced: from this folder, or from one around it."""
    start = folder_of(unit)

    def make() -> Values:
        folder, rest = climbed(start, path)
        for around in dict.fromkeys((folder, *folders_around(resolver.world, folder))):
            found = file_at(resolver, f"{around}/{rest}")
            if found:
                return found
        return NOTHING

    note_file(resolver, path)
    return resolver.noted(("source", path, start), make)


def _outside(
    resolver: Lookups, unit: Unit, name: str, scope: int, position: int, role: int
) -> list[Site]:
    """What this file sources, then the only file that has it."""
    for other in _sourced(resolver, unit):
        resolver.touched.add((other, name))
        entry = _fitting(other, other.names[0].get(name, []), role)
        if entry:
            return [Site(other, entry[0])]
    found = [site for site in resolver.named(name) if _fitting(site.unit, [site.index], role)]
    if len({site.unit for site in found}) == 1 and role == Role.CALL:
        return found[:1]
    return []


def _sourced(resolver: Lookups, unit: Unit) -> Iterator[Unit]:
    """The files that a file sources, also through others, the nearest first."""
    seen = {unit.path}
    pending = [unit]
    for this in pending:
        for star in this.stars:
            for value in resolver.infer(this, star):
                if value.site is None or value.site.unit.path in seen:
                    continue
                other = value.site.unit
                seen.add(other.path)
                if len(pending) < _MOST_SOURCED:
                    pending.append(other)
                yield other


def _around(resolver: Lookups, unit: Unit, scope: int) -> Iterator[Iterable[Listed]]:
    for other in _sourced(resolver, unit):
        yield names_in(other)


def _below(resolver: Lookups, unit: Unit, path: str, level: int) -> Iterator[str]:
    """The files and folders in a folder."""
    folder, rest = climbed(folder_of(unit), f"{path}/" if path else "")
    for name in resolver.world.entries(f"{folder}/{rest}".rstrip("/")):
        if not name.startswith("."):
            yield name.rstrip("/")


def _fitting(unit: Unit, entry: list[int], role: int) -> list[int]:
    functions = role == Role.CALL
    return [at for at in entry if (unit.definitions[at].kind in FUNCTION_KINDS) == functions]


RULES = Rules(
    family="bash",
    outside=_outside,
    module=_module,
    around=_around,
    below=_below,
    ordered=False,
    separate=True,
)
