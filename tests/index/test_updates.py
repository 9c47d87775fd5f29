"""What the watcher of an editor reports, and what has to wait while edges are being written."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from index.inline_pool import InlinePool
from index.test_incremental import contents, open_index, workspace, write

from nootropic_lsp.index.indexer import Indexer
from nootropic_lsp.index.workers import Reply
from nootropic_lsp.settings.options import Settings
from nootropic_lsp.store import graph


def test_a_folder_that_comes_is_looked_into() -> None:
    with workspace() as (folder, state):
        write(folder, "a.py", "import pkg.c\npkg.c.make()\n")
        indexer = open_index(folder, state / "kept.db")
        indexer.sync()
        write(folder, "pkg/c.py", "def make(): ...\n")
        write(folder, "pkg/sub/d.py", "import a\n")
        indexer.update([f"{folder.as_posix()}/pkg"])
        kept = contents(indexer)
        indexer.close()
        fresh = open_index(folder, state / "fresh.db")
        fresh.sync()
        assert kept == contents(fresh)
        assert sorted(graph.file_paths(fresh.connection)) == ["a.py", "pkg/c.py", "pkg/sub/d.py"]
        fresh.close()


def test_a_run_that_is_interrupted_leaves_its_edges_to_the_next() -> None:
    with workspace() as (folder, state):
        for number in range(100):
            write(folder, f"m{number}.py", f"import m{(number + 1) % 100}\ndef make(): ...\n")
        pool = _Interrupted()
        indexer = Indexer(folder.as_posix(), state / "kept.db", Settings(), pool=pool)
        pool.after_resolving = indexer.interrupt
        report = indexer.sync()
        assert report.complete
        assert indexer.was_interrupted
        assert not graph.is_resolved(indexer.connection)
        indexer.go_on()
        pool.after_resolving = lambda: None
        write(folder, "m7.py", "def other(): ...\n")
        indexer.update([f"{folder.as_posix()}/m7.py"])
        assert not indexer.was_interrupted
        assert graph.is_resolved(indexer.connection)
        kept = contents(indexer)
        indexer.close()
        fresh = open_index(folder, state / "fresh.db")
        fresh.sync()
        assert kept == contents(fresh)
        fresh.close()


class _Interrupted(InlinePool):
    """Has something done after the first batch whose uses were resolved."""

    after_resolving: Callable[[], object]

    def run(
        self,
        batches: Iterable[list[Any]],
        request: Callable[[list[Any]], object],
        *,
        cancelled: threading.Event,
        **more: Any,
    ) -> Iterator[Reply]:
        for reply in super().run(batches, request, cancelled=cancelled, **more):
            yield reply
            if isinstance(reply[0][0], str):
                self.after_resolving()
            if cancelled.is_set():
                return
