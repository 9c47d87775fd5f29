"""An answer in words, as it arrives, and what is to be said about it at its end."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from itertools import count
from typing import cast

from nootropic_lsp.core.chat import ChatRequest, Message
from nootropic_lsp.core.errors import ContextOverflowError
from nootropic_lsp.features.assist.citations import Citation, citations
from nootropic_lsp.features.assist.events import Answer, Event, Given, Said, Thought
from nootropic_lsp.features.assist.means import Means, Room, provenance, room_for
from nootropic_lsp.features.assist.passages import Passage, packed, sources
from nootropic_lsp.models.answered import Answered
from nootropic_lsp.models.matcher import Needs
from nootropic_lsp.prompts.packing import Part, Strategy, pack
from nootropic_lsp.prompts.registry import Filling, Prompt, render
from nootropic_lsp.prompts.rules import Rule, has_not, judge
from nootropic_lsp.telemetry.spans import PROMPT, PROMPT_VERSION, Value

# What earlier turns may take of the room.
_HISTORY_SHARE = 0.25
# A model that holds less than was thought is asked once more, with so much of it.
_SMALLER = 0.5


@dataclass(frozen=True, slots=True)
class Question:
    """A prompt that is answered in words.

    `fill` makes its values of those passages that there is room for.
    """

    prompt: str
    passages: Sequence[Passage]
    fill: Callable[[Sequence[Passage]], Mapping[str, Filling]]
    history: Sequence[Message] = ()
    by_words: str = ""


async def answered(means: Means, question: Question, needs: Needs) -> AsyncGenerator[Event, None]:
    """The answer of a model: what it is given, what it says, and at last what is known of it."""
    room = await room_for(means, needs, question.prompt, question.fill(()))
    strategy = cast("Strategy", means.settings.context.strategy)
    tokens = room.tokens
    for attempt in count(1):
        history = latest(question.history, int(tokens * _HISTORY_SHARE), room)
        left = tokens - sum(room.count(each.content) for each in history)
        chosen = packed(question.passages, left, room.count, strategy=strategy)
        prompt = render(question.prompt, question.fill(chosen))
        given = Given(sources(means, chosen), question.by_words)
        yield given
        system, *rest = prompt.messages
        request = ChatRequest((system, *history, *rest), room.sampling)
        answering = means.router.chat(request, needs=needs, note=noted(prompt))
        try:
            async with aclosing(answering):
                async for piece in answering:
                    if piece.thinking:
                        yield Thought(piece.thinking)
                    if piece.text:
                        yield Said(piece.text)
        except ContextOverflowError:
            if attempt > 1:
                raise
            tokens = int(tokens * _SMALLER)
            continue
        assert answering.answered is not None
        yield _answer(prompt, answering.answered, given)
        return


def latest(history: Sequence[Message], tokens: int, room: Room) -> list[Message]:
    """The last turns of a conversation that fit, the first of them one of the user's."""
    turns = [each for each in history if each.role != "system"]
    parts = [Part(each.content, source=str(place)) for place, each in enumerate(turns)]
    chosen = pack(parts, budget_tokens=tokens, strategy="sliding", count=room.count)
    kept = [Message(turns[int(part.source)].role, part.text) for part in chosen]
    while kept and kept[0].role != "user":
        kept.pop(0)
    return kept


def noted(prompt: Prompt) -> dict[str, Value]:
    """What the span of a call says of its prompt."""
    return {PROMPT: prompt.name, PROMPT_VERSION: prompt.version}


def _answer(prompt: Prompt, answer: Answered, given: Given) -> Answer:
    text = answer.reply.text
    cited = citations(text, given.sources)
    notes = list(judge(text, _rules(cited)).notes)
    if answer.reply.finish == "length":
        notes.append(
            "the answer was cut: ask for less, or raise the setting `models.maxOutputTokens`"
        )
    return Answer(
        text,
        citations=cited,
        sources=given.sources,
        notes=tuple(notes),
        thinking=answer.reply.thinking,
        provenance=provenance(f"{prompt.name}@{prompt.version}", [answer]),
    )


def _rules(cited: Sequence[Citation]) -> list[Rule]:
    unseen = list(dict.fromkeys(f"{e.shown}:{e.line}" for e in cited if not e.is_given))
    return [
        _SAYS_SOMETHING,
        _REPEATS_NOTHING,
        Rule(
            "cites",
            "the answer cites no place of the workspace, so nothing shows where it is from",
            lambda _text: bool(cited),
            "flag",
        ),
        Rule(
            "cites-what-it-saw",
            f"the model was not shown {', '.join(unseen)}, which it cites: do not rely on it",
            lambda _text: not unseen,
            "flag",
        ),
    ]


_SAYS_SOMETHING = Rule(
    "says-something", "the model has said nothing", lambda text: bool(text.strip()), "flag"
)
_REPEATS_NOTHING = has_not(
    "repeats-nothing",
    r"</?data id=",
    "the model repeats its prompt: it may be too small for questions",
    action="flag",
)
