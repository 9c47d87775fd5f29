"""What folds: from line to line, counted from 1."""

from __future__ import annotations

from pathlib import Path

import pytest
from cases import Case, cases
from features.workspace import given, lines

from nootropic_lsp.features.folding import folds


@pytest.mark.parametrize("case", cases("folding"), ids=lambda case: case.path.stem)
def test_folding(case: Case, tmp_path: Path) -> None:
    workspace = given(case, tmp_path)
    snapshot = workspace.snapshot()
    path = workspace.path(case.at)
    positions = snapshot.lines(path)
    case.check(
        lines(
            f"{positions.line_of(each.span.start) + 1}-{positions.line_of(each.span.end) + 1}"
            f" {each.kind}".rstrip()
            for each in folds(snapshot, path)
        )
    )
