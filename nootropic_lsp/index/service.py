"""The process that owns the index of one folder, for a server that must not be held up by it.

Run as `python -P -m nootropic_lsp.index.service`; speaks `frames` on its standard
streams. It takes the folder's lock; when another process has it, it says so and
ends, and the caller reads what that process writes.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import queue
import sys
import threading
from pathlib import Path
from typing import Any

import msgspec

from nootropic_lsp.index.frames import receive, send
from nootropic_lsp.index.indexer import Indexer, Report
from nootropic_lsp.index.lock import WriterLock
from nootropic_lsp.settings import Settings

log = logging.getLogger(__name__)

# Workers are kept for a while after a run: the next save comes soon.
_REST_AFTER_S = 20.0
_PROGRESS_EVERY = 20


def main() -> int:
    """Serve one folder until the input ends."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    gc.freeze()
    output = sys.stdout.buffer
    sys.stdout = sys.stderr
    opening = receive(sys.stdin.buffer)
    if opening is None:
        return 0
    database = Path(opening["database"])
    lock = WriterLock(database.with_name("lock"))
    try:
        if not lock.acquire():
            send(output, {"event": "owned", "by": lock.owner()})
            return 0
    except OSError as error:
        log.info("no lock can be had beside %s: %s", database, error)
    indexer = Indexer(
        opening["folder"],
        database,
        msgspec.convert(opening["settings"], Settings),
        others=[tuple(pair) for pair in opening["others"]],
        cache=opening["cache"],
        environment=opening["environment"],
    )
    with contextlib.suppress(BrokenPipeError):
        _Service(indexer, output).serve()
    indexer.close()
    lock.release()
    return 0


class _Service:
    def __init__(self, indexer: Indexer, output: Any) -> None:
        self._indexer = indexer
        self._output = output
        self._requests: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()

    def serve(self) -> None:
        send(self._output, {"event": "open", "rebuilt": self._indexer.rebuilt})
        threading.Thread(target=self._listen, daemon=True).start()
        resting = True
        while True:
            try:
                request = self._requests.get(timeout=None if resting else _REST_AFTER_S)
            except queue.Empty:
                self._indexer.rest()
                resting = True
                continue
            if request is None:
                return
            resting = False
            self._run(request)

    def _listen(self) -> None:
        """Requests wait their turn; a wish to cancel does not."""
        while (request := receive(sys.stdin.buffer)) is not None:
            if request["do"] == "cancel":
                self._indexer.cancelled.set()
            else:
                self._requests.put(request)
        self._indexer.cancelled.set()
        self._requests.put(None)

    def _run(self, request: dict[str, Any]) -> None:
        last = -1

        def progress(done: int, total: int) -> None:
            nonlocal last
            step = done * _PROGRESS_EVERY // max(total, 1)
            if step != last:
                last = step
                send(self._output, {"event": "progress", "done": done, "total": total})

        try:
            if request["do"] == "rebuild":
                self._indexer.clear()
            if request["do"] in ("sync", "rebuild"):
                report = self._indexer.sync(progress)
            else:
                report = self._indexer.update(self._all_paths(request), progress)
        except Exception as error:
            log.exception("indexing failed")
            report = Report(problems=[f"The index could not be brought up to date: {error}."])
            report.complete = False
        send(
            self._output,
            {
                "event": "done",
                "changed": report.changed,
                "problems": report.problems,
                "complete": report.complete,
            },
        )

    def _all_paths(self, request: dict[str, Any]) -> list[str]:
        """The paths of a request and of all that came in while we were busy."""
        paths: list[str] = list(request["paths"])
        while not self._requests.empty():
            following = self._requests.get()
            if following is None or following["do"] != "update":
                self._requests.put(following)
                break
            paths += following["paths"]
        return paths


if __name__ == "__main__":
    sys.exit(main())
