"""What stands before a dot, read backwards."""

from __future__ import annotations

import pytest

from nootropic_lsp.features.completion.receivers import receiver_before


@pytest.mark.parametrize(
    ("text", "receiver"),
    [
        ("x = self", "self"),
        ("x = self.query", "self.query"),
        ("if not a.b(c, d)[0]", "a.b(c, d)[0]"),
        ("f(x, y.z)", "f(x, y.z)"),
        ("g(1, h", "h"),
        ("(a or b)", "(a or b)"),
        ("return [1, 2]", "[1, 2]"),
        ('print("a.b)")', 'print("a.b)")'),
        ('x = "text"', '"text"'),
        ("x = f'{a}'", "f'{a}'"),
        ("x = objects\n    .filter(a)", "objects\n    .filter(a)"),
        ("def f(): ...\n\nvalue", "value"),
        ("a->b::c", "a->b::c"),
        ("a?.b", "a?.b"),
        ("new Cart(1)", "new Cart(1)"),
        ("1 + ", ""),
    ],
)
def test_receiver(text: str, receiver: str) -> None:
    assert text[receiver_before(text, len(text)) :].lstrip() == receiver
