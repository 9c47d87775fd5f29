"""How names are found in Bash."""

from __future__ import annotations

from nootropic_lsp.index.facts import Role
from nootropic_lsp.index.languages.queries.rules import Lookups, Rules
from nootropic_lsp.index.languages.queries.values import (
    FUNCTION_KINDS,
    NOTHING,
    PLACE,
    Value,
    Values,
)
from nootropic_lsp.index.units import Site, Unit

_MOST_SOURCED = 100


def _module(resolver: Lookups, unit: Unit, path: str, level: int) -> Values:
    """The file that is sourced: from this folder, or from one around it."""

    def make() -> Values:
        world = resolver.world
        folder = unit.path.rpartition("/")[0]
        relative = path.removeprefix("./")
        while relative.startswith("../"):
            relative, folder = relative[3:], folder.rpartition("/")[0]
        while folder:
            if world.is_file(f"{folder}/{relative}"):
                found = world.unit(f"{folder}/{relative}")
                return (Value(PLACE, Site(found, 0), path),) if found is not None else NOTHING
            if folder in world.folders:
                break
            folder = folder.rpartition("/")[0]
        return NOTHING

    resolver.touched.add_modules(path.rpartition("/")[2].partition(".")[0])
    return resolver.noted(("source", path, unit.path.rpartition("/")[0]), make)


def _outside(
    resolver: Lookups, unit: Unit, name: str, scope: int, position: int, role: int
) -> list[Site]:
    """What this file sources, then the only file that has it."""
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
                resolver.touched.add((other, name))
                entry = _fitting(other, other.names[0].get(name, []), role)
                if entry:
                    return [Site(other, entry[0])]
    found = [site for site in resolver.named(name) if _fitting(site.unit, [site.index], role)]
    if len({site.unit for site in found}) == 1 and role == Role.CALL:
        return found[:1]
    return []


def _fitting(unit: Unit, entry: list[int], role: int) -> list[int]:
    functions = role == Role.CALL
    return [at for at in entry if (unit.definitions[at].kind in FUNCTION_KINDS) == functions]


def _inside(resolver: Lookups, place: Value, name: str, unit: Unit) -> list[Site]:
    return []


RULES = Rules(
    family="bash",
    outside=_outside,
    module=_module,
    inside=_inside,
    ordered=False,
    separate=True,
)
