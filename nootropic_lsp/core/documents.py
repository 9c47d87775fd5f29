"""Text that an editor has open, as it was at one version."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from nootropic_lsp.core.spans import Lines


@dataclass(frozen=True)
class Document:
    """An open text. `path` is absolute for a file, otherwise the document's URI."""

    path: str
    language: str
    version: int
    text: str

    @cached_property
    def lines(self) -> Lines:
        """Where its lines start."""
        return Lines.of(self.text)
