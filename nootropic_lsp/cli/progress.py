"""This file is where we draw a progress bar, on standard error and only in a terminal."""

from __future__ import annotations

import sys
import time
from types import TracebackType

_WIDTH = 30
_EVERY_S = 0.05


class Bar:
    """A bar that wipes itself away at the end: `with Bar("indexing") as bar: work(bar.show)`."""

    def __init__(self, label: str, unit: str = "files") -> None:
        self._label = label
        self._unit = unit
        self._shown_at = 0.0
        self._in_terminal = sys.stderr.isatty()

    def show(self, done: int, total: int) -> None:
        """Draw it, at most twenty times a second."""
        now = time.monotonic()
        if not self._in_terminal or total <= 0 or now - self._shown_at < _EVERY_S:
            return
        self._shown_at = now
        share = min(done / total, 1.0)
        full = round(share * _WIDTH)
        bar = "█" * full + "░" * (_WIDTH - full)
        self._write(f"\r\x1b[K{self._label} {bar} {share:4.0%}  {done:,} of {total:,} {self._unit}")

    def __enter__(self) -> Bar:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._shown_at:
            self._write("\r\x1b[K")

    def _write(self, text: str) -> None:
        encoding = sys.stderr.encoding or "ascii"
        sys.stderr.write(text.encode(encoding, "replace").decode(encoding))
        sys.stderr.flush()
