"""The tree of what a file defines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from cases import Case, cases
from features.workspace import given, lines

from nootropic_lsp.core.symbols import OutlineItem
from nootropic_lsp.features.outline import outline


def _rows(items: Iterable[OutlineItem], indent: str) -> Iterator[str]:
    for item in items:
        yield f"{indent}{item.kind} {item.name}{' ' + item.detail if item.detail else ''}"
        yield from _rows(item.children, indent + "  ")


@pytest.mark.parametrize("case", cases("outline"), ids=lambda case: case.path.stem)
def test_outline(case: Case, tmp_path: Path) -> None:
    workspace = given(case, tmp_path)
    snapshot = workspace.snapshot()
    path = workspace.path(case.at)
    case.check(lines(_rows(outline(snapshot, path), "")))
