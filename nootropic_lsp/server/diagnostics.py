"""This file is where findings reach the editor: pushed after a pause, or when it asks."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any

import msgspec

from nootropic_lsp.core.findings import Finding
from nootropic_lsp.server import params
from nootropic_lsp.server.question import NoSuchText, Question

Json = dict[str, Any]
SEVERITIES = {"error": 1, "warning": 2, "information": 3, "hint": 4}
EMPTY_REPORT: Json = {"kind": "full", "items": []}


def diagnostics(question: Question, path: str) -> list[Json]:
    """What is wrong in a file."""
    found = question.features.syntax.syntax_findings(question.snapshot, path)
    return [_diagnostic(question, path, each) for each in found]


def _diagnostic(question: Question, path: str, finding: Finding) -> Json:
    return {
        "range": question.range(path, finding.span),
        "severity": SEVERITIES.get(finding.severity, 1),
        "code": finding.code,
        "source": "nootropic",
        "message": finding.message,
    }


def pull(question: Question, asked: params.Diagnose) -> Json:
    """What is wrong in a file, or that it is what it was."""
    path = question.path(asked.text_document.uri)
    items = msgspec.json.encode(diagnostics(question, path))
    # The hash is another in every process, and so are the clients that remember it.
    result_id = f"{hash(items) & 0xFFFFFFFFFFFFFFFF:x}"
    if result_id == asked.previous_result_id:
        return {"kind": "unchanged", "resultId": result_id}
    return {"kind": "full", "resultId": result_id, "items": msgspec.Raw(items)}


class Pusher:
    """Pushes the findings of a document a pause after its last edit, never those of an old text."""

    def __init__(
        self,
        later: Callable[[float, Callable[[], object]], Any],
        run: Callable[[Callable[[], object]], object],
        ask: Callable[[], Question],
        publish: Callable[[Json], None],
    ) -> None:
        self._later = later
        self._run = run
        self._ask = ask
        self._publish = publish
        self._waiting: dict[str, Any] = {}
        self._versions: dict[str, int] = {}
        self._publishing = Lock()

    def changed(self, path: str, version: int, *, pause_s: float) -> None:
        """A document has a new text."""
        self._versions[path] = version
        if waiting := self._waiting.pop(path, None):
            waiting.cancel()
        if pause_s > 0:
            self._waiting[path] = self._later(pause_s, lambda: self._begin(path, version))
        else:
            self._begin(path, version)

    def closed(self, path: str, uri: str) -> None:
        """A document is shown no longer, and so are its findings."""
        self._versions.pop(path, None)
        if waiting := self._waiting.pop(path, None):
            waiting.cancel()
        with self._publishing:
            self._publish({"uri": uri, "diagnostics": []})

    def _begin(self, path: str, version: int) -> None:
        self._waiting.pop(path, None)
        question = self._ask()

        def look() -> None:
            if self._versions.get(path) != version:
                return
            try:
                found = diagnostics(question, path)
            except NoSuchText:
                return
            # Under the lock, so that findings of an older text are never published last.
            with self._publishing:
                if self._versions.get(path) == version:
                    self._publish(
                        {"uri": question.uri(path), "version": version, "diagnostics": found}
                    )

        self._run(look)
