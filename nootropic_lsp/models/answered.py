"""What became of a call: the answer, who gave it and why, what it took."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from nootropic_lsp.core.chat import Piece, Reply, Usage
from nootropic_lsp.models.hardware import Hardware
from nootropic_lsp.models.matcher import Candidate


@dataclass(frozen=True, slots=True)
class Answered:
    """A whole answer, and how it came about.

    `why` is why this model was asked, `tried` what went wrong before, a sentence each. The cost
    is None where nobody knows it.
    """

    reply: Reply
    backend: str
    model: str
    why: str
    context_tokens: int = 0
    tried: tuple[str, ...] = ()
    seconds: float = 0.0
    first_token_s: float = 0.0
    cost_usd: float | None = 0.0
    is_cached: bool = False


@dataclass(frozen=True, slots=True)
class Embedded:
    """A vector per text, in their order, and the model that made them."""

    vectors: list[list[float]]
    backend: str
    model: str


@dataclass(frozen=True, slots=True)
class ServerState:
    """A server as people see it. `problem` is why it is not asked, "" if it is."""

    name: str
    is_local: bool
    n_models: int
    state: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Described:
    """All that could be asked here, best first, and why.

    `missing` are preferred models that nobody offers, `events` what has changed the order lately.
    """

    hardware: Hardware
    servers: tuple[ServerState, ...]
    candidates: tuple[Candidate, ...]
    missing: tuple[str, ...] = ()
    events: tuple[str, ...] = ()


@dataclass(slots=True)
class Record:
    """What is noted of a call while it goes on."""

    candidate: Candidate | None = None
    tried: tuple[str, ...] = ()
    usage: Usage | None = None
    seconds: float = 0.0
    first_token_s: float | None = None
    cost_usd: float | None = 0.0
    is_cached: bool = False


class Answering:
    """An answer that is arriving, piece by piece; closing it ends the work in the engine.

    After the last piece `answered` says who gave it.
    """

    def __init__(self, pieces: AsyncIterator[Piece], record: Record) -> None:
        self._pieces = pieces
        self._record = record
        self._said: list[Piece] = []
        self._is_done = False

    @property
    def model(self) -> str:
        """Who is answering, as "backend:model"; "" before the first piece."""
        return "" if self._record.candidate is None else self._record.candidate.name

    @property
    def answered(self) -> Answered | None:
        """The whole answer; None before it has come to its end."""
        record = self._record
        if not self._is_done or record.candidate is None:
            return None
        return Answered(
            gathered(self._said),
            record.candidate.offer.backend,
            record.candidate.offer.model.name,
            record.candidate.why,
            record.candidate.context_tokens,
            record.tried,
            record.seconds,
            record.first_token_s or 0.0,
            record.cost_usd,
            record.is_cached,
        )

    def __aiter__(self) -> Answering:
        return self

    async def __anext__(self) -> Piece:
        try:
            piece = await anext(self._pieces)
        except StopAsyncIteration:
            self._is_done = True
            raise
        self._said.append(piece)
        return piece

    async def aclose(self) -> None:
        """Give it up."""
        close = getattr(self._pieces, "aclose", None)
        if close is not None:
            await close()


def gathered(pieces: list[Piece]) -> Reply:
    """The pieces of an answer as a whole one."""
    usage = next((each.usage for each in reversed(pieces) if each.usage), None)
    return Reply(
        "".join(each.text for each in pieces),
        "".join(each.thinking for each in pieces),
        next((each.finish for each in reversed(pieces) if each.finish), "stop"),
        usage or Usage(),
    )
