"""A workspace's worker for programs in Python: chat, stream, batch, search.

from nootropic_lsp.worker.client import Client

client = Client.of_workspace(".")
print(client.chat([{"role": "user", "content": "What is a lease?"}])["message"]["content"])
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from nootropic_lsp.worker.starting import find_or_start
from nootropic_lsp.worker.wire import Wire

Messages = Sequence[Mapping[str, str]]
# What the worker asks of a model itself; the worker keeps to its own deadlines, which are settings.
DEADLINE_S = 600.0
_AT_ONCE = 4


class Client:
    """Asks one worker. It may be used from many threads.

    Everything may raise `WorkerError` and `ModelError`, whose text is a sentence for a person.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    @classmethod
    def of_workspace(cls, folder: str | Path) -> Client:
        """The client of a workspace's worker, which is started if it does not run."""
        return cls(find_or_start(Path(folder).expanduser().resolve()))

    def chat(self, messages: Messages, *, model: str = "", **options: Any) -> dict[str, Any]:
        """A whole answer: `message`, `model`, `usage`, `why`.

        `options` are `max_tokens`, `temperature`, `stop`, `seed` and `schema`, a JSON schema.
        """
        body = {"messages": list(messages), "model": model, **options}
        answer: dict[str, Any] = self._wire.ask("POST", "/v1/chat", body, deadline_s=DEADLINE_S)
        return answer

    def stream(
        self, messages: Messages, *, model: str = "", **options: Any
    ) -> Iterator[dict[str, Any]]:
        """An answer as it arrives: `text` and `thinking`; the last one says `finish`, `model`, `usage`.

        Closing the iterator ends the work of the model.
        """
        body = {"messages": list(messages), "model": model, "stream": True, **options}
        return self._wire.events("/v1/chat", body, deadline_s=DEADLINE_S)

    def batch(
        self, conversations: Sequence[Messages], *, model: str = "", **options: Any
    ) -> list[dict[str, Any]]:
        """A whole answer for each conversation, in their order, a few at a time."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            asked = [pool.submit(self.chat, each, model=model, **options) for each in conversations]
            return [each.result() for each in asked]

    def search(self, question: str, *, limit: int = 5) -> dict[str, Any]:
        """The passages of the workspace that belong to a question: `hits`, best first."""
        body = {"question": question, "limit": limit}
        found: dict[str, Any] = self._wire.ask("POST", "/v1/search", body, deadline_s=DEADLINE_S)
        return found
