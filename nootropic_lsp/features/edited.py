"""The workspace as it would be after a rename: does every name still mean what it meant?"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence

from nootropic_lsp.core.documents import Document
from nootropic_lsp.core.spans import Place, Span
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.facts import Kind
from nootropic_lsp.index.languages.registry import LANGUAGES
from nootropic_lsp.index.units import Resolver, Site, Unit, World, written

# More files than that are not read again; a new name that so many know is a bad one anyway.
_MOST_FILES = 150

_Meaning = tuple[str, int]


def first_change(
    snapshot: Snapshot,
    starts: Mapping[str, Sequence[int]],
    texts: Mapping[str, str],
    old: str,
    new: str,
) -> Place | None:
    """The first use that would mean something else; the place is in the text as it is now.

    `starts` says per file where the old name stands, in order; `texts` is how these
    files would read.
    """
    after = _Edited(snapshot, starts, texts, len(new) - len(old), new)
    checked = 0
    for path in starts:
        unit = snapshot.unit(path)
        # A file that does not know the new name has nothing that it could be mistaken for.
        if unit is None or not _mentions(unit, new):
            continue
        checked += 1
        if checked > _MOST_FILES:
            break
        for position, index in unit.uses:
            name = written(unit.expressions[index])
            if name != old and name != new:
                continue
            before = snapshot.definitions(unit, index)
            meant = after.moved(before[0]) if before else None
            if after.meaning(path, position) != meant:
                return Place(path, Span(position, position + len(name)))
    return None


def _mentions(unit: Unit, name: str) -> bool:
    return any(name in table for table in unit.names) or any(
        written(unit.expressions[index]) == name for _, index in unit.uses
    )


class _Edited:
    """A world in which some files have other texts."""

    def __init__(
        self,
        snapshot: Snapshot,
        starts: Mapping[str, Sequence[int]],
        texts: Mapping[str, str],
        growth: int,
        new: str,
    ) -> None:
        self._world: World = snapshot.world
        self._snapshot = snapshot
        self._starts = starts
        self._texts = texts
        self._growth = growth
        self._new = new
        self._units: dict[str, Unit | None] = {}
        self._resolvers: dict[str, Resolver] = {}

    def meaning(self, path: str, position: int) -> _Meaning | None:
        """What the name at a place of the text as it is now would mean."""
        unit = self.unit(path)
        if unit is None:
            return None
        language = LANGUAGES[unit.language]
        resolver = self._resolvers.get(language.resolver)
        if resolver is None:
            resolver = self._resolvers[language.resolver] = language.resolve(self)
        position = self._position(path, position)
        for index in unit.uses_between(position, position + 1):
            sites = resolver.definitions(unit, index)
            return (sites[0].unit.path, sites[0].definition.start) if sites else None
        return None

    def moved(self, site: Site) -> _Meaning:
        """A definition as it is now, with the place where it would be."""
        return site.unit.path, self._position(site.unit.path, site.definition.start)

    def _position(self, path: str, offset: int) -> int:
        starts = self._starts.get(path, ())
        return offset + self._growth * bisect_left(starts, offset)

    # ---- a world for the resolvers

    @property
    def folders(self) -> Sequence[str]:
        return self._world.folders

    def unit(self, path: str) -> Unit | None:
        if path not in self._texts:
            return self._world.unit(path)
        if path not in self._units:
            before = self._snapshot.unit(path)
            language = before.language if before is not None else ""
            document = Document(path, language, 0, self._texts[path])
            self._units[path] = self._snapshot.read(document).unit()
        return self._units[path]

    def is_file(self, path: str) -> bool:
        return self._world.is_file(path)

    def is_folder(self, path: str) -> bool:
        return self._world.is_folder(path)

    def subfolders(self, path: str) -> Sequence[str]:
        return self._world.subfolders(path)

    def entries(self, path: str) -> Sequence[str]:
        return self._world.entries(path)

    def text(self, path: str) -> str | None:
        return self._texts.get(path) or self._world.text(path)

    def named(self, name: str, family: str) -> Sequence[Site]:
        found = [
            site for site in self._world.named(name, family) if site.unit.path not in self._texts
        ]
        for path in self._texts:
            unit = self.unit(path)
            if unit is not None and LANGUAGES[unit.language].family == family:
                found += [
                    Site(unit, index)
                    for table in unit.names
                    for index in table.get(name, ())
                    if unit.definitions[index].kind != Kind.IMPORT
                ]
        return found

    def environment(self, path: str) -> Sequence[str]:
        return self._world.environment(path)
