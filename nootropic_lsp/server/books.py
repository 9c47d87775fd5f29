"""This file is where requests in both directions are kept until they are answered."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from itertools import count
from typing import Any

Json = dict[str, Any]


class ClientRefusedError(Exception):
    """The client could not do what we asked."""


class Books:
    """Requests of the client by their id, until they are done, and ours, until it answers.

    A handler with a true attribute `execute_in_thread` runs on a worker, any other at once. Its
    result may be a future: then the answer comes later.
    """

    def __init__(self, submit: Callable[..., Future[Any]], send: Callable[[Json], None]) -> None:
        self._submit = submit
        self._send = send
        self._theirs: dict[Any, Future[Any]] = {}
        self._ours: dict[Any, Future[Any]] = {}
        self._ids = count(1)

    def run(
        self,
        msg_id: Any,
        handler: Callable[[Any], Any],
        params: Any,
        done: Callable[[Future[Any]], None],
    ) -> None:
        """Run a handler; `done` gets its outcome, on the thread it ran on."""
        if getattr(handler, "execute_in_thread", False):
            future = self._theirs[msg_id] = self._submit(handler, params)
            future.add_done_callback(done)
            return
        future = Future()
        try:
            result = handler(params)
            if isinstance(result, Future):
                future = self._theirs[msg_id] = result
            else:
                future.set_result(result)
        except Exception as error:  # noqa: BLE001 -- it is raised again by Future.result
            future.set_exception(error)
        future.add_done_callback(done)

    def finished(self, msg_id: Any) -> Future[Any] | None:
        """Strike out a request of the client."""
        return self._theirs.pop(msg_id, None)

    def ask(self, method: str, params: Any) -> Future[Any]:
        """Ask the client something."""
        future: Future[Any] = Future()
        msg_id = f"nootropic/{next(self._ids)}"
        self._ours[msg_id] = future
        message = {"jsonrpc": "2.0", "id": msg_id, "method": method}
        self._send(message if params is None else {**message, "params": params})
        return future

    def answered(self, msg_id: Any, result: Any, error: str | None) -> None:
        """Take an answer of the client; one that nobody waits for is dropped."""
        future = self._ours.pop(msg_id, None)
        if future is None:
            return
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(ClientRefusedError(error))
