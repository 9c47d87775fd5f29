"""Folders, files, settings and what is advertised."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from server.client import NO_REPLY, Client, span

A = "file:///a.py"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    with Client(env={"NOOTROPIC_HOME": str(tmp_path / "home")}) as client:
        yield client


def note(client: Client, text: str) -> None:
    client.wait_for(lambda: f"note: {text}" in client.errors, what=text)


@pytest.mark.parametrize(
    ("said", "folders"),
    [
        ({"rootUri": None, "workspaceFolders": None}, []),
        ({"rootUri": "file:///one%20two", "workspaceFolders": None}, ["/one two"]),
        ({"rootUri": None, "workspaceFolders": []}, []),
        ({"rootUri": None, "rootPath": "/old", "workspaceFolders": None}, ["/old"]),
        (
            {
                "rootUri": "file:///one",
                "workspaceFolders": [
                    {"uri": "file:///one", "name": "one"},
                    {"uri": "vscode-vfs://github/x", "name": "far"},
                    {"uri": "file:///two", "name": "two"},
                ],
            },
            ["/one", "/two"],
        ),
    ],
)
def test_folders(client: Client, said: Any, folders: list[str]) -> None:
    client.start(**said)
    note(client, f"start {folders}")
    client.open(A, "word")
    assert client.at("textDocument/hover", A, 0, 0)


def test_folders_that_come_and_go(client: Client, tmp_path: Path) -> None:
    client.start(tmp_path)
    event = {"added": [{"uri": "file:///new", "name": "n"}], "removed": []}
    client.notify("workspace/didChangeWorkspaceFolders", {"event": event})
    note(client, "folders ['/new'] []")


def test_files_that_change_on_disk(client: Client, tmp_path: Path) -> None:
    can = {"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": True}}}
    client.start(tmp_path, capabilities=can)
    (registration,) = client.wait_requested("client/registerCapability")["registrations"]
    assert registration["registerOptions"] == {"watchers": [{"globPattern": "**/*.py"}]}
    changes = [{"uri": "file:///x.py", "type": 3}, {"uri": "file:///y%20z.py", "type": 1}]
    client.notify("workspace/didChangeWatchedFiles", {"changes": changes})
    note(client, "files [('/x.py', 'deleted'), ('/y z.py', 'created')]")


def test_saving(client: Client) -> None:
    client.start()
    client.open(A, "x")
    client.notify("textDocument/didSave", {"textDocument": {"uri": A}})
    note(client, "saved /a.py")


def test_only_what_is_on_is_offered(client: Client) -> None:
    options = {"features": {"hover": False, "rename": False, "diagnostics": False}}
    capabilities = client.start(options=options)["capabilities"]
    assert "hoverProvider" not in capabilities
    assert "renameProvider" not in capabilities
    assert capabilities["definitionProvider"] is True
    client.open(A, "what?")
    assert client.at("textDocument/hover", A, 0, 0) is None
    assert not client.notified("textDocument/publishDiagnostics")


def test_alongside_another_server(client: Client) -> None:
    capabilities = client.start(options={"nootropic": {"preset": "alongside"}})["capabilities"]
    assert "definitionProvider" not in capabilities
    assert "codeLensProvider" in capabilities


def test_diagnostics_are_offered_to_those_who_pull(client: Client) -> None:
    assert "diagnosticProvider" not in client.start()["capabilities"]


def test_rename_is_offered_as_the_client_knows_it(client: Client) -> None:
    can = {"textDocument": {"rename": {"prepareSupport": True}}}
    assert client.start(capabilities=can)["capabilities"]["renameProvider"] == {
        "prepareProvider": True
    }


def test_commands_of_the_client_are_left_to_it(client: Client) -> None:
    can = {"experimental": {"commands": {"commands": ["nootropic.showReferences"]}}}
    commands = client.start(capabilities=can)["capabilities"]["executeCommandProvider"]
    assert "nootropic.showReferences" not in commands["commands"]
    assert {"nootropic.reindex", "nootropic.status", "nootropic.accepted"} <= set(
        commands["commands"]
    )


def test_settings_pulled_by_us(client: Client) -> None:
    client.replies["workspace/configuration"] = [{"diagnostics": {"debounceMs": 7}}]
    client.start(capabilities={"workspace": {"configuration": True}})
    note(client, "debounce 7")
    assert client.wait_requested("workspace/configuration") == {"items": [{"section": "nootropic"}]}
    client.replies["workspace/configuration"] = [{"diagnostics.debounceMs": 8}]
    client.notify("workspace/didChangeConfiguration", {"settings": None})
    note(client, "debounce 8")


def test_settings_pushed_to_us(client: Client) -> None:
    client.start(options={"diagnostics": {"debounceMs": 5}})
    # All of an editor's settings, of which one section is ours.
    pushed = {"python": {"x": 1}, "nootropic": {"diagnostics": {"debounceMs": 9}}}
    client.notify("workspace/didChangeConfiguration", {"settings": pushed})
    note(client, "debounce 9")
    # Without the section around it, as Helix sends it.
    bare = {"diagnostics": {"debounceMs": 10}}
    client.notify("workspace/didChangeConfiguration", {"settings": bare})
    note(client, "debounce 10")
    assert not client.notified("window/showMessage")


def test_wrong_settings_are_told_once(client: Client) -> None:
    client.start(options={"diagnostics": {"debounceMs": "soon"}})
    told = client.wait_notified("window/showMessage")["message"]
    assert "debounceMs" in told
    again = {"nootropic": {"diagnostics": {"debounceMs": "soon"}}}
    client.notify("workspace/didChangeConfiguration", {"settings": again})
    client.open(A, "x")
    client.at("textDocument/hover", A, 0, 0)
    assert len(client.notified("window/showMessage")) == 1


def test_a_feature_switched_on_later_is_registered(client: Client) -> None:
    can = {"textDocument": {"hover": {"dynamicRegistration": True}}}
    client.start(options={"features": {"hover": False, "definition": False}}, capabilities=can)
    on = {"nootropic": {"features": {"hover": True, "definition": True}}}
    client.notify("workspace/didChangeConfiguration", {"settings": on})
    (registration,) = client.wait_requested("client/registerCapability")["registrations"]
    assert registration["method"] == "textDocument/hover"
    client.open(A, "word")
    assert client.at("textDocument/hover", A, 0, 0)


def test_a_client_that_never_replies_stops_nothing(client: Client) -> None:
    client.replies["workspace/configuration"] = NO_REPLY
    client.start(capabilities={"workspace": {"configuration": True}})
    client.open(A, "word")
    assert client.at("textDocument/hover", A, 0, 0)
    assert client.leave() == 0


def test_pushed_diagnostics(client: Client) -> None:
    client.start(options={"diagnostics": {"debounceMs": 0}})
    client.open(A, "well?")
    first = client.wait_notified("textDocument/publishDiagnostics")
    assert (first["uri"], first["version"]) == (A, 1)
    assert [each["range"] for each in first["diagnostics"]] == [span(0, 4, 0, 5)]
    client.change(A, 2, {"text": "well"})
    second = client.wait_notified("textDocument/publishDiagnostics", 2)
    assert (second["version"], second["diagnostics"]) == (2, [])
    client.notify("textDocument/didClose", {"textDocument": {"uri": A}})
    assert client.wait_notified("textDocument/publishDiagnostics", 3)["diagnostics"] == []


def test_diagnostics_wait_for_a_pause(client: Client) -> None:
    client.start(options={"diagnostics": {"debounceMs": 300}})
    client.open(A, "well?")
    client.wait_notified("textDocument/publishDiagnostics")
    for version in range(2, 12):
        client.change(A, version, {"text": "?" * version})
    found = client.wait_notified("textDocument/publishDiagnostics", 2)
    assert found["version"] == 11
    assert len(client.notified("textDocument/publishDiagnostics")) == 2


WATCHING = {"window": {"workDoneProgress": True}, "experimental": {"didChangeStatus": True}}


def test_progress_and_status(client: Client) -> None:
    client.start(capabilities=WATCHING)
    client.open(A, "word")
    client.request("workspace/executeCommand", {"command": "nootropic.reindex"})
    begin = client.wait_notified("$/progress")
    token = client.wait_requested("window/workDoneProgress/create")["token"]
    assert begin == {
        "token": token,
        "value": {
            "kind": "begin",
            "title": "nootropic: indexing",
            "cancellable": True,
            "message": "1/4 files",
            "percentage": 25,
        },
    }
    reason = "3 of 4 files are not indexed yet"
    status = client.wait_notified("$/nootropic/status")
    assert status == {"busy": True, "kind": "Warning", "message": reason, "complete": False}
    assert client.wait_notified("didChangeStatus")["kind"] == "Warning"
    for _ in range(3):
        assert client.at("textDocument/references", A, 0, 0)
    # Once, however many answers are incomplete.
    assert len(client.notified("$/nootropic/status")) == 1
    client.request("workspace/executeCommand", {"command": "nootropic.status"})
    assert client.wait_notified("$/progress", 2)["value"]["kind"] == "end"
    assert client.wait_notified("$/nootropic/status", 2)["complete"] is True
    assert client.notified("window/showMessage")[0]["message"] == "nootropic: 4 files"


def test_cancelling_the_progress(client: Client) -> None:
    client.start(capabilities=WATCHING)
    client.request("workspace/executeCommand", {"command": "nootropic.reindex"})
    token = client.wait_notified("$/progress")["token"]
    client.notify("window/workDoneProgress/cancel", {"token": token})
    note(client, "cancelled")
    end = client.wait_notified("$/progress", 2)["value"]
    assert end == {"kind": "end", "message": "cancelled"}


def test_without_progress_the_reason_is_told_once(client: Client) -> None:
    client.start()
    client.open(A, "word")
    client.request("workspace/executeCommand", {"command": "nootropic.reindex"})
    for _ in range(3):
        assert client.at("textDocument/references", A, 0, 0)
    told = client.notified("window/showMessage")
    assert len(told) == 1
    assert "not indexed yet" in told[0]["message"]
    assert not client.notified("$/progress")
    # Emacs warns of messages that it does not know.
    assert not client.notified("didChangeStatus")
