"""A documentation comment for a function or class, as a proposal that changes no code."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from nootropic_lsp.core.errors import RefusedError
from nootropic_lsp.core.spans import Place
from nootropic_lsp.core.symbols import Symbol
from nootropic_lsp.features.assist.checking import (
    Check,
    Judge,
    Trial,
    reads,
    same_code,
    silences_nothing,
    without_new_findings,
)
from nootropic_lsp.features.assist.edits import Order, Proposal, propose, text_to_change
from nootropic_lsp.features.assist.means import Means, Room
from nootropic_lsp.features.assist.neighbours import symbol_around
from nootropic_lsp.features.assist.passages import Passage
from nootropic_lsp.features.assist.views import code_and_context, view
from nootropic_lsp.index.discover import language_of
from nootropic_lsp.models.matcher import Needs
from nootropic_lsp.prompts.registry import Filling


async def document(means: Means, place: Place, *, model: str = "") -> Proposal:
    """Documentation for what is around a place. Raises `RefusedError` as `propose` does."""
    path = place.path
    text = await asyncio.to_thread(text_to_change, means, path)
    symbol = await asyncio.to_thread(symbol_around, means.snapshot, path, place.span)
    if text is None or symbol is None:
        raise RefusedError("there is no function or class to document at this place")

    def gather(room: Room) -> list[Passage]:
        return view(means, path, room, [symbol.full_span], ())

    def fill(passages: Sequence[Passage]) -> dict[str, Filling]:
        return {
            "language": language_of(path) or "",
            "path": means.shown(path),
            "name": symbol.name,
            "code": code_and_context(means, passages)[0],
        }

    checks = (reads, same_code, silences_nothing, _documents(symbol), without_new_findings())
    order = Order("document", {path: text}, gather, fill, checks)
    return await propose(means, order, Needs(model=model))


def _documents(symbol: Symbol) -> Judge:
    """It is there afterwards, and where it belongs."""

    def check(trial: Trial) -> Check:
        name = "it is documented"
        site = trial.after.site_of(symbol)
        if site is None:
            return Check(name, "not checked", f"`{symbol.name}` can be seen by its function only")
        if site.definition.doc_end <= site.definition.doc_start:
            said = f"`{symbol.name}` has no documentation where its language looks for it"
            return Check(name, "failed", said)
        return Check(name, "passed")

    return check
