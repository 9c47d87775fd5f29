"""All names of an index as one text, to be searched faster than a table can be."""

from __future__ import annotations

import re
from collections.abc import Iterable


class Names:
    """Distinct names, searched by their letters whatever the case."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = sorted(names)
        self._text = "\n" + "\n".join(self._names) + "\n"
        lowered = self._text.lower()
        # A few letters change their length with their case; offsets must agree.
        self._lowered = lowered if len(lowered) == len(self._text) else self._text

    def containing(self, part: str, limit: int) -> list[str]:
        """Names that have `part` (in lower case) in them."""
        found: list[str] = []
        position = self._lowered.find(part)
        while position >= 0 and len(found) < limit:
            start = self._text.rfind("\n", 0, position) + 1
            end = self._text.find("\n", position)
            found.append(self._text[start:end])
            position = self._lowered.find(part, end)
        return found

    def spelling(self, letters: str, limit: int) -> list[str]:
        """Names that have these letters in this order, each at the start of a word or after the last."""
        if not letters or "\n" in letters:
            return []
        humps = _humps(letters)
        found = [match[0][1:] for match in _first(humps.finditer(self._text), limit)]
        if not found and len(letters) > 2:
            loose = "[^\n]*".join(map(re.escape, letters.lower()))
            pattern = re.compile(f"\n[^\n]*{loose}[^\n]*(?=\n)")
            found = [
                self._text[match.start() + 1 : match.end()]
                for match in _first(pattern.finditer(self._lowered), limit)
            ]
        return found


def _humps(letters: str) -> re.Pattern[str]:
    """Letters at the beginnings of words: `gq` finds `getQuery`, `get_query` and `GetQuery`."""
    parts = []
    for index, letter in enumerate(letters):
        low, high = re.escape(letter.lower()), re.escape(letter.upper())
        if index == 0:
            parts.append(f"\n_*[{low}{high}]")
        else:
            parts.append(f"(?:{low}|[^\n]*?(?:{high}|_{low}))")
    return re.compile("".join(parts) + "[^\n]*(?=\n)")


def _first(matches: Iterable[re.Match[str]], limit: int) -> Iterable[re.Match[str]]:
    for count, match in enumerate(matches):
        if count == limit:
            return
        yield match
