"""The folder that a vector database has in a workspace: ours, or left alone.

These databases keep parts of themselves as pickles, which run code when they are read. So a
folder is opened only if it has our seal; one that was moved, or came with a repository, is made
anew if it is plainly a folder of nootropic's, and refused if it may be anything else.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from nootropic_lsp.core.errors import VectorStoreError
from nootropic_lsp.safety.seal import is_sealed, seal

FOLDER = ".vectorstore"
_SEAL = "seal"


def prepared(folder: Path) -> None:
    """Make the folder ours, with a `.gitignore` of its own. Raises `VectorStoreError`."""
    try:
        if folder.is_symlink():
            raise VectorStoreError(f"{folder} is a link; remove it, and vectors are kept there")
        if folder.is_dir() and not is_sealed(folder):
            if not (folder / _SEAL).is_file() and any(folder.iterdir()):
                raise VectorStoreError(
                    f"{folder} was not made by nootropic; move it away, and vectors are kept there"
                )
            shutil.rmtree(folder)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".gitignore").write_text("*\n", encoding="utf-8")
    except OSError as error:
        raise VectorStoreError(f"{folder} cannot be written: {error.strerror}") from error
    if not is_sealed(folder) and not seal(folder):
        raise VectorStoreError(f"{folder} cannot be sealed: there is no place for a key")


def size_of(folder: Path) -> int:
    """How many bytes the files of a folder have."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(Path(parent, name)).st_size
            except OSError:
                continue
    return total
