"""Where the index of a folder may lie, best place first."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nootropic_lsp.index.facts import FACTS_VERSION
from nootropic_lsp.index.lock import WriterLock, locks_work_in
from nootropic_lsp.index.parse import digest
from nootropic_lsp.safety.seal import can_seal, is_sealed, private_folder, seal
from nootropic_lsp.settings.folders import cache_folder
from nootropic_lsp.store import graph

log = logging.getLogger(__name__)

STATE_FOLDER = ".nootropic"
# Linux keeps this folder in memory.
_MEMORY = Path("/dev/shm")
_OLD_S = 30 * 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where an index lies. One inside the workspace counts only with our seal."""

    database: Path
    is_inside: bool = False
    note: str = ""  # why it is not where it should be


def database_of(folder: Path) -> Path:
    """Where the index of a workspace folder lies. The versions are part of the path."""
    version = f"index-{graph.SCHEMA_VERSION}.{FACTS_VERSION}"
    return folder / STATE_FOLDER / version / "graph.db"


def places(folder: str) -> Iterator[Place]:
    """In the folder, else in the user's cache, else in memory, else among temporary files."""
    inside = database_of(Path(folder))
    if can_seal() and _make_state_folder(inside) and _is_usable(inside.parent):
        yield Place(inside, is_inside=True)
    key = digest(folder.encode("utf-8", "surrogatepass")).hex()[:16]
    user = f"nootropic-{os.geteuid()}" if hasattr(os, "geteuid") else "nootropic"
    for root, where, is_shared in (
        (cache_folder() / "workspaces", str(cache_folder()), False),
        (_MEMORY / user, "memory", True),
        (Path(tempfile.gettempdir()) / user, tempfile.gettempdir(), True),
    ):
        if root.parent == _MEMORY and not _MEMORY.is_dir():
            continue
        elsewhere = database_of(root / key)
        # In a folder for everybody, somebody else may have been there first.
        if (not is_shared or private_folder(root)) and _is_usable(elsewhere.parent):
            yield Place(
                elsewhere, note=f"{folder} cannot be written to, so its index is kept in {where}."
            )


def is_ours(place: Place) -> bool:
    """Whether there is an index that we have made."""
    database = place.database
    return database.is_file() and (not place.is_inside or is_sealed(database.parent))


def make_ours(place: Place) -> None:
    """Throw away an index that came from elsewhere. Whoever calls this holds the lock."""
    if place.is_inside:
        _make_state_folder(place.database)
        if not is_sealed(place.database.parent):
            graph.remove_graph(place.database)
            for other in place.database.parent.glob("tokens-*"):
                shutil.rmtree(other, ignore_errors=True)
            if not seal(place.database.parent):
                raise graph.NoRoomError(f"{place.database.parent} cannot be written to")


def remove_old_versions(place: Place) -> None:
    """Remove what other versions of nootropic have not used for a month."""
    ours = place.database.parent
    with contextlib.suppress(OSError):
        for other in ours.parent.glob("index-*"):
            database = other / "graph.db"
            if other == ours or other.is_symlink() or not other.is_dir():
                continue
            newest = max((file.lstat().st_mtime for file in other.iterdir()), default=0.0)
            if time.time() - newest > _OLD_S and WriterLock(other / "lock").is_free():
                log.info("%s has not been used for a month and is removed", database)
                shutil.rmtree(other, ignore_errors=True)


# Rules and recipes are the user's own, and may be shared with a team.
IGNORED = "*\n!/rules/\n!/rules/**\n!/recipes/\n!/recipes/**\n"


def _make_state_folder(database: Path) -> bool:
    """Make `.nootropic` with a `.gitignore` of its own; the user's is never touched.

    False if it leads somewhere else, or cannot be made.
    """
    state = database.parent.parent
    try:
        if state.is_symlink() or database.parent.is_symlink():
            return False
        database.parent.mkdir(parents=True, exist_ok=True)
        # Made only if there is nothing of that name, not even a link.
        with contextlib.suppress(FileExistsError), (state / ".gitignore").open("x") as file:
            file.write(IGNORED)
    except OSError:
        return False
    return True


def _is_usable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return locks_work_in(folder)
