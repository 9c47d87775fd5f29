"""What the token model says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from nootropic_lsp.core.documents import Document


class Guess(NamedTuple):
    """A token that may come next. `probability` is that of this very token, 0 to 1."""

    text: str
    probability: float


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Text that probably follows the cursor.

    `probability` is that of the whole of it being what will be written. `ends` are the
    offsets in `text` at which each of its tokens ends, where a part of it can be accepted.
    """

    text: str
    probability: float
    ends: tuple[int, ...]


class Silence(NamedTuple):
    """Why there is no suggestion: `reason` is a word for statistics, `sentence` for people."""

    reason: str
    sentence: str


class Predictor(Protocol):
    """What features ask of the token model. It never waits, and any text is good enough for it."""

    def guesses(self, document: Document, offset: int, limit: int = 100) -> Sequence[Guess]:
        """The tokens that may stand at an offset, the likeliest first.

        `offset` is where the token begins, so that what has been typed of it does not count.
        """

    def suggest(
        self, document: Document, offset: int, *, threshold: float, typed: str | None = None
    ) -> Suggestion | Silence:
        """What to show behind the cursor.

        `typed` is what stands for the text before the cursor from the start of the present
        word on, where a menu's selected entry takes its place.
        """
