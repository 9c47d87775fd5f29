"""Where the spans of a workspace go: into a database beside its index, and wherever the user says."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path

from nootropic_lsp import __version__
from nootropic_lsp.safety.egress import Egress
from nootropic_lsp.safety.redaction import redact_log
from nootropic_lsp.settings.options import Settings
from nootropic_lsp.store import traces
from nootropic_lsp.telemetry.otlp import encode
from nootropic_lsp.telemetry.prometheus import Counters
from nootropic_lsp.telemetry.spans import Sink, Span, Tracer

_DAY_S = 86_400
_DEADLINE_S = 10.0


def open_tracer(
    settings: Settings, database: Callable[[], Path | None], counters: Counters
) -> Tracer:
    """A tracer for a workspace. `database` says where its index is, None as long as there is none."""
    chosen = settings.telemetry
    sinks: list[Sink] = [counters]
    if chosen.traces:
        sinks.append(_Kept(database, chosen.keep_days))
    if chosen.otlp_url:
        sinks.append(_sender(chosen.otlp_url, Egress(settings.safety.allow_hosts)))
    return Tracer(sinks, redact=redact_log)


class _Kept:
    """Writes spans into a database, opened by the thread that hands them over."""

    def __init__(self, database: Callable[[], Path | None], keep_days: int) -> None:
        self._database = database
        self._keep_days = keep_days
        self._connection: traces.Connection | None = None

    def __call__(self, spans: Sequence[Span]) -> None:
        if self._connection is None:
            database = self._database()
            if database is not None:
                self._connection = traces.open_traces(traces.file_of(database))
            if self._connection is None:
                return
            since_s = time.time() - self._keep_days * _DAY_S
            traces.remove_before(self._connection, int(since_s * 1e9))
        traces.write(self._connection, spans)


def _sender(url: str, egress: Egress) -> Callable[[Sequence[Span]], None]:
    """Sends spans to a collector of OpenTelemetry, if the gate lets them out."""
    address = f"{url.rstrip('/')}/v1/traces"
    opener = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))

    def send(spans: Sequence[Span]) -> None:
        egress.check(address)
        body = json.dumps(encode(spans, version=__version__)).encode()
        request = urllib.request.Request(address, body, {"Content-Type": "application/json"})
        with opener.open(request, timeout=_DEADLINE_S) as answer:
            answer.read()

    return send


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect could lead past the gate."""

    def redirect_request(self, *_arguments: object) -> None:
        """Follow nowhere."""
