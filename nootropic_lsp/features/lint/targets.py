"""Which files are to be linted: those that would be indexed, and what the user names."""

# Paths are strings here, because a workspace has tens of thousands of them and `Path` is slow.
# ruff: noqa: PTH111, PTH112, PTH118, PTH116, PTH123
from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nootropic_lsp.core.errors import NootropicError
from nootropic_lsp.features.lint.excluded import is_excluded
from nootropic_lsp.index.discover import HEAD_BYTES, Found, discover, ignore_of, language_of
from nootropic_lsp.settings.options import Settings

_FEW = 20


@dataclass(slots=True)
class Targets:
    """`chosen` are to be looked at; `explicit` of them were named by the user one by one.

    `workspace` are all files of the workspace, None where nobody had to find that out.
    """

    chosen: list[Found] = field(default_factory=list)
    explicit: set[str] = field(default_factory=set)
    workspace: list[Found] | None = None
    notes: list[str] = field(default_factory=list)


def targets(
    root: Path, paths: Sequence[str], settings: Settings, *, force_exclude: bool = False
) -> Targets:
    """The files that some paths mean, without any all of the workspace.

    Named files count though they are ignored, unless `force_exclude`. Raises `NootropicError`
    for a path where nothing is.
    """
    wanted = {each: os.path.realpath(os.path.expanduser(each)) for each in paths}
    prefix = os.path.join(str(root), "")
    everything: list[Found] = []
    found = Targets()
    # Walking through a large workspace takes longer than looking at a few files.
    if not paths or len(paths) > _FEW or any(map(os.path.isdir, wanted.values())):
        everything = found.workspace = list(discover(root, settings=settings.index))

    folders = [root.as_posix()]

    def is_left_out(path: str) -> bool:
        return is_excluded(path.replace(os.sep, "/"), folders, settings.lint.exclude)

    if not paths:
        found.chosen = [each for each in everything if not is_left_out(each.path)]
        return found
    chosen: dict[str, Found] = {}
    ignore = ignore_of(root, settings.index)
    for written, path in wanted.items():
        if os.path.isdir(path):
            for each in _below(path, prefix, everything, settings):
                if not is_left_out(each.path):
                    chosen[each.path] = each
            continue
        named = _named(written, path)
        is_inside = path.startswith(prefix)
        if force_exclude and (is_left_out(path) or (is_inside and ignore.matches(path, False))):
            continue
        if named is None:
            found.notes.append(f"{written}: not in a language that is linted")
            continue
        chosen[path] = named
        if not force_exclude:
            found.explicit.add(path)
    found.chosen = list(chosen.values())
    return found


def _below(
    folder: str, prefix: str, workspace: Iterable[Found], settings: Settings
) -> Iterator[Found]:
    inside = os.path.join(folder, "")
    if prefix.startswith(inside) and prefix != inside:
        # A folder around the workspace.
        yield from discover(Path(folder), settings=settings.index)
        return
    among = [each for each in workspace if each.path.startswith(inside)]
    # Who names a folder that is ignored, or lies elsewhere, wants to see what is in it.
    yield from among or discover(Path(folder), settings=settings.index)


def _named(written: str, path: str) -> Found | None:
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            raise NootropicError(f"{written} is not a file or folder; name one that exists")
        with open(path, "rb", buffering=0) as opened:
            head = opened.read(HEAD_BYTES)
    except FileNotFoundError as error:
        raise NootropicError(f"{written} does not exist; name a file or folder") from error
    except OSError:
        # That it cannot be read is said where it is looked at.
        head = b""
        status = os.lstat(path)
    language = language_of(path, head)
    return None if language is None else Found(path, language, status.st_size, status.st_mtime_ns)
