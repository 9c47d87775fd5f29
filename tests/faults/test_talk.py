"""What clients send that they should not, or faster than we can: asked of the whole real server."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults.house import House, make_shop
from server.client import Gone, Refused, place, span


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(make_shop(tmp_path / "shop")) as house:
        yield house


SOURCE = "class Cart:\n    def total(self):\n        return 1\n\n\nCart().total()\n"


def outline(house: House, uri: str) -> list[str]:
    found = house.request("textDocument/documentSymbol", {"textDocument": {"uri": uri}})
    return [each["name"] for each in found or ()]


@pytest.mark.parametrize("folders", [None, []], ids=["null", "empty"])
def test_without_a_folder(tmp_path: Path, folders: object) -> None:
    with House(None) as house:
        house.start(None, workspaceFolders=folders)
        uri = (tmp_path / "alone.py").as_uri()
        house.open(uri, SOURCE)
        assert outline(house, uri)[0] == "Cart"
        found = house.at("textDocument/definition", uri, 5, 1)
        assert found
        assert (
            len(
                house.at("textDocument/references", uri, 0, 6, context={"includeDeclaration": True})
            )
            == 2
        )
        assert house.request("workspace/symbol", {"query": "Cart"}) is not None
        house.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
        assert house.leave() == 0
        assert "Traceback" not in house.errors
        assert not house.told()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "uri",
    [
        "untitled:Untitled-1",
        "vscode-notebook-cell:/shop/a.ipynb#W0sZmlsZQ%3D%3D",
        "git:/shop/a.py?%7B%22ref%22%3A%22HEAD%22%7D",
        "vscode-remote://ssh-remote%2Bhost/shop/a.py",
        "inmemory://model/1",
        "file:///C:/Users/me/a.py",
        "file:///c%3A/Users/me/b%20c.py",
        r"file:///c:\Users\me\d.py",
        "file://server/share/e.py",
        "file:///shop/%E2%82%AC%20%F0%9F%98%80.py",
        "file:///shop/100%25.py",
        "file:///shop/bad%ZZ.py",
        "file:///shop/nul%00.py",
        "file:///../../etc/x.py",
        "file:///shop//double.py",
        "FILE:///shop/upper.py",
        "",
        "x",
        "file://",
        "https://example.com/a.py",
    ],
)
def test_uris_of_all_kinds(house: House, uri: str) -> None:
    house.begin_indexing()
    house.open(uri, SOURCE)
    assert outline(house, uri)[:1] == ["Cart"]
    found = house.at("textDocument/definition", uri, 5, 1)
    found = found[0] if isinstance(found, list) else found
    # The answer names the document as the client does.
    assert found["uri" if "uri" in found else "targetUri"] == uri
    for method in ("didSave", "didClose"):
        house.notify(f"textDocument/{method}", {"textDocument": {"uri": uri}})
    house.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": uri, "type": 2}]})
    house.wait_indexed()
    assert not [each for each in house.told() if "bug of ours" in each]
    assert "Traceback" not in house.errors


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with House(None) as house:
        house.start(tmp_path / "nowhere")
        house.open("untitled:1", SOURCE)
        assert outline(house, "untitled:1")[:1] == ["Cart"]
        assert house.leave() == 0
        assert "Traceback" not in house.errors


def test_a_folder_with_an_odd_name(tmp_path: Path) -> None:
    root = make_shop(tmp_path / "größe 100% #1 😀")
    with House(root) as house:
        house.begin_indexing().wait_indexed()
        house.open_file("shop.py")
        assert house.definition("shop.py", 4, 11) == [("cart.py", 0)]


def test_before_and_after(house: House) -> None:
    with pytest.raises(Refused) as refused:
        house.request("textDocument/hover", place("file:///a.py", 0, 0))
    assert refused.value.code == -32002
    house.begin_indexing()
    house.request("shutdown")
    with pytest.raises(Refused) as refused:
        house.request("workspace/symbol", {"query": ""})
    assert refused.value.code == -32600
    house.notify("exit")
    assert house.process.wait(10) == 0


def test_garbage_between_frames(house: House) -> None:
    house.begin_indexing()
    for garbage in (
        b"\r\n\r\n",
        b"garbage\r\n\r\n",
        b"Content-Length: -5\r\n\r\n",
        b"\0\xff\r\n\r\n",
    ):
        house.send_raw(garbage)
    house.wait_indexed()
    house.open_file("shop.py")
    assert house.definition("shop.py", 4, 11) == [("cart.py", 0)]


def test_a_thousand_requests_with_cancellations(house: House) -> None:
    house.begin_indexing().wait_indexed()
    uri = house.open_file("shop.py")
    asked = []
    methods = ("hover", "definition", "references", "documentHighlight", "prepareCallHierarchy")
    for number in range(1_000):
        more = {"context": {"includeDeclaration": True}}
        asked.append(house.begin(f"textDocument/{methods[number % 5]}", place(uri, 4, 11, **more)))
        if number % 3 == 0:
            house.notify("$/cancelRequest", {"id": asked[-1]})
        if number % 50 == 0:
            house.change(uri, number + 2, {"range": span(6, 0, 6, 0), "text": "#\n"})
    refusals = []
    for each in asked:
        try:
            assert house.answer(each) is not None
        except Refused as refused:
            refusals.append(refused.code)
    assert set(refusals) <= {-32800}
    assert len(refusals) <= 334
    assert not house.strays
    assert not [each for each in house.told() if "bug of ours" in each]


def test_edits_faster_than_they_can_be_parsed(house: House) -> None:
    house.begin_indexing().wait_indexed()
    text = "".join(f"def f{n}():\n    return f{n}()\n\n\n" for n in range(1_500)) + "\n"
    uri = house.uri("long.py")
    house.open(uri, text)
    assert len(outline(house, uri)) == 1_500
    began = time.monotonic()
    typed = "class Later:\n    value = 1\n\n\nLater.value\n"
    line = text.count("\n")
    column = 0
    for number in range(500):
        letter = typed[number] if number < len(typed) else "#"
        house.change(uri, number + 2, {"range": span(line, column, line, column), "text": letter})
        line, column = (line + 1, 0) if letter == "\n" else (line, column + 1)
    found = house.at("textDocument/definition", uri, text.count("\n") + 4, 7)
    took_s = time.monotonic() - began
    found = found[0] if isinstance(found, list) else found
    start = (found.get("range") or found["targetSelectionRange"])["start"]
    assert start == {"line": text.count("\n") + 1, "character": 4}
    # One second on a quiet machine; nothing here is quadratic.
    assert took_s < 3


def test_a_client_that_is_gone_in_the_middle(house: House) -> None:
    house.begin_indexing()
    house.send_raw(b"Content-Length: 1000\r\n\r\n{")
    assert house.process.stdin
    house.process.stdin.close()
    assert house.process.wait(10) == 1
    with pytest.raises((Gone, OSError, ValueError)):
        house.request("workspace/symbol", {"query": ""}, 1)
    assert "Traceback" not in house.errors
