"""Whether a folder of state was made by this user here, or came with a repository.

A database that came with a repository may lie, or make SQLite do what its author likes
(a journal beside it can name any file to be deleted). So the index in a workspace counts
only with a seal: a digest of its path under a key that never leaves the user's folder.
"""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from hashlib import blake2b
from hmac import compare_digest
from pathlib import Path

from nootropic_lsp.core.errors import NootropicError
from nootropic_lsp.settings.folders import user_folder

_KEY_BYTES = 32
_SEAL = "seal"


def seal(folder: Path, *, home: Path | None = None) -> bool:
    """Mark a folder as made by us; False if there is no place for a key to do it with."""
    wanted = _seal_of(folder, home)
    if wanted is None:
        return False
    try:
        _replace(folder / _SEAL, wanted.encode())
    except OSError:
        return False
    return True


def is_sealed(folder: Path, *, home: Path | None = None) -> bool:
    """Whether we have sealed this folder, at this path."""
    wanted = _seal_of(folder, home)
    found = _read(folder / _SEAL)
    return wanted is not None and found is not None and compare_digest(found, wanted.encode())


def can_seal(*, home: Path | None = None) -> bool:
    """Whether there is a key, or a place for one."""
    return _key(home) is not None


def private_folder(folder: Path) -> bool:
    """Make a folder that no other user can look into; False if there is anything else there."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = os.lstat(folder)
    except OSError:
        return False
    if sys.platform == "win32":
        return stat.S_ISDIR(status.st_mode)
    return (
        stat.S_ISDIR(status.st_mode)
        and status.st_uid == os.geteuid()
        and not status.st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    )


def _seal_of(folder: Path, home: Path | None) -> str | None:
    key = _key(home)
    if key is None:
        return None
    path = os.path.normcase(os.path.realpath(folder))
    return blake2b(path.encode("utf-8", "surrogatepass"), key=key, digest_size=32).hexdigest()


def _key(home: Path | None) -> bytes | None:
    """The user's key, made when it is first needed; None where none can be kept."""
    try:
        file = (user_folder() if home is None else home) / "key"
        known = _read(file)
        if known is None:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _replace(file, os.urandom(_KEY_BYTES), keep=True)
            known = _read(file)
    except (OSError, NootropicError):
        return None
    return known if known is not None and len(known) == _KEY_BYTES else None


def _read(file: Path) -> bytes | None:
    """The content of a small regular file. Anything else, such as a pipe, is not waited for."""
    try:
        if not stat.S_ISREG(os.lstat(file).st_mode):
            return None
        with file.open("rb") as opened:
            return opened.read(200)
    except OSError:
        return None


def _replace(file: Path, content: bytes, *, keep: bool = False) -> None:
    """Write a file in one step, for its owner only. With `keep`, one that is there stays."""
    handle, name = tempfile.mkstemp(prefix=".new-", dir=file.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(content)
        if keep and file.is_file():
            return
        if keep and hasattr(os, "link"):
            try:
                # Of two processes that make a key at the same time, the first wins.
                file.hardlink_to(temporary)
            except FileExistsError:
                pass
            except OSError:  # A file system without hard links.
                temporary.replace(file)
        else:
            temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)
