"""A raw client: it speaks the protocol over pipes or a socket, without any framework or event loop."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

DEADLINE_S = 20.0
NO_REPLY = object()
"""A reply that means: let the server wait."""
HERE = Path(__file__).resolve().parent
FAKE = (sys.executable, str(HERE / "fake_server.py"))
REAL = (sys.executable, "-m", "nootropic_lsp", "lsp")


class Refused(Exception):
    """The server answered with an error."""

    def __init__(self, error: Mapping[str, Any]) -> None:
        super().__init__(f"{error['code']}: {error['message']}")
        self.code = error["code"]
        self.message = error["message"]


class Gone(Exception):
    """The server ended, or does not answer."""


class Wire:
    """Messages to and from one server, whatever carries them."""

    def __init__(self, send: Callable[[bytes], object]) -> None:
        self._send_bytes = send
        self._ids = 0
        self._answers: dict[Any, queue.Queue[Any]] = {}
        self._arrived = threading.Condition()
        self.notifications: list[dict[str, Any]] = []
        self.requests: list[dict[str, Any]] = []
        self.strays: list[dict[str, Any]] = []
        self.replies: dict[str, Any] = {}
        self.has_ended = False

    def receive(self, message: dict[str, Any]) -> None:
        """Take what the server sent; called by whoever reads."""
        if "method" in message and "id" in message:
            reply = self.replies.get(message["method"])
            if callable(reply):
                reply = reply(message.get("params"))
            if reply is not NO_REPLY:
                self.send({"id": message["id"], "result": reply})
        with self._arrived:
            if "method" in message:
                (self.requests if "id" in message else self.notifications).append(message)
            elif message.get("id") in self._answers:
                self._answers[message["id"]].put(message)
            else:
                self.strays.append(message)
            self._arrived.notify_all()

    def end(self) -> None:
        """Nothing more will come."""
        with self._arrived:
            self.has_ended = True
            for waiting in self._answers.values():
                waiting.put(None)
            self._arrived.notify_all()

    def send(self, message: Mapping[str, Any]) -> None:
        """Send a message."""
        self._send_bytes(json.dumps({"jsonrpc": "2.0", **message}).encode())

    def notify(self, method: str, params: Any = None) -> None:
        """Tell the server something."""
        self.send({"method": method, "params": params})

    def begin(self, method: str, params: Any = None) -> int:
        """Ask, without waiting; the id to wait for."""
        self._ids += 1
        self._answers[self._ids] = queue.Queue()
        self.send({"id": self._ids, "method": method, "params": params})
        return self._ids

    def answer(self, msg_id: int, deadline_s: float = DEADLINE_S) -> Any:
        """The answer to a request; raises `Refused` for an error."""
        try:
            message = self._answers[msg_id].get(timeout=deadline_s)
        except queue.Empty:
            raise Gone(f"no answer to request {msg_id} within {deadline_s:g} s") from None
        if message is None:
            raise Gone("the server ended")
        if "error" in message:
            raise Refused(message["error"])
        return message["result"]

    def request(self, method: str, params: Any = None, deadline_s: float = DEADLINE_S) -> Any:
        """Ask and wait."""
        return self.answer(self.begin(method, params), deadline_s)

    def wait_for(
        self, found: Callable[[], Any], deadline_s: float = DEADLINE_S, what: str = "a message"
    ) -> Any:
        """Wait until `found`, looked at after each message, is true; what it found."""
        until = time.monotonic() + deadline_s
        with self._arrived:
            while not (result := found()):
                left_s = until - time.monotonic()
                if left_s <= 0 or self.has_ended:
                    raise Gone(f"waited in vain for {what}")
                self._arrived.wait(left_s)
            return result

    def notified(self, method: str) -> list[Any]:
        """What has been told so far by a method."""
        return [each["params"] for each in self.notifications if each["method"] == method]

    def wait_notified(self, method: str, count: int = 1, deadline_s: float = DEADLINE_S) -> Any:
        """The params of the notification number `count` of a method."""
        found = self.wait_for(
            lambda: self.notified(method)[count - 1 : count], deadline_s, f"{method} no. {count}"
        )
        return found[0]

    def wait_requested(self, method: str, deadline_s: float = DEADLINE_S) -> Any:
        """The first request of the server by a method."""
        return self.wait_for(
            lambda: [each for each in self.requests if each["method"] == method],
            deadline_s,
            method,
        )[0]["params"]

    # What every test needs.

    def start(
        self,
        root: Path | None = None,
        *,
        capabilities: Mapping[str, Any] | None = None,
        options: Any = None,
        **more: Any,
    ) -> dict[str, Any]:
        """Shake hands; the answer to `initialize`."""
        uri = root.as_uri() if root else None
        params = {
            "processId": os.getpid(),
            "rootUri": uri,
            "workspaceFolders": [{"uri": uri, "name": "root"}] if uri else None,
            "capabilities": capabilities or {},
            "initializationOptions": options,
            **more,
        }
        answer: dict[str, Any] = self.request("initialize", params)
        self.notify("initialized", {})
        return answer

    def open(self, uri: str, text: str, language: str = "python", version: int = 1) -> None:
        """Open a document."""
        document = {"uri": uri, "languageId": language, "version": version, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})

    def change(self, uri: str, version: int, *changes: Mapping[str, Any]) -> None:
        """Edit a document."""
        self.notify(
            "textDocument/didChange",
            {"textDocument": {"uri": uri, "version": version}, "contentChanges": list(changes)},
        )

    def at(self, method: str, uri: str, line: int, character: int, **more: Any) -> Any:
        """Ask about a place."""
        return self.request(method, place(uri, line, character, **more))


def place(uri: str, line: int, character: int, **more: Any) -> dict[str, Any]:
    """The params of a question about a place."""
    position = {"line": line, "character": character}
    return {"textDocument": {"uri": uri}, "position": position, **more}


def span(line: int, start: int, end_line: int, end: int) -> dict[str, Any]:
    """A range."""
    return {
        "start": {"line": line, "character": start},
        "end": {"line": end_line, "character": end},
    }


class Client(Wire):
    """A server process on pipes."""

    def __init__(
        self,
        command: Sequence[str] = FAKE,
        *,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(self._send_framed)
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=cwd,
            env={**os.environ, **(env or {})},
        )
        self._writing = threading.Lock()
        self.log = bytearray()
        self._threads = [
            threading.Thread(target=self._read, daemon=True),
            threading.Thread(target=self._read_log, daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def send_raw(self, data: bytes) -> None:
        """Send bytes as they are."""
        assert self.process.stdin
        with self._writing:
            self.process.stdin.write(data)
            self.process.stdin.flush()

    def leave(self) -> int:
        """Say goodbye; the exit code."""
        self.request("shutdown")
        self.notify("exit")
        return self.process.wait(DEADLINE_S)

    def stop(self) -> None:
        """End the process, however it stands."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for thread in self._threads:
            thread.join(DEADLINE_S)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert pipe
            with contextlib.suppress(OSError):
                pipe.close()

    @property
    def errors(self) -> str:
        """What the server wrote to standard error."""
        return self.log.decode(errors="replace")

    def _send_framed(self, body: bytes) -> None:
        self.send_raw(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    def _read(self) -> None:
        assert self.process.stdout
        read_messages(self.process.stdout, self)

    def _read_log(self) -> None:
        assert self.process.stderr
        while data := os.read(self.process.stderr.fileno(), 65536):
            with self._arrived:
                self.log += data
                self._arrived.notify_all()


def read_messages(source: BinaryIO, wire: Wire) -> None:
    """Hand over what a stream brings until its end."""
    try:
        while header := source.readline():
            length = 0
            while header not in (b"\r\n", b""):
                if header.lower().startswith(b"content-length:"):
                    length = int(header[15:])
                header = source.readline()
            if length:
                wire.receive(json.loads(source.read(length)))
    except (OSError, ValueError):
        pass
    wire.end()
