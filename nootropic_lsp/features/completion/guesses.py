"""What the token model expects at a place, asked once per word."""

from __future__ import annotations

from collections.abc import Mapping

from nootropic_lsp.features.completion.asked import Asked
from nootropic_lsp.features.completion.context import At

_MOST = 300
# What stands so far before a word says little about it.
_CONTEXT = 300
_NONE = frozenset({At.NOTHING, At.TEXT})


def guesses_at(asked: Asked) -> Mapping[str, float]:
    """The tokens that the word may be, with their probabilities."""
    predictor = asked.snapshot.predictor
    if predictor is None or asked.context.at in _NONE:
        return {}
    start = asked.context.span.start
    place = (start, asked.document.text[max(0, start - _CONTEXT) : start])
    known: tuple[object, Mapping[str, float]] | None = asked.text.kept.get("guesses")
    # While a word is typed, what stands before it stays.
    if known is None or known[0] != place:
        found = dict(predictor.guesses(asked.document, start, _MOST))
        known = asked.text.kept["guesses"] = (place, found)
    return known[1]
