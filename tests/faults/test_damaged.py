"""An index that cannot be read is rebuilt, and that is said once."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from faults.house import House, contents, fresh_contents, make_shop, run_cli, wait_until

from nootropic_lsp.index.places import IGNORED, database_of

SENTENCE = "The index was damaged and is being rebuilt."


def cut_short(database: Path) -> None:
    data = database.read_bytes()
    database.write_bytes(data[: len(data) // 2])


def garbage(database: Path) -> None:
    database.write_bytes(random.Random(1).randbytes(100_000))


def empty(database: Path) -> None:
    database.write_bytes(b"")


def garbage_inside(database: Path) -> None:
    data = bytearray(database.read_bytes())
    data[4096 : len(data) - 4096] = random.Random(1).randbytes(len(data) - 8192)
    database.write_bytes(data)


def other_version(database: Path) -> None:
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA user_version = 999")
    connection.close()


def not_ours(database: Path) -> None:
    database.unlink()
    connection = sqlite3.connect(database)
    connection.execute("CREATE TABLE files (x)")
    connection.commit()
    connection.close()


def folder_instead(database: Path) -> None:
    database.unlink()
    (database / "inside").mkdir(parents=True)


DAMAGES = (cut_short, garbage, garbage_inside, other_version, not_ours, folder_instead)


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda each: each.__name__)
def test_a_damaged_index_is_rebuilt(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    root = make_shop(tmp_path / "shop", n_more=3)
    run_cli(root, "index")
    for log in database_of(root).parent.glob("graph.db-*"):
        log.unlink()
    damage(database_of(root))
    with House(root) as house:
        house.begin_indexing()
        house.open_file("shop.py")
        wait_until(
            lambda: house.is_complete() and house.definition("shop.py", 4, 11) == [("cart.py", 0)],
            "the right answer",
        )
        house.wait_indexed()
        said = [each for each in house.told() if "damaged" in each]
        assert said == [f"nootropic: {SENTENCE}"]
        assert "ended with" not in house.errors
        assert "Traceback" not in house.errors
        house.leave()
    assert contents(root) == fresh_contents(root, tmp_path / "fresh")


@pytest.mark.parametrize("damage", [garbage_inside, folder_instead], ids=lambda each: each.__name__)
def test_the_command_line_rebuilds_it_too(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    root = make_shop(tmp_path / "shop", n_more=3)
    run_cli(root, "index")
    damage(database_of(root))
    done = run_cli(root, "impact", "Cart")
    assert done.returncode == 0
    assert "shop.py" in done.stdout
    assert contents(root) == fresh_contents(root, tmp_path / "fresh")


def test_damage_under_a_running_server(tmp_path: Path) -> None:
    root = make_shop(tmp_path / "shop", n_more=3)
    with House(root) as house:
        house.begin_indexing().wait_indexed()
        house.open_file("shop.py")
        assert house.definition("shop.py", 4, 11) == [("cart.py", 0)]
        # All of it is in the log still: put it where it belongs first.
        connection = sqlite3.connect(database_of(root))
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        garbage_inside(database_of(root))
        house.save("shop.py", (root / "shop.py").read_text() + "\n\nbuy()\n")
        wait_until(lambda: "Cart" in house.symbols("Cart") and house.is_complete(), "an answer", 15)
        assert house.definition("shop.py", 4, 11) == [("cart.py", 0)]
        assert len([each for each in house.told() if "damaged" in each]) <= 1
        assert "bug of ours" not in " ".join(house.told())


def test_the_state_folder_is_removed_under_a_running_server(tmp_path: Path) -> None:
    """As `git clean -fdx` does."""
    root = make_shop(tmp_path / "shop")
    with House(root) as house:
        house.begin_indexing().wait_indexed()
        shutil.rmtree(root / ".nootropic")
        wait_until(lambda: "Cart" in house.symbols("Cart"), "an answer")
        assert (root / ".nootropic" / ".gitignore").read_text() == IGNORED
        house.save("cart.py", "class Cart:\n    pass\n\n\nclass Wagon:\n    pass\n")
        wait_until(lambda: "Wagon" in house.symbols("Wagon"), "the new class")


def test_a_damaged_cache_of_libraries(tmp_path: Path, home: Path) -> None:
    root = make_shop(tmp_path / "shop")
    (root / "shop.py").write_text("import collections\ncollections.OrderedDict\n")
    run_cli(root, "index")
    caches = list((home / "cache" / "libraries").glob("*.db"))
    assert caches
    for cache in caches:
        cache.write_bytes(random.Random(1).randbytes(50_000))
        for log in cache.parent.glob("*-wal"):
            log.unlink()
    done = run_cli(root, "index", "--rebuild")
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
