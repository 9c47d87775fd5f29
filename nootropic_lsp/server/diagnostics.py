"""This file is where findings reach the editor: pushed after a pause, or when it asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any

import msgspec

from nootropic_lsp.core.findings import DEPRECATED, SEVERITIES, UNNECESSARY, Finding
from nootropic_lsp.core.spans import Span
from nootropic_lsp.server import params
from nootropic_lsp.server.question import NoSuchText, Question
from nootropic_lsp.server.quiet import Patience, Queue, Quiet
from nootropic_lsp.server.thorough import DEEP, GRAPH

Json = dict[str, Any]
NUMBERS = {name: number for number, name in enumerate(SEVERITIES, 1)}
TAGS = {UNNECESSARY: 1, DEPRECATED: 2}
Looked = tuple[Sequence[Finding], Sequence[str]]
EMPTY_REPORT: Json = {"kind": "full", "items": []}
# Editors become slow with more of them in one file, and nobody reads them.
MOST_SHOWN = 1000
# What the editor asks for together with an edit goes first.
LEAST_S = 0.001
LIVE, PATIENCE = "live", Patience(0.05, 20.0)


def is_left_alone(question: Question, path: str) -> bool:
    """Whether the user wants no findings of a file: what `lint` passes over is passed over here."""
    snapshot, options = question.snapshot, question.settings.lint
    excluded = question.features.lint.excluded
    if excluded.is_excluded(path, snapshot.folders, options.exclude):
        return True
    try:
        data = snapshot.text(path).encode("utf-8", "surrogatepass")
    except OSError:
        return False
    return bool(excluded.passed_over(path, data, snapshot.folders, options.pass_over))


def known(question: Question, path: str) -> Sequence[Finding]:
    """All that is known of a text, in its order."""
    if is_left_alone(question, path):
        return ()
    features = question.features
    live = features.findings.find.as_you_type(question.snapshot, path, question.settings)
    deep = question.thorough.of(features, question.snapshot, path, DEEP)
    found: Sequence[Finding] = features.findings.carried.joined(live, deep)
    return found


def known_at_once(question: Question, path: str) -> Sequence[Finding]:
    """The same, but what the graph says is from when it was asked last, and carried along."""
    if is_left_alone(question, path):
        return ()
    features, snapshot = question.features, question.snapshot
    found: Sequence[Finding] = features.findings.find.as_you_type(
        snapshot, path, question.settings, with_graph=False
    )
    for kind in (GRAPH, DEEP):
        later = question.thorough.of(features, snapshot, path, kind)
        found = features.findings.carried.joined(found, later)
    return found


def looked(question: Question, path: str, kind: str, onlooker: Any) -> Looked:
    """What only a look of some kind shows, and what went wrong with it, in sentences."""
    if is_left_alone(question, path):
        return (), ()
    look = onlooker.by_graph if kind == GRAPH else onlooker.thorough
    made = look(question.snapshot, path, question.settings)
    return made.findings, made.problems


def diagnostics(question: Question, path: str) -> list[Json]:
    """What is wrong in a file, at once if the client can be told of more later."""
    look = known_at_once if question.client.hears_of_more else known
    return shown(question, path, look(question, path))


def shown(question: Question, path: str, found: Sequence[Finding]) -> list[Json]:
    """The findings of a file, but not more than an editor can cope with."""
    if len(found) <= MOST_SHOWN:
        return [diagnostic(question, path, each) for each in found]
    worst = sorted(found, key=lambda each: NUMBERS.get(each.severity, 1))[:MOST_SHOWN]
    more = _more(question, path, len(found))
    return [more, *(diagnostic(question, path, each) for each in worst)]


def diagnostic(question: Question, path: str, finding: Finding) -> Json:
    """A finding as the protocol has it, with as much as the client can show."""
    page = question.features.findings.pages.page(finding.code)
    made: Json = {
        "range": question.range(path, finding.span),
        "severity": NUMBERS.get(finding.severity, 1),
        "code": finding.code,
        "source": "nootropic",
        "message": finding.message,
    }
    if page.link and _knows(question, "codeDescriptionSupport"):
        made["codeDescription"] = {"href": page.link}
    tags = [TAGS[each] for each in finding.tags if each in TAGS]
    if tags and _knows(question, "tagSupport"):
        made["tags"] = tags
    if finding.related and _knows(question, "relatedInformation"):
        made["relatedInformation"] = list(_related(question, finding))
    if _knows(question, "dataSupport"):
        made["data"] = {
            "cwe": page.cwe,
            "owasp": page.owasp,
            "fix": None if finding.fix is None else finding.fix.title,
        }
    return made


def _knows(question: Question, what: str) -> bool:
    # Since 3.18 clients may say it for pulled ones; before, those were as the pushed ones.
    client = question.client
    return client.can(f"textDocument.diagnostic.{what}") or client.can(
        f"textDocument.publishDiagnostics.{what}"
    )


def _related(question: Question, finding: Finding) -> Any:
    for each in finding.related:
        try:
            yield {"location": question.location(each.place), "message": each.message}
        except (NoSuchText, OSError):
            continue  # The other file has gone.


def _more(question: Question, path: str, count: int) -> Json:
    return {
        "range": question.range(path, Span(0, 0)),
        "severity": NUMBERS["warning"],
        "source": "nootropic",
        "message": f"the worst {MOST_SHOWN:,} of {count:,} findings in this file are shown; "
        "`nootropic lint` lists all of them",
    }


def pull(question: Question, asked: params.Diagnose) -> Json:
    """What is wrong in a file, or that it is what it was."""
    path = question.path(asked.text_document.uri)
    result_id, items = report_of(diagnostics(question, path))
    if result_id == asked.previous_result_id:
        return {"kind": "unchanged", "resultId": result_id}
    return {"kind": "full", "resultId": result_id, "items": items}


def report_of(found: list[Json]) -> tuple[str, msgspec.Raw]:
    """Findings in bytes, and the id of just these."""
    items = msgspec.json.encode(found)
    # The hash is another in every process, and so are the clients that remember it.
    return f"{hash(items) & 0xFFFFFFFFFFFFFFFF:x}", msgspec.Raw(items)


class Pusher:
    """Pushes the findings of a document a pause after its last edit, never those of an old text."""

    def __init__(
        self,
        later: Callable[[float, Callable[[], object]], Any],
        run: Callable[[Callable[[], object], Callable[[], None]], object],
        ask: Callable[[], Question],
        publish: Callable[[Json], None],
        quiet: Quiet,
    ) -> None:
        self._later = later
        self._run = run
        self._ask = ask
        self._publish = publish
        self._queue = Queue(self._begin, later, quiet, {LIVE: PATIENCE})
        self._waiting: dict[str, Any] = {}
        self._versions: dict[str, int] = {}
        # Who looked last, by path: whoever looked before that has nothing to say any more.
        self._turns: dict[str, int] = {}
        self._publishing = Lock()

    def changed(self, path: str, version: int, *, pause_s: float) -> None:
        """A document has a new text."""
        self._versions[path] = version
        self._turns[path] = self._turns.get(path, 0) + 1
        self._stop_waiting(path)
        self._waiting[path] = self._later(max(pause_s, LEAST_S), lambda: self._want(path))

    def again(self, path: str) -> None:
        """More is known of a document; if its findings are about to be pushed, so is that."""
        if path in self._versions and path not in self._waiting:
            self._turns[path] += 1
            self._queue.want(LIVE, path)

    def closed(self, path: str, uri: str) -> None:
        """A document is shown no longer, and so are its findings."""
        self._versions.pop(path, None)
        self._stop_waiting(path)
        with self._publishing:
            self._publish({"uri": uri, "diagnostics": []})

    def _stop_waiting(self, path: str) -> None:
        self._queue.drop(path)
        if waiting := self._waiting.pop(path, None):
            waiting.cancel()

    def _want(self, path: str) -> None:
        del self._waiting[path]
        self._queue.want(LIVE, path)

    def _begin(self, _kind: str, path: str, done: Callable[[], None]) -> None:
        question = self._ask()
        version, turn = self._versions[path], self._turns[path]

        def look() -> None:
            if not self._is_turn(path, turn):
                return
            try:
                found = diagnostics(question, path)
            except NoSuchText:
                return
            # Under the lock, so that findings of an older text are never published last.
            with self._publishing:
                if self._is_turn(path, turn):
                    self._publish(
                        {"uri": question.uri(path), "version": version, "diagnostics": found}
                    )

        self._run(look, done)

    def _is_turn(self, path: str, turn: int) -> bool:
        return path in self._versions and self._turns.get(path) == turn
