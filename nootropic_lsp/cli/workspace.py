"""This file is where a verb finds its workspace and opens the house on it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from nootropic_lsp.cli.progress import Bar
from nootropic_lsp.core.errors import NootropicError
from nootropic_lsp.safety.trust import is_trusted
from nootropic_lsp.settings.folders import user_folder
from nootropic_lsp.settings.load import load

if TYPE_CHECKING:
    from nootropic_lsp.app import App
    from nootropic_lsp.features.snapshot import Snapshot

# Every name of the workspace.
EVERYTHING = "*"
_MARKS = (".git", ".nootropic", "pyproject.toml")


@contextmanager
def opened(
    root: Path, *, trust: bool = False, say: Callable[[str], object] | None = None
) -> Iterator[App]:
    """The house on one workspace, closed at the end.

    What was ignored in the settings goes to `say`, by default to standard error.
    """
    # What finds no reason to open it should not have waited for it.
    from nootropic_lsp.app import App  # noqa: PLC0415

    chosen, problems = load(root, trusted=trust or is_trusted(root))
    for problem in problems:
        (say or warn)(problem)
    app = App(chosen, [str(root)])
    try:
        yield app
    finally:
        app.close_all()


@contextmanager
def indexed(
    root: Path, *, trust: bool = False, uses_of: str | None = EVERYTHING
) -> Iterator[Snapshot]:
    """A picture of one workspace, its index brought up to date.

    With `uses_of`, only as far as questions about that name need it; None is for no name.
    """
    from nootropic_lsp.features.graph import are_uses_many  # noqa: PLC0415 -- it needs the house

    with opened(root, trust=trust) as app:
        with Bar("indexing") as bar:
            if uses_of == EVERYTHING:
                app.index(bar.show)
            else:
                app.index(bar.show, resolve=False)
                if uses_of is not None and are_uses_many(app.snapshot(), uses_of):
                    app.index(bar.show)
        yield app.snapshot()


def root_for(workspace: str | None, start: Path | None = None) -> Path:
    """The workspace the user named, or the one around `start` (default: the current folder)."""
    if workspace is not None:
        return folder(workspace)
    here = (start or Path.cwd()).resolve()
    return next((each for each in (here, *here.parents) if is_marked(each)), here)


def is_marked(candidate: Path) -> bool:
    """Whether something in a folder says that it is a workspace."""
    # The settings of the user lie in a `.nootropic` too, and do not make the home a workspace.
    own = user_folder()
    marks = (candidate / name for name in _MARKS)
    return any(mark.exists() and mark != own for mark in marks)


def folder(path: str) -> Path:
    """An existing folder, as a real path."""
    real = Path(path).expanduser().resolve()
    if not real.is_dir():
        raise NootropicError(f"{path} is not a folder; name one that exists")
    return real


def warn(problem: str) -> None:
    """Say something on standard error."""
    print(f"nootropic: {problem}", file=sys.stderr)
