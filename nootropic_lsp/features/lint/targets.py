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
from nootropic_lsp.index.discover import HEAD_BYTES, Found, discover, ignore_of, language_of
from nootropic_lsp.safety.ignore import Rules
from nootropic_lsp.settings import Settings


@dataclass(slots=True)
class Targets:
    """`chosen` are to be looked at; `explicit` of them were named by the user one by one.

    `workspace` are all files of the workspace, where that had to be found out.
    """

    chosen: list[Found] = field(default_factory=list)
    explicit: set[str] = field(default_factory=set)
    workspace: list[Found] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def targets(
    root: Path, paths: Sequence[str], settings: Settings, *, force_exclude: bool = False
) -> Targets:
    """The files that some paths mean, without any all of the workspace.

    Named files count though they are ignored, unless `force_exclude`. Raises `NootropicError`
    for a path where nothing is.
    """
    found = Targets(workspace=list(discover(root, settings=settings.index)))
    excluded = Rules(settings.lint.exclude)
    prefix = os.path.join(str(root), "")

    def is_excluded(path: str) -> bool:
        return bool(excluded) and path.startswith(prefix) and _is_excluded(excluded, path, prefix)

    if not paths:
        found.chosen = [each for each in found.workspace if not is_excluded(each.path)]
        return found
    chosen: dict[str, Found] = {}
    known = {each.path: each for each in found.workspace}
    for written in paths:
        path = os.path.realpath(os.path.expanduser(written))
        if os.path.isdir(path):
            for each in _below(path, prefix, found.workspace, settings):
                if not is_excluded(each.path):
                    chosen[each.path] = each
            continue
        named = _named(written, path)
        if force_exclude and (
            is_excluded(path) or (path not in known and _is_left_out(root, path, prefix, settings))
        ):
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


def _is_left_out(root: Path, path: str, prefix: str, settings: Settings) -> bool:
    return path.startswith(prefix) and ignore_of(root, settings.index).matches(path, False)


def _is_excluded(rules: Rules, path: str, prefix: str) -> bool:
    parts = path[len(prefix) :].replace(os.sep, "/").split("/")
    return any(
        rules.verdict("/".join(parts[: number + 1]), name, is_dir=number + 1 < len(parts))
        for number, name in enumerate(parts)
    )
