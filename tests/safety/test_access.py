"""What models may be given of a workspace, and where something may be written for them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nootropic_lsp.index.discover import discover
from nootropic_lsp.safety.access import Readable, may_write
from nootropic_lsp.safety.gate import Gate
from nootropic_lsp.settings.options import IndexSettings, SafetySettings


def make(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make(
        tmp_path / "shop",
        {
            ".git/config": "",
            ".aiignore": "billing/\nlocal.py\n!ignored.py\n",
            ".gitignore": "ignored.py\n",
            ".nootropicignore": "mine.py\n",
            "cart.py": "",
            "ignored.py": "",
            "mine.py": "",
            "local.py": "",
            "billing/keys.py": "",
            "deep/.aiignore": "*\n!shown.py\n",
            "deep/hidden.py": "",
            "deep/shown.py": "",
        },
    )


def readable(root: Path, **settings: object) -> set[str]:
    reading = Readable([root], index=IndexSettings(**settings))  # type: ignore[arg-type]
    paths = [path for path in root.rglob("*.py") if path.is_file()]
    return {path.relative_to(root).as_posix() for path in paths if reading.may_read(path)}


def test_models_are_given_what_no_ignore_file_names(root: Path) -> None:
    assert readable(root) == {"cart.py", "deep/shown.py"}


def test_what_only_models_may_not_see_is_indexed(root: Path) -> None:
    found = {
        Path(each.path).relative_to(root).as_posix()
        for each in discover(root, settings=IndexSettings())
    }
    assert found == {"cart.py", "local.py", "billing/keys.py", "deep/hidden.py", "deep/shown.py"}


def test_settings_count_as_for_the_index(root: Path) -> None:
    assert "ignored.py" in readable(root, use_gitignore=False)
    assert "cart.py" not in readable(root, exclude=("cart.py",))


def test_the_gate_sees_ignore_files_that_change(root: Path) -> None:
    gate = Gate(SafetySettings(), roots=[root])
    assert gate.may_read(root / "cart.py")
    (root / ".aiignore").write_text("cart.py\n")
    assert not gate.may_read(root / "cart.py")
    assert gate.may_read(root / "local.py")


def test_the_lines_above_an_opened_folder_count(root: Path) -> None:
    make(root, {"sub/.keep": "", "sub/a.py": "", "sub/b.py": "", ".aiignore": "sub/a.py\n"})
    assert readable(root / "sub") == {"b.py"}
    (root / ".aiignore").write_text("sub/\n")
    assert readable(root / "sub") == set()


def test_nothing_outside_and_nothing_of_tools(root: Path, tmp_path: Path) -> None:
    make(root, {"node_modules/x/a.py": "", ".nootropic/b.py": "", ".venv/pyvenv.cfg": ""})
    make(root, {".venv/lib/c.py": ""})
    make(tmp_path, {"other.py": "", "shop2/d.py": ""})
    reading = Readable([root])
    for name in ("node_modules/x/a.py", ".nootropic/b.py", ".venv/lib/c.py", ".git/config"):
        assert not reading.may_read(root / name)
    assert not reading.may_read(tmp_path / "other.py")
    assert not reading.may_read(tmp_path / "shop2" / "d.py")
    assert not reading.may_read(root / ".." / "other.py")
    assert not Readable([]).may_read(root / "cart.py")


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_link_shows_nothing_more(root: Path, tmp_path: Path) -> None:
    make(tmp_path, {"other.py": ""})
    (root / "out.py").symlink_to(tmp_path / "other.py")
    (root / "kept.py").symlink_to(root / "billing" / "keys.py")
    (root / "fine.py").symlink_to(root / "cart.py")
    (tmp_path / "way").symlink_to(root)
    reading = Readable([root])
    assert not reading.may_read(root / "out.py")
    assert not reading.may_read(root / "kept.py")
    assert reading.may_read(root / "fine.py")
    by_link = Readable([tmp_path / "way"])
    assert by_link.may_read(tmp_path / "way" / "cart.py")
    assert by_link.may_read(root / "cart.py")
    assert not by_link.may_read(tmp_path / "way" / "billing" / "keys.py")


@pytest.mark.parametrize("name", ["cart.py", "new.py", "a/b/new.py", "a/../new.py", ".gitignore"])
def test_ordinary_files_may_be_written(root: Path, name: str) -> None:
    assert may_write(root, name)
    assert may_write(root, root / name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../other.py",
        "a/../../other.py",
        "/etc/passwd",
        ".git/hooks/pre-commit",
        ".GIT/config",
        ".git./config",
        ".git /config",
        "GIT~1/config",
        ".g\u200cit/config",
        "sub/.git",
        ".hg/hgrc",
        ".nootropic/rules/x.yaml",
        ".nootropic-cache/x",
        ".nootropicignore",
        ".aiignore",
        "deep/.aiignore",
        ".vectorstore/x",
        "deep",
        "a\0b",
    ],
)
def test_what_is_elsewhere_or_not_the_users_text_is_not(root: Path, name: str) -> None:
    assert not may_write(root, name)


@pytest.mark.skipif(os.name == "nt", reason="links and pipes are other things there")
def test_no_way_out_by_links_and_nothing_but_files(root: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (root / "out").symlink_to(tmp_path / "elsewhere")
    (root / "data").symlink_to(root / ".git")
    (root / "file.py").symlink_to(root / "cart.py")
    (root / "dangling").symlink_to(tmp_path / "elsewhere" / "new")
    os.mkfifo(root / "pipe")
    for name in ("out/a.py", "data/config", "file.py", "dangling", "pipe"):
        assert not may_write(root, name)
    (tmp_path / "way").symlink_to(root)
    assert may_write(tmp_path / "way", "cart.py")
    assert may_write(root, "a.py")
