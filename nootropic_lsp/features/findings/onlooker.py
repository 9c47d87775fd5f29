"""Looks at open files, made by another process: this one has an editor to answer."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from threading import Lock, Timer

import msgspec

from nootropic_lsp.features.findings.mirror import EXAMINER, sent
from nootropic_lsp.features.findings.thorough import DEADLINE_S, Look
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.workers import Worker, WorkerDiedError
from nootropic_lsp.settings.options import Settings

# Fixes are tried out after the look itself.
_DEADLINE_S = 2 * DEADLINE_S
# The process takes memory, and a while to start: it is kept for the next file that is saved.
_REST_AFTER_S = 60.0


class Onlooker:
    """A process that looks at one file after the other, started when it is needed.

    What goes wrong is part of its answers.
    """

    def __init__(self) -> None:
        self._worker = Worker(EXAMINER)
        # Whoever has asked the editor for something goes first.
        self._worker.prepare({"do": "give way"})
        self._looking = Lock()
        self._resting: Timer | None = None
        self._is_closed = False

    def thorough(self, snapshot: Snapshot, path: str, settings: Settings) -> Look:
        """Have all engines look at a file as a snapshot has it."""
        return self._look(snapshot, path, settings, only_graph=False)

    def by_graph(self, snapshot: Snapshot, path: str, settings: Settings) -> Look:
        """Ask the symbol graph alone."""
        return self._look(snapshot, path, settings, only_graph=True)

    def close(self) -> None:
        """End the process, whatever it does."""
        self._is_closed = True
        self._worker.stop()

    def _look(self, snapshot: Snapshot, path: str, settings: Settings, *, only_graph: bool) -> Look:
        request = {
            "do": "look",
            "workspace": sent(snapshot, path),
            "settings": asdict(settings),
            "path": path,
            "only_graph": only_graph,
        }
        with self._looking:
            if self._resting is not None:
                self._resting.cancel()
            if self._is_closed:
                return Look()
            try:
                return msgspec.convert(self._worker.ask(request, _DEADLINE_S), Look)
            except (WorkerDiedError, msgspec.MsgspecError) as error:
                if self._is_closed:
                    return Look()
                name = Path(path).name
                return Look(problems=[f"{name} was not looked at: that {error}"])
            finally:
                self._resting = Timer(_REST_AFTER_S, self._rest)
                self._resting.daemon = True
                self._resting.start()

    def _rest(self) -> None:
        with self._looking:
            self._worker.stop()
