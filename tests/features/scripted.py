"""A token model that says what a test has told it to."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from nootropic_lsp.core.documents import Document
from nootropic_lsp.core.suggestions import Guess, Silence, Suggestion

_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
_WORD_BEFORE = re.compile(r"\w*\Z")


class Scripted:
    """Suggests what follows the end of the text before the cursor, the longest end first."""

    def __init__(self, lines: Mapping[str, str], probability: float = 0.9) -> None:
        self.lines = lines
        self.probability = probability
        self.asked: list[tuple[int, float, str | None]] = []

    def guesses(self, document: Document, offset: int, limit: int = 100) -> Sequence[Guess]:
        found = self._continuation(document.text[:offset])
        token = _TOKEN.match(found)
        return [] if token is None else [Guess(token[0], self.probability)][:limit]

    def suggest(
        self, document: Document, offset: int, *, threshold: float, typed: str | None = None
    ) -> Suggestion | Silence:
        self.asked.append((offset, threshold, typed))
        before = document.text[:offset]
        if typed is not None:
            before = _WORD_BEFORE.sub("", before) + typed
        found = self._continuation(before)
        if not found or self.probability < threshold:
            return Silence("unsure", "Nothing is likely enough.")
        return suggestion(found, self.probability)

    def _continuation(self, before: str) -> str:
        ends = [end for end in self.lines if before.endswith(end)]
        return self.lines[max(ends, key=len)] if ends else ""


def suggestion(text: str, probability: float = 0.9) -> Suggestion:
    """A suggestion with the ends of its words and marks."""
    ends = tuple(token.end() for token in _TOKEN.finditer(text) if not token[0].isspace())
    return Suggestion(text, probability, ends)
