"""`nootropic forget` shows what it would remove, removes only that, and only when told."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from nootropic_lsp.index.lock import WriterLock


@pytest.fixture
def used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with state of ours and plugins of its own."""
    (tmp_path / ".nootropic" / "plugins").mkdir(parents=True)
    (tmp_path / ".nootropic" / "plugins" / "mine.py").write_text("mine")
    (tmp_path / ".nootropic" / ".gitignore").write_text("*\n")
    (tmp_path / ".nootropic" / "index").mkdir()
    (tmp_path / ".nootropic" / "index" / "graph.db").write_bytes(b"x" * 1000)
    (tmp_path / ".nootropic-cache").mkdir()
    (tmp_path / ".nootropic-cache" / "describe-registry.json").write_text("{}")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_without_yes_it_only_shows(used, type_):
    typed = type_("forget", "--json")
    assert typed.json["bytes"] == 1002
    assert typed.json["removed"] is False
    assert (used / ".nootropic" / "index" / "graph.db").exists()


def test_with_yes_it_removes_all_but_plugins(used, type_):
    assert type_("forget", "--yes").code == 0
    left = {path.name for path in used.rglob("*")}
    assert left == {".nootropic", ".gitignore", "plugins", "mine.py"}
    assert type_("forget").code == 1


def test_what_a_process_keeps_is_left_to_it(used, home, type_):
    (home / "cache" / "libraries").mkdir(parents=True)
    lock = WriterLock(used / ".nootropic" / "index" / "lock")
    assert lock.acquire()
    typed = type_("forget", "--all", "--yes")
    assert typed.code == 2
    assert f"nothing was removed: process {os.getpid()} keeps the index" in typed.err
    assert (used / ".nootropic" / "index" / "graph.db").exists()
    assert (used / ".nootropic-cache").exists()
    assert (home / "cache" / "libraries").exists()
    lock.release()
    assert type_("forget", "--yes").code == 0
    assert not (used / ".nootropic" / "index").exists()


def test_what_cannot_be_removed_is_named(used, type_, monkeypatch):
    def refuse(path: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr("shutil.rmtree", refuse)
    (used / ".nootropic" / "old.db").touch()
    typed = type_("forget", "--yes")
    assert typed.code == 2
    assert "index cannot be removed (Permission denied)" in typed.err
    assert "the rest is gone" in typed.err
    assert not (used / ".nootropic" / "old.db").exists()


def test_running_servers_can_still_be_reached(used, home, type_):
    (home / "cache" / "run").mkdir(parents=True)
    type_("forget", "--all", "--yes")
    assert (home / "cache" / "run").exists()


def test_an_idle_folder_goes_too(tmp_path, monkeypatch, type_):
    (tmp_path / ".nootropic").mkdir()
    (tmp_path / ".nootropic" / ".gitignore").write_text("*\n")
    (tmp_path / ".nootropic" / "index.db").write_bytes(b"x")
    monkeypatch.chdir(tmp_path)
    type_("forget", "--yes")
    assert list(tmp_path.iterdir()) == []


def test_all_is_also_the_shared_cache_but_not_the_settings(used, home, type_):
    (home / "cache" / "environments").mkdir(parents=True)
    (home / "config.json").write_text("{}")
    assert type_("forget", "--json").json["bytes"] == 1002
    type_("forget", "--all", "--yes")
    assert not (home / "cache" / "environments").exists()
    assert (home / "config.json").exists()


def test_a_link_is_not_followed(tmp_path, monkeypatch, type_):
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").touch()
    root = tmp_path / "workspace"
    (root / ".nootropic").mkdir(parents=True)
    try:
        (root / ".nootropic" / "link").symlink_to(precious)
        (root / ".vectorstore").symlink_to(precious)
    except OSError:
        return  # Windows lets only some users make links
    monkeypatch.chdir(root)
    assert type_("forget", "--yes").code == 1
    assert (precious / "file").exists()
