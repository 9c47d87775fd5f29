"""The files that a resolver sees: the index of every folder, open documents over it, libraries."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from nootropic_lsp.index.catalogue import Catalogue
from nootropic_lsp.index.facts import Kind, decode_facts
from nootropic_lsp.index.languages.python.environment import library_folders
from nootropic_lsp.index.languages.registry import LANGUAGES
from nootropic_lsp.index.libraries import Libraries
from nootropic_lsp.index.names import Names
from nootropic_lsp.index.source import read_source
from nootropic_lsp.index.units import Site, Unit
from nootropic_lsp.store import graph

# Facts are kept decoded up to this many bytes of their encoded form.
_KEPT_BYTES = 12_000_000
_CONFIGURATION_BYTES = 1_000_000


class FolderIndex:
    """One folder's part of the index as one connection sees it."""

    def __init__(self, folder: str, connection: graph.Connection) -> None:
        self.folder = folder
        self.prefix = folder.rstrip("/") + "/"
        self.connection = connection
        self.catalogue = Catalogue(graph.file_paths(connection))
        self._names: Names | None = None

    def names(self) -> Names:
        """The distinct names of its symbols."""
        if self._names is None:
            self._names = Names(graph.distinct_names(self.connection))
        return self._names

    def relative(self, path: str) -> str | None:
        """The path inside this folder, or None for a path elsewhere."""
        return path[len(self.prefix) :] if path.startswith(self.prefix) else None

    def absolute(self, relative: str) -> str:
        """The whole path of an indexed file."""
        return self.prefix + relative


class UnitCache:
    """Decoded facts of recently used files, bounded by their size."""

    def __init__(self, kept_bytes: int = _KEPT_BYTES) -> None:
        self._units: OrderedDict[str, tuple[Unit, int]] = OrderedDict()
        self._bytes = 0
        self._kept_bytes = kept_bytes

    def get(self, path: str) -> Unit | None:
        """A unit that is still kept."""
        entry = self._units.get(path)
        if entry is None:
            return None
        self._units.move_to_end(path)
        return entry[0]

    def put(self, unit: Unit, n_bytes: int) -> None:
        """Keep a unit; those not used for the longest time go."""
        self._units[unit.path] = (unit, n_bytes)
        self._bytes += n_bytes
        while self._bytes > self._kept_bytes and len(self._units) > 1:
            _, (_, freed) = self._units.popitem(last=False)
            self._bytes -= freed

    def drop(self, path: str) -> None:
        """Forget a unit that has changed."""
        entry = self._units.pop(path, None)
        if entry is not None:
            self._bytes -= entry[1]

    def clear(self) -> None:
        """Forget everything."""
        self._units.clear()
        self._bytes = 0


class IndexWorld:
    """A `World` over the indexes of the workspace's folders.

    `overlay` holds the units of open documents; `environment` is the interpreter or
    environment that the user chose, if any.
    """

    def __init__(
        self,
        indexes: Sequence[FolderIndex],
        libraries: Libraries,
        *,
        overlay: Mapping[str, Unit] | None = None,
        cache: UnitCache | None = None,
        environment: str | None = None,
        read_text: Callable[[str], str] = read_source,
    ) -> None:
        self._indexes = indexes
        self._libraries = libraries
        self._overlay = overlay or {}
        self._cache = cache or UnitCache()
        self._environment = environment
        self._environments: dict[str, tuple[str, ...]] = {}
        self._outside_files: dict[str, bool] = {}
        self._outside_folders: dict[str, bool] = {}
        self._read_text = read_text

    @property
    def folders(self) -> Sequence[str]:
        """The roots of the workspace."""
        return [index.folder for index in self._indexes]

    def _inside(self, path: str) -> tuple[FolderIndex, str] | None:
        for index in self._indexes:
            relative = index.relative(path)
            if relative is not None:
                return index, relative
        return None

    def unit(self, path: str) -> Unit | None:
        """The unit of a file: as it is open, as it is indexed, or as a library has it."""
        unit = self._overlay.get(path)
        if unit is not None:
            return unit
        unit = self._cache.get(path)
        if unit is not None:
            return unit
        place = self._inside(path)
        if place is not None:
            index, relative = place
            if relative in index.catalogue.files:
                row = graph.read_facts(index.connection, relative)
                if row is None:
                    return None
                unit = Unit(path, decode_facts(row[2]), row[0])
                self._cache.put(unit, len(row[2]))
                return unit
        found = self._libraries.unit(path)
        if found is None:
            return None
        unit, n_bytes = found
        self._cache.put(unit, n_bytes)
        return unit

    def is_file(self, path: str) -> bool:
        """Whether there is a file, by the index inside the workspace and by the disk elsewhere."""
        if path in self._overlay:
            return True
        place = self._inside(path)
        if place is not None and place[1] in place[0].catalogue.files:
            return True
        if place is not None and not _may_hold_libraries(place[1]):
            return False
        known = self._outside_files.get(path)
        if known is None:
            known = self._outside_files[path] = os.path.isfile(path)
        return known

    def is_folder(self, path: str) -> bool:
        """Whether there is a folder with anything in it that could be imported."""
        for index in self._indexes:
            if path == index.folder:
                return True
            relative = index.relative(path)
            if relative is not None:
                if relative in index.catalogue.children:
                    return True
                if not _may_hold_libraries(relative):
                    return False
        known = self._outside_folders.get(path)
        if known is None:
            known = self._outside_folders[path] = os.path.isdir(path)
        return known

    def subfolders(self, path: str) -> Sequence[str]:
        """The folders directly below one that hold indexed files, as whole paths."""
        for index in self._indexes:
            relative = "" if path == index.folder else index.relative(path)
            if relative is not None:
                return sorted(map(index.absolute, index.catalogue.children.get(relative, ())))
        return ()

    def text(self, path: str) -> str | None:
        """The text of a small configuration file such as package.json."""
        try:
            if Path(path).stat().st_size > _CONFIGURATION_BYTES:
                return None
            return self._read_text(path)
        except OSError:
            return None

    def named(self, name: str, family: str) -> Sequence[Site]:
        """Every definition of a name that other files can see, in the languages of a family."""
        found: list[Site] = []
        for index in self._indexes:
            paths = {
                index.absolute(path): None
                for _, path in graph.symbols_named(index.connection, name)
            }
            for path in paths:
                if path not in self._overlay:
                    self._add_named(found, path, name, family)
        for path in self._overlay:
            self._add_named(found, path, name, family)
        return found

    def _add_named(self, found: list[Site], path: str, name: str, family: str) -> None:
        unit = self.unit(path)
        if unit is None or LANGUAGES[unit.facts.language].family != family:
            return
        for index, definition in enumerate(unit.definitions):
            if definition.name == name and definition.kind not in (Kind.NARROWED, Kind.IMPORT):
                found.append(Site(unit, index))

    def environment(self, path: str) -> Sequence[str]:
        """Folders that hold the libraries which a Python file can import, in order."""
        folder = next((f for f in self.folders if path == f or path.startswith(f"{f}/")), "")
        known = self._environments.get(folder)
        if known is None:
            known = self._environments[folder] = library_folders(folder, self._environment)
        return known


def _may_hold_libraries(relative: str) -> bool:
    """Whether a path inside the workspace may lie in an environment, which is not indexed."""
    return any(
        part in relative
        for part in ("site-packages/", "node_modules", "dist-packages/")
    )
