"""Facts of files outside the workspace: read at first use, shared between workspaces."""

# Paths are strings here: there are many of them, and `Path` is slow.
# ruff: noqa: PTH116, PTH122, PTH123
from __future__ import annotations

import contextlib
import logging
import os
import time
from collections.abc import Callable
from pathlib import Path

from nootropic_lsp.index.facts import FACTS_VERSION
from nootropic_lsp.index.languages.registry import LANGUAGES
from nootropic_lsp.index.parse import extract_text
from nootropic_lsp.index.source import decode_source
from nootropic_lsp.index.stored import is_readable
from nootropic_lsp.index.units import Unit
from nootropic_lsp.safety.secrets import mask
from nootropic_lsp.store import library

log = logging.getLogger(__name__)

# A library file above this size is left alone: it is generated, and nobody navigates it. What
# TypeScript declares of a page comes close.
_LARGEST_BYTES = 4_000_000
# Reading a larger one takes longer than anybody should wait for an answer.
_QUICK_BYTES = 300_000
# Some twenty environments of ordinary size.
_MOST_BYTES = 300_000_000
_OLD_S = 30 * 24 * 3600.0
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

    Without a cache folder (None) nothing is kept, and all still works. `large` is told of a
    file that takes long to read, which then is not read here but has to come into the cache.
    """

    def __init__(
        self,
        cache_folder: Path | None,
        *,
        large: Callable[[str], object] | None = None,
        extract: Callable[[str, str, str], bytes] | None = None,
    ) -> None:
        self._large = large
        self._extract = extract or _encoded
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
            if self._large is not None and status.st_size > _QUICK_BYTES:
                self._large(path)
                return None
        try:
            with open(path, "rb") as file:
                text = decode_source(file.read())
        except OSError:
            return None
        # People commit their environments, and packages carry keys: these are kept as little.
        encoded = self._extract(path, mask(text), language)
        if connection is not None:
            library.write(connection, path, status.st_size, status.st_mtime_ns, encoded)
        return encoded

    def trim(self) -> None:
        """Keep the cache within bounds, and remove those of versions that nobody uses."""
        connection = self._connect()
        if connection is None or self._path is None:
            return
        library.trim(connection, _MOST_BYTES)
        with contextlib.suppress(OSError):
            for other in self._path.parent.glob("libraries-*.db*"):
                is_ours = other.name.startswith(self._path.name)
                if not is_ours and time.time() - other.stat().st_mtime > _OLD_S:
                    other.unlink()

    def close(self) -> None:
        """Let go of the cache."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connect(self) -> library.Connection | None:
        if not self._opened:
            self._opened = True
            if self._path is not None:
                self._connection = library.open_library(self._path)
        return self._connection


def _encoded(path: str, text: str, language: str) -> bytes:
    """The facts of a text, as they are stored."""
    return Unit(path, extract_text(text, language)).encoded()
