"""The files that a resolver sees: the index of every folder, open documents over it, libraries."""

# Paths are strings here: there are many of them, and `Path` is slow.
# ruff: noqa: PTH112, PTH113
from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import DecodeError

from nootropic_lsp.index.catalogue import Catalogue
from nootropic_lsp.index.facts import Kind, ScopeKind
from nootropic_lsp.index.languages.python.environment import library_folders
from nootropic_lsp.index.languages.registry import LANGUAGES
from nootropic_lsp.index.libraries import Libraries
from nootropic_lsp.index.names import Names
from nootropic_lsp.index.source import read_source
from nootropic_lsp.index.units import Site, Unit
from nootropic_lsp.store import graph

if TYPE_CHECKING:
    from nootropic_lsp.index.ahead import Ahead

log = logging.getLogger(__name__)

# How many units may be unfolded at a time, and how many stay so when there are more.
_MOST_UNFOLDED = 100
_LATEST = 40
# Folded units take about the size of their stored facts.
_MOST_BYTES = 16_000_000
_CONFIGURATION_BYTES = 1_000_000


class FolderIndex:
    """One folder's part of the index as one connection sees it. `before` is an earlier state."""

    def __init__(
        self, folder: str, connection: graph.Connection, *, before: FolderIndex | None = None
    ) -> None:
        self.folder = folder
        self.prefix = folder.rstrip("/") + "/"
        self.connection = connection
        self.version = graph.version(connection)
        self.catalogue: Catalogue
        if before is not None and before.version.paths == self.version.paths:
            self.catalogue = before.catalogue
        else:
            self.catalogue = Catalogue(graph.file_paths(connection))
        self._names: Names | None = None

    def names(self) -> Names:
        """The distinct names of its symbols."""
        if self._names is None:
            self._names = Names(graph.distinct_names(self.connection))
        return self._names

    def look_again(self) -> None:
        """Files have come or gone."""
        self.version = graph.version(self.connection)
        self.catalogue = Catalogue(graph.file_paths(self.connection))
        self._names = None

    def relative(self, path: str) -> str | None:
        """The path inside this folder, or None for a path elsewhere."""
        return path[len(self.prefix) :] if path.startswith(self.prefix) else None

    def absolute(self, relative: str) -> str:
        """The whole path of an indexed file."""
        return self.prefix + relative


class UnitCache:
    """The units of one state of the world: one object per file, most of them folded."""

    def __init__(self) -> None:
        self._units: dict[str, Unit] = {}
        self._unfolded: list[Unit] = []
        self.n_bytes = 0

    def get(self, path: str) -> Unit | None:
        """A unit that is known already."""
        return self._units.get(path)

    def make(self, path: str, data: bytes, number: int = 0) -> Unit:
        """The unit of stored facts, from now on the one of its path."""
        if len(self._unfolded) > _MOST_UNFOLDED:
            self._fold()
        unit = Unit.stored(path, data, number, self._unfolded.append)
        self._units[path] = unit
        self.n_bytes += len(data)
        return unit

    def _fold(self) -> None:
        """Fold all but the latest. They unfold by themselves when they are looked at."""
        folding, self._unfolded[:] = self._unfolded[:-_LATEST], self._unfolded[-_LATEST:]
        latest = set(self._unfolded)
        for unit in folding:
            if unit not in latest:
                unit.fold()

    @property
    def is_full(self) -> bool:
        """Whether it is time to begin anew, together with the resolvers that know these units."""
        return self.n_bytes > _MOST_BYTES

    def drop(self, path: str) -> None:
        """Forget a file that has changed."""
        unit = self._units.pop(path, None)
        if unit is not None:
            self.n_bytes -= unit.n_bytes

    def clear(self) -> None:
        """Forget everything."""
        self._units.clear()
        self._unfolded.clear()
        self.n_bytes = 0


class IndexWorld:
    """A `World` over the indexes of the workspace's folders.

    `overlay` holds the units of open documents; `ahead` are the folders whose index is not
    complete, where the disk counts as well; `environment` is the interpreter or environment
    that the user chose, if any.
    """

    def __init__(
        self,
        indexes: Sequence[FolderIndex],
        libraries: Libraries,
        *,
        overlay: Mapping[str, Unit] | None = None,
        ahead: Sequence[Ahead] = (),
        cache: UnitCache | None = None,
        environment: str | None = None,
        read_text: Callable[[str], str] = read_source,
    ) -> None:
        self._indexes = indexes
        self._libraries = libraries
        self._overlay = overlay or {}
        self._ahead = ahead
        # Apart from the cache, which outlives this world: these files may change unnoticed.
        self._drafts = UnitCache()
        self._cache = cache or UnitCache()
        self._environment = environment
        self._environments: dict[str, tuple[str, ...]] = {}
        self._outside_files: dict[str, bool] = {}
        self._outside_folders: dict[str, bool] = {}
        self._outside_entries: dict[str, list[str]] = {}
        self._read_text = read_text

    def with_overlay(self, overlay: Mapping[str, Unit]) -> IndexWorld:
        """The same world with other texts open."""
        other = copy(self)
        other._overlay = overlay
        return other

    def look_again(self) -> None:
        """Files have come or gone, inside the workspace or outside."""
        for index in self._indexes:
            index.look_again()
        self._outside_files.clear()
        self._outside_folders.clear()
        self._outside_entries.clear()
        self._environments.clear()

    @property
    def chosen_environment(self) -> str | None:
        """The interpreter or environment that the user chose."""
        return self._environment

    @property
    def folders(self) -> Sequence[str]:
        """The roots of the workspace."""
        indexed = [index.folder for index in self._indexes]
        return [*indexed, *(each.folder for each in self._ahead if each.folder not in indexed)]

    def _inside(self, path: str) -> tuple[FolderIndex, str] | None:
        for index in self._indexes:
            relative = index.relative(path)
            if relative is not None:
                return index, relative
        return None

    def _unread(self, path: str) -> tuple[Ahead, str] | None:
        """Where to look for what may not be indexed yet."""
        for ahead in self._ahead:
            relative = ahead.relative(path)
            if relative is not None and not _may_hold_libraries(relative):
                return ahead, relative
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
                try:
                    return self._cache.make(path, row[2], row[0])
                except DecodeError:
                    log.warning("the stored facts of %s are damaged; it is left out", path)
                    return None
        unread = self._unread(path) if self._ahead else None
        if unread is not None:
            return self._draft(path, *unread)
        if place is not None and not _may_hold_libraries(place[1]):
            # What the index leaves out is nothing to be read here like a library.
            return None
        facts = self._libraries.facts(path)
        return None if facts is None else self._cache.make(path, facts)

    def _draft(self, path: str, ahead: Ahead, relative: str) -> Unit | None:
        """The unit of a file that is not indexed yet."""
        unit = self._drafts.get(path)
        if unit is None:
            facts = ahead.facts(relative)
            unit = None if facts is None else self._drafts.make(path, facts)
        return unit

    def is_file(self, path: str) -> bool:
        """Whether there is a file, by the index inside the workspace and by the disk elsewhere."""
        if path in self._overlay:
            return True
        place = self._inside(path)
        if place is not None and place[1] in place[0].catalogue.files:
            return True
        unread = self._unread(path) if self._ahead else None
        if unread is not None:
            return unread[0].is_file(unread[1])
        if place is not None and not _may_hold_libraries(place[1]):
            return False
        known = self._outside_files.get(path)
        if known is None:
            known = self._outside_files[path] = os.path.isfile(path)
        return known

    def is_folder(self, path: str) -> bool:
        """Whether there is a folder with anything in it that could be imported."""
        unread = self._unread(path) if self._ahead else None
        for index in self._indexes:
            if path == index.folder:
                return True
            relative = index.relative(path)
            if relative is not None:
                if relative in index.catalogue.children:
                    return True
                if unread is None and not _may_hold_libraries(relative):
                    return False
        if unread is not None:
            return unread[0].is_folder(unread[1])
        known = self._outside_folders.get(path)
        if known is None:
            known = self._outside_folders[path] = os.path.isdir(path)
        return known

    def subfolders(self, path: str) -> Sequence[str]:
        """The folders directly below one that hold indexed files, as whole paths."""
        found: set[str] = set()
        for index in self._indexes:
            relative = "" if path == index.folder else index.relative(path)
            if relative is not None:
                found.update(map(index.absolute, index.catalogue.children.get(relative, ())))
                break
        unread = self._unread(path) if self._ahead else None
        if unread is not None:
            found.update(unread[0].subfolders(unread[1]))
        return sorted(found)

    def entries(self, path: str) -> Sequence[str]:
        """The names of what is directly in a folder, those of folders with a "/" behind them."""
        place = self._inside(f"{path}/")
        unread = self._unread(path) if self._ahead else None
        if unread is None and (place is None or _may_hold_libraries(place[1])):
            known = self._outside_entries.get(path)
            if known is None:
                known = self._outside_entries[path] = _on_disk(path)
            return known
        found = {
            name
            for folder, _, name in (other.rpartition("/") for other in self._overlay)
            if folder == path
        }
        if place is not None:
            found.update(place[0].catalogue.entries(place[1].rstrip("/")))
        if unread is not None:
            found.update(unread[0].entries(unread[1]))
        return sorted(found)

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
        if unit is None or LANGUAGES[unit.language].family != family:
            return
        for scope, names in zip(unit.scopes, unit.names, strict=True):
            if scope.kind in (ScopeKind.MODULE, ScopeKind.CLASS, ScopeKind.OBJECT):
                found += [
                    Site(unit, index)
                    for index in names.get(name, ())
                    if unit.definitions[index].kind != Kind.IMPORT
                ]

    def environment(self, path: str) -> Sequence[str]:
        """Folders that hold the libraries which a Python file can import, in order."""
        folder = next((f for f in self.folders if path == f or path.startswith(f"{f}/")), "")
        known = self._environments.get(folder)
        if known is None:
            known = self._environments[folder] = library_folders(folder, self._environment)
        return known

    def knows_environment(self, path: str) -> bool:
        """Whether these libraries are the workspace's own, not only those of our interpreter."""
        chosen = Path(self._environment) if self._environment else None
        roots = [Path(folder) for folder in self.folders]
        roots += [] if chosen is None else [chosen, chosen.parent.parent]
        return any(
            folder.startswith(f"{root.as_posix()}/")
            for folder in self.environment(path)[:1]
            for root in roots
        )


def _may_hold_libraries(relative: str) -> bool:
    """Whether a path inside the workspace may lie in an environment, which is not indexed."""
    return any(part in relative for part in ("site-packages/", "node_modules", "dist-packages/"))


def _on_disk(folder: str) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name + "/" * entry.is_dir() for entry in entries)
    except OSError:
        return []
