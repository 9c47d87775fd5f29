"""Checkpoints on the disk: what files held before and after they were written, and how far that got.

A folder holds `objects`, the contents by their digest, and a manifest per checkpoint. What is
written is written in one step, so that a `kill -9` leaves the state before or the one after.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Literal

import msgspec

State = Literal["applying", "applied", "undoing", "undone"]
_OBJECTS = "objects"
_VERSION = 1


class Entry(msgspec.Struct, frozen=True):
    """A file of a checkpoint: its path in the workspace and the digests of its contents.

    None stands for no file. `mode` is that of the permissions before, of a new file its own.
    """

    path: str
    before: str | None
    after: str | None
    mode: int


class Checkpoint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was done to the files of a workspace at one time; `made` is in seconds since 1970."""

    id: str
    made: float
    title: str
    state: State
    entries: tuple[Entry, ...]
    version: int = _VERSION


def digest(content: bytes) -> str:
    """What a content is told apart by."""
    return blake2b(content, digest_size=20).hexdigest()


def put(home: Path, content: bytes) -> str:
    """Keep a content; its digest."""
    name = digest(content)
    file = _object(home, name)
    if not file.is_file():
        file.parent.mkdir(parents=True, exist_ok=True)
        replace(file, content)
    return name


def get(home: Path, name: str) -> bytes | None:
    """A content that was kept, or None if it is not there as it was."""
    with contextlib.suppress(OSError):
        content = _object(home, name).read_bytes()
        if digest(content) == name:
            return content
    return None


def write(home: Path, checkpoint: Checkpoint) -> None:
    """Write a manifest in place of an earlier one."""
    replace(home / f"{checkpoint.id}.json", msgspec.json.encode(checkpoint))


def read(home: Path) -> list[Checkpoint]:
    """All checkpoints, the latest first. A manifest that cannot be read is passed over."""
    return sorted(_manifests(home), key=lambda each: each.id, reverse=True)


def _manifests(home: Path) -> Iterator[Checkpoint]:
    for file in home.glob("*.json"):
        with contextlib.suppress(OSError, msgspec.MsgspecError):
            found = msgspec.json.decode(file.read_bytes(), type=Checkpoint)
            if found.id == file.stem and found.version == _VERSION:
                yield found


def prune(home: Path, *, most: int, most_bytes: int) -> None:
    """Remove the oldest checkpoints beyond these bounds, never the latest, and what is left over."""
    used: set[str] = set()
    total = 0
    for n, checkpoint in enumerate(read(home)):
        names = {
            name for each in checkpoint.entries for name in (each.before, each.after) if name
        } - used
        total += sum(_size(_object(home, name)) for name in names)
        if n and (n >= most or total > most_bytes):
            (home / f"{checkpoint.id}.json").unlink(missing_ok=True)
            total = most_bytes + 1  # those before it are older still
        else:
            used |= names
    for file in (home / _OBJECTS).glob("*/*"):
        if file.name not in used:
            file.unlink(missing_ok=True)


def replace(file: Path, content: bytes, *, mode: int | None = None) -> None:
    """Write a file in one step, and have it on the disk."""
    temporary = prepared(file, content, mode=mode)
    try:
        temporary.replace(file)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def prepared(file: Path, content: bytes, *, mode: int | None = None, prefix: str = ".new-") -> Path:
    """A temporary file beside another one, that can take its place."""
    handle, name = tempfile.mkstemp(prefix=prefix, dir=file.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        if mode is not None:
            temporary.chmod(mode)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _object(home: Path, name: str) -> Path:
    return home / _OBJECTS / name[:2] / name


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0
