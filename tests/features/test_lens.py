"""Lines above definitions."""

from __future__ import annotations

from pathlib import Path

import pytest
from cases import Case, cases
from features.workspace import given, lines

from nootropic_lsp.features.lens import fill, lenses


@pytest.mark.parametrize("case", cases("lens"), ids=lambda case: case.path.stem)
def test_lens(case: Case, tmp_path: Path) -> None:
    workspace = given(case, tmp_path)
    snapshot = workspace.snapshot()
    path = workspace.path(case.at)
    shown = []
    for lens in lenses(snapshot, path):
        filled = fill(snapshot, path, lens.symbol)
        assert filled is not None
        assert filled.span == lens.span
        shown.append(f"{workspace.spot(snapshot, path, lens.span)}: {filled.title}")
        shown += [f"  {workspace.spot(snapshot, each.path, each.span)}" for each in filled.places]
    case.check(lines(shown))
    assert fill(snapshot, path, 12345) is None
