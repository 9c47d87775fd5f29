"""What every server of models can be asked, however it wants to be spoken to."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from nootropic_lsp.core.chat import ChatRequest, FillRequest, ModelInfo, Piece

# What a backend can do, as far as it knows.
CHAT, FILL, EMBED, SCHEMA, TOKENS = "chat", "fill", "embed", "schema", "tokens"
# What brings the libraries that speak with them, and the engine for model files.
EXTRA = "pip install 'nootropic-lsp[models]'"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a download is. `total_bytes` is 0 as long as nobody knows."""

    status: str
    done_bytes: int = 0
    total_bytes: int = 0


class Backend(Protocol):
    """One server of models. All of it may raise `ModelError`, and nothing else that is expected.

    Streams are async generators: closing one (`aclosing`), or cancelling who reads it, ends the
    work in the engine. `deadline_s` is for the whole call, `first_token_s` until the first piece.
    """

    @property
    def name(self) -> str:
        """As in the settings: "ollama", "llama.cpp", "openai"."""
        ...

    @property
    def is_local(self) -> bool:
        """Whether nothing leaves this machine."""
        ...

    @property
    def can(self) -> frozenset[str]:
        """What it can be asked."""
        ...

    async def models(self, *, deadline_s: float) -> list[ModelInfo]:
        """The models that it offers."""
        ...

    def chat(
        self, model: str, request: ChatRequest, *, deadline_s: float, first_token_s: float
    ) -> AsyncIterator[Piece]:
        """The next turn of a conversation, piece by piece."""
        ...

    def fill(
        self, model: str, request: FillRequest, *, deadline_s: float, first_token_s: float
    ) -> AsyncIterator[Piece]:
        """What belongs into a gap, piece by piece."""
        ...

    async def embed(
        self, model: str, texts: Sequence[str], *, deadline_s: float
    ) -> list[list[float]]:
        """A vector per text."""
        ...

    async def count_tokens(self, model: str, text: str, *, deadline_s: float) -> int | None:
        """How many tokens a text has for a model; None if the server does not say."""
        ...

    async def close(self) -> None:
        """Let go of connections, and of a child process if there is one."""
        ...


@runtime_checkable
class Downloading(Protocol):
    """A backend that can download models."""

    def pull(self, model: str, *, silence_s: float) -> AsyncGenerator[Progress, None]:
        """Have it download a model, which may take hours; `silence_s` is without any progress."""
        ...
