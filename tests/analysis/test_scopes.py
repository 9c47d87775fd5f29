"""The innermost stretch around a place, and that finding it does not take longer with each other."""

from __future__ import annotations

import random

from nootropic_lsp.analysis.structure.engine import structural
from nootropic_lsp.analysis.structure.scopes import Nested, Range
from nootropic_lsp.core.documents import Document
from nootropic_lsp.index.opened import OpenText


def _around(ranges: list[Range], position: int, *, or_at: bool) -> Range | None:
    """The same, by looking at all of them."""
    found = [
        (start, end)
        for start, end in ranges
        if (start <= position if or_at else start < position) and position < end
    ]
    return max(found, default=None)


def test_the_innermost_of_stretches_is_found() -> None:
    chance = random.Random(7)
    for _ in range(300):
        ranges = []
        for _ in range(chance.randrange(12)):
            start = chance.randrange(30)
            ranges.append((start, start + chance.randrange(1, 15)))
        nested = Nested(ranges)
        for position in range(50):
            for or_at in (False, True):
                expected = _around(ranges, position, or_at=or_at)
                assert nested.around(position, or_at=or_at) == expected


def test_a_bundled_script_takes_as_long_as_it_is_long() -> None:
    """A function that holds a whole library, whose functions all use the same short names."""

    def n_looks(count: int) -> int:
        inner = "".join(f"function f{n}(a,b){{var e=a;return e(b)}}" for n in range(count))
        document = Document("bundle.js", "javascript", 0, f"!function(){{{inner}}}()")
        parsed = OpenText(document).tree()
        assert parsed is not None
        counted = 0

        class Counted(list[Range]):
            def __getitem__(self, at):  # type: ignore[no-untyped-def]
                nonlocal counted
                counted += 1
                return super().__getitem__(at)

        made = Nested.__init__

        def counting(self: Nested, ranges: list[Range]) -> None:
            made(self, ranges)
            self._ranges = Counted(self._ranges)

        Nested.__init__ = counting  # type: ignore[method-assign, assignment]
        try:
            structural(parsed[0].root_node, parsed[1], "javascript")
        finally:
            Nested.__init__ = made  # type: ignore[method-assign]
        return counted

    assert n_looks(400) < 6 * n_looks(100)
