"""How good menus and ghost text are on somebody's own code: hide what is written, and ask for it."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from statistics import mean, quantiles

from nootropic_lsp.core.documents import Document
from nootropic_lsp.core.suggestions import Suggestion
from nootropic_lsp.features import completion
from nootropic_lsp.features.ghost import ghost
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.discover import language_of
from nootropic_lsp.index.facts import Kind
from nootropic_lsp.index.languages.registry import LANGUAGES
from nootropic_lsp.predict.places import Written, written

# Documents and data are not what anybody wants to have completed.
_NO_CODE = frozenset({"json", "html", "css"})
_LONGEST = 300_000
_PER_FILE = 10
TYPED = (0, 1, 3)
_SHORTEST_NAME = 3
_LINES_TYPED = 40

# Shows a version of a text to the house, and gives the picture with it.
Show = Callable[[Document], Snapshot]


@dataclass
class Score:
    """What came of asking, in one language.

    `ranks` has, for so many characters typed, the rank of the right name from 1, 0 for none.
    Times are in milliseconds. `keys` are the keys of a typist who takes only what is wholly
    right, for `characters` characters.
    """

    places: int = 0
    shown: int = 0
    right: int = 0
    said: list[float] = field(default_factory=list)
    ranks: dict[int, list[int]] = field(default_factory=lambda: {each: [] for each in TYPED})
    ghost_ms: list[float] = field(default_factory=list)
    menu_ms: list[float] = field(default_factory=list)
    characters: int = 0
    keys: int = 0

    def top(self, typed: int, most: int) -> float:
        """The share of names that are among the first so many."""
        ranks = self.ranks[typed]
        return mean(0 < rank <= most for rank in ranks) if ranks else 0.0

    def mrr(self, typed: int) -> float:
        """The mean of one by the rank."""
        ranks = self.ranks[typed]
        return mean(1 / rank if rank else 0.0 for rank in ranks) if ranks else 0.0


def spread(times: Sequence[float]) -> tuple[float, float, float]:
    """The median, the 95th and the 99th percentile."""
    if len(times) < 2:
        return (times[0],) * 3 if times else (0.0, 0.0, 0.0)
    cuts = quantiles(times, n=100, method="inclusive")
    return cuts[49], cuts[94], cuts[98]


def evaluate(
    snapshot: Snapshot,
    show: Show,
    *,
    places: int,
    seed: int,
    threshold: float,
    progress: Callable[[int, int], object] = lambda _done, _total: None,
) -> dict[str, Score]:
    """Scores by language, from places chosen at random, evenly over the tokens of the workspace."""
    chosen = random.Random(seed)
    found: dict[str, Score] = {}
    files = _files(snapshot)
    if not files:
        return found
    n_files = max(places // _PER_FILE, 1)
    sample = sorted(chosen.choices(files, [size for _, size in files], k=n_files))
    n_lines = _LINES_TYPED
    for at, (path, _) in enumerate(sample):
        progress(at, n_files)
        document = _document(snapshot, path)
        tokens = [] if document is None else written(document.text, document.language)
        if document is None or not tokens:
            continue
        score = found.setdefault(document.language, Score())
        asking = _Asking(document, show, threshold, score)
        for token in chosen.choices(tokens, k=_PER_FILE):
            asking.ghost(token.offset)
        names = _names(snapshot, document, tokens)
        for name in chosen.sample(names, min(len(names), 2)):
            asking.menu(name)
        for token in chosen.sample(tokens, min(len(tokens), -(-n_lines // n_files))):
            asking.type_line(token.offset)
        show(document)
    return found


def _files(snapshot: Snapshot) -> list[tuple[str, int]]:
    found = []
    for index in snapshot.indexes:
        for path in index.catalogue.files:
            absolute = index.absolute(path)
            language = language_of(absolute, b"")
            if language in LANGUAGES and language not in _NO_CODE:
                with suppress(OSError):
                    size = len(snapshot.text(absolute))
                    if size < _LONGEST:
                        found.append((absolute, size))
    return found


def _document(snapshot: Snapshot, path: str) -> Document | None:
    try:
        text = snapshot.text(path)
    except OSError:
        return None
    language = language_of(path, text[:1000].encode("utf-8", "replace"))
    return None if language is None else Document(path, language, 0, text)


def _names(snapshot: Snapshot, document: Document, tokens: Sequence[Written]) -> list[Written]:
    """The names that a menu should have: not those that are new where they stand."""
    unit = snapshot.unit(document.path)
    new: set[int] = set()
    if unit is not None:
        new = {
            start
            for start, index in unit.defined_at.items()
            if unit.definitions[index].kind != Kind.IMPORT
        }
    return [
        each
        for each in tokens
        if each.is_name and len(each.text) >= _SHORTEST_NAME and each.offset not in new
    ]


class _Asking:
    """One file, parts of which are hidden in turn."""

    def __init__(self, document: Document, show: Show, threshold: float, score: Score) -> None:
        self._document = document
        self._show = show
        self._threshold = threshold
        self._score = score
        self._version = 0
        # The whole text first, as an editor opens it.
        predictor = show(document).predictor
        if predictor is not None:
            predictor.guesses(document, 0)

    def _changed(self, text: str) -> Document:
        self._version += 1
        return Document(self._document.path, self._document.language, self._version, text)

    def ghost(self, offset: int) -> None:
        """Hide the rest of the line."""
        score = self._score
        start = time.perf_counter()
        found = self._suggested(offset)
        score.ghost_ms.append((time.perf_counter() - start) * 1000)
        score.places += 1
        if found is not None:
            score.shown += 1
            score.said.append(found.probability)
            score.right += self._document.text.startswith(found.text, offset)

    def _suggested(self, offset: int) -> Suggestion | None:
        text = self._document.text
        end = text.find("\n", offset)
        rest = "" if end < 0 else text[end:]
        snapshot = self._show(self._changed(text[:offset] + rest))
        found = ghost(snapshot, self._document.path, offset, threshold=self._threshold)
        return found if isinstance(found, Suggestion) else None

    def menu(self, name: Written) -> None:
        """Hide a name behind its first characters."""
        text = self._document.text
        for typed in TYPED:
            start = time.perf_counter()
            kept = text[: name.offset + typed] + text[name.offset + len(name.text) :]
            snapshot = self._show(self._changed(kept))
            menu = completion.complete(snapshot, self._document.path, name.offset + typed)
            self._score.menu_ms.append((time.perf_counter() - start) * 1000)
            labels = [item.label for item in menu.items]
            rank = labels.index(name.text) + 1 if name.text in labels else 0
            self._score.ranks[typed].append(rank)

    def type_line(self, offset: int) -> None:
        """Type a line from its first token on, and take what is wholly right."""
        text = self._document.text
        position = text.rfind("\n", 0, offset) + 1
        end = text.find("\n", offset)
        end = len(text) if end < 0 else end
        position += len(text[position:end]) - len(text[position:end].lstrip())
        while position < end:
            found = self._suggested(position)
            taken = 0
            if found is not None and text.startswith(found.text, position):
                taken = len(found.text)
            self._score.keys += 1
            self._score.characters += taken or 1
            position += taken or 1
