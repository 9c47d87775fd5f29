"""`nootropic forget`: show what is kept on disk, and remove it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nootropic_lsp.app import kept_by
from nootropic_lsp.cli import shown
from nootropic_lsp.cli.answer import FOUND, NOTHING_FOUND, Answer
from nootropic_lsp.cli.workspace import root_for
from nootropic_lsp.core.errors import NootropicError
from nootropic_lsp.settings.folders import cache_folder
from nootropic_lsp.worker import notice
from nootropic_lsp.worker.starting import end

# What the user wrote in a folder that is otherwise ours, what keeps that out of git, and by
# what running servers are reached.
_KEPT = frozenset({"plugins", "recipes", "rules", ".gitignore", "run"})


@dataclass(frozen=True)
class _Kept:
    path: Path
    what: str
    bytes: int


def forget(
    *,
    all: bool = False,
    yes: bool = False,
    workspace: str | None = None,
) -> Answer:
    """List everything that can be rebuilt, with its size; with `yes`, remove it.

    Raises `NootropicError` if some of it is in use, and then removes nothing.
    """
    root = root_for(workspace)
    kept = [*_of_workspace(root), *(_shared() if all else ())]
    if yes:
        _refuse_in_use(kept)
        # Workers would write what is removed once more; the next question starts them again.
        for folder in notice.folders() if all else (notice.folder_of(root),):
            end(folder)
        _remove_all(kept)
    total = sum(each.bytes for each in kept)
    summary = f"{'removed' if yes else 'kept'}: {total / 1e6:,.1f} MB"
    hint = "; `--yes` removes it" if kept and not yes else ""
    rows = [(f"{each.bytes / 1e6:,.1f} MB", each.what, str(each.path)) for each in kept]
    return Answer(
        "\n".join(filter(None, (shown.table(rows), summary + hint))),
        {
            "workspace": str(root),
            "removed": yes,
            "bytes": total,
            "kept": [
                {"path": str(each.path), "what": each.what, "bytes": each.bytes} for each in kept
            ],
        },
        code=FOUND if kept else NOTHING_FOUND,
    )


def _of_workspace(root: Path) -> Iterator[_Kept]:
    yield from _inside(root / ".nootropic", "state of this workspace")
    yield from _whole(root / ".nootropic-cache", "registry of capabilities")
    yield from _whole(root / ".vectorstore", "vectors of this workspace")


def _shared() -> Iterator[_Kept]:
    yield from _inside(cache_folder(), "cache of all workspaces")


def _inside(folder: Path, what: str) -> Iterator[_Kept]:
    if _is_ours(folder):
        for child in sorted(folder.iterdir()):
            if child.name not in _KEPT and not child.is_symlink():
                yield _Kept(child, what, _size(child))


def _whole(folder: Path, what: str) -> Iterator[_Kept]:
    if _is_ours(folder):
        yield _Kept(folder, what, _size(folder))


def _is_ours(folder: Path) -> bool:
    # A link may lead to what is not ours: it is neither followed nor removed.
    return folder.is_dir() and not folder.is_symlink()


def _size(path: Path) -> int:
    """Bytes of a file, or of everything in a folder; links count as themselves."""
    try:
        if not path.is_dir() or path.is_symlink():
            return path.lstat().st_size
        return sum(_size(child) for child in path.iterdir())
    except OSError:  # gone meanwhile
        return 0


def _refuse_in_use(kept: Sequence[_Kept]) -> None:
    """Leave an index to the process that keeps it: it would only be made anew at once."""
    for each in kept:
        for index, process in kept_by(each.path):
            raise NootropicError(
                f"nothing was removed: process {process} keeps the index {index}; "
                "close the editor that runs it, or end that process, and try again"
            )


def _remove_all(kept: Sequence[_Kept]) -> None:
    left = []
    for each in kept:
        try:
            _remove(each.path)
        except OSError as error:
            left.append(f"{each.path} cannot be removed ({error.strerror})")
    if left:
        gone = "; the rest is gone" if len(left) < len(kept) else ""
        raise NootropicError(f"{', '.join(left)}{gone}; close the editors on this workspace")


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    _remove_if_idle(path.parent)


def _remove_if_idle(folder: Path) -> None:
    """Remove a folder of ours that holds nothing any more."""
    if folder.name == ".nootropic" and all(each.name == ".gitignore" for each in folder.iterdir()):
        shutil.rmtree(folder)
