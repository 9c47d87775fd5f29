"""This file is where the tour learns from the server's notifications that the index is there."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

# A server that says nothing for this long is stuck: it speaks even when nothing is to be done.
_STUCK_S = 60


class Readiness:
    """Follows `$/progress` and `didChangeStatus` until the server is no longer busy."""

    def __init__(self, show: Callable[[int, int], None]) -> None:
        self.problem: str | None = None
        self._show = show
        self._ready = threading.Event()
        self._heard_at = time.monotonic()

    def hear(self, method: str, params: Any) -> None:
        """Take one notification, on the thread that reads."""
        self._heard_at = time.monotonic()
        if method == "$/progress":
            value = params["value"]
            percent = value.get("percentage")
            if percent is not None:
                done, total = _counts(value.get("message", ""))
                self._show(*((done, total) if total else (percent, 100)))
        elif method in ("didChangeStatus", "$/nootropic/status"):
            if params.get("busy"):
                return
            is_well = params.get("kind") in (None, "Normal")
            self.problem = None if is_well else params.get("message")
            self._ready.set()

    def wait(self) -> None:
        """Until the server is not busy any more, or has fallen silent."""
        while not self._ready.wait(0.05):
            silent_s = time.monotonic() - self._heard_at
            if silent_s > _STUCK_S:
                self.problem = f"the server has said nothing for {_STUCK_S} s"
                return


def _counts(message: str) -> tuple[int, int]:
    """Done and total of a message such as "120/340 files"."""
    done, _, total = message.partition(" ")[0].partition("/")
    return (int(done), int(total)) if done.isdigit() and total.isdigit() else (0, 0)
