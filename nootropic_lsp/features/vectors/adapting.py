"""Having the embedding adapted to a workspace, by a child, while nobody wants anything."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

from nootropic_lsp.retrieval.adapting import forget_others, outcome_of
from nootropic_lsp.settings.options import VectorSettings
from nootropic_lsp.store import graph

log = logging.getLogger(__name__)

_COMMAND = [sys.executable, "-P", "-m", "nootropic_lsp.retrieval.adapting"]
# It is tried again when the workspace has so many more files, or fewer.
_CHANGED = 0.2


class Adapting:
    """One folder's. To be used by one thread."""

    def __init__(self, folder: str, database: Path, settings: VectorSettings) -> None:
        self._folder = folder
        self._database = database
        self._is_wanted = settings.adapt and settings.model == "own"
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        """Whether the child is at it."""
        return self._child is not None

    def is_due(self) -> bool:
        """Whether it was never tried, or not with a workspace like this one."""
        if not self._is_wanted:
            return False
        outcome = outcome_of(self._database)
        if outcome is None:
            return True
        index = graph.open_graph(self._database, readonly=True)
        try:
            n_files = len(graph.file_paths(index))
        finally:
            index.close()
        return abs(n_files - outcome.n_files) > _CHANGED * outcome.n_files

    def start(self) -> None:
        """Begin."""
        self._child = subprocess.Popen(
            [*_COMMAND, self._folder, str(self._database)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            cwd=Path(sys.executable).parent,
        )

    def has_ended(self) -> bool:
        """Whether the child has ended since this was asked last."""
        if self._child is None or self._child.poll() is None:
            return False
        code, self._child = self._child.returncode, None
        outcome = outcome_of(self._database)
        if code or outcome is None:
            log.warning("the vectors could not be adapted to %s", self._folder)
            self._is_wanted = False
        else:
            log.info(
                "%d pairs to adapt to; MRR@10 on files kept apart: before %.3f, after %.3f; %s",
                outcome.n_pairs,
                outcome.before,
                outcome.after,
                outcome.model or "no change",
            )
        return True

    def keep_only(self, name: str) -> None:
        """The vectors of words of another model are of no use any more."""
        forget_others(self._database, name)

    def close(self) -> None:
        """End the child, if there is one."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            self._child = None
