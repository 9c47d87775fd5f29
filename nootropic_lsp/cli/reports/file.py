"""This file is where a report goes into a file instead of to standard output."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from nootropic_lsp.core.errors import NootropicError


def make_ready(file: str) -> None:
    """See before a long run that a report can be written, and that nobody reads an old one after it."""
    path = Path(file).expanduser()
    with suppress(OSError):  # what matters is whether the file can be written
        path.parent.mkdir(parents=True, exist_ok=True)
    is_new = not path.exists()
    if is_new or path.is_file() or path.is_dir():  # a pipe would end with the first that is written
        write(file, "")
    if is_new:  # it might lie among the files that are looked at
        path.unlink()


def write(file: str, text: str) -> None:
    """Write a report. Raises `NootropicError` if that cannot be done."""
    try:
        Path(file).expanduser().write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise NootropicError(
            f"{file} cannot be written ({error.strerror}); name another file"
        ) from error
