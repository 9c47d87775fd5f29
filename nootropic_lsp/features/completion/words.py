"""The words of a text by the places where they stand, kept up from one version to the next."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from nootropic_lsp.core.spans import replaced

# Strings and comments are passed over: what they hold is prose as often as names.
_STRINGS = (
    r'"""(?:\\.|[^\\])*?"""|\'\'\'(?:\\.|[^\\])*?\'\'\'|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
)
_LINK = r"(?:\?\.|\.|->|::)"
_CHAIN = rf"(?P<link>{_LINK})?(?P<chain>[^\W\d][\w$]*(?:{_LINK}[^\W\d][\w$]*)*)"
# Passed over as well: no part of one is a name.
_NUMBER = r"\d\w*"
_HASH = re.compile(rf"\#[^\n]*|{_STRINGS}|{_NUMBER}|{_CHAIN}", re.DOTALL)
_SLASHES = re.compile(rf"//[^\n]*|/\*.*?\*/|{_STRINGS}|{_NUMBER}|{_CHAIN}", re.DOTALL)
_LINKS = re.compile(_LINK)
_BY_HASH = frozenset({"python", "ruby", "bash"})
# With so much changed the whole text is read anew.
_LONGEST_CHANGE = 4_000
# What stands before the dot is a call or the like.
CALLED = "()"


class Near(NamedTuple):
    """How far the nearest places of a word are, in characters (-1 for none), and their number."""

    before: int
    after: int
    number: int


NOWHERE = Near(-1, -1, 0)
_Word = tuple[str, int, str]  # text, where it starts, the word before its dot
_Starts = Mapping[str, Sequence[int]]
_NONE: _Starts = {}


class Places:
    """Where words stand: those behind no dot, those behind one, and these by what is before it."""

    def __init__(self, words: Iterable[_Word]) -> None:
        self.bare: dict[str, list[int]] = {}
        self.members: dict[str, list[int]] = {}
        self.after: dict[str, dict[str, list[int]]] = {}
        for word, start, receiver in words:
            if receiver:
                self.members.setdefault(word, []).append(start)
                self.after.setdefault(receiver, {}).setdefault(word, []).append(start)
            else:
                self.bare.setdefault(word, []).append(start)


class WholeText:
    """A text that was read from start to end."""

    def __init__(self, text: str, language: str) -> None:
        self.text = text
        self.pattern = _HASH if language in _BY_HASH else _SLASHES
        self.places = Places(_read(self.pattern, text, 0, len(text)))

    def is_near(self, text: str) -> bool:
        """Whether a later version differs so little that this one is of use."""
        start, end, later_end = replaced(self.text, text)
        return max(end, later_end) - start <= _LONGEST_CHANGE


class Words:
    """The words of a text around a cursor, without the one that is being written there.

    The text differs from the one that was read in a stretch of whole lines. What stands
    outside of it is looked up in the tables, what stands inside is read each time.
    """

    def __init__(self, whole: WholeText, text: str, cursor: int) -> None:
        start, _, end = replaced(whole.text, text)
        self._cursor = cursor
        self._start = text.rfind("\n", 0, min(start, cursor)) + 1
        stop = text.find("\n", max(end, cursor))
        stop = len(text) if stop < 0 else stop
        self._shift = len(text) - len(whole.text)
        self._end = stop - self._shift
        self._old = whole.places
        self._new = Places(
            word
            for word in _read(whole.pattern, text, self._start, stop)
            if not word[1] <= cursor <= word[1] + len(word[0])
        )

    def bare(self) -> set[str]:
        """The words behind no dot."""
        return self._living(self._old.bare, self._new.bare)

    def members(self) -> set[str]:
        """The words behind any dot."""
        return self._living(self._old.members, self._new.members)

    def after(self, receiver: str) -> set[str]:
        """The words behind the dot of this word."""
        return self._living(
            self._old.after.get(receiver, _NONE), self._new.after.get(receiver, _NONE)
        )

    def near_bare(self, word: str) -> Near:
        """Where a word stands behind no dot."""
        return self._near(self._old.bare.get(word, ()), self._new.bare.get(word, ()))

    def near_member(self, word: str) -> Near:
        """Where a word stands behind any dot."""
        return self._near(self._old.members.get(word, ()), self._new.members.get(word, ()))

    def near_after(self, receiver: str, word: str) -> Near:
        """Where a word stands behind the dot of another."""
        return self._near(
            self._old.after.get(receiver, _NONE).get(word, ()),
            self._new.after.get(receiver, _NONE).get(word, ()),
        )

    def _living(self, old: _Starts, new: _Starts) -> set[str]:
        return {
            *new,
            *(word for word, at in old.items() if at[0] < self._start or at[-1] >= self._end),
        }

    def _near(self, old: Sequence[int], new: Sequence[int]) -> Near:
        if not old and not new:
            return NOWHERE
        before = after = -1
        low, high = bisect_left(old, self._start), bisect_left(old, self._end)
        if low:
            before = self._cursor - old[low - 1]
        if high < len(old):
            after = old[high] + self._shift - self._cursor
        for start in new:
            distance = self._cursor - start
            if distance >= 0:
                before = distance if before < 0 else min(before, distance)
            else:
                after = -distance if after < 0 else min(after, -distance)
        return Near(before, after, low + len(old) - high + len(new))


def _read(pattern: re.Pattern[str], text: str, start: int, end: int) -> Iterator[_Word]:
    for match in pattern.finditer(text, start, end):
        chain = match["chain"]
        if chain is None:
            continue
        at = match.start("chain")
        receiver = "" if match["link"] is None else CALLED
        if chain.isidentifier():
            yield chain, at, receiver
            continue
        position = 0
        for link in _LINKS.finditer(chain):
            word = chain[position : link.start()]
            yield word, at + position, receiver
            receiver, position = word, link.end()
        yield chain[position:], at + position, receiver
