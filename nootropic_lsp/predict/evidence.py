"""What speaks for each token that may come next: the places with a like past, counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nootropic_lsp.predict.segment import CONTEXT, Places, Segment
from nootropic_lsp.predict.shapes import SHAPE_CONTEXT, shapes_before
from nootropic_lsp.predict.streams import Flags, Lexicon, Numbers
from nootropic_lsp.predict.tokens import (
    ACCESS,
    BREAK,
    FARTHEST,
    N_KINDS,
    NAME,
    SPECIAL,
    kind_of,
)

# How far from the best match places are looked at, in each direction.
_REACH = 150
_SHAPE_REACH = 80
_FEW = 20
# Where a match is: in the document, in its folder, elsewhere. Three more for like shapes.
DOCUMENT, NEAR, FAR, SHAPES = range(4)
_SCOPES = 2 * SHAPES
_LONGEST = SHAPE_CONTEXT

# Numbers are put into bins, so that a table of weights can tell them apart.
_LENGTHS = np.array([0, 1, 2, 3, 4, 5, 6, 6, 7, 7, 7, 7, 8, 8, 8, 8, 9], np.int64)
_N_LENGTHS = 10
_RATIOS = np.array([0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.999])
_N_RATIOS = 8
_COUNTS = np.array([2, 4, 10])
_N_COUNTS = 4
_N_MATCHES = _N_LENGTHS * _N_RATIOS * _N_COUNTS + 1  # and one for "does not follow there at all"
_N_PAIRS = _N_RATIOS + 1
_AGES = np.array([4, 10, 25, 80, 250, 1000])
_N_AGES = 7 + 2  # and one each for "only below the cursor" and "not in the document"
AFTER_ACCESS, LINE_START, AFTER_NAME, ELSEWHERE = range(4)
_N_PLACES = 4
N_STEPS = 3
_SIZES = (
    *[_N_MATCHES] * _SCOPES,
    *[_N_PAIRS] * _SCOPES,
    _N_AGES * N_KINDS * _N_PLACES,
    _N_LENGTHS * _N_LENGTHS * N_KINDS,
    _N_LENGTHS * _N_LENGTHS * N_KINDS,
    _N_LENGTHS * _N_LENGTHS * N_STEPS,
    _N_LENGTHS * _N_LENGTHS * _N_PLACES,
)
_BASES = np.cumsum([0, *_SIZES])
N_FEATURES = int(_BASES[-1])


@dataclass(slots=True)
class Source:
    """A segment that is asked, and its numbers in those of the lexicon."""

    segment: Segment
    is_document: bool
    is_near: NDArray[np.bool_]  # by file: whether it lies in the folder of the document
    known: Numbers  # by number of the segment
    masked: NDArray[np.bool_]  # by file: what does not count

    def numbers(self, following: Numbers, lexicon: Lexicon) -> Numbers:
        """Tokens of the segment as the lexicon numbers them."""
        found: Numbers = self.known[following]
        if (found < 0).any():
            for number in np.unique(following[found < 0]).tolist():
                self.known[number] = lexicon.number(self.segment.text(number))
            found = self.known[following]
        return found


class Matches(NamedTuple):
    """Places with a like past, in several sources: one entry each."""

    tokens: Numbers  # what follows, numbered by the lexicon
    lengths: Numbers  # how many tokens of the past agree
    scopes: NDArray[np.int8]
    sources: NDArray[np.int8]
    places: Places

    def where(self, which: NDArray[Any]) -> Matches:
        """Some of them."""
        return Matches(*(each[which] for each in self))


class Past:
    """The tokens before a place, in the order of the text, by number; it grows."""

    def __init__(self, lexicon: Lexicon, numbers: Sequence[int]) -> None:
        self.lexicon = lexicon
        self.numbers = list(numbers)

    @property
    def last(self) -> str:
        """The last token."""
        return self.lexicon.texts[self.numbers[-1]]

    def texts(self, count: int) -> list[str]:
        """The last tokens, in the order of the text."""
        return [self.lexicon.texts[number] for number in self.numbers[-count:]]

    def back(self, distances: Numbers) -> Numbers:
        """The tokens so far back."""
        last = np.array(self.numbers[: -FARTHEST - 1 : -1], np.int32)
        found: Numbers = last[np.minimum(distances, len(last)) - 1]
        return found


def search(sources: Sequence[Source], past: Past, hidden: range) -> Matches:
    """Where the past is like this one, or looks like it.

    `hidden` are the places in the document that do not count.
    """
    context = past.texts(CONTEXT)[::-1]
    shapes = shapes_before(past.texts(FARTHEST + SHAPE_CONTEXT))
    parts: list[Matches] = []
    for at, source in enumerate(sources):
        segment = source.segment
        exact = segment.neighbours([segment.number(text) for text in context], _REACH)
        alike = segment.lookalikes(shapes, _SHAPE_REACH)
        places = np.concatenate([exact.places, alike.places])
        lengths = np.concatenate([exact.lengths, alike.lengths])
        scopes = np.zeros(len(places), np.int8)
        scopes[len(exact.places) :] = SHAPES
        if source.is_document:
            kept = (places < hidden.start) | (places >= hidden.stop)
        else:
            files = segment.files_of(places)
            kept = ~source.masked[files]
            scopes += np.where(source.is_near[files], np.int8(NEAR), np.int8(FAR))
        if not kept.all():
            places, lengths, scopes = places[kept], lengths[kept], scopes[kept]
        from_source = np.full(len(places), at, np.int8)
        tokens = _tokens(source, places, scopes, past)
        parts.append(Matches(tokens, lengths, scopes, from_source, places))
    return _joined(parts)


def _tokens(source: Source, places: Places, scopes: NDArray[np.int8], past: Past) -> Numbers:
    """What follows at some places; where only the shape is alike, the name at that distance."""
    tokens = np.full(len(places), -1, np.int32)
    inside = places < source.segment.n_tokens
    tokens[inside] = source.numbers(source.segment.following(places[inside]), past.lexicon)
    alike = np.flatnonzero((scopes >= SHAPES) & inside)
    distances = source.segment.distances(places[alike])
    is_back = distances > 0
    tokens[alike[is_back]] = past.back(distances[is_back])
    return tokens


def _joined(parts: Sequence[Matches]) -> Matches:
    if not parts:
        return Matches(
            np.empty(0, np.int32),
            np.empty(0, np.int32),
            np.empty(0, np.int8),
            np.empty(0, np.int8),
            np.empty(0, np.int64),
        )
    return Matches(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def advance(
    matches: Matches, token: int, sources: Sequence[Source], past: Past, hidden: range
) -> Matches:
    """Where the past is still alike, one token further. `past` ends with that token.

    Those places go on to be followed; when few are left, all are searched again.
    """
    going = matches.where(matches.tokens == token)
    if len(going.tokens) < _FEW:
        return search(sources, past, hidden)
    places = going.places + 1
    tokens = np.full(len(places), -1, np.int32)
    for at, source in enumerate(sources):
        of_source = np.flatnonzero(going.sources == at)
        if len(of_source):
            tokens[of_source] = _tokens(source, places[of_source], going.scopes[of_source], past)
    lengths = np.minimum(going.lengths + 1, _LONGEST).astype(np.int32)
    return Matches(tokens, lengths, going.scopes, going.sources, places).where(tokens >= 0)


class Surroundings:
    """What the document says of names: how many tokens ago each was last written.

    Members are told apart from names that stand alone: `before` and `below` the place there are
    tokens, and which of them are members.
    """

    def __init__(
        self,
        before: Numbers,
        are_members: Flags,
        below: Numbers,
        below_members: Flags,
        kinds: KindTable,
    ) -> None:
        self._lexicon = kinds.lexicon
        self._ages = []
        self._recent = []
        for here, later in ((~are_members, ~below_members), (are_members, below_members)):
            ages = np.full(len(self._lexicon.texts), -1, np.int64)
            ages[below[later]] = -2
            places = np.flatnonzero(here)
            ages[before[places]] = len(before) - places
            self._ages.append(ages)
            last = before[places[-_LATELY:]]
            last = last[kinds.of(last) == NAME]
            distinct, first = np.unique(last[::-1], return_index=True)
            self._recent.append(distinct[np.argsort(first)][:_MOST_RECENT])

    def ages(self, tokens: Numbers, *, as_member: bool) -> NDArray[np.int64]:
        """How long ago some tokens were written; -2: only below the cursor, -1: nowhere."""
        ages = self._ages[as_member]
        found = np.full(len(tokens), -1, np.int64)
        known = tokens < len(ages)
        found[known] = ages[tokens[known]]
        return found

    def recent(self, *, as_member: bool, prefix: str = "") -> Numbers:
        """The names that were written last; with a prefix, all that begin with it."""
        if not prefix:
            return self._recent[as_member]
        texts = self._lexicon.texts
        found = [
            number
            for number in np.flatnonzero(self._ages[as_member] != -1).tolist()
            if texts[number].startswith(prefix)
        ]
        return np.array(found, np.int32)


# How many of the last tokens are looked through for names, and how many names are weighed.
_LATELY = 400
_MOST_RECENT = 12


def members(stream: Numbers, lexicon: Lexicon) -> Flags:
    """Which tokens of a stream are members."""
    numbers = [lexicon.number(text) for text in sorted(ACCESS)]
    access = np.zeros(len(lexicon.texts), np.bool_)
    access[numbers] = True
    found = np.zeros(len(stream), np.bool_)
    found[1:] = access[stream[:-1]]
    return found


def place_of(before: str) -> int:
    """Which kind of place follows a token."""
    if before in ACCESS:
        return AFTER_ACCESS
    if before[:1] == BREAK or before in SPECIAL:
        return LINE_START
    return AFTER_NAME if kind_of(before) == NAME else ELSEWHERE


class Step(NamedTuple):
    """The tokens that may come next, with a row of features for each."""

    tokens: Numbers
    features: NDArray[np.int64]


def weigh(
    matches: Matches,
    surroundings: Surroundings,
    before: str,
    step: int,
    kinds: KindTable,
    *,
    most: int = 24,
    prefix: str = "",
) -> Step:
    """The evidence for what may come next; `before` is the token before it.

    At most so many tokens are weighed, all of which begin with `prefix`.
    """
    place = place_of(before)
    is_member = place == AFTER_ACCESS
    recent = surroundings.recent(as_member=is_member, prefix=prefix)
    counted = _counted(matches, recent, kinds.lexicon, most=most, prefix=prefix)
    ages = surroundings.ages(counted.tokens, as_member=is_member)
    rows = _features(counted, ages, kinds.of(counted.tokens), place, min(step, N_STEPS - 1))
    return Step(counted.tokens.astype(np.int32), (rows + _BASES[:-1, None]).T)


class _Counted(NamedTuple):
    """How often each token follows: `counts` by scope, length of match or more, and token.

    `longest` are the longest matches by scope and token, -1 where it does not follow at all;
    `totals` are the counts of all tokens together.
    """

    tokens: Numbers
    counts: NDArray[np.int64]
    longest: NDArray[np.int64]
    totals: NDArray[np.int64]


def _counted(
    matches: Matches, recent: Numbers, lexicon: Lexicon, *, most: int, prefix: str
) -> _Counted:
    tokens, columns = np.unique(np.concatenate([matches.tokens, recent]), return_inverse=True)
    columns = columns[: len(matches.tokens)]
    n_lengths = _LONGEST + 1
    rows = matches.scopes.astype(np.int64) * n_lengths + matches.lengths
    totals = np.bincount(rows, minlength=_SCOPES * n_lengths).reshape(_SCOPES, n_lengths)
    chosen = _chosen(matches, tokens, columns, lexicon, most=most, prefix=prefix)
    place = np.full(len(tokens), -1, np.int64)
    place[chosen] = np.arange(len(chosen))
    columns = place[columns]
    kept = columns >= 0
    n = len(chosen)
    counts = np.bincount(rows[kept] * n + columns[kept], minlength=_SCOPES * n_lengths * n)
    counts = _or_more(counts.reshape(_SCOPES, n_lengths, n))
    return _Counted(tokens[chosen], counts, (counts > 0).sum(axis=1) - 1, _or_more(totals))


def _or_more(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """From counts by length to counts of that length or more."""
    return counts[:, ::-1].cumsum(axis=1)[:, ::-1]


def _chosen(
    matches: Matches,
    tokens: Numbers,
    columns: NDArray[np.int64],
    lexicon: Lexicon,
    *,
    most: int,
    prefix: str,
) -> NDArray[np.int64]:
    """The tokens for which most speaks at a first glance, among those that fit."""
    found = np.arange(len(tokens))
    if prefix:
        texts = lexicon.texts
        found = found[[texts[number].startswith(prefix) for number in tokens.tolist()]]
    if len(found) <= most:
        return found
    is_exact = matches.scopes < SHAPES
    exact, alike = (np.full(len(tokens), -1, np.int64) for _ in range(2))
    np.maximum.at(exact, columns[is_exact], matches.lengths[is_exact])
    np.maximum.at(alike, columns[~is_exact], matches.lengths[~is_exact])
    often = np.bincount(columns[matches.lengths > 0], minlength=len(tokens))
    own = np.bincount(
        columns[(matches.scopes == DOCUMENT) & (matches.lengths > 0)], minlength=len(tokens)
    )
    rough = exact * 8.0 + alike + np.log1p(often) + (own > 0) * 4
    return np.sort(found[np.argpartition(-rough[found], most)[:most]])


def _features(
    counted: _Counted, ages: NDArray[np.int64], kind: NDArray[np.int64], place: int, step: int
) -> NDArray[np.int64]:
    """A row of bins for each group of features, a column for each token."""
    counts, longest, totals = counted.counts, counted.longest, counted.totals
    deep = np.maximum(longest, 0)
    own = np.take_along_axis(counts, deep[:, None], axis=1)[:, 0]
    ratio = own / np.maximum(np.take_along_axis(totals, deep, axis=1), 1)
    match = (_LENGTHS[deep] * _N_RATIOS + np.searchsorted(_RATIOS, ratio)) * _N_COUNTS
    match += np.searchsorted(_COUNTS, own, "right")
    match = np.where(longest < 0, _N_MATCHES - 1, match)
    pairs = counts[:, 2] / np.maximum(totals[:, 2], 1)[:, None]
    pair = np.where(counts[:, 2] > 0, np.searchsorted(_RATIOS, pairs), _N_RATIOS)
    aged = np.where(ages >= 0, np.searchsorted(_AGES, ages, "right"), _N_AGES + ages)
    best = _LENGTHS[deep]
    elsewhere = np.maximum(best[NEAR], best[FAR])
    exact, alike = best[:SHAPES].max(axis=0), best[SHAPES:].max(axis=0)
    # What is best of all is compared with what is best for this token.
    most_exact, most_alike = int(exact.max(initial=0)), int(alike.max(initial=0))
    single = [
        (aged * N_KINDS + kind) * _N_PLACES + place,
        (best[DOCUMENT] * _N_LENGTHS + elsewhere) * N_KINDS + kind,
        (exact * _N_LENGTHS + alike) * N_KINDS + kind,
        (most_exact * _N_LENGTHS + exact) * N_STEPS + step,
        (most_alike * _N_LENGTHS + alike) * _N_PLACES + place,
    ]
    return np.concatenate([match, pair, np.stack(single)])


class KindTable:
    """The kinds of tokens, by their numbers."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self._kinds = np.empty(0, np.int64)

    def of(self, tokens: NDArray[Any]) -> NDArray[np.int64]:
        """The kinds of some tokens."""
        known, texts = len(self._kinds), self.lexicon.texts
        if known < len(texts):
            new = np.fromiter(map(kind_of, texts[known:]), np.int64, len(texts) - known)
            self._kinds = np.concatenate([self._kinds, new])
        found: NDArray[np.int64] = self._kinds[tokens]
        return found
