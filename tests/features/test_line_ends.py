"""Refactorings in files whose lines end as on Windows."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from cases import Case, cases
from features.test_refactor import made
from features.workspace import given

from nootropic_lsp.core.errors import RefusedError
from nootropic_lsp.features.rename import applied


def with_crlf(text: str) -> str:
    return text.replace("\n", "\r\n")


def as_on_windows(case: Case) -> Case:
    before = {**case.files, **case.opened}[case.at][: case.cursor]
    head, gap, selected = case.ask.partition("\n")
    return dataclasses.replace(
        case,
        files={name: with_crlf(text) for name, text in case.files.items()},
        opened={name: with_crlf(text) for name, text in case.opened.items()},
        cursor=len(with_crlf(before)),
        ask=head + gap + with_crlf(selected),
    )


def outcome(case: Case, root: Path) -> dict[str, str] | str:
    """The files afterwards, as the editor writes them, or why there is nothing to do."""
    workspace = given(case, root)
    snapshot = workspace.snapshot()
    try:
        patch = made(case, workspace, snapshot)
    except RefusedError as refused:
        return str(refused)
    texts = {path: applied(snapshot.text(path), edits) for path, edits in patch.edits.items()}
    return {workspace.name(path): text.replace("\r\n", "\n") for path, text in texts.items()}


@pytest.mark.parametrize("case", cases("refactor"), ids=lambda case: case.path.stem)
def test_the_same_is_done_whatever_ends_the_lines(case: Case, tmp_path: Path) -> None:
    assert outcome(as_on_windows(case), tmp_path / "crlf") == outcome(case, tmp_path / "lf")
