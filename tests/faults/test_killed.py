"""Whatever is killed, and when: the next start has the graph that a fresh index would have."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from faults.house import (
    House,
    command_of,
    contents,
    contents_of,
    fresh_contents,
    is_alive,
    kill,
    make_shop,
    run_cli,
    wait_until,
)
from index.inline_pool import InlinePool

from nootropic_lsp.index.indexer import Indexer
from nootropic_lsp.settings.options import Settings
from nootropic_lsp.store import graph

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")


def test_kill_the_server_during_the_first_index(tmp_path: Path) -> None:
    root = make_shop(tmp_path / "shop", n_more=30)
    with House(root) as house:
        house.begin_indexing()
        service, *_ = wait_until(lambda: services(house), "the indexer")
        children = wait_until(lambda: len(house.children()) > 1 and house.children(), "workers")
        house.process.kill()
        house.process.wait()
    # Nothing that it has started outlives it.
    wait_until(lambda: not any(map(is_alive, [service, *children])), "the end of the children", 8)
    assert run_cli(root, "index").returncode == 0
    assert contents(root) == fresh_contents(root, tmp_path / "kept")


@pytest.mark.parametrize("whom", ["service", "worker"])
def test_kill_a_child_during_the_first_index(tmp_path: Path, whom: str) -> None:
    root = make_shop(tmp_path / "shop", n_more=30)
    with House(root) as house:
        house.begin_indexing()
        for _ in range(2 if whom == "worker" else 1):
            name = f"nootropic_lsp.index.{whom}"
            victims = wait_until(
                lambda name=name: [pid for pid in house.children() if name in command_of(pid)], whom
            )
            kill(victims[0])
            wait_until(lambda pid=victims[0]: not is_alive(pid), "the end of the victim")
        house.wait_indexed()
        found = contents(root)
        quarantined = house.request("workspace/executeCommand", {"command": "nootropic.status"})
        assert not quarantined["quarantined"]
        if whom == "service":
            assert any("ended unexpectedly" in each for each in house.told())
    assert found == fresh_contents(root, tmp_path / "kept")


def test_kill_during_a_save(tmp_path: Path) -> None:
    root = make_shop(tmp_path / "shop", n_more=10)
    assert run_cli(root, "index").returncode == 0
    with House(root) as house:
        house.begin_indexing().wait_indexed()
        service = services(house)[0]
        house.save(
            "cart.py", "class Basket:\n    def total(self):\n        return 1\nCart = Basket\n"
        )
        kill(service)
        house.process.kill()
        house.process.wait()
    assert run_cli(root, "index").returncode == 0
    assert contents(root) == fresh_contents(root, tmp_path / "kept")


def test_a_run_that_ended_between_writing_and_marking(tmp_path: Path) -> None:
    """The moment in which a save is most fragile, held still: facts are new, edges are old."""
    root = make_shop(tmp_path / "shop")
    database = tmp_path / "graph.db"
    first = Indexer(root.as_posix(), database, Settings(), pool=InlinePool())
    first.sync()
    (root / "cart.py").write_text("\n\nclass Other:\n    pass\n")

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(graph, "mark_unresolved", die)
        with pytest.raises(KeyboardInterrupt):
            first.sync()
    first.close()
    second = Indexer(root.as_posix(), database, Settings(), pool=InlinePool())
    second.sync()
    second.close()
    assert contents_of(database) == fresh_contents(root, tmp_path / "fresh")


def test_the_children_end_with_the_editor(tmp_path: Path) -> None:
    root = make_shop(tmp_path / "shop")
    with House(root) as house:
        house.begin_indexing().wait_indexed()
        children = house.children()
        assert children
        assert house.leave() == 0
    wait_until(lambda: not any(map(is_alive, children)), "the end of the children", 8)


def services(house: House) -> list[int]:
    return [pid for pid in house.children() if "nootropic_lsp.index.service" in command_of(pid)]
