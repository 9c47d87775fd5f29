"""Which files of the workspace an import may name by a path."""

from __future__ import annotations

from nootropic_lsp.index.languages.queries.rules import Lookups
from nootropic_lsp.index.languages.queries.values import NOTHING, PLACE, Value, Values
from nootropic_lsp.index.units import Site, Unit, World


def file_at(resolver: Lookups, path: str) -> Values:
    """What a whole file stands for, if there is one at a path."""
    unit = resolver.world.unit(path) if resolver.world.is_file(path) else None
    return (Value(PLACE, Site(unit, 0), unit.path),) if unit is not None else NOTHING


def folder_of(unit: Unit) -> str:
    """The folder that a file is in."""
    return unit.path.rpartition("/")[0]


def folders_around(world: World, folder: str) -> list[str]:
    """A folder and those that it is in, up to the workspace's own; none for one outside."""
    found = []
    while folder and any(folder == root or folder.startswith(f"{root}/") for root in world.folders):
        found.append(folder)
        folder = folder.rpartition("/")[0]
    return found


def climbed(folder: str, path: str) -> tuple[str, str]:
    """The folder that the dots in front of a relative path lead to, and the rest of the path."""
    while path.startswith(("./", "../")):
        dots, _, path = path.partition("/")
        if dots == "..":
            folder = folder.rpartition("/")[0]
    return folder, path


def note_file(resolver: Lookups, path: str) -> None:
    """Note an import by a path, found or not: a file of that name could change it."""
    resolver.touched.add_modules(path.rpartition("/")[2].partition(".")[0])
