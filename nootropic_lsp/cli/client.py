"""This file is where we play an editor: a small client that starts the real server over stdio."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from queue import Empty, Queue
from types import TracebackType
from typing import IO, Any

from nootropic_lsp import __version__
from nootropic_lsp.core.errors import NootropicError

_ENDED = object()


class Client:
    """One server process and the talk with it. Columns are agreed to count code points.

    A thread reads; notifications go to `on_notification`, called on that thread.
    """

    def __init__(
        self,
        root: Path,
        on_notification: Callable[[str, Any], None],
        arguments: tuple[str, ...] = (),
    ) -> None:
        self._on_notification = on_notification
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 -- `__exit__` closes it
        # `-P`: nothing is imported from the current folder, which may be anybody's.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "nootropic_lsp", "lsp", *arguments],
            cwd=root,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
        )
        self._answers: dict[int, Queue[Any]] = {}
        self._writing = threading.Lock()
        self._n_requests = 0
        self._ended = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def initialize(self, root: Path, *, deadline_s: float = 30) -> Any:
        """Shake hands; returns what the server says of itself."""
        folder = {"uri": root.as_uri(), "name": root.name}
        said = self.request(
            "initialize",
            {
                "processId": None,
                "clientInfo": {"name": "nootropic tour", "version": __version__},
                "rootUri": folder["uri"],
                "workspaceFolders": [folder],
                "capabilities": _CAPABILITIES,
            },
            deadline_s=deadline_s,
        )
        self.notify("initialized", {})
        return said

    def request(self, method: str, params: Any, *, deadline_s: float = 30) -> Any:
        """Ask and wait. Raises `NootropicError` if the server refuses, is late or has gone."""
        with self._writing:
            self._n_requests += 1
            number = self._n_requests
            answers = self._answers[number] = Queue()
        if self._ended:
            answers.put(_ENDED)
        try:
            self._send({"id": number, "method": method, "params": params})
            answer = answers.get(timeout=deadline_s)
        except Empty:
            raise NootropicError(f"no answer to {method} within {deadline_s:g} s") from None
        finally:
            self._answers.pop(number, None)
        if answer is _ENDED:
            raise self._has_ended(method)
        if "error" in answer:
            raise NootropicError(str(answer["error"].get("message", answer["error"])))
        return answer.get("result")

    def notify(self, method: str, params: Any) -> None:
        """Tell, without waiting."""
        self._send({"method": method, "params": params})

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Say goodbye, and end a server that does not leave."""
        with contextlib.suppress(NootropicError):
            self.request("shutdown", None, deadline_s=2)
            self.notify("exit", None)
        try:
            self._process.wait(timeout=3)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(timeout=1)
        for stream in (self._process.stdin, self._process.stdout, self._complaints):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def _send(self, message: Mapping[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        pipe = self._process.stdin
        assert pipe is not None
        try:
            with self._writing:
                pipe.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
                pipe.flush()
        except OSError as error:
            raise self._has_ended(str(message.get("method", "an answer"))) from error

    def _has_ended(self, method: str) -> NootropicError:
        self._complaints.seek(0)
        said = self._complaints.read().decode("utf-8", "replace").strip().splitlines()
        last = f": {said[-1]}" if said else ""
        return NootropicError(f"the server ended during {method}{last}; try `nootropic doctor`")

    def _read(self) -> None:
        pipe = self._process.stdout
        assert pipe is not None
        try:
            while (message := _read_message(pipe)) is not None:
                self._take(message)
        finally:
            self._ended = True
            for answers in list(self._answers.values()):
                answers.put(_ENDED)

    def _take(self, message: dict[str, Any]) -> None:
        if "method" not in message:
            answers = self._answers.get(message["id"])
            if answers is not None:
                answers.put(message)
        elif "id" in message:
            # The server asks for settings (none), to register a watcher or to show progress (yes).
            asked = message["method"] == "workspace/configuration"
            result = [None] * len(message["params"]["items"]) if asked else None
            with contextlib.suppress(NootropicError):
                self._send({"id": message["id"], "result": result})
        else:
            self._on_notification(message["method"], message.get("params"))


def _read_message(pipe: IO[bytes]) -> dict[str, Any] | None:
    length = 0
    while (line := pipe.readline()).strip():
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    if not line:
        return None
    message: dict[str, Any] = json.loads(pipe.read(length))
    return message


_CAPABILITIES: dict[str, Any] = {
    "experimental": {"didChangeStatus": True},
    "general": {"positionEncodings": ["utf-32"]},
    "window": {"workDoneProgress": True},
    "workspace": {
        "configuration": True,
        "workspaceFolders": True,
        "workspaceEdit": {"documentChanges": True, "resourceOperations": ["rename"]},
    },
    "textDocument": {
        "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}}},
        "completion": {"completionItem": {"labelDetailsSupport": True}},
        "hover": {"contentFormat": ["markdown"]},
        "inlineCompletion": {},
        "documentSymbol": {"hierarchicalDocumentSymbolSupport": True},
        "publishDiagnostics": {"relatedInformation": True, "dataSupport": True},
        "rename": {"prepareSupport": True},
    },
}
