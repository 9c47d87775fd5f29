"""What is in a folder, as a resolver sees it: by the index inside the workspace, else by the disk."""

from __future__ import annotations

from pathlib import Path

from features.workspace import Workspace

from nootropic_lsp.index.ahead import Ahead, Drafts
from nootropic_lsp.index.libraries import Libraries
from nootropic_lsp.index.world import IndexWorld
from nootropic_lsp.settings.options import IndexSettings


def test_a_folder_has_what_is_indexed_and_what_is_open(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, {"a.py": "", "pkg/b.py": "", "pkg/inner/c.py": ""})
    for later in ("not_indexed.py", "new.py", "node_modules/left/x.js"):
        workspace.write(f"pkg/{later}", "")
    workspace.open("pkg/new.py", "x = 1\n")
    world = workspace.snapshot().world
    assert world.entries(workspace.root.as_posix()) == ["a.py", "pkg/"]
    assert world.entries(workspace.path("pkg")) == ["b.py", "inner/", "new.py"]
    assert world.entries(workspace.path("pkg/node_modules")) == ["left/"]
    assert world.entries(workspace.path("pkg/nowhere")) == []


def test_a_folder_that_is_not_indexed_yet_has_what_will_be(tmp_path: Path) -> None:
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "a.py").write_text("", encoding="utf-8")
    (tmp_path / "pkg" / "picture.png").write_bytes(b"\0")
    ahead = Ahead(tmp_path.as_posix(), IndexSettings(), (), Drafts())
    world = IndexWorld([], Libraries(None), ahead=[ahead])
    assert world.entries(tmp_path.as_posix()) == ["pkg/"]
    assert world.entries(f"{tmp_path.as_posix()}/pkg") == ["a.py"]
