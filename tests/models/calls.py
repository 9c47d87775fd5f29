"""Each way in which a backend can be asked, for tests that go through all of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from models.dialects import (
    KEY,
    AnthropicLike,
    LlamaLike,
    OllamaLike,
    OpenAiLike,
    PetalsLike,
    Source,
    TabbyLike,
)
from models.wire_server import WireServer, serving

from nootropic_lsp.core.chat import ChatRequest, FillRequest, Message, Piece, Reply, Sampling, Usage
from nootropic_lsp.models.anthropic import Anthropic
from nootropic_lsp.models.backend import CHAT, FILL, Backend
from nootropic_lsp.models.failures import Server
from nootropic_lsp.models.llamacpp import LlamaCpp
from nootropic_lsp.models.ollama import Ollama
from nootropic_lsp.models.openai_api import OpenAi
from nootropic_lsp.models.petals import Petals
from nootropic_lsp.models.tabby import Tabby
from nootropic_lsp.safety.egress import Egress

GREEDY = Sampling(max_tokens=200, temperature=0)


@dataclass(frozen=True)
class Kind:
    """A kind of server: how one is made for a test, and the backend for it."""

    name: str
    dialect: Callable[[Source], Any]
    backend: Callable[[Server], Backend]
    model: str = "starcoder2:3b"
    has_key: bool = True

    @asynccontextmanager
    async def running(
        self, behaviour: str = "", source: Source | None = None
    ) -> AsyncIterator[tuple[WireServer, Backend]]:
        async with serving(self.dialect(source or Source()), behaviour) as server:
            backend = self.backend(self.at(server.url))
            try:
                yield server, backend
            finally:
                await backend.close()

    def at(self, url: str) -> Server:
        return Server(self.name, url, "is it running?", KEY if self.has_key else "")


KINDS = [
    Kind("vllm", OpenAiLike, lambda server: OpenAi("vllm", server, Egress())),
    Kind("openai", lambda s: OpenAiLike(s, "openai"), lambda s: OpenAi("openai", s, Egress())),
    Kind(
        "huggingface",
        lambda s: OpenAiLike(s, "huggingface"),
        lambda s: OpenAi("huggingface", s, Egress()),
    ),
    Kind("llama.cpp", LlamaLike, lambda server: LlamaCpp(server, Egress())),
    Kind("tabby", TabbyLike, lambda server: Tabby(server, Egress())),
    Kind("ollama", OllamaLike, lambda server: Ollama(server, Egress()), has_key=False),
    Kind("anthropic", AnthropicLike, lambda server: Anthropic(server, Egress())),
    Kind("petals", PetalsLike, lambda server: Petals(server, Egress()), has_key=False),
]
# By kind, and what of it is asked.
CALLS = [(kind, CHAT) for kind in KINDS] + [
    (kind, FILL) for kind in KINDS if kind.name in ("vllm", "llama.cpp", "tabby", "ollama")
]
EMBEDDING = [kind for kind in KINDS if kind.name in ("vllm", "openai", "llama.cpp", "ollama")]


def question(text: str, sampling: Sampling = GREEDY, system: str = "") -> ChatRequest:
    said = (Message("system", system),) if system else ()
    return ChatRequest((*said, Message("user", text)), sampling)


def asked(
    backend: Backend,
    model: str,
    what: str,
    *,
    deadline_s: float = 20,
    first_token_s: float = 20,
) -> AsyncIterator[Piece]:
    if what == CHAT:
        return backend.chat(
            model, question("Say hello."), deadline_s=deadline_s, first_token_s=first_token_s
        )
    gap = FillRequest("def add(a, b):\n    ", "\n", "python", GREEDY)
    return backend.fill(model, gap, deadline_s=deadline_s, first_token_s=first_token_s)


async def whole(pieces: AsyncIterator[Piece]) -> Reply:
    """All of an answer. What a backend promises of pieces is looked at on the way."""
    text, thinking = "", ""
    last = Piece()
    async with aclosing(pieces):  # type: ignore[type-var]
        async for piece in pieces:
            assert not last.finish, "nothing comes after the end"
            assert piece.text or piece.thinking or piece.finish
            text, thinking, last = text + piece.text, thinking + piece.thinking, piece
    assert last.finish
    return Reply(text, thinking, last.finish, last.usage or Usage())
