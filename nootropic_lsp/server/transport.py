"""This file is where messages travel: standard input and output, or a socket, by threads of ours.

pygls reads on the threads that run its handlers; eight busy ones stop it from hearing
anything. A thread that only reads hears everything at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from threading import Lock, Thread
from typing import Any, Protocol

from nootropic_lsp.server.framing import BadFrame, Framing, framed

Receive = Callable[[Iterable[bytes | BadFrame]], None]
CHUNK_BYTES = 65_536


class Line(Protocol):
    """A way to one client and back."""

    def write(self, body: bytes) -> None:
        """Send one message; any thread may. One that cannot be sent is dropped."""

    def listen(self, receive: Receive, lost: Callable[[], None]) -> None:
        """Call `receive` with the messages that come until the client is `lost`. Blocks."""

    def close(self) -> None:
        """Say nothing more."""


class Stream:
    """Bytes in and out, with a header before each message."""

    def __init__(
        self,
        read: Callable[[int], bytes],
        write: Callable[[memoryview], int],
        close: Callable[[], object],
        framing: Framing | None = None,
        heard: Sequence[bytes | BadFrame] = (),
    ) -> None:
        self._read = read
        self._write = write
        self._close = close
        self._framing = framing or Framing()
        self._heard = heard
        self._writing = Lock()
        self._is_open = True

    def write(self, body: bytes) -> None:
        """Send one message."""
        data = memoryview(framed(body))
        with self._writing:
            try:
                while data and self._is_open:
                    data = data[self._write(data) :]
            except OSError:
                # The reader will notice, too, that nobody is there.
                self._is_open = False

    def listen(self, receive: Receive, lost: Callable[[], None]) -> None:
        """Read until the end."""
        if self._heard:
            receive(self._heard)
        try:
            while data := self._read(CHUNK_BYTES):
                messages = list(self._framing.feed(data))
                if messages:
                    receive(messages)
        except OSError:
            pass  # The same to us as an end.
        lost()

    def close(self) -> None:
        """Say nothing more."""
        self._is_open = False
        self._close()


def standard_pipes() -> Stream:
    """Standard input and output, taken away from everybody else.

    A `print` of a library, or a child that inherits them, would break the protocol:
    output goes to standard error from now on, and input is empty.
    """
    source, target = os.dup(0), os.dup(1)
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    os.dup2(2, 1)
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415 -- there on Windows only

        msvcrt.setmode(source, os.O_BINARY)
        msvcrt.setmode(target, os.O_BINARY)
    return Stream(partial(os.read, source), partial(os.write, target), lambda: None)


def listen_on_thread(line: Line, receive: Receive, lost: Callable[[], None]) -> Thread:
    """A thread that does nothing but listen."""
    thread = Thread(target=line.listen, args=(receive, lost), name="reader", daemon=True)
    thread.start()
    return thread


def in_loop(loop: Any, call: Callable[..., object]) -> Callable[..., None]:
    """`call`, to be run on the event loop, from any thread; nothing once the loop is closed."""

    def from_anywhere(*arguments: Any) -> None:
        try:
            loop.call_soon_threadsafe(call, *arguments)
        except RuntimeError:
            if not loop.is_closed():
                raise

    return from_anywhere
