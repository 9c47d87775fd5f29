"""Where a definition might rather be: the modules that have most to do with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from nootropic_lsp.features.family import in_workspace
from nootropic_lsp.features.impact import is_test
from nootropic_lsp.features.module_names import dotted_below, is_package
from nootropic_lsp.features.refactor.import_graph import import_root
from nootropic_lsp.features.refactor.move_symbol import movable
from nootropic_lsp.features.refactor.source import Source
from nootropic_lsp.features.references import references_to
from nootropic_lsp.index.facts import Kind
from nootropic_lsp.index.units import Site

_SHOWN = 4


def destinations(source: Source, offset: int) -> dict[str, str]:
    """The paths of modules by their names: those that use what is defined at an offset or that
    it uses, most of all first, then those beside it."""
    name = movable(source, offset)
    if name is None or name.startswith("__") or source.snapshot.incomplete is not None:
        return {}
    near = Counter([*_users(source, name), *_used(source, name)])
    beside = set(_beside(source)) - {source.path}
    found: dict[str, str] = {}
    for path in sorted({*near, *beside}, key=lambda path: (-near[path], path)):
        if len(found) == _SHOWN:
            break
        is_fit = (
            path != source.path and path.endswith(".py") and in_workspace(source.snapshot, path)
        )
        if is_fit and is_test(path) == is_test(source.path):
            dotted = dotted_below(import_root(source.snapshot, path), path)
            if dotted:
                found[dotted] = path
    return found


def _users(source: Source, name: str) -> Iterator[str]:
    site = Site(source.unit, source.unit.names[0][name][0])
    for use in references_to(source.snapshot, [site], include_declaration=False):
        if use.role != "import":
            yield use.place.path


def _used(source: Source, name: str) -> Iterator[str]:
    """The modules whose definitions it uses, once for each use."""
    unit = source.unit
    definition = unit.definitions[unit.names[0][name][0]]
    for each in source.variables.between(definition.full_start, definition.full_end):
        for index in unit.names[0].get(each.name, ()) if each.variable[0] == 0 else ():
            imported = unit.definitions[index]
            if imported.kind == Kind.IMPORT and imported.value >= 0:
                for site in source.snapshot.definitions(unit, imported.value)[:1]:
                    yield site.unit.path


def _beside(source: Source) -> Iterator[str]:
    folder = source.path.rpartition("/")[0]
    for entry in source.snapshot.world.entries(folder):
        if not entry.endswith("/") and not is_package(f"{folder}/{entry}"):
            yield f"{folder}/{entry}"
