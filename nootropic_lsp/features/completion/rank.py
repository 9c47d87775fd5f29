"""Putting what may be written into the order of how likely it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from math import log

from nootropic_lsp.features.completion.asked import Asked
from nootropic_lsp.features.completion.context import SELVES, At
from nootropic_lsp.features.completion.found import Found, Source
from nootropic_lsp.features.completion.matching import fitter
from nootropic_lsp.features.completion.modules import imported_from
from nootropic_lsp.features.completion.places import PLACES, place_of
from nootropic_lsp.features.completion.weights import WEIGHTS
from nootropic_lsp.features.completion.words import NOWHERE, Near
from nootropic_lsp.features.lineage import ancestors
from nootropic_lsp.index.facts import Definition, Kind
from nootropic_lsp.index.units import Site

# A guess that is less likely counts like none.
_LEAST = 1e-6
_MOST_DEPTH = 8
_KINDS = {
    Kind.CLASS: "type", Kind.INTERFACE: "type", Kind.ENUM: "type", Kind.STRUCT: "type",
    Kind.TYPE: "type", Kind.TYPE_PARAMETER: "type", Kind.FUNCTION: "function",
    Kind.METHOD: "function", Kind.CONSTRUCTOR: "function", Kind.MACRO: "function",
    Kind.PARAMETER: "parameter", Kind.IMPORT: "import", Kind.MODULE: "import",
    Kind.NAMESPACE: "import",
}  # fmt: skip
_EXCEPTION = re.compile(r"(?:Error|Exception|Warning|Interrupt|Exit|Iteration)\Z")
_GROUPS = frozenset({At.MEMBER, At.NAME, At.MODULE, At.IMPORTED})
_NEXT = ("(", ".", "=", "[", ",", ")", ":")
_TARGET = re.compile(r"([^\W\d][\w$]*)\s*(?:[=!]=?=|[:=])\s*(?:[\w$]+\.)*\Z")


def ranked(
    asked: Asked, found: Iterable[Found], guesses: Mapping[str, float]
) -> list[tuple[float, Found]]:
    """Names with their scores, the likeliest first."""
    found = list(found)
    is_known = any(each.source == Source.SCOPE for each in found)
    features = Features(asked, guesses, is_known=is_known)
    weights = WEIGHTS[features.group]
    # While a word is typed, only how well it fits changes.
    lasting = asked.once(f"scores of {features.group}", dict[tuple[str, str], float])
    scored = []
    for each in found:
        key = each.name, each.source
        score = lasting.get(key)
        if score is None:
            score = lasting[key] = _weighed(features.lasting(each), weights)
        scored.append((score + _weighed(features.passing(each), weights), each))
    scored.sort(key=lambda each: -each[0])
    return scored


def _weighed(features: Iterable[tuple[str, float]], weights: Mapping[str, float]) -> float:
    score = 0.0
    for name, value in features:
        score += weights.get(name, 0.0) * value
    return score


class Features:
    """What speaks for and against a name at one place, as numbers.

    `guesses` are the tokens that the token model expects, with their probabilities. `is_known`
    says that the resolver knows names there.
    """

    def __init__(self, asked: Asked, guesses: Mapping[str, float], *, is_known: bool) -> None:
        context = asked.context
        self._asked = asked
        self._guesses = guesses
        self._typed = context.typed
        self._fit = fitter(context.typed)
        self._owner = context.owner
        self._path = asked.document.path
        self._folder = self._path.rpartition("/")[0]
        self.group = context.at.value if context.at in _GROUPS else "other"
        if context.at is At.MEMBER and not is_known:
            self.group = "unknown"
        self._place = place_of(asked)
        source = asked.document.text
        following = source[context.span.end : context.span.end + 20].lstrip(" \t")[:1]
        self._next = following if following in _NEXT else "" if following in "\r\n" else "other"
        line = source.rfind("\n", 0, context.span.start) + 1
        target = _TARGET.search(source[line : context.span.start])
        self._target = target[1] if target is not None else ""
        self._imported = imported_from(asked) if context.at is At.MODULE else frozenset()
        self._localities: dict[str, str] = {}

    @cached_property
    def _slot(self) -> str:
        """The parameter that the word is the whole argument for."""
        if self._place != "argument":
            return ""
        slot = self._asked.slot
        return "" if slot is None else slot.name

    def of(self, found: Found) -> list[tuple[str, float]]:
        """The features of a name; those that are not there are 0."""
        return [*self.lasting(found), *self.passing(found)]

    def passing(self, found: Found) -> list[tuple[str, float]]:
        """Those that are others with each key of a word."""
        if not self._typed:
            return []
        return [(_FITS[self._fit(found.name)], 1.0), ("rest", len(self._typed) / len(found.name))]

    def lasting(self, found: Found) -> list[tuple[str, float]]:
        """Those that stay while a word is typed."""
        name, source, site, depth, _ = found
        definition = self._meant(site)
        kind = _kind(source, definition)
        features = [
            (f"from {source}", 1.0),
            (_KIND_AT[self._place, kind], 1.0),
            (_KIND_BEFORE[self._next, kind], 1.0),
            (_SHAPE_AT[self._place, _shape(name, self._owner)], 1.0),
        ]
        add = features.append
        probability = self._guesses.get(name)
        if probability is not None:
            add(("guessed", 1.0))
            add(("guess", log(max(probability, _LEAST) / _LEAST)))
        if source not in _NOT_RANKED_BY_USE:
            self._add_uses(features, name)
        if site is not None:
            path = site.unit.path
            locality = self._localities.get(path)
            if locality is None:
                locality = self._localities[path] = self._locality(path)
            add((locality, 1.0))
            add(("depth", float(min(depth, _MOST_DEPTH))))
            if depth == 0:
                add(("innermost", 1.0))
        if self._place == "raise" and self._is_exception(name, site):
            add(("exception", 1.0))
        if name in self._imported:
            add(("imported", 1.0))
        if name == self._target:
            add(("target", 1.0))
        if name == self._slot:
            add(("slot", 1.0))
        return features

    def _meant(self, site: Site | None) -> Definition | None:
        """What a name stands for: imports are followed."""
        if site is None or site.definition.kind != Kind.IMPORT:
            return None if site is None else site.definition
        return self._followed(site).definition

    def _followed(self, site: Site) -> Site:
        found = self._asked.base.ask(site.unit, lambda resolver: resolver.followed(site))
        return found[0] if found else site

    def _is_exception(self, name: str, site: Site | None) -> bool:
        """Whether a name is that of a class that can be raised, as far as that is known."""
        if site is None:
            return _EXCEPTION.search(name) is not None
        base, cls = self._asked.base, self._followed(site)
        if cls.definition.kind != Kind.CLASS:
            return False
        if _EXCEPTION.search(name) is not None:
            return True
        return any(each.definition.name == "BaseException" for each in (cls, *ancestors(base, cls)))

    def _add_uses(self, features: list[tuple[str, float]], name: str) -> None:
        words = self._asked.words
        name = name.lstrip("$@")
        if self.group in ("member", "unknown"):
            near = words.near_after(self._owner, name)
            if near is not NOWHERE:
                features += _uses("owned", near)
            near = words.near_member(name)
            if near is not NOWHERE:
                features += _uses("used", near)
            elif words.near_bare(name) is not NOWHERE:
                features.append(("bare", 1.0))
        else:
            near = words.near_bare(name)
            features += _uses("used", near)
            if near is NOWHERE and words.near_member(name) is not NOWHERE:
                features.append(("member", 1.0))

    def _locality(self, path: str) -> str:
        if path == self._path:
            return "here"
        if path.rpartition("/")[0] == self._folder:
            return "beside"
        inside = any(path.startswith(folder) for folder in self._asked.base.folders)
        return "workspace" if inside and "site-packages" not in path else "library"


def _kind(source: str, definition: Definition | None) -> str:
    if definition is None:
        return "keyword" if source == Source.KEYWORD else "unknown"
    return _KINDS.get(definition.kind, "value")


def _shape(name: str, owner: str) -> str:
    if name.startswith("_"):
        if name.startswith("__") and name.endswith("__"):
            return "dunder"
        return "own" if owner in SELVES else "private"
    if name.isupper():
        return "upper"
    return "capital" if name[0].isupper() else "lower"


def _uses(what: str, near: Near) -> list[tuple[str, float]]:
    before, after, number = near
    names = _DISTANCES[what]
    features = [(names[0], log(1 + number))]
    if before >= 0:
        features.append((names[1 + min(before.bit_length() // 2, 7)], 1.0))
    if after >= 0:
        features.append((names[9 + min(after.bit_length() // 2, 7)], 1.0))
    return features


_NOT_RANKED_BY_USE = frozenset(
    {
        Source.ARGUMENT, Source.MODULE, Source.TEXT, Source.OVERRIDE, Source.KEY, Source.EXPECTED,
    }
)  # fmt: skip
_ALL_KINDS = (*dict.fromkeys(_KINDS.values()), "keyword", "unknown", "value")
_SHAPES = ("dunder", "own", "private", "upper", "capital", "lower")
_KIND_AT = {(place, kind): f"{kind} at {place}" for place in PLACES for kind in _ALL_KINDS}
_SHAPE_AT = {(place, shape): f"{shape} at {place}" for place in PLACES for shape in _SHAPES}
_KIND_BEFORE = {
    (following, kind): f"{kind} before {following}"
    for following in (*_NEXT, "", "other")
    for kind in _ALL_KINDS
}
_FITS = tuple(f"fit {number}" for number in range(6))
# The number of uses, and how far the nearest before and after are, in powers of four.
_DISTANCES = {
    what: (
        f"{what} times",
        *(f"{what} before {power}" for power in range(8)),
        *(f"{what} after {power}" for power in range(8)),
    )
    for what in ("owned", "used")
}
