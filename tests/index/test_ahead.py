"""Reading files ahead of the index: the same files as the index, and never for long."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from nootropic_lsp.index import ahead as module
from nootropic_lsp.index.ahead import Ahead, Drafts
from nootropic_lsp.index.discover import discover
from nootropic_lsp.index.units import Unit
from nootropic_lsp.settings.options import IndexSettings

KEY = "ghp" + "_" + "a1B2c3D4e5F6g7H8i9J0" + "k1L2m3N4o5P6q7R8"
FILES = {
    "a.py": "class A:\n    pass\n",
    "pkg/b.py": f"def use():\n    pass\n\n\n__all__ = ['use', '{KEY}']\n",
    "pkg/tables.json": "{}",
    "pkg/notes.txt": "no source",
    "pkg/run": "#!/bin/sh\n",
    ".gitignore": "built/\n*_pb2.py\n",
    "built/c.py": "",
    "pkg/.ignore": "inner/*\n!inner/kept.py\n",
    "pkg/inner/kept.py": "",
    "pkg/inner/lost.py": "",
    "pkg/d_pb2.py": "",
    "env/pyvenv.cfg": "",
    "env/e.py": "",
    "node_modules/f/index.js": "",
    "excluded/g.py": "",
    "big.py": "x = 1\n" * 400,
}
SETTINGS = IndexSettings(max_file_bytes=2_000, exclude=("excluded",))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / "root" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "root"


def ahead_of(root: Path, *faults: str, settings: IndexSettings = SETTINGS) -> Ahead:
    return Ahead(root.as_posix(), settings, faults, Drafts())


def test_the_files_are_those_of_the_index(root: Path) -> None:
    if sys.platform != "win32":
        outside = root.parent / "outside"
        outside.mkdir()
        (outside / "h.py").write_text("")
        (root / "linked").symlink_to(outside)
        (root / "pkg" / "i.py").symlink_to(outside / "h.py")
    everything = [
        (Path(folder) / name).relative_to(root).as_posix()
        for folder, _, names in os.walk(root, followlinks=True)
        for name in names
    ]
    ahead = ahead_of(root)
    wanted = {
        Path(found.path).relative_to(root).as_posix() for found in discover(root, settings=SETTINGS)
    }
    assert {path for path in everything if ahead.is_file(path)} == wanted
    assert wanted == {"a.py", "pkg/b.py", "pkg/tables.json", "pkg/run", "pkg/inner/kept.py"}
    folders = ("", "pkg", "built", "env/inner", "linked")
    assert [ahead.is_folder(path) for path in folders] == [True, True, False, False, False]
    assert ahead.subfolders("pkg") == [f"{root.as_posix()}/pkg/inner"]
    assert not ahead.is_file("/".join("a" * 5_000))


def test_what_a_worker_could_not_cope_with_is_left_alone(root: Path) -> None:
    assert ahead_of(root).facts("a.py")
    ahead = ahead_of(root, f"{root.as_posix()}/a.py")
    assert not ahead.is_file("a.py")
    assert ahead.facts("a.py") is None


def test_secrets_are_masked(root: Path) -> None:
    facts = ahead_of(root).facts("pkg/b.py")
    assert facts
    unit = Unit.stored("b.py", facts)
    assert unit.exports
    assert "use" in unit.exports
    assert KEY not in repr(unit.all_facts())


def test_a_large_file_exists_but_is_not_read(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGE", 1_000)
    ahead = ahead_of(root, settings=IndexSettings())
    assert ahead.is_file("big.py")
    assert ahead.facts("big.py") is None


def test_a_grammar_that_does_not_end(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked a few times, not for each of a thousand files."""
    asked: list[bytes] = []
    monkeypatch.setattr(module, "parsed_in_time", lambda data, *_, **__: asked.append(data))
    for number in range(10):
        (root / f"file{number}.py").write_text("")
    ahead = ahead_of(root)
    for _ in range(2):
        assert all(ahead.facts(f"file{number}.py") is None for number in range(10))
    assert len(asked) == 3


def test_facts_are_those_of_the_file_as_it_is(root: Path) -> None:
    drafts = Drafts()

    def read() -> bytes | None:
        return Ahead(root.as_posix(), SETTINGS, (), drafts).facts("a.py")

    assert read() is read()
    (root / "a.py").write_text("class Another:\n    pass\n")
    after = read()
    assert after
    assert "Another" in Unit.stored("a.py", after).names[0]
