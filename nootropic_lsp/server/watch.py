"""This file is where we decide when findings are looked for, and who is told of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from nootropic_lsp.core.documents import Document
from nootropic_lsp.core.findings import Finding
from nootropic_lsp.server import diagnostics, params, sweep
from nootropic_lsp.server.client import Client
from nootropic_lsp.server.notices import INFO, Notices
from nootropic_lsp.server.question import Question
from nootropic_lsp.server.sweep import Sweep
from nootropic_lsp.server.thorough import DEEP, GRAPH, Looking, Thorough
from nootropic_lsp.settings import Settings

# How long after what is said at once the graph is asked, so that the two do not disturb each other,
# and how often that is put off while the editor asks for other things.
STEP_S = 0.05
MOST_STEPS = 40

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
        self._looking = Looking(self._look, later)
        self._later = later
        self._waiting: dict[str, Any] = {}
        self._pusher = diagnostics.Pusher(
            later,
            lambda work: apart(work, lambda _nothing: None, "slow"),
            question,
            lambda found: notify("textDocument/publishDiagnostics", found),
        )
        self._sweep = Sweep(question, apart, later, notify)

    def asked(self) -> None:
        """The editor waits for an answer; what nobody waits for has time."""
        self._looking.asked()

    def opened(self, document: Document) -> None:
        """A file is shown."""
        # The editor is going to ask for all that it shows of it.
        self._looking.asked()
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
            self._ask_graph(path, pause_s + STEP_S, MOST_STEPS)

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
                self._look_by_graph(path)

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

    @property
    def _is_on(self) -> bool:
        return self._settings().features.diagnostics

    def _look_well(self, path: str) -> None:
        if self._is_on:
            self._looking.want(path)

    def _look(self, path: str, done: Callable[[], None]) -> None:
        document = self._opened.get(path)
        if document is None:
            done()
            return
        question = self._question()

        def found(what: tuple[Any, Sequence[str]] | None) -> None:
            done()
            if what is None or path not in self._opened:
                return
            findings, problems = what
            for problem in problems:
                self._notices.tell(problem, problem, INFO)
            if self.thorough.keep(DEEP, document, findings):
                self._show_again(path)

        self._apart(lambda: diagnostics.thorough(question, path), found, "thorough")

    def _ask_graph(self, path: str, in_s: float, n_steps: int) -> None:
        def begin() -> None:
            if n_steps and self._looking.quiet_s < STEP_S:
                self._ask_graph(path, STEP_S, n_steps - 1)
            else:
                self._look_by_graph(path)

        self._waiting[path] = self._later(in_s, begin)

    def _look_by_graph(self, path: str) -> None:
        self._waiting.pop(path, None)
        document, question = self._opened[path], self._question()

        def found(findings: Sequence[Finding] | None) -> None:
            # A newer text is about to be looked at itself.
            is_current = findings is not None and self._opened.get(path) is document
            if is_current and self.thorough.keep(GRAPH, document, findings or ()):
                self._show_again(path)

        self._apart(lambda: diagnostics.by_graph(question, path), found, "slow")

    def _stop_waiting(self, path: str) -> None:
        if waiting := self._waiting.pop(path, None):
            waiting.cancel()

    def _show_again(self, path: str) -> None:
        """More is known of a file than the editor was told."""
        if not self._client.pulls_diagnostics:
            self._pusher.again(path)
        elif self._client.hears_of_more:
            self._ask("workspace/diagnostic/refresh", None)
