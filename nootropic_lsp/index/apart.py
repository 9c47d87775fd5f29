"""Library files that are too large to be read while somebody waits: a child reads them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from nootropic_lsp.index.libraries import Libraries
from nootropic_lsp.index.source import encode_source
from nootropic_lsp.index.workers import Worker, WorkerDiedError

log = logging.getLogger(__name__)

_DEADLINE_S = 30.0


class Apart:
    """Has library files read in the background, each once, into the user's cache.

    `done` is called on a thread when all that were asked for are there.
    """

    def __init__(self, cache_folder: Path, done: Callable[[], object]) -> None:
        self._cache_folder = cache_folder
        self._done = done
        self._lock = threading.Lock()
        self._seen: set[str] = set()
        self._waiting: list[str] = []
        self._worker: Worker | None = None
        self._is_closed = False

    def submit(self, path: str) -> None:
        """Have a file read, if that was not tried before."""
        with self._lock:
            if path in self._seen or self._is_closed:
                return
            self._seen.add(path)
            self._waiting.append(path)
            if self._worker is not None:
                return
            self._worker = Worker()
        threading.Thread(target=self._run, name="libraries", daemon=True).start()

    @property
    def reading(self) -> str:
        """The file that is being read, "" if there is none."""
        with self._lock:
            return self._waiting[0] if self._waiting else ""

    def close(self) -> None:
        """End the child."""
        with self._lock:
            self._is_closed = True
            worker = self._worker
        if worker is not None:
            worker.stop()

    def _run(self) -> None:
        libraries = Libraries(self._cache_folder, extract=self._extract)
        while path := self.reading:
            try:
                libraries.facts(path)
            except WorkerDiedError as error:
                log.warning("the library file %s is passed over: reading it %s", path, error)
            with self._lock:
                self._waiting.pop(0)
        libraries.close()
        with self._lock:
            worker, self._worker = self._worker, None
        if worker is not None:
            worker.stop()
        if not self._is_closed:
            self._done()

    def _extract(self, path: str, text: str, language: str) -> bytes:
        worker = self._worker
        assert worker is not None
        request = {"do": "text", "path": path, "language": language, "text": encode_source(text)}
        facts: bytes = worker.ask(request, _DEADLINE_S)
        return facts
