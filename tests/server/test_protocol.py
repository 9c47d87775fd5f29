"""What every language server owes its client, asked of the real process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from server.client import FAKE, Client, Gone, Refused, place, span

A = "file:///a.py"


@pytest.fixture
def client() -> Iterator[Client]:
    with Client() as client:
        yield client


def test_goodbye(client: Client) -> None:
    client.start()
    began = time.monotonic()
    assert client.leave() == 0
    # pygls takes a second.
    assert time.monotonic() - began < 0.9
    assert "note: closed" in client.errors
    assert "Traceback" not in client.errors


def test_exit_without_shutdown(client: Client) -> None:
    client.start()
    client.notify("exit")
    assert client.process.wait(10) == 1


def test_exit_at_once(client: Client) -> None:
    client.notify("exit")
    assert client.process.wait(10) == 1


def test_the_end_of_input_is_an_end(client: Client) -> None:
    client.start()
    assert client.process.stdin
    client.process.stdin.close()
    assert client.process.wait(10) == 1
    client.wait_for(lambda: "note: closed" in client.errors or client.has_ended)
    assert "Traceback" not in client.errors


@pytest.mark.skipif(os.name != "posix", reason="signals are not there")
def test_the_end_of_the_parent_is_an_end(client: Client) -> None:
    parent = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    client.start(processId=parent.pid)
    client.open(A, "x")
    assert client.at("textDocument/hover", A, 0, 0)
    assert parent.stdin
    parent.communicate(b"\n", timeout=10)
    assert client.process.wait(10) == 1


def test_a_parent_out_of_sight_is_no_end(client: Client) -> None:
    client.start(processId=2**22 + 1)
    client.open(A, "x")
    assert client.at("textDocument/hover", A, 0, 0)


@pytest.mark.skipif(os.name != "posix", reason="signals are not there")
def test_terminated(client: Client) -> None:
    client.start()
    client.request("workspace/executeCommand", {"command": "nootropic.status"})
    client.process.send_signal(signal.SIGTERM)
    assert client.process.wait(10) == 1


def test_before_initialize(client: Client) -> None:
    with pytest.raises(Refused) as refused:
        client.request("textDocument/hover", place(A, 0, 0))
    assert refused.value.code == -32002
    client.open(A, "ignored")
    client.start()
    assert client.at("textDocument/hover", A, 0, 0) is None


def test_after_shutdown(client: Client) -> None:
    client.start()
    client.request("shutdown")
    with pytest.raises(Refused) as refused:
        client.request("textDocument/hover", place(A, 0, 0))
    assert refused.value.code == -32600
    client.open(A, "ignored")
    client.notify("exit")
    assert client.process.wait(10) == 0


def test_initialize_twice(client: Client) -> None:
    client.start()
    with pytest.raises(Refused) as refused:
        client.start()
    assert refused.value.code == -32600


def test_unknown_methods(client: Client) -> None:
    client.start()
    for method in ("textDocument/nothing", "$/nothing", "initialized/"):
        with pytest.raises(Refused) as refused:
            client.request(method, {})
        assert refused.value.code == -32601
    client.notify("$/nothing", {})
    client.notify("nothing", {})
    assert client.leave() == 0


def test_wrong_parameters(client: Client) -> None:
    client.start()
    for wrong in ({}, {"textDocument": 3}, [1], "x", None, place(A, 0, 0) | {"position": {}}):
        with pytest.raises(Refused) as refused:
            client.request("textDocument/hover", wrong)
        assert refused.value.code == -32602
    client.notify("textDocument/didChange", {"textDocument": {"uri": A}})
    deep = b"[" * 20_000 + b"]" * 20_000
    body = b'{"jsonrpc":"2.0","id":"deep","method":"textDocument/hover","params":%b}' % deep
    client.send_raw(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
    stray = client.wait_for(lambda: client.strays)[0]
    assert (stray["id"], stray["error"]["code"]) in (("deep", -32602), (None, -32700))
    assert client.leave() == 0


@pytest.mark.parametrize(
    ("garbage", "code"),
    [
        (b"not a header\r\n\r\n", -32700),
        (b"Content-Length: x\r\n\r\n", -32700),
        (b"Content-Length: 5\r\n\r\n{nope", -32700),
        (b'Content-Length: 16\r\n\r\n{"method":"\xff\xfe\x00",', -32700),
        (b"Content-Length: 2\r\n\r\n[]", -32600),
        (b"Content-Length: 4\r\n\r\nnull", -32600),
        (b"Content-Length: 2\r\n\r\n{}", -32600),
        (b'Content-Length: 12\r\n\r\n{"method":3}', -32600),
        (b'Content-Length: 20011\r\n\r\n{"params": ' + b"[" * 20000, -32700),
    ],
)
def test_garbage_is_survived(client: Client, garbage: bytes, code: int) -> None:
    client.start()
    client.send_raw(garbage)
    stray = client.wait_for(lambda: client.strays)[0]
    assert (stray["id"], stray["error"]["code"]) == (None, code)
    client.open(A, "x")
    assert client.at("textDocument/hover", A, 0, 0)


def test_nothing_else_reaches_the_pipe() -> None:
    # The fake house prints, and so would a library.
    script = "import sys; sys.argv=['x']; import runpy; print('hello')\n"
    path = FAKE[1]
    with Client(
        (sys.executable, "-c", f"{script}runpy.run_path({path!r}, run_name='__main__')")
    ) as client:
        # What is printed before the server runs is not ours to keep back: `hello` comes out.
        client.send_raw(b"")
        assert client.start()["serverInfo"]["name"] == "nootropic"


def test_half_a_surrogate_pair(client: Client) -> None:
    client.start()
    text = "x = '\ud83d'\nname = 1\n"
    client.open(A, text)
    found = client.at("textDocument/hover", A, 1, 0)
    assert found["range"] == span(1, 0, 1, 4)
    client.change(A, 2, {"range": span(0, 6, 0, 6), "text": "\ude00"})
    assert client.at("textDocument/prepareRename", A, 1, 0)["placeholder"] == "name"


def test_a_bug_is_told_once_and_answered_empty(client: Client) -> None:
    client.start()
    client.open(A, "boom")
    for _ in range(3):
        assert client.at("textDocument/hover", A, 0, 0) is None
        assert client.at("textDocument/references", A, 0, 0) is None
    assert len(client.notified("window/showMessage")) == 1
    assert "bug of ours" in client.notified("window/showMessage")[0]["message"]
    client.leave()
    assert client.errors.count("Traceback") == 1


def test_a_house_that_cannot_be_built(client: Client) -> None:
    client.start(rootUri="file:///haunted")
    client.open(A, "word")
    assert client.at("textDocument/hover", A, 0, 0) is None
    told = client.notified("window/showMessage")
    assert [each["message"] for each in told] == [
        "nootropic: this house is haunted; open another folder"
    ]
    assert client.leave() == 0


def test_a_hello_in_wrong_shapes(client: Client) -> None:
    client.start(processId="x", clientInfo=3, capabilities=[1], rootUri=7, rootPath={})
    client.open(A, "word")
    assert client.at("textDocument/hover", A, 0, 0)


def test_a_bug_in_an_edit_is_survived(client: Client) -> None:
    client.start()
    client.open(A, "crash-on-edit")
    client.wait_notified("window/showMessage")
    assert client.at("textDocument/hover", A, 0, 0)


def test_what_a_user_can_act_on_is_told_once(client: Client) -> None:
    client.start()
    client.open(A, "sorry")
    for _ in range(2):
        assert client.at("textDocument/hover", A, 0, 0) is None
    told = client.notified("window/showMessage")
    assert [each["message"] for each in told] == [
        "nootropic: that cannot be answered; try another word"
    ]


def test_a_refusal_is_an_error_with_its_sentence(client: Client) -> None:
    client.start()
    client.open(A, "refuse")
    with pytest.raises(Refused) as refused:
        client.at("textDocument/rename", A, 0, 0, newName="x")
    assert refused.value.code == -32803
    assert refused.value.message == "this name is not ours to change; rename another"
    assert not client.notified("window/showMessage")


def test_a_slow_answer_stands_in_nobodys_way(client: Client) -> None:
    client.start()
    client.open(A, "nap spin word")
    slow = [client.begin("textDocument/references", place(A, 0, 0)) for _ in range(6)]
    slow += [client.begin("textDocument/references", place(A, 0, 5))]
    began = time.monotonic()
    assert client.at("textDocument/hover", A, 0, 10)
    assert time.monotonic() - began < 0.35
    for each in slow:
        client.answer(each)


def test_cancelling(client: Client) -> None:
    client.start()
    client.open(A, "nap")
    asked = [client.begin("textDocument/references", place(A, 0, 0)) for _ in range(6)]
    began = time.monotonic()
    for each in asked:
        client.notify("$/cancelRequest", {"id": each})
    for each in asked:
        with pytest.raises(Refused) as refused:
            client.answer(each)
        assert refused.value.code == -32800
    # The running ones are answered, too, before they are done.
    assert time.monotonic() - began < 0.35
    client.notify("$/cancelRequest", {"id": asked[0]})
    client.notify("$/cancelRequest", {"id": "unknown"})
    assert client.leave() == 0


def test_a_thousand_requests_in_flight(client: Client) -> None:
    client.start()
    client.open(A, "word other")
    methods = ("hover", "references", "definition", "documentSymbol", "semanticTokens/full")
    asked = []
    for number in range(1000):
        asked.append(client.begin(f"textDocument/{methods[number % 5]}", place(A, 0, 0)))
        if number % 3 == 0:
            client.notify("$/cancelRequest", {"id": asked[-1]})
        if number % 10 == 0:
            insert = {"range": span(0, 0, 0, 0), "text": "x"}
            client.change(A, number + 2, insert)
    refusals = []
    for each in asked:
        try:
            assert client.answer(each) is not None
        except Refused as refused:
            refusals.append(refused.code)
    assert set(refusals) <= {-32800}
    assert len(refusals) <= 334
    # Nobody is answered twice.
    assert not client.strays
    assert client.leave() == 0


def test_a_question_sees_the_edits_before_it_and_none_after(client: Client) -> None:
    client.start()
    client.open(A, "nap\n")
    asked = []
    for number in range(20):
        client.change(A, number + 2, {"text": "line\n" * number + "def end"})
        asked.append(client.begin("textDocument/documentSymbol", {"textDocument": {"uri": A}}))
    found = [client.answer(each)[-1]["location"]["range"]["start"]["line"] for each in asked]
    assert found == list(range(20))


def test_a_client_that_reads_late_does_not_stop_us() -> None:
    """More questions than the pipe has room for answers, all written before one is read."""
    with subprocess.Popen(
        FAKE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdin
        assert process.stdout

        def message(**parts: object) -> bytes:
            body = json.dumps({"jsonrpc": "2.0", **parts}).encode()
            return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)

        document = {"uri": A, "languageId": "python", "version": 1, "text": "word " * 5000}
        stream = [
            message(id=0, method="initialize", params={"capabilities": {}}),
            message(method="initialized", params={}),
            message(method="textDocument/didOpen", params={"textDocument": document}),
        ]
        stream += [
            message(id=n, method="textDocument/references", params=place(A, 0, 0))
            for n in range(1, 6)
        ]
        stream += [message(id=6, method="shutdown"), message(method="exit")]
        process.stdin.write(b"".join(stream))
        process.stdin.flush()
        time.sleep(1.0)  # The one place where late is what is tested.
        answers = process.stdout.read()
        assert process.wait(10) == 0
        assert b'"id":6,' in answers


def test_gone_is_noticed() -> None:
    with Client((sys.executable, "-c", "pass")) as client:
        with pytest.raises((Gone, BrokenPipeError)):
            client.request("initialize", {}, deadline_s=5)


def test_the_log_does_not_hold_the_text(client: Client, tmp_path: Path) -> None:
    client.start(tmp_path)
    client.open(A, "secret_in_the_source")
    client.at("textDocument/hover", A, 0, 0)
    client.leave()
    assert "secret_in_the_source" not in client.errors
