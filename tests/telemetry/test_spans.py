"""Spans know their parents, hold no text of anybody, and trouble nobody."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing

import pytest
from safety.test_secrets import KNOWN

from nootropic_lsp.core.errors import Failure, ModelError
from nootropic_lsp.safety.redaction import redact_log
from nootropic_lsp.telemetry import spans
from nootropic_lsp.telemetry.otlp import encode
from nootropic_lsp.telemetry.prometheus import Counters
from nootropic_lsp.telemetry.spans import Span, Tracer


class Kept:
    """A sink that keeps all it gets, and the tracer before it."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.tracer = Tracer([self.spans.extend], redact=redact_log)

    def __getitem__(self, name: str) -> Span:
        assert self.tracer.flush(deadline_s=10)
        (found,) = (span for span in self.spans if span.name == name)
        return found


@pytest.fixture
def kept() -> Iterator[Kept]:
    kept = Kept()
    yield kept
    kept.tracer.close()


CALL = {
    spans.OPERATION: "chat",
    spans.PROVIDER: "ollama",
    spans.MODEL: 'qwen"2.5\n',
    spans.INPUT_TOKENS: 1234567,
    spans.OUTPUT_TOKENS: 20,
    spans.COST_USD: 0.25,
}


def test_a_span_knows_its_parent_and_its_time(kept: Kept) -> None:
    with kept.tracer.span("ask") as ask:
        with kept.tracer.span("chat", {**CALL, "missing": None}) as chat:
            chat.note({"late": True})
        with kept.tracer.span("search"):
            pass
    with kept.tracer.span("other"):
        pass
    assert kept["ask"].parent == ""
    assert kept["chat"].parent == kept["search"].parent == ask.span_id
    assert kept["chat"].trace_id == ask.trace_id != kept["other"].trace_id
    assert (len(ask.trace_id), len(ask.span_id)) == (32, 16)
    assert dict(kept["chat"].attributes) == {**CALL, "late": True}
    assert kept["ask"].start_ns <= kept["chat"].start_ns
    assert kept["ask"].seconds >= kept["chat"].seconds > 0


def test_a_failure_is_noted_by_its_kind_and_flies_on(kept: Kept) -> None:
    with pytest.raises(ModelError):
        with kept.tracer.span("chat"):
            raise ModelError(Failure.RATE_LIMIT, "you said: my private prompt")
    with pytest.raises(KeyError):
        with kept.tracer.span("search"):
            raise KeyError("my private prompt")
    assert kept["chat"].status == "error"
    assert kept["chat"].attributes == {"error.type": "RATE_LIMIT"}
    assert kept["search"].attributes == {"error.type": "KeyError"}


async def test_tasks_have_parents_of_their_own(kept: Kept) -> None:
    async def one(name: str) -> None:
        with kept.tracer.span(name):
            await asyncio.sleep(0)
            with kept.tracer.span(f"{name} inside"):
                await asyncio.sleep(0)

    with kept.tracer.span("all") as together:
        await asyncio.gather(one("a"), one("b"))
        task = asyncio.create_task(one("cancelled"))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert kept["a"].parent == kept["b"].parent == together.span_id
    assert kept["a inside"].parent == kept["a"].span_id
    assert kept["b inside"].parent == kept["b"].span_id
    assert kept["cancelled"].attributes == {"error.type": "CancelledError"}


async def test_a_stream_is_no_parent_of_what_its_reader_does(kept: Kept) -> None:
    async def stream() -> AsyncIterator[int]:
        begun = kept.tracer.begin("chat", CALL)
        try:
            yield 1
            yield 2
        finally:
            begun.end()
            begun.end()

    with kept.tracer.span("ask") as ask:
        async with aclosing(stream()) as pieces:  # type: ignore[type-var]
            await anext(pieces)
            with kept.tracer.span("shown"):
                pass
    assert kept["shown"].parent == kept["chat"].parent == ask.span_id


async def test_a_generator_that_is_closed_elsewhere(kept: Kept) -> None:
    async def stream() -> AsyncIterator[int]:
        with kept.tracer.span("chat"):
            yield 1

    pieces = stream()
    await asyncio.create_task(anext(pieces))  # type: ignore[arg-type]
    await asyncio.create_task(pieces.aclose())  # type: ignore[attr-defined]
    assert kept["chat"].attributes == {"error.type": "GeneratorExit"}


def test_many_threads(kept: Kept) -> None:
    def work() -> None:
        for _ in range(200):
            with kept.tracer.span("work"):
                pass

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept.tracer.close()
    assert len({span.span_id for span in kept.spans}) == 1600
    assert {span.parent for span in kept.spans} == {""}


def test_no_secret_and_no_prompt_reaches_a_sink(kept: Kept) -> None:
    secret = KNOWN["github"]
    said = {
        "gen_ai.prompt": "what was said",
        "gen_ai.input.messages": "what was said",
        "gen_ai.output.messages": "what was said",
        "gen_ai.system_instructions": "what was said",
        "gen_ai.tool.call.arguments": "what was said",
    }
    with kept.tracer.span(f"ask {secret}", {**said, "url": f"http://x/{secret}", "n": 3}):
        pass
    with kept.tracer.span("long", {"text": "x" * 190 + " " + secret, "more": "ab " * 5000}):
        pass
    assert kept.tracer.flush(deadline_s=10)
    assert kept.spans[0].name == "ask [redacted]"
    assert kept.spans[0].attributes == {"url": "http://x/[redacted]", "n": 3}
    assert secret[:8] not in str(kept.spans)
    assert len(str(kept["long"].attributes["more"])) == 200


def test_a_sink_that_fails_troubles_nobody(caplog: pytest.LogCaptureFixture) -> None:
    def broken(_spans: Sequence[Span]) -> None:
        raise OSError("the disk is full")

    got: list[Span] = []
    tracer = Tracer([broken, got.extend], redact=str)
    for name in "abc":
        with tracer.span(name):
            pass
        assert tracer.flush(deadline_s=10)
    tracer.close()
    assert [span.name for span in got] == ["a", "b", "c"]
    assert caplog.text.count("the disk is full") == 1
    with tracer.span("after the end"):
        pass
    assert len(got) == 3


def test_what_nobody_takes_is_dropped_and_counted() -> None:
    is_held, may_go = threading.Event(), threading.Event()
    got: list[Span] = []

    def slow(batch: Sequence[Span]) -> None:
        is_held.set()
        may_go.wait(10)
        got.extend(batch)

    tracer = Tracer([slow], redact=str, most=5)
    tracer.begin("first").end()
    assert is_held.wait(10)
    for number in range(8):
        tracer.begin(str(number)).end()
    assert not tracer.flush(deadline_s=0.01)
    assert tracer.n_dropped == 3
    may_go.set()
    tracer.close()
    assert [span.name for span in got] == ["first", "3", "4", "5", "6", "7"]


# ---- for others

CHAT = Span("0" * 31 + "a", "b" * 16, "c" * 16, "chat", 10, 2_000_000_010, "ok", CALL)
FAILED = Span(
    "0" * 31 + "a", "d" * 16, "", "chat", 10, 20, "error", {spans.OPERATION: "chat", "is": False}
)


def test_as_otlp() -> None:
    encoded = json.loads(json.dumps(encode([CHAT, FAILED], version="1.2")))
    (resource,) = encoded["resourceSpans"]
    assert {"key": "service.name", "value": {"stringValue": "nootropic"}} in resource["resource"][
        "attributes"
    ]
    first, second = resource["scopeSpans"][0]["spans"]
    assert first["traceId"] == CHAT.trace_id
    assert (first["startTimeUnixNano"], first["endTimeUnixNano"]) == ("10", "2000000010")
    assert first["kind"] == 3
    assert first["parentSpanId"] == "c" * 16
    assert first["status"] == {"code": 1}
    values = {each["key"]: each["value"] for each in first["attributes"]}
    assert values["gen_ai.usage.input_tokens"] == {"intValue": "1234567"}
    assert values["nootropic.cost.usd"] == {"doubleValue": 0.25}
    assert "parentSpanId" not in second
    assert second["status"] == {"code": 2}
    assert {"key": "is", "value": {"boolValue": False}} in second["attributes"]


def test_as_prometheus_reads_it() -> None:
    counters = Counters()
    counters([CHAT, FAILED, Span("a", "b", "", "search", 0, 1)])
    counters([CHAT])
    text = counters.exposition()
    of_model = r'operation="chat",provider="ollama",model="qwen\"2.5\n"'
    assert text.startswith("# HELP nootropic_calls_total ")
    assert "# TYPE nootropic_tokens_total counter\n" in text
    assert f'nootropic_calls_total{{{of_model},status="ok"}} 2\n' in text
    assert 'nootropic_calls_total{operation="chat",provider="",model="",status="error"} 1\n' in text
    assert f'nootropic_tokens_total{{{of_model},direction="input"}} 2469134\n' in text
    assert f"nootropic_call_seconds_total{{{of_model}}} 4.0\n" in text
    assert f"nootropic_cost_usd_total{{{of_model}}} 0.5\n" in text
    assert "search" not in text
