"""This file is where we remember what ghost text was offered, and see what becomes of it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from threading import Lock
from typing import TYPE_CHECKING

from nootropic_lsp.core.documents import Document
from nootropic_lsp.core.spans import Span
from nootropic_lsp.learning.situations import Outcome, Situation
from nootropic_lsp.settings.folders import cache_folder

if TYPE_CHECKING:
    from nootropic_lsp.learning.counters import Counters

# What stood for a shorter time was not read: typing on refuses nothing.
LEAST_SHOWN_S = 0.3
# So much in one change is an acceptance, also from a client that does not say so.
_AT_ONCE = 3
# An editor may tell of an acceptance after it has asked for more.
_MOST_KEPT = 100


@dataclass(slots=True, eq=False)
class Offer:
    """A text that was offered in the place of a span of a document, and how it fared.

    It begins with an entry of the menu that is so long. `written` is how much of it stands
    there, `saved` how much of that was not typed.
    """

    id: str
    document: Document
    span: Span
    text: str
    situation: Situation
    since_s: float
    entry: int = 0
    written: int = 0
    saved: int = 0
    is_shown: bool = False
    has_ended: bool = False

    def progress(self, document: Document) -> int | None:
        """How much of the offer stands in a later version; None if something else was done."""
        before, after = self.document.text, document.text
        if after == before:
            return self.span.end - self.span.start if self._begins_as_written() else 0
        start, n_behind = self.span.start, len(before) - self.span.end
        end = len(after) - n_behind
        if end < start or not self.text.startswith(after[start:end]):
            return None
        same = after.startswith(before[:start]) and after.endswith(before[self.span.end :])
        return end - start if same else None

    def is_about_to_be_written(self, document: Document) -> bool:
        """Whether all that was done is to take back the word that it completes.

        The menus of older clients do that before they write an entry.
        """
        before, after = self.document.text, document.text
        start = self.span.start
        n_gone = len(before) - len(after)
        word = before[start - n_gone : start] if 0 < n_gone <= start else ""
        return word.isidentifier() and after == before[: start - n_gone] + before[start:]

    def _begins_as_written(self) -> bool:
        return self.text.startswith(self.document.text[self.span.start : self.span.end])


# What became of an offer: how many characters that saved, and how many offers it is about.
_Note = tuple[Situation, Outcome, int, int]


@dataclass
class Offers:
    """The offers of one client. `newest` knows the document of a path as it is now.

    `later` runs what writes to the disk. Any thread may use it.
    """

    newest: Callable[[str], Document | None] = lambda _path: None
    later: Callable[[Callable[[], object]], object] = lambda work: work()
    clock: Callable[[], float] = time.monotonic
    last: str = ""
    _live: dict[str, Offer] = field(default_factory=dict)
    _by_id: dict[str, Offer] = field(default_factory=dict)
    _ids: count[int] = field(default_factory=lambda: count(1))
    _lock: Lock = field(default_factory=Lock)
    _uncounted: deque[_Note] = field(default_factory=deque)
    _counting: Lock = field(default_factory=Lock)
    _counters: Counters | None = None

    def threshold(self, language: str, place: str, default: float) -> float:
        """How sure one has to be at a kind of place, by what became of earlier offers."""
        self.count()
        return self._known().calibration(language, place, default).threshold

    def count(self) -> None:
        """Write down what happened so far."""
        with self._counting:
            while self._uncounted:
                situation, outcome, characters, n = self._uncounted.popleft()
                self._known().note(situation, outcome, characters=characters, n=n)

    def _known(self) -> Counters:
        if self._counters is None:
            from nootropic_lsp.learning.counters import Counters  # noqa: PLC0415 -- loads SQLite

            self._counters = Counters(cache_folder() / "learning.db")
        return self._counters

    def is_stale(self, document: Document) -> bool:
        """Whether a document has a later version, or is closed."""
        return self.newest(document.path) is not document

    def going_on(
        self, document: Document, offset: int, chosen: tuple[Span, str] | None = None
    ) -> Offer | None:
        """The offer whose beginning stands before an offset, with more of it to come.

        With an entry of the menu that is `chosen`, it has to begin with that.
        """
        with self._lock:
            offer = self._live.get(document.path)
            written = None if offer is None or offer.has_ended else offer.progress(document)
            if offer is None or written is None:
                return None
            start = offer.span.start
            if start + written != offset or written >= len(offer.text):
                return None
            if chosen is None:
                return offer if written >= offer.entry else None
            span, entry = chosen
            fits = span.start == start and offer.text.startswith(entry)
            return offer if fits and len(offer.text) > len(entry) else None

    def make(
        self, document: Document, span: Span, text: str, situation: Situation, *, entry: int = 0
    ) -> Offer:
        """Note a new offer, in the place of the last one for this document."""
        with self._lock:
            self._end(self._live.get(document.path), None)
            offer = Offer(
                str(next(self._ids)), document, span, text, situation, self.clock(), entry
            )
            written = document.text[span.start : span.end]
            offer.written = len(written) if text.startswith(written) else 0
            self._live[document.path] = self._by_id[offer.id] = offer
            if len(self._by_id) > _MOST_KEPT:
                del self._by_id[next(iter(self._by_id))]
            self._note(offer, Outcome.OFFERED)
            return offer

    def changed(self, document: Document) -> None:
        """The user has edited a document: perhaps what was offered, perhaps something else."""
        with self._lock:
            offer = self._live.get(document.path)
            if offer is None or offer.has_ended:
                return
            written = offer.progress(document)
            if written is None:
                if not offer.is_about_to_be_written(document):
                    self._end(offer, Outcome.REJECTED)
                return
            at_once, offer.written = written - offer.written, written
            if written == len(offer.text):
                is_at_once = at_once > 1
                outcome = Outcome.ACCEPTED if is_at_once else Outcome.TYPED
                self._end(offer, outcome, at_once if is_at_once else 0)
            elif at_once >= _AT_ONCE:
                self._take(offer, offer.saved + at_once)

    def closed(self, path: str) -> None:
        """A document was closed."""
        with self._lock:
            self._end(self._live.pop(path, None), None)

    def shown(self, offer_id: str) -> None:
        """The client says that an offer is on the screen."""
        with self._lock:
            offer = self._by_id.get(offer_id)
            if offer is not None and not offer.has_ended:
                self._show(offer)

    def accepted(self, offer_id: str) -> None:
        """The client says that an offer was accepted."""
        with self._lock:
            offer = self._by_id.get(offer_id)
            if offer is not None:
                self._end(offer, Outcome.ACCEPTED, len(offer.text) - offer.written)

    def accepted_part(self, offer_id: str, length: int) -> None:
        """The client says how much of an offer was accepted so far, in characters."""
        with self._lock:
            offer = self._by_id.get(offer_id)
            if offer is not None and not offer.has_ended:
                self._take(offer, min(length, len(offer.text)))

    def close(self) -> None:
        """The client has gone."""
        for path in tuple(self._live):
            self.closed(path)
        self.count()
        if self._counters is not None:
            self._counters.close()

    def _take(self, offer: Offer, length: int) -> None:
        self._show(offer)
        if length > offer.saved:
            is_first, more = not offer.saved, length - offer.saved
            offer.saved = length
            self._note(offer, Outcome.PARTLY, more, n=int(is_first))

    def _show(self, offer: Offer) -> None:
        if not offer.is_shown:
            offer.is_shown = True
            self._note(offer, Outcome.SHOWN)

    def _end(self, offer: Offer | None, outcome: Outcome | None, characters: int = 0) -> None:
        if offer is None or offer.has_ended:
            return
        offer.has_ended = True
        is_taken = outcome is Outcome.ACCEPTED
        if is_taken or self.clock() - offer.since_s >= LEAST_SHOWN_S:
            self._show(offer)
        # What was partly accepted has been counted as that.
        if outcome is not None and (is_taken or (offer.is_shown and not offer.saved)):
            self._note(offer, outcome, characters)

    def _note(self, offer: Offer, outcome: Outcome, characters: int = 0, n: int = 1) -> None:
        self._uncounted.append((offer.situation, outcome, characters, n))
        self.later(self.count)
