"""The counters: what was offered, shown, taken and refused, kept on this machine only."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from threading import Lock

from nootropic_lsp.learning.situations import Outcome, Situation
from nootropic_lsp.learning.threshold import Calibration, Experience, calibrated
from nootropic_lsp.store import counts
from nootropic_lsp.store.counts import Count

_NOTHING = {**{each.value: 0 for each in Outcome}, "characters": 0}
_TAKEN = frozenset({Outcome.ACCEPTED, Outcome.PARTLY, Outcome.TYPED})


class Counters:
    """Counts in a file of the user's that other servers add to as well. Any thread may ask.

    No text is ever kept: only the language, the kind of place and numbers.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = Lock()
        self._opened = False
        self._connection: counts.Connection | None = None

    def note(
        self, situation: Situation, outcome: Outcome, *, characters: int = 0, n: int = 1
    ) -> None:
        """Count what became of a suggestion; `characters` were not typed thanks to it.

        `n` is 0 for more characters of one that was counted already.
        """
        with self._lock:
            connection = self._open(make=True)
            if connection is None:
                return
            counts.add(connection, [Count(*situation, outcome.value, n, characters)])
            if n and (outcome in _TAKEN or outcome is Outcome.REJECTED):
                counts.learn(
                    connection, situation.language, situation.place, is_taken=outcome in _TAKEN
                )

    def calibration(self, language: str, place: str, default: float) -> Calibration:
        """How sure one has to be of a suggestion at a kind of place."""
        with self._lock:
            connection = self._open(make=False)
            if connection is None:
                return calibrated(default, Experience())
            return calibrated(default, Experience(*counts.experience(connection, language, place)))

    def totals(self) -> Mapping[str, Mapping[str, int]]:
        """By language how often each outcome was, and "characters" for how many were saved."""
        found: dict[str, dict[str, int]] = {}
        with self._lock:
            connection = self._open(make=False)
            rows = () if connection is None else counts.read(connection)
        for row in rows:
            of = found.setdefault(row.language, dict(_NOTHING))
            of[row.outcome] = of.get(row.outcome, 0) + row.n
            of["characters"] += row.characters
        return found

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None
            self._opened = False

    def _open(self, *, make: bool) -> counts.Connection | None:
        # Who only asks leaves no file behind.
        if not self._opened and (make or self._file.exists()):
            self._connection = counts.open_counts(self._file)
            self._opened = True
        return self._connection
