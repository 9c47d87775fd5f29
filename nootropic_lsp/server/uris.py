"""This file is where URIs become paths, and paths URIs."""

from __future__ import annotations

import os
import re
from functools import lru_cache
from urllib.parse import quote, unquote

WINDOWS = os.name == "nt"
_DRIVE = re.compile(r"/?([A-Za-z]):(?=[/\\]|$)")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")  # Two letters at least: `C:` is a drive.


@lru_cache(maxsize=4096)
def to_path(uri: str, *, windows: bool = WINDOWS) -> str:
    """The absolute path of a file URI, with "/" on every system; any other URI is its own name."""
    if uri[:7].lower() != "file://":
        return uri
    authority, slash, rest = uri[7:].partition("/")
    path = unquote((slash + rest).partition("?")[0].partition("#")[0])
    if authority.lower() == "localhost":
        authority = ""
    if "\0" in path or not path or (authority and not windows):
        return uri
    if not windows:
        return os.path.normpath(path).replace("//", "/", 1)
    if authority:
        return f"//{unquote(authority)}{path}".replace("\\", "/")
    if drive := _DRIVE.match(path):
        path = f"{drive[1].upper()}:{path[drive.end() :] or '/'}"
    return path.replace("\\", "/")


@lru_cache(maxsize=4096)
def to_uri(path: str, *, windows: bool = WINDOWS) -> str:
    """The URI of an absolute path; what is a URI already stays what it is."""
    if windows:
        slashed = path.replace("\\", "/")
        if slashed.startswith("//"):
            return "file:" + quote(slashed)
        if _DRIVE.match(slashed):
            # As VS Code spells it, so that two spellings of one file stay rare.
            return "file:///" + quote(slashed[0].lower() + slashed[1:])
    if path.startswith("/"):
        return "file://" + quote(path)
    return path


def is_uri(target: str) -> bool:
    """Whether a text is an address rather than a path."""
    return _SCHEME.match(target) is not None
