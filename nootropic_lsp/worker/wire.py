"""Requests to a worker on this machine, and its answers, whole or as a stream of events."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse
from socket import SHUT_RDWR
from typing import Any

from nootropic_lsp.core.errors import Failure, ModelError, NootropicError, SafetyError

_DONE = "[DONE]"
_FAILURES = {each.value: each for each in Failure}


class WorkerError(NootropicError):
    """The worker cannot be started or does not answer."""


class Wire:
    """A connection for each request, so that it may be used from many threads."""

    def __init__(self, port: int, token: str) -> None:
        self.port = port
        self._token = token

    def ask(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, deadline_s: float
    ) -> Any:
        """The answer as plain values. Raises `WorkerError`, `ModelError`."""
        connection = self._connection(deadline_s)
        try:
            with self._sent(connection, method, path, body) as answer:
                raw = answer.read()
            return json.loads(raw) if raw else None
        except (OSError, HTTPException, ValueError) as error:
            raise _lost(error) from error
        finally:
            connection.close()

    def events(
        self, path: str, body: Mapping[str, Any], *, deadline_s: float
    ) -> Iterator[dict[str, Any]]:
        """The events of an answer as they arrive; closing it ends the work.

        `deadline_s` is for each event. Raises `WorkerError`, `ModelError`.
        """
        return self._events(self._connection(deadline_s), path, body)

    def _events(
        self, connection: HTTPConnection, path: str, body: Mapping[str, Any]
    ) -> Iterator[dict[str, Any]]:
        try:
            with self._sent(connection, "POST", path, body) as answer:
                for line in answer:
                    if not line.startswith(b"data:"):
                        continue
                    text = line[5:].strip().decode()
                    if text == _DONE:
                        return
                    event = json.loads(text)
                    if "error" in event:
                        raise _error(event, 0)
                    yield event
                raise WorkerError("the worker ended in the middle of its answer; try again")
        except (OSError, HTTPException, ValueError) as error:
            raise _lost(error) from error
        finally:
            connection.close()

    def cancellable(self, path: str, body: Mapping[str, Any], *, deadline_s: float) -> Stream:
        """The events of an answer, which another thread may close while one waits for them."""
        return Stream(self._connection(deadline_s), lambda c: self._events(c, path, body))

    def _connection(self, deadline_s: float) -> HTTPConnection:
        return HTTPConnection("127.0.0.1", self.port, timeout=deadline_s)

    def _sent(
        self, connection: HTTPConnection, method: str, path: str, body: Mapping[str, Any] | None
    ) -> HTTPResponse:
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        raw = None if body is None else json.dumps(body).encode()
        connection.request(method, path, raw, headers)
        answer = connection.getresponse()
        if answer.status >= 400:
            raise _error(_read(answer), answer.status)
        return answer


class Stream:
    """Events that arrive; closing it ends the work, whoever waits for them."""

    def __init__(
        self,
        connection: HTTPConnection,
        begin: Callable[[HTTPConnection], Iterator[dict[str, Any]]],
    ) -> None:
        self._connection = connection
        self._events = begin(connection)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return self._events

    def close(self) -> None:
        """Hang up."""
        socket = self._connection.sock
        if socket is not None:
            # Closing alone would leave a thread waiting that reads from it.
            with suppress(OSError):
                socket.shutdown(SHUT_RDWR)


def _read(answer: HTTPResponse) -> Mapping[str, Any]:
    try:
        said = json.loads(answer.read(100_000))
    except (OSError, HTTPException, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def _error(said: Mapping[str, Any], status: int) -> NootropicError:
    error = said.get("error")
    error = error if isinstance(error, dict) else {}
    sentence = str(error.get("message") or f"the worker answered with status {status}")
    failure = _FAILURES.get(str(error.get("code")))
    if failure is Failure.SAFETY_VIOLATION:
        return SafetyError(sentence)
    if failure is not None:
        wait_s = error.get("retry_after_s")
        return ModelError(
            failure, sentence, retry_after_s=wait_s if isinstance(wait_s, (int, float)) else None
        )
    return WorkerError(sentence)


def _lost(error: Exception) -> WorkerError:
    if isinstance(error, TimeoutError):
        return WorkerError("the worker did not answer in time")
    return WorkerError(f"the worker does not answer ({error or type(error).__name__})")
