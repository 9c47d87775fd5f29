"""Questions to models as they come in, and what becomes of them, whatever the form of the API."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Literal

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from nootropic_lsp.core.chat import ChatRequest, Message, Sampling
from nootropic_lsp.http.house import House
from nootropic_lsp.models.answered import Answered, Answering
from nootropic_lsp.models.backend import CHAT, FILL, SCHEMA
from nootropic_lsp.models.matcher import Needs
from nootropic_lsp.settings.options import ModelSettings

ANY = ("", "auto", "nootropic")
MOST_TOKENS = 1_000_000


async def house_of(request: Request) -> House:
    """The house that is asked, its settings as they are now."""
    house: House = request.app.state.house
    await house.refresh()
    return house


Asked = Depends(house_of)


class Turn(BaseModel):
    """One turn of a conversation."""

    model_config = ConfigDict(extra="ignore")

    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[dict[str, Any]] | None = None

    def message(self) -> Message:
        """The turn as text. Raises `ValueError` for pictures and sounds."""
        role = "system" if self.role == "developer" else self.role
        if self.content is None or isinstance(self.content, str):
            return Message(role, self.content or "")
        parts = [each.get("text") for each in self.content if each.get("type") == "text"]
        if len(parts) != len(self.content) or not all(isinstance(each, str) for each in parts):
            raise ValueError("only text can be answered here, no pictures and no sounds")
        return Message(role, "\n".join(map(str, parts)))


class Options(BaseModel):
    """How an answer is made, where it is not as the settings have it."""

    model_config = ConfigDict(extra="ignore")

    model: str = Field("", max_length=300)
    max_tokens: int | None = Field(None, ge=1, le=MOST_TOKENS)
    temperature: float | None = Field(None, ge=0, le=2)
    stop: str | list[str] | None = None
    seed: int | None = None
    stream: bool = False

    def sampling(
        self, settings: ModelSettings, *, schema: Mapping[str, Any] | None = None
    ) -> Sampling:
        """The options together with the settings."""
        stop = (self.stop,) if isinstance(self.stop, str) else tuple(self.stop or ())
        return Sampling(
            max_tokens=self.max_tokens or settings.max_output_tokens,
            temperature=settings.temperature if self.temperature is None else self.temperature,
            context_tokens=settings.context_tokens,
            stop=stop,
            seed=self.seed,
            schema=schema,
        )


def needs_of(model: str, *, has_schema: bool = False, fills: bool = False) -> Needs:
    """What is asked of a model."""
    can = {FILL} if fills else {CHAT}
    return Needs(
        frozenset(can | ({SCHEMA} if has_schema else set())), "" if model in ANY else model
    )


def chat_request(turns: Sequence[Turn], sampling: Sampling) -> ChatRequest:
    """A conversation for a model. Raises `ValueError`."""
    if not turns:
        raise ValueError("`messages` holds nothing to answer")
    return ChatRequest(tuple(each.message() for each in turns), sampling)


async def whole(answering: Answering) -> Answered:
    """The answer once it is complete."""
    async with aclosing(answering):
        async for _ in answering:
            pass
    assert answering.answered is not None
    return answering.answered


async def pieces(answering: Answering) -> AsyncIterator[dict[str, Any]]:
    """The answer as events of our own form."""
    async with aclosing(answering):
        async for piece in answering:
            if piece.text or piece.thinking:
                yield {"text": piece.text, "thinking": piece.thinking}
    answered = answering.answered
    if answered is not None:
        yield {"finish": answered.reply.finish, **said_of(answered)}


def said_of(answered: Answered) -> dict[str, Any]:
    """Who has answered, why, and what it took."""
    usage = answered.reply.usage
    return {
        "model": f"{answered.backend}:{answered.model}",
        "why": answered.why,
        "tried": list(answered.tried),
        "usage": {
            "input_tokens": usage.input_tokens,
            "output_tokens": usage.output_tokens,
            "seconds": round(answered.seconds, 3),
            "first_token_s": round(answered.first_token_s, 3),
            "cost_usd": answered.cost_usd,
            "is_cached": answered.is_cached,
        },
    }
