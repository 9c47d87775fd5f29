"""Which files the index holds, for look-ups by path."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property


class Catalogue:
    """The indexed files of a folder with their ids, and the folders that their paths imply.

    Paths are relative and have "/".
    """

    def __init__(self, files: Mapping[str, int]) -> None:
        self.files = files
        self.paths = {identity: path for path, identity in files.items()}
        self.children: dict[str, set[str]] = {"": set()}
        for path in self.files:
            self._hang_up(path.rpartition("/")[0])

    def entries(self, folder: str) -> list[str]:
        """The names of the files and folders directly in one, those of folders with "/" behind."""
        start = len(folder) + 1 if folder else 0
        folders = [f"{path[start:]}/" for path in self.children.get(folder, ())]
        return [*folders, *self._names.get(folder, ())]

    @cached_property
    def _names(self) -> dict[str, list[str]]:
        """The names of the files in each folder; made when first asked for."""
        names: dict[str, list[str]] = {}
        for path in self.files:
            folder, _, name = path.rpartition("/")
            names.setdefault(folder, []).append(name)
        return names

    def _hang_up(self, folder: str) -> None:
        while folder not in self.children:
            self.children[folder] = set()
            parent = folder.rpartition("/")[0]
            known = parent in self.children
            self.children.setdefault(parent, set()).add(folder)
            if known:
                return
            del self.children[parent]
            self._hang_up(parent)
            self.children[parent].add(folder)
