"""Ghost text as an editor asks for it, from the real process, and what it tells of it afterwards."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import converters, types
from server.client import Client, Refused, place, span

from nootropic_lsp.learning.counters import Counters

METHOD = "textDocument/inlineCompletion"
CONVERTER = converters.get_converter()
A = "file:///a.py"
TEXT = "price = tax = 1\ntotal = \n"
SAYS = {"total = ": "price + tax", "pri": "ce + tax", "price": " + tax", "prices": " + tax"}
COMMAND = (sys.executable, str(Path(__file__).with_name("ghost_server.py")))
Start = Callable[..., Client]


@pytest.fixture
def start() -> Iterator[Start]:
    clients: list[Client] = []

    def start(says: Any = SAYS, sure: float = 0.9, **more: Any) -> Client:
        client = Client(COMMAND, env={"SAYS": json.dumps(says), "SURE": str(sure)})
        clients.append(client)
        client.start(**more)
        client.open(A, TEXT)
        return client

    yield start
    for client in clients:
        client.stop()
        assert "Traceback" not in client.errors


@pytest.fixture
def client(start: Start) -> Client:
    return start()


def asking(line: int, character: int, *, kind: int = 2, selected: Any = None) -> dict[str, Any]:
    context: dict[str, Any] = {"triggerKind": kind}
    if selected is not None:
        context["selectedCompletionInfo"] = selected
    return place(A, line, character, context=context)


def ask(client: Client, line: int, character: int, **more: Any) -> Any:
    """The only item, or None."""
    result = client.request(METHOD, asking(line, character, **more))
    response = types.METHOD_TO_TYPES[METHOD][1]
    CONVERTER.structure({"id": 1, "jsonrpc": "2.0", "result": result}, response)
    if result is None:
        return None
    (item,) = result["items"]
    return item


def type_(client: Client, version: int, line: int, character: int, text: str) -> None:
    at = span(line, character, line, character)
    client.change(A, version, {"range": at, "text": text})


def run(client: Client, item: Any) -> None:
    command = item["command"]
    client.request(
        "workspace/executeCommand",
        {"command": command["command"], "arguments": command["arguments"]},
    )


def counted(client: Client, home: Path) -> dict[str, int]:
    """What was counted for Python by the end of the server."""
    assert client.leave() == 0
    totals = Counters(home / "cache" / "learning.db").totals()
    return {name: n for name, n in totals.get("python", {}).items() if n}


def test_it_is_offered(start: Start) -> None:
    with Client(COMMAND, env={"SAYS": "{}"}) as client:
        capabilities = client.start()["capabilities"]
        assert capabilities["inlineCompletionProvider"] is True
        assert "nootropic.accepted" in capabilities["executeCommandProvider"]["commands"]
    with Client(COMMAND, env={"SAYS": "{}"}) as client:
        off = client.start(options={"features": {"inlineCompletion": False}})
        assert "inlineCompletionProvider" not in off["capabilities"]
        client.open(A, TEXT)
        assert client.request(METHOD, asking(1, 8)) is None


def test_ghost_text(client: Client) -> None:
    item = ask(client, 1, 8)
    assert item["insertText"] == "price + tax"
    assert item["range"] == span(1, 8, 1, 8)
    assert item["command"]["command"] == "nootropic.accepted"


def test_silence_is_null(client: Client) -> None:
    assert ask(client, 0, 15) is None
    assert ask(client, 99, 99) is None
    client.notify("textDocument/didClose", {"textDocument": {"uri": A}})
    assert ask(client, 1, 8) is None


def test_the_status_says_why(client: Client) -> None:
    ask(client, 0, 15)
    status = client.request("workspace/executeCommand", {"command": "nootropic.status"})
    assert status["ghost_text"] == "Nothing is likely enough."
    ask(client, 1, 8)
    status = client.request("workspace/executeCommand", {"command": "nootropic.status"})
    assert "90%" in status["ghost_text"]


def test_who_asks_gets_less_sure_text_too(start: Start) -> None:
    client = start(sure=0.5)
    assert ask(client, 1, 8) is None
    assert ask(client, 1, 8, kind=1)["insertText"] == "price + tax"


def test_settings(start: Start) -> None:
    client = start(sure=0.5, options={"ghostText": {"threshold": 0.5}})
    assert ask(client, 1, 8) is not None
    client = start(options={"ghostText": {"disabledLanguages": ["python"]}})
    assert ask(client, 1, 8) is None


# ---- typing on


def test_what_is_typed_as_shown_is_no_new_offer(client: Client, home: Path) -> None:
    first = ask(client, 1, 8)
    for number, letter in enumerate("price"):
        type_(client, 2 + number, 1, 8 + number, letter)
        rest = ask(client, 1, 9 + number)
        assert rest["insertText"] == "price + tax"[number + 1 :]
        assert rest["command"] == first["command"]
    assert counted(client, home)["offered"] == 1


def test_something_else_is_a_new_offer(client: Client) -> None:
    first = ask(client, 1, 8)
    type_(client, 2, 1, 8, "pri")
    rest = ask(client, 1, 11)
    assert rest["command"] == first["command"]
    type_(client, 3, 0, 0, "\n")
    assert ask(client, 2, 11)["command"] != first["command"]


def test_taking_back_a_letter_goes_on_with_it(client: Client) -> None:
    first = ask(client, 1, 8)
    type_(client, 2, 1, 8, "p")
    client.change(A, 3, {"range": span(1, 8, 1, 9), "text": ""})
    again = ask(client, 1, 8)
    assert again == first


# ---- the menu


def test_the_selected_entry_is_honoured(client: Client) -> None:
    type_(client, 2, 1, 8, "pri")
    selected = {"range": span(1, 8, 1, 11), "text": "prices"}
    client.change(A, 3, {"range": span(0, 0, 0, 0), "text": "prices = 2\n"})
    selected["range"] = span(2, 8, 2, 11)
    item = ask(client, 2, 11, selected=selected)
    assert item["insertText"] == "prices + tax"
    assert item["range"] == selected["range"]
    other = {"range": span(2, 8, 2, 11), "text": "private"}
    assert ask(client, 2, 11, selected=other) is None
    # Without the menu it is not gone on with: the user may want another word.
    assert ask(client, 2, 11)["insertText"] == "ce + tax"


def test_an_entry_that_agrees_keeps_the_offer(client: Client) -> None:
    first = ask(client, 1, 8)
    type_(client, 2, 1, 8, "pr")
    selected = {"range": span(1, 8, 1, 10), "text": "price"}
    item = ask(client, 1, 10, selected=selected)
    assert item["insertText"] == "price + tax"
    assert item["command"] == first["command"]


# ---- versions and cancelling


def test_a_text_that_has_changed_gets_no_answer(client: Client) -> None:
    client.change(A, 2, {"text": "# sleepy\n" + TEXT})
    stale = client.begin(METHOD, asking(2, 8))
    client.wait_for(lambda: "note: asked" in client.errors)
    client.change(A, 3, {"text": TEXT})
    fresh = client.begin(METHOD, asking(1, 8))
    assert client.answer(stale) is None
    assert client.answer(fresh)["items"][0]["insertText"] == "price + tax"


def test_two_hundred_requests_and_their_cancelling(client: Client) -> None:
    client.change(A, 2, {"text": "# sleepy\n" + TEXT})
    waiting = [client.begin(METHOD, asking(2, 8)) for _ in range(200)]
    for each in waiting[:-1]:
        client.notify("$/cancelRequest", {"id": each})
    began = time.monotonic()
    assert client.at("textDocument/hover", A, 1, 1) is not None
    assert client.answer(waiting[-1]) is not None
    assert time.monotonic() - began < 3
    for each in waiting[:-1]:
        with pytest.raises(Refused) as refused:
            client.answer(each)
        assert refused.value.code == -32800


def test_a_hundred_versions_in_flight(client: Client) -> None:
    waiting = []
    for version in range(2, 102):
        client.change(A, version, {"text": f"x = {version}\n{TEXT}"})
        waiting.append(client.begin(METHOD, asking(2, 8)))
    answers = [client.answer(each) for each in waiting]
    assert answers[-1] is not None
    newest = {"items": answers[-1]["items"]}
    assert all(
        each is None or each["items"][0]["range"] == newest["items"][0]["range"] for each in answers
    )


# ---- what became of it


def test_accepting_by_the_command(client: Client, home: Path) -> None:
    item = ask(client, 1, 8)
    type_(client, 2, 1, 8, item["insertText"])
    run(client, item)
    run(client, item)
    assert counted(client, home) == {"offered": 1, "shown": 1, "accepted": 1, "characters": 11}


def test_accepting_without_the_command(client: Client, home: Path) -> None:
    item = ask(client, 1, 8)
    type_(client, 2, 1, 8, "p")
    type_(client, 3, 1, 9, item["insertText"][1:])
    assert counted(client, home) == {"offered": 1, "shown": 1, "accepted": 1, "characters": 10}


def test_accepting_a_part(client: Client, home: Path) -> None:
    item = ask(client, 1, 8)
    client.notify("textDocument/didShowCompletion", {"item": item})
    type_(client, 2, 1, 8, "price")
    told = {"item": item, "acceptedLength": 5}
    client.notify("textDocument/didPartiallyAcceptCompletion", told)
    type_(client, 3, 1, 13, "!")
    assert counted(client, home) == {"offered": 1, "shown": 1, "partly": 1, "characters": 5}


def test_refusing(client: Client, home: Path) -> None:
    item = ask(client, 1, 8)
    client.notify("textDocument/didShowCompletion", {"item": item})
    type_(client, 2, 1, 8, "x")
    assert counted(client, home) == {"offered": 1, "shown": 1, "rejected": 1}


def test_what_was_not_on_the_screen_is_not_refused(client: Client, home: Path) -> None:
    ask(client, 1, 8)
    type_(client, 2, 1, 8, "x")
    assert counted(client, home) == {"offered": 1}


def test_typing_all_of_it(client: Client, home: Path) -> None:
    item = ask(client, 1, 8)
    client.notify("textDocument/didShowCompletion", {"item": item})
    for number, letter in enumerate(item["insertText"]):
        type_(client, 2 + number, 1, 8 + number, letter)
    assert counted(client, home) == {"offered": 1, "shown": 1, "typed": 1}


def test_refusals_make_it_quieter_and_acceptances_bring_it_back(start: Start) -> None:
    client = start(sure=0.75)
    version = 1
    for _ in range(20):
        item = ask(client, 1, 8)
        if item is None:
            break
        client.notify("textDocument/didShowCompletion", {"item": item})
        type_(client, version + 1, 1, 8, "x")
        client.change(A, version + 2, {"text": TEXT})
        version += 2
    assert item is None
    assert version > 5  # One refusal says little.
    for _ in range(10):
        item = ask(client, 1, 8, kind=1)
        run(client, item)
        client.change(A, version + 1, {"text": TEXT})
        version += 1
    assert ask(client, 1, 8) is not None


@pytest.mark.parametrize(
    "told",
    [
        {"item": {}},
        {"item": {"insertText": "x", "command": {"command": "x"}}},
        {"item": {"insertText": "x", "command": {"command": "x", "arguments": [7]}}},
        {"item": {"command": {"command": "x", "arguments": ["999"]}}, "acceptedLength": -5},
    ],
)
def test_strange_events_are_survived(client: Client, told: Any) -> None:
    client.notify("textDocument/didShowCompletion", told)
    client.notify("textDocument/didPartiallyAcceptCompletion", told)
    command = {"command": "nootropic.accepted", "arguments": [None]}
    assert client.request("workspace/executeCommand", command) is None
    assert ask(client, 1, 8) is not None
