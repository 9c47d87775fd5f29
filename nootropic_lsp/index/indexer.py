"""Keeping the index of one folder true: the only writer of its database.

Two passes. First every changed file is read on its own (`worker.read_file`) and
written with its symbols. Then the files whose edges are missing, or may have
become wrong, are resolved against all others. Both passes run in worker
processes; this one only compares, writes and reports.
"""

from __future__ import annotations

import logging
import os
import stat
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from nootropic_lsp.index.discover import HEAD_BYTES, Found, discover, language_of
from nootropic_lsp.index.edges import ANYWHERE, path_hash
from nootropic_lsp.index.interface import EVERYTHING, changed_names, interface
from nootropic_lsp.index.languages.registry import LANGUAGES
from nootropic_lsp.index.units import Unit, module_bit, name_bit
from nootropic_lsp.index.workers import Pool
from nootropic_lsp.safety.ignore import Ignore
from nootropic_lsp.settings.options import Settings
from nootropic_lsp.store import graph

log = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
# Big enough to keep both workers busy, small enough that a kill loses little.
_BATCH_BYTES = 400_000
_BATCH_FILES = 64
_RESOLVED_AT_ONCE = 32
_DEADLINE_S = 60.0
_SINGLE_DEADLINE_S = 10.0
_WRITTEN_AT_ONCE = 400
_MOST_INTERFACES = 50


@dataclass
class Report:
    """What one run did."""

    n_read: int = 0
    n_resolved: int = 0
    problems: list[str] = field(default_factory=list)
    # Whether all files are read; whether the edges of all of them are written is `is_resolved`.
    complete: bool = True


class Indexer:
    """The writer of one folder's index. Whoever makes one holds the folder's lock."""

    def __init__(
        self,
        folder: str,
        database: Path,
        settings: Settings,
        *,
        others: Sequence[tuple[str, str]] = (),
        cache: str = "",
        environment: str | None = None,
        pool: Pool | None = None,
        on_read: Callable[[], object] = lambda: None,
        in_background: bool = False,
    ) -> None:
        self.folder = folder
        self.database = database
        self._settings = settings
        self._others = others
        self._cache = cache
        self._environment = environment
        n_workers = settings.index.workers or min(4, os.cpu_count() or 1)
        # Nobody waits for edges when questions find out for themselves what is missing: they
        # are written with half the workers and memory, and the editor has the other processors.
        self._n_resolving = (n_workers + 1) // 2 if in_background else n_workers
        self._pool = pool or Pool(n_workers)
        self._on_read = on_read
        self._ignore: Ignore | None = None
        # What the workers have not been told yet: files read anew, and whether any came or went.
        self._changed: set[str] = set()
        self._moved = True
        # Whether a change of theirs may be seen from another file.
        self._differs = True
        # What others can see of the files that were read last: they are the ones to change next.
        self._interfaces: dict[str, Mapping[str, int]] = {}
        self._cancelled = threading.Event()
        self._interrupted = threading.Event()
        self.rebuilt = ""
        self.connection = self._open()

    def _open(self) -> graph.Connection:
        try:
            return graph.open_graph(self.database)
        except graph.DamagedIndexError as error:
            log.warning("%s", error)
            self.rebuilt = graph.DAMAGED
            graph.remove_graph(self.database)
            return graph.open_graph(self.database)

    def close(self) -> None:
        """End the workers and let go of the database."""
        self.cancel()
        self._pool.stop()
        self.connection.close()

    def stop_workers(self) -> None:
        """End the workers, whatever they do; what they were at is not counted as their fault."""
        self.cancel()
        self._pool.stop()

    def cancel(self) -> None:
        """Have the present run end where it is."""
        self._cancelled.set()
        self._interrupted.set()

    def interrupt(self) -> None:
        """Have the present run leave the edges that are missing to the next one."""
        self._interrupted.set()

    @property
    def was_interrupted(self) -> bool:
        """Whether there was something more urgent than the edges that are missing."""
        return self._interrupted.is_set() and not self._cancelled.is_set()

    def go_on(self) -> None:
        """What was said to earlier runs does not count for the next."""
        self._cancelled.clear()
        self._interrupted.clear()

    def look_into(self, others: Sequence[tuple[str, str]]) -> None:
        """Which other folders, with their indexes, uses may lead to."""
        if list(others) != list(self._others):
            self._others = others
            self._moved = True

    def rest(self) -> None:
        """Nothing to do for a while: give back the memory of all workers but one."""
        self._pool.stop(keep=1)

    def clear(self) -> None:
        """Forget everything that was read."""
        self._interfaces.clear()
        with graph.transaction(self.connection):
            graph.remove_everything(self.connection)
            graph.note_change(self.connection, paths=True)

    # ---- runs

    def sync(self, progress: Progress | None = None, *, resolve: bool = True) -> Report:
        """Bring the whole index up to date with the disk, or all of it but the edges."""
        self._ignore = None
        report = Report()
        known = {row.path: row for row in graph.all_files(self.connection)}
        left_out = graph.read_left_out(self.connection)
        changed: list[Found] = []
        seen: set[str] = set()
        start = len(self.folder.rstrip("/")) + 1
        for absolute in discover(Path(self.folder), settings=self._settings.index):
            if absolute.language not in LANGUAGES:
                continue
            found = absolute._replace(path=absolute.path[start:].replace(os.sep, "/"))
            out = left_out.get(found.path)
            if out is not None and (out.size, out.mtime_ns) == (found.size, found.mtime_ns):
                continue
            seen.add(found.path)
            row = known.get(found.path)
            if row is None or (row.size, row.mtime_ns) != (found.size, found.mtime_ns):
                changed.append(found)
        gone = [row for path, row in known.items() if path not in seen]
        self._update(changed, gone, known, report, progress, resolve=resolve)
        return report

    def update(self, paths: Iterable[str], progress: Progress | None = None) -> Report:
        """Bring the index up to date for some files or folders, given as absolute paths."""
        report = Report()
        prefix = self.folder.rstrip("/") + "/"
        relatives = [
            path[len(prefix) :] for path in dict.fromkeys(paths) if path.startswith(prefix)
        ]
        known = {row.path: row for row in graph.files_at(self.connection, relatives)}
        changed: list[Found] = []
        gone: list[graph.FileRow] = []
        for relative in relatives:
            found = self._found(relative)
            if found is not None:
                changed.append(found)
            elif Path(prefix, relative).is_dir():
                # It came with all that is in it.
                return self.sync(progress)
            elif relative in known:
                gone.append(known[relative])
            elif not Path(prefix, relative).exists():
                gone += graph.files_under(self.connection, relative)
        self._update(changed, gone, known, report, progress)
        return report

    def _found(self, relative: str) -> Found | None:
        """What a watcher's path is, if it belongs into the index."""
        path = f"{self.folder}/{relative}"
        options = self._settings.index
        if self._ignore is None:
            self._ignore = Ignore(
                Path(self.folder),
                use_gitignore=options.use_gitignore,
                include=options.include,
                exclude=options.exclude,
            )
        try:
            status = os.lstat(path)
            if not stat.S_ISREG(status.st_mode) or self._ignore.matches(relative, False):
                return None
            if not self._is_inside(path):
                return None
            with Path(path).open("rb") as file:
                language = language_of(relative, file.read(HEAD_BYTES))
        except OSError:
            return None
        if language is None or language not in LANGUAGES:
            return None
        return Found(relative, language, status.st_size, status.st_mtime_ns)

    def _is_inside(self, path: str) -> bool:
        """Whether no folder on the way to a path is a link."""
        folder, real = os.path.dirname(path), os.path.realpath(self.folder)  # noqa: PTH120 -- strings
        inner = os.path.relpath(folder, self.folder)
        return os.path.realpath(folder) == os.path.normpath(os.path.join(real, inner))  # noqa: PTH118

    # ---- the two passes

    def _update(
        self,
        changed: list[Found],
        gone: list[graph.FileRow],
        known: dict[str, graph.FileRow],
        report: Report,
        progress: Progress | None,
        *,
        resolve: bool = True,
    ) -> None:
        first = graph.is_empty(self.connection)
        fresh = not graph.has_edges(self.connection)
        # Reading and resolving a file take about as long.
        total = 2 * len(changed)
        done = 0

        def advance(n: int) -> None:
            nonlocal done, total
            done += n
            total = max(total, done)
            if progress is not None:
                progress(done, total)

        if not first:
            graph.make_indexes(self.connection, edges=not fresh)
        if gone:
            self._remove(gone)
        self._read(changed, known, report, advance, first=first)
        report.complete = not self._cancelled.is_set()
        graph.make_indexes(self.connection, edges=not fresh)
        if report.complete:
            self._on_read()
        if report.complete and resolve:
            waiting = graph.unresolved_files(self.connection)
            total = done + len(waiting)
            self._resolve(waiting, report, advance, fresh=fresh)
            graph.make_indexes(self.connection)

    def _remove(self, gone: list[graph.FileRow]) -> None:
        affected = _Affected()
        self._moved = True
        for row in gone:
            names = changed_names(self._interface(row.path), {})
            affected.note(f"{self.folder}/{row.path}", names, is_new=True)
        with graph.transaction(self.connection):
            graph.remove_files(self.connection, [row.id for row in gone])
            graph.note_change(self.connection, paths=True)
            graph.mark_unresolved(self.connection, affected.files(self.connection))

    def _interface(self, path: str) -> Mapping[str, int]:
        """What others can see of a file as it is stored; nothing of a new or a damaged one."""
        known = self._interfaces.pop(path, None)
        if known is not None:
            return known
        stored = graph.read_facts(self.connection, path)
        if stored is None:
            return {}
        try:
            return interface(Unit.stored(path, stored[2]))
        except msgspec.DecodeError:
            log.warning("the stored facts of %s are damaged; they are replaced", path)
            return {}

    def _read(
        self,
        changed: list[Found],
        known: dict[str, graph.FileRow],
        report: Report,
        advance: Callable[[int], None],
        *,
        first: bool,
    ) -> None:
        pending: list[graph.ReadFile] = []
        replies = self._pool.run(
            _batches(changed),
            lambda batch: {
                "do": "read",
                "folder": self.folder,
                "files": [(found.path, found.language) for found in batch],
                "max_bytes": self._settings.index.max_file_bytes,
                "compare": not first,
            },
            deadline_s=_DEADLINE_S,
            single_deadline_s=_SINGLE_DEADLINE_S,
            cancelled=self._cancelled,
        )
        for batch, answer, failure in replies:
            if failure:
                self._quarantine(batch[0], failure, report)
            else:
                for found, item in zip(batch, answer, strict=True):
                    if isinstance(item, str):
                        self._leave_out(found, item, known)
                    elif "fault" in item:
                        self._quarantine(found, item["fault"], report)
                    else:
                        pending.append(msgspec.convert(item, graph.ReadFile))
            if len(pending) >= _WRITTEN_AT_ONCE:
                self._write(pending, known, report, first=first)
                pending = []
            advance(len(batch))
        if pending:
            self._write(pending, known, report, first=first)

    def _write(
        self,
        items: list[graph.ReadFile],
        known: dict[str, graph.FileRow],
        report: Report,
        *,
        first: bool,
    ) -> None:
        """Write files, and in the same breath note whose edges this makes wrong."""
        affected = _Affected()
        same = [item for item in items if _is_same(item, known.get(item.path))]
        new = [item for item in items if not _is_same(item, known.get(item.path))]
        if not first:
            for item in new:
                names = changed_names(self._interface(item.path), item.interface)
                self._differs = self._differs or bool(names)
                is_new = item.path not in known
                affected.note(f"{self.folder}/{item.path}", names, is_new=is_new)
                self._interfaces[item.path] = item.interface
            for path in list(self._interfaces)[:-_MOST_INTERFACES]:
                del self._interfaces[path]
        moved = any(item.path not in known for item in new)
        self._changed.update(f"{self.folder}/{item.path}" for item in new)
        self._moved = self._moved or moved
        with graph.transaction(self.connection):
            graph.write_files(self.connection, new, fresh=first)
            if new:
                graph.note_change(self.connection, paths=moved)
            graph.mark_unresolved(self.connection, affected.files(self.connection))
            graph.touch_files(
                self.connection,
                [(known[item.path].id, item.size, item.mtime_ns) for item in same],
            )
        report.n_read += len(new)

    def _quarantine(self, found: Found, reason: str, report: Report) -> None:
        log.warning("%s is left out: it %s", found.path, reason)
        report.problems.append(
            f"{found.path} is left out of the index because it {reason};"
            " it is tried again when it changes."
        )
        with graph.transaction(self.connection):
            graph.write_left_out(self.connection, [_left_out(found, reason, is_fault=True)])

    def _leave_out(
        self,
        found: Found,
        reason: str,
        known: dict[str, graph.FileRow],
    ) -> None:
        """A file that is not worth reading, or has vanished while we were about to."""
        log.info("%s was not read: %s", found.path, reason)
        row = known.get(found.path)
        if row is not None:
            self._remove([row])
        with graph.transaction(self.connection):
            graph.write_left_out(self.connection, [_left_out(found, reason, is_fault=False)])

    def _resolve(
        self,
        waiting: list[tuple[int, str]],
        report: Report,
        advance: Callable[[int], None],
        *,
        fresh: bool,
    ) -> None:
        if not waiting:
            return
        self._pool.prepare(
            {
                "do": "open",
                "indexes": [(self.folder, str(self.database)), *self._others],
                "changed": sorted(self._changed),
                "moved": self._moved,
                "differs": self._differs or self._moved,
                "cache": self._cache,
                "environment": self._environment,
            }
        )
        self._changed = set()
        self._moved = self._differs = False
        paths = [f"{self.folder}/{path}" for _, path in waiting]
        numbers = {f"{self.folder}/{path}": identity for identity, path in waiting}
        # Neighbours share what they import, so a batch is a run of the sorted list.
        batches = [
            paths[start : start + _RESOLVED_AT_ONCE]
            for start in range(0, len(paths), _RESOLVED_AT_ONCE)
        ]
        pending: list[graph.Edges] = []
        replies = self._pool.run(
            batches,
            lambda batch: {"do": "resolve", "paths": batch},
            deadline_s=_DEADLINE_S,
            single_deadline_s=_SINGLE_DEADLINE_S,
            cancelled=self._interrupted,
            at_most=self._n_resolving,
        )
        for batch, answer, failure in replies:
            if failure:
                report.problems.append(f"The uses in {batch[0]} are not known: it {failure}.")
                pending.append(graph.Edges(numbers[batch[0]], [], b"", b""))
            else:
                for path, item in zip(batch, answer, strict=True):
                    if isinstance(item, dict):
                        report.problems.append(
                            f"The uses in {path} are not known: it {item['fault']}."
                        )
                        item = (numbers[path], [], b"", b"")
                    if item is not None:
                        pending.append(graph.Edges(*item))
            if len(pending) >= _WRITTEN_AT_ONCE:
                self._write_edges(pending, fresh=fresh)
                pending = []
            report.n_resolved += len(batch)
            advance(len(batch))
        if pending:
            self._write_edges(pending, fresh=fresh)

    def _write_edges(self, pending: list[graph.Edges], *, fresh: bool) -> None:
        with graph.transaction(self.connection):
            graph.write_edges(self.connection, pending, fresh=fresh)


class _Affected:
    """Which files looked up something that has changed."""

    def __init__(self) -> None:
        self._changes: list[tuple[int, set[str]]] = []
        self._modules: set[str] = set()

    def note(self, path: str, names: set[str], *, is_new: bool = False) -> None:
        """Note the names that changed in a file; one that came or went changes imports too."""
        if names:
            self._changes.append((path_hash(path), names))
        if is_new:
            self._modules.update(_module_names(path))

    def files(self, connection: graph.Connection) -> list[int]:
        """The ids of the files to resolve again."""
        if not self._changes and not self._modules:
            return []
        modules = sum({1 << module_bit(name) for name in self._modules})
        masks = [
            (place, sum({1 << name_bit(name) for name in names}), EVERYTHING in names)
            for place, names in self._changes
        ]
        found: list[int] = []
        for identity, sources, names in graph.all_sources(connection):
            filter_bits = int.from_bytes(names, "little")
            if filter_bits & modules:
                found.append(identity)
                continue
            places = memoryview(sources).cast("I")
            anywhere = bool(places) and places[0] == ANYWHERE
            for place, bits, everything in masks:
                if (anywhere or place in places) and (everything or filter_bits & bits):
                    found.append(identity)
                    break
        return found


def _left_out(found: Found, reason: str, *, is_fault: bool) -> graph.LeftOut:
    # What the system did not let us read may be readable next time, without having changed.
    mtime_ns = -1 if reason.startswith("[Errno") else found.mtime_ns
    return graph.LeftOut(found.path, found.size, mtime_ns, reason, is_fault)


def _module_names(path: str) -> set[str]:
    """By which parts of a module's name a file is imported."""
    folder, _, name = path.rpartition("/")
    stem = name.split(".", 1)[0]
    parent = folder.rpartition("/")[2]
    return {stem, parent} if stem in ("__init__", "index", "mod", "package") else {stem}


def _is_same(item: graph.ReadFile, row: graph.FileRow | None) -> bool:
    return row is not None and (row.digest, row.language) == (item.digest, item.language)


def _batches(found: list[Found]) -> Iterable[list[Found]]:
    """Runs of files of about the same size in bytes, so that workers end together."""
    batch: list[Found] = []
    n_bytes = 0
    for item in found:
        batch.append(item)
        n_bytes += item.size
        if n_bytes >= _BATCH_BYTES or len(batch) >= _BATCH_FILES:
            yield batch
            batch, n_bytes = [], 0
    if batch:
        yield batch
