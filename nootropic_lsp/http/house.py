"""What a worker holds for its workspace: the index, the vectors, the way to models."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock, RLock
from typing import Any

from nootropic_lsp.app import App
from nootropic_lsp.core.documents import Document
from nootropic_lsp.core.errors import Failure, ModelError, NootropicError, VectorStoreError
from nootropic_lsp.features.assist.means import Means
from nootropic_lsp.features.search import Hits, search
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.features.tracing import open_tracer
from nootropic_lsp.features.vectors.keeper import Keeper, VectorState
from nootropic_lsp.models.house import open_router
from nootropic_lsp.models.router import Router
from nootropic_lsp.safety.access import Readable
from nootropic_lsp.safety.trust import is_trusted
from nootropic_lsp.settings.folders import user_folder
from nootropic_lsp.settings.load import load
from nootropic_lsp.settings.options import Settings
from nootropic_lsp.telemetry.prometheus import Counters
from nootropic_lsp.telemetry.spans import Tracer

log = logging.getLogger(__name__)

# Within this time a workspace is not looked through again.
_FRESH_S = 2.0
_EMBED_DEADLINE_S = 120.0
# The settings that vectors follow.
_OF_VECTORS = ("vectors", "context", "safety", "index")


class House:
    """One workspace. The router belongs to the event loop; the rest may be used on any thread."""

    def __init__(self, root: Path, *, trust: bool = False) -> None:
        self.root = root
        self._trust = trust
        self._editor: Mapping[str, Any] | None = None
        self._files = _Files(root)
        self.settings = self._load()
        self._app = App(self.settings, [str(root)])
        self._indexing = RLock()
        self._looked_at = -_FRESH_S
        self._keeper: Keeper | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._opening = asyncio.Lock()
        self._router: Router | None = None
        self._tracer: Tracer
        self.counters = Counters()
        self._using = Lock()
        self.end: Callable[[], None] = lambda: None
        self._n_using = 0
        self._used_at = time.monotonic()

    # ---- how long it is wanted

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Somebody waits for something."""
        with self._using:
            self._n_using += 1
        try:
            yield
        finally:
            with self._using:
                self._n_using -= 1
                self._used_at = time.monotonic()

    @property
    def idle_s(self) -> float:
        """For how long nothing was wanted, and nothing is being done."""
        keeper = self._keeper
        is_busy = self._n_using > 0 or (keeper is not None and keeper.state.is_busy)
        return 0.0 if is_busy else time.monotonic() - self._used_at

    # ---- settings

    async def configure(self, editor: Mapping[str, Any] | None, *, trust: bool) -> None:
        """Take over what an editor's user has set. With several editors, the last one counts."""
        self._editor = editor
        self._trust = trust
        await self._apply(self._load())

    async def refresh(self) -> None:
        """Take over what was changed in the files of settings."""
        if self._files.have_changed():
            await self._apply(self._load())

    def _load(self) -> Settings:
        trusted = self._trust or is_trusted(self.root)
        settings, problems = load(self.root, editor=self._editor, trusted=trusted)
        for problem in problems:
            log.warning("%s", problem)
        return settings

    async def _apply(self, settings: Settings) -> None:
        before, self.settings = self.settings, settings
        if (before.models, before.safety, before.telemetry) != (
            settings.models,
            settings.safety,
            settings.telemetry,
        ):
            await self._close_router()
        if before != settings:
            await asyncio.to_thread(self._rearrange, before)

    def _rearrange(self, before: Settings) -> None:
        settings = self.settings
        with self._indexing:
            self._app.configure(settings)
            self._looked_at = -_FRESH_S
            if any(getattr(before, room) != getattr(settings, room) for room in _OF_VECTORS):
                self._close_keeper()

    # ---- the workspace

    def snapshot(self) -> Snapshot:
        """The workspace as it is now, its index and passages brought up to date."""
        with self._indexing:
            if time.monotonic() - self._looked_at > _FRESH_S:
                self._app.index(resolve=False)
                self._looked_at = time.monotonic()
                keeper = self._kept()
                if keeper is not None:
                    keeper.look()
                    self._app.cut_passages()
            return self._app.snapshot()

    def _pictured(self, opened: Sequence[Document]) -> Snapshot:
        with self._indexing:
            self.snapshot()
            for document in opened:
                self._app.open(document)
            try:
                return self._app.snapshot()
            finally:
                for document in opened:
                    self._app.close(document.path)

    async def means(self, opened: Sequence[Document] = ()) -> Means:
        """What is needed to ask a model about the workspace.

        `opened` are texts as an editor has them, which may differ from the files.
        """
        snapshot = await asyncio.to_thread(self._pictured, opened)
        keeper = self._keeper
        return Means(
            snapshot,
            await self.router(),
            self.readable(),
            self.settings,
            "the workspace has no index" if keeper is None else keeper.near,
        )

    def readable(self) -> Readable:
        """What models may be given, by the ignore files as they are now."""
        return Readable((self.root,), index=self.settings.index)

    def search(self, question: str, limit: int) -> tuple[Snapshot, Hits]:
        """The passages that belong to a question, and the snapshot they are of."""
        snapshot = self.snapshot()
        keeper = self._kept()
        near = "the workspace has no index" if keeper is None else keeper.near
        return snapshot, search(snapshot, question, limit=limit, near=near)

    def near(self, question: str) -> Sequence[tuple[int, float]]:
        """The contents most like a question. Raises `VectorStoreError`."""
        keeper = self._kept()
        if keeper is None:
            self.snapshot()
            keeper = self._kept()
        if keeper is None:
            raise VectorStoreError("the workspace has no index")
        keeper.look()
        return keeper.near(Path(), question)

    @property
    def vectors(self) -> VectorState:
        """What there is of vectors."""
        keeper = self._keeper
        if keeper is not None:
            return keeper.state
        return VectorState(self.settings.vectors.store, self.settings.vectors.model)

    def _kept(self) -> Keeper | None:
        """The keeper, begun once there is an index."""
        with self._indexing:
            if self._keeper is None:
                for path, database in self._app.indexed_folders:
                    self._keeper = Keeper(path, database, self.settings, self._embed)
                    self._keeper.start()
            return self._keeper

    # ---- models

    async def router(self) -> Router:
        """The way to models. Raises `ModelError` where what it needs is not installed."""
        async with self._opening:
            if self._router is None:
                self._tracer = open_tracer(self.settings, self._database, self.counters)
                self._router = await open_router(
                    self.settings, root=self.root, home=user_folder(), tracer=self._tracer
                )
            return self._router

    def _database(self) -> Path | None:
        return next((database for _, database in self._app.indexed_folders), None)

    def _embed(self, model: str, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        """Vectors by a model; called on the keeper's thread."""
        loop = self._loop
        if loop is None or loop.is_closed():
            raise ModelError(Failure.MODEL_LOAD_FAILED, "the worker is ending")

        async def asked() -> Sequence[Sequence[float]]:
            router = await self.router()
            made = await router.embed(texts, model=model, deadline_s=_EMBED_DEADLINE_S)
            return made.vectors

        return asyncio.run_coroutine_threadsafe(asked(), loop).result(2 * _EMBED_DEADLINE_S)

    # ---- beginning and end

    async def open(self) -> None:
        """Begin: the vectors are looked after from now on."""
        self._loop = asyncio.get_running_loop()
        self._looking = asyncio.create_task(asyncio.to_thread(self._first_look))

    def _first_look(self) -> None:
        # Who only wants to know which models there are has not asked for an index.
        if not self._app.indexed_folders:
            return
        try:
            with self.in_use():
                self.snapshot()
        except NootropicError as error:
            log.warning("%s", error)

    async def close(self) -> None:
        """End."""
        await asyncio.to_thread(self._close_workspace)
        await self._close_router()

    def _close_keeper(self) -> None:
        with self._indexing:
            keeper, self._keeper = self._keeper, None
            if keeper is not None:
                keeper.close()

    def _close_workspace(self) -> None:
        with self._indexing:
            self._close_keeper()
            self._app.close_all()

    async def _close_router(self) -> None:
        async with self._opening:
            router, self._router = self._router, None
            if router is not None:
                await router.close()
                await asyncio.to_thread(self._tracer.close)


class _Files:
    """The files of settings, and whether somebody has changed them."""

    def __init__(self, root: Path) -> None:
        self._paths = (
            user_folder() / "config.json",
            root / "pyproject.toml",
            root / ".nootropic.json",
        )
        self._seen = self._look()

    def have_changed(self) -> bool:
        before, self._seen = self._seen, self._look()
        return before != self._seen

    def _look(self) -> tuple[tuple[int, int] | None, ...]:
        return tuple(map(_stamp, self._paths))


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
