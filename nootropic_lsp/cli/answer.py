"""This file is where we say what a verb answers with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

FOUND = 0
NOTHING_FOUND = 1


@dataclass(frozen=True)
class Answer:
    """What a verb found: `text` for people, `data` for `--json` and `--yaml`.

    `data` holds plain values only. `note` goes beside the text, on standard error.
    `incomplete` is why something may be missing, or None.
    """

    text: str
    data: Mapping[str, Any]
    code: int = FOUND
    note: str = ""
    incomplete: str | None = None


@dataclass(frozen=True)
class Arriving:
    """An answer that takes its time: `pieces` are its text as it arrives.

    After the last one, `rest` is the answer with what belongs below the pieces.
    """

    pieces: Iterator[str]
    rest: Callable[[], Answer]
