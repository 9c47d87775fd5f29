"""Code changed as the user says, as a proposal."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from nootropic_lsp.core.errors import NootropicError
from nootropic_lsp.core.spans import Span
from nootropic_lsp.features.assist.checking import reads, without_new_findings
from nootropic_lsp.features.assist.edits import Order, Proposal, propose, text_to_change
from nootropic_lsp.features.assist.means import Means, Room
from nootropic_lsp.features.assist.neighbours import used
from nootropic_lsp.features.assist.passages import Passage, once, passage_of
from nootropic_lsp.features.assist.retrieval import named
from nootropic_lsp.features.assist.views import code_and_context, view
from nootropic_lsp.models.matcher import Needs
from nootropic_lsp.prompts.registry import Filling
from nootropic_lsp.retrieval.words import question_words

_NAMED_WORTH, _USED_WORTH = 1.0, 0.5


async def code(
    means: Means,
    paths: Sequence[str],
    instruction: str,
    *,
    span: Span | None = None,
    model: str = "",
) -> Proposal:
    """What a model makes of an instruction about some files, of which one may be new.

    `span` is what is selected in the first of them. Raises `RefusedError` if a file must not be
    given to a model or changed, or if nothing that is proposed passes the checks.
    """
    if not paths:
        raise NootropicError("there is no file to change; name one")
    if not instruction.strip():
        raise NootropicError('there is nothing to do; say what, as in "add a check for None"')
    found = {
        path: await asyncio.to_thread(text_to_change, means, path) for path in dict.fromkeys(paths)
    }
    words = question_words(instruction)

    def gather(room: Room) -> list[Passage]:
        passages: list[Passage | None] = []
        for path, text in found.items():
            focus = [] if span is None or path != paths[0] else [span]
            passages += view(means, path, room, focus, words)
            whole = Span(0, len(text or ""))
            passages += used(means, path, focus[0] if focus else whole, _USED_WORTH)
        for symbol in named(means, instruction):
            passages.append(
                passage_of(
                    means,
                    symbol.path,
                    symbol.full_span,
                    worth=_NAMED_WORTH,
                    name=symbol.name,
                    why=f"the instruction names `{symbol.name}`",
                )
            )
        return once(passages)

    def fill(passages: Sequence[Passage]) -> dict[str, Filling]:
        shown, context = code_and_context(means, passages)
        return {
            "paths": ", ".join(map(means.shown, found)),
            "code": shown,
            "context": context,
            "instruction": instruction,
        }

    order = Order(
        "edit",
        {path: text or "" for path, text in found.items()},
        gather,
        fill,
        (reads, without_new_findings()),
        frozenset(path for path, text in found.items() if text is None),
    )
    return await propose(means, order, Needs(model=model))
