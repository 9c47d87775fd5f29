"""An index under its lock: opened, brought up to date, and rebuilt when it is damaged."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from nootropic_lsp import __version__
from nootropic_lsp.index.indexer import Indexer, Progress, Report
from nootropic_lsp.index.libraries import Libraries
from nootropic_lsp.index.places import Place, is_ours, make_ours, remove_old_versions
from nootropic_lsp.settings.options import Settings
from nootropic_lsp.store import graph

log = logging.getLogger(__name__)

# Notes in the database: whether it has been complete, and whether its last keeper closed it.
_COMPLETE, _CLOSED = "complete", "closed"
_RELEASE = "release"


def was_complete(connection: graph.Connection) -> bool:
    """Whether an index has been complete since it was made."""
    return graph.read_meta(connection, _COMPLETE) == "1"


class Keeper:
    """The only writer of one folder's index. Whoever makes one holds the lock.

    Raises `NoRoomError` when the index cannot be kept at its place.
    """

    def __init__(
        self,
        folder: str,
        place: Place,
        settings: Settings,
        *,
        others: Sequence[tuple[str, Place]] = (),
        cache: str = "",
        environment: str | None = None,
        tell: Callable[[str], object] = lambda _sentence: None,
        on_read: Callable[[], object] = lambda: None,
        in_background: bool = False,
    ) -> None:
        self._place = place
        self._others = others
        self._max_bytes = settings.index.max_disk_bytes
        self._tell = tell
        self._on_read = on_read
        self._is_whole = False  # whether the present run looks at the whole folder
        self._open: Callable[[], Indexer] = lambda: Indexer(
            folder,
            place.database,
            settings,
            cache=cache,
            environment=environment,
            on_read=self._read,
            in_background=in_background,
        )
        try:
            make_ours(place)
            remove_old_versions(place)
            if cache:
                libraries = Libraries(Path(cache))
                libraries.trim()
                libraries.close()
            self.indexer = self._open()
            if self.indexer.rebuilt:
                tell(graph.DAMAGED)
            connection = self.indexer.connection
            # After a crash of the machine, the file system may have kept only a part of it.
            if graph.read_meta(connection, _CLOSED) == "0" and not graph.is_sound(connection):
                self._rebuild()
            self._forget_faults_of_others()
            graph.write_meta(self.indexer.connection, _CLOSED, "0")
        except (graph.DatabaseError, graph.NoRoomError) as error:
            raise self._no_room(error) from error

    def run(self, request: Mapping[str, Any], progress: Progress | None = None) -> Report:
        """Do what is asked: "sync", "update" some "paths", "rebuild", or "check" for damage.

        With "resolve" set to False, the edges of what is new are left for another time.
        """
        try:
            report = self._run(request, progress)
            if not report.problems or graph.is_sound(self.indexer.connection):
                return report
        except (graph.DatabaseError, graph.DamagedIndexError) as error:
            if graph.is_without_room(error):
                raise self._no_room(error) from error
            log.warning("the index is damaged: %s", error)
        self._rebuild()
        try:
            return self._run({"do": "sync"}, progress)
        except graph.DatabaseError as error:
            # Twice in a row is no accident: the disk does not keep what it is given.
            raise self._no_room(error) from error

    def _run(self, request: Mapping[str, Any], progress: Progress | None) -> Report:
        indexer = self.indexer
        connection = indexer.connection
        is_too_big = False

        def watch(done: int, total: int) -> None:
            nonlocal is_too_big
            if graph.n_bytes(connection) > self._max_bytes:
                is_too_big = True
                indexer.cancel()
            if progress is not None:
                progress(done, total)

        indexer.look_into([(folder, str(o.database)) for folder, o in self._others if _opens(o)])
        if request["do"] == "check" and not graph.is_sound(connection):
            raise graph.DamagedIndexError(graph.DAMAGED)
        if request["do"] == "rebuild":
            indexer.clear()
            graph.write_meta(connection, _COMPLETE, "0")
        self._is_whole = request["do"] != "update"
        if self._is_whole:
            report = indexer.sync(watch, resolve=request.get("resolve", True))
        else:
            report = indexer.update(request["paths"], watch)
        if is_too_big:
            report.problems.append(
                f"The index of {Path(indexer.folder).name} has reached {self._max_bytes / 1e6:,.0f}"
                " MB (index.maxDiskBytes) and takes in no more files; leave some out with"
                " index.exclude, or raise the limit."
            )
        report.complete = report.complete and was_complete(connection)
        return report

    def _read(self) -> None:
        """All files are read: whatever is asked has what it needs."""
        if self._is_whole:
            graph.write_meta(self.indexer.connection, _COMPLETE, "1")
        self._on_read()

    def _forget_faults_of_others(self) -> None:
        """What another release of nootropic could not cope with, this one tries again."""
        connection = self.indexer.connection
        if graph.read_meta(connection, _RELEASE) != __version__:
            graph.forget_left_out(connection)
            graph.write_meta(connection, _RELEASE, __version__)

    def _rebuild(self) -> None:
        self._tell(graph.DAMAGED)
        self.indexer.close()
        graph.remove_graph(self._place.database)
        self.indexer = self._open()
        graph.write_meta(self.indexer.connection, _CLOSED, "0")

    def _no_room(self, error: BaseException) -> graph.NoRoomError:
        """Leave nothing behind on a full disk."""
        with contextlib.suppress(graph.DatabaseError, AttributeError):
            self.indexer.close()
        with contextlib.suppress(graph.NoRoomError):
            graph.remove_graph(self._place.database)
        return graph.NoRoomError(f"the index {self._place.database} cannot be written: {error}")

    def rest(self) -> None:
        """Nothing to do for a while: give back memory, and what the log takes on disk."""
        self.indexer.rest()
        with contextlib.suppress(graph.DatabaseError):
            graph.fold_log(self.indexer.connection)

    def close(self) -> None:
        """End the workers and let go of the database."""
        with contextlib.suppress(graph.DatabaseError):
            graph.write_meta(self.indexer.connection, _CLOSED, "1")
        self.indexer.close()


def _opens(place: Place) -> bool:
    """Whether the index of another folder is there to be read."""
    if not is_ours(place):
        return False
    try:
        graph.open_graph(place.database, readonly=True).close()
    except (graph.DamagedIndexError, graph.NoRoomError):
        return False
    return True
