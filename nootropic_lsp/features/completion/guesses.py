"""What the token model expects at a place, asked once per word."""

from __future__ import annotations

from collections.abc import Mapping

from nootropic_lsp.core.suggestions import Predictor
from nootropic_lsp.features.completion.asked import Asked
from nootropic_lsp.features.completion.context import At

_MOST = 150
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
        found = _found(asked, predictor)
        known = asked.text.kept["guesses"] = (place, found)
    return known[1]


def _found(asked: Asked, predictor: Predictor) -> dict[str, float]:
    context = asked.context
    quoted = context.quoted
    if quoted is None:
        return dict(predictor.guesses(asked.document, context.span.start, _MOST))
    # To the token model a string is one token: what fits is what begins like it.
    found: dict[str, float] = {}
    for token, chance in predictor.guesses(asked.document, quoted.start - 1, _MOST):
        if token[0] in "\"'" and token[1:].startswith(context.dotted):
            rest = token[1:-1].removeprefix(context.dotted)
            part = rest.partition("/")[0] if context.dotted else rest
            found[part] = found.get(part, 0.0) + chance
    return found
