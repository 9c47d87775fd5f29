"""Which workspaces the user trusts, by real path, in a file of the user's own folder."""

from __future__ import annotations

import json
import logging
import os
import stat
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from nootropic_lsp.core.errors import NootropicError
from nootropic_lsp.settings.folders import user_folder

log = logging.getLogger(__name__)


def is_trusted(folder: Path, *, home: Path | None = None) -> bool:
    """Whether the user has trusted exactly this folder.

    A folder inside a trusted one is not trusted with it: what was cloned there
    later is somebody else's.
    """
    wanted = os.path.normcase(os.path.realpath(folder))
    return any(os.path.normcase(each) == wanted for each in trusted_folders(home=home))


def trusted_folders(*, home: Path | None = None) -> tuple[Path, ...]:
    """All trusted folders. A list that cannot be believed counts as empty, and is logged."""
    try:
        return _read(_file(home))
    except NootropicError as error:
        log.warning("%s", error)
        return ()


def trust(folder: Path, *, home: Path | None = None) -> None:
    """Trust a folder from now on. Raises `NootropicError` if that cannot be written down."""
    real = Path(os.path.realpath(folder))
    if not real.is_dir():
        raise NootropicError(f"{folder} is not a folder, so there is nothing to trust")
    file = _file(home)
    _write(file, {*_read(file), real})


def distrust(folder: Path, *, home: Path | None = None) -> bool:
    """Trust a folder no longer; False if it was not trusted. Works for a deleted folder too."""
    file = _file(home)
    wanted = os.path.normcase(os.path.realpath(folder))
    folders = _read(file)
    kept = [each for each in folders if os.path.normcase(each) != wanted]
    if len(kept) == len(folders):
        return False
    _write(file, kept)
    return True


def _file(home: Path | None) -> Path:
    return (user_folder() if home is None else home) / "trusted.json"


def _read(file: Path) -> tuple[Path, ...]:
    try:
        with file.open(encoding="utf-8") as opened:
            mode = os.fstat(opened.fileno()).st_mode
            if sys.platform != "win32" and mode & (stat.S_IWGRP | stat.S_IWOTH):
                raise NootropicError(
                    f"{file} can be written by others, so no workspace is trusted; "
                    f"look through it, then `chmod 600 {file}`"
                )
            table = json.load(opened)
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError as error:
        raise NootropicError(
            f"{file} cannot be read ({error.strerror}), so no workspace is trusted; "
            "check its permissions"
        ) from error
    except (ValueError, RecursionError) as error:
        raise NootropicError(
            f"{file} is damaged, so no workspace is trusted; remove it and trust anew"
        ) from error
    folders = table.get("folders") if isinstance(table, dict) else None
    if not isinstance(folders, list) or not all(isinstance(each, str) for each in folders):
        raise NootropicError(
            f"{file} is damaged, so no workspace is trusted; remove it and trust anew"
        )
    return tuple(Path(each) for each in folders)


def _write(file: Path, folders: Iterable[Path]) -> None:
    """Replace the list in one step, readable by its owner only."""
    text = json.dumps({"version": 1, "folders": sorted(map(str, folders))}, indent=2) + "\n"
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # `mkstemp` creates with mode 600. On Windows the folders of a user's profile keep
        # other users out, and the mode means nothing.
        handle, temporary = tempfile.mkstemp(prefix=".trusted-", dir=file.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as opened:
                opened.write(text)
                opened.flush()
                os.fsync(opened.fileno())
            Path(temporary).replace(file)
        except BaseException:
            Path(temporary).unlink()
            raise
    except (OSError, UnicodeEncodeError) as error:
        raise NootropicError(
            f"{file} cannot be written ({error}); NOOTROPIC_HOME can name another folder"
        ) from error
