"""The menu as clients get it, by what they can take."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from server.client import Client, span
from server.test_features import TEXT, A, check

ITEM: dict[str, Any] = {
    "insertReplaceSupport": True,
    "labelDetailsSupport": True,
    "preselectSupport": True,
    "snippetSupport": True,
    "documentationFormat": ["markdown"],
    "tagSupport": {"valueSet": [1]},
    "insertTextModeSupport": {"valueSet": [1, 2]},
}
DEFAULTS = ["editRange", "commitCharacters", "data"]
RICH = {
    "textDocument": {
        "completion": {"completionItem": ITEM, "completionList": {"itemDefaults": DEFAULTS}}
    }
}


def _menu(client: Client, kind: int = 1) -> tuple[dict[str, Any], dict[str, Any]]:
    """The menu in the middle of `two`, and its items by their labels."""
    position = {"line": 0, "character": 13}
    context = {"triggerKind": kind}
    given = {"textDocument": {"uri": A}, "position": position, "context": context}
    found = client.request("textDocument/completion", given)
    check("textDocument/completion", found)
    return found, {each["label"]: each for each in found["items"]}


@pytest.fixture(scope="module", params=[RICH, {}], ids=["rich", "poor"])
def asked(request: pytest.FixtureRequest) -> Iterator[tuple[Client, bool]]:
    with Client() as client:
        client.start(capabilities=request.param)
        client.open(A, TEXT, version=7)
        yield client, request.param is RICH
        assert client.leave() == 0, client.errors


def test_the_order_is_that_of_the_sort_texts(asked: tuple[Client, bool]) -> None:
    found, _ = _menu(asked[0])
    texts = [each["sortText"] for each in found["items"]]
    assert texts == sorted(texts)
    assert len(set(texts)) == len(texts) == 5


def test_the_whole_word_is_replaced_or_only_what_is_before_the_cursor(
    asked: tuple[Client, bool],
) -> None:
    client, is_rich = asked
    found, items = _menu(client)
    if is_rich:
        edited = {"insert": span(0, 11, 0, 13), "replace": span(0, 11, 0, 14)}
        assert found["itemDefaults"]["editRange"] == edited
        assert "textEdit" not in items["one"]
        assert items["long"]["textEditText"] == "long\\$\n  ${0:more}"
        assert items["long"]["insertTextFormat"] == 2
        assert items["long"]["insertTextMode"] == 1
    else:
        assert "itemDefaults" not in found
        assert items["one"]["textEdit"] == {"range": span(0, 11, 0, 14), "newText": "one"}
        assert items["long"]["textEdit"]["newText"] == "long$\n  more"
        assert "insertTextFormat" not in items["long"]


def test_where_a_name_is_from_and_that_it_is_old(asked: tuple[Client, bool]) -> None:
    client, is_rich = asked
    _, items = _menu(client)
    if is_rich:
        assert items["one"]["labelDetails"] == {"detail": "(x)", "description": "there"}
        assert items["two"]["tags"] == [1]
    else:
        assert items["one"]["detail"] == "there"
        assert "tags" not in items["two"]


def test_only_the_first_is_selected_and_only_if_the_client_can(asked: tuple[Client, bool]) -> None:
    client, is_rich = asked
    found, _ = _menu(client)
    assert [each.get("preselect") for each in found["items"]] == [is_rich or None, *[None] * 4]


def test_what_may_be_new_is_not_committed_by_a_dot(asked: tuple[Client, bool]) -> None:
    _, items = _menu(asked[0])
    assert items["one"]["commitCharacters"] == [".", "("]
    assert "commitCharacters" not in items["def"]


def test_an_import_comes_with_its_item(asked: tuple[Client, bool]) -> None:
    _, items = _menu(asked[0])
    edit = {"range": span(0, 0, 0, 0), "newText": "import two\n"}
    assert items["two"]["additionalTextEdits"] == [edit]


def test_a_list_that_is_cut_is_incomplete(asked: tuple[Client, bool]) -> None:
    assert not _menu(asked[0], kind=1)[0]["isIncomplete"]
    assert _menu(asked[0], kind=2)[0]["isIncomplete"]


def test_documentation_is_made_when_an_item_is_looked_at(asked: tuple[Client, bool]) -> None:
    client, is_rich = asked
    _, items = _menu(client)
    found = client.request("completionItem/resolve", items["one"])
    check("completionItem/resolve", found)
    kind, text = ("markdown", "Does **it**.") if is_rich else ("plaintext", "Does it.")
    assert found["documentation"] == {"kind": kind, "value": text}
    assert found["detail"] == "def at 4"
    assert client.request("completionItem/resolve", items["two"]) == items["two"]
