"""The front hall: builds the house once, from settings, and gives out snapshots."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any

from nootropic_lsp.core.documents import Document
from nootropic_lsp.core.errors import VectorStoreError
from nootropic_lsp.features.search import Near
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.ahead import Ahead, Drafts
from nootropic_lsp.index.apart import Apart
from nootropic_lsp.index.keeper import was_complete
from nootropic_lsp.index.libraries import Libraries
from nootropic_lsp.index.lock import WriterLock
from nootropic_lsp.index.opened import OpenText, OpenUnits
from nootropic_lsp.index.owner import Owner
from nootropic_lsp.index.parse import digest
from nootropic_lsp.index.places import Place, is_ours, places
from nootropic_lsp.index.source import encode_source
from nootropic_lsp.index.vetting import LARGE, Vetting
from nootropic_lsp.index.world import FolderIndex, IndexWorld, UnitCache
from nootropic_lsp.predict.background import Background
from nootropic_lsp.retrieval import builder
from nootropic_lsp.retrieval.passages import Cutting
from nootropic_lsp.settings.folders import cache_folder
from nootropic_lsp.settings.options import Settings
from nootropic_lsp.store import graph
from nootropic_lsp.store.vectors.choice import chosen

if TYPE_CHECKING:
    from nootropic_lsp.retrieval.dense import Dense

log = logging.getLogger(__name__)

OnEvent = Callable[[tuple[Any, ...]], None]
# An index that is damaged time and again lies on a disk that does not keep it.
_MOST_CHECKS = 5
# How many open texts have their trees kept, those that were edited last.
_MOST_AT_HAND = 8


@dataclass(frozen=True, slots=True)
class LanguageStatus:
    """A language as `doctor` shows it: `problem` says why it cannot be read, "" if it can."""

    name: str
    suffixes: tuple[str, ...]
    problem: str


class _Folder:
    """One root of the workspace: where its index lies, and what we see of it."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._places: Iterator[Place] = places(path)
        self.place: Place | None = next(self._places, None)
        self.index: FolderIndex | None = None
        self.version = -1
        self.file: os.stat_result | None = None
        self.owner: Owner | None = None
        self.progress: tuple[int, int] | None = None
        self.complete = False  # whether all files are read
        self.is_busy = False  # whether the whole folder is being looked through
        self.is_ours = True  # whether our own child keeps the index
        self.n_checks = 0
        self.faults: frozenset[str] = frozenset()

    def move_on(self) -> None:
        """Use the next best place: the index cannot be kept at this one."""
        self.disconnect()
        self.place = next(self._places, None)

    @property
    def note(self) -> str:
        """Why the index is not where it should be."""
        if self.place is None:
            return (
                f"There is no place to write an index of {self.path}: "
                "only open files and what they import are read. "
                "Free some disk space and start again."
            )
        return self.place.note

    def disconnect(self) -> None:
        """Let go of the index."""
        if self.index is not None:
            self.index.connection.close()
            self.index = None

    def connect(self) -> bool:
        """Look at the index, if there is one."""
        if self.place is None or not is_ours(self.place):
            return False
        try:
            connection = graph.open_graph(self.place.database, readonly=True)
            self.file = self.place.database.stat()
            self.index = FolderIndex(self.path, connection)
            self.look()
        except (graph.DamagedIndexError, graph.NoRoomError, graph.DatabaseError, OSError) as error:
            # Asked again with each request, until its keeper has done something about it.
            log.debug("%s", error)
            self.disconnect()
            return False
        return True

    def is_stale(self) -> bool:
        """Whether the database was damaged, or replaced by another file."""
        assert self.index is not None
        assert self.place is not None
        if getattr(self.index.connection, "is_damaged", False):
            return True
        try:
            now = self.place.database.stat()
        except OSError:
            return True
        return self.file is None or not os.path.samestat(self.file, now)

    def look(self) -> None:
        """Note the state of the index."""
        assert self.index is not None
        self.version = graph.data_version(self.index.connection)
        left_out = graph.read_left_out(self.index.connection).values()
        self.faults = frozenset(
            self.index.absolute(item.path) for item in left_out if item.is_fault
        )
        if self.owner is None or not self.is_ours:
            self.complete = was_complete(self.index.connection)


_Seen = tuple[list[FolderIndex], list[_Folder], dict[str, OpenText], str | None]


class App:
    """The house for the folders of one client. Paths are absolute, with "/" everywhere."""

    def __init__(self, settings: Settings, folders: Sequence[str]) -> None:
        self._settings = settings
        self._lock = RLock()
        self._opened: dict[str, OpenText] = {}
        self._changed: dict[str, OpenText] = {}
        self._cache = UnitCache()
        self._drafts = Drafts()
        self._libraries_folder = cache_folder() / "libraries"
        self._apart = Apart(self._libraries_folder, self._changed_state)
        self._libraries = Libraries(self._libraries_folder, large=self._apart.submit)
        self._folders = [_Folder(path) for path in dict.fromkeys(map(_posix, folders))]
        self._vetting = Vetting(self._vetted)
        self._tokens = Background(self._forget_snapshot, self._tell)
        self._dense: Dense | None = None
        self._snapshot: Snapshot | None = None
        # The last snapshot, and all that decides what a name means in it.
        self._latest: Snapshot | None = None
        # The last one whose facts were asked for, for questions that cannot wait for newer ones.
        self._earlier: Snapshot | None = None
        self._seen: _Seen | None = None
        self._on_event: OnEvent = lambda _event: None
        self._started = False
        self._closed = False
        self._told: set[str] = set()

    @property
    def settings(self) -> Settings:
        """The user's options, as they are now."""
        return self._settings

    # ---- the picture

    def snapshot(self) -> Snapshot:
        """The workspace as it is now. The same object as long as nothing has changed."""
        with self._lock:
            if self._refresh() or self._snapshot is None:
                self._snapshot = self._picture()
            return self._snapshot

    def _picture(self) -> Snapshot:
        """A new snapshot, with what the last one found out if it saw the same texts."""
        indexes = [folder.index for folder in self._folders if folder.index is not None]
        environment = self._environment()
        unfinished = [folder for folder in self._folders if not folder.complete]
        if not unfinished:
            self._drafts = Drafts()
        changed = dict(self._changed)
        seen = indexes, unfinished, changed, environment
        before = self._latest if self._seen == seen and not self._cache.is_full else None
        if before is None:
            self._earlier = self._passed(seen)
            if self._cache.is_full:
                self._cache.clear()
            world = IndexWorld(
                indexes,
                self._libraries,
                overlay=OpenUnits(self._changed),
                ahead=[
                    Ahead(folder.path, self._settings.index, folder.faults, self._drafts)
                    for folder in unfinished
                ],
                cache=self._cache,
                environment=environment,
            )
        else:
            world = before.world
        snapshot = Snapshot(
            world,
            indexes,
            dict(self._opened),
            changed,
            self._incomplete(),
            before=before,
            read=self._read,
            earlier=self._earlier,
            predictor=self._tokens.predictor,
        )
        self._seen, self._latest = seen, snapshot
        return snapshot

    def _passed(self, seen: _Seen) -> Snapshot | None:
        """The last snapshot before texts were changed of which the facts had been made."""
        latest = self._latest
        if self._seen is None or latest is None or self._cache.is_full:
            return None
        if (seen[0], seen[1], seen[3]) != (self._seen[0], self._seen[1], self._seen[3]):
            return None
        since = (text for path, text in latest.changed.items() if seen[2].get(path) is not text)
        if not all(text.has_facts for text in since):
            return self._earlier
        latest.settle()
        return latest

    def _refresh(self) -> bool:
        """Look whether another process has written an index; whether anything is new."""
        new = False
        for folder in self._folders:
            if folder.index is not None and folder.is_stale():
                self._lose(folder)
                new = True
            if folder.index is None:
                if folder.connect():
                    self._look_again()
                    new = True
                continue
            try:
                if graph.data_version(folder.index.connection) != folder.version:
                    new = True
                    folder.look()
                    if folder.complete and not folder.is_ours:
                        # Nobody tells us when its keeper is done with something.
                        self._update_tokens()
                    # Edges that were written change nothing that is known of files.
                    if graph.version(folder.index.connection) != folder.index.version:
                        folder.index = FolderIndex(
                            folder.path, folder.index.connection, before=folder.index
                        )
                        self._look_again()
            except (graph.DatabaseError, graph.DamagedIndexError) as error:
                log.warning("the index of %s cannot be read: %s", folder.path, error)
                self._lose(folder)
                new = True
        return new

    def _lose(self, folder: _Folder) -> None:
        """The index is damaged, or somebody has removed it: have it looked after."""
        # Snapshots that are being asked still use the connection: it is closed with the last.
        folder.index = None
        folder.complete = False
        self._cache.clear()
        self._seen = None
        folder.n_checks += 1
        if folder.owner is not None and folder.n_checks <= _MOST_CHECKS:
            folder.owner.check()

    def _look_again(self) -> None:
        """The index has other contents: nothing decoded from it counts any more."""
        self._cache.clear()
        self._seen = None
        for path, text in self._opened.items():
            self._compare(path, text)

    def _compare(self, path: str, text: OpenText) -> None:
        """Note whether an open document is just what the index has read."""
        if self._is_indexed(path, text):
            self._changed.pop(path, None)
        else:
            self._changed[path] = text

    def _is_indexed(self, path: str, text: OpenText) -> bool:
        for folder in self._folders:
            index = folder.index
            relative = index.relative(path) if index is not None else None
            if index is not None and relative is not None:
                known = graph.read_digest(index.connection, relative)
                if known is not None:
                    return known == digest(encode_source(text.document.text))
        return False

    def _incomplete(self) -> str | None:
        for text in self._opened.values():
            if text.held:
                return text.held
        if self._apart.reading:
            return f"{Path(self._apart.reading).name} is being read for the first time"
        for folder in self._folders:
            name = Path(folder.path).name
            if folder.place is None:
                return (
                    f"there is no place for an index of {name},"
                    " so only open files and what they import are read"
                )
            if not folder.complete:
                if folder.progress is not None:
                    done, total = folder.progress
                    return f"the index of {name} is being built ({done} of {total} steps)"
                return f"the index of {name} is not complete yet"
        return None

    def _environment(self) -> str | None:
        chosen = self._settings.python.environment
        if chosen != "auto":
            return chosen
        return os.environ.get("VIRTUAL_ENV") or os.environ.get("CONDA_PREFIX")  # noqa: TID251

    # ---- documents

    def open(self, document: Document) -> None:
        """A text was opened."""
        with self._lock:
            self._keep(document, None)
            if self._tokens.predictor is not None:
                self._tokens.predictor.keep(document)

    def change(self, document: Document) -> None:
        """An open text has this new state."""
        self._tokens.hurry()
        with self._lock:
            self._keep(document, self._opened.get(document.path))

    def _keep(self, document: Document, before: OpenText | None) -> None:
        path = document.path
        if path != next(reversed(self._opened), None):
            self._opened.pop(path, None)
            for other in list(self._opened)[-_MOST_AT_HAND : -_MOST_AT_HAND + 1]:
                if not self._is_doubtful(self._opened[other].document):
                    self._let_go(other)
        text = self._opened[path] = self._text(document, before)
        if before is None:
            self._compare(path, text)
        else:
            self._changed[path] = text
        if text.is_readable and path in self._changed:
            self._vet(text, before)
        self._snapshot = None

    def _vet(self, text: OpenText, before: OpenText | None) -> None:
        """Hold back what a child has to cope with before we parse it."""
        path = text.document.path
        name = path.rpartition("/")[2]
        if before is not None and before.held and not before.is_waiting:
            # The child has failed over it. It is tried again when it is saved, not at each key.
            text.held = before.held
        elif (before is not None and before.held) or (
            not text.is_parsed and self._is_doubtful(text.document)
        ):
            text.wait(f"{name} is being read for the first time")
            self._vetting.submit(text)

    def _is_doubtful(self, document: Document) -> bool:
        return len(document.text) > LARGE or any(
            document.path in folder.faults for folder in self._folders
        )

    def _text(self, document: Document, before: OpenText | None = None) -> OpenText:
        is_large = len(document.text) > LARGE
        return OpenText(document, before, elsewhere=self._vetting.read if is_large else None)

    def _read(self, document: Document) -> OpenText:
        """A text that is not open, for one question."""
        text = self._text(document)
        if text.is_readable and self._is_doubtful(document):
            self._vetting.read(text)
        return text

    def _vetted(self, text: OpenText) -> None:
        self._changed_state()
        self._on_event(("released", text.document.path))

    def close(self, path: str) -> None:
        """An open text counts no longer; the disk does."""
        with self._lock:
            self._let_go(path)
            self._opened.pop(path, None)
            self._changed.pop(path, None)
            self._vetting.drop(path)
            self._snapshot = None
            if self._tokens.predictor is not None:
                self._tokens.predictor.drop(path)

    def _let_go(self, path: str) -> None:
        """Keep less of an open text, here and in the snapshot that is gone back to."""
        earlier = {} if self._earlier is None else self._earlier.opened
        for text in (self._opened.get(path), earlier.get(path)):
            if text is not None:
                text.let_go()

    def saved(self, path: str) -> None:
        """An open text was written to disk."""
        with self._lock:
            text = self._opened.get(path)
            if text is not None and text.held and not text.is_waiting:
                self._keep(text.document, None)
            if text is not None and self._tokens.predictor is not None:
                self._tokens.predictor.keep(text.document)
        self.files_changed([(path, "changed")])

    def files_changed(self, changes: Sequence[tuple[str, str]]) -> None:
        """Files on disk were "created", "changed" or "deleted"."""
        if not self._started:
            return
        if any(not folder.complete for folder in self._folders):
            self._changed_state()  # What was read ahead may be what has changed.
        for folder in self._folders:
            prefix = folder.path.rstrip("/") + "/"
            paths = [path for path, _ in changes if path.startswith(prefix)]
            if paths and folder.owner is not None:
                folder.owner.update(paths)

    # ---- the workspace

    def folders_changed(self, added: Sequence[str], removed: Sequence[str]) -> None:
        """Folders joined or left the workspace."""
        with self._lock:
            gone = set(map(_posix, removed))
            for folder in self._folders:
                if folder.path in gone and folder.owner is not None:
                    folder.owner.close()
            self._folders = [folder for folder in self._folders if folder.path not in gone]
            known = {folder.path for folder in self._folders}
            new = [_Folder(path) for path in map(_posix, added) if path not in known]
            self._folders += new
            self._snapshot = None
        if self._started:
            for folder in new:
                self._start_folder(folder)

    def configure(self, settings: Settings) -> None:
        """The user changed the settings."""
        with self._lock:
            self._settings = settings
            self._snapshot = None
            dense, self._dense = self._dense, None
        if dense is not None:
            dense.close()
        if self._started:
            self._update_tokens()

    def watched(self) -> Sequence[str]:
        """Glob patterns of the files whose changes the editor should tell us."""
        return ("**/*",)

    # ---- indexing

    def start(self, on_event: OnEvent) -> None:
        """Begin to index in the background; `on_event` may be called on any thread."""
        self._on_event = on_event
        self._started = True
        for folder in self._folders:
            self._start_folder(folder)
        if not self._folders:
            on_event(("indexed",))

    def _start_folder(self, folder: _Folder) -> None:
        if folder.note:
            self._tell(folder.note)
        if folder.place is None:
            self._on_event(("indexed",))
            return
        folder.complete = False
        folder.is_busy = True
        owner = folder.owner = self._owner(
            folder, folder.place, lambda event: self._heard(folder, owner, event)
        )
        owner.sync()

    def _owner(
        self, folder: _Folder, place: Place, on_event: Callable[[dict[str, Any]], None]
    ) -> Owner:
        return Owner(
            folder.path,
            place,
            self._settings,
            others=[
                (other.path, other.place)
                for other in self._folders
                if other is not folder and other.place is not None
            ],
            cache=str(self._libraries_folder),
            environment=self._environment(),
            on_event=on_event,
        )

    def _heard(self, folder: _Folder, owner: Owner, event: Mapping[str, Any]) -> None:
        """An event from the process that writes a folder's index, on a thread of its own."""
        if self._closed or folder.owner is not owner:
            return
        match event["event"]:
            case "progress":
                with self._lock:
                    folder.progress = event["done"], event["total"]
                    self._snapshot = None  # It has another sentence, and knows the same.
                if folder.is_busy:
                    self._on_event(("progress", event["done"], event["total"]))
            case "read":
                self._have_read(folder, complete=event["complete"])
            case "done":
                folder.progress = None
                folder.is_busy = False
                folder.complete = event["complete"]
                for problem in event["problems"]:
                    self._tell(problem)
                self._changed_state()
                self._update_tokens()
                self._on_event(("indexed",))
            case "problem":
                self._tell(event["sentence"])
            case "open":
                folder.is_ours = True
            case "owned":
                self._is_kept_elsewhere(folder)
            case "homeless":
                owner.close()
                with self._lock:
                    folder.move_on()
                    self._cache.clear()
                self._changed_state()
                self._start_folder(folder)
            case "died":
                folder.progress = None
                self._tell(f"The indexer of {folder.path} ended unexpectedly and is started again.")

    def _have_read(self, folder: _Folder, *, complete: bool) -> None:
        """All changed files of a folder are read, and the folder is complete with that or not."""
        is_news = complete and not folder.complete
        folder.complete = complete
        self._changed_state()
        if is_news:
            self._update_tokens()
            self._on_event(("read",))

    def _is_kept_elsewhere(self, folder: _Folder) -> None:
        """Another server has this index kept; we read what is written for it."""
        folder.is_ours = False
        folder.progress = None
        with self._lock:
            if folder.index is not None:
                folder.complete = was_complete(folder.index.connection)
        self._changed_state()
        if folder.complete:
            self._update_tokens()

    def _forget_snapshot(self) -> None:
        with self._lock:
            self._snapshot = None
            if self._tokens.predictor is not None:
                for text in self._opened.values():
                    self._tokens.predictor.keep(text.document)

    def _update_tokens(self) -> None:
        """Have the token model follow the index, if anybody would ask it."""
        if self._asks_tokens:
            self._tokens.update(self._token_folders())

    @property
    def _asks_tokens(self) -> bool:
        switches = self._settings.features
        return switches.completion or switches.inline_completion

    @property
    def token_model(self) -> str:
        """How the token model stands: "off", "building" or "ready"."""
        if not self._asks_tokens:
            return "off"
        return "ready" if self._tokens.is_complete else "building"

    def _token_folders(self) -> list[tuple[str, Place]]:
        return [(folder.path, folder.place) for folder in self._folders if folder.place is not None]

    def read_tokens(self) -> None:
        """Bring the token model up to date and wait for it, as the command line does."""
        self._tokens.update_here(self._token_folders())
        self._forget_snapshot()

    def read_passages(self, progress: Callable[[int, int], None] | None = None) -> None:
        """Bring the passages up to date and wait for it, as the command line does.

        With them go the vectors, where they are kept in a table of our own.
        """
        # It needs numpy, which most questions do not.
        from nootropic_lsp.retrieval.dense import own_vectors  # noqa: PLC0415

        if self._dense is None and self.vector_store == "own":
            self._dense = own_vectors(self._settings)
        for path, database in self.indexed_folders:
            if self._dense is not None and self._dense.is_own:
                try:
                    self._dense.update(path, database, progress)
                    continue
                except VectorStoreError as error:
                    self._tell(str(error))
            self._cut_passages(path, database, progress)

    def cut_passages(self) -> None:
        """Bring the passages up to date and wait for it; their vectors are somebody else's."""
        for path, database in self.indexed_folders:
            self._cut_passages(path, database)

    def _cut_passages(
        self, path: str, database: Path, progress: Callable[[int, int], None] | None = None
    ) -> None:
        builder.update(path, database, Cutting.by(self._settings.context), progress)

    @property
    def vector_store(self) -> str:
        """Where vectors are kept: "own", "off", or a database that only the worker opens."""
        settings = self._settings
        try:
            store = chosen(settings.vectors)
        except VectorStoreError as error:
            self._tell(str(error))
            return "off"
        # Without a worker there is nobody to open another one.
        is_alone = not settings.worker.enabled and settings.vectors.store == "auto"
        return "own" if is_alone and store != "off" else store

    @property
    def near(self) -> Near | str:
        """What asks our own table of vectors, or why nothing does."""
        if self._dense is not None:
            return self._dense.near
        if self.vector_store == "off":
            return "vectors are off; `vectors.store` is the setting"
        return "the worker, which has the vectors, is off; `worker.enabled` is the setting"

    @property
    def indexed_folders(self) -> list[tuple[str, Path]]:
        """The folders that have an index, each with where it is."""
        return [
            (folder.path, folder.place.database)
            for folder in self._folders
            if folder.place is not None and is_ours(folder.place)
        ]

    def _changed_state(self) -> None:
        with self._lock:
            self._snapshot = self._seen = None

    def _tell(self, problem: str) -> None:
        if problem not in self._told:
            self._told.add(problem)
            if not self._started:
                log.warning("%s", problem)
            self._on_event(("problem", problem))

    def index(
        self,
        progress: Callable[[int, int], None] | None = None,
        *,
        rebuild: bool = False,
        resolve: bool = True,
    ) -> None:
        """Bring the index up to date and wait for it, as the command line does.

        Without `resolve`, questions find out for themselves who uses what.
        """
        for folder in self._folders:
            while folder.place is not None:
                if rebuild:
                    self._disconnect(folder)
                try:
                    report = self._owner(folder, folder.place, lambda _event: None).run_here(
                        progress, rebuild=rebuild, resolve=resolve
                    )
                except graph.NoRoomError as error:
                    log.info("%s", error)
                    folder.move_on()
                    continue
                folder.complete = report.complete
                for problem in report.problems:
                    self._tell(problem)
                break
            if folder.note:
                self._tell(folder.note)
        self._changed_state()

    def reindex(self) -> None:
        """Forget the index and build it anew, in the background."""
        for folder in self._folders:
            if folder.owner is not None:
                folder.complete = False
                folder.is_busy = True
                folder.owner.rebuild()

    def cancel_indexing(self) -> None:
        """Leave the index as it is for now."""
        for folder in self._folders:
            if folder.owner is not None:
                folder.owner.cancel()

    def status(self) -> Mapping[str, Any]:
        """How the index stands, for people; plain JSON values."""
        with self._lock:
            self._refresh()
            total: dict[str, Any] = {
                "files": 0,
                "symbols": 0,
                "references": 0,
                "bytes": 0,
                "source_bytes": 0,
                "secrets": 0,
                "skipped": 0,
                "path": ", ".join(
                    str(folder.place.database) for folder in self._folders if folder.place
                ),
                "languages": {},
                "quarantined": {},
                "notes": [folder.note for folder in self._folders if folder.note],
            }
            for folder in self._folders:
                if folder.index is None:
                    continue
                size = graph.measure(folder.index.connection)
                total["files"] += size.n_files
                total["symbols"] += size.n_symbols
                total["references"] += size.n_edges
                total["bytes"] += size.n_bytes
                total["source_bytes"] += size.source_bytes
                total["secrets"] += size.n_secrets
                for language, count in size.by_language.items():
                    total["languages"][language] = total["languages"].get(language, 0) + count
                for path, item in graph.read_left_out(folder.index.connection).items():
                    if item.is_fault:
                        total["quarantined"][path] = item.reason
                    else:
                        total["skipped"] += 1
            return total

    def _disconnect(self, folder: _Folder) -> None:
        with self._lock:
            folder.disconnect()
            self._snapshot = None

    def close_all(self) -> None:
        """Write what is to be written and stop every thread and process."""
        self._closed = True
        self._vetting.close()
        self._tokens.close()
        self._apart.close()
        if self._dense is not None:
            self._dense.close()
        for folder in self._folders:
            if folder.owner is not None:
                folder.owner.close()
        with self._lock:
            self._snapshot = None


def languages() -> list[LanguageStatus]:
    """Every language with what stands in its way."""
    from nootropic_lsp.index.discover import suffixes_of  # noqa: PLC0415 -- only doctor asks
    from nootropic_lsp.index.languages.registry import LANGUAGES  # noqa: PLC0415

    found = []
    for language in LANGUAGES.values():
        problem = ""
        try:
            language.grammar()
        except (ImportError, OSError, ValueError) as error:
            problem = f"its grammar cannot be loaded: {error}"
        found.append(LanguageStatus(language.name, suffixes_of(language.name), problem))
    return found


def kept_by(folder: Path) -> Iterator[tuple[Path, str]]:
    """The indexes below a folder that are being kept, each with the number of the process."""
    for file in folder.rglob("lock"):
        lock = WriterLock(file)
        # Where nothing can be locked, nobody has a lock.
        with suppress(OSError):
            if not lock.is_free():
                yield file.parent, lock.owner()


def _posix(path: str) -> str:
    return path.replace(os.sep, "/").rstrip("/") or "/"
