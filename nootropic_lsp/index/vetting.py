"""Texts that a child process has to cope with before, or instead of, this one."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

import msgspec

from nootropic_lsp.index.opened import OpenText
from nootropic_lsp.index.source import encode_source
from nootropic_lsp.index.workers import Worker, WorkerDiedError

log = logging.getLogger(__name__)

# The first parse of anything longer has no bound that an editor would put up with. Finding
# the facts takes up to 1 ms per kB, whatever is in the text, and holds up all threads.
LARGE = 200_000
_DEADLINE_S = 10.0
# A child takes memory, and a while to start: it is kept for the next edit.
_REST_AFTER_S = 20.0


class Vetting:
    """Has texts read by children, those of open documents in the background.

    `done` is called after each of these, on a thread: its text is held no longer, or says why.
    """

    def __init__(self, done: Callable[[OpenText], object]) -> None:
        self._done = done
        self._lock = threading.Lock()
        # What the background still has to read: of each document only the latest.
        self._waiting: dict[str, OpenText] = {}
        self._is_running = False
        self._workers: set[Worker] = set()
        self._idle: Worker | None = None
        self._resting: threading.Timer | None = None
        self._is_closed = False

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
        """End the children."""
        with self._lock:
            self._is_closed = True
            self._waiting.clear()
            workers = list(self._workers)
            if self._resting is not None:
                self._resting.cancel()
        for worker in workers:
            worker.stop()

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._is_running = False
                    return
                text = self._waiting.pop(next(iter(self._waiting)))
            self._read(text)
            self._done(text)

    def read(self, text: OpenText) -> None:
        """Have a text read and wait for it: it is released, or refused, which `done` is told."""
        self._read(text)
        if text.held:
            self._done(text)

    def _read(self, text: OpenText) -> None:
        document = text.document
        request = {
            "do": "text",
            "path": document.path,
            "language": document.language,
            "text": encode_source(document.text),
        }
        worker = self._take()
        try:
            text.release(worker.ask(request, _DEADLINE_S))
        except (WorkerDiedError, msgspec.MsgspecError) as error:
            log.warning("%s is not parsed: the child that read it %s", document.path, error)
            name = document.path.rpartition("/")[2]
            text.refuse(f"{name} is passed over until it is saved: reading it {error}")
        finally:
            self._give_back(worker)

    def _take(self) -> Worker:
        """The idle child, or one more: nobody waits for another's text."""
        with self._lock:
            if self._resting is not None:
                self._resting.cancel()
            worker, self._idle = self._idle or Worker(), None
            self._workers.add(worker)
            return worker

    def _give_back(self, worker: Worker) -> None:
        with self._lock:
            if self._idle is None and not self._is_closed:
                self._idle = worker
                self._resting = threading.Timer(_REST_AFTER_S, self._rest)
                self._resting.daemon = True
                self._resting.start()
                return
            self._workers.discard(worker)
        worker.stop()

    def _rest(self) -> None:
        with self._lock:
            worker, self._idle = self._idle, None
            if worker is None:
                return
            self._workers.discard(worker)
        worker.stop()
