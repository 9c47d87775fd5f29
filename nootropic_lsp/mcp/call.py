"""This file is where we know of one call of a tool how far it is, and whether it is still wanted."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

Tell = Callable[[float, str], object]
_EVERY_S = 0.1


class Gone(Exception):
    """Nobody waits for the answer any more."""


class Call:
    """One call. `tell` hears how many steps are done, and of the present one what and how much."""

    def __init__(self, tell: Tell | None = None) -> None:
        self._tell = tell
        self._gone = threading.Event()
        self._step = -1
        self._told_at = 0.0

    def cancel(self) -> None:
        """Nobody waits any more; the work ends at its next sign of progress."""
        self._gone.set()

    @property
    def is_gone(self) -> bool:
        """Whether nobody waits any more."""
        return self._gone.is_set()

    def check(self) -> None:
        """Raise `Gone` if nobody waits any more."""
        if self._gone.is_set():
            raise Gone

    def step(self, what: str) -> Callable[[int, int], None]:
        """What follows the progress of the next step, such as "indexing"."""
        self._step += 1
        step = self._step

        def show(done: int, total: int) -> None:
            self.check()
            now = time.monotonic()
            if self._tell is None or total <= 0 or now - self._told_at < _EVERY_S:
                return
            self._told_at = now
            self._tell(step + min(done / total, 1.0), f"{what}: {done:,} of {total:,}")

        return show
