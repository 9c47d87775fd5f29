"""The token model of a workspace: asked for what may come next, it never waits for anything."""

from __future__ import annotations

import logging
import os
import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import NamedTuple

import numpy as np

from nootropic_lsp.core.documents import Document
from nootropic_lsp.core.suggestions import Guess, Silence, Suggestion
from nootropic_lsp.index.languages.registry import LANGUAGES
from nootropic_lsp.predict.evidence import (
    KindTable,
    Matches,
    Past,
    Source,
    advance,
    search,
    weigh,
)
from nootropic_lsp.predict.ranker import probabilities
from nootropic_lsp.predict.segment import Segment
from nootropic_lsp.predict.shelf import Shelf, shelf_of
from nootropic_lsp.predict.streams import Lexicon
from nootropic_lsp.predict.texts import Text, View, is_near
from nootropic_lsp.predict.tokens import (
    KEYWORD,
    LINE_BREAK,
    NAME,
    STOP,
    break_parts,
    kind_of,
)

log = logging.getLogger(__name__)

_LARGEST = 1_000_000
_LONGEST_LINE = 5_000
# How many tokens of open documents are kept, in some 25 bytes each.
_MOST_OPEN = 300_000
_VERSIONS = 2
# When so many different tokens have been seen, all is read anew from the disk.
_MOST_TOKENS = 500_000
_MOST_STEPS = 60
_SHORTEST = 3
# How much less sure one may be of the whole than of its beginning up to the first name.
_EXTENSION = 0.95
# Keywords that make a line by themselves.
_ALONE = frozenset({"break", "continue", "else", "end", "endif", "fi", "pass", "raise", "return"})
# The share of unknown words that begin with a given letter.
_PER_LETTER = 0.08
_WORD = re.compile(r"[\w$]+\Z")
_WIDE = re.compile(r"\w\Z")


class Folder(NamedTuple):
    """A root of the workspace, the segments of its files, and the digests of their texts."""

    path: str
    shelf: Shelf


class _Token(NamedTuple):
    number: int
    text: str
    is_spaced: bool
    probability: float  # of everything up to and with this token


class _Asked(NamedTuple):
    """A place that was asked about last: an editor asks for its menu and for ghost text there."""

    document: Document
    offset: int
    text: Text
    view: View
    sources: list[Source]
    matches: Matches


class Engine:
    """A `Predictor` over the segments of the workspace's folders and the open documents.

    `on_damage` is called when a segment turns out to be damaged while it is asked.
    """

    def __init__(self, on_damage: Callable[[], object] = lambda: None) -> None:
        self._on_damage = on_damage
        self._lock = Lock()
        self._folders: list[Folder] = []
        self._kept: dict[str, Document] = {}
        self._n_lexicons = 0
        self._forget()

    def _forget(self) -> None:
        self._n_lexicons += 1
        self._lexicon = Lexicon()
        self._kinds = KindTable(self._lexicon)
        self._texts: OrderedDict[str, list[Text]] = OrderedDict()
        self._last: _Asked | None = None

    def look(self, folders: Iterable[tuple[str, Path, Mapping[str, bytes]]]) -> None:
        """See which segments there are now, for each folder with its database and file digests."""
        known = {folder.path: folder for folder in self._folders}
        found = []
        for path, database, digests in folders:
            folder = known.get(path)
            if folder is None or folder.shelf.folder != shelf_of(database):
                folder = Folder(path, Shelf(shelf_of(database)))
            with self._lock:
                folder.shelf.look()
                folder.shelf.mask(digests)
            found.append(folder)
        with self._lock:
            self._folders = found
            self._last = None

    def n_missing(self, folders: Iterable[tuple[str, Path, Mapping[str, bytes]]]) -> int:
        """How many files have no tokens that count, among those that were looked for."""
        with self._lock:
            covered = {folder.path: folder.shelf.covered() for folder in self._folders}
        return sum(len(digests.keys() - covered[path]) for path, _, digests in folders)

    @property
    def n_tokens(self) -> int:
        """How many tokens of the workspace it knows."""
        with self._lock:
            return sum(
                segment.n_tokens
                for folder in self._folders
                for segment in folder.shelf.segments.values()
            )

    def guesses(self, document: Document, offset: int, limit: int = 100) -> Sequence[Guess]:
        """The tokens that may stand at an offset, the likeliest first."""
        if _why_not(document, offset) is not None:
            return []
        with self._asking():
            asked = self._open(document, offset)
            last = asked.view.past.last
            around = asked.view.surroundings
            step = weigh(asked.matches, around, last, 0, self._kinds, most=limit)
            chances = probabilities(step, last, 0)
            order = np.argsort(-chances)
            kinds = self._kinds.of(step.tokens[order])
            order = order[(kinds != STOP) & (kinds != LINE_BREAK)]
            texts = self._lexicon.texts
            found = zip(step.tokens[order].tolist(), chances[order].tolist(), strict=True)
            return [Guess(texts[number], chance) for number, chance in found]
        return []

    def suggest(
        self, document: Document, offset: int, *, threshold: float, typed: str | None = None
    ) -> Suggestion | Silence:
        """What to show behind the cursor."""
        reason = _why_not(document, offset)
        if reason is not None:
            return reason
        found = _WORD.search(document.text, max(offset - 200, 0), offset)
        start = offset if found is None else found.start()
        prefix = document.text[start:offset] if typed is None else typed
        with self._asking():
            asked = self._open(document, start)
            tokens = self._walk(asked, prefix, threshold)
            if tokens:
                return _rendered(document, offset, start, prefix, asked.view, tokens)
        return Silence("unsure", "Nothing is likely enough to come next here.")

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """While segments are asked. A damaged one is left out from then on, without an answer."""
        with self._lock:
            try:
                yield
                return
            except (IndexError, ValueError):
                self._last = None
                if not any(folder.shelf.leave_out_damaged() for folder in self._folders):
                    raise
        self._on_damage()

    def _open(self, document: Document, offset: int) -> _Asked:
        """What a place looks like, and where the past is like there; the search takes most time."""
        before = self._last
        if before is not None and before.document is document and before.offset == offset:
            return before
        if len(self._lexicon.texts) > _MOST_TOKENS:
            self._forget()
        text = self._text(document)
        view = text.view(document, offset)
        if before is None or before.text is not text:
            sources = self._sources(document, text)
            matches = search(sources, view.past, view.hidden)
        else:
            sources, matches = before.sources, before.matches
            # While a word is typed, what stands before it stays the same.
            past = before.view.past
            if view.past.numbers != past.numbers or view.hidden != before.view.hidden:
                matches = search(sources, view.past, view.hidden)
        self._last = _Asked(document, offset, text, view, sources, matches)
        return self._last

    def _text(self, document: Document) -> Text:
        """What was made of the document when it was opened or saved, or else lately."""
        known = self._texts.pop(document.path, [])
        text = next((each for each in known if each.fits(document)), None)
        if text is None:
            kept = self._kept.get(document.path)
            is_close = kept is not None and is_near(kept.text, document.text)
            base = kept if kept is not None and is_close else document
            text = Text(base, self._lexicon, self._kinds)
        others = [each for each in known if each is not text]
        self._texts[document.path] = [text, *others][:_VERSIONS]
        while len(self._texts) > 1 and self._n_open() > _MOST_OPEN:
            self._texts.popitem(last=False)
        return text

    def _n_open(self) -> int:
        return sum(each.segment.n_tokens for kept in self._texts.values() for each in kept)

    def keep(self, document: Document) -> None:
        """A document was opened or saved: it is what is gone back to between edits."""
        with self._lock:
            self._kept[document.path] = document

    def rest(self) -> None:
        """Nobody has asked for a while: take up less memory until somebody does."""
        with self._lock:
            for folder in self._folders:
                for segment in folder.shelf.segments.values():
                    segment.rest()

    def drop(self, path: str) -> None:
        """A document was closed."""
        with self._lock:
            self._kept.pop(path, None)
            self._texts.pop(path, None)
            self._last = None

    def _sources(self, document: Document, text: Text) -> list[Source]:
        sources = [
            Source(
                text.segment,
                True,
                np.zeros(1, np.bool_),
                self._numbers(text.segment),
                np.zeros(1, np.bool_),
            )
        ]
        language = LANGUAGES.get(document.language)
        if language is None:
            return sources
        for folder in self._folders:
            prefix = folder.path.rstrip("/") + "/"
            inside = document.path.startswith(prefix)
            relative = document.path[len(prefix) :] if inside else ""
            near = os.path.dirname(relative) if inside else None  # noqa: PTH120 -- a string
            for segment in folder.shelf.of_family(language.family):
                masked = segment.masked
                own = segment.file_number(relative) if inside else -1
                if own >= 0:
                    # The open text counts, not what was saved of it.
                    masked = masked.copy()
                    masked[own] = True
                is_near = segment.in_folder(near) if near is not None else np.zeros_like(masked)
                sources.append(Source(segment, False, is_near, self._numbers(segment), masked))
        return sources

    def _numbers(self, segment: Segment) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
        """What the tokens of a segment are in the lexicon, as far as that was asked."""
        known = segment.kept.get(self._n_lexicons)
        if known is None:
            segment.kept.clear()
            known = segment.kept[self._n_lexicons] = np.full(len(segment.texts) + 1, -1, np.int32)
        return known

    def _walk(self, asked: _Asked, prefix: str, threshold: float) -> list[_Token]:
        """The likeliest token, and the likeliest after it, as long as that is likely enough."""
        view, sources, matches = asked.view, asked.sources, asked.matches
        past = Past(self._lexicon, view.past.numbers)
        found: list[_Token] = []
        sure, first = 1.0, 0.0
        for at in range(_MOST_STEPS):
            last = past.last
            start = prefix if at == 0 else ""
            step = weigh(matches, view.surroundings, last, at, self._kinds, prefix=start)
            if not len(step.tokens):
                break
            chances = probabilities(step, last, at, _PER_LETTER ** len(start))
            best = int(chances.argmax())
            number = int(step.tokens[best])
            text = self._lexicon.texts[number]
            sure *= float(chances[best])
            if sure < threshold or (first and sure < first * _EXTENSION):
                break
            kind = kind_of(text)
            if kind == STOP or (kind == LINE_BREAK and _ends_thought(text)):
                break
            going = matches.before(number)
            found.append(_Token(number, text, _is_spaced(going, sources), sure))
            if not first and kind == NAME:
                first = sure
            past.numbers.append(number)
            matches = advance(going, sources, past, view.hidden)
        return _whole_lines(found)


def _ends_thought(line_break: str) -> bool:
    """Whether a line break leads where nobody can know the indentation, or to something new."""
    step, n_blank = break_parts(line_break)
    return step is None or n_blank > 0


def _whole_lines(tokens: list[_Token]) -> list[_Token]:
    """The tokens without a line that has only been begun with a keyword."""
    end = len(tokens)
    while end:
        kind = kind_of(tokens[end - 1].text)
        begins = end > 1 and kind_of(tokens[end - 2].text) == LINE_BREAK
        if kind == LINE_BREAK or (
            begins and kind == KEYWORD and tokens[end - 1].text not in _ALONE
        ):
            end -= 1
        else:
            break
    return tokens[:end]


def _why_not(document: Document, offset: int) -> Silence | None:
    text = document.text
    if not 0 <= offset <= len(text):
        return Silence("outside", "The text has no such place.")
    if len(text) > _LARGEST:
        return Silence("too-large", "The file is too large for suggestions.")
    line = text.rfind("\n", 0, offset) + 1
    end = text.find("\n", offset)
    if (len(text) if end < 0 else end) - line > _LONGEST_LINE:
        return Silence("long-line", "The line is too long for suggestions.")
    return None


def _is_spaced(going: Matches, sources: Sequence[Source]) -> bool:
    """Whether there mostly is a blank before what follows, where the past is most alike."""
    if not len(going.tokens):
        return False
    going = going.where(going.lengths == going.lengths.max())
    n_spaced = 0
    for at, those in going.by_source(len(sources)):
        n_spaced += int(sources[at].segment.is_spaced(going.places[those]).sum())
    return n_spaced * 2 > len(going.tokens)


def _rendered(
    document: Document, offset: int, start: int, prefix: str, view: View, tokens: Sequence[_Token]
) -> Suggestion | Silence:
    """The tokens as text behind the cursor."""
    parts: list[str] = []
    ends: list[int] = []
    shown: list[_Token] = []
    length = 0
    indentation = view.indentation
    before = document.text[:start]
    newline = "\r\n" if "\r\n" in document.text else "\n"
    for at, token in enumerate(tokens):
        if kind_of(token.text) == LINE_BREAK:
            step, n_blank = break_parts(token.text)
            indentation = _indented(indentation, step or 0, view.unit)
            part = newline * (1 + n_blank) + indentation
        elif at == 0:
            blank = token.is_spaced and not prefix and _needs_blank(before)
            part = " " * blank + token.text[len(prefix) :]
        else:
            glued = _WIDE.search(tokens[at - 1].text) and _WIDE.match(token.text[:1])
            is_first = kind_of(tokens[at - 1].text) == LINE_BREAK
            part = " " * bool((token.is_spaced or glued) and not is_first) + token.text
        parts.append(part)
        length += len(part)
        ends.append(length)
        shown.append(token)
    text = "".join(parts)
    if len(text) < _SHORTEST or not any(kind_of(token.text) == NAME for token in shown):
        return Silence("short", "What is likely to come next is too short to be worth showing.")
    return Suggestion(text, tokens[-1].probability, tuple(ends))


def _needs_blank(before: str) -> bool:
    return bool(before) and not before[-1].isspace()


def _indented(indentation: str, step: int, unit: str) -> str:
    if step >= 0:
        return indentation + unit * step
    return indentation[: max(len(indentation) + step * len(unit), 0)]
