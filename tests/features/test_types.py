"""The type hierarchy."""

from __future__ import annotations

from pathlib import Path

import pytest
from cases import Case, cases
from features.workspace import given, lines

from nootropic_lsp.features import types


@pytest.mark.parametrize("resolved", [True, False])
@pytest.mark.parametrize("case", cases("types"), ids=lambda case: case.path.stem)
def test_types(case: Case, tmp_path: Path, *, resolved: bool) -> None:
    workspace = given(case, tmp_path, resolve=resolved)
    snapshot = workspace.snapshot()
    path = workspace.path(case.at)
    found = types.prepare(snapshot, path, case.cursor)
    if case.ask:
        found = [other for each in found for other in getattr(types, case.ask)(snapshot, each)]
    case.check(lines(workspace.spot(snapshot, each.path, each.span) for each in found))
