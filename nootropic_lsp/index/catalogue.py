"""Which files the index holds, for look-ups by path."""

from __future__ import annotations

from collections.abc import Iterable


class Catalogue:
    """The paths of a folder's indexed files, relative and with "/", and the folders they imply."""

    def __init__(self, paths: Iterable[str]) -> None:
        self.files = set(paths)
        self.children: dict[str, set[str]] = {"": set()}
        for path in self.files:
            self._hang_up(path.rpartition("/")[0])

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
