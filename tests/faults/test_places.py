"""Where an index lies when it cannot lie in the workspace, and what is said of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults.house import House, make_shop, run_cli, wait_until

from nootropic_lsp.app import App
from nootropic_lsp.index import lock
from nootropic_lsp.index.places import IGNORED, database_of
from nootropic_lsp.settings.options import Settings

linux_root = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="mounts need root"
)


def asks_well(house: House) -> None:
    """The first answers of an editor's day."""
    house.begin_indexing().wait_indexed()
    house.open_file("shop.py")
    assert house.definition("shop.py", 4, 11) == [("cart.py", 0)]


def test_a_file_in_the_way_of_the_state_folder(tmp_path: Path, home: Path) -> None:
    root = make_shop(tmp_path / "shop")
    (root / ".nootropic").write_text("mine")
    with House(root) as house:
        asks_well(house)
        said = [each for each in house.told() if "cannot be written to" in each]
        assert said == [
            f"nootropic: {root} cannot be written to, so its index is kept in {home / 'cache'}."
        ]
        house.save("cart.py", "class Cart:\n    pass\n\n\nclass Wagon:\n    pass\n")
        wait_until(lambda: "Wagon" in house.symbols("Wagon"), "the new class")
        assert len([each for each in house.told() if "cannot be written to" in each]) == 1
        house.leave()
    assert (root / ".nootropic").read_text() == "mine"
    done = run_cli(root, "where", "Wagon")
    assert done.returncode == 0, done.stderr


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, small."""
    folder = tmp_path / "disk"
    folder.mkdir()
    made = subprocess.run(
        ("mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(folder)), check=False
    )
    if made.returncode:
        pytest.skip("nothing can be mounted here")
    yield folder
    subprocess.run(("umount", "-l", str(folder)), check=True)


@linux_root
def test_a_read_only_workspace(mounted: Path) -> None:
    root = make_shop(mounted / "shop")
    subprocess.run(("mount", "-o", "remount,ro", str(mounted)), check=True)
    with House(root) as house:
        asks_well(house)
        assert len([each for each in house.told() if "cannot be written to" in each]) == 1
    assert not (root / ".nootropic").exists()


@linux_root
def test_a_disk_that_is_full_from_the_start(mounted: Path) -> None:
    root = make_shop(mounted / "shop")
    fill(mounted)
    with House(root) as house:
        asks_well(house)
        assert len([each for each in house.told() if "cannot be written to" in each]) == 1


@linux_root
def test_a_disk_that_fills_during_the_first_index(mounted: Path) -> None:
    root = make_shop(mounted / "shop", n_more=12)
    fill(mounted, leave=60_000)
    with House(root) as house:
        asks_well(house)
        assert len([each for each in house.told() if "cannot be written to" in each]) == 1
        assert not any("bug of ours" in each for each in house.told())
    # What was begun there is taken away again.
    assert not database_of(root).exists()
    done = run_cli(root, "where", "f3_7")
    assert done.returncode == 0, done.stderr


@linux_root
def test_a_disk_that_fills_during_a_save(mounted: Path) -> None:
    root = make_shop(mounted / "shop")
    with House(root) as house:
        asks_well(house)
        text = "class Cart:\n" + "".join(f"    def method_{n}(self): pass\n" for n in range(800))
        (root / "cart.py").write_text(text)
        fill(mounted)
        house.tell_saved("cart.py")
        wait_until(lambda: "method_7" in house.symbols("method_7"), "the new methods")
        wait_until(house.is_complete, "the index")
        assert len([each for each in house.told() if "cannot be written to" in each]) == 1


def fill(folder: Path, *, leave: int = 0) -> None:
    """Leave no more than so many bytes of a small disk."""
    if leave:
        (folder / "spare").write_bytes(b"x" * leave)
    with (folder / "ballast").open("wb", buffering=0) as file:
        for size in (65_536, 4_096):
            try:
                while file.write(b"x" * size) == size:
                    pass
            except OSError:
                pass
    (folder / "spare").unlink(missing_ok=True)


def test_no_place_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = make_shop(tmp_path / "shop")
    monkeypatch.setattr(lock, "_lock", refuse)
    monkeypatch.setattr("nootropic_lsp.index.places._MEMORY", tmp_path / "nothing")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    app = App(Settings(), [str(root)])
    said: list[tuple[object, ...]] = []
    app.start(said.append)
    assert said[0][0] == "problem"
    assert "no place to write an index" in str(said[0][1])
    assert said[-1] == ("indexed",)
    assert "no place for an index" in str(app.snapshot().incomplete)
    app.index()
    app.close_all()


def refuse(*_: object, **__: object) -> bool:
    raise OSError(37, "No locks available")


def test_locks_that_do_not_work_here(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make_shop(tmp_path / "shop")
    real = lock.locks_work_in

    def works(folder: Path) -> bool:
        return real(folder) and not folder.is_relative_to(root)

    monkeypatch.setattr("nootropic_lsp.index.places.locks_work_in", works)
    app = App(Settings(), [str(root)])
    app.index()
    assert app.status()["files"] == 2
    assert app.status()["path"].startswith(str(home))
    assert "its index is kept in" in app.status()["notes"][0]
    app.close_all()


def test_a_home_that_cannot_be_written(tmp_path: Path) -> None:
    """Without a key there is no seal, so an index in the workspace could be anybody's."""
    root = make_shop(tmp_path / "shop")
    nowhere = tmp_path / "file"
    nowhere.write_text("")
    env = {"NOOTROPIC_HOME": str(nowhere / "home"), "TMPDIR": str(tmp_path)}
    done = run_cli(root, "where", "Cart", env=env)
    assert done.returncode == 0, done.stderr
    assert "cart.py" in done.stdout
    assert not database_of(root).exists()
    # It lies in memory or among temporary files: do not leave it there.
    index = json.loads(run_cli(root, "doctor", "--json", env=env).stdout)["index"]
    assert "its index is kept in" in index["notes"][0]
    shutil.rmtree(Path(index["path"]).parents[2])


def test_the_state_folder_keeps_itself_out_of_git(tmp_path: Path) -> None:
    root = make_shop(tmp_path / "shop")
    (root / ".gitignore").write_text("*.log\n")
    run_cli(root, "index")
    assert (root / ".nootropic" / ".gitignore").read_text() == IGNORED
    assert (root / ".gitignore").read_text() == "*.log\n"
    git = shutil.which("git")
    if git:
        subprocess.run((git, "init", "-q"), cwd=root, check=True)
        status = subprocess.run(
            (git, "status", "--porcelain"), cwd=root, capture_output=True, text=True, check=True
        )
        assert ".nootropic" not in status.stdout


def test_a_budget_of_bytes(tmp_path: Path) -> None:
    root = make_shop(tmp_path / "shop", n_more=200)
    (root / ".nootropic.json").write_text('{"index": {"maxDiskBytes": 1000000}}')
    done = run_cli(root, "index")
    assert "index.maxDiskBytes" in done.stdout + done.stderr
    # One transaction may go over it.
    assert database_of(root).stat().st_size < 4_000_000
