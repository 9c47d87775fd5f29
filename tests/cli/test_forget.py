"""`nootropic forget` shows what it would remove, removes only that, and only when told."""

from __future__ import annotations

from pathlib import Path

import pytest


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
