"""This file is where the editor sees how far the index is, and may stop it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from math import inf
from time import monotonic
from typing import Any

Ask = Callable[[str, Any, Callable[[Any], None]], None]
MIN_PAUSE_S = 0.1
_numbers = count(1)


class Progress:
    """One progress bar from the first file to the last; used on the event loop only."""

    def __init__(self, notify: Callable[[str, Any], None], ask: Ask, *, is_shown: bool) -> None:
        self._notify = notify
        self._ask = ask
        self.is_shown = is_shown
        self.token: str | None = None
        self._is_created = False
        self.is_busy = False
        self._last: tuple[int, int] = (0, 0)
        self._said_at = -inf

    def report(self, done: int, total: int) -> bool:
        """So many files of so many are done; whether that was worth telling."""
        self._last = done, total
        self.is_busy = True
        if monotonic() - self._said_at < MIN_PAUSE_S:
            return False
        self._said_at = monotonic()
        if self.is_shown:
            if self.token is None:
                self._begin()
            elif self._is_created:
                self._say({"kind": "report", **self._state()})
        return True

    def end(self, message: str) -> None:
        """Nothing more will come."""
        if self._is_created:
            self._say({"kind": "end", "message": message})
        self.token = None
        self._is_created = self.is_busy = False
        self._said_at = -inf

    def _begin(self) -> None:
        token = self.token = f"nootropic/index/{next(_numbers)}"

        def created(_answer: Any) -> None:
            # The client may take longer to answer than we to index.
            if self.token == token:
                self._is_created = True
                begin = {"kind": "begin", "title": "nootropic: indexing", "cancellable": True}
                self._say({**begin, **self._state()})

        self._ask("window/workDoneProgress/create", {"token": token}, created)

    def _state(self) -> dict[str, Any]:
        done, total = self._last
        return {
            "message": f"{done}/{total} files",
            "percentage": min(100, done * 100 // (total or 1)),
        }

    def _say(self, value: dict[str, Any]) -> None:
        self._notify("$/progress", {"token": self.token, "value": value})
