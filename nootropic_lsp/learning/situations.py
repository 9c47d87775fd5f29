"""Kinds of situations in which something is suggested: what was right in one says little of another."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple

PLACES = {
    "line": "at the start of a line",
    "member": "after a dot",
    "argument": "in an argument",
    "value": "after an assignment",
    "word": "in a word",
    "code": "in the middle of a statement",
}
"""Every place, in words."""
_MEMBER = re.compile(r"(?:\.|->|::)\s*\w*\Z")
_WORD = re.compile(r"\w\Z")
_ARGUMENT = re.compile(r"[(\[{,]\s*\Z")
_VALUE = re.compile(r"(?<![=!<>])(?:=|:=|\breturn\b)\s*\Z")
_BUCKETS = (0.6, 0.7, 0.8, 0.9)


class Outcome(StrEnum):
    """What can become of a suggestion."""

    OFFERED = "offered"
    SHOWN = "shown"
    ACCEPTED = "accepted"
    PARTLY = "partly"
    TYPED = "typed"  # the user wrote by hand what was shown
    REJECTED = "rejected"  # the user wrote something else


class Situation(NamedTuple):
    """What a suggestion was like: where it stood, how much it was, how sure we were of it.

    `place` is one of `PLACES`, `size` "token", "line" or "lines", `sureness` the probability
    rounded down to one of few steps, in percent.
    """

    language: str
    place: str
    size: str
    sureness: int


def place_of(before: str) -> str:
    """The kind of place, by what stands before the cursor on its line."""
    if not before.strip():
        return "line"
    if _MEMBER.search(before):
        return "member"
    if _WORD.search(before):
        return "word"
    if _ARGUMENT.search(before):
        return "argument"
    return "value" if _VALUE.search(before) else "code"


def situation_of(
    language: str, before: str, text: str, n_tokens: int, probability: float
) -> Situation:
    """The situation of a suggestion that stands behind `before`."""
    size = "lines" if "\n" in text.strip() else "token" if n_tokens <= 1 else "line"
    sureness = max((step for step in _BUCKETS if probability >= step), default=0.0)
    return Situation(language, place_of(before), size, round(sureness * 100))
