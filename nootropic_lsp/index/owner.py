"""Having the index of a folder kept, by a child process or in this one."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from nootropic_lsp.core.errors import NootropicError
from nootropic_lsp.index.frames import receive, send
from nootropic_lsp.index.indexer import Indexer, Progress, Report
from nootropic_lsp.index.lock import WriterLock
from nootropic_lsp.settings import Settings
from nootropic_lsp.store import graph

log = logging.getLogger(__name__)

OnEvent = Callable[[dict[str, Any]], None]
# A child that dies again and again is not started for ever.
_MOST_RESTARTS = 3


class Owner:
    """Keeps one folder's index, unless another process does that already."""

    def __init__(
        self,
        folder: str,
        database: Path,
        settings: Settings,
        *,
        others: Sequence[tuple[str, str]],
        cache: str,
        environment: str | None,
        on_event: OnEvent,
    ) -> None:
        self._folder = folder
        self._database = database
        self._settings = settings
        self._others = others
        self._cache = cache
        self._environment = environment
        self._on_event = on_event
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.RLock()
        self._closed = False
        self._restarts = 0

    # ---- in a process of its own

    def sync(self) -> None:
        """Have the whole folder looked through."""
        self._tell({"do": "sync"})

    def update(self, paths: list[str]) -> None:
        """Have some files looked at again."""
        self._tell({"do": "update", "paths": paths})

    def cancel(self) -> None:
        """Have the present run ended where it is."""
        if self._process is not None:
            self._tell({"do": "cancel"})

    def rebuild(self) -> None:
        """Have everything read anew."""
        self._tell({"do": "rebuild"})

    def close(self) -> None:
        """End the process; what it has written stays."""
        self._closed = True
        with self._lock:
            process, self._process = self._process, None
        if process is None:
            return
        try:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(0.5)
        except (OSError, subprocess.TimeoutExpired):
            process.kill()
            process.wait()

    def _tell(self, message: dict[str, Any]) -> None:
        with self._lock:
            if self._closed:
                return
            process = self._process
            if process is None or process.poll() is not None:
                process = self._start()
                if message["do"] == "update":
                    # Whoever kept the index until now may have missed more than these.
                    message = {"do": "sync"}
            try:
                assert process.stdin is not None
                send(process.stdin, message)  # type: ignore[arg-type]
            except OSError as error:
                log.info("the indexer of %s is gone: %s", self._folder, error)

    def _start(self) -> subprocess.Popen[bytes]:
        process = self._process = subprocess.Popen(
            (sys.executable, "-P", "-m", "nootropic_lsp.index.service"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=os.path.dirname(sys.executable) or None,
        )
        assert process.stdin is not None
        try:
            send(
                process.stdin,  # type: ignore[arg-type]
                {
                    "folder": self._folder,
                    "database": str(self._database),
                    "settings": asdict(self._settings),
                    "others": self._others,
                    "cache": self._cache,
                    "environment": self._environment,
                },
            )
        except OSError as error:
            log.warning("the indexer of %s did not start: %s", self._folder, error)
        threading.Thread(target=self._listen, args=(process,), name="indexer", daemon=True).start()
        return process

    def _listen(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        owned = False
        while (event := receive(process.stdout)) is not None:  # type: ignore[arg-type]
            owned = event["event"] == "owned"
            self._on_event(event)
        process.wait()
        if owned or self._closed or self._process is not process:
            return
        log.warning("the indexer of %s ended with %d", self._folder, process.returncode)
        if self._restarts < _MOST_RESTARTS:
            self._restarts += 1
            self._on_event({"event": "died"})
            self.sync()
        else:
            self._on_event(
                {
                    "event": "done",
                    "changed": [],
                    "problems": [f"The indexer of {self._folder} cannot run; see the log."],
                    "complete": False,
                }
            )

    # ---- in this process

    def run_here(self, progress: Progress | None = None, *, rebuild: bool = False) -> Report:
        """Bring the index up to date and wait. When another process keeps it, leave it to that."""
        lock = WriterLock(self._database.with_name("lock"))
        try:
            if not lock.acquire():
                if rebuild:
                    raise NootropicError(
                        f"the index is kept by process {lock.owner()};"
                        " close the editor that started it, or use its command to rebuild"
                    )
                return Report()
        except OSError as error:
            log.info("no lock can be had beside %s: %s", self._database, error)
        if rebuild:
            graph.remove_graph(self._database)
        indexer = Indexer(
            self._folder,
            self._database,
            self._settings,
            others=self._others,
            cache=self._cache,
            environment=self._environment,
        )
        try:
            report = indexer.sync(progress)
            if indexer.rebuilt:
                report.problems.append(indexer.rebuilt)
            return report
        finally:
            indexer.close()
            lock.release()
