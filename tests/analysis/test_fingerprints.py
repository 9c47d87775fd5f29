"""A finding is known again after a move, and told apart from those that are like it."""

from __future__ import annotations

from nootropic_lsp.analysis.fingerprints import fingerprints
from nootropic_lsp.core.findings import Finding
from nootropic_lsp.core.spans import Lines, Span


def marks(text: str, path: str = "a.py", code: str = "odd") -> list[str]:
    starts = [n for n in range(len(text)) if text.startswith("BAD", n)]
    found = [Finding(Span(start, start + 3), code, "") for start in starts]
    return fingerprints(found, path, text, Lines.of(text))


def test_it_survives_lines_above_and_another_indentation():
    assert marks("x = BAD\n") == marks("import os\r\n\n  x  =\tBAD\n")


def test_it_tells_equal_lines_apart_by_their_order():
    first, second, third = marks("x = BAD\ny\nx = BAD\nx = BAD, 1\n")
    assert len({first, second, third}) == 3
    assert marks("y\nx = BAD\n") == [first]


def test_it_depends_on_line_file_and_code():
    assert (
        len({*marks("BAD"), *marks("BAD 1"), *marks("BAD", "b.py"), *marks("BAD", code="c")}) == 4
    )


def test_it_never_changes():
    # Baselines and the memories of code scanning services are full of these.
    assert marks("x = BAD\n") == ["aa4fb05dc493d868d8e7e5e931ccabf6"]
