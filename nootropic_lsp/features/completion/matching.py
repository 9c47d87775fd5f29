"""How well what has been typed fits a name."""

from __future__ import annotations

import re
from collections.abc import Callable

EXACT, PREFIX, FOLDED, HUMPS, INSIDE, NO = 0, 1, 2, 3, 4, 5
_FEWEST_INSIDE = 2


def fitter(typed: str) -> Callable[[str], int]:
    """A function that says how well names fit: from EXACT to NO, the better the smaller."""
    letters = typed.lower()
    humps = re.compile("_*" + "(?:|.*?(?:(?=[A-Z])|_))".join(map(_either, typed)))

    def fit(name: str) -> int:
        if humps.match(name) is None:
            is_inside = len(letters) >= _FEWEST_INSIDE and letters in name.lower()
            return INSIDE if is_inside else NO
        if name.startswith(typed):
            return EXACT if len(name) == len(typed) else PREFIX
        lowered = name.lower()
        is_folded = lowered.startswith(letters) or lowered.lstrip("_").startswith(letters)
        return FOLDED if is_folded else HUMPS

    return fit


def _either(letter: str) -> str:
    low, high = letter.lower(), letter.upper()
    return re.escape(letter) if low == high or len(high) > 1 else f"[{low}{high}]"
