"""This file is where `--limit` is read."""

from __future__ import annotations

from nootropic_lsp.core.errors import NootropicError


def limit_of(given: str | None, *, default: int, most: int) -> int:
    """How many answers are wanted."""
    if given is None:
        return default
    if not given.isdecimal() or not 1 <= int(given) <= most:
        raise NootropicError(f"--limit takes a number from 1 to {most}, not {given}")
    return int(given)
