"""Open texts that a child process has to cope with before this one parses them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

import msgspec

from nootropic_lsp.index.opened import OpenText
from nootropic_lsp.index.source import encode_source
from nootropic_lsp.index.workers import Worker, WorkerDiedError

log = logging.getLogger(__name__)

# The first parse of anything longer has no bound that an editor would put up with.
LARGE = 200_000
_DEADLINE_S = 10.0


class Vetting:
    """One child that reads one text after the other, of each document only the latest.

    `done` is called after each, on a thread; its text is held no longer, or says why.
    """

    def __init__(self, done: Callable[[OpenText], object]) -> None:
        self._done = done
        self._waiting: dict[str, OpenText] = {}
        self._lock = threading.Lock()
        self._worker = Worker()
        self._is_running = False

    def submit(self, text: OpenText) -> None:
        """Have a held text read, instead of any earlier version that still waits."""
        with self._lock:
            self._waiting.pop(text.document.path, None)
            self._waiting[text.document.path] = text
            if self._is_running:
                return
            self._is_running = True
        threading.Thread(target=self._run, name="vetting", daemon=True).start()

    def drop(self, path: str) -> None:
        """A document was closed."""
        with self._lock:
            self._waiting.pop(path, None)

    def close(self) -> None:
        """End the child."""
        with self._lock:
            self._waiting.clear()
        self._worker.stop()

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    # It takes memory, and large texts are rarely opened.
                    self._worker.stop()
                    self._is_running = False
                    return
                text = self._waiting.pop(next(iter(self._waiting)))
            self._read(text)
            self._done(text)

    def _read(self, text: OpenText) -> None:
        document = text.document
        request = {
            "do": "text",
            "path": document.path,
            "language": document.language,
            "text": encode_source(document.text),
        }
        try:
            text.release(self._worker.ask(request, _DEADLINE_S))
        except (WorkerDiedError, msgspec.MsgspecError) as error:
            log.warning("%s is not parsed: the child that read it %s", document.path, error)
            name = document.path.rpartition("/")[2]
            text.refuse(f"{name} is passed over until it is saved: reading it {error}")
