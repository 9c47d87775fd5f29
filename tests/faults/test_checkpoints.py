"""Checkpoints: what is written can be taken back, whatever happens in between."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from nootropic_lsp.core.errors import NootropicError, RefusedError
from nootropic_lsp.core.spans import Span
from nootropic_lsp.core.symbols import Edit, Patch
from nootropic_lsp.features import checkpoints
from nootropic_lsp.index.lock import WriterLock
from nootropic_lsp.store import journal

# Applies a patch to a.py … e.py and is killed before the file with this number is replaced.
_KILLED = """
import os, signal, sys
from pathlib import Path
from nootropic_lsp.features import checkpoints
root, number, what = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
take_place = checkpoints._take_place
n = 0
def killed(file, temporary):
    global n
    if n == number:
        os.kill(os.getpid(), signal.SIGKILL)
    n += 1
    take_place(file, temporary)
checkpoints._take_place = killed
if what == "undo":
    checkpoints.undo(root)
else:
    new = {str(root / name): b"new" for name in ("a.py", "b.py", "c.py", "made.py")}
    checkpoints.write(root, {**new, str(root / "e.py"): None}, title="test")
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace with a few files."""
    folder = tmp_path / "work"
    folder.mkdir()
    for name in ("a.py", "b.py", "c.py", "d.py", "e.py"):
        (folder / name).write_bytes(f"old {name}\r\n".encode())
    (folder / "b.py").chmod(0o755)
    return folder


def state(root: Path) -> dict[str, tuple[bytes, int]]:
    """Every file with its bytes and permissions; what is left over of ours would show too."""
    return {
        path.name: (path.read_bytes(), stat.S_IMODE(path.stat().st_mode))
        for path in root.iterdir()
        if path.is_file()
    }


def changes(root: Path, *names: str) -> dict[str, bytes | None]:
    return {str(root / name): b"new" for name in names}


def homes(root: Path) -> Path:
    return root / ".nootropic" / "checkpoints"


def test_undo_brings_back_bytes_modes_and_files(root):
    before = state(root)
    (root / "d.py").chmod(0o640)
    before = state(root)
    patch = Patch(
        {
            str(root / "a.py"): (Edit(Span(0, 3), "new"),),
            str(root / "b.py"): (Edit(Span(4, 4), "é"),),
            str(root / "sub" / "made.py"): (Edit(Span(0, 0), "x\n"),),
        },
        renames={str(root / "d.py"): str(root / "moved.py")},
    )
    checkpoints.apply(root, patch, title="test")
    assert (root / "a.py").read_bytes() == b"new a.py\r\n"
    assert stat.S_IMODE((root / "b.py").stat().st_mode) == 0o755
    assert (root / "sub" / "made.py").read_bytes() == b"x\n"
    assert not (root / "d.py").exists()
    assert stat.S_IMODE((root / "moved.py").stat().st_mode) == 0o640
    (done,) = checkpoints.undo(root)
    assert done.kept == {}
    assert state(root) == before
    assert not (root / "sub" / "made.py").exists()
    assert checkpoints.undo(root) == []


@pytest.mark.parametrize("number", range(5))
def test_killed_in_the_middle_of_writing(root, number):
    before = state(root)
    done = subprocess.run([sys.executable, "-c", _KILLED, str(root), str(number), "apply"])
    assert done.returncode == -signal.SIGKILL
    (said,) = checkpoints.recover(root)
    assert said.kept == {}
    assert len(said.restored) == number
    assert state(root) == before
    assert checkpoints.recover(root) == []


@pytest.mark.parametrize("number", range(4))
def test_killed_in_the_middle_of_an_undo(root, number):
    before = state(root)
    checkpoints.write(root, changes(root, "a.py", "b.py", "c.py", "made.py"), title="test")
    done = subprocess.run([sys.executable, "-c", _KILLED, str(root), str(number), "undo"])
    assert done.returncode == -signal.SIGKILL
    checkpoints.recover(root)
    assert state(root) == before


@pytest.mark.parametrize("n_writes", range(9))
def test_a_full_disk_changes_nothing(root, monkeypatch, n_writes):
    before = state(root)
    prepared, left = journal.prepared, iter(range(n_writes))

    def full(*arguments, **options):
        if next(left, None) is None:
            raise OSError(errno.ENOSPC, "No space left on device", "somewhere")
        return prepared(*arguments, **options)

    monkeypatch.setattr(journal, "prepared", full)
    names = ("a.py", "b.py", "c.py")
    # Three contents before, one after, a manifest, three files.
    if n_writes < 8:
        with pytest.raises(NootropicError, match=r"nothing was changed: .*No space left"):
            checkpoints.write(root, changes(root, *names), title="test")
    else:
        with pytest.raises(OSError, match="No space"):
            checkpoints.write(root, changes(root, *names), title="test")
    monkeypatch.setattr(journal, "prepared", prepared)
    checkpoints.recover(root)
    assert state(root) == before


def test_what_others_changed_is_kept_and_named(root):
    checkpoints.write(root, changes(root, "a.py", "b.py", "c.py"), title="test")
    (root / "b.py").write_bytes(b"mine")
    (root / "c.py").unlink()
    (done,) = checkpoints.undo(root)
    assert done.restored == ("a.py",)
    assert done.kept == {"b.py": "it was changed since", "c.py": "it was removed since"}
    assert (root / "b.py").read_bytes() == b"mine"
    # Put right, it can be asked for again by its name.
    (root / "b.py").write_bytes(b"new")
    (root / "c.py").write_bytes(b"new")
    (again,) = checkpoints.undo(root, to=done.checkpoint.id)
    assert again.kept == {}
    assert (root / "b.py").read_bytes() == b"old b.py\r\n"


def test_undo_to_a_checkpoint_takes_back_all_since(root):
    before = state(root)
    first = checkpoints.write(root, changes(root, "a.py"), title="one")
    checkpoints.write(root, {str(root / "a.py"): b"newer"}, title="two")
    assert [each.title for each in checkpoints.checkpoints(root)] == ["two", "one"]
    assert len(checkpoints.undo(root, to=first.id)) == 2
    assert state(root) == before
    with pytest.raises(NootropicError, match="there is no checkpoint 1"):
        checkpoints.undo(root, to="1")


def test_what_must_not_be_written_is_named_and_nothing_is(root, tmp_path):
    (root / "a.py").chmod(0o444)
    (tmp_path / "outside.py").write_bytes(b"outside")
    (root / "link.py").symlink_to(tmp_path / "outside.py")
    (root / "folder").symlink_to(tmp_path)
    before = state(root)
    wanted = changes(root, "a.py", "link.py", "folder/outside.py", "b.py", "../outside.py")
    with pytest.raises(RefusedError) as caught:
        checkpoints.write(root, wanted, title="test")
    said = str(caught.value)
    assert "a.py is read-only" in said
    assert "link.py is a link" in said
    assert said.count("outside of the workspace") == 2
    assert "b.py" not in said
    assert state(root) == before
    assert (tmp_path / "outside.py").read_bytes() == b"outside"


def test_a_file_that_changed_since_it_was_looked_at_is_refused(root):
    path = str(root / "a.py")
    seen = {path: checkpoints.digest(b"something else")}
    patch = Patch({path: (Edit(Span(0, 3), "new"),), str(root / "b.py"): (Edit(Span(0, 3), ""),)})
    before = state(root)
    with pytest.raises(RefusedError, match=r"a\.py has changed since"):
        checkpoints.apply(root, patch, title="test", seen=seen)
    assert state(root) == before


def test_checkpoints_that_came_with_a_repository_are_nothing(root, tmp_path):
    """They could have any file written anywhere."""
    victim = root / "a.py"
    home = homes(root)
    (home / "objects").mkdir(parents=True)
    now, evil = journal.digest(victim.read_bytes()), journal.put(home, b"evil")
    entry = journal.Entry("a.py", evil, now, 0o777)
    for name, at in (("1", "applying"), ("2", "applied")):
        journal.write(home, journal.Checkpoint(name, 0.0, "x", at, (entry,)))
    assert checkpoints.recover(root) == []
    assert checkpoints.undo(root) == []
    assert victim.read_bytes() == b"old a.py\r\n"


def test_a_path_in_a_manifest_cannot_lead_out(root, tmp_path):
    outside = tmp_path / "outside.py"
    outside.write_bytes(b"new")
    made = checkpoints.write(root, changes(root, "a.py"), title="test")
    home = homes(root)
    entry = msgspec.structs.replace(made.entries[0], path="../outside.py")
    journal.write(home, msgspec.structs.replace(made, entries=(entry,)))
    (done,) = checkpoints.undo(root)
    assert done.kept == {"../outside.py": "it leads out of the workspace now"}
    assert outside.read_bytes() == b"new"


def test_a_damaged_checkpoint_overwrites_nothing(root):
    checkpoints.write(root, changes(root, "a.py"), title="test")
    for file in (homes(root) / "objects").glob("*/*"):
        file.write_bytes(b"damaged")
    (done,) = checkpoints.undo(root)
    assert done.kept == {"a.py": "what it held is damaged in the checkpoint"}
    assert (root / "a.py").read_bytes() == b"new"


def test_they_are_bounded(root, monkeypatch):
    monkeypatch.setattr(checkpoints, "_MOST", 3)
    for n in range(6):
        checkpoints.write(root, {str(root / "a.py"): b"%d" % n}, title=str(n))
    assert [each.title for each in checkpoints.checkpoints(root)] == ["5", "4", "3"]
    contents = {file.read_bytes() for file in (homes(root) / "objects").glob("*/*")}
    assert contents == {b"2", b"3", b"4", b"5"}
    monkeypatch.setattr(checkpoints, "_MOST_BYTES", 10)
    checkpoints.write(root, {str(root / "a.py"): b"x" * 100}, title="large")
    assert [each.title for each in checkpoints.checkpoints(root)] == ["large"]


def test_two_at_a_time_do_not_mix(root):
    checkpoints.checkpoints(root)
    lock = WriterLock(homes(root) / "lock")
    assert lock.acquire()
    with pytest.raises(NootropicError, match=f"process {os.getpid()} is rewriting files"):
        checkpoints.write(root, changes(root, "a.py"), title="test")
    lock.release()
