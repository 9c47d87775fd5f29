"""Text between the characters, shown in its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from cases import Case, cases
from features.workspace import given, lines

from nootropic_lsp.core.spans import Span
from nootropic_lsp.features.hints import inlay_hints


@pytest.mark.parametrize("case", cases("hints"), ids=lambda case: case.path.stem)
def test_hints(case: Case, tmp_path: Path) -> None:
    workspace = given(case, tmp_path)
    snapshot = workspace.snapshot()
    path = workspace.path(case.at)
    text = snapshot.text(path)
    off = dict.fromkeys(case.ask.split(), False)
    found = inlay_hints(snapshot, path, Span(0, len(text)), **off)
    for hint in reversed(found):
        text = f"{text[: hint.offset]}«{hint.label}»{text[hint.offset :]}"
    case.check(lines(line for line in text.splitlines() if "«" in line))
