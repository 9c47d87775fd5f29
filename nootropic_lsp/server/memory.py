"""This file is where we have the C library share its memory between threads."""

from __future__ import annotations

import sys
from contextlib import suppress

_M_ARENA_MAX = -8


def share_memory() -> None:
    """Have all threads get memory from one arena, where the C library would make one for each.

    Only one of our threads computes at a time, so that none has to wait for that; but what one
    has freed, others could not use.
    """
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415 -- nobody else needs it here

        with suppress(OSError, AttributeError):  # only glibc has this
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)
