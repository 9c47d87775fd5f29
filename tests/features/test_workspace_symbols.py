"""Finding symbols by a part of their name; the question is what is asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from cases import Case, cases
from features.workspace import given, lines

from nootropic_lsp.features.workspace_symbols import workspace_symbols


@pytest.mark.parametrize("case", cases("workspace_symbols"), ids=lambda case: case.path.stem)
def test_workspace_symbols(case: Case, tmp_path: Path) -> None:
    workspace = given(case, tmp_path)
    snapshot = workspace.snapshot()
    path = workspace.path(case.at)
    assert path
    found = workspace_symbols(snapshot, case.ask)
    case.check(
        lines(
            f"{each.kind} {each.container + '.' if each.container else ''}{each.name}"
            f" in {workspace.name(each.path)}"
            for each in found
        )
    )
