"""A grammar that hangs or dies over one file costs that file only, until it changes."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from faults.house import House, make_shop, run_cli, wait_until
from server.client import span

from nootropic_lsp.index.frames import send

HANGING = (sys.executable, str(Path(__file__).with_name("hanging_server.py")))
GOOD = "class Good:\n    pass\n"
LARGE = GOOD + "".join(f"def f{n}(a, b):\n    return a + b\n\n\n" for n in range(6_500))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    root = make_shop(tmp_path / "shop")
    with House(root, command=HANGING) as house:
        yield house


def status(house: House) -> dict[str, Any]:
    found: dict[str, Any] = house.request(
        "workspace/executeCommand", {"command": "nootropic.status"}
    )
    return found


@pytest.mark.parametrize(
    ("word", "reason"),
    [("HANG", "took longer than 1 s"), ("DIE", "ended the process that read it (exit code 3)")],
)
def test_only_that_file_is_left_out(house: House, word: str, reason: str) -> None:
    assert house.root
    (house.root / "bad.py").write_text(f"class Bad:\n    '{word}'\n")
    house.begin_indexing()
    waits = []
    while not house.is_complete():
        # While the worker hangs, nobody waits for it.
        began = time.monotonic()
        house.request(
            "textDocument/hover",
            {
                "textDocument": {"uri": house.uri("shop.py")},
                "position": {"line": 0, "character": 0},
            },
        )
        waits.append(time.monotonic() - began)
        assert len(waits) < 5_000
    assert sorted(waits)[len(waits) // 2] < 0.05
    house.wait_indexed()
    house.open_file("shop.py")
    assert house.definition("shop.py", 4, 11) == [("cart.py", 0)]
    assert status(house)["quarantined"] == {"bad.py": reason}
    assert [each for each in house.told() if "bad.py is left out" in each and reason in each]
    done = run_cli(house.root, "doctor")
    assert "bad.py" in done.stdout
    assert reason in done.stdout
    # It is tried again when it changes, and only then.
    house.save("bad.py", "class Bad:\n    pass\n")
    wait_until(lambda: "Bad" in house.symbols("Bad"), "the repaired file")
    assert status(house)["quarantined"] == {}


def test_an_open_document_that_is_quarantined(house: House) -> None:
    assert house.root
    (house.root / "bad.py").write_text("class Bad:\n    'HANG'\n")
    house.begin_indexing().wait_indexed()
    uri = house.open_file("bad.py")
    # The server itself does not parse it.
    outline = {"textDocument": {"uri": uri}}
    assert not house.request("textDocument/documentSymbol", outline)
    said = house.wait_for(
        lambda: [
            each["message"]
            for each in house.notified("$/nootropic/status")
            if "bad.py" in each["message"]
        ]
    )
    assert said[0] == "bad.py is being read for the first time"
    wait_until(
        lambda: ask_status(house, outline).startswith("bad.py is passed over"), "the verdict"
    )
    # Typing in it does not start the child again and again; the right text does, once saved.
    house.change(uri, 2, {"range": span(1, 4, 1, 10), "text": "x = 1"})
    assert not house.request("textDocument/documentSymbol", outline)
    house.save("bad.py", "class Bad:\n    x = 1\n")
    wait_until(lambda: house.request("textDocument/documentSymbol", outline), "the outline")
    house.wait_indexed()


def ask_status(house: House, outline: dict[str, Any]) -> str:
    house.request("textDocument/documentSymbol", outline)
    return str(house.notified("$/nootropic/status")[-1]["message"])


def test_a_large_text_passes_through_a_child_first(house: House) -> None:
    assert house.root
    house.begin_indexing().wait_indexed()
    uri = house.uri("large.py")
    other = house.open_file("shop.py")
    house.open(uri, LARGE + "HANG\n")
    waits = []
    for _ in range(40):
        began = time.monotonic()
        house.at("textDocument/hover", other, 4, 11)
        waits.append(time.monotonic() - began)
    assert sorted(waits)[20] < 0.05
    outline = {"textDocument": {"uri": uri}}
    assert not house.request("textDocument/documentSymbol", outline)
    wait_until(lambda: ask_status(house, outline).startswith("large.py is passed over"), "verdict")
    house.notify("textDocument/didClose", outline)
    house.wait_indexed()
    # One without a fault is read by the child, then by the server.
    house.open(uri, LARGE)
    found = wait_until(lambda: house.request("textDocument/documentSymbol", outline), "an outline")
    assert len(found) == 6_501
    house.wait_indexed()
    # From then on, edits are parsed in the server, at once.
    house.change(uri, 2, {"range": span(0, 6, 0, 10), "text": "Better"})
    assert house.request("textDocument/documentSymbol", outline)[0]["name"] == "Better"


def test_edits_while_the_child_reads(house: House) -> None:
    house.begin_indexing().wait_indexed()
    uri = house.uri("large.py")
    house.open(uri, LARGE)
    for number in range(20):
        house.change(uri, number + 2, {"range": span(0, 6, 0, 6), "text": "X"})
    outline = {"textDocument": {"uri": uri}}
    found = wait_until(lambda: house.request("textDocument/documentSymbol", outline), "an outline")
    assert found[0]["name"] == "X" * 20 + "Good"


@pytest.mark.parametrize("method", ["documentSymbol", "foldingRange"])
def test_a_closed_file_passes_through_a_child_too(house: House, method: str) -> None:
    assert house.root
    (house.root / "bad.py").write_text("class Bad:\n    'DIE'\n")
    (house.root / ".gitignore").write_text("built_*\n")
    (house.root / "built_bad.py").write_text(LARGE + "'DIE'\n")
    (house.root / "built_good.py").write_text(LARGE)
    house.begin_indexing().wait_indexed()

    def ask(name: str) -> list[Any]:
        document = {"textDocument": {"uri": house.uri(name)}}
        return house.request(f"textDocument/{method}", document) or []

    # Quarantined, and too large to be read here without knowing what it does.
    assert ask("bad.py") == ask("built_bad.py") == []
    assert len(ask("built_good.py")) == 6_501
    assert len(ask("cart.py")) > 0


def test_the_facts_of_a_large_text_come_from_a_child_after_each_edit(house: House) -> None:
    assert house.root
    house.begin_indexing().wait_indexed()
    uri = house.uri("large.py")
    house.open(uri, LARGE + "Good()\n")
    last = LARGE.count("\n")
    found = wait_until(lambda: house.definition("large.py", last, 1), "a definition")
    assert found == [("large.py", 0)]
    house.change(uri, 2, {"range": span(0, 0, 0, 0), "text": "\n"})
    assert house.definition("large.py", last + 1, 1) == [("large.py", 1)]
    house.change(uri, 3, {"range": span(0, 0, 0, 0), "text": "'DIE'"})
    assert house.definition("large.py", last + 1, 1) == []
    outline = {"textDocument": {"uri": uri}}
    assert ask_status(house, outline).startswith("large.py is passed over until it is saved")
    house.change(uri, 4, {"range": span(0, 0, 0, 5), "text": ""})
    house.save("large.py", LARGE + "Good()\n")
    wait_until(lambda: house.definition("large.py", last + 1, 1), "a definition")


def test_a_text_does_not_wait_for_one_that_hangs(house: House) -> None:
    house.begin_indexing().wait_indexed()
    uri = house.uri("large.py")
    house.open(uri, LARGE + "Good()\n")
    last = LARGE.count("\n")
    wait_until(lambda: house.definition("large.py", last, 1), "a definition")
    house.open(house.uri("hanging.py"), LARGE + "HANG\n")
    house.change(uri, 2, {"range": span(0, 0, 0, 0), "text": "\n"})
    assert house.definition("large.py", last + 1, 1) == [("large.py", 1)]
    outline = {"textDocument": {"uri": uri}}
    assert ask_status(house, outline) == "hanging.py is being read for the first time"


def test_what_was_held_is_diagnosed_afterwards(house: House) -> None:
    """By a client that hears of diagnostics only when they are pushed."""
    house.begin_indexing().wait_indexed()
    house.open(house.uri("large.py"), LARGE + "def f(:\n")
    name = "textDocument/publishDiagnostics"
    house.wait_for(
        lambda: [each for each in house.notified(name) if each["diagnostics"]], what="diagnostics"
    )


def test_an_editor_that_asked_too_early_is_told_to_ask_again(house: House) -> None:
    refreshing = {"refreshSupport": True}
    house.begin_indexing(
        capabilities={
            "textDocument": {"diagnostic": {}},
            "workspace": {"diagnostics": refreshing, "semanticTokens": refreshing},
        }
    ).wait_indexed()
    uri = house.uri("large.py")
    house.open(uri, LARGE + "def f(:\n")
    asked = {"textDocument": {"uri": uri}}
    n_before = len(house.requests)
    assert house.request("textDocument/diagnostic", asked)["items"] == []
    wanted = {"workspace/diagnostic/refresh", "workspace/semanticTokens/refresh"}
    house.wait_for(lambda: wanted <= {each["method"] for each in house.requests[n_before:]})
    assert house.request("textDocument/diagnostic", asked)["items"]


def test_a_worker_that_hangs_ends_by_itself() -> None:
    """Whoever asked it may be dead by now, and it would never look."""
    command = (sys.executable, str(Path(__file__).with_name("hanging_worker.py")), "0.3")
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        send(process.stdin, {"do": "text", "path": "/a.py", "language": "python", "text": b"HANG"})
        assert process.wait(10) == 1
