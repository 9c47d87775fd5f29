"""This file is where a client comes in by WebSocket."""

from __future__ import annotations

import contextlib
import logging
import socket
from collections.abc import Callable, Iterable
from http import HTTPStatus
from threading import Event, Thread

from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

from nootropic_lsp.server import access
from nootropic_lsp.server.framing import MAX_BODY_BYTES, BadFrame
from nootropic_lsp.server.transport import Line

log = logging.getLogger(__name__)

BUSY = 4000
"""The code with which a second client is sent away."""


class Messages:
    """One WebSocket; a message of it is a message of ours."""

    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection
        self.closed = Event()

    def write(self, body: bytes) -> None:
        """Send one message."""
        # The reader will notice, too, that nobody is there.
        with contextlib.suppress(ConnectionClosed):
            self._connection.send(body, text=True)

    def listen(
        self, receive: Callable[[Iterable[bytes | BadFrame]], None], lost: Callable[[], None]
    ) -> None:
        """Read until the end."""
        try:
            while True:
                receive([self._connection.recv(decode=False)])
        except ConnectionClosed:
            lost()

    def close(self) -> None:
        """Say nothing more."""
        self._connection.close()
        self.closed.set()


def accept(
    listening: socket.socket,
    token: str,
    enter: Callable[[Line], bool],
    *,
    allow_remote: bool,
) -> None:
    """Let in, on threads, who knows the token."""

    def check(connection: ServerConnection, request: Request) -> Response | None:
        headers = {name.title(): value for name, value in request.headers.raw_items()}
        problem = access.refusal(request.path, headers, token, allow_remote=allow_remote)
        if problem is None:
            return None
        log.warning("a connection was refused: %s", problem)
        return connection.respond(HTTPStatus.FORBIDDEN, f"{problem}\n")

    def serve_one(connection: ServerConnection) -> None:
        line = Messages(connection)
        if enter(line):
            line.closed.wait()
        else:
            connection.close(BUSY, "another client is connected; one at a time")

    server = serve(
        serve_one,
        sock=listening,
        process_request=check,
        # Loopback is faster than any compression.
        compression=None,
        max_size=MAX_BODY_BYTES,
        server_header=None,
    )
    Thread(target=server.serve_forever, name="accept", daemon=True).start()
