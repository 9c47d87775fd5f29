"""This file is where JSON-RPC messages are read, answered and sent.

Without pygls: after its traps were solved nothing of it was left but the books, and for
those it loads a thousand classes, 0.55 s and 24 MB at every start.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any, TypeVar

import msgspec

from nootropic_lsp.server.books import Books, ClientRefusedError
from nootropic_lsp.server.framing import BadFrame
from nootropic_lsp.server.params import Envelope, Id, LooseEnvelope

log = logging.getLogger(__name__)

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
NOT_INITIALIZED = -32002
REQUEST_CANCELLED = -32800
REQUEST_FAILED = -32803

T = TypeVar("T")
_read_envelope = msgspec.json.Decoder(Envelope).decode
_write = msgspec.json.Encoder().encode


class Failure(Exception):
    """The answer to a request is this error."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class Protocol:
    """One connection: what arrives is dispatched, what is answered goes out once."""

    def __init__(self, submit: Callable[..., Future[Any]], send: Callable[[bytes], None]) -> None:
        self._send = send
        self._books = Books(submit, lambda message: send(write(message)))
        # Requests without an answer yet. Who removes an id first (the worker that has the
        # answer, or the event loop that has a cancellation) is the one to answer it.
        self._unanswered: set[Id] = set()
        self.initialized = False
        self.shutting_down = False
        self.handler_of: Callable[[str], Callable[[Any], Any] | None] = lambda _method: None
        self.on_error: Callable[[str, BaseException], Failure | None] = lambda _method, _error: None

    def receive(self, body: bytes | BadFrame) -> None:
        """Take one message; never raises, whatever is in it."""
        if isinstance(body, BadFrame):
            log.warning("not a message: %s", body)
            self._answer_error(None, PARSE_ERROR, str(body))
            return
        try:
            message = _envelope(body)
        except msgspec.ValidationError as error:
            self._answer_error(None, INVALID_REQUEST, f"not a JSON-RPC message: {error}")
            return
        except (ValueError, RecursionError) as error:
            log.warning("not JSON: %s", error)
            self._answer_error(None, PARSE_ERROR, f"not JSON: {error}")
            return
        if message.method is None:
            self._take_response(message)
        elif message.id is msgspec.UNSET:
            self._take_notification(message.method, message)
        else:
            self._take_request(message.id, message.method, message)

    def _take_request(self, msg_id: Id, method: str, message: Envelope | LooseEnvelope) -> None:
        self._unanswered.add(msg_id)
        if self.shutting_down:
            self._answer_error(msg_id, INVALID_REQUEST, "the server is shutting down")
            return
        if not self.initialized and method != "initialize":
            self._answer_error(msg_id, NOT_INITIALIZED, "the first request is `initialize`")
            return
        self._run(msg_id, method, message.params)

    def _take_notification(self, method: str, message: Envelope | LooseEnvelope) -> None:
        if (self.initialized and not self.shutting_down) or method == "exit":
            self._hear(method, message.params)

    def _run(self, msg_id: Any, method_name: str, params: Any) -> None:
        try:
            handler = self.handler_of(method_name)
        except Exception as error:  # noqa: BLE001 -- it is logged and told there
            self._answer_exception(msg_id, method_name, error, None)
            return
        if handler is None:
            sentence = f"there is no method {method_name}"
            self._answer_error(msg_id, METHOD_NOT_FOUND, sentence)
            return
        self._books.run(
            msg_id,
            handler,
            params,
            partial(
                self._answer,
                msg_id=msg_id,
                method=method_name,
                empty=getattr(handler, "empty", None),
            ),
        )

    def _hear(self, method_name: str, params: Any) -> None:
        try:
            handler = self.handler_of(method_name)
            if handler is None:
                log.debug("a notification that we do not know: %s", method_name)
                return
            handler(params)
        except msgspec.ValidationError as error:
            log.warning("%s has wrong parameters: %s", method_name, error)
        except Exception as error:  # noqa: BLE001 -- it is logged and told there
            self.on_error(method_name, error)

    def cancel(self, msg_id: Any) -> None:
        """The client does not want an answer any more."""
        future = self._books.finished(msg_id)
        # A future that runs on a thread cannot be stopped; its answer will be dropped.
        if msg_id in self._unanswered and not (future and future.cancel()):
            self._answer_error(msg_id, REQUEST_CANCELLED, "cancelled")

    def _answer(
        self, future: Future[Any], *, msg_id: Any, method: str = "", empty: Any = None
    ) -> None:
        # On the thread that computed the answer: so encoding costs the event loop nothing.
        self._books.finished(msg_id)
        if future.cancelled():
            self._answer_error(msg_id, REQUEST_CANCELLED, "cancelled")
            return
        try:
            self._answer_result(msg_id, future.result())
        except Failure as failure:
            self._answer_error(msg_id, failure.code, str(failure))
        except msgspec.ValidationError as error:
            self._answer_error(msg_id, INVALID_PARAMS, f"{method}: {error}")
        except BaseException as error:  # noqa: BLE001 -- it is logged and told there
            self._answer_exception(msg_id, method, error, empty)

    def _answer_exception(self, msg_id: Any, method: str, error: BaseException, empty: Any) -> None:
        refusal = self.on_error(method, error)
        if refusal is None:
            self._answer_result(msg_id, empty)
        else:
            self._answer_error(msg_id, refusal.code, str(refusal))

    def _take_response(self, message: Envelope | LooseEnvelope) -> None:
        if message.id is msgspec.UNSET:
            self._answer_error(None, INVALID_REQUEST, "neither a request nor an answer")
            return
        error = None if message.error is None else message.error.message
        self._books.answered(message.id, read(message.result, object), error)

    def _answer_result(self, msg_id: Any, result: Any = None, error: Any = None) -> None:
        body = b'{"jsonrpc":"2.0","id":%b,"result":%b}' % (_write(msg_id), write(result))
        if self._may_answer(msg_id):
            self._send(body)

    def _answer_error(self, msg_id: Id, code: int, message: str) -> None:
        if msg_id is None or self._may_answer(msg_id):
            error = write({"code": code, "message": message})
            self._send(b'{"jsonrpc":"2.0","id":%b,"error":%b}' % (_write(msg_id), error))

    def _may_answer(self, msg_id: Id) -> bool:
        try:
            self._unanswered.remove(msg_id)
        except KeyError:
            return False
        return True

    def notify(self, method: str, params: Any) -> None:
        """Tell the client something."""
        self._send(write({"jsonrpc": "2.0", "method": method, "params": params}))

    def ask(self, method: str, params: Any, then: Callable[[Any], None] | None = None) -> None:
        """Ask the client something; `then` gets the answer, unless it is an error."""

        def done(future: Future[Any]) -> None:
            if future.cancelled():
                return
            error = future.exception()
            if isinstance(error, ClientRefusedError):
                log.info("the client did not do %s: %s", method, error)
            elif error is None and then is not None:
                then(future.result())

        self._books.ask(method, params).add_done_callback(done)


def _envelope(body: bytes) -> Envelope | LooseEnvelope:
    try:
        return _read_envelope(body)
    except msgspec.ValidationError:
        raise
    except ValueError:
        # Half a surrogate pair, as an editor sends it between two of its edits, is
        # something the standard library reads.
        return msgspec.convert(json.loads(body), LooseEnvelope)


def read(params: Any, shape: type[T]) -> T:
    """Parameters in the shape that they should have, or a ValidationError."""
    if isinstance(params, msgspec.Raw):
        if shape is not object and bytes(params) == b"null":
            params = b"{}"
        try:
            return msgspec.json.decode(params, type=shape)
        except msgspec.ValidationError:
            raise
        except ValueError:
            params = json.loads(bytes(params))
    if params is msgspec.UNSET or params is None:
        params = None if shape is object else {}
    return msgspec.convert(params, shape)


def write(value: Any) -> bytes:
    """A value as JSON."""
    try:
        return _write(value)
    except UnicodeEncodeError:
        # Half a surrogate pair again: the standard library escapes it.
        return json.dumps(value, default=msgspec.to_builtins).encode()
