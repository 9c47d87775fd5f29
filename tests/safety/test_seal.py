"""A seal tells what we have made from what came with a repository."""

from __future__ import annotations

import shutil
import stat
import sys
from pathlib import Path

import pytest

from nootropic_lsp.safety.seal import can_seal, is_sealed, private_folder, seal


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / "state"
    folder.mkdir()
    return folder


def test_sealed(tmp_path: Path, state: Path) -> None:
    assert not is_sealed(state, home=tmp_path / "me")
    assert seal(state, home=tmp_path / "me")
    assert is_sealed(state, home=tmp_path / "me")
    # Another user, or another machine, has another key.
    assert not is_sealed(state, home=tmp_path / "other")


def test_a_copy_is_not_sealed(tmp_path: Path, state: Path) -> None:
    seal(state)
    shutil.copytree(state, tmp_path / "copy")
    assert not is_sealed(tmp_path / "copy")
    shutil.rmtree(state)
    shutil.move(tmp_path / "copy", state)
    assert is_sealed(state)


def test_a_wrong_seal(state: Path) -> None:
    for content in (b"", b"x" * 64, b"\xff" * 1000):
        (state / "seal").write_bytes(content)
        assert not is_sealed(state)
    (state / "seal").unlink()
    (state / "seal").mkdir()
    assert not is_sealed(state)
    assert not seal(state)


@pytest.mark.skipif(sys.platform == "win32", reason="modes mean nothing there")
def test_the_key_is_private(tmp_path: Path) -> None:
    assert can_seal(home=tmp_path / "me")
    assert stat.S_IMODE((tmp_path / "me" / "key").stat().st_mode) == 0o600


def test_without_a_place_for_a_key(tmp_path: Path, state: Path) -> None:
    (tmp_path / "file").write_text("")
    assert not can_seal(home=tmp_path / "file")
    assert not seal(state, home=tmp_path / "file")
    assert not is_sealed(state, home=tmp_path / "file")


@pytest.mark.skipif(sys.platform == "win32", reason="modes mean nothing there")
def test_private_folders(tmp_path: Path) -> None:
    assert private_folder(tmp_path / "new" / "inner")
    assert private_folder(tmp_path / "new" / "inner")
    (tmp_path / "open").mkdir(mode=0o755)
    assert not private_folder(tmp_path / "open")
    (tmp_path / "link").symlink_to(tmp_path / "new" / "inner")
    assert not private_folder(tmp_path / "link")
    (tmp_path / "file").write_text("")
    assert not private_folder(tmp_path / "file")
