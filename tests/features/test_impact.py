"""What may break if something changes."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from cases import Case, cases
from features.workspace import given, lines

from nootropic_lsp.core.symbols import Symbol
from nootropic_lsp.features.impact import impact


@pytest.mark.parametrize("case", cases("impact"), ids=lambda case: case.path.stem)
def test_impact(case: Case, tmp_path: Path) -> None:
    workspace = given(case, tmp_path)
    snapshot = workspace.snapshot()
    path = workspace.path(case.at)
    found = impact(snapshot, workspace.path(case.ask) if "/" in case.ask else case.ask)
    assert path
    shown = []
    for field in dataclasses.fields(found):
        shown.append(field.name)
        for each in getattr(found, field.name):
            is_symbol = isinstance(each, Symbol)
            file = workspace.name(each.path if is_symbol else each)
            shown.append(f"  {each.name} in {file}" if is_symbol else f"  {file}")
    case.check(lines(shown))
