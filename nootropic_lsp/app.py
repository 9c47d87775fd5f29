"""The front hall: builds the house once, from settings, and gives out snapshots."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import Any

from nootropic_lsp.core.documents import Document
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.facts import FACTS_VERSION
from nootropic_lsp.index.libraries import Libraries
from nootropic_lsp.index.opened import OpenText, OpenUnits
from nootropic_lsp.index.owner import Owner
from nootropic_lsp.index.parse import digest
from nootropic_lsp.index.source import encode_source
from nootropic_lsp.index.world import FolderIndex, IndexWorld, UnitCache
from nootropic_lsp.settings import Settings, cache_folder
from nootropic_lsp.store import graph

log = logging.getLogger(__name__)

OnEvent = Callable[[tuple[Any, ...]], None]
STATE_FOLDER = ".nootropic"


@dataclass(frozen=True, slots=True)
class LanguageStatus:
    """A language as `doctor` shows it: `problem` says why it cannot be read, "" if it can."""

    name: str
    suffixes: tuple[str, ...]
    problem: str


class _Folder:
    """One root of the workspace: where its index lies, and what we see of it."""

    def __init__(self, path: str, database: Path, note: str) -> None:
        self.path = path
        self.database = database
        self.note = note  # why the index is not where it should be
        self.index: FolderIndex | None = None
        self.version = -1
        self.owner: Owner | None = None
        self.progress: tuple[int, int] | None = None
        self.complete = False


class App:
    """The house for the folders of one client. Paths are absolute, with "/" everywhere."""

    def __init__(self, settings: Settings, folders: Sequence[str]) -> None:
        self._settings = settings
        self._lock = RLock()
        self._opened: dict[str, OpenText] = {}
        self._changed: dict[str, OpenText] = {}
        self._cache = UnitCache()
        self._libraries_folder = cache_folder() / "libraries"
        self._libraries = Libraries(self._libraries_folder)
        self._folders = [_open_folder(path) for path in dict.fromkeys(map(_posix, folders))]
        self._snapshot: Snapshot | None = None
        self._on_event: OnEvent = lambda _event: None
        self._started = False
        self._closed = False
        self._told: set[str] = set()

    # ---- the picture

    def snapshot(self) -> Snapshot:
        """The workspace as it is now. The same object as long as nothing has changed."""
        with self._lock:
            if self._refresh() or self._snapshot is None:
                if self._cache.is_full:
                    self._cache.clear()
                indexes = [folder.index for folder in self._folders if folder.index is not None]
                world = IndexWorld(
                    indexes,
                    self._libraries,
                    overlay=OpenUnits(self._changed),
                    cache=self._cache,
                    environment=self._environment(),
                )
                self._snapshot = Snapshot(
                    world, indexes, dict(self._opened), dict(self._changed), self._incomplete()
                )
            return self._snapshot

    def _refresh(self) -> bool:
        """Look whether another process has written an index; whether anything is new."""
        new = False
        for folder in self._folders:
            if folder.index is None:
                folder.index = _connect(folder)
                if folder.index is None:
                    continue
                folder.version = graph.data_version(folder.index.connection)
                self._look_again()
                new = True
                continue
            try:
                version = graph.data_version(folder.index.connection)
                if version != folder.version:
                    folder.version = version
                    folder.index = FolderIndex(folder.path, folder.index.connection)
                    self._look_again()
                    new = True
            except graph.DatabaseError as error:
                log.warning("the index of %s cannot be read: %s", folder.path, error)
                folder.index = None
                new = True
        return new

    def _look_again(self) -> None:
        """The index has other contents: nothing decoded from it counts any more."""
        self._cache.clear()
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
        for folder in self._folders:
            if folder.progress is not None:
                done, total = folder.progress
                if not folder.complete:
                    return f"the index of {Path(folder.path).name} is being built ({done} of {total} steps)"
            elif not folder.complete:
                return f"the index of {Path(folder.path).name} is not complete yet"
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
            text = OpenText(document)
            self._opened[document.path] = text
            self._compare(document.path, text)
            self._snapshot = None

    def change(self, document: Document) -> None:
        """An open text has this new state."""
        with self._lock:
            text = OpenText(document, self._opened.get(document.path))
            self._opened[document.path] = self._changed[document.path] = text
            self._snapshot = None

    def close(self, path: str) -> None:
        """An open text counts no longer; the disk does."""
        with self._lock:
            self._opened.pop(path, None)
            self._changed.pop(path, None)
            self._snapshot = None

    def saved(self, path: str) -> None:
        """An open text was written to disk."""
        self.files_changed([(path, "changed")])

    def files_changed(self, changes: Sequence[tuple[str, str]]) -> None:
        """Files on disk were "created", "changed" or "deleted"."""
        if not self._started:
            return
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
            new = [_open_folder(path) for path in map(_posix, added) if path not in known]
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
        folder.owner = Owner(
            folder.path,
            folder.database,
            self._settings,
            others=[
                (other.path, str(other.database)) for other in self._folders if other is not folder
            ],
            cache=str(self._libraries_folder),
            environment=self._environment(),
            on_event=lambda event: self._heard(folder, event),
        )
        folder.owner.sync()

    def _heard(self, folder: _Folder, event: Mapping[str, Any]) -> None:
        """An event from the process that writes a folder's index, on a thread of its own."""
        if self._closed:
            return
        match event["event"]:
            case "progress":
                folder.progress = event["done"], event["total"]
                self._changed_state()
                if not folder.complete:
                    self._on_event(("progress", event["done"], event["total"]))
            case "done":
                folder.progress = None
                folder.complete = event["complete"]
                for problem in event["problems"]:
                    self._tell(problem)
                self._changed_state()
                self._on_event(("indexed",))
            case "open":
                if event["rebuilt"]:
                    self._tell(event["rebuilt"])
            case "owned":
                # Another process keeps this index; we read what it writes.
                folder.progress = None
                folder.complete = True
                self._changed_state()
                self._on_event(("indexed",))
            case "died":
                folder.progress = None
                self._tell(f"The indexer of {folder.path} ended unexpectedly and is started again.")

    def _changed_state(self) -> None:
        with self._lock:
            self._snapshot = None

    def _tell(self, problem: str) -> None:
        if problem not in self._told:
            self._told.add(problem)
            self._on_event(("problem", problem))

    def index(
        self, progress: Callable[[int, int], None] | None = None, *, rebuild: bool = False
    ) -> None:
        """Bring the index up to date and wait for it, as the command line does."""
        for folder in self._folders:
            owner = Owner(
                folder.path,
                folder.database,
                self._settings,
                others=[],
                cache=str(self._libraries_folder),
                environment=self._environment(),
                on_event=lambda _event: None,
            )
            if rebuild:
                self._disconnect(folder)
            report = owner.run_here(progress, rebuild=rebuild)
            folder.complete = report.complete
        self._changed_state()

    def reindex(self) -> None:
        """Forget the index and build it anew, in the background."""
        for folder in self._folders:
            if folder.owner is not None:
                folder.complete = False
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
                "path": ", ".join(str(folder.database) for folder in self._folders),
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
            if folder.index is not None:
                folder.index.connection.close()
                folder.index = None
            self._snapshot = None

    def close_all(self) -> None:
        """Write what is to be written and stop every thread and process."""
        self._closed = True
        for folder in self._folders:
            if folder.owner is not None:
                folder.owner.close()
        with self._lock:
            self._snapshot = None


def database_of(folder: Path) -> Path:
    """Where the index of a workspace folder lies. The versions are part of the path."""
    version = f"index-{graph.SCHEMA_VERSION}.{FACTS_VERSION}"
    return folder / STATE_FOLDER / version / "graph.db"


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


def _posix(path: str) -> str:
    return path.replace(os.sep, "/").rstrip("/") or "/"


def _open_folder(path: str) -> _Folder:
    """Find a place for a folder's index: in the folder, else in the user's cache, else temporary."""
    database = database_of(Path(path))
    state = Path(path, STATE_FOLDER)
    if _make_state_folder(state) and _can_write(database.parent):
        return _Folder(path, database, "")
    key = digest(path.encode("utf-8", "surrogatepass")).hex()[:16]
    for root in (cache_folder() / "workspaces", Path(tempfile.gettempdir()) / "nootropic"):
        elsewhere = database_of(root / key)
        if _can_write(elsewhere.parent):
            note = f"{path} cannot be written to, so its index is kept in {root}."
            return _Folder(path, elsewhere, note)
    return _Folder(path, database, f"There is no place to write an index of {path}.")


def _make_state_folder(state: Path) -> bool:
    """Make `.nootropic` with a `.gitignore` of its own; the user's is never touched."""
    try:
        if state.is_symlink():
            return False
        state.mkdir(exist_ok=True)
        ignore = state / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
    except OSError:
        return False
    return True


def _can_write(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x" * 4096)
            file.flush()
    except OSError:
        return False
    return True


def _connect(folder: _Folder) -> FolderIndex | None:
    if not folder.database.exists():
        return None
    try:
        return FolderIndex(folder.path, graph.open_graph(folder.database, readonly=True))
    except graph.DamagedIndexError as error:
        log.info("%s", error)
        return None
