"""Going to a definition, a declaration, a type or an implementation."""

from __future__ import annotations

from pathlib import Path

import pytest
from cases import Case, cases
from features.workspace import given, lines

from nootropic_lsp.features import definition


@pytest.mark.parametrize("case", cases("definition"), ids=lambda case: case.path.stem)
def test_definition(case: Case, tmp_path: Path) -> None:
    workspace = given(case, tmp_path)
    snapshot = workspace.snapshot()
    path = workspace.path(case.at)
    found = getattr(definition, case.ask or "definition")(snapshot, path, case.cursor)
    case.check(lines(workspace.spot(snapshot, each.path, each.span) for each in found))
