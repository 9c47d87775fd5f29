"""This file is where the findings of a whole workspace are kept, for editors that ask for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from time import monotonic
from typing import Any

import msgspec

from nootropic_lsp.core.findings import Finding
from nootropic_lsp.server import params
from nootropic_lsp.server.diagnostics import report_of, shown
from nootropic_lsp.server.question import Question

Json = dict[str, Any]
Report = tuple[str, msgspec.Raw]
Findings = Mapping[str, Sequence[Finding]]
CLEAN: Report = report_of([])
NOTHING: Json = {"items": []}

# Files in one message of a stream.
CHUNK = 100
# Nobody waits for this: it goes on when the user does not type.
QUIET_S = 1.0


@dataclass(slots=True)
class _Poll:
    """A request that is answered when there is something new."""

    answer: Future[Any]
    known: dict[str, str]
    uris: Mapping[str, str]
    token: Any
    # Whether it is answered when all files have been looked at, even if nothing is new then.
    is_due: bool


class Sweep:
    """All files of the workspace, looked at in the background once somebody has asked.

    Used on the event loop only; `apart` does work on another thread.
    """

    def __init__(
        self,
        ask: Callable[[], Question],
        apart: Callable[[Callable[[], Any], Callable[[Any], None], str], None],
        later: Callable[[float, Callable[[], object]], object],
        notify: Callable[[str, Any], None],
    ) -> None:
        self._ask = ask
        self._apart = apart
        self._later = later
        self._notify = notify
        self._reports: dict[str, Report] = {}
        self._polls: list[_Poll] = []
        # Somebody has asked; there is something to look at; it is being done; it was done once.
        self._is_wanted = self._is_due = self._is_busy = self._is_known = False
        self._typed_at = 0.0

    def pull(self, asked: params.DiagnoseWorkspace) -> Future[Any]:
        """The answer to `workspace/diagnostic`, which may be long in coming."""
        question = self._ask()
        uris = {question.path(each.uri): each.uri for each in asked.previous_result_ids}
        known = {question.path(each.uri): each.value for each in asked.previous_result_ids}
        poll = _Poll(Future(), known, uris, asked.partial_result_token, not known)
        self._polls.append(poll)
        if not self._is_wanted:
            self._is_wanted = True
            if question.snapshot.incomplete is None:
                self.want()
        self._serve(question)
        return poll.answer

    def want(self) -> None:
        """Something has changed, or the index is complete."""
        if self._is_wanted:
            self._is_due = True
            self._begin()

    def typed(self) -> None:
        """The user is at work."""
        self._typed_at = monotonic()

    def close(self) -> None:
        """Answer who still waits: nothing more will come."""
        for poll in self._polls:
            _finish(poll, [])
        self._polls.clear()

    def _begin(self) -> None:
        if self._is_busy or not self._is_due:
            return
        quiet_s = monotonic() - self._typed_at
        self._is_busy = True
        if quiet_s < QUIET_S:
            self._later(QUIET_S - quiet_s, self._begin_again)
            return
        self._is_due = False
        question = self._ask()
        parts = question.features.lint.sweeping.sweep(question.snapshot, question.settings)
        self._go_on(question, parts, set())

    def _begin_again(self) -> None:
        self._is_busy = False
        self._begin()

    def _go_on(self, question: Question, parts: Iterator[Findings], seen: set[str]) -> None:
        def found(reports: Mapping[str, Report] | None) -> None:
            if reports is None:
                self._done(seen)
                return
            self._reports.update(reports)
            seen.update(reports)
            self._serve(self._ask())
            self._go_on(question, parts, seen)

        self._apart(lambda: _reports(question, next(parts, None)), found, "sweep")

    def _done(self, seen: set[str]) -> None:
        self._reports = {path: each for path, each in self._reports.items() if path in seen}
        self._is_busy = False
        self._is_known = True
        self._begin()
        if not self._is_busy:
            self._serve(self._ask())

    def _serve(self, question: Question) -> None:
        """Stream what is new; answer when no more is coming."""
        waiting = []
        is_done = self._is_known and not self._is_busy
        for poll in self._polls:
            if poll.answer.cancelled():
                continue
            news = self._news(poll, question) if is_done or poll.token is not None else []
            poll.is_due = poll.is_due or bool(news)
            if poll.token is not None:
                for start in range(0, len(news), CHUNK):
                    value = {"items": news[start : start + CHUNK]}
                    self._notify("$/progress", {"token": poll.token, "value": value})
                news = []
            if is_done and poll.is_due:
                _finish(poll, news)
            else:
                waiting.append(poll)
        self._polls = waiting

    def _news(self, poll: _Poll, question: Question) -> list[Json]:
        """What the client does not know yet. About a file that it shows it asks by itself."""
        news: list[Json] = []
        for path in dict.fromkeys([*self._reports, *poll.known]):
            report = self._reports.get(path, CLEAN if self._is_known else None)
            before = poll.known.get(path)
            document = question.snapshot.document(path)
            if report is None or report[0] == (before or CLEAN[0]) or (before and document):
                continue
            poll.known[path] = report[0]
            news.append(
                {
                    "kind": "full",
                    "uri": poll.uris.get(path) or question.uri(path),
                    "version": None if document is None else document.version,
                    "resultId": report[0],
                    "items": report[1],
                }
            )
        return news


def _reports(question: Question, findings: Findings | None) -> dict[str, Report] | None:
    if findings is None:
        return None
    return {
        path: report_of(shown(question, path, found)) if found else CLEAN
        for path, found in findings.items()
    }


def _finish(poll: _Poll, items: list[Json]) -> None:
    if not poll.answer.cancelled():
        poll.answer.set_result({"items": items})
