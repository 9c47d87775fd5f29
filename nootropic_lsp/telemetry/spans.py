"""Spans: what was done, when, for how long and with what result; never what was said."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from nootropic_lsp.core.errors import ModelError

log = logging.getLogger(__name__)

Value = str | int | float | bool
Status = Literal["ok", "error"]

# The names of OpenTelemetry's conventions for generative AI, as far as they have one.
OPERATION = "gen_ai.operation.name"
PROVIDER = "gen_ai.provider.name"
MODEL = "gen_ai.request.model"
INPUT_TOKENS = "gen_ai.usage.input_tokens"
OUTPUT_TOKENS = "gen_ai.usage.output_tokens"
ERROR = "error.type"
COST_USD = "nootropic.cost.usd"
PROMPT = "nootropic.prompt.name"
PROMPT_VERSION = "nootropic.prompt.version"

# Under these names others note what was said.
_SAID = (
    *("gen_ai.prompt", "gen_ai.completion", "gen_ai.input", "gen_ai.output"),
    *("gen_ai.system_instructions", "gen_ai.tool.call", "gen_ai.tool.definitions"),
)
_MOST_CHARS = 200


@dataclass(frozen=True, slots=True)
class Span:
    """Something that was done. Ids are those of OpenTelemetry, in hexadecimal; `parent` may be ""."""

    trace_id: str
    span_id: str
    parent: str
    name: str
    start_ns: int
    end_ns: int
    status: Status = "ok"
    attributes: Mapping[str, Value] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """How long it took."""
        return (self.end_ns - self.start_ns) / 1e9


Sink = Callable[[Sequence[Span]], object]


class Open:
    """Something that is being done."""

    def __init__(self, tracer: Tracer, name: str, parent: Open | None) -> None:
        self._tracer = tracer
        self._name = name
        self._parent = "" if parent is None else parent.span_id
        self.trace_id: str = secrets.token_hex(16) if parent is None else parent.trace_id
        self.span_id: str = secrets.token_hex(8)
        self._attributes: dict[str, Value] = {}
        self._start_ns = time.time_ns()
        self._began = time.perf_counter_ns()
        self._status: Status = "ok"
        self._is_done = False

    def note(self, attributes: Mapping[str, Value | None]) -> None:
        """Add to what is known of it; None is for what is not."""
        self._attributes |= {name: each for name, each in attributes.items() if each is not None}

    def fail(self, error: BaseException | str) -> None:
        """It has failed, with an error of this kind. What the error says is not kept."""
        self._status = "error"
        if isinstance(error, ModelError):
            kind = error.failure.value
        else:
            kind = error if isinstance(error, str) else type(error).__name__
        self._attributes[ERROR] = kind

    def end(self) -> None:
        """It is done. Only the first time counts."""
        if self._is_done:
            return
        self._is_done = True
        # Clocks are put right meanwhile; what it took must not depend on that.
        end_ns = self._start_ns + time.perf_counter_ns() - self._began
        self._tracer.take(
            Span(
                *(self.trace_id, self.span_id, self._parent, self._name),
                *(self._start_ns, end_ns, self._status, MappingProxyType(self._attributes)),
            )
        )


_current: ContextVar[Open | None] = ContextVar("nootropic_span", default=None)


class Tracer:
    """Hands spans to sinks, on a thread of its own: nobody waits for them, none fails by them.

    `redact` sees every text of a span before any sink does. With more than `most` waiting,
    the oldest are dropped and counted.
    """

    def __init__(
        self, sinks: Sequence[Sink], *, redact: Callable[[str], str], most: int = 10_000
    ) -> None:
        self._sinks = tuple(sinks)
        self._redact = redact
        self._waiting: deque[Span] = deque()
        self._most = most
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._is_busy = False
        self._is_closed = False
        self._failed: set[Sink] = set()
        self.n_dropped = 0

    def begin(self, name: str, attributes: Mapping[str, Value | None] | None = None) -> Open:
        """Something begins that is no parent of what follows, such as a stream."""
        begun = Open(self, name, _current.get())
        begun.note(attributes or {})
        return begun

    @contextmanager
    def span(
        self, name: str, attributes: Mapping[str, Value | None] | None = None
    ) -> Iterator[Open]:
        """What is done inside, and the parent of what begins there. An exception flies on."""
        begun = self.begin(name, attributes)
        before = _current.set(begun)
        try:
            yield begun
        except BaseException as error:
            begun.fail(error)
            raise
        finally:
            # A generator may be closed in another context than it was begun in.
            with suppress(ValueError):
                _current.reset(before)
            begun.end()

    def take(self, span: Span) -> None:
        """Have a span handed on."""
        with self._changed:
            if self._is_closed or not self._sinks:
                return
            if len(self._waiting) >= self._most:
                self._waiting.popleft()
                self.n_dropped += 1
            self._waiting.append(span)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="spans", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def flush(self, *, deadline_s: float) -> bool:
        """Wait until all is handed on; False if it was not by then."""
        with self._changed:
            return self._changed.wait_for(
                lambda: not self._waiting and not self._is_busy, deadline_s
            )

    def close(self, *, deadline_s: float = 2.0) -> None:
        """Hand on what waits, and take no more."""
        self.flush(deadline_s=deadline_s)
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(deadline_s)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._is_busy = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._waiting or self._is_closed)
                if not self._waiting:
                    return
                self._is_busy = True
                batch = list(self._waiting)
                self._waiting.clear()
            self._hand_on(batch)

    def _hand_on(self, batch: Sequence[Span]) -> None:
        try:
            clean = [_clean(span, self._redact) for span in batch]
        except Exception:
            log.exception("spans could not be cleaned of secrets and are dropped")
            return
        for sink in self._sinks:
            try:
                sink(clean)
            except Exception as error:  # noqa: BLE001 -- whatever it is, work goes on
                if sink not in self._failed:
                    self._failed.add(sink)
                    log.warning("spans are not kept any more at one place: %s", error)


def _clean(span: Span, redact: Callable[[str], str]) -> Span:
    attributes = {
        name: _short(value, redact) if isinstance(value, str) else value
        for name, value in span.attributes.items()
        if not name.startswith(_SAID)
    }
    return Span(
        *(span.trace_id, span.span_id, span.parent, _short(span.name, redact)),
        *(span.start_ns, span.end_ns, span.status, MappingProxyType(attributes)),
    )


def _short(text: str, redact: Callable[[str], str]) -> str:
    """The beginning of a text. Half a secret could not be recognised, so more of it is looked at."""
    return redact(text[: 10 * _MOST_CHARS])[:_MOST_CHARS]
