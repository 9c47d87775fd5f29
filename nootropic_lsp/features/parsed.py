"""The syntax tree of a file: that of the open text, or one made for a single question."""

from __future__ import annotations

from nootropic_lsp.core.documents import Document
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.discover import language_of
from nootropic_lsp.index.opened import OpenText


def parsed(snapshot: Snapshot, path: str) -> OpenText | None:
    """A text that can be parsed, or None for one without a grammar or without a file."""
    opened = snapshot.opened.get(path)
    if opened is not None:
        return opened if opened.is_readable else None
    try:
        text = snapshot.text(path)
    except OSError:
        return None
    language = language_of(path, text[:1000].encode("utf-8", "replace"))
    if language is None:
        return None
    made = snapshot.read(Document(path, language, 0, text))
    return made if made.is_readable else None
