"""The token model beside the real server: there soon, shared, small, and no harm when it breaks."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from faults.house import (
    House,
    command_of,
    is_alive,
    kill,
    make_shop,
    run_cli,
    wait_until,
)
from server.client import place

from nootropic_lsp.index.frames import send
from nootropic_lsp.index.places import database_of
from nootropic_lsp.predict.shelf import shelf_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")

BEGUN = "from cart import Cart\n\n\ndef sell():\n    return Cart()."
OFF = {"features": {"completion": False, "inlineCompletion": False}}
BUILDER = "nootropic_lsp.predict.builder"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_shop(tmp_path / "shop", n_more=3)


def begin(house: House, **more: Any) -> House:
    """A server with a new file in it that waits to be gone on with."""
    house.begin_indexing(**more)
    house.open_file("new.py", BEGUN)
    return house


def ghost(house: House, name: str = "new.py", line: int = 4, character: int = 18) -> str:
    """What is shown behind the cursor."""
    # As if by a key of one's own: then it speaks when it is less sure, too.
    context = {"triggerKind": 1}
    found = house.request(
        "textDocument/inlineCompletion", place(house.uri(name), line, character, context=context)
    )
    return found["items"][0]["insertText"] if found and found["items"] else ""


def shows(house: House) -> bool:
    return ghost(house).startswith("total")


def segments(root: Path) -> list[Path]:
    return sorted(shelf_of(database_of(root)).glob("*.segment"))


def builders(house: House) -> list[int]:
    return [pid for pid in house.children() if BUILDER in command_of(pid)]


def has_numpy(pid: int) -> bool:
    return "numpy" in Path(f"/proc/{pid}/maps").read_text()


def rss_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) / 1024


def complaints(house: House) -> list[str]:
    """What was said, but for how far the index is: a slow machine is told that."""
    return [each for each in house.told() if "is being built" not in each]


def test_a_fresh_workspace_soon_has_ghost_text_and_a_ranked_menu(root: Path) -> None:
    with House(root) as house:
        begin(house)
        wait_until(lambda: shows(house), "ghost text")
        house.change(house.uri("new.py"), 2, {"text": BEGUN + " "})
        menu = house.at("textDocument/completion", house.uri("new.py"), 4, 18)
        items = menu["items"] if isinstance(menu, dict) else menu
        assert min(items, key=lambda item: item.get("sortText", item["label"]))["label"] == "total"
        assert complaints(house) == []
        assert house.leave() == 0
        assert "Traceback" not in house.errors


def test_it_is_there_at_once_the_next_time(root: Path) -> None:
    with House(root) as house:
        wait_until(lambda: shows(begin(house)) if not house.notifications else shows(house), "it")
        house.leave()
    before = [(path, path.stat()) for path in segments(root)]
    assert before
    with House(root) as house:
        begin(house)
        wait_until(lambda: shows(house), "ghost text")
        assert not builders(house)
        house.leave()
    assert [(path, path.stat()) for path in segments(root)] == before


def test_what_is_saved_counts(root: Path) -> None:
    """More than half of the files is not few, so nothing waits for more of them."""
    with House(root) as house:
        begin(house)
        wait_until(lambda: shows(house), "ghost text")
        (root / "wagon.py").write_text("class Wagon:\n    def wash_gently(self, soap): ...\n")
        for number in range(6):
            wash = f"def wash{number}(wagon):\n    return wagon.wash_gently(soap={number})\n\n\n"
            (root / f"wash{number}.py").write_text(wash * 9)
            house.tell_saved(f"wash{number}.py")
        house.tell_saved("wagon.py")
        house.change(house.uri("new.py"), 2, {"text": "def f(wagon):\n    return wagon.wash_"})
        wait_until(lambda: ghost(house, line=1, character=22).startswith("gently"), "the method")


def test_two_servers_share_the_segments(root: Path) -> None:
    with House(root) as first, House(root) as second:
        for house in (first, second):
            begin(house)
        for house in (first, second):
            wait_until(lambda house=house: shows(house), "ghost text")
        wait_until(lambda: not builders(first) and not builders(second), "the end of the builders")
        # Nothing was written twice.
        assert [path.name for path in segments(root)] == ["python-000001.segment"]


def test_a_server_that_keeps_no_index_has_ghost_text_too(root: Path) -> None:
    with House(root) as first, House(root) as second:
        first.begin_indexing(options=OFF).wait_indexed()
        assert segments(root) == []
        begin(second)
        wait_until(lambda: shows(second), "ghost text")
        assert not has_numpy(first.process.pid)


def test_switched_off_it_costs_nothing(root: Path) -> None:
    with House(root) as house:
        begin(house, options=OFF).wait_indexed()
        house.save("cart.py", (root / "cart.py").read_text() + "\n\nclass Wagon:\n    pass\n")
        wait_until(lambda: "Wagon" in house.symbols("Wagon"), "the new class")
        house.wait_indexed()
        assert (
            house.request("textDocument/inlineCompletion", place(house.uri("new.py"), 4, 18))
            is None
        )
        assert not builders(house)
        assert not has_numpy(house.process.pid)
        assert not shelf_of(database_of(root)).exists()


def test_it_does_not_hold_up_the_start(root: Path) -> None:
    with House(root) as house:
        params = {"processId": None, "rootUri": root.as_uri(), "capabilities": {}}
        house.request("initialize", params)
        assert not has_numpy(house.process.pid)
        assert not builders(house)
        house.notify("initialized", {})
        house.open_file("new.py", BEGUN)
        wait_until(lambda: shows(house), "ghost text")
        assert has_numpy(house.process.pid)


def test_memory(tmp_path: Path) -> None:
    """Many files and many questions add little to the server's memory."""
    root = make_shop(tmp_path / "shop", n_more=60)
    with House(root) as house:
        begin(house)
        wait_until(lambda: shows(house), "ghost text")
        before = rss_mb(house.process.pid)
        for number in range(40):
            house.open_file(f"more{number}.py")
            for line in (4, 80, 140):
                ghost(house, f"more{number}.py", line, 18)
        assert rss_mb(house.process.pid) - before < 60
        assert rss_mb(house.process.pid) < 250


def test_no_connection_is_opened(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    canary = tmp_path / "canary"
    monkeypatch.setenv("NOOTROPIC_TEST_CANARY", str(canary))
    audited = (sys.executable, str(Path(__file__).parents[1] / "trust" / "audited.py"), "-m")
    with House(root, command=(*audited, "nootropic_lsp", "lsp")) as house:
        begin(house)
        wait_until(lambda: shows(house), "ghost text")
        assert house.leave() == 0
    shutil.rmtree(shelf_of(database_of(root)))
    asked = BytesIO()
    send(asked, {"folder": root.as_posix(), "database": str(database_of(root))})
    subprocess.run(
        (*audited, BUILDER), input=asked.getvalue(), check=True, stdout=subprocess.DEVNULL
    )
    assert segments(root)
    assert not canary.exists()


# ---- faults


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


def garbage(path: Path) -> None:
    path.write_bytes(random.Random(1).randbytes(20_000))


def flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    head = 25 + int.from_bytes(data[17:21], "little")
    for at in range(head + 8, len(data)):
        data[at] ^= 0xA5
    path.write_bytes(data)


def folder(path: Path) -> None:
    path.unlink()
    (path / "inside").mkdir(parents=True)


@pytest.mark.parametrize("damage", [cut_short, garbage, flipped, folder])
def test_a_damaged_segment_is_rebuilt_and_that_is_said_once(
    root: Path, damage: Callable[[Path], None]
) -> None:
    with House(root) as house:
        begin(house)
        wait_until(lambda: shows(house), "ghost text")
        house.leave()
    (path,) = segments(root)
    damage(path)
    with House(root) as house:
        begin(house)
        wait_until(lambda: shows(house), "ghost text")
        said = wait_until(lambda: [each for each in house.told() if "damaged" in each], "a word")
        assert said == [
            "nootropic: A part of the token model of shop was damaged and has been built anew."
        ]
        house.wait_indexed()
        assert len(complaints(house)) == 1
        assert "Traceback" not in house.errors
        house.leave()
    assert path not in segments(root)


def test_damage_under_a_running_server(root: Path) -> None:
    with House(root) as house:
        begin(house)
        wait_until(lambda: shows(house), "ghost text")
        (path,) = segments(root)
        data = bytearray(path.read_bytes())
        head = 25 + int.from_bytes(data[17:21], "little")
        # In place: these are the pages that the server has mapped.
        with path.open("r+b") as file:
            file.seek(head + 8)
            file.write(b"\xfe" * (len(data) - head - 8))
        # What was shown is not asked for again, so it has to be another text.
        house.change(house.uri("new.py"), 2, {"text": BEGUN.replace("sell", "wrap")})
        wait_until(lambda: (ghost(house), path not in segments(root))[1], "its end")
        wait_until(lambda: shows(house), "ghost text")
        assert [path.name for path in segments(root)] == ["python-000002.segment"]
        assert len([each for each in house.told() if "damaged" in each]) == 1
        assert "Traceback" not in house.errors


def test_the_builder_is_killed(root: Path) -> None:
    with House(root) as house:
        house.begin_indexing()
        kill(wait_until(lambda: builders(house), "the builder")[0])
        house.open_file("new.py", BEGUN)
        house.wait_indexed()
        assert "Cart" in house.symbols("Cart")
        assert ghost(house) == "" or shows(house)
        assert house.leave() == 0
        assert "Traceback" not in house.errors
    with House(root) as house:
        begin(house)
        wait_until(lambda: shows(house), "ghost text")


def test_the_builder_ends_with_the_server(tmp_path: Path) -> None:
    root = make_shop(tmp_path / "shop", n_more=100)
    with House(root) as house:
        house.begin_indexing()
        found = wait_until(lambda: builders(house), "the builder")
        assert house.leave() == 0
    wait_until(lambda: not any(map(is_alive, found)), "the end of the builder", 8)


def test_the_state_folder_is_removed_under_a_running_server(root: Path) -> None:
    """As `git clean -fdx` does."""
    with House(root) as house:
        begin(house)
        wait_until(lambda: shows(house), "ghost text")
        shutil.rmtree(root / ".nootropic")
        wait_until(lambda: "Cart" in house.symbols("Cart"), "an answer")
        wait_until(lambda: segments(root), "new segments")
        house.change(house.uri("new.py"), 2, {"text": BEGUN.replace("sell", "wrap")})
        wait_until(lambda: shows(house), "ghost text")
        assert "Traceback" not in house.errors


def test_files_that_are_of_no_use(root: Path) -> None:
    (root / "line.py").write_text("x = [" + "1, " * 1_600_000 + "]\n")
    (root / "latin.py").write_bytes(b"na\xefve = caf\xe9\n")
    (root / "garbage.py").write_bytes(random.Random(5).randbytes(50_000))
    with (root / "huge.py").open("wb") as file:
        file.truncate(1 << 30)
    with House(root) as house:
        begin(house)
        wait_until(lambda: shows(house), "ghost text", 40)
        house.open_file("line.py")
        assert ghost(house, "line.py", 0, 1_000) == ""
        assert "Traceback" not in house.errors


def test_a_planted_model_is_not_believed(root: Path, tmp_path: Path) -> None:
    """It comes with a clone; the secret that seals ours does not."""
    other = make_shop(tmp_path / "other")
    (other / "evil.py").write_text("def sell():\n    return Cart(evil)\n\n\n" * 90)
    with House(other) as house:
        begin(house)
        wait_until(lambda: segments(other), "the segments")
        house.leave()
    shutil.copytree(other / ".nootropic", root / ".nootropic")
    assert segments(root)
    with House(root) as house:
        begin(house)
        wait_until(lambda: shows(house), "ghost text")
        assert "evil" not in ghost(house)
    assert not any(b"evil" in path.read_bytes() for path in segments(root))


def test_the_command_line_waits_for_it(root: Path) -> None:
    (root / "new.py").write_text(BEGUN)
    done = run_cli(root, "complete", "new.py:5:19")
    assert done.returncode == 0, done.stderr
    assert "total" in done.stdout
    assert "Traceback" not in done.stderr
