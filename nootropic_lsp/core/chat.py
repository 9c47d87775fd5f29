"""What is said to language models and what they answer, whoever speaks with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Sampling:
    """How an answer is made. The same values with every call, so that no server loads its model
    again.

    `context_tokens` is the room for question and answer together; `schema` a JSON schema that
    the answer has to follow.
    """

    max_tokens: int = 1024
    temperature: float = 0.2
    context_tokens: int = 8192
    stop: tuple[str, ...] = ()
    seed: int | None = None
    schema: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A conversation that waits for its next turn."""

    messages: tuple[Message, ...]
    sampling: Sampling = field(default_factory=Sampling)


@dataclass(frozen=True, slots=True)
class FillRequest:
    """A text with a gap: what belongs between `before` and `after`?"""

    before: str
    after: str = ""
    language: str = ""
    sampling: Sampling = field(default_factory=Sampling)


@dataclass(frozen=True, slots=True)
class Usage:
    """How many tokens a call has taken, as far as the server says."""

    input_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an answer, in the order in which it arrives.

    `thinking` is what a model says to itself, never a part of the answer. The last piece has a
    `finish`: "stop" at the end, "length" where it was cut, and the usage if it is known.
    """

    text: str = ""
    thinking: str = ""
    finish: Literal["", "stop", "length"] = ""
    usage: Usage | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer."""

    text: str
    thinking: str = ""
    finish: Literal["", "stop", "length"] = "stop"
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model that a backend offers. Sizes are 0, and names "", where it does not say."""

    name: str
    backend: str
    size_bytes: int = 0
    n_parameters: int = 0
    quantization: str = ""
    context_tokens: int = 0
    can: frozenset[str] = frozenset()
