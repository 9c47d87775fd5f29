"""Spans as OTLP/HTTP wants them in JSON; whoever has a connection sends them to `/v1/traces`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nootropic_lsp.telemetry.spans import OPERATION, Span, Value

_INTERNAL, _CLIENT = 1, 3
_OK, _ERROR = 1, 2


def encode(spans: Sequence[Span], *, version: str) -> dict[str, Any]:
    """An ExportTraceServiceRequest, as plain values."""
    resource = {"service.name": "nootropic", "service.version": version}
    scope = {"name": "nootropic_lsp", "version": version}
    return {
        "resourceSpans": [
            {
                "resource": {"attributes": _attributes(resource)},
                "scopeSpans": [{"scope": scope, "spans": [_span(each) for each in spans]}],
            }
        ]
    }


def _span(span: Span) -> dict[str, Any]:
    encoded = {
        "traceId": span.trace_id,
        "spanId": span.span_id,
        "name": span.name,
        "kind": _CLIENT if OPERATION in span.attributes else _INTERNAL,
        # 64 bits are strings in the JSON of protocol buffers.
        "startTimeUnixNano": str(span.start_ns),
        "endTimeUnixNano": str(span.end_ns),
        "attributes": _attributes(span.attributes),
        "status": {"code": _OK if span.status == "ok" else _ERROR},
    }
    return {**encoded, "parentSpanId": span.parent} if span.parent else encoded


def _attributes(attributes: Mapping[str, Value]) -> list[dict[str, Any]]:
    return [{"key": name, "value": _value(value)} for name, value in attributes.items()]


def _value(value: Value) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    return {"doubleValue": value} if isinstance(value, float) else {"stringValue": value}
