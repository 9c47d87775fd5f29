"""Keeping vectors up to date in the background, and asking them meanwhile.

Only the owner of a workspace has one: vector databases end in a crash when two processes write.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Lock, Thread

from nootropic_lsp.core.errors import NootropicError, VectorStoreError
from nootropic_lsp.features.vectors.adapting import Adapting
from nootropic_lsp.features.vectors.choice import earlier_model, remember, wanted_model
from nootropic_lsp.retrieval import builder
from nootropic_lsp.retrieval.dense import Dense
from nootropic_lsp.retrieval.passages import Cutting
from nootropic_lsp.retrieval.served import Embed
from nootropic_lsp.retrieval.vectors import Model
from nootropic_lsp.safety.egress import Egress
from nootropic_lsp.settings.options import Settings
from nootropic_lsp.store import graph
from nootropic_lsp.store.vectors.choice import chosen, open_store
from nootropic_lsp.store.vectors.folders import FOLDER
from nootropic_lsp.store.vectors.protocol import VectorStore

log = logging.getLogger(__name__)

# After something went wrong: an embedding model may be loading, a disk be full for a while.
_RETRY_S = 60.0
# After nothing was wanted for so long, the embedding is adapted; how often a look is taken then.
_REST_S = 20.0
_POLL_S = 0.5
# How long a question waits for a database to be opened.
_OPENING_S = 3.0


@dataclass(frozen=True, slots=True)
class VectorState:
    """What is there. `problem` is why something is missing, a sentence; `n_bytes` is on this disk."""

    store: str
    model: str
    n_vectors: int = 0
    n_missing: int = 0
    n_bytes: int = 0
    is_busy: bool = False
    problem: str = ""


class Keeper:
    """Makes what vectors a folder's passages miss, on a thread of its own.

    `embed` makes vectors by a model of some server. A change of the embedding model is
    followed in the background, while the vectors of the old one answer.
    """

    def __init__(
        self, folder: str, database: Path, settings: Settings, embed: Embed | None = None
    ) -> None:
        self._folder = folder
        self._database = database
        self._settings = settings
        self._embed = embed
        self._lock = Lock()
        self._answering: Dense | None = None
        self._is_ready = False
        self._state = VectorState(settings.vectors.store, settings.vectors.model)
        # Set once it is known what is there.
        self._begun = Event()
        self._wake = Event()
        self._closing = Event()
        self._adapting = Adapting(folder, database, settings.vectors)
        self._thread = Thread(target=self._run, name="vectors", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._wake.set()
        self._thread.start()

    def look(self) -> None:
        """Passages may have changed: bring the vectors up to date, without waiting for it."""
        self._wake.set()

    def near(self, database: Path, question: str) -> Sequence[tuple[int, float]]:
        """The contents most like a question. Raises `VectorStoreError`, whose text says why not."""
        self._begun.wait(_OPENING_S)
        with self._lock:
            answering, is_ready, state = self._answering, self._is_ready, self._state
        if answering is None or not is_ready:
            total = state.n_vectors + state.n_missing
            counted = f" ({state.n_vectors:,} of {total:,} are there)" if total else ""
            raise VectorStoreError(state.problem or f"the vectors are being made{counted}")
        return answering.near(database, question)

    @property
    def state(self) -> VectorState:
        """What is there now."""
        with self._lock:
            return self._state

    def close(self) -> None:
        """End, as soon as what is being written is written."""
        self._closing.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()
        with self._lock:
            answering, self._answering = self._answering, None
        if answering is not None:
            answering.close()

    # ---- on the thread

    def _run(self) -> None:
        wait_s: float | None = None
        try:
            while not self._closing.is_set():
                is_asked = self._wake.wait(wait_s)
                self._wake.clear()
                if self._closing.is_set():
                    return
                wait_s = self._look() if is_asked or wait_s == _RETRY_S else self._rest()
        finally:
            self._adapting.close()

    def _look(self) -> float | None:
        """Bring everything up to date; for how long there is nothing to do then."""
        self._note(is_busy=True)
        try:
            self._update()
            self._note(is_busy=False)
            return _REST_S
        except NootropicError as error:
            # Written once for each thing that goes wrong.
            if str(error) != self.state.problem:
                log.warning("vectors: %s", error)
            self._note(is_busy=False, problem=str(error))
        except Exception as error:
            log.exception("vectors could not be brought up to date")
            self._note(is_busy=False, problem=f"the vectors cannot be kept: {error}")
        return _RETRY_S

    def _rest(self) -> float | None:
        """Nobody wants anything: adapt the embedding, if that is due."""
        try:
            if self._adapting.has_ended():
                return self._look()
            if not self._adapting.is_running:
                if not self._adapting.is_due():
                    return None
                self._adapting.start()
        except (OSError, graph.DamagedIndexError, graph.DatabaseError) as error:
            log.warning("the vectors are not adapted: %s", error)
            return None
        return _POLL_S

    def _update(self) -> None:
        vectors = self._settings.vectors
        store = chosen(vectors)
        if store == "off":
            raise VectorStoreError("vectors are off; `vectors.store` is the setting")
        builder.update(self._folder, self._database, Cutting.by(self._settings.context))
        wanted = wanted_model(vectors, self._database, self._embed)
        if self._answering is None:
            self._begin(store, wanted)
        answering = self._answering
        assert answering is not None
        self._fill(answering, store, is_next=False)
        if answering.model.name != wanted.name and not self._closing.is_set():
            self._change(store, wanted)

    def _begin(self, store: str, wanted: Model) -> None:
        """Open the vectors that answered last, or else those that are wanted."""
        earlier = earlier_model(self._database, store, self._embed)
        model = earlier or wanted
        dense = self._dense(model)
        with self._lock:
            self._answering = dense
            # What has answered before can do so while it is looked through.
            self._is_ready = earlier is not None
            self._state = VectorState(store, model.name)
        self._begun.set()

    def _fill(self, dense: Dense, store: str, *, is_next: bool) -> bool:
        """Make what is missing; whether nothing is missing any more."""
        began = time.monotonic()
        report = dense.fill(self._folder, self._database, self._closing.is_set)
        is_done = not report.n_missing or report.is_full
        if report.n_added:
            took = time.monotonic() - began
            log.info("%d vectors of %s in %.1f s", report.n_added, dense.model.name, took)
        if not is_next:
            with self._lock:
                self._is_ready = self._is_ready or is_done
                self._state = VectorState(
                    store,
                    dense.model.name,
                    report.n_vectors,
                    report.n_missing,
                    dense.n_bytes(),
                    is_busy=True,
                    problem=_full(report.n_missing) if report.is_full else "",
                )
            if is_done:
                remember(self._database, store, dense.model)
        return is_done

    def _change(self, store: str, wanted: Model) -> None:
        """Make the vectors of another model, have them answer, and forget the old ones."""
        following = self._dense(wanted)
        if not self._fill(following, store, is_next=True):
            following.close()
            return
        with self._lock:
            before, self._answering = self._answering, following
        remember(self._database, store, wanted)
        self._fill(following, store, is_next=False)
        if before is not None:
            before.drop()
        self._adapting.keep_only(wanted.name)

    def _dense(self, model: Model) -> Dense:
        return Dense(model, self._opened, self._settings, is_own=False)

    def _opened(self, database: Path, model: Model) -> VectorStore:
        settings = self._settings
        inside = Path(self._folder)
        # A workspace that cannot be written to has its vectors beside its index, in the cache.
        home = inside if os.access(inside, os.W_OK) else database.parent
        return open_store(
            settings.vectors,
            database=database,
            folder=home / FOLDER,
            model=model.name,
            n_dimensions=model.n_dimensions,
            egress=Egress(settings.safety.allow_hosts),
            key=settings.models.keys.get("weaviate", ""),
        )

    def _note(self, *, is_busy: bool, problem: str | None = None) -> None:
        if problem is not None:
            self._begun.set()
        with self._lock:
            now = self._state
            self._state = VectorState(
                now.store,
                now.model,
                now.n_vectors,
                now.n_missing,
                now.n_bytes,
                is_busy=is_busy,
                problem=now.problem if problem is None else problem,
            )


def _full(n_missing: int) -> str:
    return (
        f"{n_missing:,} passages have no vector, because there is no more room for them; "
        "`vectors.maxBytes` is the setting"
    )
