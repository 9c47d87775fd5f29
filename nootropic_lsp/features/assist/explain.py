"""Code explained to somebody who has not seen it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from nootropic_lsp.core.errors import RefusedError
from nootropic_lsp.core.spans import Place, Span
from nootropic_lsp.features.assist.answering import Question, answered
from nootropic_lsp.features.assist.events import Event
from nootropic_lsp.features.assist.means import Means
from nootropic_lsp.features.assist.neighbours import calling, symbol_around, used
from nootropic_lsp.features.assist.passages import Passage, once, passage_of, to_cite
from nootropic_lsp.features.snapshot import text_of
from nootropic_lsp.models.matcher import Needs
from nootropic_lsp.prompts.registry import Filling

_WORTH, _USED_WORTH, _CALLERS_WORTH = 1.0, 0.5, 0.4


async def explain(means: Means, place: Place, *, model: str = "") -> AsyncGenerator[Event, None]:
    """An explanation as it arrives: of what is selected, else of what is around the cursor.

    Raises `RefusedError` if there is nothing, or models must not be given it.
    """
    means.refuse_unreadable(place.path)
    code, around = await asyncio.to_thread(_gathered, means, place)

    def is_code(passage: Passage) -> bool:
        return passage.worth == _WORTH

    def fill(passages: Sequence[Passage]) -> dict[str, Filling]:
        return {
            "code": to_cite(means, filter(is_code, passages)),
            "context": to_cite(means, (each for each in passages if not is_code(each))),
        }

    asked = Question("explain", [code, *around], fill)
    async with aclosing(answered(means, asked, Needs(model=model))) as events:
        async for event in events:
            yield event


def _gathered(means: Means, place: Place) -> tuple[Passage, list[Passage]]:
    """The code, and what it uses and is used by."""
    snapshot, path, span = means.snapshot, place.path, place.span
    symbol = symbol_around(snapshot, path, span)
    if span.start == span.end:
        whole = Span(0, len(text_of(snapshot, path)))
        span = symbol.full_span if symbol is not None else whole
    code = passage_of(means, path, span, worth=_WORTH, why="it is to be explained")
    if code is None:
        raise RefusedError(f"there is nothing to explain at this place of {means.shown(path)}")
    around = [*used(means, path, span, _USED_WORTH)]
    if symbol is not None:
        around += calling(means, symbol, _CALLERS_WORTH)
    return code, [each for each in once(around) if not code.holds(each)]
