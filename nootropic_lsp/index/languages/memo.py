"""Answers that are kept, and the limits that every question ends at."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

from nootropic_lsp.index.units import Trail, Unit

T = TypeVar("T")
V = TypeVar("V")

_UNTAINTED = 1 << 30
# Generic types can be written so that following them never ends; a question ends here.
_MOST_STEPS = 4_000


class Memo(Generic[V]):
    """Results with everything that was looked at on the way to them.

    What depends on itself is unknown. An answer found inside such a cycle, or at a limit,
    is kept only for the current question, so that no answer depends on an earlier one.
    `deepest` ends runaway recursion through returns.
    """

    def __init__(self, touched: Trail, *, deepest: int) -> None:
        self.touched = touched
        self.deepest = deepest
        self.depth = 0
        self.steps = _MOST_STEPS
        self.lowest = _UNTAINTED
        # Expressions are keyed by their index, definitions by the complement of theirs.
        self._known: dict[Unit, dict[int, tuple[tuple[V, ...], int]]] = {}
        self._passing: dict[tuple[Unit, int], tuple[tuple[V, ...], int, int]] = {}
        self._open: dict[tuple[Unit, int], int] = {}

    def forget(self, unit: Unit) -> None:
        """Drop what only the expressions of a file needed; other files ask for definitions."""
        table = self._known.get(unit)
        if table is not None:
            self._known[unit] = {index: value for index, value in table.items() if index < 0}

    @property
    def known(self) -> dict[Any, Any]:
        """The results of expressions and definitions, by unit."""
        return self._known

    def begin(self) -> None:
        """A new question."""
        self.steps = _MOST_STEPS

    def is_deep(self) -> bool:
        """Whether nothing more should be asked; the answer then depends on what was asked first."""
        if self.depth <= self.deepest:
            return False
        self.lowest = -1
        return True

    def enter(self) -> bool:
        """Go one level deeper; False, and no deeper, where a limit is reached."""
        self.steps -= 1
        if self.steps < 0 or self.depth > self.deepest:
            self.lowest = -1
            return False
        self.depth += 1
        return True

    def keep(self, table: dict[Hashable, tuple[T, int]], key: Hashable, find: Callable[[], T]) -> T:
        """What `find` gives, kept in a table if it does not depend on where it was asked."""
        touched = self.touched
        known = table.get(key)
        if known is not None:
            touched.mask |= known[1]
            return known[0]
        outer, touched.mask = touched.mask, 0
        lowest, self.lowest = self.lowest, _UNTAINTED
        found = find()
        if self.lowest == _UNTAINTED:
            table[key] = (found, touched.mask)
        self.lowest = min(lowest, self.lowest)
        touched.mask |= outer
        return found

    def solve(
        self, unit: Unit, index: int, find: Callable[[Unit, int], tuple[V, ...]]
    ) -> tuple[V, ...]:
        """The values of an expression, or of a definition by the complement of its index."""
        touched = self.touched
        table = self._known.get(unit)
        if table is None:
            table = self._known[unit] = {}
        known = table.get(index)
        if known is not None:
            touched.mask |= known[1]
            return known[0]
        key = (unit, index)
        level = self._open.get(key)
        if level is not None:
            self.lowest = min(self.lowest, level)
            return ()
        passing = self._passing.get(key)
        if passing is not None:
            touched.mask |= passing[1]
            self.lowest = min(self.lowest, passing[2])
            return passing[0]
        depth = self.depth
        if not self.enter():
            return ()
        outer, touched.mask = touched.mask, 0
        lowest, self.lowest = self.lowest, _UNTAINTED
        self._open[key] = depth
        values = find(unit, index)
        self.depth = depth
        del self._open[key]
        if self.lowest >= depth:
            table[index] = (values, touched.mask)
            self.lowest = lowest
        else:
            self._passing[key] = (values, touched.mask, self.lowest)
            self.lowest = min(lowest, self.lowest)
        if depth == 0:
            self._passing.clear()
            self.lowest = _UNTAINTED
        touched.mask |= outer
        return values
