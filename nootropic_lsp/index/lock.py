"""One writer per workspace: an operating-system lock, held for as long as its process lives."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import tempfile
from pathlib import Path
from typing import IO


class WriterLock:
    """Whether this process is the one that may write an index.

    The process number in the file is for people; only the lock counts.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    @property
    def held(self) -> bool:
        """Whether we hold it now."""
        return self._file is not None

    def acquire(self, *, wait: bool = False) -> bool:
        """Take the lock if nobody has it, or when nobody has it any more.

        Raises `OSError` where there can be no lock at all.
        """
        if self._file is not None:
            return True
        self._path.parent.mkdir(parents=True, exist_ok=True)
        if self._path.is_symlink():
            # It would have us write somewhere else.
            raise OSError(errno.ELOOP, "the lock is a link", str(self._path))
        # Kept open for life; a second handle would release it on POSIX when closed.
        file = self._path.open("a+b", buffering=0)
        try:
            if not _lock(file, wait=wait):
                file.close()
                return False
        except OSError:
            file.close()
            raise
        # On a full disk the lock counts all the same.
        with contextlib.suppress(OSError):
            file.truncate(0)
            file.write(b"%d\n" % os.getpid())
        self._file = file
        return True

    def is_free(self) -> bool:
        """Whether nobody holds it just now. Raises like `acquire`."""
        if not self.acquire():
            return False
        self.release()
        return True

    def is_in_place(self) -> bool:
        """Whether the file that we have locked is still the one that others find."""
        try:
            there = self._path.stat()
        except OSError:
            return False
        return self._file is not None and os.path.samestat(os.fstat(self._file.fileno()), there)

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


def locks_work_in(folder: Path) -> bool:
    """Whether a file in a folder can be written and locked, as some network drives do not allow."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x" * 4096)
            file.flush()
            return _lock(file, wait=False)
    except OSError:
        return False


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes], *, wait: bool) -> bool:
        while True:
            try:
                # Far behind the text, so that the number can still be read by others.
                file.seek(1 << 20)
                msvcrt.locking(file.fileno(), msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
            except PermissionError:
                return False
            except OSError as error:
                # Windows gives up after ten seconds.
                if not wait or error.errno != errno.EDEADLK:
                    raise
            else:
                return True

else:
    import fcntl

    def _lock(file: IO[bytes], *, wait: bool) -> bool:
        try:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except OSError as error:
            if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
                return False
            raise
        return True
