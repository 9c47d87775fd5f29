"""How names are coloured by what they mean."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from cases import Case, cases
from features.workspace import given, lines

from nootropic_lsp.core.spans import Span
from nootropic_lsp.features.semantic import semantic_tokens


@pytest.mark.parametrize("case", cases("semantic"), ids=lambda case: case.path.stem)
def test_semantic(case: Case, tmp_path: Path) -> None:
    workspace = given(case, tmp_path)
    snapshot = workspace.snapshot()
    path = workspace.path(case.at)
    text = snapshot.text(path)
    tokens = semantic_tokens(snapshot, path, None)
    for one, other in itertools.pairwise(tokens):
        assert one.end <= other.start
    half = Span(0, len(text) // 2)
    assert semantic_tokens(snapshot, path, half) == [
        token for token in tokens if token.start < half.end
    ]
    case.check(
        lines(
            " ".join((text[each.start : each.end], each.type, *each.modifiers)) for each in tokens
        )
    )
