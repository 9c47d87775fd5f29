"""What speaks for each token that may come next: the places with a like past, counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nootropic_lsp.predict.segment import CONTEXT, END, Neighbours, Places, Segment
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
_HIDDEN = -1
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
    scopes: NDArray[np.int8] = field(init=False)  # by file

    def __post_init__(self) -> None:
        scopes = np.where(self.is_near, NEAR, FAR)
        self.scopes = np.where(self.masked, _HIDDEN, scopes).astype(np.int8)

    def following(self, places: Places, lexicon: Lexicon) -> Numbers:
        """The tokens at some places, as the lexicon numbers them; -1 behind the last one."""
        following = self.segment.following(places)
        found = self.known.take(following)
        if found.min(initial=0) < 0:
            for number in sorted({*following[found < 0].tolist()} - {END}):
                self.known[number] = lexicon.number(self.segment.text(number))
            found = self.known.take(following)
        return found

    def scopes_at(self, places: Places, hidden: range) -> NDArray[np.int8]:
        """Where some places are, or that they do not count."""
        if self.is_document:
            is_hidden = (places >= hidden.start) & (places < hidden.stop)
            return np.where(is_hidden, np.int8(_HIDDEN), np.int8(DOCUMENT))
        return self.scopes.take(self.segment.files_of(places))


class Matches(NamedTuple):
    """Places with a like past, in several sources: one entry each."""

    tokens: Numbers  # what follows, numbered by the lexicon
    lengths: Numbers  # how many tokens of the past agree
    scopes: NDArray[np.int8]
    sources: NDArray[np.intp]
    places: Places

    def where(self, which: NDArray[Any]) -> Matches:
        """Some of them."""
        return Matches(*(each[which] for each in self))

    def before(self, token: int) -> Matches:
        """Those that a token follows."""
        return self.where(np.flatnonzero(self.tokens == token))

    def by_source(self, n_sources: int) -> Iterator[tuple[int, slice]]:
        """Which of the matches are in each source that has some: they lie together."""
        edges = self.sources.searchsorted(np.arange(n_sources + 1)).tolist()
        for at, (start, end) in enumerate(pairwise(edges)):
            if start < end:
                yield at, slice(start, end)


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

    def backwards(self) -> Numbers:
        """The last tokens, the last one first."""
        return np.array(self.numbers[: -FARTHEST - 1 : -1], np.int32)


def search(sources: Sequence[Source], past: Past, hidden: range) -> Matches:
    """Where the past is like this one, or looks like it.

    `hidden` are the places in the document that do not count.
    """
    context = past.texts(CONTEXT)[::-1]
    shapes = shapes_before(past.texts(FARTHEST + SHAPE_CONTEXT))
    found: list[Neighbours] = []
    scopes: list[NDArray[np.int8]] = []
    for source in sources:
        segment = source.segment
        exact = segment.neighbours([segment.number(text) for text in context], _REACH)
        alike = segment.lookalikes(shapes, _SHAPE_REACH)
        found += (exact, alike)
        scopes += (source.scopes_at(each.places, hidden) for each in (exact, alike))
    places = np.concatenate([each.places for each in found])
    lengths = np.concatenate([each.lengths for each in found])
    of = np.repeat(np.arange(len(found)), [len(each.places) for each in found])
    scope = np.concatenate(scopes)
    kept = np.flatnonzero(scope != _HIDDEN)
    scope[of % 2 == 1] += SHAPES
    matches = Matches(np.empty_like(lengths), lengths, scope, of // 2, places)
    return _followed(matches.where(kept), sources, past)


def _followed(matches: Matches, sources: Sequence[Source], past: Past) -> Matches:
    """With what follows; where only the shape is alike, that is the name at that distance."""
    tokens, distances = np.empty((2, len(matches.places)), np.int32)
    for at, those in matches.by_source(len(sources)):
        places = matches.places[those]
        tokens[those] = sources[at].following(places, past.lexicon)
        distances[those] = sources[at].segment.distances(places)
    is_back = np.flatnonzero((matches.scopes >= SHAPES) & (distances > 0) & (tokens >= 0))
    tokens[is_back] = past.backwards().take(distances[is_back] - 1, mode="clip")
    return matches._replace(tokens=tokens)


def advance(going: Matches, sources: Sequence[Source], past: Past, hidden: range) -> Matches:
    """Where the past is still alike, one token further. `past` ends with that token.

    The places that are `going` on so are followed; when few are left, all are searched again.
    """
    if len(going.tokens) < _FEW:
        return search(sources, past, hidden)
    lengths = np.minimum(going.lengths + 1, _LONGEST).astype(np.int32)
    further = going._replace(lengths=lengths, places=going.places + 1)
    found = _followed(further, sources, past)
    return found.where(found.tokens >= 0)


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
        self._before = before
        self._are_members = are_members
        self._below = below
        self._below_members = below_members
        self._kinds = kinds
        self._known: dict[bool, tuple[Numbers, Numbers]] = {}

    def ages(self, tokens: NDArray[Any], *, as_member: bool) -> Numbers:
        """How long ago some tokens were written; -2: only below the cursor, -1: nowhere."""
        ages, _ = self._of(as_member)
        found = np.full(len(tokens), -1, np.int32)
        known = tokens < len(ages)
        found[known] = ages[tokens[known]]
        return found

    def recent(self, *, as_member: bool, prefix: str = "") -> Numbers:
        """The names that were written last; with a prefix, all that begin with it."""
        ages, recent = self._of(as_member)
        if not prefix:
            return recent
        return self._kinds.beginning(np.flatnonzero(ages != -1), prefix)

    def _of(self, as_member: bool) -> tuple[Numbers, Numbers]:
        """The age of each token of the lexicon, and the names that were written last."""
        known = self._known.get(as_member)
        if known is None:
            known = self._known[as_member] = self._found(as_member)
        return known

    def _found(self, as_member: bool) -> tuple[Numbers, Numbers]:
        before = self._before
        ages = np.full(len(self._kinds.lexicon.texts), -1, np.int32)
        ages[self._below[self._below_members == as_member]] = -2
        places = np.flatnonzero(self._are_members == as_member)
        ages[before[places]] = len(before) - places
        last = before[places[-_LATELY:]]
        last = last[self._kinds.of(last) == NAME]
        distinct = list(dict.fromkeys(last[::-1].tolist()))
        return ages, np.array(distinct[:_MOST_RECENT], np.int32)


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
    counted = _counted(matches, recent, kinds, most=most, prefix=prefix)
    ages = surroundings.ages(counted.tokens, as_member=is_member)
    rows = _features(counted, ages, kinds.of(counted.tokens), place, min(step, N_STEPS - 1))
    return Step(counted.tokens.astype(np.int32), (rows + _BASES[:-1, None]).T)


class _Counted(NamedTuple):
    """How often each token follows: `counts` by scope, length of match or more, and token.

    `longest` are the longest matches by scope and token, -1 where it does not follow at all;
    `totals` are the counts of all tokens together.
    """

    tokens: NDArray[np.intp]
    counts: NDArray[np.int64]
    longest: NDArray[np.int64]
    totals: NDArray[np.int64]


def _counted(
    matches: Matches, recent: Numbers, kinds: KindTable, *, most: int, prefix: str
) -> _Counted:
    # Their numbers are small enough to need no sorting.
    occurs = np.zeros(len(kinds.lexicon.texts), np.bool_)
    occurs[matches.tokens] = occurs[recent] = True
    tokens = np.flatnonzero(occurs)
    column = np.empty(len(occurs), np.intp)
    column[tokens] = np.arange(len(tokens))
    columns = column[matches.tokens]
    n_lengths = _LONGEST + 1
    rows = matches.scopes.astype(np.int64) * n_lengths + matches.lengths
    totals = np.bincount(rows, minlength=_SCOPES * n_lengths).reshape(_SCOPES, n_lengths)
    chosen = _chosen(matches, tokens, columns, kinds, most=most, prefix=prefix)
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
    tokens: NDArray[np.intp],
    columns: NDArray[np.int64],
    kinds: KindTable,
    *,
    most: int,
    prefix: str,
) -> NDArray[np.int64]:
    """The tokens for which most speaks at a first glance, among those that fit."""
    found = np.arange(len(tokens))
    if prefix:
        found = tokens.searchsorted(kinds.beginning(tokens, prefix))
    if len(found) <= most:
        return found
    n = len(tokens)
    exact, alike = best = np.full((2, n), -1, np.int32)
    np.maximum.at(best.ravel(), columns + n * (matches.scopes >= SHAPES), matches.lengths)
    follows = matches.lengths > 0
    often = np.bincount(columns[follows], minlength=n)
    own = np.bincount(columns[follows & (matches.scopes == DOCUMENT)], minlength=n)
    rough = exact * 8.0 + alike + np.log1p(often) + (own > 0) * 4
    return np.sort(found[np.argpartition(-rough[found], most)[:most]])


def _features(
    counted: _Counted, ages: Numbers, kind: NDArray[np.int64], place: int, step: int
) -> NDArray[np.int64]:
    """A row of bins for each group of features, a column for each token."""
    counts, longest, totals = counted.counts, counted.longest, counted.totals
    deep = np.maximum(longest, 0)
    scope = np.arange(_SCOPES)[:, None]
    own = counts[scope, deep, np.arange(deep.shape[1])]
    ratio = own / np.maximum(totals[scope, deep], 1)
    best = _LENGTHS[deep]
    match = (best * _N_RATIOS + _RATIOS.searchsorted(ratio)) * _N_COUNTS
    match += _COUNTS.searchsorted(own, "right")
    match[longest < 0] = _N_MATCHES - 1
    pairs = counts[:, 2] / np.maximum(totals[:, 2], 1)[:, None]
    pair = np.where(counts[:, 2] > 0, _RATIOS.searchsorted(pairs), _N_RATIOS)
    aged = np.where(ages >= 0, _AGES.searchsorted(ages, "right"), _N_AGES + ages)
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
    return np.concatenate([match, pair, single])


class KindTable:
    """The kinds of tokens, and the letters they begin with, by their numbers."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self._kinds = np.empty(0, np.int64)
        self._initials = np.empty(0, np.uint32)

    def of(self, tokens: NDArray[Any]) -> NDArray[np.int64]:
        """The kinds of some tokens."""
        self._follow()
        found: NDArray[np.int64] = self._kinds[tokens]
        return found

    def beginning(self, tokens: NDArray[Any], prefix: str) -> Numbers:
        """Those of some tokens that begin with a prefix."""
        self._follow()
        texts = self.lexicon.texts
        likely = tokens[self._initials[tokens] == ord(prefix[0])]
        found = [number for number in likely.tolist() if texts[number].startswith(prefix)]
        return np.array(found, np.int32)

    def _follow(self) -> None:
        """Look at what has come to the lexicon."""
        known, texts = len(self._kinds), self.lexicon.texts
        if known < len(texts):
            new = texts[known:]
            kinds = np.fromiter(map(kind_of, new), np.int64, len(new))
            # In a damaged segment a token may be empty.
            initials = np.fromiter((ord(text[:1] or "\0") for text in new), np.uint32, len(new))
            self._kinds = np.concatenate([self._kinds, kinds])
            self._initials = np.concatenate([self._initials, initials])
