"""Having the index of a folder kept: by a child, by whoever keeps it already, or in this process."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import uuid4

from nootropic_lsp.index.exchange import Line, call
from nootropic_lsp.index.frames import receive, send
from nootropic_lsp.index.indexer import Progress, Report
from nootropic_lsp.index.keeper import Keeper
from nootropic_lsp.index.lock import WriterLock
from nootropic_lsp.index.places import Place
from nootropic_lsp.settings.options import Settings
from nootropic_lsp.store import graph

log = logging.getLogger(__name__)

OnEvent = Callable[[dict[str, Any]], None]
# -P: nothing may be imported from the current folder, which can be a stranger's repository.
_COMMAND = (sys.executable, "-P", "-m", "nootropic_lsp.index.service")
# A child that dies again and again is not started for ever.
_MOST_RESTARTS = 3
# How long a command waits for another process that keeps the index and does not answer.
_PATIENCE_S = 10.0


class Owner:
    """Has one folder's index kept. Of all processes on a workspace, one does it for all."""

    def __init__(
        self,
        folder: str,
        place: Place,
        settings: Settings,
        *,
        others: Sequence[tuple[str, Place]],
        cache: str,
        environment: str | None,
        on_event: OnEvent,
    ) -> None:
        self._folder = folder
        self._place = place
        self._settings = settings
        self._others = others
        self._cache = cache
        self._environment = environment
        self._on_event = on_event
        # One of these at a time: our own child, or the line to another server's.
        self._process: subprocess.Popen[bytes] | None = None
        self._line: Line | None = None
        self._lock = threading.RLock()
        self._closed = False
        # Our child waits for the lock, because whoever has it could not be reached.
        self._is_waiting = False
        self._restarts = 0

    # ---- in a process of its own

    def sync(self) -> None:
        """Have the whole folder looked through."""
        self._tell({"do": "sync"})

    def update(self, paths: list[str]) -> None:
        """Have some files looked at again."""
        self._tell({"do": "update", "paths": paths})

    def check(self) -> None:
        """Have an index rebuilt that was found damaged."""
        self._tell({"do": "check"})

    def cancel(self) -> None:
        """Have the present run ended where it is."""
        self._tell({"do": "cancel"})

    def rebuild(self) -> None:
        """Have everything read anew."""
        self._tell({"do": "rebuild"})

    def close(self) -> None:
        """End the process; what it has written stays."""
        with self._lock:
            self._closed = True
            process, self._process = self._process, None
            line, self._line = self._line, None
        if line is not None:
            line.close()
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
            if self._is_waiting:
                self._stop_waiting()
            if self._line is not None:
                self._line.send_later(message)
            elif self._process is not None and self._process.poll() is None:
                self._send(self._process, message)
            elif message["do"] != "cancel":
                # Whoever kept the index until now may have missed more than these files.
                self._begin({"do": "sync"} if message["do"] == "update" else message)

    def _begin(self, message: dict[str, Any]) -> None:
        """Turn to the process that keeps the index, or start one."""
        try:
            is_free = WriterLock(self._place.database.with_name("lock")).is_free()
        except OSError:
            is_free = True  # The child will say what is wrong there.
        if is_free:
            self._start(message, wait=False)
            return
        line = call(self._place.database)
        if line is None:
            # It cannot be reached, or is just about to end.
            self._start(message, wait=True)
            return
        line.send_later(message)
        self._listen_to(line)

    def _stop_waiting(self) -> None:
        """Turn to whoever keeps the index, now that it can be reached."""
        line = call(self._place.database)
        if line is not None:
            process, self._process = self._process, None
            self._is_waiting = False
            if process is not None:
                process.kill()
                process.wait()
            self._listen_to(line)

    def _listen_to(self, line: Line) -> None:
        self._line = line
        threading.Thread(target=self._follow, args=(line,), name="line", daemon=True).start()

    def _follow(self, line: Line) -> None:
        """Hear what another server's child does, and take over when it ends."""
        self._on_event({"event": "owned"})
        while (event := line.receive()) is not None:
            self._on_event(event)
        line.close()
        with self._lock:
            if self._line is line:
                self._line = None
                self._begin({"do": "sync"})

    def _start(self, message: dict[str, Any], *, wait: bool) -> None:
        process = self._process = subprocess.Popen(
            _COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(sys.executable).parent,
        )
        opening = {
            "folder": self._folder,
            "database": str(self._place.database),
            "is_inside": self._place.is_inside,
            "wait": wait,
            "settings": asdict(self._settings),
            "others": [
                (path, str(place.database), place.is_inside) for path, place in self._others
            ],
            "cache": self._cache,
            "environment": self._environment,
        }
        self._send(process, opening)
        self._send(process, message)
        self._is_waiting = wait
        threading.Thread(target=self._listen, args=(process,), name="indexer", daemon=True).start()

    def _send(self, process: subprocess.Popen[bytes], message: dict[str, Any]) -> None:
        try:
            assert process.stdin is not None
            send(process.stdin, message)  # type: ignore[arg-type]
        except OSError as error:
            log.info("the indexer of %s is gone: %s", self._folder, error)

    def _listen(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        last = ""
        while (event := receive(process.stdout)) is not None:  # type: ignore[arg-type]
            last = event["event"]
            if last == "done":
                self._restarts = 0
            if last == "open":
                self._is_waiting = False
            if last != "lost":
                self._on_event(event)
        process.wait()
        with self._lock:
            if self._closed or self._process is not process:
                return
            self._process = None
            if last == "homeless":
                return
            if last in ("owned", "lost"):
                self._begin({"do": "sync"})
                return
            log.warning("the indexer of %s ended with %d", self._folder, process.returncode)
            self._restarts += 1
            is_hopeless = self._restarts > _MOST_RESTARTS
            if not is_hopeless:
                self._begin({"do": "sync"})
        sentence = f"The indexer of {self._folder} cannot run; see the log."
        self._on_event({"event": "died"} if not is_hopeless else _failed(sentence))

    # ---- in this process

    def run_here(
        self, progress: Progress | None = None, *, rebuild: bool = False, resolve: bool = True
    ) -> Report:
        """Bring the index up to date and wait. When another process keeps it, that one does it.

        Without `resolve`, the edges of what is new are not waited for.
        Raises `NoRoomError` if the index cannot be kept at its place.
        """
        request = {"do": "rebuild" if rebuild else "sync", "resolve": resolve}
        lock = WriterLock(self._place.database.with_name("lock"))
        until = time.monotonic() + _PATIENCE_S
        try:
            while not lock.acquire():
                report = self._have_run(request, progress)
                if report is not None:
                    return report
                if time.monotonic() > until:
                    problem = f"The index is kept by process {lock.owner()}, which does not answer."
                    return Report(problems=[problem], complete=False)
                # Another command keeps it for the moment, or its keeper is just ending.
                time.sleep(0.05)
        except OSError as error:
            raise graph.NoRoomError(
                f"{self._place.database.parent} cannot be locked: {error}"
            ) from error
        said: list[str] = []
        try:
            keeper = Keeper(
                self._folder,
                self._place,
                self._settings,
                others=self._others,
                cache=self._cache,
                environment=self._environment,
                tell=said.append,
            )
            try:
                report = keeper.run(request, progress)
            finally:
                keeper.close()
        finally:
            lock.release()
        report.problems[:0] = said
        return report

    def _have_run(self, request: dict[str, Any], progress: Progress | None) -> Report | None:
        """Let the process that keeps the index do it; None if it cannot be reached."""
        line = call(self._place.database)
        if line is None:
            return None
        tag = uuid4().hex
        line.send_later({**request, "tag": tag})
        # Who follows the progress may raise, to wait no longer.
        with closing(line):
            while (event := line.receive()) is not None:
                if event["event"] == "progress" and progress is not None:
                    progress(event["done"], event["total"])
                elif event["event"] == "read" and tag in event["tags"] and not request["resolve"]:
                    return Report()
                elif event["event"] == "done" and tag in event["tags"]:
                    return Report(
                        event["read"],
                        event["resolved"],
                        problems=event["problems"],
                        complete=event["complete"],
                    )
        return None


def _failed(sentence: str) -> dict[str, Any]:
    return {
        "event": "done",
        "read": 0,
        "resolved": 0,
        "problems": [sentence],
        "complete": False,
        "tags": [],
    }
