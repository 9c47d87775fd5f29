"""The HTTP API with real clients and a real engine: the model that the repository makes."""

from __future__ import annotations

import http.client
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest
from worker_house import allow, working, workspace

from nootropic_lsp.core.errors import Failure, ModelError
from nootropic_lsp.worker import notice
from nootropic_lsp.worker.client import Client
from nootropic_lsp.worker.wire import Wire, WorkerError

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")

MODEL = "embedded:tiny"
ASKED = [{"role": "user", "content": "Say something."}]


@pytest.fixture(scope="module")
def served(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Wire, Path, notice.Notice]]:
    with pytest.MonkeyPatch.context() as patch:
        home = tmp_path_factory.mktemp("home")
        patch.setenv("NOOTROPIC_HOME", str(home))
        allow(home, telemetry__prometheus=True, models__maxOutputTokens=64)
        root = workspace(tmp_path_factory.mktemp("served"))
        with working(root) as wire:
            said = notice.read(notice.folder_of(root))
            assert said is not None
            yield wire, root, said


@pytest.fixture
def client(served: Any) -> Client:
    return Client(served[0])


@pytest.fixture
def theirs(served: Any) -> openai.OpenAI:
    said = served[2]
    return openai.OpenAI(base_url=f"{said.address}/v1", api_key=said.token, max_retries=0)


def raw(
    served: Any, method: str, path: str, body: bytes | None = None, **headers: str
) -> tuple[int, dict[str, str], Any]:
    said = served[2]
    connection = http.client.HTTPConnection("127.0.0.1", said.port, timeout=30)
    usual = {"Authorization": f"Bearer {said.token}", "Content-Type": "application/json"}
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body, {**usual, **given})
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    return answer.status, {k.lower(): v for k, v in answer.getheaders()}, json.loads(text or b"{}")


# ---- OpenAI's own client


def test_models_are_listed(theirs: openai.OpenAI) -> None:
    (model,) = theirs.models.list().data
    assert (model.id, model.owned_by) == (MODEL, "embedded")


def test_a_conversation(theirs: openai.OpenAI) -> None:
    made = theirs.chat.completions.create(model=MODEL, messages=ASKED, max_tokens=20)  # type: ignore[arg-type]
    assert made.object == "chat.completion"
    assert made.model == MODEL
    assert made.choices[0].message.role == "assistant"
    assert made.choices[0].finish_reason in ("stop", "length")
    assert made.usage is not None
    assert made.usage.completion_tokens <= 20
    assert made.usage.total_tokens == made.usage.prompt_tokens + made.usage.completion_tokens


def test_a_streamed_conversation_says_the_same(theirs: openai.OpenAI) -> None:
    asked: dict[str, Any] = {"model": "auto", "messages": ASKED, "max_tokens": 20, "temperature": 0}
    whole = theirs.chat.completions.create(**asked)
    chunks = list(
        theirs.chat.completions.create(**asked, stream=True, stream_options={"include_usage": True})
    )
    text = "".join(each.choices[0].delta.content or "" for each in chunks if each.choices)
    assert text == whole.choices[0].message.content
    assert len({each.id for each in chunks}) == 1
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens > 0
    finishes = [each.choices[0].finish_reason for each in chunks if each.choices]
    assert finishes[-1] == whole.choices[0].finish_reason
    assert set(finishes[:-1]) == {None}


def test_an_answer_follows_a_schema(theirs: openai.OpenAI) -> None:
    schema = {
        "type": "object",
        "properties": {"right": {"type": "boolean"}},
        "required": ["right"],
        "additionalProperties": False,
    }
    made = theirs.chat.completions.create(
        model=MODEL,
        messages=ASKED,  # type: ignore[arg-type]
        response_format={
            "type": "json_schema",
            "json_schema": {"name": "answer", "schema": schema, "strict": True},
        },
    )
    said = json.loads(made.choices[0].message.content or "")
    assert isinstance(said["right"], bool)


def test_a_gap_is_filled(theirs: openai.OpenAI) -> None:
    made = theirs.completions.create(
        model=MODEL, prompt="def add(a, b):\n    return ", suffix="\n", max_tokens=8
    )
    assert made.object == "text_completion"
    assert made.choices[0].finish_reason in ("stop", "length")
    streamed = list(
        theirs.completions.create(
            model=MODEL, prompt="def add(a, b):\n    return ", max_tokens=8, stream=True
        )
    )
    assert streamed[-1].choices[0].finish_reason in ("stop", "length")


def test_vectors_of_texts(theirs: openai.OpenAI) -> None:
    made = theirs.embeddings.create(model=MODEL, input=["one", "two"])
    assert [each.index for each in made.data] == [0, 1]
    plain = theirs.embeddings.create(model=MODEL, input="one", encoding_format="float")
    assert made.data[0].embedding == pytest.approx(plain.data[0].embedding, abs=1e-5)


def test_what_cannot_be_done_is_refused_not_ignored(theirs: openai.OpenAI) -> None:
    for more in (
        {"n": 2},
        {"logprobs": True},
        {"tools": [{"type": "function", "function": {"name": "x"}}]},
        {"temperature": 9},
        {"max_tokens": 0},
    ):
        with pytest.raises(openai.BadRequestError):
            theirs.chat.completions.create(model=MODEL, messages=ASKED, **more)  # type: ignore[call-overload]
    picture = {"type": "image_url", "image_url": {"url": "data:,"}}
    with pytest.raises(openai.BadRequestError, match="only text"):
        theirs.chat.completions.create(
            model=MODEL,
            messages=[{"role": "user", "content": [picture]}],  # type: ignore[list-item,misc]
        )


def test_an_unknown_model_is_an_error_that_names_the_way_out(theirs: openai.OpenAI) -> None:
    with pytest.raises(openai.APIStatusError, match="nootropic models") as failed:
        theirs.chat.completions.create(model="nobody:knows", messages=ASKED)  # type: ignore[arg-type]
    assert failed.value.status_code == 503
    assert failed.value.code == Failure.MODEL_LOAD_FAILED.value


def test_too_long_a_conversation(theirs: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as failed:
        theirs.chat.completions.create(
            model=MODEL, messages=[{"role": "user", "content": "a b " * 20_000}]
        )
    assert failed.value.code == Failure.CONTEXT_OVERFLOW.value


# ---- our own client


def test_chat_stream_and_batch(client: Client) -> None:
    whole = client.chat(ASKED, max_tokens=16, temperature=0)
    assert whole["model"] == MODEL
    assert whole["why"]
    *events, last = client.stream(ASKED, max_tokens=16, temperature=0)
    assert "".join(each["text"] for each in events) == whole["message"]["content"]
    assert last["usage"]["output_tokens"] == whole["usage"]["output_tokens"]
    many = client.batch([ASKED] * 5, max_tokens=4)
    assert len(many) == 5
    assert all(each["message"]["role"] == "assistant" for each in many)


def test_a_failure_is_raised_with_its_kind(client: Client) -> None:
    with pytest.raises(ModelError) as failed:
        client.chat(ASKED, model="nobody:knows")
    assert failed.value.failure is Failure.MODEL_LOAD_FAILED
    with pytest.raises(WorkerError, match="max_tokens"):
        client.chat(ASKED, max_tokens=-1)


def test_search(client: Client) -> None:
    (hit,) = client.search("parse a date", limit=1)["hits"]
    assert (hit["path"], hit["name"], hit["line"]) == ("shop/dates.py", "parse_date", 1)


# ---- the door itself


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": ""}, 401),
        ({"Authorization": "Basic abc"}, 401),
        ({"Host": "evil.example:80"}, 400),
        ({"Content_Length": "99999999"}, 413),
    ],
)
def test_who_may_not_come_in(served: Any, headers: dict[str, str], status: int) -> None:
    found, more, said = raw(served, "GET", "/v1/models", **headers)
    assert found == status
    assert said["error"]["message"]
    assert ("www-authenticate" in more) == (status == 401)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"{}", b'{"messages": []}', b'{"messages": 1}', b"\xff"]
)
@pytest.mark.parametrize("path", ["/v1/chat", "/v1/chat/completions"])
def test_what_cannot_be_read_is_400(served: Any, path: str, body: bytes) -> None:
    status, _, said = raw(served, "POST", path, body)
    assert status == 400
    assert said["error"]["type"] == "invalid_request_error"
    assert said["error"]["message"]


def test_other_places_and_ways(served: Any) -> None:
    assert raw(served, "GET", "/v1/nothing")[0] == 404
    assert raw(served, "GET", "/v1/chat")[0] == 405


def test_a_body_may_not_grow_past_the_limit(served: Any) -> None:
    said = served[2]
    connection = http.client.HTTPConnection("127.0.0.1", said.port, timeout=30)
    connection.putrequest("POST", "/v1/chat")
    connection.putheader("Authorization", f"Bearer {said.token}")
    connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders()
    piece = b"x" * 500_000
    try:
        for _ in range(12):
            connection.send(b"%x\r\n%s\r\n" % (len(piece), piece))
        connection.send(b"0\r\n\r\n")
    except OSError:
        pass
    assert connection.getresponse().status == 413
    connection.close()


def test_the_description_is_openapi_3(served: Any) -> None:
    status, _, said = raw(served, "GET", "/openapi.json")
    assert status == 200
    assert said["openapi"].startswith("3.")
    assert {
        "/v1/chat",
        "/v1/chat/completions",
        "/v1/completions",
        "/v1/embeddings",
        "/v1/models",
        "/v1/search",
    } <= set(said["paths"])
    assert not [path for path in said["paths"] if path.startswith("/internal")]


def test_who_leaves_stops_the_work(served: Any, client: Client) -> None:
    """The tiny model would talk to the end of its context."""
    stream = client.stream(ASKED, max_tokens=7_000, temperature=1.5, seed=3)
    next(stream)
    stream.close()
    # The engine has one place to answer at: it is free again.
    began = time.monotonic()
    client.chat(ASKED, max_tokens=1)
    assert time.monotonic() - began < 5


def test_the_counters_have_counted(served: Any, client: Client) -> None:
    client.chat(ASKED, max_tokens=1, temperature=0.7)
    said = served[2]
    ends_at = time.monotonic() + 10
    text = ""
    while "nootropic_calls_total{" not in text and time.monotonic() < ends_at:
        connection = http.client.HTTPConnection("127.0.0.1", said.port, timeout=30)
        connection.request("GET", "/v1/metrics", headers={"Authorization": f"Bearer {said.token}"})
        text = connection.getresponse().read().decode()
        connection.close()
    assert 'provider="embedded"' in text


def test_too_many_at_once_is_429(tmp_path: Path, home: Path) -> None:
    allow(home, safety__requestsPerMinute=1)
    root = workspace(tmp_path)
    with working(root) as wire:
        said = notice.read(notice.folder_of(root))
        theirs = openai.OpenAI(base_url=f"{said.address}/v1", api_key=said.token, max_retries=0)  # type: ignore[union-attr]
        Client(wire).chat(ASKED, max_tokens=1, seed=1)
        with pytest.raises(openai.RateLimitError) as failed:
            theirs.chat.completions.create(model=MODEL, messages=ASKED, max_tokens=1, seed=2)  # type: ignore[arg-type]
        assert int(failed.value.response.headers["retry-after"]) > 30
