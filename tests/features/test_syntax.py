"""What is said about text that cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest
from cases import Case, cases
from features.workspace import given, lines

from nootropic_lsp.features.syntax import syntax_findings


@pytest.mark.parametrize("case", cases("syntax"), ids=lambda case: case.path.stem)
def test_syntax(case: Case, tmp_path: Path) -> None:
    workspace = given(case, tmp_path)
    snapshot = workspace.snapshot()
    path = workspace.path(case.at)
    found = syntax_findings(snapshot, path)
    case.check(
        lines(f"{workspace.spot(snapshot, path, each.span)} | {each.message}" for each in found)
    )
