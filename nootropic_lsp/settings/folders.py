"""Where settings and caches of the user lie."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from nootropic_lsp.core.errors import NootropicError


def user_folder(environ: Mapping[str, str] | None = None) -> Path:
    """Where the user's own settings and trusted workspaces are kept; it may not exist yet."""
    environ = os.environ if environ is None else environ
    own = environ.get("NOOTROPIC_HOME")
    return Path(own).absolute() if own else _home(environ) / ".nootropic"


def cache_folder(environ: Mapping[str, str] | None = None, *, platform: str = sys.platform) -> Path:
    """Where what can be rebuilt is kept, as the platform has it; it may not exist yet."""
    environ = os.environ if environ is None else environ
    own = environ.get("NOOTROPIC_HOME")
    if own:
        return Path(own).absolute() / "cache"
    named = environ.get("LOCALAPPDATA" if platform == "win32" else "XDG_CACHE_HOME", "")
    # The XDG specification has relative paths ignored.
    if Path(named).is_absolute():
        return Path(named) / "nootropic"
    if platform == "win32":
        return _home(environ) / "AppData" / "Local" / "nootropic"
    if platform == "darwin":
        return _home(environ) / "Library" / "Caches" / "nootropic"
    return _home(environ) / ".cache" / "nootropic"


def _home(environ: Mapping[str, str]) -> Path:
    named = environ.get("USERPROFILE" if sys.platform == "win32" else "HOME", "")
    if Path(named).is_absolute():
        return Path(named)
    try:
        return Path.home()
    except RuntimeError as error:
        raise NootropicError(
            "this user has no home folder; set NOOTROPIC_HOME to a folder for settings and caches"
        ) from error
