"""What is shown over a name."""

from __future__ import annotations

from pathlib import Path

import pytest
from cases import Case, cases
from features.workspace import given

from nootropic_lsp.features.hover import hover


@pytest.mark.parametrize("case", cases("hover"), ids=lambda case: case.path.stem)
def test_hover(case: Case, tmp_path: Path) -> None:
    workspace = given(case, tmp_path)
    snapshot = workspace.snapshot()
    path = workspace.path(case.at)
    found = hover(snapshot, path, case.cursor)
    case.check(None if found is None else found.markdown)
