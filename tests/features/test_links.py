"""Text that leads to files and addresses."""

from __future__ import annotations

from pathlib import Path

import pytest
from cases import Case, cases
from features.workspace import given, lines

from nootropic_lsp.features.links import links


@pytest.mark.parametrize("case", cases("links"), ids=lambda case: case.path.stem)
def test_links(case: Case, tmp_path: Path) -> None:
    workspace = given(case, tmp_path)
    snapshot = workspace.snapshot()
    path = workspace.path(case.at)
    found = links(snapshot, path)
    case.check(
        lines(
            f"{workspace.spot(snapshot, path, each.span)} -> {workspace.name(each.target)}"
            if each.target.startswith("/")
            else f"{workspace.spot(snapshot, path, each.span)} -> {each.target}"
            for each in found
        )
    )
