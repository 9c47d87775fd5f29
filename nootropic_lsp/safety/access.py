"""Which files a model may be given, and which may be written for one."""

# Paths are strings here, as in `ignore`.
# ruff: noqa: PTH100, PTH118
from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Iterable
from pathlib import Path

from nootropic_lsp.safety.ignore import AI_IGNORE_FILES, Ignore, repository_of
from nootropic_lsp.settings.options import IndexSettings


class Readable:
    """What models may be given of some folders, by their ignore files as they are now.

    A file is kept back by the same lines as from the index, and by those of an `.aiignore`,
    which leave it in the index: no `!pattern` of one kind brings back what the other keeps.
    """

    def __init__(self, roots: Iterable[Path], *, index: IndexSettings | None = None) -> None:
        index = IndexSettings() if index is None else index
        self._folders = [_Folder(os.path.abspath(root), index) for root in roots]

    def may_read(self, path: str | os.PathLike[str]) -> bool:
        """Whether a file lies in one of the folders and none of its ignore files names it.

        A link is looked at as itself and as what it leads to.
        """
        whole = os.path.abspath(path)
        real = os.path.realpath(whole)
        return self._is_free(whole) and (whole == real or self._is_free(real))

    def _is_free(self, path: str) -> bool:
        around = [folder for folder in self._folders if _is_below(path, folder.path)]
        around += [folder for folder in self._folders if _is_below(path, folder.real)]
        return bool(around) and not any(folder.keeps_back(path) for folder in around)


class _Folder:
    """One root with its ignore files, by the path it is known by and by its real one."""

    def __init__(self, path: str, index: IndexSettings) -> None:
        self.path, self.real = path, os.path.realpath(path)
        self._kept = Ignore(
            Path(self.path), use_gitignore=index.use_gitignore, exclude=index.exclude
        )
        # Who opens one folder of a repository means the lines above it as well.
        self._above = repository_of(self.path) or self.path
        self._ours = Ignore(Path(self._above), files=AI_IGNORE_FILES)

    def keeps_back(self, path: str) -> bool:
        below = os.path.relpath(path, self.path if _is_below(path, self.path) else self.real)
        within = os.path.join(os.path.relpath(self.path, self._above), below)
        return self._kept.matches(below, is_dir=False) or self._ours.matches(within, is_dir=False)


def may_write(root: Path, path: str | os.PathLike[str]) -> bool:
    """Whether a file may be written for a model: an ordinary one inside the workspace.

    Not in the data of a version control or of nootropic itself, not what says which files
    models may see, and not by way of a link that leads out.
    """
    text = os.fspath(path)
    if not text or "\0" in text:
        return False
    top = os.path.realpath(root)
    whole = os.path.join(os.path.abspath(root), text)
    # What a link is called may be anything, so the names count as they are written too.
    written = os.path.relpath(os.path.normpath(whole), os.path.abspath(root))
    real = os.path.realpath(whole)
    if real == top or not _is_below(real, top):
        return False
    names = [*Path(written).parts, *Path(os.path.relpath(real, top)).parts]
    if any(_is_kept(name) for name in names):
        return False
    try:
        status = os.lstat(whole)
    except OSError:
        return True
    return stat.S_ISREG(status.st_mode)


_KEPT = re.compile(
    r"\.git|git~[0-9]+|\.hg|\.svn|\.jj|\.bzr|\.vectorstore|\.nootropic.*|nootro~[0-9]+|\.aiignore"
)


def _is_kept(name: str) -> bool:
    """Some file systems take capitals for small letters, and leave out dots and blanks at the end."""
    plain = name.partition(":")[0] if sys.platform == "win32" else name
    plain = "".join(each for each in plain if each.isprintable() and each not in _INVISIBLE)
    return _KEPT.fullmatch(plain.rstrip(". ").lower()) is not None


# HFS+ leaves these out when it compares names.
_INVISIBLE = frozenset("\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u206a\ufeff")


def _is_below(path: str, root: str) -> bool:
    try:
        return os.path.commonpath((path, root)) == root
    except ValueError:  # another drive
        return False
