"""This file is where a call of a tool finds the workspace as it is now, and no more than it may see."""

from __future__ import annotations

import logging
import os
import threading
from dataclasses import replace
from pathlib import Path

from nootropic_lsp.app import App
from nootropic_lsp.core.errors import NootropicError
from nootropic_lsp.core.spans import Lines, Place
from nootropic_lsp.features.graph import are_uses_many
from nootropic_lsp.features.search import Hits, search
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.mcp.call import Call
from nootropic_lsp.safety.access import Readable
from nootropic_lsp.safety.secrets import mask
from nootropic_lsp.settings.options import Settings
from nootropic_lsp.worker.meaning import near_of

log = logging.getLogger(__name__)


class Workspace:
    """One folder with its house. Its methods may be called on any thread."""

    def __init__(self, root: Path, settings: Settings, *, may_edit: bool = False) -> None:
        self.root = root
        self.may_edit = may_edit
        # Nobody types here, so nobody asks the token model.
        features = replace(settings.features, completion=False, inline_completion=False)
        self.settings = replace(settings, features=features)
        self._app = App(self.settings, [str(root)])
        self._reading = threading.Lock()

    def start(self) -> None:
        """Begin to index in the background."""
        self._app.start(_note)

    def close(self) -> None:
        """Stop every thread and process."""
        self._app.close_all()

    def view(self, call: Call, *, edges: bool = False, uses_of: str | None = None) -> View:
        """The workspace as it is on the disk now.

        With `edges`, who uses what is known of all files; with `uses_of`, if finding the uses
        of that name would take longer without.
        """
        self.update(call, edges=edges)
        view = View(self, self._app.snapshot())
        if uses_of is not None and not edges and are_uses_many(view.snapshot, uses_of):
            return self.view(call, edges=True)
        return view

    def update(self, call: Call, *, edges: bool) -> None:
        """Bring the index up to date and wait for it."""
        self._app.index(call.step("indexing"), resolve=False)
        if edges and not self._app.snapshot().is_resolved:
            self._app.index(call.step("resolving"))
        call.check()

    def snapshot(self) -> Snapshot:
        """The workspace as the last update has found it."""
        return self._app.snapshot()

    def search(self, call: Call, view: View, question: str, *, limit: int) -> Hits:
        """The passages that belong to a question, best first."""
        with self._reading:
            self._app.read_passages(call.step("reading passages"))
        is_with_worker = self.settings.worker.enabled and self._app.vector_store not in (
            "own",
            "off",
        )
        near = near_of(self.root) if is_with_worker else self._app.near
        return search(view.snapshot, question, limit=limit, near=near)


class View:
    """What one call sees: a picture of the workspace, without what is kept back.

    Texts are masked: whatever an answer shows of a file comes from here.
    """

    def __init__(self, workspace: Workspace, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.root = workspace.root
        self._readable = Readable([workspace.root], index=workspace.settings.index)
        self._may_show: dict[str, bool] = {}
        self._texts: dict[str, tuple[str, Lines]] = {}

    def path(self, given: str) -> str:
        """The whole path of a file or folder of the workspace. Raises `NootropicError`."""
        if not given or "\0" in given:
            raise NootropicError("the path is empty or has characters that no path can have")
        written = Path(os.path.normpath(self.root / given))
        real = Path(os.path.realpath(written))
        if not real.is_relative_to(self.root):
            raise NootropicError(f"{given} is outside of the workspace {self.root}")
        if not real.exists():
            raise NootropicError(f"there is no {given} in the workspace {self.root}")
        path = real.as_posix()
        if real != self.root and not (self.may_show(path) and self.may_show(written.as_posix())):
            raise NootropicError(f"{given} is kept back by an ignore file")
        return path

    def file(self, given: str) -> str:
        """The whole path of a file of the workspace. Raises `NootropicError`."""
        path = self.path(given)
        if not Path(path).is_file():
            raise NootropicError(f"{given} is no file; name one that exists")
        return path

    def shown(self, path: str) -> str:
        """A path as answers have it: from the workspace, with "/"."""
        return path.removeprefix(f"{self.root.as_posix()}/")

    def may_show(self, path: str) -> bool:
        """Whether a file lies in the workspace and no ignore file keeps it back."""
        known = self._may_show.get(path)
        if known is None:
            known = self._may_show[path] = self._readable.may_read(path)
        return known

    def text(self, path: str) -> str:
        """The text of a file, of its own length but with its secrets masked."""
        return self._read(path)[0]

    def lines(self, path: str) -> Lines:
        """Where the lines of a file start."""
        return self._read(path)[1]

    def _read(self, path: str) -> tuple[str, Lines]:
        known = self._texts.get(path)
        if known is None:
            text = mask(self.snapshot.text(path))
            known = self._texts[path] = text, Lines.of(text)
        return known

    def line_of(self, place: Place) -> int:
        """The line of a place, from 1."""
        return self.lines(place.path).line_of(place.span.start) + 1

    def last_line_of(self, place: Place) -> int:
        """The line on which a place ends, from 1."""
        end = max(place.span.start, place.span.end - 1)
        return self.lines(place.path).line_of(end) + 1

    def code(self, path: str, first: int, last: int) -> str:
        """Whole lines of a file, counted from 1, as they are written."""
        text, lines = self._read(path)
        start = lines.starts[first - 1]
        end = lines.starts[last] if last < len(lines) else len(text)
        return text[start:end].rstrip("\r\n")


def _note(event: tuple[object, ...]) -> None:
    if event[0] == "problem":
        log.warning("%s", event[1])
