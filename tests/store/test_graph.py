"""Reading a database that was damaged after it was opened."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from nootropic_lsp.store import graph


@pytest.fixture
def damaged(tmp_path: Path) -> graph.Connection:
    """A connection to an index whose pages, but for the first, are garbage by now."""
    path = tmp_path / "graph.db"
    writing = graph.open_graph(path)
    with graph.transaction(writing):
        for number in range(2_000):
            graph.write_meta(writing, f"key {number}", "value " * 10)
    graph.fold_log(writing)
    writing.close()
    connection = graph.open_graph(path, readonly=True)
    data = bytearray(path.read_bytes())
    data[4_096:] = random.Random(1).randbytes(len(data) - 4_096)
    path.write_bytes(data)
    connection.execute("PRAGMA shrink_memory")
    return connection


def test_a_query_that_meets_damage_says_so(damaged: graph.Connection) -> None:
    for ask in (graph.all_files, graph.version, graph.files_with_secrets, graph.file_paths):
        with pytest.raises(graph.DamagedIndexError, match="is being rebuilt"):
            ask(damaged)
    assert getattr(damaged, "is_damaged", False)
