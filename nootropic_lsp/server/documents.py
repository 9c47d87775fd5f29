"""This file is where the texts that an editor has open are kept, one frozen document a version."""

from __future__ import annotations

import logging
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence

from nootropic_lsp.core.documents import Document
from nootropic_lsp.core.spans import Encoding, Lines, Span
from nootropic_lsp.server.params import ContentChange, TextDocumentItem, VersionedDocument
from nootropic_lsp.server.positions import to_span
from nootropic_lsp.server.uris import to_path

log = logging.getLogger(__name__)

# Languages that the protocol, or an editor, calls by another name than we do.
_NAMES: Mapping[str, str] = {
    "typescriptreact": "tsx",
    "javascriptreact": "javascript",
    "jsx": "javascript",
    "shellscript": "bash",
    "sh": "bash",
    "jsonc": "json",
    "cs": "csharp",
}


class OpenDocuments:
    """The open documents by path, with their URIs as the client spells them.

    Only the event loop changes it. `uris` is replaced, never changed in place, because
    the worker threads read it.
    """

    def __init__(self) -> None:
        self.by_path: dict[str, Document] = {}
        self.uris: Mapping[str, str] = {}

    def open(self, item: TextDocumentItem) -> Document:
        """Keep a text that was opened; one that is open already is replaced."""
        path = to_path(item.uri)
        language = _NAMES.get(item.language_id, item.language_id)
        document = Document(path, language, item.version or 0, item.text)
        self.by_path[path] = document
        self.uris = {**self.uris, path: item.uri}
        return document

    def change(
        self, which: VersionedDocument, changes: Sequence[ContentChange], encoding: Encoding
    ) -> Document | None:
        """Apply edits in their order; None if the document is not open."""
        document = self.by_path.get(to_path(which.uri))
        if document is None:
            log.warning("an edit of a document that is not open is ignored: %s", which.uri)
            return None
        version = document.version + 1 if which.version is None else which.version
        changed = edited(document, version, changes, encoding)
        self.by_path[changed.path] = changed
        return changed

    def close(self, uri: str) -> str | None:
        """Forget a text; its path, or None if it was not open."""
        path = to_path(uri)
        if self.by_path.pop(path, None) is None:
            return None
        self.uris = {other: spelled for other, spelled in self.uris.items() if other != path}
        return path


def edited(
    document: Document, version: int, changes: Sequence[ContentChange], encoding: Encoding
) -> Document:
    """The document after some edits, each of which counts in the text that the one before left."""
    text, lines = document.text, document.lines
    for change in changes:
        if change.range is None:
            text = change.text
            lines = Lines.of(text)
            continue
        span = to_span(text, lines, change.range, encoding)
        text = f"{text[: span.start]}{change.text}{text[span.end :]}"
        lines = lines_after(lines, span, change.text, text)
    fresh = Document(document.path, document.language, version, text)
    # The cached property would look for the lines of the whole text again.
    fresh.__dict__["lines"] = lines
    return fresh


def lines_after(lines: Lines, span: Span, inserted: str, text: str) -> Lines:
    """The lines of `text`, which came about by replacing `span` of the text of `lines`.

    Whether a line starts at an offset depends on the characters on both sides of it
    (`\\r\\n` is one end), so starts strictly before the span stay, those strictly behind
    it move, and those in between are looked for again.
    """
    kept = bisect_left(lines.starts, span.start) or 1
    behind = bisect_right(lines.starts, span.end)
    starts = lines.starts[:kept]
    end = span.start + len(inserted)
    first = max(0, span.start - 1)
    starts.extend(
        first + start
        for start in Lines.of(text[first : end + 1]).starts[1:]
        if span.start <= first + start <= end
    )
    moved = end - span.end
    rest = lines.starts[max(kept, behind) :]
    # `map` over a bound method of an int: a third of the time of a generator.
    starts.extend(array("I", map(moved.__add__, rest)) if moved else rest)
    return Lines(starts, ascii=text.isascii())
