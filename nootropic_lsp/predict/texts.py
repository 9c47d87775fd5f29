"""Open documents as the token model sees them: a segment each, kept while they are edited."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nootropic_lsp.core.documents import Document
from nootropic_lsp.core.spans import replaced
from nootropic_lsp.predict.evidence import KindTable, Past, Surroundings, members
from nootropic_lsp.predict.segment import CONTEXT, Segment, build
from nootropic_lsp.predict.shapes import SHAPE_CONTEXT
from nootropic_lsp.predict.streams import Lexicon, Stream, width_of
from nootropic_lsp.predict.tokens import FARTHEST, START
from nootropic_lsp.safety.secrets import mask_at_once

# When more than this has been typed since, the segment is made anew: what was typed counts for
# little until then. Where there is little text, that is cheap, and changes how it indents.
_MOST_TYPED = 2_000
_MOST_OF_IT = 8
_FEW_TYPED = 40
# How much before a place may make a secret of what stands there.
_SECRET_CONTEXT = 4_000
_PAST = FARTHEST + SHAPE_CONTEXT + CONTEXT


class View(NamedTuple):
    """A document at a place: what stands before it and around it.

    `hidden` are the places in the document's segment that are about to be written.
    """

    past: Past
    surroundings: Surroundings
    hidden: range
    indentation: str  # of the line at the place
    unit: str  # one step of indentation in this file


def is_near(earlier: str, text: str) -> bool:
    """Whether so little has been typed since an earlier text that what was made of it will do."""
    return text is earlier or _is_little(earlier, replaced(earlier, text))


def _is_little(earlier: str, stretch: tuple[int, int, int]) -> bool:
    start, end, new_end = stretch
    most = min(max(len(earlier) // _MOST_OF_IT, _FEW_TYPED), _MOST_TYPED)
    return new_end - start <= most and end - start <= most


class Text:
    """A document at the time when its segment was made. Secrets are masked in it."""

    def __init__(self, document: Document, lexicon: Lexicon, kinds: KindTable) -> None:
        self._lexicon = lexicon
        self._kinds = kinds
        self._raw = document.text
        self._language = document.language
        text = mask_at_once(document.text)
        self.stream: Stream = lexicon.read(text, document.language)
        self.segment: Segment = build(lexicon, [(document.path, b"")], [self.stream])
        self._members = members(self.stream.ids, lexicon)
        self._latest = self._raw, (len(self._raw), 0, 0)
        self._uses_tabs = text.count("\n\t") * 2 > text.count("\n ")

    def fits(self, document: Document) -> bool:
        """Whether this is near enough to a later version."""
        if document.language != self._language:
            return False
        return _is_little(self._raw, self._changed(document.text))

    def view(self, document: Document, offset: int) -> View:
        """The document at an offset where a token begins."""
        text = document.text
        start, old_end, new_end = self._changed(text)
        # All between the change and the place is read anew, and so is the rest of the line.
        line_end = text.find("\n", offset)
        line_end = len(text) if line_end < 0 else line_end
        first = min(start, offset)
        last = max(new_end, line_end) - len(text) + len(self._raw)
        ends = self.stream.ends
        low = int(np.searchsorted(ends, first, "right"))
        # The token before the change may have become another one.
        low = max(low - 1, 0)
        high = max(int(np.searchsorted(ends, max(last, old_end), "right")), low)
        read_from = int(ends[low - 1]) if low else 0
        typed = self._read(text, read_from, offset)
        ids = self.stream.ids
        before = np.concatenate([ids[:low], typed])
        # Whether the first one typed is a member, the one before it says.
        typed_members = members(before[max(low - 1, 0) :], self._lexicon)[min(low, 1) :]
        number = self._lexicon.number(START)
        past = Past(self._lexicon, [number, *before[-_PAST:].tolist()])
        line_start = text.rfind("\n", 0, offset) + 1
        line = text[line_start:offset]
        return View(
            past,
            Surroundings(
                before,
                np.concatenate([self._members[:low], typed_members]),
                ids[high:],
                self._members[high:],
                self._kinds,
            ),
            # The segment begins with a token that stands for the start of the file.
            range(low + 1, high + 2),
            line[: len(line) - len(line.lstrip(" \t"))],
            "\t" if self._uses_tabs else " " * self.stream.unit,
        )

    def _changed(self, text: str) -> tuple[int, int, int]:
        if text is not self._latest[0]:
            self._latest = text, replaced(self._raw, text)
        return self._latest[1]

    def _read(self, text: str, start: int, end: int) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
        if start >= end:
            return np.empty(0, np.int32)
        line_start = text.rfind("\n", 0, start) + 1
        line = text[line_start:start]
        width = width_of(line[: len(line) - len(line.lstrip(" \t"))])
        stream = self._lexicon.read(
            _masked(text, start, end), self._language, width=width, unit=self.stream.unit
        )
        ids, ends = stream.ids, stream.ends
        # Blanks that nothing follows are no token.
        if len(ids) and not text[start + (int(ends[-2]) if len(ends) > 1 else 0) : end].strip(
            " \t"
        ):
            ids = ids[:-1]
        return ids


def _masked(text: str, start: int, end: int) -> str:
    context = max(start - _SECRET_CONTEXT, 0)
    return mask_at_once(text[context:end])[start - context :]
