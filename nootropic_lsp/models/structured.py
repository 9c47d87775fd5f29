"""Answers as values: JSON found in what a model says, held against what was asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NoReturn

from nootropic_lsp.core.chat import ChatRequest, Message
from nootropic_lsp.core.errors import Failure, ModelError
from nootropic_lsp.models import schema as schemas
from nootropic_lsp.models.answered import Answered
from nootropic_lsp.models.matcher import Needs

if TYPE_CHECKING:
    from pydantic import BaseModel

    from nootropic_lsp.models.router import Router

_FENCED = re.compile(r"```[\w-]*[ \t]*\n(.*?)```", re.DOTALL)
# Prose with more brackets than this holds no answer.
_MOST_STARTS = 200
_MOST_SHOWN = 5
_ASKED = "Answer with one JSON value and nothing else. It has to follow this JSON schema:\n{schema}"
_REPAIR = (
    "That is not what was asked for:\n{problems}\n"
    "Say it again with this put right: one JSON value and nothing else."
)


class NotJsonError(ValueError):
    """There is no JSON value in a text."""


@dataclass(frozen=True, slots=True)
class Structured:
    """A value that is as it was asked for; `answered` is the answer that it was in."""

    value: Any
    answered: Answered
    n_repairs: int = 0


async def structured(
    router: Router,
    request: ChatRequest,
    shape: type[BaseModel] | Mapping[str, Any],
    *,
    needs: Needs | None = None,
    deadline_s: float | None = None,
    n_repairs: int = 1,
) -> Structured:
    """Ask for a value: a pydantic model, or what a JSON schema describes.

    Servers that can are held to the schema while they write. What is wrong all the same is
    told to the model, `n_repairs` times; then `ModelError` is raised.
    """
    schema = shape if isinstance(shape, Mapping) else shape.model_json_schema()
    asked = _with(request, _ASKED.format(schema=json.dumps(schema, ensure_ascii=False)))
    asked = replace(asked, sampling=replace(asked.sampling, schema=schema))
    for n_done in range(n_repairs + 1):
        answered = await router.whole(asked, needs=needs, deadline_s=deadline_s)
        try:
            return Structured(read(answered.reply.text, shape), answered, n_done)
        except ValueError as error:
            wrong = _said(error)
        again = (
            Message("assistant", answered.reply.text),
            Message("user", _REPAIR.format(problems=wrong)),
        )
        asked = replace(asked, messages=(*asked.messages, *again))
    raise ModelError(
        Failure.INFERENCE_ERROR,
        f"{answered.model} did not give the answer that was asked for ({wrong}); "
        "ask again, or choose a larger model",
    )


def read(text: str, shape: type[BaseModel] | Mapping[str, Any]) -> Any:
    """The value in an answer. Raises `ValueError` with what is wrong with it."""
    value = extract_json(text)
    if not isinstance(shape, Mapping):
        return shape.model_validate(value)
    wrong = schemas.problems(value, shape)
    if wrong:
        raise ValueError("\n".join(wrong[:_MOST_SHOWN]))
    return value


def extract_json(text: str) -> Any:
    """The JSON in an answer, be it all of it, in a fence or between sentences.

    Raises `NotJsonError` if there is none.
    """
    for candidate in (text, *_FENCED.findall(text)):
        try:
            return _decoder.decode(candidate.strip())
        except (ValueError, RecursionError):
            continue
    found = max(_inside(text), key=lambda each: each[0], default=None)
    if found is None:
        raise NotJsonError("there is no JSON in the answer" if text.strip() else "it is empty")
    return found[1]


def _inside(text: str) -> Iterator[tuple[int, Any]]:
    """Objects and arrays somewhere in a text, with how long each is."""
    at = 0
    for _ in range(_MOST_STARTS):
        start = re.compile(r"[{\[]").search(text, at)
        if start is None:
            return
        try:
            value, end = _decoder.raw_decode(text, start.start())
        except (ValueError, RecursionError):
            at = start.end()
            continue
        yield end - start.start(), value
        at = end


def _with(request: ChatRequest, words: str) -> ChatRequest:
    """A conversation whose last turn ends with some words."""
    *before, last = request.messages
    asked = replace(last, content=f"{last.content}\n\n{words}")
    return replace(request, messages=(*before, asked))


def _said(error: ValueError) -> str:
    """What is wrong, a line each."""
    errors = getattr(error, "errors", None)
    if errors is None:
        return str(error)
    lines = (
        f"{'.'.join(map(str, each['loc'])) or 'the answer'}: {each['msg']}" for each in errors()
    )
    return "\n".join(list(lines)[:_MOST_SHOWN])


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


_decoder = json.JSONDecoder(parse_constant=_refuse)
