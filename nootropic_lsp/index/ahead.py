"""Workspace files that the index does not hold yet, read from the disk while it is being built."""

# Paths are strings here: there are many of them, and `Path` is slow.
# ruff: noqa: PTH119, PTH123
from __future__ import annotations

import logging
import os
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import NamedTuple

from nootropic_lsp.index.discover import (
    HEAD_BYTES,
    Folder,
    Found,
    ignore_of,
    look_into,
    skip_reason,
    top,
)
from nootropic_lsp.index.parse import extract_tree, parsed_in_time
from nootropic_lsp.index.source import decode_source, encode_source
from nootropic_lsp.index.units import Unit
from nootropic_lsp.index.vetting import LARGE
from nootropic_lsp.safety.secrets import mask
from nootropic_lsp.settings.options import IndexSettings

log = logging.getLogger(__name__)

# A request waits for this. What is read in some ten milliseconds as a rule does not end then.
_PARSE_DEADLINE_S = 0.5
# After so many that did not, nothing more is read: somebody made them so.
_MOST_ENDLESS = 3
# Facts of some thousand files: more than is asked for while an index is being built.
_MOST_BYTES = 16_000_000
# A pattern such as `packages/**` must not have a request walk through a whole disk.
_MOST_FOLDERS = 5_000


class Drafts:
    """Facts that were read ahead, by path, for as long as the files stay the same."""

    def __init__(self) -> None:
        self._facts: dict[str, tuple[int, int, bytes | None]] = {}
        self._n_bytes = 0
        self._n_endless = 0

    def facts(self, found: Found) -> bytes | None:
        """The facts of a file, or None if it cannot or should not be read here."""
        known = self._facts.get(found.path)
        if known is not None and known[:2] == (found.size, found.mtime_ns):
            return known[2]
        facts = self._read(found)
        if self._n_bytes > _MOST_BYTES:
            self._facts.clear()
            self._n_bytes = 0
        self._n_bytes += len(facts or b"")
        self._facts[found.path] = found.size, found.mtime_ns, facts
        return facts

    def _read(self, found: Found) -> bytes | None:
        if found.size > LARGE or self._n_endless >= _MOST_ENDLESS:
            return None
        try:
            with open(found.path, "rb") as file:
                raw = file.read(LARGE + 1)
        except OSError:
            return None
        if len(raw) > LARGE or skip_reason(found.path, raw[:HEAD_BYTES], len(raw)) is not None:
            return None
        # As in the index: what is secret is gone before anything of the text is kept.
        data = encode_source(mask(decode_source(raw)))
        tree = parsed_in_time(data, found.language, deadline_s=_PARSE_DEADLINE_S)
        if tree is None:
            self._n_endless += 1
            log.info("%s takes too long to be read ahead of the index", found.path)
            return None
        return Unit(found.path, extract_tree(tree, data, found.language)).encoded()


class _Listing(NamedTuple):
    files: dict[str, Found]
    folders: dict[str, Folder]


_NOTHING = _Listing({}, {})


class Ahead:
    """One folder of the workspace as its index is going to have it, as the disk is now.

    What the index leaves out is left out here, `faults` too: files that a worker could not
    cope with. Files that only a child may read exist here, but have no facts.
    """

    def __init__(
        self, folder: str, settings: IndexSettings, faults: Collection[str], drafts: Drafts
    ) -> None:
        self.folder = folder
        self._prefix = folder.rstrip("/") + "/"
        self._ignore = ignore_of(Path(folder), settings)
        self._max_file_bytes = settings.max_file_bytes
        self._top = top(self._ignore, settings)
        self._faults = faults
        self._drafts = drafts
        self._listings: dict[str, _Listing] = {}

    def relative(self, path: str) -> str | None:
        """The path inside this folder, "" for the folder itself, or None for one elsewhere."""
        if path == self.folder:
            return ""
        return path[len(self._prefix) :] if path.startswith(self._prefix) else None

    def is_file(self, relative: str) -> bool:
        """Whether there is a file that the index will hold."""
        return self._found(relative) is not None

    def is_folder(self, relative: str) -> bool:
        """Whether there is a folder that is not left out."""
        return not relative or self._folder(relative) is not None

    def subfolders(self, relative: str) -> Sequence[str]:
        """The folders directly below one, as whole paths."""
        return [self._prefix + folder.path for folder in self._listing(relative).folders.values()]

    def entries(self, relative: str) -> Sequence[str]:
        """The names of the files and folders directly in one, those of folders with "/" behind."""
        listing = self._listing(relative)
        return [*listing.files, *(f"{name}/" for name in listing.folders)]

    def facts(self, relative: str) -> bytes | None:
        """The stored facts of a file, or None if there is none that is read here."""
        found = self._found(relative)
        return None if found is None else self._drafts.facts(found)

    def _found(self, relative: str) -> Found | None:
        parent, _, name = relative.rpartition("/")
        found = self._listing(parent).files.get(name)
        return None if found is None or self._prefix + relative in self._faults else found

    def _folder(self, relative: str) -> Folder | None:
        parent, _, name = relative.rpartition("/")
        return self._listing(parent).folders.get(name)

    def _listing(self, relative: str) -> _Listing:
        """What is in a folder; as it was when somebody first asked."""
        known = self._listings.get(relative)
        if known is not None:
            return known
        listing = self._list(self._top)
        for part in relative.split("/") if relative else ():
            folder = listing.folders.get(part)
            if folder is None:
                return _NOTHING
            listing = self._list(folder)
        return listing

    def _list(self, folder: Folder) -> _Listing:
        known = self._listings.get(folder.path)
        if known is None:
            if len(self._listings) >= _MOST_FOLDERS:
                return _NOTHING
            files, folders = look_into(self._ignore, folder, self._max_file_bytes)
            known = self._listings[folder.path] = _Listing(
                {os.path.basename(found.path): found for found in files},
                {os.path.basename(inner.path): inner for inner in folders},
            )
        return known
