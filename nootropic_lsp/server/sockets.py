"""This file is where the server waits for its client on a port, one client at a time."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import sys
from pathlib import Path
from queue import SimpleQueue
from threading import BoundedSemaphore, Lock, Thread
from time import monotonic

from msgspec import UNSET, Raw

from nootropic_lsp.core.errors import NootropicError
from nootropic_lsp.server import access
from nootropic_lsp.server.connection import serve_line
from nootropic_lsp.server.framing import BadFrame, Framing, framed
from nootropic_lsp.server.house import House
from nootropic_lsp.server.params import Envelope, Initialize
from nootropic_lsp.server.protocol import INVALID_REQUEST, read, write
from nootropic_lsp.server.transport import CHUNK_BYTES, Line, Stream

log = logging.getLogger(__name__)

HELLO_S = 10.0
MAX_HELLO_BYTES = 4_000_000
MAX_STRANGERS = 16
Address = tuple[str, int]


def serve_sockets(
    house: House,
    *,
    tcp: Address | None,
    ws: Address | None,
    allow_remote: bool,
    token_file: str | None,
    trust: bool,
) -> int:
    """Serve clients one after the other until one says `exit`; its exit code.

    A client that only disconnects makes room for the next.
    """
    address = tcp or ws
    assert address is not None
    if not allow_remote:
        access.refuse_remote(address[0])
    token = access.new_token()
    listening = _listen(address)
    door = _Door(token)
    if tcp:
        Thread(target=_accept_tcp, args=(listening, door), name="accept", daemon=True).start()
    else:
        from nootropic_lsp.server.websocket import accept  # noqa: PLC0415 -- seldom used

        accept(listening, door.token, door.enter, allow_remote=allow_remote)
    _announce("tcp" if tcp else "ws", listening, token, token_file)
    try:
        while True:
            line = door.welcomed.get()
            ending = asyncio.run(serve_line(line, house, trust=trust, is_child=False))
            door.leave()
            if ending.said_exit:
                return ending.code
            log.info("the client has gone; the next may come")
    finally:
        listening.close()
        if token_file:
            Path(token_file).unlink(missing_ok=True)


class _Door:
    """Lets one client in at a time."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.welcomed: SimpleQueue[Line] = SimpleQueue()
        self._taken = Lock()

    def enter(self, line: Line) -> bool:
        """Serve this one next; False if somebody is inside."""
        if not self._taken.acquire(blocking=False):
            return False
        self.welcomed.put(line)
        return True

    def leave(self) -> None:
        """Make room."""
        self._taken.release()


def _listen(address: Address) -> socket.socket:
    try:
        return socket.create_server(address, family=_family(address[0]))
    except OSError as error:
        raise NootropicError(
            f"cannot listen on {address[0]}:{address[1]} ({error.strerror}); "
            "is another server there? port 0 takes a free one"
        ) from error


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _announce(scheme: str, listening: socket.socket, token: str, token_file: str | None) -> None:
    host, port = listening.getsockname()[:2]
    host = f"[{host}]" if ":" in host else host
    if token_file:
        access.write_token(token_file, token)
    where = f"in {token_file}" if token_file else token
    # For people and for programs that start us, so on a stream that no log file takes over.
    sys.stderr.write(
        f"nootropic: listening on {scheme}://{host}:{port}\nnootropic: token {where}\n"
    )
    sys.stderr.flush()


def _accept_tcp(listening: socket.socket, door: _Door) -> None:
    strangers = BoundedSemaphore(MAX_STRANGERS)
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return  # It was closed: the server ends.
        if strangers.acquire(blocking=False):
            arguments = (connection, door, strangers)
            Thread(target=_greet, args=arguments, name="greet", daemon=True).start()
        else:
            connection.close()


def _greet(connection: socket.socket, door: _Door, strangers: BoundedSemaphore) -> None:
    """Let a client in whose first message is `initialize` with the token."""
    try:
        framing = Framing()
        heard = _hello(connection, framing)
        problem = _problem(heard, door.token) if heard else "no LSP client"
        if problem is None:
            connection.settimeout(None)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            line = Stream(
                connection.recv, connection.send, lambda: _hang_up(connection), framing, heard
            )
            if door.enter(line):
                return
            problem = "another client is connected; this server takes one at a time"
        log.warning("a connection was refused: %s", problem)
        if heard and isinstance(heard[0], bytes):
            connection.sendall(framed(_error(heard[0], problem)))
    except OSError as error:
        log.info("a connection ended early: %s", error)
    finally:
        strangers.release()
    _hang_up(connection)


def _hello(connection: socket.socket, framing: Framing) -> list[bytes | BadFrame]:
    """What comes up to the end of the first message; empty if that is none of LSP."""
    until = monotonic() + HELLO_S
    taken = 0
    while taken < MAX_HELLO_BYTES and (left_s := until - monotonic()) > 0:
        connection.settimeout(left_s)
        data = connection.recv(CHUNK_BYTES)
        # A page in a browser can make it send a request with `initialize` as its body.
        if not data or (not taken and not data.lower().startswith(b"content-")):
            return []
        taken += len(data)
        if messages := list(framing.feed(data)):
            return messages
    return []


def _problem(heard: list[bytes | BadFrame], token: str) -> str | None:
    first = heard[0]
    if isinstance(first, BadFrame):
        return str(first)
    try:
        message = read(Raw(first), Envelope)
        if message.method != "initialize":
            return "the first request is `initialize`"
        given = access.token_of(read(message.params, Initialize).initialization_options)
    except ValueError as error:
        return f"no LSP client: {error}"
    return (
        None if access.matches(given, token) else "initializationOptions.token is missing or wrong"
    )


def _error(first: bytes, problem: str) -> bytes:
    try:
        msg_id = read(Raw(first), Envelope).id
    except ValueError:
        msg_id = None
    error = {"code": INVALID_REQUEST, "message": problem}
    return write({"jsonrpc": "2.0", "id": None if msg_id is UNSET else msg_id, "error": error})


def _hang_up(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        # Closing alone does not wake a thread that reads from it.
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
