"""What a change does to a text, as a unified diff."""

from __future__ import annotations

import difflib


def diff_lines(path: str, before: str, after: str, *, context: int = 1) -> list[str]:
    """A unified diff with so many lines of context, without the ends of its lines."""
    return [
        line.rstrip("\r\n")
        for line in difflib.unified_diff(
            before.splitlines(keepends=True),
            after.splitlines(keepends=True),
            f"a/{path}",
            f"b/{path}",
            n=context,
        )
    ]
