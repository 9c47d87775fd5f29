"""What is told of an answer while it comes about. Each event says by its `event` what it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from nootropic_lsp.features.assist.citations import Citation
from nootropic_lsp.features.assist.means import Provenance
from nootropic_lsp.features.assist.passages import Source


@dataclass(frozen=True, slots=True)
class Given:
    """What the model is given, the best first; `by_words` says why words alone were searched by."""

    sources: tuple[Source, ...]
    by_words: str = ""
    event: Literal["given"] = "given"


@dataclass(frozen=True, slots=True)
class Said:
    """More of the answer."""

    text: str
    event: Literal["said"] = "said"


@dataclass(frozen=True, slots=True)
class Thought:
    """More of what the model says to itself."""

    text: str
    event: Literal["thought"] = "thought"


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole answer, the last event.

    `is_found` says whether the workspace has anything on the question; if not, no model was
    asked and there is no provenance. `notes` are sentences on how far to believe it.
    """

    text: str
    is_found: bool = True
    citations: tuple[Citation, ...] = ()
    sources: tuple[Source, ...] = ()
    notes: tuple[str, ...] = ()
    thinking: str = ""
    provenance: Provenance | None = None
    event: Literal["answer"] = "answer"


Event = Given | Said | Thought | Answer
