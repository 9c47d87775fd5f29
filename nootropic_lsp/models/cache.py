"""Answers that were given, for whoever asks the same of the same model again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from hashlib import blake2b

from nootropic_lsp.core.chat import ChatRequest, FillRequest, Piece, Reply
from nootropic_lsp.models.matcher import Key

MAX_BYTES = 16_000_000
# Above this, who asks twice wants two answers.
STEADY_TEMPERATURE = 0.3


class AnswerCache:
    """The answers asked for last, bounded by their number and bytes; 0 of them is no cache."""

    def __init__(self, max_answers: int, *, max_bytes: int = MAX_BYTES) -> None:
        self._max_answers = max_answers
        self._max_bytes = max_bytes
        self._n_bytes = 0
        self._answers: OrderedDict[bytes, Reply] = OrderedDict()

    def __len__(self) -> int:
        return len(self._answers)

    def get(self, key: bytes) -> Reply | None:
        """The answer that was given to this, or None."""
        found = self._answers.get(key)
        if found is not None:
            self._answers.move_to_end(key)
        return found

    def put(self, key: bytes, reply: Reply) -> None:
        """Keep an answer that has come to its end; one that was cut off is not kept."""
        if reply.finish != "stop" or _bytes(reply) > self._max_bytes:
            return
        before = self._answers.pop(key, None)
        self._n_bytes += _bytes(reply) - (0 if before is None else _bytes(before))
        self._answers[key] = reply
        while len(self._answers) > self._max_answers or self._n_bytes > self._max_bytes:
            self._n_bytes -= _bytes(self._answers.popitem(last=False)[1])


def key_of(model: Key, request: ChatRequest | FillRequest) -> bytes:
    """What an answer is found by: the model, the whole prompt and all options."""
    return blake2b(repr((model, request)).encode("utf-8", "surrogatepass"), digest_size=20).digest()


def is_steady(request: ChatRequest | FillRequest) -> bool:
    """Whether the same question would have nearly the same answer."""
    sampling = request.sampling
    return sampling.seed is not None or sampling.temperature <= STEADY_TEMPERATURE


def replayed(reply: Reply) -> Iterator[Piece]:
    """An answer as it would arrive."""
    if reply.thinking:
        yield Piece(thinking=reply.thinking)
    if reply.text:
        yield Piece(reply.text)
    yield Piece(finish=reply.finish, usage=reply.usage)


def _bytes(reply: Reply) -> int:
    # Strings take up to four bytes a character; the rest is the entry itself.
    return 4 * (len(reply.text) + len(reply.thinking)) + 300
