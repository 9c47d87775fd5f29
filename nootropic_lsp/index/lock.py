"""One writer per workspace: an operating-system lock, held for as long as its process lives."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import IO


class WriterLock:
    """Whether this process is the one that may write an index.

    The process number in the file is for people; only the lock counts.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str] | None = None

    @property
    def held(self) -> bool:
        """Whether we hold it now."""
        return self._file is not None

    def acquire(self) -> bool:
        """Take the lock if nobody has it. Raises `OSError` where there can be no lock at all."""
        if self._file is not None:
            return True
        self._path.parent.mkdir(parents=True, exist_ok=True)
        # Kept open for life; a second handle would release it on POSIX when closed.
        file = self._path.open("a+", encoding="utf-8")
        try:
            if not _lock(file):
                file.close()
                return False
        except OSError:
            file.close()
            raise
        file.seek(0)
        file.truncate()
        file.write(f"{os.getpid()}\n")
        file.flush()
        self._file = file
        return True

    def owner(self) -> str:
        """The process number that the owner wrote, "" if there is none."""
        try:
            return self._path.read_text(encoding="utf-8").strip()
        except OSError:
            return ""

    def release(self) -> None:
        """Let another process write."""
        if self._file is not None:
            self._file.close()
            self._file = None


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[str]) -> bool:
        try:
            # Far behind the text, so that the number can still be read by others.
            file.seek(1 << 20)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True

else:
    import errno
    import fcntl

    def _lock(file: IO[str]) -> bool:
        try:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
                return False
            raise
        return True
