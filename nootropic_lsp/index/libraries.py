"""Facts of files outside the workspace: read at first use, shared between workspaces."""

# Paths are strings here: there are many of them, and `Path` is slow.
# ruff: noqa: PTH116, PTH122, PTH123
from __future__ import annotations

import logging
import os
from pathlib import Path

from nootropic_lsp.index.facts import FACTS_VERSION
from nootropic_lsp.index.languages.registry import LANGUAGES
from nootropic_lsp.index.parse import extract_text
from nootropic_lsp.index.source import decode_source
from nootropic_lsp.index.stored import is_readable
from nootropic_lsp.index.units import Unit
from nootropic_lsp.store import library

log = logging.getLogger(__name__)

# A library file above this size is left alone: it is generated, and nobody navigates it.
_LARGEST_BYTES = 1_500_000
_LANGUAGE_OF = {
    ".py": "python",
    ".pyi": "python",
    ".js": "javascript",
    ".mjs": "javascript",
    ".cjs": "javascript",
    ".jsx": "javascript",
    ".ts": "typescript",
    ".mts": "typescript",
    ".cts": "typescript",
    ".tsx": "tsx",
}


class Libraries:
    """Reads library files, and keeps their facts in the user's cache folder.

    Without a cache folder (None) nothing is kept, and all still works.
    """

    def __init__(self, cache_folder: Path | None) -> None:
        self._path = cache_folder / f"libraries-{FACTS_VERSION}.db" if cache_folder else None
        self._connection: library.Connection | None = None
        self._opened = False

    def facts(self, path: str) -> bytes | None:
        """The stored facts of a file, or None if it cannot be read."""
        language = _LANGUAGE_OF.get(os.path.splitext(path)[1])
        if language not in LANGUAGES:
            return None
        try:
            status = os.stat(path)
        except OSError:
            return None
        if status.st_size > _LARGEST_BYTES:
            return None
        connection = self._connect()
        if connection is not None:
            facts = library.read(connection, path, status.st_size, status.st_mtime_ns)
            if facts is not None:
                if is_readable(facts):
                    return facts
                log.warning("the cached facts of %s are damaged; they are read anew", path)
        try:
            with open(path, "rb") as file:
                text = decode_source(file.read())
        except OSError:
            return None
        encoded = Unit(path, extract_text(text, language)).encoded()
        if connection is not None:
            library.write(connection, path, status.st_size, status.st_mtime_ns, encoded)
        return encoded

    def _connect(self) -> library.Connection | None:
        if not self._opened:
            self._opened = True
            if self._path is not None:
                self._connection = library.open_library(self._path)
        return self._connection
