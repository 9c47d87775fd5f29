"""What a growing selection takes in."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from cases import Case, cases
from features.workspace import given, lines

from nootropic_lsp.features.selection import selection_ranges


@pytest.mark.parametrize("case", cases("selection"), ids=lambda case: case.path.stem)
def test_selection(case: Case, tmp_path: Path) -> None:
    workspace = given(case, tmp_path)
    snapshot = workspace.snapshot()
    path = workspace.path(case.at)
    text = snapshot.text(path)
    (chain,) = selection_ranges(snapshot, path, [case.cursor])
    for inner, outer in itertools.pairwise(chain):
        assert outer.start <= inner.start <= inner.end <= outer.end
        assert inner != outer
    case.check(lines(repr(text[span.start : span.end]) for span in chain))
