"""The process that looks for findings: it may hang or die, and only the file it is at suffers.

Run as `python -P -m nootropic_lsp.features.findings.examiner`; speaks `frames` on its standard streams.
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import logging
import os
import signal
import sys
from typing import Any

import msgspec

from nootropic_lsp.analysis.selection import Selection
from nootropic_lsp.analysis.simplify.needs import Needs
from nootropic_lsp.features.findings.examined import Examined, examine
from nootropic_lsp.features.findings.mirror import Mirror
from nootropic_lsp.features.findings.thorough import Look, by_graph, thorough
from nootropic_lsp.index.frames import receive, send
from nootropic_lsp.settings.options import Settings
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
    # What we have started ourselves ends with us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
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
        self._mirror = Mirror()
        self._workspace: dict[str, Any] = {}
        self._selection = Selection()
        self._needs = Needs()
        self._n_files = 0

    def answer(self, request: dict[str, Any]) -> Any:
        match request["do"]:
            case "open":
                self._workspace = request["workspace"]
                self._selection = msgspec.convert(request["selection"], Selection)
                self._needs = Needs(*request["rules"])
                return True
            case "find":
                return [self._examine(*item) for item in request["files"]]
            case "give way":
                with contextlib.suppress(AttributeError, OSError):
                    os.nice(5)
            case "look":
                return self._look(request)
        return []

    def _look(self, request: dict[str, Any]) -> Look:
        path, settings = request["path"], msgspec.convert(request["settings"], Settings)
        look = by_graph if request["only_graph"] else thorough
        try:
            return look(self._mirror.snapshot(request["workspace"]), path, settings)
        except (graph.DatabaseError, graph.DamagedIndexError, OSError) as error:
            name = os.path.basename(path)  # noqa: PTH119 -- a string
            return Look(problems=[f"{name} was not looked at: {error}"])

    def _examine(self, path: str, engines: list[str]) -> Examined:
        self._n_files += 1
        snapshot = self._mirror.snapshot(self._workspace)
        if self._n_files % _FILES_PER_WORLD == 0:
            snapshot = self._mirror.thinned()
        return examine(snapshot, path, engines, self._selection, self._needs)


if __name__ == "__main__":
    sys.exit(main())
