"""The occurrences in one file."""

from __future__ import annotations

from pathlib import Path

import pytest
from cases import Case, cases
from features.workspace import given, lines

from nootropic_lsp.features.highlight import highlights


@pytest.mark.parametrize("case", cases("highlight"), ids=lambda case: case.path.stem)
def test_highlight(case: Case, tmp_path: Path) -> None:
    workspace = given(case, tmp_path)
    snapshot = workspace.snapshot()
    path = workspace.path(case.at)
    found = highlights(snapshot, path, case.cursor)
    case.check(
        lines(
            workspace.spot(snapshot, path, each.span) + (" (write)" if each.write else "")
            for each in found
        )
    )
