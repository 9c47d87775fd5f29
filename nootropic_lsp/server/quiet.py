"""This file is where work that no request waits for finds its moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any


@dataclass(frozen=True, slots=True)
class Patience:
    """For how long the editor has to have asked nothing, and how long that is waited for at most."""

    quiet_s: float
    longest_s: float


class Quiet:
    """Knows when the editor asked for something last. Used on the event loop only."""

    def __init__(self) -> None:
        self._asked_at = monotonic()

    def asked(self) -> None:
        """The editor waits for an answer."""
        self._asked_at = monotonic()

    def left_s(self, wanted_at: float, patience: Patience) -> float:
        """How long work that is wanted since a moment has to wait yet."""
        begin_at = min(self._asked_at + patience.quiet_s, wanted_at + patience.longest_s)
        return max(0.0, begin_at - monotonic())


class Queue:
    """Work that waits for a moment, of each kind and path one, done one after the other.

    Kinds that stand first in `patience` go first. `begin` has some other thread do it, and calls
    `done` on the event loop, whatever happens. Used on the event loop only.
    """

    def __init__(
        self,
        begin: Callable[[str, str, Callable[[], None]], None],
        later: Callable[[float, Callable[[], object]], Any],
        quiet: Quiet,
        patience: Mapping[str, Patience],
    ) -> None:
        self._begin = begin
        self._later = later
        self._quiet = quiet
        self._patience = patience
        self._rank = {kind: rank for rank, kind in enumerate(patience)}
        self._wanted_at: dict[tuple[str, str], float] = {}
        self._timer: Any = None
        self._is_busy = False

    def want(self, kind: str, path: str) -> None:
        """Do this when there is a moment, after what waits already."""
        self._wanted_at.setdefault((kind, path), monotonic())
        self._next()

    def drop(self, path: str) -> None:
        """Nothing need be done for a path any more."""
        for kind in self._patience:
            self._wanted_at.pop((kind, path), None)

    def _next(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._is_busy or not self._wanted_at:
            return
        left_s = {
            (kind, path): self._quiet.left_s(since, self._patience[kind])
            for (kind, path), since in self._wanted_at.items()
        }
        # Of those that may begin equally soon, the first that came.
        kind, path = min(left_s, key=lambda each: (left_s[each], self._rank[each[0]]))
        if left_s[kind, path]:
            self._timer = self._later(left_s[kind, path], self._next)
            return
        del self._wanted_at[kind, path]
        self._is_busy = True
        try:
            self._begin(kind, path, self._done)
        except BaseException:
            self._is_busy = False
            raise

    def _done(self) -> None:
        self._is_busy = False
        self._next()
