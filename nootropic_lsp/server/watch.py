"""This file is where we decide when findings are looked for, and who is told of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nootropic_lsp.core.documents import Document
from nootropic_lsp.server import diagnostics, params, sweep
from nootropic_lsp.server.client import Client
from nootropic_lsp.server.notices import INFO, Notices
from nootropic_lsp.server.question import Question
from nootropic_lsp.server.quiet import Patience, Queue, Quiet
from nootropic_lsp.server.sweep import Sweep
from nootropic_lsp.server.thorough import DEEP, GRAPH, Thorough
from nootropic_lsp.settings.options import Settings

# How long after what is said at once the graph is asked: people go on typing.
GRAPH_S = 0.05
# Even another process takes time from what the editor waits for.
PATIENCE = {GRAPH: Patience(0.05, 20.0), DEEP: Patience(0.5, 20.0)}

Apart = Callable[[Callable[[], Any], Callable[[Any], None], str], None]
"""Does work in a lane; what it gave, or None, is handed over on the event loop."""


class Watch:
    """The findings of one client's files. Used on the event loop only.

    An open file is looked at a pause after each edit, a little later with the symbol graph, and
    thoroughly when it is opened and saved; all others when the client asks for the workspace.
    """

    def __init__(
        self,
        client: Client,
        settings: Callable[[], Settings],
        question: Callable[[], Question],
        *,
        apart: Apart,
        later: Callable[[float, Callable[[], object]], Any],
        notices: Notices,
        notify: Callable[[str, Any], None],
        ask: Callable[[str, Any], None],
    ) -> None:
        self._client = client
        self._settings = settings
        self._question = question
        self._apart = apart
        self._ask = ask
        self._notices = notices
        self.thorough = Thorough()
        self._opened: dict[str, Document] = {}
        self._quiet = Quiet()
        self._looking = Queue(self._look, later, self._quiet, PATIENCE)
        self._onlooker: Any = None
        self._later = later
        self._waiting: dict[str, Any] = {}
        self._pusher = diagnostics.Pusher(
            later,
            lambda work, done: apart(work, lambda _nothing: done(), "slow"),
            question,
            lambda found: notify("textDocument/publishDiagnostics", found),
            self._quiet,
        )
        self._sweep = Sweep(question, apart, later, notify)

    def asked(self) -> None:
        """The editor waits for an answer; what nobody waits for has time."""
        self._quiet.asked()

    def opened(self, document: Document) -> None:
        """A file is shown."""
        # The editor is going to ask for all that it shows of it.
        self._quiet.asked()
        self.changed(document)
        self._look_well(document.path)

    def changed(self, document: Document) -> None:
        """An open file has a new text, or its text counts only now."""
        self._opened[document.path] = document
        self._sweep.typed()
        if not self._is_on:
            return
        path, pause_s = document.path, self._settings().diagnostics.debounce_ms / 1000
        if not self._client.pulls_diagnostics:
            self._pusher.changed(path, document.version, pause_s=pause_s)
        if self._client.hears_of_more:
            self._stop_waiting(path)
            self._waiting[path] = self._later(pause_s + GRAPH_S, lambda: self._by_graph(path))

    def saved(self, path: str) -> None:
        """An open file was written to disk."""
        self._look_well(path)

    def closed(self, path: str, uri: str) -> None:
        """A file is shown no longer."""
        self._opened.pop(path, None)
        self._looking.drop(path)
        self._stop_waiting(path)
        self.thorough.forget(path)
        self._sweep.want()
        if not self._client.pulls_diagnostics:
            self._pusher.closed(path, uri)

    def files_changed(self) -> None:
        """Files on disk have changed, have come or gone."""
        self._sweep.want()

    def indexed(self, *, is_news: bool) -> None:
        """The index is complete; with `is_news`, it was not before."""
        if is_news:
            self.again()
            return
        self._sweep.want()
        if self._is_on and self._client.hears_of_more:
            # What was saved may make a difference to others.
            for path in self._opened.keys() - self._waiting.keys():
                self._looking.want(GRAPH, path)

    def again(self) -> None:
        """Other findings are wanted."""
        for path, document in self._opened.items():
            self.changed(document)
            self._look_well(path)
        self._sweep.want()

    def pull_all(self, asked: params.DiagnoseWorkspace) -> Any:
        """The answer to `workspace/diagnostic`, perhaps one that is long in coming."""
        if not self._is_on or not self._settings().features.workspace_diagnostics:
            return sweep.NOTHING
        return self._sweep.pull(asked)

    def close(self) -> None:
        """Nothing more will be told."""
        self._sweep.close()
        self._opened.clear()

    def end(self) -> None:
        """End the process that looks at files, if there is one. On any thread."""
        if self._onlooker is not None:
            self._onlooker.close()

    @property
    def _is_on(self) -> bool:
        return self._settings().features.diagnostics

    def _look_well(self, path: str) -> None:
        if self._is_on:
            self._looking.want(DEEP, path)

    def _by_graph(self, path: str) -> None:
        self._waiting.pop(path, None)
        self._looking.want(GRAPH, path)

    def _look(self, kind: str, path: str, done: Callable[[], None]) -> None:
        document = self._opened.get(path)
        if document is None:
            done()
            return
        question = self._question()

        def look() -> diagnostics.Looked:
            # Made here: what it needs takes a while to be loaded.
            if self._onlooker is None:
                self._onlooker = question.features.findings.onlooker.Onlooker()
            return diagnostics.looked(question, path, kind, self._onlooker)

        def found(what: diagnostics.Looked | None) -> None:
            done()
            if what is None or path not in self._opened:
                return
            findings, problems = what
            for problem in problems:
                self._notices.tell(problem, problem, INFO)
            if self.thorough.keep(kind, document, findings):
                self._show_again(path)

        self._apart(look, found, "thorough")

    def _stop_waiting(self, path: str) -> None:
        if waiting := self._waiting.pop(path, None):
            waiting.cancel()

    def _show_again(self, path: str) -> None:
        """More is known of a file than the editor was told."""
        if not self._client.pulls_diagnostics:
            self._pusher.again(path)
        elif self._client.hears_of_more:
            self._ask("workspace/diagnostic/refresh", None)
