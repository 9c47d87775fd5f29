"""The places that an answer cites, held against what the model was given."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nootropic_lsp.features.assist.passages import Source

# A path with an ending and a line, or two: shop/cart.py:12, cart.py:12-15, shop/cart.py#L12.
_PATH = r"[^\s`\"'()<>\[\]{},;:|#*]+\.[A-Za-z]\w*"
_LINES = r"(?::|#)L?(?P<line>\d{1,7})(?:\s?[-\u2013]\s?L?(?P<last>\d{1,7}))?(?!\w)"


@dataclass(frozen=True, slots=True)
class Citation:
    """A place that an answer cites, from `start` to `end` in its text; lines are counted from 1.

    Only where `is_given` the model has seen it; then `path` is where the file is.
    """

    start: int
    end: int
    shown: str
    line: int
    last: int
    is_given: bool = False
    path: str = ""


def citations(text: str, given: Sequence[Source]) -> tuple[Citation, ...]:
    """All places that a text cites, in its order."""
    # Files may be called what no pattern foresees.
    known = sorted({each.shown for each in given}, key=len, reverse=True)
    path = "|".join([*map(re.escape, known), _PATH])
    pattern = re.compile(rf"(?<![\w/.])(?!//)(?P<path>{path}){_LINES}")
    return tuple(_citation(found, given) for found in pattern.finditer(text))


def _citation(found: re.Match[str], given: Sequence[Source]) -> Citation:
    line = int(found["line"])
    last = int(found["last"] or line)
    cited = Citation(found.start(), found.end(), found["path"], line, last)
    file = _file(found["path"], given)
    if file is None:
        return cited
    parts = [each for each in given if each.path == file.path]
    is_given = line <= last and all(
        any(each.first <= number <= each.last for each in parts) for number in (line, last)
    )
    return Citation(cited.start, cited.end, file.shown, line, last, is_given, file.path)


def _file(written: str, given: Sequence[Source]) -> Source | None:
    """The file that is meant; models leave out folders, but that must be without doubt."""
    plain = written.replace("\\", "/").removeprefix("./")
    exact = [each for each in given if plain in (each.shown, each.path)]
    if exact:
        return exact[0]
    ending = {each.path: each for each in given if each.shown.endswith(f"/{plain}")}
    return next(iter(ending.values())) if len(ending) == 1 else None
