"""Fixes, comments and refactorings as entries of an editor's menu."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import converters, types
from server.client import Client, Refused, span

CONVERTER = converters.get_converter()
A = "file:///nowhere/a.py"
TEXT = "worse\nperhaps worse\nfine perhaps\nend\n"
LITERAL = {"codeActionKind": {"valueSet": ["quickfix", "refactor", "source"]}}
EDITS = {"documentChanges": True, "changeAnnotationSupport": {}}
LAZY: dict[str, Any] = {
    "textDocument": {
        "codeAction": {
            "codeActionLiteralSupport": LITERAL,
            "dataSupport": True,
            "disabledSupport": True,
            "resolveSupport": {"properties": ["edit"]},
        }
    },
    "workspace": {"workspaceEdit": EDITS},
}
EAGER: dict[str, Any] = {
    "textDocument": {"codeAction": {"codeActionLiteralSupport": LITERAL, "disabledSupport": True}},
    "workspace": {"workspaceEdit": {"documentChanges": True}},
}
PLAIN: dict[str, Any] = {"workspace": {"applyEdit": True}}


def started(capabilities: Mapping[str, Any], **options: Any) -> Client:
    client = Client()
    client.start(capabilities=capabilities, options=options)
    client.open(A, TEXT, version=3)
    return client


@pytest.fixture
def lazy() -> Iterator[Client]:
    with started(LAZY) as client:
        yield client


@pytest.fixture
def eager() -> Iterator[Client]:
    with started(EAGER) as client:
        yield client


def actions(
    client: Client, line: int, start: int, end: int = -1, *, uri: str = A, **context: Any
) -> list[dict[str, Any]]:
    at = span(line, start, line, start if end < 0 else end)
    asked = {
        "textDocument": {"uri": uri},
        "range": at,
        "context": {"diagnostics": [], **context},
    }
    found = client.request("textDocument/codeAction", asked)
    response = types.METHOD_TO_TYPES["textDocument/codeAction"][1]
    CONVERTER.structure({"id": 1, "jsonrpc": "2.0", "result": found}, response)
    return list(found)


def titles(found: list[dict[str, Any]]) -> list[str]:
    return [each["title"] for each in found]


def named(found: list[dict[str, Any]], title: str) -> dict[str, Any]:
    return next(each for each in found if each["title"] == title)


def resolved(client: Client, action: dict[str, Any]) -> list[Any]:
    """The edits of an entry, as line, columns and text."""
    edit = client.request("codeAction/resolve", action)["edit"]
    (change,) = edit["documentChanges"]
    assert change["textDocument"] == {"uri": A, "version": 3}
    return [
        (
            each["range"]["start"]["line"],
            each["range"]["start"]["character"],
            each["range"]["end"]["character"],
            each["newText"],
        )
        for each in change["edits"]
    ]


def test_the_entries_for_a_finding(lazy: Client) -> None:
    found = actions(lazy, 1, 9, only=["quickfix"])
    assert titles(found) == [
        "Write 'better'",
        "Fix all 'worse' in this file",
        "Ignore 'worse' for this line",
    ]
    fix = found[0]
    assert (fix["kind"], fix["isPreferred"]) == ("quickfix", True)
    assert [each["code"] for each in fix["diagnostics"]] == ["worse"]
    assert "edit" not in fix
    assert resolved(lazy, fix) == [(1, 8, 13, "better")]
    assert resolved(lazy, found[1]) == [(0, 0, 5, "better"), (1, 8, 13, "better")]
    assert resolved(lazy, found[2]) == [(1, 13, 13, "  # nootropic: ignore[worse]")]


def test_an_unsafe_fix_says_so_and_is_not_preferred(lazy: Client) -> None:
    found = actions(lazy, 1, 0, only=["quickfix"])
    assert titles(found)[:2] == [
        "Write 'better' (unsafe: look at it)",
        "Fix all 'perhaps' in this file (unsafe: look at them)",
    ]
    assert found[0]["isPreferred"] is False
    assert resolved(lazy, found[1]) == [(1, 0, 7, "better"), (2, 5, 12, "better")]


def test_the_line_of_the_cursor_counts_where_nothing_is_at_it(lazy: Client) -> None:
    assert titles(actions(lazy, 2, 0, only=["quickfix"]))[0].startswith("Write 'better'")
    # A selection means what is selected.
    assert actions(lazy, 2, 0, 3, only=["quickfix"]) == []


def test_fixing_all_is_for_safe_fixes(lazy: Client) -> None:
    (found,) = actions(lazy, 3, 0, only=["source.fixAll"])
    assert found["kind"] == "source.fixAll.nootropic"
    assert resolved(lazy, found) == [(0, 0, 5, "better"), (1, 8, 13, "better")]
    assert actions(lazy, 3, 0, only=["source.fixAll.other"]) == []


def test_a_large_selection_gets_no_entry_for_each_of_its_findings(lazy: Client) -> None:
    lazy.open(A, "worse " * 500, version=3)
    found = titles(actions(lazy, 0, 0, 2_000, only=["quickfix"]))
    assert found.count("Write 'better'") == 10
    assert "Fix all 'worse' in this file" in found


def test_only_what_is_asked_for(lazy: Client) -> None:
    assert titles(actions(lazy, 3, 0, only=["refactor"])) == ["Extract", "Inline"]
    assert titles(actions(lazy, 3, 0, only=["refactor.extract"])) == ["Extract"]
    everything = actions(lazy, 0, 0)
    assert {each["kind"] for each in everything} == {
        "quickfix",
        "source.fixAll.nootropic",
        "refactor.extract",
        "refactor.inline",
    }


def test_refactorings_are_made_when_they_are_chosen(lazy: Client) -> None:
    extract, inline = actions(lazy, 3, 0, 3, only=["refactor"])
    assert resolved(lazy, extract) == [(3, 0, 3, "extracted")]
    with pytest.raises(Refused, match="it is too long"):
        lazy.request("codeAction/resolve", inline)


RENAMES = {"experimental": {"commands": {"commands": ["nootropic.rename"]}}}


def test_a_client_that_can_is_put_into_naming_what_was_extracted() -> None:
    action = LAZY["textDocument"]["codeAction"]
    resolves = {**action, "resolveSupport": {"properties": ["edit", "command"]}}
    text = "one\n𝒳 = two\n"
    rename = {
        "title": "Rename",
        "command": "nootropic.rename",
        "arguments": [A, {"line": 1, "character": 5}],
    }

    def extracted(can: Mapping[str, Any]) -> dict[str, Any]:
        with started(can) as client:
            client.open(A, text, version=3)
            (found,) = actions(client, 1, 5, 8, only=["refactor.extract"])
            if "edit" in found:
                return found
            done: dict[str, Any] = client.request("codeAction/resolve", found)
            return done

    assert extracted({**LAZY, **RENAMES, "textDocument": {"codeAction": resolves}})["command"] == (
        rename
    )
    assert extracted({**EAGER, **RENAMES})["command"] == rename
    # Not for a client that takes no command so late, or that has no such command.
    assert "command" not in extracted({**LAZY, **RENAMES})
    assert "command" not in extracted(EAGER)


def test_imports_are_organised_wherever_the_cursor_is(lazy: Client) -> None:
    (found,) = actions(lazy, 0, 0, only=["source.organizeImports"])
    assert resolved(lazy, found) == [(0, 0, 0, "sorted\n")]


def test_a_missing_import_is_a_quick_fix(lazy: Client) -> None:
    lazy.open(A, "lost\n", version=3)
    found = actions(lazy, 0, 2, only=["quickfix"])
    assert titles(found) == ["Import lost"]
    assert resolved(lazy, found[0]) == [(0, 0, 0, "import lost\n")]


def test_edits_end_lines_as_the_file_does(lazy: Client) -> None:
    lazy.open(A, "fine\r\nlost\r\n", version=3)
    (found,) = actions(lazy, 1, 0, only=["quickfix"])
    assert resolved(lazy, found) == [(0, 0, 0, "import lost\r\n")]


def test_a_text_that_has_changed_since_is_not_edited(lazy: Client) -> None:
    (fix, *_) = actions(lazy, 0, 0)
    lazy.change(A, 4, {"range": span(0, 0, 0, 0), "text": "\n"})
    with pytest.raises(Refused, match=r"a\.py has changed since"):
        lazy.request("codeAction/resolve", fix)


def test_without_resolving_the_edits_are_there_at_once(eager: Client) -> None:
    found = actions(eager, 0, 0, only=["quickfix", "refactor"])
    (change,) = named(found, "Write 'better'")["edit"]["documentChanges"]
    assert change["textDocument"]["version"] == 3
    refused = named(found, "Inline")
    assert refused["disabled"] == {"reason": "it is too long"}
    assert "edit" not in refused
    # Nobody wants to read reasons unasked.
    assert "Inline" not in titles(actions(eager, 0, 0, triggerKind=2))


def test_a_read_only_file_is_not_edited(eager: Client, tmp_path: Path) -> None:
    path = tmp_path / "locked.py"
    path.write_text(TEXT)
    path.chmod(0o444)
    eager.open(path.as_uri(), TEXT)
    found = actions(eager, 0, 0, uri=path.as_uri())
    assert found
    assert {each["disabled"]["reason"] for each in found} == {"locked.py is read-only"}


def test_clients_that_know_commands_only() -> None:
    with Client() as client:
        offered = client.start(capabilities=PLAIN)["capabilities"]
        assert offered["codeActionProvider"] is True
        assert "nootropic.apply" in offered["executeCommandProvider"]["commands"]
        client.open(A, TEXT, version=3)
        fix = actions(client, 0, 0)[0]
        assert fix["title"] == "Write 'better'"
        command = {"command": fix["command"], "arguments": fix["arguments"]}
        client.request("workspace/executeCommand", command)
        edit = client.wait_requested("workspace/applyEdit")["edit"]
        assert edit == {"changes": {A: [{"range": span(0, 0, 0, 5), "newText": "better"}]}}
        client.change(A, 4, {"text": "fine"})
        client.request("workspace/executeCommand", command)
        told = client.wait_notified("window/showMessage")["message"]
        assert "has changed since" in told
        with pytest.raises(Refused, match="-32602"):
            client.request("workspace/executeCommand", {**command, "arguments": [{}]})


PLACE = {"textDocument": {"uri": A}, "position": {"line": 1, "character": 0}}
MOVED = {**PLACE, "target": "file:///nowhere/b.py"}
SIGNED = {
    **PLACE,
    "parameters": [{"name": "new", "was": "old"}, {"name": "added", "default": "1"}],
}


@pytest.mark.parametrize(
    ("command", "asked", "written"),
    [
        ("nootropic.moveSymbol", MOVED, "moved to /nowhere/b.py"),
        (
            "nootropic.changeSignature",
            SIGNED,
            "[('new', 'old', '', ''), ('added', '', '1', '')]",
        ),
    ],
)
def test_what_needs_more_than_a_place_is_asked_by_a_command(
    command: str, asked: dict[str, Any], written: str
) -> None:
    with started(PLAIN) as client:
        given = {"command": command, "arguments": [asked]}
        client.request("workspace/executeCommand", given)
        (change,) = client.wait_requested("workspace/applyEdit")["edit"]["changes"][A]
        assert change == {"range": span(1, 0, 1, 0), "newText": written}
        with pytest.raises(Refused, match="-32602"):
            client.request("workspace/executeCommand", {"command": command})


def test_a_command_says_why_it_does_nothing() -> None:
    with started(PLAIN) as client:
        given = {
            "command": "nootropic.changeSignature",
            "arguments": [{**PLACE, "parameters": []}],
        }
        client.request("workspace/executeCommand", given)
        assert client.wait_notified("window/showMessage")["message"].endswith(
            "it uses its parameters"
        )


def test_commands_are_offered_to_clients_that_take_edits() -> None:
    names = {"nootropic.moveSymbol", "nootropic.changeSignature"}
    for capabilities, offered in ((PLAIN, names), ({}, set())):
        with Client() as client:
            started = client.start(capabilities=capabilities)["capabilities"]
            commands = set(started["executeCommandProvider"]["commands"])
            assert commands & names == offered


def test_clients_that_can_do_nothing_get_nothing() -> None:
    with started({}) as client:
        assert actions(client, 0, 0) == []


def test_switched_off() -> None:
    with started(LAZY, features={"codeAction": False}) as client:
        assert actions(client, 0, 0) == []
    with started(LAZY, features={"diagnostics": False}) as client:
        # What is not shown is not repaired.
        assert titles(actions(client, 0, 0)) == ["Extract", "Inline"]
