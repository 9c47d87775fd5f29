"""The process that looks for findings in files on the disk: it may hang or die, and only the
file it is at suffers.

Run as `python -P -m nootropic_lsp.features.findings.examiner`; speaks `frames` on its standard streams.
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import logging
import os
import sys
from pathlib import Path
from typing import Any

import msgspec

from nootropic_lsp.analysis.selection import Selection
from nootropic_lsp.analysis.simplify.needs import Needs
from nootropic_lsp.features.findings.examined import Examined, examine
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.frames import receive, send
from nootropic_lsp.index.libraries import Libraries
from nootropic_lsp.index.world import FolderIndex, IndexWorld, UnitCache
from nootropic_lsp.store import graph

# Longer than anybody waits for an answer.
_LONGEST_S = 90.0
# What resolvers remember of all files takes memory; they start afresh after this many.
_FILES_PER_WORLD = 300


def main() -> int:
    """Answer requests until the input ends."""
    gc.freeze()
    streams = sys.stdin.buffer, sys.stdout.buffer
    logging.basicConfig(stream=sys.stderr, level=logging.CRITICAL)
    # Nothing but answers may reach the stream of answers.
    sys.stdout = sys.stderr
    sys.setrecursionlimit(30_000)
    examiner = _Examiner()
    with open(os.devnull, "w") as nowhere, contextlib.suppress(BrokenPipeError):  # noqa: PTH123 -- no path of a user
        while (request := receive(streams[0])) is not None:
            # Whoever asked ends us when we take too long, if it still lives.
            faulthandler.dump_traceback_later(_LONGEST_S, exit=True, file=nowhere)
            answer = examiner.answer(request)
            faulthandler.cancel_dump_traceback_later()
            send(streams[1], answer)
    return 0


class _Examiner:
    def __init__(self) -> None:
        self._opening: dict[str, Any] = {}
        self._snapshot: Snapshot | None = None
        self._selection = Selection()
        self._needs = Needs()
        self._n_files = 0

    def answer(self, request: dict[str, Any]) -> Any:
        if request["do"] == "open":
            self._opening = request
            self._selection = msgspec.convert(request["selection"], Selection)
            self._needs = Needs(*request["rules"])
            self._snapshot = None
            return True
        return [self._examine(*item) for item in request.get("files", ())]

    def _examine(self, path: str, engines: list[str]) -> Examined:
        self._n_files += 1
        if self._snapshot is None or self._n_files % _FILES_PER_WORLD == 0:
            self._snapshot = self._open()
        return examine(self._snapshot, path, engines, self._selection, self._needs)

    def _open(self) -> Snapshot:
        opening = self._opening
        indexes = [
            FolderIndex(folder, graph.open_graph(Path(database), readonly=True))
            for folder, database in opening["indexes"]
        ]
        world = IndexWorld(
            indexes,
            Libraries(Path(opening["cache"])),
            cache=UnitCache(),
            environment=opening["environment"],
        )
        noted = None if self._snapshot is None else self._snapshot.noted
        return Snapshot(world, indexes, {}, {}, opening["incomplete"], noted=noted)


if __name__ == "__main__":
    sys.exit(main())
