"""When a server that keeps failing is left alone, and when it is tried again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

N_FAILURES = 3
REST_S = 10.0
LONGEST_REST_S = 300.0


class Breaker:
    """One server's circuit breaker.

    Closed, every call goes through. After `n_failures` in a row it is open, and none does for
    `rest_s`. Then it is half open: one call may try. If that one fails the rest doubles, up to
    `longest_rest_s`. `clock` gives seconds that never go back.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        n_failures: int = N_FAILURES,
        rest_s: float = REST_S,
        longest_rest_s: float = LONGEST_REST_S,
    ) -> None:
        self._clock = clock
        self._n_failures = n_failures
        self._rest_s = rest_s
        self._longest_rest_s = longest_rest_s
        self._failed_in_row = 0
        self._rests_in_row = 0
        self._rest_until: float | None = None
        self._is_tried = False

    @property
    def state(self) -> Literal["closed", "open", "half-open"]:
        """What would become of a call now."""
        if self._rest_until is None:
            return "closed"
        return "open" if self.wait_s > 0 or self._is_tried else "half-open"

    @property
    def wait_s(self) -> float:
        """Seconds until a call may try, 0 if one may now."""
        return 0.0 if self._rest_until is None else max(self._rest_until - self._clock(), 0.0)

    def enter(self) -> bool:
        """Whether a call may be made; whoever was let in says afterwards what became of it."""
        if self.state == "open":
            return False
        self._is_tried = self._rest_until is not None
        return True

    def succeeded(self) -> None:
        """A call was answered."""
        self._failed_in_row = self._rests_in_row = 0
        self._rest_until = None
        self._is_tried = False

    def failed(self) -> None:
        """A call failed, and not for a reason that lies in the call."""
        self._failed_in_row += 1
        if self._rest_until is None and self._failed_in_row < self._n_failures:
            return
        if self._rest_until is not None and not self._is_tried:
            return  # Somebody who was let in before it opened.
        rest_s = self._rest_s * 2.0 ** min(self._rests_in_row, 30)
        self._rest_until = self._clock() + min(rest_s, self._longest_rest_s)
        self._rests_in_row += 1
        self._is_tried = False

    def left(self) -> None:
        """A call was given up or failed by its own fault: that says nothing of the server."""
        self._is_tried = False
