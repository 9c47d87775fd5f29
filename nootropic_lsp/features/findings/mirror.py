"""A snapshot as another process sees it: what is sent of it, and the snapshot made there."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nootropic_lsp.core.documents import Document
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.libraries import Libraries
from nootropic_lsp.index.opened import OpenText, OpenUnits
from nootropic_lsp.index.source import encode_source
from nootropic_lsp.index.world import FolderIndex, IndexWorld, UnitCache
from nootropic_lsp.settings.folders import cache_folder
from nootropic_lsp.store import graph

EXAMINER = (sys.executable, "-P", "-m", "nootropic_lsp.features.findings.examiner")
"""The command of the other process."""
_BASIS = ("indexes", "cache", "environment")


def sent(snapshot: Snapshot, *paths: str) -> dict[str, Any]:
    """A snapshot in plain values: open texts that the index does not have, and those at `paths`."""
    texts = {path: snapshot.opened[path] for path in paths if path in snapshot.opened}
    return {
        "indexes": [[each.folder, graph.file_of(each.connection)] for each in snapshot.indexes],
        "cache": str(cache_folder() / "libraries"),
        "environment": snapshot.world.chosen_environment,
        "incomplete": snapshot.incomplete,
        "texts": [
            [each.path, each.language, each.version, encode_source(each.text)]
            for each in (text.document for text in {**texts, **snapshot.changed}.values())
        ],
    }


class Mirror:
    """The snapshots of one workspace, each made of what was sent."""

    def __init__(self) -> None:
        self._given: Mapping[str, Any] = {}
        self._snapshot: Snapshot | None = None
        self._files: list[os.stat_result] = []
        self._cache = UnitCache()

    def snapshot(self, given: Mapping[str, Any]) -> Snapshot:
        """The snapshot that was sent; the last one if nothing has changed since.

        Raises `graph.DatabaseError`, `graph.DamagedIndexError` or `OSError` without its indexes.
        """
        last = self._snapshot
        if last is None or self._is_stale(last, given):
            last = self._open(given)
        elif given == self._given:
            return last
        self._given = given
        texts = _texts(given["texts"], last.opened)
        world = last.world.with_overlay(OpenUnits(texts))
        self._snapshot = Snapshot(world, last.indexes, texts, texts, given["incomplete"])
        return self._snapshot

    def thinned(self) -> Snapshot:
        """The last snapshot, without what was decoded for it: that takes memory."""
        before, given = self._snapshot, self._given
        assert before is not None
        opened = self._open(given)
        self._snapshot = Snapshot(
            opened.world, opened.indexes, {}, {}, given["incomplete"], noted=before.noted
        )
        return self._snapshot

    def _is_stale(self, last: Snapshot, given: Mapping[str, Any]) -> bool:
        """Whether what was decoded does not count any more, or is too much."""
        if self._cache.is_full or any(given[each] != self._given[each] for each in _BASIS):
            return True
        now = [Path(database).stat() for _, database in given["indexes"]]
        return not all(map(os.path.samestat, self._files, now)) or any(
            graph.version(index.connection) != index.version for index in last.indexes
        )

    def _open(self, given: Mapping[str, Any]) -> Snapshot:
        for index in () if self._snapshot is None else self._snapshot.indexes:
            index.connection.close()
        self._snapshot = None
        self._cache = UnitCache()
        indexes = [
            FolderIndex(folder, graph.open_graph(Path(database), readonly=True))
            for folder, database in given["indexes"]
        ]
        self._files = [Path(database).stat() for _, database in given["indexes"]]
        world = IndexWorld(
            indexes,
            Libraries(Path(given["cache"])),
            cache=self._cache,
            environment=given["environment"],
        )
        return Snapshot(world, indexes, {}, {}, given["incomplete"])


def _texts(given: Sequence[Any], before: Mapping[str, OpenText]) -> dict[str, OpenText]:
    """Open texts; what was made of an earlier version of them goes on to be used."""
    made = {}
    for path, language, version, data in given:
        document = Document(path, language, version, data.decode("utf-8", "surrogatepass"))
        known = before.get(path)
        if known is not None and known.document.language != language:
            known = None
        is_same = known is not None and known.document.text == document.text
        made[path] = known if known is not None and is_same else OpenText(document, known)
    return made
