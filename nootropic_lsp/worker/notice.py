"""Where a worker says how it is reached: a file that only its user can read."""

from __future__ import annotations

import contextlib
import json
import tempfile
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from nootropic_lsp.core.errors import NootropicError
from nootropic_lsp.index.lock import WriterLock
from nootropic_lsp.safety.seal import private_folder
from nootropic_lsp.settings.folders import cache_folder

LOG = "worker.log"
FILE = "worker.json"
_FOLDER = "workers"
_LOCK = "worker.lock"


class Notice(NamedTuple):
    """How a worker is reached. Whoever has the token may ask it everything."""

    pid: int
    port: int
    token: str
    version: str

    @property
    def address(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"


def folder_of(root: Path) -> Path:
    """The private folder of a workspace's worker. Raises `NootropicError` if there can be none."""
    name = blake2b(str(root).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    folder = cache_folder() / _FOLDER / name
    if not private_folder(folder):
        raise NootropicError(
            f"there can be no worker for {root}: {folder} cannot be made, or others may look into it"
        )
    return folder


def folders() -> list[Path]:
    """The folders of all workers that there have been."""
    try:
        return sorted((cache_folder() / _FOLDER).iterdir())
    except OSError:
        return []


def lock_of(folder: Path) -> WriterLock:
    """The lock that a worker holds as long as it lives."""
    return WriterLock(folder / _LOCK)


def read(folder: Path) -> Notice | None:
    """What the worker says, if there is one."""
    try:
        said = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return Notice(int(said["pid"]), int(said["port"]), str(said["token"]), str(said["version"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write(folder: Path, notice: Notice) -> None:
    """Say how we are reached. Raises `OSError`."""
    # Temporary files are made for their owner only.
    with tempfile.NamedTemporaryFile(
        "w", dir=folder, prefix=f"{FILE}-", delete=False, encoding="utf-8"
    ) as file:
        json.dump(notice._asdict(), file)
    Path(file.name).replace(folder / FILE)


def remove(folder: Path, notice: Notice) -> None:
    """Say no more, if nobody else has said something since."""
    if read(folder) == notice:
        with contextlib.suppress(OSError):
            (folder / FILE).unlink()
