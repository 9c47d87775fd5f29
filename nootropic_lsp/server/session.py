"""This file is where one client is served, from `initialize` to `exit`."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from threading import Thread
from typing import Any

import msgspec

from nootropic_lsp import __version__
from nootropic_lsp.server import (
    actions,
    assisting,
    capabilities,
    commands,
    inline,
    params,
    refactorings,
)
from nootropic_lsp.server.client import Client
from nootropic_lsp.server.configuration import SECTION, Configuration
from nootropic_lsp.server.documents import OpenDocuments
from nootropic_lsp.server.filling import Filler
from nootropic_lsp.server.framing import BadFrame
from nootropic_lsp.server.house import App, House
from nootropic_lsp.server.jobs import Answer, Errand, Job
from nootropic_lsp.server.memory import share_memory
from nootropic_lsp.server.methods import METHODS, prepare
from nootropic_lsp.server.notices import INFO, WARNING, Notices
from nootropic_lsp.server.offers import Offers
from nootropic_lsp.server.progress import Progress
from nootropic_lsp.server.protocol import INVALID_REQUEST, Failure, Protocol, read
from nootropic_lsp.server.question import Question, TokenCache
from nootropic_lsp.server.transport import in_loop
from nootropic_lsp.server.uris import to_path
from nootropic_lsp.server.watch import Watch
from nootropic_lsp.server.workers import Workers
from nootropic_lsp.settings.options import Features, Settings

log = logging.getLogger(__name__)

CHANGES = {1: "created", 2: "changed", 3: "deleted"}
LEAVING_S = 2.0


@dataclass(frozen=True, slots=True)
class Ending:
    """How a client left: the exit code it is owed, and whether it asked for one."""

    code: int
    said_exit: bool


class Session:
    """One client and its house. Everything here runs on the event loop, in the order of arrival.

    Edits are applied at once; a question about code takes its snapshot at once and is
    answered on a worker thread, so it sees the edits before it and none after it.
    """

    def __init__(
        self,
        house: House,
        loop: asyncio.AbstractEventLoop,
        write: Callable[[bytes], None],
        *,
        trust: bool,
    ) -> None:
        self._loop = loop
        self._house = house
        self._trust = trust
        self._workers = Workers()
        self.protocol = Protocol(self._workers.submit, write)
        self._built: App | None = None
        self._closing: Thread | None = None
        self.client = Client()
        self.settings = Settings()
        self.documents = OpenDocuments()
        self.tokens = TokenCache()
        self.offers = Offers(self.documents.by_path.get, self._in_background)
        self.folders: list[str] = []
        self.ended: asyncio.Future[Ending] = loop.create_future()
        self.on_parent: Callable[[int], object] = lambda _pid: None
        self.protocol.handler_of = self._handler_of
        self.notices = Notices(self.protocol.notify)
        self.protocol.on_error = self.notices.explain
        self._inline = self._table()

    @property
    def app(self) -> App:
        """The house, built when it is first needed: after the answer to `initialize` is out."""
        if self._built is None:
            self._built = self._house.build(self.settings, self.folders)
        return self._built

    def receive(self, messages: Iterable[bytes | BadFrame]) -> None:
        """Take messages in their order."""
        for message in messages:
            if not self.ended.done():
                self.protocol.receive(message)

    def lost(self) -> None:
        """The client has gone, with or without a goodbye."""
        self._end(said_exit=False)

    def stop(self) -> None:
        """Somebody ends the whole process."""
        self._end(said_exit=True)

    def question(self) -> Question:
        """What a request that comes now is answered from."""
        snapshot = self.app.snapshot()
        reason = snapshot.incomplete
        if reason is not None or self.notices.is_warning:
            self.notices.status(busy=self._progress.is_busy, reason=reason)
        return Question(
            snapshot,
            self._house.features,
            self.client,
            self.documents.uris,
            self.tokens,
            lambda sentence: self.notices.show(sentence, WARNING),
            self.settings,
            self.offers,
            self._watch.thorough,
            self._filler.suggest,
        )

    def _table(self) -> dict[str, tuple[Callable[[Any], Any], type[Any]]]:
        return {
            "initialize": (self._initialize, params.Initialize),
            "initialized": (self._initialized, params.Anything),
            "shutdown": (self._shutdown, params.Anything),
            "exit": (self._exit, params.Anything),
            "$/cancelRequest": (self._cancel, params.Cancel),
            "$/setTrace": (lambda _asked: None, params.Anything),
            "textDocument/didOpen": (self._did_open, params.DidOpen),
            "textDocument/didChange": (self._did_change, params.DidChange),
            "textDocument/didSave": (self._did_save, params.InDocument),
            "textDocument/didClose": (self._did_close, params.InDocument),
            "textDocument/didShowCompletion": (self._did_show, params.OfInlineItem),
            "textDocument/didPartiallyAcceptCompletion": (self._did_accept, params.AcceptedPart),
            "workspace/didChangeWatchedFiles": (self._files_changed, params.FileEvents),
            "workspace/didChangeWorkspaceFolders": (self._folders_changed, params.FoldersChanged),
            "workspace/didChangeConfiguration": (self._configured, params.Configuration),
            "workspace/diagnostic": (
                lambda asked: self._watch.pull_all(asked),
                params.DiagnoseWorkspace,
            ),
            "workspace/executeCommand": (self._execute, params.Command),
            "window/workDoneProgress/cancel": (self._cancel_progress, params.ProgressToken),
        }

    def _handler_of(self, name: str) -> Callable[[Any], Any] | None:
        method = METHODS.get(name)
        if method is not None:
            if not getattr(self.settings.features, method.switch):
                return lambda _params: method.empty
            if name != "textDocument/diagnostic":
                # What is wanted there is what all others have to wait for.
                self._watch.asked()
            question = self.question()
            reason = question.snapshot.incomplete
            if reason is not None and self._progress.is_busy and not self._progress.is_shown:
                self.notices.tell("incomplete", reason, INFO)
            return Job(method, question)
        if name in self._inline:
            handler, shape = self._inline[name]
            return lambda given: handler(read(given, shape))
        return None

    # The life of a connection.

    def _initialize(self, asked: params.Initialize) -> Any:
        if self.protocol.initialized:
            raise Failure(INVALID_REQUEST, "`initialize` comes once")
        prepare()
        self.client = Client.of(asked)
        self.folders = _folders(asked)
        self.notices.knows_status = self.client.knows_status
        self._progress = Progress(
            self.protocol.notify,
            self.protocol.ask,
            is_shown=self.client.can("window.workDoneProgress"),
        )
        self._configuration = Configuration(self.folders, trust=self._trust)
        self._configuration.start(asked.initialization_options)
        self.settings, self._problems = self._configuration.load()
        self._offered = self.settings.features
        self._assistant = assisting.Assistant(lambda: self._configuration.said)
        self._filler = Filler(self._assistant)
        self._watch = Watch(
            self.client,
            lambda: self.settings,
            self.question,
            apart=self._apart,
            later=self._loop.call_later,
            notices=self.notices,
            notify=self.protocol.notify,
            ask=self.protocol.ask,
        )
        self.protocol.initialized = True
        self._loop.call_soon(self._build_early)
        return {
            "capabilities": capabilities.offered(self.client, self.settings.features),
            "serverInfo": {"name": "nootropic", "version": __version__},
        }

    def _build_early(self) -> None:
        share_memory()
        try:
            self.app  # noqa: B018 -- built while the client reads our answer
        except Exception as error:  # noqa: BLE001 -- it is logged and told there
            self.notices.explain("initialize", error)

    def _initialized(self, _asked: Any) -> None:
        for problem in self._problems:
            self.notices.tell(problem, problem)
        if self.client.process_id is not None:
            self.on_parent(self.client.process_id)
        self._register(capabilities.watchers(self.client, self.app.watched()))
        if self.client.can("workspace.didChangeConfiguration.dynamicRegistration"):
            self._register(capabilities.configuration(SECTION))
        self._pull_configuration()
        self.app.start(in_loop(self._loop, self._on_event))
        # What start-up left behind stays: the collector need not look at it again.
        gc.freeze()
        gc.enable()

    def _shutdown(self, _asked: Any) -> None:
        self._watch.close()
        self.protocol.shutting_down = True
        self.close()

    def _exit(self, _asked: Any) -> None:
        self.stop()

    def _end(self, *, said_exit: bool) -> None:
        if not self.ended.done():
            self.close()
            self.ended.set_result(Ending(0 if self.protocol.shutting_down else 1, said_exit))

    def close(self) -> None:
        """Begin to close the house; `wait_until_closed` is for the end of it."""
        if self._built is not None and self._closing is None:
            self._closing = Thread(
                target=self._close_all, args=(self._built,), name="closing", daemon=True
            )
            self._closing.start()

    def _close_all(self, app: App) -> None:
        self.offers.close()
        self._watch.end()
        app.close_all()

    def wait_until_closed(self) -> None:
        """Wait for the house to be closed, but no longer than an editor would."""
        if self._closing is not None:
            self._closing.join(LEAVING_S)

    def _cancel(self, asked: params.Cancel) -> None:
        self.protocol.cancel(asked.id)

    # Documents and files.

    def _did_open(self, asked: params.DidOpen) -> None:
        document = self.documents.open(asked.text_document)
        self.app.open(document)
        # The editor asks for what it shows of the file first of all.
        self._watch.opened(document)

    def _did_change(self, asked: params.DidChange) -> None:
        document = self.documents.change(
            asked.text_document, asked.content_changes, self.client.encoding
        )
        if document is not None:
            self.app.change(document)
            self.offers.changed(document)
            self._watch.changed(document)

    def _did_save(self, asked: params.InDocument) -> None:
        path = to_path(asked.text_document.uri)
        self.app.saved(path)
        self._watch.saved(path)

    def _did_close(self, asked: params.InDocument) -> None:
        uri = asked.text_document.uri
        path = self.documents.close(uri)
        if path is not None:
            self.app.close(path)
            self.tokens.forget(path)
            self.offers.closed(path)
            self._watch.closed(path, uri)

    def _files_changed(self, asked: params.FileEvents) -> None:
        changes = [(to_path(each.uri), CHANGES.get(each.type, "changed")) for each in asked.changes]
        self.app.files_changed(changes)
        self._watch.files_changed()

    def _folders_changed(self, asked: params.FoldersChanged) -> None:
        added = [to_path(each.uri) for each in asked.event.added]
        removed = [to_path(each.uri) for each in asked.event.removed]
        self.folders = [each for each in self.folders if each not in removed] + added
        self.app.folders_changed(added, removed)

    # Settings.

    def _pull_configuration(self) -> None:
        if self.client.can("workspace.configuration"):
            asked = {"items": [{"section": SECTION}]}
            self.protocol.ask("workspace/configuration", asked, self._pulled)

    def _pulled(self, answer: Any) -> None:
        self._configuration.pulled(answer)
        self._reload()

    def _configured(self, asked: params.Configuration) -> None:
        self._configuration.pushed(asked.settings)
        self._reload()
        self._pull_configuration()

    def _reload(self) -> None:
        settings, problems = self._configuration.load()
        for problem in problems:
            self.notices.tell(problem, problem)
        if settings == self.settings:
            return
        before, self.settings = self.settings, settings
        self.app.configure(settings)
        if settings.lint != before.lint:
            self._watch.again()
            self._have_asked_again()
        self._register(capabilities.registrations(self.client, self._offered, settings.features))
        self._offered = _either(self._offered, settings.features)

    def _register(self, registrations: list[Any]) -> None:
        if registrations:
            self.protocol.ask("client/registerCapability", {"registrations": registrations})

    # Commands, progress and findings.

    def _execute(self, asked: params.Command) -> Any:
        if asked.command == actions.APPLY:
            wanted = msgspec.convert(next(iter(asked.arguments or []), None), params.ActionData)
            self._apply(lambda question: actions.edit_or_reason(question, wanted))
            return None
        if asked.command in (refactorings.MOVE, refactorings.CHANGE_SIGNATURE):
            given = refactorings.read(asked)
            self._apply(lambda question: refactorings.edit_or_reason(question, given))
            return None
        if asked.command in assisting.EDITS:
            self._apply(lambda question: self._assistant.edit(question, asked), "model")
            return None
        if asked.command in assisting.ANSWERS:
            return self._answer(asked)
        return commands.execute(
            asked,
            app=self.app,
            client=self.client,
            notices=self.notices,
            offers=self.offers,
            ask=self.protocol.ask,
        )

    def _did_show(self, asked: params.OfInlineItem) -> None:
        inline.did_show(self.offers, asked)

    def _did_accept(self, asked: params.AcceptedPart) -> None:
        inline.did_accept_part(self.offers, asked)

    def _on_event(self, event: tuple[Any, ...]) -> None:
        match event:
            case ("progress", int(done), int(total)):
                if self._progress.report(done, total):
                    self.notices.status(busy=True, reason=self.app.snapshot().incomplete)
            case ("read",):
                reason = self.app.snapshot().incomplete
                self.notices.status(busy=self._progress.is_busy, reason=reason)
                self._watch.again()
                self._have_asked_again()
            case ("indexed",):
                self._progress.end("indexed")
                reason = self.app.snapshot().incomplete
                was_incomplete = self.notices.is_warning
                # Said even if nothing was to be done: whoever waits for it must hear it.
                self.notices.status(busy=False, reason=reason, always=True)
                is_news = was_incomplete and reason is None
                self._watch.indexed(is_news=is_news)
                if is_news:
                    self._have_asked_again()
            case ("released", str(path)):
                self._released(path)
            case ("problem", str(sentence)):
                self.notices.tell(sentence, sentence)

    def _cancel_progress(self, asked: params.ProgressToken) -> None:
        if asked.token == self._progress.token:
            self.app.cancel_indexing()
            self._progress.end("cancelled")

    def _released(self, path: str) -> None:
        """An open text was held back until now; what was answered about it counts no longer."""
        document = self.documents.by_path.get(path)
        if document is not None:
            reason = self.app.snapshot().incomplete
            self.notices.status(busy=self._progress.is_busy, reason=reason)
            self._watch.opened(document)
            self._have_asked_again()

    def _have_asked_again(self) -> None:
        """Have the editor ask anew for what it shows all the time."""
        for method in capabilities.refreshes(self.client, self.settings.features):
            self.protocol.ask(method, None)

    def _answer(self, asked: params.Command) -> Any:
        """What a command is answered with, later."""
        question = self.question()
        given = assisting.given(asked)

        def send(event: Any) -> None:
            if given.token is not None:
                self.protocol.notify("$/progress", {"token": given.token, "value": event})

        def answer() -> Any:
            made = self._assistant.answer(question, asked.command, given, send)
            if given.show:
                uri = assisting.shown_file(question, made)
                self.protocol.ask("window/showDocument", {"uri": uri, "takeFocus": True})
            return made

        return self._workers.submit(Answer(answer, "model"))

    def _apply(self, make: Callable[[Question], Any], lane: str = "slow") -> None:
        """Make the edit that a command asks for."""
        question = self.question()

        def made(edit: Any) -> None:
            if edit is not None:
                self.protocol.ask("workspace/applyEdit", {"edit": edit})

        self._apart(lambda: make(question), made, lane)

    def _in_background(self, work: Callable[[], object]) -> None:
        self._apart(work, lambda _nothing: None, "quick")

    def _apart(self, work: Callable[[], Any], then: Callable[[Any], None], lane: str) -> None:
        """Do work on a thread; `then` gets its result on the event loop."""
        self._workers.submit(Errand(work, in_loop(self._loop, then), self.notices, lane))


def _either(one: Features, other: Features) -> Features:
    """What either has switched on."""
    names = [each.name for each in fields(Features)]
    return Features(**{name: getattr(one, name) or getattr(other, name) for name in names})


def _folders(asked: params.Initialize) -> list[str]:
    """The folders of the workspace, by whichever of three fields the client uses."""
    if asked.workspace_folders:
        uris = [each.uri for each in asked.workspace_folders]
    elif isinstance(asked.root_uri, str):
        uris = [asked.root_uri]
    else:
        return [asked.root_path] if isinstance(asked.root_path, str) and asked.root_path else []
    # What has no path is on another machine, for example.
    return [path for uri in uris if (path := to_path(uri)) != uri]
