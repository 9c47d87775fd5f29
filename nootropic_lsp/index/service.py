"""The process that keeps the index of one folder, for servers that must not be held up by it.

Run as `python -P -m nootropic_lsp.index.service`; speaks `frames` on its standard
streams with the server that started it, and through `exchange` with all others. It takes
the folder's lock; when another process has that, it says so and ends, or waits for it.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import queue
import sys
import threading
import time
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from nootropic_lsp.index.exchange import Exchange
from nootropic_lsp.index.frames import receive, send
from nootropic_lsp.index.indexer import Report
from nootropic_lsp.index.keeper import Keeper, was_complete
from nootropic_lsp.index.lock import WriterLock
from nootropic_lsp.index.places import Place
from nootropic_lsp.settings.options import Settings
from nootropic_lsp.store import graph

log = logging.getLogger(__name__)

# Workers are kept for a while after a run: the next save comes soon.
_REST_AFTER_S = 20.0
_PROGRESS_EVERY = 20
# How long a run may take to end when nobody waits for it any more.
_LEAVING_S = 2.0
# Looking through the whole folder costs less than looking at so many files one by one.
_MANY_PATHS = 2_000


def main() -> int:
    """Serve one folder until the input ends."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    gc.freeze()
    source, output = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr
    with contextlib.suppress(BrokenPipeError):
        opening = receive(source)
        if opening is not None:
            _Service(source, output).serve(opening)
    # The thread that reads would hold up the end of the interpreter.
    os._exit(0)


class _Service:
    def __init__(self, source: BinaryIO, output: BinaryIO) -> None:
        self._source = source
        self._output = output
        self._requests: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._keeper: Keeper | None = None
        self._exchange: Exchange | None = None
        # Of the requests that are being worked on: who waits for them, and what went wrong.
        self._tags: list[str] = []
        self._problems: list[str] = []

    def serve(self, opening: dict[str, Any]) -> None:
        threading.Thread(target=self._listen, name="requests", daemon=True).start()
        place = Place(Path(opening["database"]), opening["is_inside"])
        lock = WriterLock(place.database.with_name("lock"))
        try:
            if not lock.acquire():
                self._tell({"event": "owned", "by": lock.owner()})
                if not opening["wait"]:
                    return
                lock.acquire(wait=True)
            self._exchange = Exchange(place.database, self._heard)
            self._keep(opening, place, lock)
        except (OSError, graph.NoRoomError) as error:
            if isinstance(error, BrokenPipeError):
                return
            log.warning("no index can be kept in %s: %s", place.database.parent, error)
            self._tell({"event": "homeless"})
        finally:
            if self._exchange is not None:
                self._exchange.close()
            if self._keeper is not None:
                self._keeper.close()
            lock.release()

    def _keep(self, opening: dict[str, Any], place: Place, lock: WriterLock) -> None:
        self._keeper = Keeper(
            opening["folder"],
            place,
            msgspec.convert(opening["settings"], Settings),
            others=[
                (folder, Place(Path(path), is_inside))
                for folder, path, is_inside in opening["others"]
            ],
            cache=opening["cache"],
            environment=opening["environment"],
            tell=lambda sentence: self._tell({"event": "problem", "sentence": sentence}),
            on_read=self._read,
            in_background=True,
        )
        self._tell({"event": "open"})
        while (request := self._next()) is not None:
            if not lock.is_in_place():
                # Somebody has removed the folder with the index. Begin anew, with a new lock.
                self._tell({"event": "lost"})
                return
            self._run(request)

    def _next(self) -> dict[str, Any] | None:
        """The next request, together with all that have come meanwhile; None at the end."""
        assert self._keeper is not None
        try:
            request = self._requests.get(timeout=_REST_AFTER_S)
        except queue.Empty:
            self._keeper.rest()
            request = self._requests.get()
        if request is None:
            return None
        self._keeper.indexer.go_on()
        found = [request]
        while not self._requests.empty():
            following = self._requests.get()
            if following is None:
                return None
            found.append(following)
        kinds = {each["do"] for each in found}
        paths = list(dict.fromkeys(path for each in found for path in each.get("paths", ())))
        do = next((each for each in ("rebuild", "check", "sync") if each in kinds), "update")
        if do == "update" and len(paths) > _MANY_PATHS:
            do = "sync"
        tags = [each["tag"] for each in found if "tag" in each]
        return {"do": do, "paths": paths, "tags": tags}

    def _heard(self, request: dict[str, Any]) -> None:
        """Requests wait until all files are read, but not for edges; a wish to cancel never."""
        if request.get("do") == "cancel":
            if self._keeper is not None:
                self._keeper.indexer.cancel()
        elif request.get("do") in ("sync", "update", "rebuild", "check"):
            if self._keeper is not None:
                self._keeper.indexer.interrupt()
            self._requests.put(request)

    def _listen(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while (request := receive(self._source)) is not None:
                self._heard(request)
        # The server has gone, and whatever we are at serves nobody.
        self._requests.put(None)
        if self._keeper is not None:
            self._keeper.indexer.cancel()
            time.sleep(_LEAVING_S)
            self._keeper.indexer.stop_workers()
        os._exit(0)

    def _tell(self, event: dict[str, Any]) -> None:
        if self._exchange is not None:
            self._exchange.tell(event)
        send(self._output, event)

    def _read(self) -> None:
        assert self._keeper is not None
        complete = was_complete(self._keeper.indexer.connection)
        self._tell({"event": "read", "complete": complete, "tags": self._tags})

    def _run(self, request: dict[str, Any]) -> None:
        assert self._keeper is not None
        self._tags += request["tags"]
        last = -1

        def progress(done: int, total: int) -> None:
            nonlocal last
            step = done * _PROGRESS_EVERY // max(total, 1)
            if step != last:
                last = step
                self._tell({"event": "progress", "done": done, "total": total})

        try:
            report = self._keeper.run(request, progress)
        except (BrokenPipeError, graph.NoRoomError):
            raise
        except Exception as error:
            log.exception("indexing failed")
            report = Report(problems=[f"The index could not be brought up to date: {error}."])
            report.complete = False
        self._problems += report.problems
        if self._keeper.indexer.was_interrupted:
            if self._requests.empty():
                # Whoever interrupted was served with this run already. Go on with what is left.
                self._requests.put({"do": "update"})
            return
        self._tell(
            {
                "event": "done",
                "read": report.n_read,
                "resolved": report.n_resolved,
                "problems": self._problems,
                "complete": report.complete,
                "tags": self._tags,
            }
        )
        self._tags, self._problems = [], []


if __name__ == "__main__":
    sys.exit(main())
