"""Keeping the token model at hand and up to date, beside everything else."""

from __future__ import annotations

import contextlib
import gc
import io
import logging
import math
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Condition, Thread
from typing import TYPE_CHECKING, Any

from nootropic_lsp.index.frames import receive, send
from nootropic_lsp.index.places import Place, is_ours
from nootropic_lsp.store import graph

if TYPE_CHECKING:
    from nootropic_lsp.predict.engine import Engine

log = logging.getLogger(__name__)

_COMMAND = [sys.executable, "-P", "-m", "nootropic_lsp.predict.builder"]
# Of a few files that have changed, those that matter are open, and known from there.
_FEW = 50
_PAUSE_S = 60.0
# Changes come in bursts.
_FIRST_PAUSE_S = 2.0
_SETTLE_S = 2.0
_BUILD_DEADLINE_S = 1_800.0
# Who has typed nothing for so long will not mind that the model has to be woken.
_REST_S = 5.0

Folders = Sequence[tuple[str, Place]]


class Background:
    """One thread that opens segments and has them built by a child.

    `on_change` is called when more is known than before, `tell` with a sentence for people.
    """

    def __init__(self, on_change: Callable[[], object], tell: Callable[[str], object]) -> None:
        self.predictor: Engine | None = None
        self._on_change = on_change
        self._tell = tell
        self._changed = Condition()
        self._folders: Folders = ()
        self._is_due = False  # whether they are to be looked at
        self._is_damaged = False
        self._thread: Thread | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._closed = False
        self._has_looked = False
        self._is_wanted = False
        self._wanted_until = 0.0
        self._n_files = 0
        self._next_build = 0.0  # not before that, for a few files
        self._again_s: float | None = None
        self.is_building = False
        self.is_complete = False  # whether all files were in a segment at the last look

    def update(self, folders: Folders) -> None:
        """The index of some folders has changed; all folders are given."""
        with self._changed:
            self._folders = list(folders)
            self._is_due = True
            self._changed.notify()
            if self._thread is None and not self._closed:
                self._thread = Thread(target=self._run, name="tokens", daemon=True)
                self._thread.start()

    def update_here(self, folders: Folders) -> None:
        """Bring everything up to date and wait for it, as the command line does."""
        if self._missing(folders):
            self._build(folders)
            self._missing(folders)

    def close(self) -> None:
        """Stop the thread and the child."""
        with self._changed:
            self._closed = True
            self._changed.notify()
            child = self._child
        if child is not None:
            with contextlib.suppress(OSError):
                child.kill()

    def _run(self) -> None:
        while (folders := self._next()) is not None:
            try:
                missing = self._missing(folders)
                self._on_change()
                self._again_s = None
                pause_s = self._next_build - time.monotonic()
                few = min(_FEW, self._n_files // 2)
                if missing > few or (missing and (pause_s <= 0 or self._is_damaged)):
                    self._is_damaged = False
                    self._build(folders)
                    self._next_build = time.monotonic() + _PAUSE_S
                    self._missing(folders)
                    self._on_change()
                elif missing:
                    self._again_s = pause_s
            except Exception:
                # Without it there is no ghost text; all else goes on.
                log.exception("the token model could not be brought up to date")

    def hurry(self) -> None:
        """Somebody types: the model will be asked soon."""
        self._wanted_until = time.monotonic() + _REST_S
        if not self._is_wanted:
            with self._changed:
                self._is_wanted = True
                self._changed.notify()

    def _next(self) -> Folders | None:
        with self._changed:
            if not self._has_looked:
                # An editor that has just started has other questions first.
                self._changed.wait_for(lambda: self._is_wanted or self._closed, _FIRST_PAUSE_S)
            self._wait()
            if self._has_looked:
                self._changed.wait_for(lambda: self._closed, _SETTLE_S)
            self._has_looked, self._is_due = True, False
            return None if self._closed else self._folders

    def _wait(self) -> None:
        """Wait for something to do. The model rests when nobody types any more."""
        end = math.inf if self._again_s is None else time.monotonic() + self._again_s
        while not (self._is_due or self._closed) and (now := time.monotonic()) < end:
            if self._is_wanted and now >= self._wanted_until:
                self._is_wanted = False
                if self.predictor is not None:
                    self.predictor.rest()
            until = min(end, self._wanted_until if self._is_wanted else end)
            self._changed.wait(None if until == math.inf else until - now)

    def _heard_of_damage(self) -> None:
        """The model has left out a segment while it was asked."""
        with self._changed:
            self._is_damaged = self._is_due = True
            self._changed.notify()

    def _missing(self, folders: Folders) -> int:
        """Look at the segments there are; how many files are in none of them."""
        if self.predictor is None:
            # Importing numpy takes a while.
            from nootropic_lsp.predict.engine import Engine  # noqa: PLC0415

            # What came with it stays: the collector need not look at it again.
            gc.freeze()

            engine = Engine(self._heard_of_damage)
        else:
            engine = self.predictor
        known = []
        for path, place in folders:
            digests = _digests(place)
            if digests is not None:
                known.append((path, place.database, digests))
        self._n_files = sum(len(digests) for _, _, digests in known)
        engine.look(known)
        self.predictor = engine
        missing = engine.n_missing(known)
        self.is_complete = not missing
        return missing

    def _build(self, folders: Folders) -> None:
        self.is_building = True
        try:
            for path, place in folders:
                if is_ours(place):
                    answer = self._ask({"folder": path, "database": str(place.database)})
                    if answer is not None and answer["damaged"]:
                        self._tell(
                            f"A part of the token model of {Path(path).name} was damaged and has"
                            " been built anew."
                        )
        finally:
            self.is_building = False

    def _ask(self, request: dict[str, Any]) -> Any:
        with self._changed:
            if self._closed:
                return None
            child = self._child = subprocess.Popen(
                _COMMAND,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                cwd=Path(sys.executable).parent,
            )
        asked = io.BytesIO()
        send(asked, request)
        try:
            said, _ = child.communicate(asked.getvalue(), _BUILD_DEADLINE_S)
        except subprocess.TimeoutExpired:
            child.kill()
            said, _ = child.communicate()
        finally:
            self._child = None
        answer = receive(io.BytesIO(said))
        if answer is None and not self._closed:
            log.warning("the builder of the token model ended with %s", child.returncode)
        return answer


def _digests(place: Place) -> dict[str, bytes] | None:
    if not is_ours(place):
        return None
    try:
        connection = graph.open_graph(place.database, readonly=True)
    except (graph.DamagedIndexError, graph.NoRoomError, graph.DatabaseError, OSError):
        return None
    try:
        return {row.path: row.digest for row in graph.all_files(connection)}
    except (graph.DatabaseError, graph.DamagedIndexError):
        return None
    finally:
        connection.close()
