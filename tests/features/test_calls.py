"""Who calls, and what is called."""

from __future__ import annotations

from pathlib import Path

import pytest
from cases import Case, cases
from features.workspace import given, lines

from nootropic_lsp.features import calls


@pytest.mark.parametrize("resolved", [True, False])
@pytest.mark.parametrize("case", cases("calls"), ids=lambda case: case.path.stem)
def test_calls(case: Case, tmp_path: Path, *, resolved: bool) -> None:
    workspace = given(case, tmp_path, resolve=resolved)
    snapshot = workspace.snapshot()
    path = workspace.path(case.at)
    (symbol,) = calls.prepare(snapshot, path, case.cursor)
    found = getattr(calls, case.ask)(snapshot, symbol)
    shown = []
    for call in found:
        file = path if case.ask == "outgoing" else call.symbol.path
        shown.append(workspace.spot(snapshot, call.symbol.path, call.symbol.span))
        shown += [f"  {workspace.spot(snapshot, file, span)}" for span in call.spans]
    case.check(lines(shown))
