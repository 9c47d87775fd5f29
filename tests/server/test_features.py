"""Every request about code, answered as the protocol wants it and as its client can take it.

The judge of shapes is lsprotocol, generated from the specification itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import converters, types
from server.client import Client, Refused, place, span

from nootropic_lsp.server.methods import METHODS
from nootropic_lsp.server.tokens import MODIFIERS, TYPES

CONVERTER = converters.get_converter()
A = "file:///work%20space/a.py"
TEXT = "def one(): two\ndef two(): one\n'''long\nstring'''\n"
RICH: dict[str, Any] = {
    "textDocument": {
        "hover": {"contentFormat": ["markdown", "plaintext"]},
        "definition": {"linkSupport": True},
        "documentSymbol": {"hierarchicalDocumentSymbolSupport": True},
        "rename": {"prepareSupport": True},
        "signatureHelp": {
            "signatureInformation": {
                "documentationFormat": ["markdown"],
                "parameterInformation": {"labelOffsetSupport": True},
                "activeParameterSupport": True,
            }
        },
        "documentLink": {"tooltipSupport": True},
        "diagnostic": {},
    },
    "workspace": {
        "workspaceEdit": {
            "documentChanges": True,
            "resourceOperations": ["create", "rename"],
            "changeAnnotationSupport": {},
        },
        "fileOperations": {"willRename": True},
    },
    "window": {"showDocument": {"support": True}},
}


def check(method: str, result: Any) -> Any:
    """The result, after the specification has nothing against it."""
    response = types.METHOD_TO_TYPES[method][1]
    CONVERTER.structure({"id": 1, "jsonrpc": "2.0", "result": result}, response)
    return result


class Asker:
    """A client whose answers are checked."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def at(self, method: str, line: int, character: int, **more: Any) -> Any:
        return check(method, self.client.at(method, A, line, character, **more))

    def whole(self, method: str, **more: Any) -> Any:
        return self.ask(method, {"textDocument": {"uri": A}, **more})

    def ask(self, method: str, params: Any) -> Any:
        return check(method, self.client.request(method, params))


@pytest.fixture(scope="module")
def rich() -> Iterator[Asker]:
    with Client() as client:
        check("initialize", client.start(capabilities=RICH))
        client.open(A, TEXT, version=7)
        yield Asker(client)
        assert client.leave() == 0, client.errors
        assert "Traceback" not in client.errors


@pytest.fixture(scope="module")
def poor() -> Iterator[Asker]:
    with Client() as client:
        check("initialize", client.start())
        client.open(A, TEXT, version=7)
        yield Asker(client)
        assert client.leave() == 0, client.errors
        assert "Traceback" not in client.errors


def test_every_method_is_one_of_the_protocol() -> None:
    assert set(METHODS) <= set(types.METHOD_TO_TYPES)


def test_the_names_of_tokens_are_those_of_the_protocol() -> None:
    assert {each.value for each in types.SemanticTokenTypes} <= set(TYPES)
    assert {each.value for each in types.SemanticTokenModifiers} == set(MODIFIERS)


def test_hover(rich: Asker, poor: Asker) -> None:
    found = rich.at("textDocument/hover", 0, 5)
    assert found["contents"] == {"kind": "markdown", "value": "```python\none\n```\nA **word**."}
    assert found["range"] == span(0, 4, 0, 7)
    plain = poor.at("textDocument/hover", 0, 5)
    assert plain["contents"] == {"kind": "plaintext", "value": "one\nA word."}
    assert rich.at("textDocument/hover", 0, 10) is None


@pytest.mark.parametrize("what", ["declaration", "typeDefinition", "implementation"])
def test_places(rich: Asker, what: str) -> None:
    found = rich.at(f"textDocument/{what}", 1, 11)
    assert found == [{"uri": A, "range": span(0, 4, 0, 7)}]


def test_definition_with_and_without_links(rich: Asker, poor: Asker) -> None:
    (link,) = rich.at("textDocument/definition", 1, 11)
    assert link["originSelectionRange"] == span(1, 11, 1, 14)
    assert (link["targetUri"], link["targetSelectionRange"]) == (A, span(0, 4, 0, 7))
    (found,) = poor.at("textDocument/definition", 1, 11)
    assert found == {"uri": A, "range": span(0, 4, 0, 7)}


def test_references(rich: Asker) -> None:
    both = rich.at("textDocument/references", 0, 5, context={"includeDeclaration": True})
    assert [each["range"] for each in both] == [span(0, 4, 0, 7), span(1, 11, 1, 14)]
    uses = rich.at("textDocument/references", 0, 5, context={"includeDeclaration": False})
    assert uses == both[1:]


def test_highlights(rich: Asker) -> None:
    found = rich.at("textDocument/documentHighlight", 0, 5)
    assert [each["kind"] for each in found] == [3, 2]


def test_outline_as_a_tree_and_as_a_list(rich: Asker, poor: Asker) -> None:
    (top,) = rich.whole("textDocument/documentSymbol")
    assert [each["name"] for each in top["children"]] == ["one", "two"]
    assert top["children"][0]["selectionRange"] == span(0, 4, 0, 7)
    flat = poor.whole("textDocument/documentSymbol")
    assert [(each["name"], each["containerName"]) for each in flat] == [
        ("all", ""),
        ("one", "all"),
        ("two", "all"),
    ]


def test_workspace_symbols_of_files_that_are_there(rich: Asker) -> None:
    found = rich.ask("workspace/symbol", {"query": "one"})
    assert [each["location"]["range"] for each in found] == [
        span(0, 4, 0, 7),
        span(1, 11, 1, 14),
    ]


def test_rename(rich: Asker) -> None:
    ready = rich.at("textDocument/prepareRename", 0, 5)
    assert ready == {"range": span(0, 4, 0, 7), "placeholder": "one"}
    edit = rich.at("textDocument/rename", 0, 5, newName="1st")
    (change,) = edit["documentChanges"]
    assert change["textDocument"] == {"uri": A, "version": 7}
    assert change["edits"][1] == {
        "range": span(1, 11, 1, 14),
        "newText": "1st",
        "annotationId": "all",
    }
    assert edit["changeAnnotations"] == {"all": {"label": "rename one", "needsConfirmation": False}}


def test_rename_for_a_client_that_knows_little(poor: Asker) -> None:
    edit = poor.at("textDocument/rename", 0, 5, newName="x")
    assert list(edit) == ["changes"]
    assert [each["newText"] for each in edit["changes"][A]] == ["x", "x"]


def test_rename_of_a_file(rich: Asker, poor: Asker) -> None:
    module = "file:///m/module.py"
    for asker in (rich, poor):
        asker.client.open(module, "module")
    found = rich.client.request("textDocument/rename", place(module, 0, 0, newName="other"))
    assert found["documentChanges"][-1] == {
        "kind": "rename",
        "oldUri": module,
        "newUri": "file:///m/other.py",
        "annotationId": "all",
    }
    with pytest.raises(Refused, match="renames"):
        poor.client.request("textDocument/rename", place(module, 0, 0, newName="other"))
    for asker in (rich, poor):
        asker.client.notify("textDocument/didClose", {"textDocument": {"uri": module}})


def test_what_is_risky_is_to_be_confirmed(rich: Asker) -> None:
    uri = "untitled:Risk"
    rich.client.open(uri, "risky")
    found = rich.client.request("textDocument/rename", place(uri, 0, 0, newName="x"))
    check("textDocument/rename", found)
    assert found["documentChanges"][0]["textDocument"]["uri"] == uri
    assert found["documentChanges"][0]["edits"][0]["annotationId"] == "check"
    assert found["changeAnnotations"]["check"]["needsConfirmation"] is True
    rich.client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})


def test_files_that_will_be_renamed(rich: Asker, tmp_path: Path) -> None:
    old = tmp_path / "old.py"
    old.write_text("x = 1\n")
    new = (tmp_path / "new.py").as_uri()
    edit = rich.ask(
        "workspace/willRenameFiles", {"files": [{"oldUri": old.as_uri(), "newUri": new}]}
    )
    (change,) = edit["documentChanges"]
    assert change["textDocument"] == {"uri": old.as_uri(), "version": None}
    assert change["edits"][0]["newText"] == "# now new.py\n"


def test_call_hierarchy(rich: Asker) -> None:
    (item,) = rich.at("textDocument/prepareCallHierarchy", 0, 5)
    # More than a number of JavaScript holds.
    assert item["data"] == "4611686018427387905"
    (incoming,) = rich.ask("callHierarchy/incomingCalls", {"item": item})
    assert incoming["from"]["name"] == "other"
    (outgoing,) = rich.ask("callHierarchy/outgoingCalls", {"item": item})
    assert outgoing["fromRanges"] == [span(0, 1, 0, 2)]
    # What is local to a function has no id, and is found where it was.
    assert outgoing["to"]["data"] == "0"
    assert rich.ask("callHierarchy/incomingCalls", {"item": outgoing["to"]})


def test_type_hierarchy(rich: Asker) -> None:
    (item,) = rich.at("textDocument/prepareTypeHierarchy", 0, 5)
    assert rich.ask("typeHierarchy/supertypes", {"item": item})[0]["name"] == "other"
    assert rich.ask("typeHierarchy/subtypes", {"item": item})[0]["name"] == "other"


def test_signature_help(rich: Asker, poor: Asker) -> None:
    found = rich.at("textDocument/signatureHelp", 0, 8)
    (signature,) = found["signatures"]
    # Labels count UTF-16: the emoji before takes two.
    assert [each["label"] for each in signature["parameters"]] == [[2, 4], [6, 7]]
    assert (found["activeParameter"], signature["activeParameter"]) == (1, 1)
    assert signature["parameters"][1]["documentation"]["value"] == "the `b`"
    (plain,) = poor.at("textDocument/signatureHelp", 0, 8)["signatures"]
    assert [each["label"] for each in plain["parameters"]] == ["😀", "b"]
    assert plain["parameters"][1]["documentation"] == {"kind": "plaintext", "value": "the b"}


def test_folding(rich: Asker) -> None:
    (region,) = rich.whole("textDocument/foldingRange")
    assert region == {
        "startLine": 0,
        "endLine": 4,
        "startCharacter": 0,
        "endCharacter": 0,
        "kind": "region",
    }


def test_folding_of_lines_only() -> None:
    with Client() as client:
        client.start(capabilities={"textDocument": {"foldingRange": {"lineFoldingOnly": True}}})
        client.open(A, TEXT)
        (region,) = Asker(client).whole("textDocument/foldingRange")
        assert region == {"startLine": 0, "endLine": 4, "kind": "region"}


def test_selection_ranges(rich: Asker) -> None:
    cursors = [{"line": 0, "character": 0}, {"line": 1, "character": 2}]
    one, two = rich.whole("textDocument/selectionRange", positions=cursors)
    assert one == {"range": span(0, 0, 0, 1), "parent": {"range": span(0, 0, 4, 0)}}
    assert two["range"] == span(1, 2, 1, 3)


def test_semantic_tokens(rich: Asker) -> None:
    whole = rich.whole("textDocument/semanticTokens/full")
    variable, readonly = TYPES.index("variable"), 1 << MODIFIERS.index("readonly")
    assert whole["data"][:10] == [0, 0, 3, variable, readonly, 0, 4, 3, variable, readonly]
    # The long string is on two lines, and so two tokens.
    assert whole["data"][-10:-8] == [1, 0]
    assert whole["data"][-5:-2] == [1, 0, 9]
    part = rich.whole("textDocument/semanticTokens/range", range=span(0, 0, 1, 0))
    assert part["data"] == whole["data"]


def test_semantic_tokens_told_as_a_change(rich: Asker) -> None:
    whole = rich.whole("textDocument/semanticTokens/full")
    same = rich.whole("textDocument/semanticTokens/full/delta", previousResultId=whole["resultId"])
    assert same["edits"] == []
    rich.client.change(A, 8, {"range": span(0, 11, 0, 14), "text": "three"})
    change = rich.whole("textDocument/semanticTokens/full/delta", previousResultId=same["resultId"])
    data = whole["data"]
    for edit in change["edits"]:
        data[edit["start"] : edit["start"] + edit["deleteCount"]] = edit["data"]
    assert data == rich.whole("textDocument/semanticTokens/full")["data"]
    stale = rich.whole("textDocument/semanticTokens/full/delta", previousResultId="0")
    assert stale["data"] == data
    rich.client.change(A, 9, {"range": span(0, 11, 0, 16), "text": "two"})


def test_inlay_hints(rich: Asker) -> None:
    first, last = rich.whole("textDocument/inlayHint", range=span(0, 3, 1, 1))
    assert (first["label"], first["kind"], first["position"]["character"]) == ("x=", 2, 3)
    assert (last["label"], last["kind"], last["position"]["line"]) == (": int", 1, 1)


def test_code_lens(rich: Asker) -> None:
    (lens,) = rich.whole("textDocument/codeLens")
    assert "command" not in lens
    filled = rich.ask("codeLens/resolve", lens)
    command = filled["command"]
    assert command["title"] == "True references"
    assert command["command"] == "nootropic.showReferences"
    found = rich.client.request("workspace/executeCommand", command)
    assert found == [{"uri": A, "range": span(0, 0, 0, 1)}]
    assert rich.client.wait_requested("window/showDocument")["uri"] == A


def test_document_links(rich: Asker) -> None:
    this, there = rich.whole("textDocument/documentLink")
    assert (this["target"], this["tooltip"]) == (A, "this")
    assert there["target"] == "https://example.org/"


def test_pulled_diagnostics(rich: Asker) -> None:
    uri = "untitled:Doubt"
    rich.client.open(uri, "what?")
    asked = {"textDocument": {"uri": uri}}
    report = rich.ask("textDocument/diagnostic", asked)
    (found,) = report["items"]
    assert (found["message"], found["range"]) == ("what is ??", span(0, 4, 0, 5))
    asked["previousResultId"] = report["resultId"]
    assert rich.ask("textDocument/diagnostic", asked)["kind"] == "unchanged"
    rich.client.change(uri, 2, {"text": "what."})
    assert rich.ask("textDocument/diagnostic", asked)["items"] == []
    # Who pulls is not pushed to.
    assert not rich.client.notified("textDocument/publishDiagnostics")


def test_a_file_that_nobody_has_is_answered_empty(rich: Asker) -> None:
    missing = {"textDocument": {"uri": "file:///not/there.py"}}
    assert rich.client.request("textDocument/hover", place("file:///not/there.py", 0, 0)) is None
    assert rich.ask("textDocument/diagnostic", missing)["items"] == []
    assert not rich.client.notified("window/showMessage")


@pytest.mark.parametrize(
    "uri",
    [
        "untitled:Untitled-1",
        "vscode-notebook-cell:/home/x/book.ipynb#W0sZmlsZQ%3D%3D",
        "git:/home/x/y.py?%7B%22ref%22%3A%22HEAD%22%7D",
        "file:///c%3A/Users/x%20y/z.py",
        "file:///C:/Users/x/z.py",
        "file://server/share/z.py",
    ],
)
def test_documents_of_all_kinds_come_back_as_they_were_named(poor: Asker, uri: str) -> None:
    poor.client.open(uri, "alone alone")
    found = poor.client.at("textDocument/references", uri, 0, 0)
    assert {each["uri"] for each in found} == {uri}
    assert len(found) == 2
    poor.client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    assert poor.client.at("textDocument/hover", uri, 0, 0) is None


@pytest.mark.parametrize(("encoding", "column"), [("utf-8", 7), ("utf-16", 5), ("utf-32", 4)])
def test_columns_past_an_emoji(encoding: str, column: int) -> None:
    with Client() as client:
        offered = {"general": {"positionEncodings": [encoding, "utf-16"]}}
        said = client.start(capabilities=offered)
        assert said["capabilities"]["positionEncoding"] == encoding
        client.open(A, "'😀' name\r\nname")
        both = client.at("textDocument/references", A, 1, 0)
        assert both[0]["range"] == span(0, column, 0, column + 4)
        client.change(A, 2, {"range": span(0, column, 0, column + 4), "text": "é😀nom"})
        (found,) = client.at("textDocument/references", A, 0, column)[:1]
        assert found["range"]["start"]["character"] == column
