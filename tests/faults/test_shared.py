"""Two servers and a command on one workspace: one keeps the index, all see the same."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from faults.house import (
    House,
    command_of,
    contents,
    fresh_contents,
    is_alive,
    kill,
    make_shop,
    run_cli,
    wait_until,
)

from nootropic_lsp.index.exchange import Exchange
from nootropic_lsp.index.lock import WriterLock
from nootropic_lsp.index.places import database_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
WAGON = "class Cart:\n    def total(self):\n        return 1\n\n\nclass Wagon(Cart):\n    pass\n"


def indexers(house: House) -> list[int]:
    return [pid for pid in house.children() if "nootropic_lsp.index" in command_of(pid)]


def test_one_keeps_the_index_for_both(tmp_path: Path) -> None:
    root = make_shop(tmp_path / "shop", n_more=3)
    with House(root) as first, House(root) as second:
        first.begin_indexing().wait_indexed()
        second.begin_indexing().wait_indexed()
        # Not twice the work: the second server has no process that reads.
        assert indexers(first)
        assert not indexers(second)
        second.open_file("shop.py")
        assert second.definition("shop.py", 4, 11) == [("cart.py", 0)]
        # What is saved in the one is seen by the other, in both directions.
        first.save("cart.py", WAGON)
        for house in (first, second):
            wait_until(lambda house=house: "Wagon" in house.symbols("Wagon"), "the new class")
        second.save("cart.py", WAGON.replace("Wagon", "Barrow"))
        for house in (second, first):
            wait_until(lambda house=house: "Barrow" in house.symbols("Barrow"), "the new class")
            assert "Wagon" not in house.symbols("Wagon")
        assert not indexers(second)
        wanted = fresh_contents(root, tmp_path / "fresh")
        wait_until(lambda: contents(root) == wanted, "the graph of a fresh index")


def test_an_index_in_use_is_not_forgotten(tmp_path: Path) -> None:
    root = make_shop(tmp_path / "shop")
    with House(root) as house:
        house.begin_indexing().wait_indexed()
        (keeper,) = [pid for pid in indexers(house) if "service" in command_of(pid)]
        done = run_cli(root, "forget", "--yes")
        assert done.returncode == 2
        assert f"nothing was removed: process {keeper} keeps the index" in done.stderr
        assert "Cart" in house.symbols("Cart")
        assert house.leave() == 0
    wait_until(lambda: not is_alive(keeper), "the end of the indexer")
    done = run_cli(root, "forget", "--yes")
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1].startswith("removed: ")
    assert not (root / ".nootropic").exists()


@pytest.mark.parametrize("how", ["leaves", "is killed", "its indexer is killed"])
def test_the_other_takes_over(tmp_path: Path, how: str) -> None:
    root = make_shop(tmp_path / "shop")
    with House(root) as first, House(root) as second:
        first.begin_indexing().wait_indexed()
        second.begin_indexing().wait_indexed()
        if how == "leaves":
            first.leave()
        elif how == "is killed":
            kill(first.process.pid)
        else:
            kill(indexers(first)[0])
        # Nobody has to save or ask for it.
        wait_until(lambda: indexers(first) or indexers(second), "a new keeper")
        second.save("cart.py", WAGON)
        wait_until(lambda: "Wagon" in second.symbols("Wagon"), "the new class")
        assert len([*indexers(first), *indexers(second)]) <= 4
        wait_until(second.is_complete, "the index")
        wanted = fresh_contents(root, tmp_path / "fresh")
        wait_until(lambda: contents(root) == wanted, "the graph of a fresh index")


def test_a_server_that_starts_during_the_first_index_of_another(tmp_path: Path) -> None:
    root = make_shop(tmp_path / "shop", n_more=30)
    with House(root) as first, House(root) as second:
        first.begin_indexing()
        wait_until(lambda: indexers(first), "the indexer")
        second.begin_indexing()
        second.wait_indexed()
        # It does not call itself complete before it is.
        assert "f29_39" in second.symbols("f29_39")
        assert len([*indexers(first), *indexers(second)]) <= 4
        wanted = fresh_contents(root, tmp_path / "fresh")
        wait_until(lambda: contents(root) == wanted, "the graph of a fresh index")


def test_a_command_beside_a_server(tmp_path: Path) -> None:
    root = make_shop(tmp_path / "shop")
    with House(root) as house:
        house.begin_indexing().wait_indexed()
        # Nobody has told the server of this file; the command finds it all the same.
        (root / "cart.py").write_text(WAGON)
        done = run_cli(root, "where", "Wagon", "--json")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["complete"] is True
        assert "Wagon" in house.symbols("Wagon")
        done = run_cli(root, "index", "--rebuild")
        assert done.returncode == 0, done.stderr
        assert "Wagon" in house.symbols("Wagon")
    connection = sqlite3.connect(database_of(root))
    assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    connection.close()


def test_a_server_that_starts_beside_a_command(tmp_path: Path) -> None:
    root = make_shop(tmp_path / "shop", n_more=30)
    with subprocess.Popen(
        (sys.executable, "-m", "nootropic_lsp", "index"), cwd=root, stdout=subprocess.DEVNULL
    ) as command:
        wait_until(database_of(root).exists, "the beginning of an index")
        with House(root) as house:
            house.begin_indexing().wait_indexed()
            assert "f29_39" in house.symbols("f29_39")
            assert command.wait(30) == 0
            house.save("cart.py", WAGON)
            wait_until(lambda: "Wagon" in house.symbols("Wagon"), "the new class")
            wanted = fresh_contents(root, tmp_path / "fresh")
            wait_until(lambda: contents(root) == wanted, "the graph of a fresh index")


def test_two_folders_of_one_workspace(tmp_path: Path) -> None:
    one = make_shop(tmp_path / "one")
    other = tmp_path / "other"
    other.mkdir()
    (other / "till.py").write_text("class Till:\n    pass\n")
    with House(one) as house:
        folders = [{"uri": each.as_uri(), "name": each.name} for each in (one, other)]
        house.begin_indexing(workspaceFolders=folders).wait_indexed()
        assert "Till" in house.symbols("Till")
        assert "Cart" in house.symbols("Cart")
        assert not [each for each in house.told() if "not known" in each or "damaged" in each]


def test_one_that_cannot_be_reached_at_first(tmp_path: Path) -> None:
    """Its process waits for the lock; a save reaches the keeper as soon as that answers."""
    root = make_shop(tmp_path / "shop")
    run_cli(root, "index")
    lock = WriterLock(database_of(root).with_name("lock"))
    assert lock.acquire()
    with House(root) as house:
        house.begin_indexing()
        wait_until(lambda: indexers(house), "the waiting process")
        wait_until(lambda: "Cart" in house.symbols("Cart"), "what is there already")
        heard: list[dict[str, object]] = []
        exchange = Exchange(database_of(root), heard.append)
        house.save("cart.py", WAGON)
        wait_until(lambda: heard, "the request")
        assert heard[0]["paths"] == [f"{root.as_posix()}/cart.py"]
        wait_until(lambda: not indexers(house), "the end of the waiting process")
        exchange.close()
        lock.release()
    # Without anybody to turn to, it takes over.
    assert lock.acquire()
    with House(root) as house:
        house.begin_indexing()
        wait_until(lambda: indexers(house), "the waiting process")
        lock.release()
        wait_until(lambda: "Wagon" in house.symbols("Wagon"), "the new class")
