"""This file is where ghost text is asked of a language model: in time, or not at all."""

from __future__ import annotations

import logging
import re
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import closing
from queue import Empty, SimpleQueue
from statistics import median
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

from nootropic_lsp.core.documents import Document
from nootropic_lsp.core.errors import NootropicError
from nootropic_lsp.core.suggestions import Silence, Suggestion
from nootropic_lsp.server.assisting import Assistant, is_likely
from nootropic_lsp.server.question import Question

if TYPE_CHECKING:
    from nootropic_lsp.worker.wire import Wire

log = logging.getLogger(__name__)

# What a small model reads within its budget; what is nearest says most.
_BEFORE_CHARS, _AFTER_CHARS = 4_000, 1_000
_TOKENS_PER_LINE = 16
# After a failure nobody is asked for a while: a key would wait for nothing.
_PAUSE_S = 30.0
_LOOK_EVERY_S = 0.004
# Who types on has not waited for an answer: it is asked after a pause longer than the usual ones.
_PAUSES_KEPT, _LONGER, _MOST_WAIT_S = 8, 1.2, 0.15
# A pause of this length is no typing.
_TYPING_S = 1.0
# How sure a model is nobody knows; what became of its texts is counted apart.
SURE = 0.5
_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
_LAST_WORD = re.compile(r"\w*\Z")


class Filler:
    """Asks the model for what belongs at the cursor, as long as the text is the newest one."""

    def __init__(self, assistant: Assistant, clock: Callable[[], float] = time.monotonic) -> None:
        self._assistant = assistant
        self._clock = clock
        self._wires: dict[str, Wire] = {}
        self._lock = Lock()
        self._is_connecting = False
        self._again_at = 0.0
        self._asked_at = 0.0
        self._pauses: deque[float] = deque(maxlen=_PAUSES_KEPT)

    def suggest(self, question: Question, document: Document, offset: int) -> Suggestion | Silence:
        """What a model says belongs there, if it says so within the budget."""
        settings = question.settings.ghost_text
        if not settings.model or not is_likely(question.settings):
            return Silence("no-model", "No language model is set up for ghost text.")
        began = self._clock()
        wait_s = self._pause(began)
        wire = self._wire(question, document.path)
        if wire is None:
            return Silence("model-away", "The language model is not there yet.")
        ends_at = began + settings.model_budget_ms / 1_000
        while self._clock() < began + wait_s:
            if question.offers.is_stale(document):
                return _STALE
            time.sleep(_LOOK_EVERY_S)
        text = self._filled(question, wire, document, offset, ends_at)
        if text is None:
            return _STALE
        if not text.strip():
            return Silence("model-late", "The language model did not answer in time.")
        ends = tuple(found.end() for found in _TOKEN.finditer(text))
        return Suggestion(text, SURE, ends)

    def _pause(self, now: float) -> float:
        """How long to wait whether the user types on, by how fast that was done lately."""
        pause_s, self._asked_at = now - self._asked_at, now
        if pause_s < _TYPING_S:
            self._pauses.append(pause_s)
        usual_s = median(self._pauses) if self._pauses else 0.0
        return min(_LONGER * usual_s, _MOST_WAIT_S)

    def _filled(
        self, question: Question, wire: Wire, document: Document, offset: int, ends_at: float
    ) -> str | None:
        """The text, as far as it has come by then; None if the document has changed meanwhile."""
        settings = question.settings.ghost_text
        text = document.text
        deadline_s = max(0.01, ends_at - self._clock())
        body = {
            "path": document.path,
            "before": text[max(0, offset - _BEFORE_CHARS) : offset],
            "after": text[offset : offset + _AFTER_CHARS],
            "language": document.language,
            "max_tokens": _TOKENS_PER_LINE * settings.max_lines,
            "deadline_s": deadline_s,
        }
        arrived: SimpleQueue[dict[str, Any] | None] = SimpleQueue()
        events = wire.cancellable("/internal/fill", body, deadline_s=deadline_s + 1)
        Thread(target=self._read, args=(events, arrived), name="fill", daemon=True).start()
        said, is_whole = "", False
        with closing(events):
            while self._clock() < ends_at:
                if question.offers.is_stale(document):
                    return None
                try:
                    event = arrived.get(timeout=_LOOK_EVERY_S)
                except Empty:
                    continue
                if event is None:
                    is_whole = True
                    break
                said += event.get("text", "")
                if said.count("\n") > settings.max_lines:
                    break
        line = text[document.lines.start_of(document.lines.line_of(offset)) : offset]
        return _of_block(said if is_whole else _whole_part(said), _indent(line))

    def _read(self, events: Iterable[dict[str, Any]], arrived: SimpleQueue[Any]) -> None:
        try:
            for event in events:
                arrived.put(event)
            arrived.put(None)
        except NootropicError as error:
            log.debug("no ghost text by a model: %s", error)
            self._again_at = self._clock() + _PAUSE_S

    def _wire(self, question: Question, path: str) -> Wire | None:
        """The worker, if it is there; it is looked for while nobody waits."""
        if self._clock() < self._again_at:
            return None
        root = next((each for each in question.snapshot.folders if path.startswith(f"{each}/")), "")
        with self._lock:
            wire = self._wires.get(root)
            if wire is None and root and not self._is_connecting:
                self._is_connecting = True
                Thread(
                    target=self._connect, args=(question, path, root), name="worker", daemon=True
                ).start()
        return wire

    def _connect(self, question: Question, path: str, root: str) -> None:
        try:
            self._wires[root] = self._assistant.wire(question, path)
        except NootropicError as error:
            log.info("no ghost text by a model: %s", error)
            self._again_at = self._clock() + _PAUSE_S
        finally:
            self._is_connecting = False


_STALE = Silence("stale", "The text has changed since.")


def _whole_part(text: str) -> str:
    """What has come of an answer that has not ended, without the line or word that was cut."""
    line_end = text.rfind("\n")
    return text[:line_end] if line_end > 0 else _LAST_WORD.sub("", text)


def _of_block(text: str, indent: int) -> str:
    """What of it belongs to the block that is being written: models go on with the next one."""
    first, *lines = text.split("\n")
    kept = [first]
    for line in lines:
        if line.strip() and _indent(line) < indent:
            break
        kept.append(line)
    return "\n".join(kept).rstrip()


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
