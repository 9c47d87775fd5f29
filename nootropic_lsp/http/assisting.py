"""What our own doors have a model do for the user. No promise is made for the form."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any, Literal

import msgspec
from fastapi import APIRouter, Request
from pydantic import BaseModel

from nootropic_lsp.core.chat import FillRequest, Message, Sampling
from nootropic_lsp.core.documents import Document
from nootropic_lsp.core.spans import Place, Span
from nootropic_lsp.features.assist.ask import ask
from nootropic_lsp.features.assist.code import code
from nootropic_lsp.features.assist.document import document
from nootropic_lsp.features.assist.events import Event
from nootropic_lsp.features.assist.explain import explain
from nootropic_lsp.features.assist.fix import Diagnostic, fix
from nootropic_lsp.features.assist.means import Means
from nootropic_lsp.features.assist.write_tests import write_tests
from nootropic_lsp.http.asking import Asked, needs_of, pieces
from nootropic_lsp.http.failing import refusal
from nootropic_lsp.http.house import House
from nootropic_lsp.http.streams import event_stream, while_wanted

routes = APIRouter(prefix="/internal", include_in_schema=False)


class Opened(BaseModel):
    """A text as an editor has it."""

    path: str
    language: str
    text: str


class Body(BaseModel):
    """What every question has: who is to answer, and what an editor has open."""

    model: str = ""
    opened: list[Opened] = []

    async def means(self, house: House) -> Means:
        """What is needed to answer it."""
        return await house.means(
            [Document(each.path, each.language, 1, each.text) for each in self.opened]
        )


class At(BaseModel):
    """A stretch of a file: an absolute path, and offsets in characters."""

    path: str
    start: int
    end: int

    def place(self) -> Place:
        """The same as a value."""
        return Place(self.path, Span(self.start, self.end))


class Turn(BaseModel):
    """An earlier turn."""

    role: Literal["user", "assistant"]
    content: str


class Question(Body):
    """A question about the workspace."""

    question: str
    history: list[Turn] = []
    at: At | None = None


class OfPlace(Body):
    """Something that is to be done with what is at a place."""

    at: At


class Instruction(Body):
    """What is to be done with files; `at` is what is selected in the first one."""

    paths: list[str]
    instruction: str
    at: At | None = None


class Problem(OfPlace):
    """What somebody has found."""

    message: str
    source: str = ""
    code: str = ""


class Gap(BaseModel):
    """A text with a gap, of a file; `deadline_s` is for the whole answer."""

    path: str
    before: str
    after: str
    language: str = ""
    max_tokens: int
    stop: list[str] = []
    deadline_s: float
    model: str = ""


@routes.post("/ask")
async def answer_question(asked: Question, house: House = Asked) -> Any:
    """The answer as it arrives."""
    means = await asked.means(house)
    history = [Message(each.role, each.content) for each in asked.history]
    at = asked.at.place() if asked.at else None
    return await event_stream(
        _plain(ask(means, asked.question, history=history, at=at, model=asked.model))
    )


@routes.post("/explain")
async def explain_place(asked: OfPlace, house: House = Asked) -> Any:
    """The explanation as it arrives."""
    means = await asked.means(house)
    return await event_stream(_plain(explain(means, asked.at.place(), model=asked.model)))


@routes.post("/code")
async def change_code(asked: Instruction, request: Request, house: House = Asked) -> Any:
    """A change that has passed all checks."""
    span = asked.at.place().span if asked.at else None
    means = await asked.means(house)
    work = code(means, asked.paths, asked.instruction, span=span, model=asked.model)
    return msgspec.to_builtins(await while_wanted(request, work))


@routes.post("/document")
async def document_place(asked: OfPlace, request: Request, house: House = Asked) -> Any:
    """Documentation for what is at a place."""
    work = document(await asked.means(house), asked.at.place(), model=asked.model)
    return msgspec.to_builtins(await while_wanted(request, work))


@routes.post("/tests")
async def tests_for_place(asked: OfPlace, request: Request, house: House = Asked) -> Any:
    """Tests for what is at a place."""
    work = write_tests(await asked.means(house), asked.at.place(), model=asked.model)
    return msgspec.to_builtins(await while_wanted(request, work))


@routes.post("/fix")
async def fix_problem(asked: Problem, request: Request, house: House = Asked) -> Any:
    """A correction of what somebody has found."""
    place = asked.at.place()
    problem = Diagnostic(place.path, place.span, asked.message, asked.source, asked.code)
    work = fix(await asked.means(house), problem, model=asked.model)
    return msgspec.to_builtins(await while_wanted(request, work))


@routes.post("/fill")
async def fill_gap(asked: Gap, house: House = Asked) -> Any:
    """What belongs into a gap, as it arrives: ghost text."""
    if not house.readable().may_read(asked.path):
        return refusal(403, "this file is not given to a model: an ignore file keeps it back")
    settings = house.settings.models
    sampling = Sampling(
        max_tokens=asked.max_tokens,
        temperature=0.0,
        context_tokens=settings.context_tokens,
        stop=tuple(asked.stop),
    )
    router = await house.router()
    answering = router.fill(
        FillRequest(asked.before, asked.after, asked.language, sampling),
        needs=needs_of(asked.model, fills=True),
        deadline_s=asked.deadline_s,
        first_token_s=asked.deadline_s,
    )
    return await event_stream(pieces(answering))


async def _plain(events: AsyncIterator[Event]) -> AsyncIterator[dict[str, Any]]:
    async with aclosing(events) as some:  # type: ignore[type-var]
        async for event in some:
            yield msgspec.to_builtins(event)
