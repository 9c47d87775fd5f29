"""How well what has been typed fits a name."""

from __future__ import annotations

from collections.abc import Callable

EXACT, PREFIX, FOLDED, HUMPS, INSIDE, NO = 0, 1, 2, 3, 4, 5
_FEWEST_INSIDE = 2


def fitter(typed: str) -> Callable[[str], int]:
    """A function that says how well names fit: from EXACT to NO, the better the smaller."""
    letters = typed.lower()
    first = letters[:1]
    may_be_inside = len(letters) >= _FEWEST_INSIDE

    def fit(name: str) -> int:
        lowered = name.lower()
        if lowered.startswith(letters):
            if name.startswith(typed):
                return EXACT if len(name) == len(typed) else PREFIX
            return FOLDED
        bare = lowered.lstrip("_")
        if bare.startswith(letters):
            return FOLDED
        if (bare.startswith(first) or first == "_") and _in_humps(letters, name, lowered):
            return HUMPS
        return INSIDE if may_be_inside and letters in lowered else NO

    return fit


def _in_humps(letters: str, name: str, lowered: str) -> bool:
    """Whether letters stand in a name, each right behind the one before or where a part begins."""
    if len(lowered) != len(name):
        return False
    n_underscores = len(name) - len(name.lstrip("_"))
    ends = {at + 1 for at in range(n_underscores + 1) if lowered.startswith(letters[0], at)}
    for letter in letters[1:]:
        if not ends:
            return False
        ends = {
            at + 1
            for at in range(min(ends), len(name))
            if lowered[at] == letter and (at in ends or name[at].isupper() or name[at - 1] == "_")
        }
    return bool(ends)
