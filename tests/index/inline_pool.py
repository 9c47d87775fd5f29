"""The pool of workers without processes, for tests that index hundreds of tiny workspaces."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from nootropic_lsp.index.worker import Answerer
from nootropic_lsp.index.workers import Pool, Reply


class InlinePool(Pool):
    """Answers in this process, through the same encoding as a worker."""

    def __init__(self) -> None:
        super().__init__(1)
        self._answerer = Answerer()
        self._prepared: object = None

    def prepare(self, message: object) -> None:
        self._ask(message)

    def run(
        self,
        batches: Iterable[list[Any]],
        request: Callable[[list[Any]], object],
        *,
        deadline_s: float,
        single_deadline_s: float,
        cancelled: threading.Event,
        at_most: int | None = None,
    ) -> Iterator[Reply]:
        for batch in batches:
            yield batch, self._ask(request(batch)), ""

    def _ask(self, message: object) -> Any:
        sent = msgspec.msgpack.decode(msgspec.msgpack.encode(message))
        return msgspec.msgpack.decode(msgspec.msgpack.encode(self._answerer.answer(sent)))
