"""How the servers of one workspace reach the process that keeps its index.

A local socket (a named pipe on Windows) that only this user can reach, at a place that
follows from the path of the index. It carries the same messages as the pipes between a
server and its own indexer: requests one way, events the other. Its end tells the readers
that the index needs a new keeper, so that nobody has to look for that time and again.
"""

from __future__ import annotations

import logging
import os
import queue
import sys
import tempfile
import threading
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from nootropic_lsp.safety.seal import private_folder
from nootropic_lsp.settings.folders import cache_folder

if TYPE_CHECKING:
    from multiprocessing.connection import Connection, Listener

log = logging.getLogger(__name__)

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(dict[str, Any]).decode
_LARGEST_BYTES = 10_000_000
# The longest address of a Unix socket is 104 bytes on some systems.
_LONGEST_ADDRESS = 100
# A reader that has so many events waiting has stopped.
_MOST_WAITING = 1_000


class Exchange:
    """The keeper's side. `heard` gets the requests of other processes, on threads of its own."""

    def __init__(self, database: Path, heard: Callable[[dict[str, Any]], None]) -> None:
        self._heard = heard
        self._lines: set[Line] = set()
        self._listener: Listener | None = None
        address = _address(database)
        if address is None:
            return
        # Loaded by the processes that need it only.
        from multiprocessing.connection import Listener  # noqa: PLC0415

        try:
            if sys.platform != "win32":
                # Whoever left it there is dead: the lock is ours.
                Path(address).unlink(missing_ok=True)
            self._listener = Listener(address, backlog=16)
        except OSError as error:
            log.info("other processes cannot reach this one: %s", error)
            return
        threading.Thread(target=self._accept, name="exchange", daemon=True).start()

    def tell(self, event: dict[str, Any]) -> None:
        """Send an event to every reader."""
        for line in list(self._lines):
            line.send_later(event)

    def close(self) -> None:
        """Let the readers know that this process keeps the index no longer."""
        if self._listener is not None:
            self._listener.close()

    def _accept(self) -> None:
        assert self._listener is not None
        while True:
            try:
                line = Line(self._listener.accept())
            except (OSError, EOFError):
                return
            threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def _serve(self, line: Line) -> None:
        self._lines.add(line)
        while (request := line.receive()) is not None:
            self._heard(request)
        self._lines.discard(line)
        line.close()


class Line:
    """One connection, at either end."""

    def __init__(self, connection: Connection[Any, Any]) -> None:
        self._connection = connection
        self._waiting: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        threading.Thread(target=self._send_all, daemon=True).start()

    def send_later(self, message: dict[str, Any]) -> None:
        """Send without waiting for the other side to read."""
        if self._waiting.qsize() < _MOST_WAITING:
            self._waiting.put(_encode(message))

    def receive(self) -> dict[str, Any] | None:
        """The next message; None at the end, and after anything that is none."""
        try:
            return _decode(self._connection.recv_bytes(_LARGEST_BYTES))
        except (OSError, EOFError, msgspec.MsgspecError):
            return None

    def close(self) -> None:
        """Hang up."""
        self._waiting.put(None)

    def _send_all(self) -> None:
        try:
            while (message := self._waiting.get()) is not None:
                self._connection.send_bytes(message)
        except OSError:
            pass
        finally:
            self._connection.close()


def call(database: Path) -> Line | None:
    """Reach the process that keeps an index; None if it cannot be reached."""
    address = _address(database)
    if address is None:
        return None
    from multiprocessing.connection import Client  # noqa: PLC0415 -- readers only

    try:
        return Line(Client(address))
    except (OSError, EOFError):
        return None


def _address(database: Path) -> str | None:
    real = os.path.normcase(os.path.realpath(database)).encode("utf-8", "surrogatepass")
    name = blake2b(real, digest_size=10).hexdigest()
    if sys.platform == "win32":
        return rf"\\.\pipe\nootropic-{name}"
    for folder in (
        cache_folder() / "run",
        Path(tempfile.gettempdir(), f"nootropic-{os.geteuid()}"),
    ):
        address = str(folder / name)
        if len(os.fsencode(address)) <= _LONGEST_ADDRESS and private_folder(folder):
            return address
    return None
