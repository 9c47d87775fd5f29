"""The segments of a folder follow its index, whatever happens on the way."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from predict.modelled import Workspace, tokens_of

from nootropic_lsp.index.frames import receive, send
from nootropic_lsp.index.places import Place, database_of
from nootropic_lsp.predict import builder
from nootropic_lsp.predict.background import Background
from nootropic_lsp.predict.shelf import shelf_of

BUILDER = (sys.executable, "-P", "-m", "nootropic_lsp.predict.builder")


def source(number: int, lines: int = 30) -> str:
    return f"import shop{number}\n\n\n" + "".join(
        f"def price_{number}_{line}(cart):\n    return cart.total_{number}(tax={line})\n\n\n"
        for line in range(lines)
    )


@pytest.fixture
def shop(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "shop", {f"m{number}.py": source(number) for number in range(8)})


def counted(workspace: Workspace) -> dict[str, list[str]]:
    """The tokens of each file that count; each file counts once."""
    found: dict[str, list[str]] = {}
    for segment in workspace.shelf().segments.values():
        tokens = tokens_of(segment)
        ends = [*segment.starts[1:].tolist(), segment.n_tokens]
        for at, file in enumerate(segment.files):
            if not segment.masked[at]:
                assert file.path not in found
                found[file.path] = tokens[file.start : ends[at]]
    return found


def fresh(workspace: Workspace, scratch: Path) -> dict[str, list[str]]:
    files = {
        path.relative_to(workspace.root).as_posix(): path.read_bytes()
        for path in workspace.root.rglob("*")
        if path.is_file() and ".nootropic" not in path.parts
    }
    other = Workspace(scratch, files)
    other.build()
    return counted(other)


def begin(workspace: Workspace) -> subprocess.Popen[bytes]:
    """The real process, at work."""
    asked = BytesIO()
    send(asked, {"folder": workspace.root.as_posix(), "database": str(workspace.database)})
    process = subprocess.Popen(BUILDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin
    process.stdin.write(asked.getvalue())
    process.stdin.close()
    return process


def end(process: subprocess.Popen[bytes]) -> dict[str, int]:
    assert process.stdout
    answer = receive(process.stdout)  # type: ignore[arg-type]
    process.stdout.close()
    assert process.wait(30) == 0
    return answer  # type: ignore[no-any-return]


def test_the_first_build(shop: Workspace) -> None:
    assert shop.build() == {"written": 1, "damaged": 0}
    assert counted(shop).keys() == {f"m{number}.py" for number in range(8)}


def test_a_family_of_languages_has_its_own_segments(shop: Workspace) -> None:
    shop.change("a.ts", "export const total = 1;\n")
    shop.change("b.js", "export const total = 1;\n")
    shop.change("c.go", "package main\n")
    shop.build()
    families = Counter(path.name.partition("-")[0] for path in shop.segment_files())
    assert families == {"python": 1, "javascript": 1, "go": 1}


def test_a_second_run_has_nothing_to_do(shop: Workspace) -> None:
    shop.build()
    before = [(path, path.stat()) for path in shop.segment_files()]
    assert shop.build() == {"written": 0, "damaged": 0}
    assert [(path, path.stat()) for path in shop.segment_files()] == before


def test_a_changed_file_has_a_segment_of_its_own(shop: Workspace) -> None:
    shop.build()
    shop.change("m3.py", "wagon = 1\n")
    assert "wagon" not in str(counted(shop))
    assert "m3.py" not in counted(shop)
    assert shop.build()["written"] == 1
    assert len(shop.segment_files()) == 2
    assert counted(shop)["m3.py"][1:4] == ["wagon", "=", "1"]


def test_a_removed_file_does_not_count(shop: Workspace) -> None:
    shop.build()
    shop.change("m3.py", None)
    assert "m3.py" not in counted(shop)
    assert shop.build()["written"] == 0
    assert "m3.py" not in counted(shop)


def test_many_small_segments_become_one(shop: Workspace, tmp_path: Path) -> None:
    shop.build()
    sizes = []
    for number in range(8):
        shop.change(f"new{number}.py", source(number + 20))
        shop.build()
        sizes.append(len(shop.segment_files()))
    assert max(sizes) <= 5
    assert sizes[-1] < max(sizes)
    assert counted(shop) == fresh(shop, tmp_path / "fresh")


def test_a_mostly_dead_segment_is_written_anew(shop: Workspace, tmp_path: Path) -> None:
    shop.build()
    (first,) = shop.segment_files()
    for number in range(4):
        shop.change(f"m{number}.py", None)
    assert shop.build()["written"] == 1
    assert first not in shop.segment_files()
    assert counted(shop) == fresh(shop, tmp_path / "fresh")


def test_nothing_is_left_of_what_is_gone(shop: Workspace) -> None:
    shop.build()
    for number in range(8):
        shop.change(f"m{number}.py", None)
    shop.build()
    assert shop.segment_files() == []


def test_a_large_folder_has_several_segments(
    shop: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    wanted = fresh(shop, tmp_path / "fresh")
    monkeypatch.setattr(builder, "MOST_TOKENS", 1_000)
    shop.build()
    assert len(shop.segment_files()) > 2
    assert counted(shop) == wanted


@pytest.mark.parametrize("round_", range(3))
def test_kill_9(shop: Workspace, tmp_path: Path, round_: int) -> None:
    """At moments all over a run, during first builds, merges and removals."""
    dice = random.Random(round_)
    shop.build()
    began = time.monotonic()
    end(begin(shop))
    whole_s = time.monotonic() - began
    for attempt in range(6):
        for number in dice.sample(range(8), 3):
            shop.write(f"m{number}.py", source(dice.randrange(1_000), 200))
        shop.index()
        process = begin(shop)
        time.sleep(dice.uniform(0.3, 1.4) * whole_s)
        process.kill()
        process.wait()
        assert process.stdout
        process.stdout.close()
        # What is there can be read, now and by whoever is next.
        assert not shop.shelf().damaged
        if attempt == 2:
            (shelf_of(shop.database) / "python-000099.new").write_bytes(b"half of one")
    end(begin(shop))
    assert not [*shelf_of(shop.database).glob("*.new")]
    assert counted(shop) == fresh(shop, tmp_path / "fresh")
    assert shop.build()["written"] == 0


@pytest.mark.parametrize("moment", ["write", "unlink"])
def test_an_end_between_writing_and_removing(
    shop: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """The most fragile moments, held still."""
    shop.build()
    for number in range(5):
        shop.change(f"m{number}.py", source(number + 50))

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        if moment == "write":
            patch.setattr(os, "fsync", die)
        else:
            patch.setattr(Path, "unlink", die)
        with pytest.raises(KeyboardInterrupt):
            shop.build()
    shop.build()
    assert len(shop.segment_files()) == 1
    assert counted(shop) == fresh(shop, tmp_path / "fresh")


def test_two_at_once(shop: Workspace, tmp_path: Path) -> None:
    """The second one waits, and has nothing left to do."""
    processes = [begin(shop) for _ in range(3)]
    assert sorted(end(process)["written"] for process in processes) == [0, 0, 1]
    assert len(shop.segment_files()) == 1
    assert counted(shop) == fresh(shop, tmp_path / "fresh")


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5])


def flip_a_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-5] ^= 1
    path.write_bytes(data)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def folder(path: Path) -> None:
    path.unlink()
    (path / "inside").mkdir(parents=True)


@pytest.mark.parametrize("damage", [cut_short, flip_a_bit, empty, folder])
def test_a_damaged_segment_is_built_anew(
    shop: Workspace, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    shop.build()
    (path,) = shop.segment_files()
    damage(path)
    assert shop.build() == {"written": 1, "damaged": 1}
    assert counted(shop) == fresh(shop, tmp_path / "fresh")
    assert not path.exists()
    assert shop.build() == {"written": 0, "damaged": 0}


def test_a_full_disk(shop: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            shop.build()
    assert not [*shelf_of(shop.database).glob("*.new")]
    assert shop.build()["written"] == 1


def test_without_an_index_it_says_so_in_one_sentence(tmp_path: Path) -> None:
    asked = BytesIO()
    send(asked, {"folder": str(tmp_path), "database": str(tmp_path / "none" / "graph.db")})
    done = subprocess.run(BUILDER, input=asked.getvalue(), capture_output=True, check=False)
    assert done.returncode == 0
    assert receive(BytesIO(done.stdout)) == {"written": 0, "damaged": 0}
    assert b"is not up to date" in done.stderr
    assert b"Traceback" not in done.stderr
    assert not (tmp_path / "none").exists()


def test_segments_are_known_by_more_than_their_names(shop: Workspace) -> None:
    """After `git clean -fdx` under a running server, names begin anew."""
    shop.build()
    shelf = shop.shelf()
    (old,) = shelf.segments.values()
    (path,) = shop.segment_files()
    data = path.read_bytes()
    path.unlink()
    shelf.look()
    assert not shelf.segments
    path.write_bytes(data)
    other = path.with_suffix(".other")
    other.write_bytes(data)
    shelf.look()
    (again,) = shelf.segments.values()
    assert again is not old
    shelf.look()
    assert list(shelf.segments.values()) == [again]
    other.replace(path)
    shelf.look()
    assert list(shelf.segments.values()) != [again]


def test_the_newest_is_the_one_with_the_highest_number(shop: Workspace) -> None:
    shop.build()
    (path,) = shop.segment_files()
    path.rename(path.with_name("python-999999.segment"))
    shop.change("m0.py", "wagon = 1\n")
    shop.build()
    assert "python-1000000.segment" in [path.name for path in shop.segment_files()]
    shop.change("m0.py", "barrow = 1\n")
    shop.build()
    names = [path.name for path in shop.shelf().segments]
    assert names == ["python-1000001.segment", "python-999999.segment"]
    assert counted(shop)["m0.py"][1] == "barrow"


def test_a_planted_segment_is_never_opened(shop: Workspace, tmp_path: Path) -> None:
    """What a repository brings along in `.nootropic` has not our seal."""
    shop.build()
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (shop.root / ".nootropic").rename(theirs / ".nootropic")
    planted = list(shelf_of(database_of(theirs)).glob("*.segment"))
    assert planted
    background = Background(lambda: None, lambda _: None)
    background.update_here([(theirs.as_posix(), Place(database_of(theirs), is_inside=True))])
    assert background.predictor is not None
    assert background.predictor.n_tokens == 0
    workspace = Workspace(theirs, {"a.py": "wagon = 1\n"})
    assert not any(path.exists() for path in planted)
    workspace.build()
    assert counted(workspace).keys() == {"a.py"}


# ---- files that are of no use


def test_files_that_are_left_out(shop: Workspace, tmp_path: Path) -> None:
    shop.write("line.py", "x = [" + "1, " * 1_600_000 + "]\n")
    shop.write("latin.py", b"# -*- coding: utf-8 -*-\nna\xefve = caf\xe9\n")
    shop.write("cookie.py", b"# -*- coding: no-such -*-\nname = 1\n")
    shop.write("garbage.py", random.Random(5).randbytes(50_000))
    shop.write("zeros.py", b"\0" * 10_000)
    with (shop.root / "huge.py").open("wb") as file:
        file.write(b"wagon = 1\n")
        file.truncate(1 << 30)
    shop.index()
    assert shop.build()["written"] == 1
    found = counted(shop)
    assert found.keys() >= {f"m{number}.py" for number in range(8)}
    for name in ("line.py", "huge.py"):
        assert len(found.get(name, [])) <= 1
    assert shop.build()["written"] == 0


def test_a_file_that_has_become_something_else(shop: Workspace) -> None:
    """Between the index and the builder, and none of it is waited for."""
    for name in ("m0.py", "m1.py", "m2.py", "m3.py"):
        (shop.root / name).unlink()
    (shop.root / "m1.py").mkdir()
    with (shop.root / "m2.py").open("wb") as file:
        file.truncate(1 << 40)
    if hasattr(os, "mkfifo"):
        os.mkfifo(shop.root / "m3.py")
    shop.write("m4.py", "other = 1\n")
    done = threading.Thread(target=shop.build, daemon=True)
    done.start()
    done.join(20)
    assert not done.is_alive()
    found = counted(shop)
    assert [len(found[f"m{number}.py"]) for number in range(5)] == [1] * 5
    assert len(found["m5.py"]) > 100


def test_a_segment_that_is_mapped_may_be_removed(shop: Workspace) -> None:
    shop.build()
    engine = shop.engine()
    (segment,) = engine._folders[0].shelf.segments.values()
    before = tokens_of(segment)
    for path in shop.segment_files():
        path.unlink()
    assert tokens_of(segment) == before
