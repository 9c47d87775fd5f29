"""One question for a menu, with what several of its parts want to know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeVar, cast

from nootropic_lsp.core.documents import Document
from nootropic_lsp.core.spans import Span, replaced
from nootropic_lsp.features.callable import Called, Slot, Sources, callables, slot_for
from nootropic_lsp.features.completion.context import At, Context, context_at, word_at
from nootropic_lsp.features.completion.importing import Importing
from nootropic_lsp.features.completion.receivers import receiver_before
from nootropic_lsp.features.completion.words import WholeText, Words
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.arguments import OpenCall, call_at
from nootropic_lsp.index.candidates import Lister
from nootropic_lsp.index.facts import Op
from nootropic_lsp.index.opened import OpenText
from nootropic_lsp.index.probe import Standing, aside, probe, standing
from nootropic_lsp.index.units import Resolver, Unit

T = TypeVar("T")
# With more than that typed since, the facts of the whole text are made after all.
_MOST_CHANGED = 2_000


@dataclass(frozen=True, slots=True)
class _Word:
    """A word whose first letters were asked about, and what was found out then."""

    path: str
    before: str
    after: str
    context: Context
    kept: dict[str, Any]


class Asked:
    """A cursor in an open text. Everything else is found when it is first asked for.

    `base` is the snapshot whose facts are used: they may be those of an earlier text.
    """

    def __init__(self, snapshot: Snapshot, text: OpenText, offset: int) -> None:
        self.snapshot = snapshot
        self.text = text
        self.offset = offset
        self.base = _base(snapshot, text.document)
        self._kept: dict[str, Any] = {}

    @property
    def document(self) -> Document:
        """The text as it is now."""
        return self.text.document

    @property
    def language(self) -> str:
        """The language of the text."""
        return self.text.document.language

    @cached_property
    def context(self) -> Context:
        """What is being written."""
        word = word_at(self.document.text, self.offset, self.language)
        started = self._started(word)
        if started is not None:
            self._kept = started.kept
            typed = self.document.text[word.start : self.offset]
            return replace(started.context, span=word, typed=typed)
        found = context_at(self.text, self.offset)
        if found.span.start == word.start and found.at not in (At.NOTHING, At.TEXT):
            self.base.kept["word"] = _Word(*self._around(word), found, self._kept)
        return found

    def _started(self, word: Span) -> _Word | None:
        """What was found out when the word was begun: while it is typed, what stands around
        it stays."""
        known: _Word | None = self.base.kept.get("word")
        if known is None or self.document.text[word.start : word.end][:1].isdigit():
            return None
        around = known.path, known.before, known.after
        return known if around == self._around(word) else None

    def _around(self, word: Span) -> tuple[str, str, str]:
        source = self.document.text
        return self.document.path, source[: word.start], source[word.end :]

    def once(self, what: str, find: Callable[[], T]) -> T:
        """What does not depend on how much of the word is typed, found at its first key."""
        _ = self.context
        if what not in self._kept:
            self._kept[what] = find()
        return cast("T", self._kept[what])

    @cached_property
    def words(self) -> Words:
        """The words of the text."""
        source = self.document.text
        whole: WholeText | None = self.text.kept.get("words")
        if whole is None or not whole.is_near(source):
            whole = self.text.kept["words"] = WholeText(source, self.language)
        return Words(whole, source, self.context.span.start)

    @cached_property
    def importing(self) -> Importing:
        """How something would be imported into the text."""
        return Importing(self.text)

    @cached_property
    def standing(self) -> Standing | None:
        """Where the cursor is in the facts."""
        path = self.document.path
        unit = self.base.unit(path)
        if unit is None:
            return None
        return standing(unit, self.base.text(path), self.document.text, self.context.span.start)

    def ask(self, question: Callable[[Lister, Standing], T]) -> T | None:
        """Ask the resolver of the file's language, which keeps nothing of what is being typed."""
        at = self.standing
        if at is None:
            return None

        def aloof(resolver: Resolver) -> T:
            with aside(resolver, at.unit):
                return question(cast("Lister", resolver), at)

        return self.base.ask(at.unit, aloof)

    def of_expression(
        self, source: str, question: Callable[[Lister, Unit, int], T], separator: str = ""
    ) -> T | None:
        """Ask about an expression as if it stood at the cursor, with this behind it."""

        def about(lister: Lister, at: Standing) -> T | None:
            index = probe(at, source, separator)
            return None if index is None else question(lister, at.unit, index)

        return self.ask(about)

    # ---- the call around the cursor

    @property
    def call(self) -> OpenCall | None:
        """The call whose argument is being written."""
        return self.once("call", lambda: call_at(self.text, self.context.span.start))

    @cached_property
    def callee(self) -> str:
        """What is called there, as it is written."""
        if self.call is None:
            return ""
        source, end = self.document.text, self.call.callee_end
        return source[receiver_before(source, end) : end]

    @property
    def called(self) -> list[Called]:
        """What that may be."""
        return self.once("called", self._called)

    def _called(self) -> list[Called]:
        if not self.callee:
            return []
        sources = Sources(self.base)

        def behind(_: Lister, unit: Unit, use: int) -> list[Called]:
            return callables(sources, unit, use) if unit.expressions[use][0] <= Op.MEMBER else []

        return self.of_expression(self.callee, behind) or []

    @cached_property
    def slot(self) -> Slot | None:
        """The parameter that the argument at the cursor is for."""
        for called in self.called:
            assert self.call is not None
            at = slot_for(called.slots, self.call.n_before, self.call.keyword)
            if at is not None:
                return called.slots[at]
        return None


def _base(snapshot: Snapshot, document: Document) -> Snapshot:
    """The snapshot whose facts of a text are there, and not too old."""
    base = snapshot.standing(document.path)
    if base is not snapshot:
        start, end, later_end = replaced(base.text(document.path), document.text)
        if max(end, later_end) - start > _MOST_CHANGED:
            return snapshot
    return base
