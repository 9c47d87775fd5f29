"""Every use of what is under the cursor."""

from __future__ import annotations

from pathlib import Path

import pytest
from cases import Case, cases
from features.workspace import given, lines

from nootropic_lsp.features.references import references


@pytest.mark.parametrize("resolved", [True, False])
@pytest.mark.parametrize("case", cases("references"), ids=lambda case: case.path.stem)
def test_references(case: Case, tmp_path: Path, *, resolved: bool) -> None:
    workspace = given(case, tmp_path, resolve=resolved)
    snapshot = workspace.snapshot()
    path = workspace.path(case.at)
    found = references(snapshot, path, case.cursor, include_declaration=case.ask != "uses")
    case.check(
        lines(
            f"{workspace.spot(snapshot, each.place.path, each.place.span)} ({each.role})"
            for each in found
        )
    )
