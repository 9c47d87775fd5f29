"""Stretches of a text that lie inside each other, and the innermost one around a place."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

Range = tuple[int, int]


class Nested:
    """Stretches in order. Generated code has thousands: none is looked at twice for a place."""

    def __init__(self, ranges: Iterable[Range]) -> None:
        self._ranges = sorted(set(ranges))
        # For each the last one before it that goes on for longer, -1 for none.
        self._longer: list[int] = []
        for at, (_, end) in enumerate(self._ranges):
            self._longer.append(self._ending_behind(end, at - 1))

    def around(self, position: int, *, or_at: bool = False) -> Range | None:
        """The innermost stretch that begins before a place, or at it, and ends behind it."""
        before = position + 1 if or_at else position
        at = self._ending_behind(position, bisect_left(self._ranges, (before, 0)) - 1)
        return self._ranges[at] if at >= 0 else None

    def _ending_behind(self, position: int, at: int) -> int:
        while at >= 0 and self._ranges[at][1] <= position:
            at = self._longer[at]
        return at
