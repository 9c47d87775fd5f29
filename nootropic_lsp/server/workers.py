"""This file is where we run the questions of an editor on threads, in lanes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any

Task = tuple[Future[Any], Callable[..., Any], tuple[Any, ...]]

LANES: Mapping[str, int] = {
    "quick": 2,
    "slow": 2,
    "ghost": 1,
    "model": 2,
    "thorough": 1,
    "sweep": 1,
}
"""Threads per lane. What may take long never stands in front of a hover."""


class Workers:
    """Daemon threads per lane, started when first needed.

    Not a `ThreadPoolExecutor`: the interpreter waits for its threads at exit, and an
    editor that has said `exit` waits for the interpreter.
    """

    def __init__(self, lanes: Mapping[str, int] = LANES) -> None:
        self._idle = dict(lanes)
        self._queues: dict[str, SimpleQueue[Task]] = {lane: SimpleQueue() for lane in lanes}
        self._starting = Lock()

    def submit(self, work: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Run `work` in the lane named by its attribute `lane`, else in the quick one."""
        lane = getattr(work, "lane", "quick")
        future: Future[Any] = Future()
        queue = self._queues[lane]
        queue.put((future, work, arguments))
        if self._idle[lane]:
            self._start(lane, queue)
        return future

    def _start(self, lane: str, queue: SimpleQueue[Task]) -> None:
        with self._starting:
            if not self._idle[lane]:
                return
            self._idle[lane] -= 1
        name = f"{lane} {self._idle[lane]}"
        Thread(target=_work_off, args=(queue,), name=name, daemon=True).start()


def _work_off(queue: SimpleQueue[Task]) -> None:
    while True:
        future, work, arguments = queue.get()
        if future.set_running_or_notify_cancel():
            try:
                result = work(*arguments)
            except BaseException as error:  # noqa: BLE001 -- it is raised again by Future.result
                future.set_exception(error)
            else:
                future.set_result(result)
                del result
        # Otherwise an idle thread would keep the last snapshot alive.
        del future, work, arguments
