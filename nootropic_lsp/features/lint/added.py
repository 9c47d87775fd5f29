"""Which lines of a file were added since the branch left another one, by git's objects.

Git is asked for stored texts only; the files of the workspace are compared here. So nothing that
the workspace configures is run: no file system monitor, no hook, no filter.
"""

from __future__ import annotations

import difflib
import os
import shutil
import subprocess
import sys
from functools import cached_property
from pathlib import Path

from nootropic_lsp.core.errors import NootropicError

_DEADLINE_S = 60.0
# Comparing longer texts line by line takes too long; all of them then counts as added.
_MOST_LINES = 50_000
_OPTIONS = (
    "-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}",
    "-c", "protocol.allow=never", "-c", "core.pager=cat", "--no-pager",
)  # fmt: skip


class Added:
    """What a workspace has beyond a revision. Raises `NootropicError` if git cannot say."""

    def __init__(self, root: str, revision: str) -> None:
        self._git = _program(root)
        self._root = root
        if revision.startswith("-") or not revision:
            raise NootropicError(f"{revision!r} is not a revision; name a branch, tag or commit")
        top = self._ask("rev-parse", "--show-toplevel")
        self._top = os.path.realpath(top.decode("utf-8", "surrogateescape").rstrip("\n"))
        commit = self._commit(revision)
        try:
            # What came to the other branch meanwhile is not ours.
            base = self._ask("merge-base", commit, "HEAD").decode().strip()
        except NootropicError:
            base = ""
        self._base = base or commit

    def lines(self, path: str, text: str) -> frozenset[int] | None:
        """The lines, from 1, that a text has more than the file had; None stands for all."""
        relative = os.path.relpath(os.path.realpath(path), self._top).replace(os.sep, "/")
        if relative.startswith("../"):
            return None
        before = self._stored(self._renamed.get(relative, relative))
        if before is None:
            return None
        old = before.decode("utf-8", "replace").splitlines()
        new = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace").splitlines()
        if max(len(old), len(new)) > _MOST_LINES:
            return None
        matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
        return frozenset(
            line + 1
            for what, _, _, start, end in matcher.get_opcodes()
            if what in ("insert", "replace")
            for line in range(start, end)
        )

    @cached_property
    def _renamed(self) -> dict[str, str]:
        """The old paths of files that were moved since."""
        said = self._ask(
            "diff-tree", "-r", "-z", "-M", "--no-ext-diff", "--diff-filter=R", "--name-status",
            self._base, "HEAD",
        )  # fmt: skip
        parts = said.decode("utf-8", "surrogateescape").split("\0")
        return {new: old for old, new in zip(parts[1::3], parts[2::3], strict=False)}

    def _stored(self, relative: str) -> bytes | None:
        try:
            return self._ask("cat-file", "blob", f"{self._base}:{relative}")
        except NootropicError:
            return None

    def _commit(self, revision: str) -> str:
        try:
            said = self._ask(
                "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"
            )
        except NootropicError as error:
            raise NootropicError(
                f"git knows no revision {revision} here; fetch it, or name another branch, tag or commit"
            ) from error
        return said.decode().strip()

    def _ask(self, *words: str) -> bytes:
        environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("GIT_")},  # noqa: TID251 -- git needs the user's PATH and HOME
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_NO_LAZY_FETCH": "1",
            "LC_ALL": "C",
        }
        try:
            ended = subprocess.run(
                [self._git, "-C", self._root, *_OPTIONS, *words],
                capture_output=True,
                stdin=subprocess.DEVNULL,
                timeout=_DEADLINE_S,
                env=environment,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise NootropicError(f"git gave no answer within {_DEADLINE_S:g} s") from error
        except OSError as error:
            raise NootropicError(f"git cannot be started ({error.strerror})") from error
        if ended.returncode:
            said = ended.stderr.decode("utf-8", "replace").strip().removeprefix("fatal: ")
            raise NootropicError(
                f"git cannot tell what was added in {self._root}: {said or 'it failed'}"
            )
        return ended.stdout


def _program(root: str) -> str:
    """Git as it is installed, never one that lies in the workspace."""
    found = shutil.which("git", path=_trusted_path(root))
    if found is None:
        raise NootropicError("git is not installed, so nobody can tell what was added")
    return found


def _trusted_path(root: str) -> str:
    real = os.path.realpath(root)
    folders = os.get_exec_path()
    kept = [
        folder
        for folder in folders
        if Path(folder).is_absolute() and not Path(os.path.realpath(folder)).is_relative_to(real)
    ]
    if sys.platform == "win32":
        # There the current folder is looked into first, if the path does not say otherwise.
        os.environ.setdefault("NoDefaultCurrentDirectoryInExePath", "1")  # noqa: TID251 -- for this process
    return os.pathsep.join(kept)
