"""Findings on their way to the editor: what they carry, and when they come."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import converters, types
from server.client import Client, Refused, span

CONVERTER = converters.get_converter()
A = "file:///a.py"
PUBLISH = "textDocument/publishDiagnostics"
NOW = {"diagnostics": {"debounceMs": 0}}
SHOWS_ALL = {
    "textDocument": {
        "publishDiagnostics": {
            "relatedInformation": True,
            "tagSupport": {"valueSet": [1, 2]},
            "codeDescriptionSupport": True,
            "dataSupport": True,
        }
    }
}
PULLS: dict[str, Any] = {
    "textDocument": {"diagnostic": {}},
    "workspace": {"diagnostics": {"refreshSupport": True}},
}


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    with Client(env={"NOOTROPIC_HOME": str(tmp_path / "home")}) as client:
        yield client


def codes(found: dict[str, Any]) -> list[str]:
    return [each.get("code") for each in found["diagnostics"]]


def wait_published(client: Client, wanted: list[str]) -> dict[str, Any]:
    """The last findings pushed, as soon as they are these."""

    def found() -> list[Any]:
        published = client.notified(PUBLISH)[-1:]
        return published if published and codes(published[0]) == wanted else []

    return dict(client.wait_for(found, what=f"the findings {wanted}")[0])


def ask(client: Client, method: str, params: Any) -> Any:
    result = client.request(method, params)
    response = types.METHOD_TO_TYPES[method][1]
    CONVERTER.structure({"id": 1, "jsonrpc": "2.0", "result": result}, response)
    return result


def test_what_a_finding_carries_for_a_client_that_shows_it(client: Client) -> None:
    client.start(capabilities=SHOWS_ALL, options=NOW)
    client.open(A, "x deep")
    (found,) = wait_published(client, ["deep"])["diagnostics"]
    assert found == {
        "range": span(0, 2, 0, 6),
        "severity": 4,
        "code": "deep",
        "source": "nootropic",
        "message": "it is deep",
        "codeDescription": {"href": "https://example.org/deep"},
        "tags": [1],
        "relatedInformation": [
            {
                "location": {"uri": A, "range": span(0, 0, 0, 1)},
                "message": "it comes from here",
            }
        ],
        "data": {"cwe": [89], "owasp": "A03", "fix": None},
    }


def test_what_it_carries_for_any_other(client: Client) -> None:
    client.start(options=NOW)
    client.open(A, "x deep")
    (found,) = wait_published(client, ["deep"])["diagnostics"]
    assert sorted(found) == ["code", "message", "range", "severity", "source"]


def test_thorough_findings_stay_on_lines_that_are_not_changed(client: Client) -> None:
    client.start(options=NOW)
    client.open(A, "x\ndeep\ny\ndeep\n")
    wait_published(client, ["deep", "deep"])
    client.change(A, 2, {"range": span(0, 0, 0, 0), "text": "more\n"})
    found = client.wait_for(
        lambda: [each for each in client.notified(PUBLISH) if each["version"] == 2]
    )[0]
    assert [each["range"]["start"]["line"] for each in found["diagnostics"]] == [2, 4]
    client.change(A, 3, {"range": span(2, 4, 2, 4), "text": "er"})
    found = client.wait_for(
        lambda: [each for each in client.notified(PUBLISH) if each["version"] == 3]
    )[0]
    assert [each["range"]["start"]["line"] for each in found["diagnostics"]] == [4]


def test_a_save_brings_them_back(client: Client) -> None:
    client.start(options=NOW)
    client.open(A, "x\ndeep\n")
    wait_published(client, ["deep"])
    client.change(A, 2, {"range": span(1, 0, 1, 0), "text": "so "})
    wait_published(client, [])
    client.notify("textDocument/didSave", {"textDocument": {"uri": A}})
    assert wait_published(client, ["deep"])["version"] == 2


def test_what_was_typed_while_they_were_looked_for_counts(client: Client) -> None:
    client.start(options=NOW)
    client.open(A, "deep\nnap\n")
    client.change(A, 2, {"range": span(0, 0, 0, 0), "text": "\n"})
    found = wait_published(client, ["deep"])
    assert found["version"] == 2
    assert found["diagnostics"][0]["range"] == span(1, 0, 1, 4)
    # What was known before has been carried along, and is less than what is found now.
    client.change(A, 3, {"range": span(0, 0, 0, 0), "text": "deep\n"})
    client.notify("textDocument/didSave", {"textDocument": {"uri": A}})
    client.change(A, 4, {"range": span(0, 0, 0, 0), "text": "\n"})
    assert wait_published(client, ["deep", "deep"])["version"] == 4


def test_what_the_graph_says_comes_after_what_is_said_at_once(client: Client) -> None:
    client.start(options=NOW)
    client.open(A, "well?\nfar\n")
    wait_published(client, ["syntax", "far"])
    assert [codes(each) for each in client.notified(PUBLISH)] == [["syntax"], ["syntax", "far"]]
    # It stays meanwhile, where it still may be true.
    client.change(A, 2, {"range": span(0, 0, 0, 0), "text": "\n?"})
    wait_published(client, ["syntax", "syntax", "far"])
    assert len(client.notified(PUBLISH)) == 3


@pytest.mark.parametrize("can_pull", [True, False])
@pytest.mark.parametrize("name", ["bought/a.py", "a_pb2.py"])
def test_a_file_that_lint_passes_over_has_no_findings(
    client: Client, tmp_path: Path, can_pull: bool, name: str
) -> None:
    options = {**NOW, "lint": {"exclude": ["bought/"]}}
    client.start(tmp_path, capabilities=PULLS if can_pull else {}, options=options)
    bought, own = ((tmp_path / each).as_uri() for each in (name, "b.py"))
    for uri in (bought, own):
        client.open(uri, "far\nworse deep?\n")
    asked = [{"textDocument": {"uri": uri}} for uri in (bought, own)]
    if can_pull:
        found = [ask(client, "textDocument/diagnostic", each)["items"] for each in asked]
    else:
        wait_published(client, ["far", "worse", "deep", "syntax"])
        shown = {each["uri"]: each["diagnostics"] for each in client.notified(PUBLISH)}
        found = [shown[bought], shown[own]]
    assert not found[0]
    assert found[1]
    everything = {"range": span(1, 0, 1, 5), "context": {"diagnostics": [], "only": ["quickfix"]}}
    offered = [client.request("textDocument/codeAction", {**each, **everything}) for each in asked]
    assert not offered[0]


def test_what_is_saved_makes_a_difference_to_other_files(client: Client) -> None:
    client.start(options=NOW)
    client.open(A, "far")
    wait_published(client, ["far"])
    client.open("file:///b.py", "near")
    # After a save the index says when it has read the file.
    client.request("workspace/executeCommand", {"command": "nootropic.status"})
    found = client.wait_for(
        lambda: [each for each in client.notified(PUBLISH) if each["uri"] == A][2:]
    )
    assert found[0]["diagnostics"] == []


def test_who_cannot_be_told_later_is_told_everything_at_once(client: Client) -> None:
    client.start(capabilities={"textDocument": {"diagnostic": {}}})
    client.open(A, "far?")
    report = ask(client, "textDocument/diagnostic", {"textDocument": {"uri": A}})
    assert [each["code"] for each in report["items"]] == ["far", "syntax"]


def test_a_problem_is_told_once(client: Client) -> None:
    client.start(options=NOW)
    for number in range(3):
        client.open(f"file:///{number}.py", "deep")
    client.wait_for(lambda: len([e for e in client.notified(PUBLISH) if codes(e)]) == 3)
    told = [each["message"] for each in client.notified("window/showMessage")]
    assert told == ["nootropic: there is no semgrep; install it"]


def test_ten_thousand_findings_are_too_many(client: Client) -> None:
    client.start(options=NOW)
    client.open(A, "worse\n" * 9_999 + "?\n")
    found = client.wait_notified(PUBLISH)["diagnostics"]
    assert len(found) == 1001
    assert found[0]["message"].startswith("the worst 1,000 of 10,000 findings")
    # Errors first, wherever they are.
    assert found[1]["code"] == "syntax"


def test_who_pulls_is_asked_to_pull_again(client: Client) -> None:
    def wait_refreshes(count: int) -> None:
        client.wait_for(lambda: refreshes() >= count, what=f"{count} refreshes")

    def refreshes() -> int:
        return [each["method"] for each in client.requests].count("workspace/diagnostic/refresh")

    client.start(capabilities=PULLS)
    client.open(A, "deep?")
    wait_refreshes(1)
    report = ask(client, "textDocument/diagnostic", {"textDocument": {"uri": A}})
    assert [each["code"] for each in report["items"]] == ["deep", "syntax"]
    # What is found again is no news.
    client.notify("textDocument/didSave", {"textDocument": {"uri": A}})
    client.open("file:///b.py", "deep")
    wait_refreshes(2)
    assert refreshes() == 2
    assert not client.notified(PUBLISH)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "good.py").write_text("fine")
    (folder / "bad.py").write_text("bad?")
    (folder / "deep.py").write_text("deep")
    return folder


def known(reports: list[dict[str, Any]]) -> list[dict[str, str]]:
    return [{"uri": each["uri"], "value": each["resultId"]} for each in reports]


def names(reports: list[dict[str, Any]]) -> list[str]:
    return sorted(each["uri"].rpartition("/")[2] for each in reports)


def test_the_whole_workspace(client: Client, folder: Path) -> None:
    offered = client.start(folder, capabilities=PULLS)["capabilities"]["diagnosticProvider"]
    assert offered["workspaceDiagnostics"]
    assert offered["interFileDependencies"]
    first = ask(client, "workspace/diagnostic", {"previousResultIds": []})["items"]
    assert names(first) == ["bad.py", "deep.py"]
    # Nothing is new, so that the answer waits for something that is.
    waiting = client.begin("workspace/diagnostic", {"previousResultIds": known(first)})
    (folder / "bad.py").write_text("good")
    (folder / "good.py").write_text("fine?")
    uris = [(folder / name).as_uri() for name in ("good.py", "bad.py")]
    changes = [{"uri": uri, "type": 2} for uri in uris]
    client.notify("workspace/didChangeWatchedFiles", {"changes": changes})
    second = client.answer(waiting)["items"]
    assert {each["uri"]: len(each["items"]) for each in second} == {uris[0]: 1, uris[1]: 0}
    (folder / "deep.py").unlink()
    both = {each["uri"]: each["value"] for each in known(first + second)}
    ids = [{"uri": uri, "value": value} for uri, value in both.items()]
    waiting = client.begin("workspace/diagnostic", {"previousResultIds": ids})
    gone = {"uri": (folder / "deep.py").as_uri(), "type": 3}
    client.notify("workspace/didChangeWatchedFiles", {"changes": [gone]})
    (last,) = client.answer(waiting)["items"]
    assert (last["uri"], last["items"]) == (gone["uri"], [])


def test_the_workspace_as_a_stream(client: Client, folder: Path) -> None:
    client.start(folder, capabilities=PULLS)
    asked = {"previousResultIds": [], "partialResultToken": "parts"}
    assert ask(client, "workspace/diagnostic", asked) == {"items": []}
    parts = [each["value"]["items"] for each in client.notified("$/progress")]
    assert names([each for part in parts for each in part]) == ["bad.py", "deep.py"]


def test_a_waiting_poll_can_be_cancelled_and_ends_with_the_server(
    client: Client, folder: Path
) -> None:
    client.start(folder, capabilities=PULLS)
    first = ask(client, "workspace/diagnostic", {"previousResultIds": []})["items"]
    asked = {"previousResultIds": known(first)}
    waiting = client.begin("workspace/diagnostic", asked)
    client.notify("$/cancelRequest", {"id": waiting})
    with pytest.raises(Refused, match="-32800"):
        client.answer(waiting)
    waiting = client.begin("workspace/diagnostic", asked)
    assert client.leave() == 0
    assert client.answer(waiting) == {"items": []}


def test_an_open_file_is_left_to_its_own_requests(client: Client, folder: Path) -> None:
    client.start(folder, capabilities=PULLS)
    first = ask(client, "workspace/diagnostic", {"previousResultIds": []})["items"]
    uri = (folder / "bad.py").as_uri()
    client.open(uri, "bad? worse")
    report = ask(client, "textDocument/diagnostic", {"textDocument": {"uri": uri}})
    ids = {each["uri"]: each["value"] for each in known(first)} | {uri: report["resultId"]}
    asked = [{"uri": key, "value": value} for key, value in ids.items()]
    waiting = client.begin("workspace/diagnostic", {"previousResultIds": asked})
    client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    (news,) = client.answer(waiting)["items"]
    assert [each["code"] for each in news["items"]] == ["syntax"]


def test_the_workspace_can_be_left_alone(client: Client, folder: Path) -> None:
    off = {"features": {"workspaceDiagnostics": False}}
    offered = client.start(folder, capabilities=PULLS, options=off)["capabilities"]
    assert not offered["diagnosticProvider"]["workspaceDiagnostics"]
    assert ask(client, "workspace/diagnostic", {"previousResultIds": []}) == {"items": []}
