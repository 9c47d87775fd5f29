"""Trust is given to a real folder, kept in a private file, and lost when in doubt."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path

import pytest

from nootropic_lsp.core.errors import NootropicError
from nootropic_lsp.safety.trust import distrust, is_trusted, trust, trusted_folders


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home" / ".nootropic"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    folder.mkdir()
    return folder


def test_given_and_taken_back(home: Path, workspace: Path) -> None:
    assert not is_trusted(workspace, home=home)
    assert not home.exists()
    trust(workspace, home=home)
    trust(workspace, home=home)
    assert is_trusted(workspace, home=home)
    assert trusted_folders(home=home) == (workspace.resolve(),)
    assert distrust(workspace, home=home)
    assert not distrust(workspace, home=home)
    assert not is_trusted(workspace, home=home)


def test_neither_a_parent_nor_a_child_is_trusted_with_it(home: Path, workspace: Path) -> None:
    (workspace / "cloned").mkdir()
    trust(workspace, home=home)
    assert not is_trusted(workspace / "cloned", home=home)
    assert not is_trusted(workspace.parent, home=home)


def test_by_real_path(home: Path, workspace: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    try:
        link.symlink_to(workspace, target_is_directory=True)
    except OSError:
        pytest.skip("this account may not make links")
    trust(link, home=home)
    assert is_trusted(workspace, home=home)
    assert is_trusted(workspace / ".." / workspace.name, home=home)
    other = tmp_path / "other"
    other.mkdir()
    link.unlink()
    link.symlink_to(other, target_is_directory=True)
    assert not is_trusted(link, home=home)


def test_a_deleted_folder_can_be_distrusted(home: Path, workspace: Path) -> None:
    trust(workspace, home=home)
    workspace.rmdir()
    assert distrust(workspace, home=home)


def test_what_is_no_folder_cannot_be_trusted(home: Path, tmp_path: Path) -> None:
    with pytest.raises(NootropicError, match="not a folder"):
        trust(tmp_path / "missing", home=home)


@pytest.mark.skipif(sys.platform == "win32", reason="the mode means nothing there")
def test_only_its_owner_can_read_and_write_the_list(home: Path, workspace: Path) -> None:
    trust(workspace, home=home)
    file = home / "trusted.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in home.iterdir()] == ["trusted.json"]
    file.chmod(0o666)
    assert not is_trusted(workspace, home=home)
    with pytest.raises(NootropicError, match="chmod 600"):
        trust(workspace, home=home)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"folders": "/"}', '{"folders": [1]}', "[" * 9999]
)
def test_a_damaged_list_trusts_nobody(home: Path, workspace: Path, text: str) -> None:
    trust(workspace, home=home)
    (home / "trusted.json").write_text(text)
    assert not is_trusted(workspace, home=home)
    with pytest.raises(NootropicError, match="damaged"):
        trust(workspace, home=home)


def test_it_cannot_be_written_down(home: Path, workspace: Path) -> None:
    home.parent.mkdir()
    home.write_text("a file where the folder should be")
    with pytest.raises(NootropicError, match="NOOTROPIC_HOME"):
        trust(workspace, home=home)
    assert not is_trusted(workspace, home=home)


def test_the_file_is_plain_data(home: Path, workspace: Path) -> None:
    trust(workspace, home=home)
    table = json.loads((home / "trusted.json").read_text())
    assert table == {"version": 1, "folders": [str(workspace.resolve())]}
