"""Questions about the workspace, answered from its passages with the places cited."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from nootropic_lsp.core.chat import Message
from nootropic_lsp.core.errors import NootropicError
from nootropic_lsp.core.spans import Place
from nootropic_lsp.features.assist.answering import Question, answered
from nootropic_lsp.features.assist.events import Answer, Event, Given
from nootropic_lsp.features.assist.means import Means
from nootropic_lsp.features.assist.passages import to_cite
from nootropic_lsp.features.assist.retrieval import retrieve
from nootropic_lsp.models.matcher import Needs

_NOTHING = (
    "The workspace does not hold the answer: no passage that may be shown to a model fits the "
    "question. Try words or names that are in the code."
)


async def ask(
    means: Means,
    question: str,
    *,
    history: Sequence[Message] = (),
    at: Place | None = None,
    model: str = "",
) -> AsyncGenerator[Event, None]:
    """The answer to a question as it arrives; close it to give it up.

    `history` are the earlier turns, `at` is where the user is, `model` who has to answer. Where
    the workspace has nothing on the question, no model is asked.
    """
    if not question.strip():
        raise NootropicError('there is no question; ask for something, as in "who parses dates?"')
    earlier = next((each.content for each in reversed(history) if each.role == "user"), "")
    found = await asyncio.to_thread(retrieve, means, question, at=at, earlier=earlier)
    if not found.passages:
        yield Given((), found.by_words)
        yield Answer(_NOTHING, is_found=False)
        return
    asked = Question(
        "ask",
        found.passages,
        lambda passages: {"passages": to_cite(means, passages), "question": question},
        history,
        found.by_words,
    )
    async with aclosing(answered(means, asked, Needs(model=model))) as events:
        async for event in events:
            yield event
