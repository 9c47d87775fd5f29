"""What we keep on disk has bounds, and what nobody uses any more is removed."""

from __future__ import annotations

import os
import time
from pathlib import Path

from faults.house import make_shop, run_cli

from nootropic_lsp.index.places import database_of
from nootropic_lsp.store import graph, library


def filled(folder: Path) -> library.Connection:
    connection = library.open_library(folder / "libraries.db")
    assert connection is not None
    for number in range(20):
        file = folder / f"{number}.py"
        file.write_text("x = 1\n")
        status = file.stat()
        library.write(connection, str(file), status.st_size, status.st_mtime_ns, b"x" * 20_000)
    return connection


def count(connection: library.Connection) -> int:
    n: int = connection.execute("SELECT COUNT(*) FROM libraries").fetchone()[0]
    return n


def test_a_small_cache_is_left_alone(tmp_path: Path) -> None:
    connection = filled(tmp_path)
    assert library.trim(connection, 10_000_000) == 0
    assert count(connection) == 20


def test_what_has_gone_is_dropped_first(tmp_path: Path) -> None:
    connection = filled(tmp_path)
    for number in range(15):
        (tmp_path / f"{number}.py").unlink()
    assert library.trim(connection, 300_000) == 15
    assert count(connection) == 5


def test_then_all_of_it(tmp_path: Path) -> None:
    connection = filled(tmp_path)
    assert library.trim(connection, 100_000) == 20
    assert count(connection) == 0


def test_a_new_release_tries_again_what_the_old_one_could_not_read(tmp_path: Path) -> None:
    root = make_shop(tmp_path / "shop")
    run_cli(root, "index")
    status = (root / "cart.py").stat()
    connection = graph.open_graph(database_of(root))
    graph.remove_files(connection, [graph.file_paths(connection)["cart.py"]])
    fault = graph.LeftOut("cart.py", status.st_size, status.st_mtime_ns, "hung", True)
    graph.write_left_out(connection, [fault])
    connection.close()
    assert "hung" in run_cli(root, "doctor").stdout
    run_cli(root, "index")
    assert "hung" in run_cli(root, "doctor").stdout
    connection = graph.open_graph(database_of(root))
    graph.write_meta(connection, "release", "0.0.1")
    connection.close()
    run_cli(root, "index")
    assert "hung" not in run_cli(root, "doctor").stdout


def test_indexes_of_other_versions(tmp_path: Path) -> None:
    root = make_shop(tmp_path / "shop")
    state = database_of(root).parent.parent
    old, young = state / "index-0.1", state / "index-0.2"
    for folder in (old, young):
        folder.mkdir(parents=True)
        (folder / "graph.db").write_text("")
        (folder / "lock").write_text("")
    long_ago = time.time() - 40 * 24 * 3600
    for file in old.iterdir():
        os.utime(file, (long_ago, long_ago))
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "graph.db").write_text("mine")
    os.utime(precious / "graph.db", (long_ago, long_ago))
    (state / "index-0.3").symlink_to(precious)
    done = run_cli(root, "index")
    assert done.returncode == 0, done.stderr
    assert not old.exists()
    assert young.exists()
    assert (precious / "graph.db").exists()
