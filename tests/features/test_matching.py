"""How well typed letters fit a name."""

from __future__ import annotations

import pytest

from nootropic_lsp.features.completion.matching import (
    EXACT,
    FOLDED,
    HUMPS,
    INSIDE,
    NO,
    PREFIX,
    fitter,
)


@pytest.mark.parametrize(
    ("typed", "name", "fit"),
    [
        ("get", "get", EXACT),
        ("get", "get_user", PREFIX),
        ("get", "GetUser", FOLDED),
        ("get", "_get", FOLDED),
        ("gu", "get_user", HUMPS),
        ("gu", "getUser", HUMPS),
        ("geus", "get_user", HUMPS),
        ("use", "get_user", INSIDE),
        ("s", "get_user", NO),
        ("ug", "get_user", NO),
        ("gx", "get_user", NO),
        ("ß", "ßa", PREFIX),
        ("a.", "abc", NO),
    ],
)
def test_fit(typed: str, name: str, fit: int) -> None:
    assert fitter(typed)(name) == fit
