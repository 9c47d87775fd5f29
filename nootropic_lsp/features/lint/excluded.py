"""Which files are left alone by the settings, in a shell as in the editor."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import cache

from nootropic_lsp.analysis.origin import origin, place_of
from nootropic_lsp.safety.ignore import Rules


def is_excluded(path: str, folders: Sequence[str], patterns: tuple[str, ...]) -> bool:
    """Whether patterns as in a `.gitignore` leave a path out of one of some folders.

    All of them are written with "/".
    """
    prefixes = (f"{folder.rstrip('/')}/" for folder in folders)
    return bool(patterns) and any(
        path.startswith(prefix) and _are_left_out(path[len(prefix) :], patterns)
        for prefix in prefixes
    )


def passed_over(path: str, data: bytes, folders: Iterable[str], kinds: Collection[str]) -> str:
    """Why nobody edits a file, if it is one of the kinds that are passed over, else ""."""
    found = origin(path, data, place=place_of(path, folders))
    return found if found in kinds else ""


def _are_left_out(relative: str, patterns: tuple[str, ...]) -> bool:
    parts = relative.split("/")
    rules = _rules(patterns)
    return any(
        rules.verdict("/".join(parts[: number + 1]), name, is_dir=number + 1 < len(parts))
        for number, name in enumerate(parts)
    )


@cache
def _rules(patterns: tuple[str, ...]) -> Rules:
    return Rules(patterns)
