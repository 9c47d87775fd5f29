"""New names, in all files, or why not."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest
from cases import Case, cases
from features.workspace import Workspace, given, lines

from nootropic_lsp.core.errors import RefusedError
from nootropic_lsp.core.symbols import Patch
from nootropic_lsp.features import rename
from nootropic_lsp.features.snapshot import Snapshot


def _diff(workspace: Workspace, snapshot: Snapshot, patch: Patch) -> str:
    shown = []
    for path, edits in sorted(patch.edits.items()):
        before = snapshot.text(path)
        after = rename.applied(before, edits)
        document = snapshot.document(path)
        version = f" version {document.version}" if document is not None else ""
        assert patch.versions.get(path) == (None if document is None else document.version)
        check = " (to be checked)" if path in patch.confirm else ""
        shown.append(f"{workspace.name(path)}{version}{check}")
        shown += [
            line
            for line in difflib.unified_diff(
                before.splitlines(), after.splitlines(), lineterm="", n=0
            )
            if not line.startswith(("---", "+++", "@@"))
        ]
    shown += [
        f"{workspace.name(old)} => {workspace.name(new)}" for old, new in patch.renames.items()
    ]
    if patch.note:
        shown.append(f"note: {patch.note}")
    return lines(shown)


@pytest.mark.parametrize("case", cases("rename"), ids=lambda case: case.path.stem)
def test_rename(case: Case, tmp_path: Path) -> None:
    workspace = given(case, tmp_path)
    snapshot = workspace.snapshot()
    path = workspace.path(case.at)
    try:
        span = rename.prepare_rename(snapshot, path, case.cursor)
        assert span.touches(case.cursor)
        patch = rename.rename(snapshot, path, case.cursor, case.ask)
    except RefusedError as error:
        case.check(f"refused: {error}")
    else:
        case.check(_diff(workspace, snapshot, patch))


@pytest.mark.parametrize("case", cases("rename_files"), ids=lambda case: case.path.stem)
def test_rename_files(case: Case, tmp_path: Path) -> None:
    workspace = given(case, tmp_path)
    snapshot = workspace.snapshot()
    moved = [tuple(map(workspace.path, line.split(" => "))) for line in case.ask.splitlines()]
    case.check(_diff(workspace, snapshot, rename.rename_files(snapshot, moved)))


def test_an_incomplete_index_refuses(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, {"a.py": "def f(): pass\n"})
    workspace.incomplete = "the index is being built"
    snapshot = workspace.snapshot()
    for ask in (
        lambda: rename.prepare_rename(snapshot, workspace.path("a.py"), 4),
        lambda: rename.rename(snapshot, workspace.path("a.py"), 4, "g"),
        lambda: rename.rename_files(snapshot, []),
    ):
        with pytest.raises(RefusedError, match="the index is being built"):
            ask()


def test_a_file_that_changed_behind_our_back_is_not_damaged(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, {"a.py": "def f(): pass\n", "b.py": "from a import f\n"})
    snapshot = workspace.snapshot()
    workspace.write("b.py", "# a new line\nfrom a import f\n")
    with pytest.raises(RefusedError, match="changed"):
        rename.rename(snapshot, workspace.path("a.py"), 4, "g")
