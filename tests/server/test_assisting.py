"""What an editor has a model do: through the real server, the real worker and a real engine."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from server.client import REAL, Client, Refused, span
from worker_house import allow, ollama, wait_for_end, workspace

from nootropic_lsp.worker.starting import find

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")

LITERAL = {"codeActionKind": {"valueSet": ["quickfix", "refactor"]}}
ABLE: dict[str, Any] = {
    "textDocument": {"codeAction": {"codeActionLiteralSupport": LITERAL, "dataSupport": True}},
    "workspace": {
        "applyEdit": True,
        "workspaceEdit": {"documentChanges": True, "changeAnnotationSupport": {}},
    },
    "window": {"showDocument": {"support": True}},
}


@pytest.fixture
def root(tmp_path: Path, home: Path) -> Iterator[Path]:
    allow(home, models__maxOutputTokens=24)
    root = workspace(tmp_path)
    yield root
    wire = find(root)
    if wire is not None:
        pid = wire.ask("GET", "/internal/health", deadline_s=10)["pid"]
        wire.ask("POST", "/internal/stop", {}, deadline_s=10)
        wait_for_end(pid)


def started(root: Path, **options: Any) -> Client:
    client = Client(REAL)
    client.start(root, capabilities=ABLE, options=options)
    return client


def run(client: Client, command: str, **argument: Any) -> Any:
    return client.request(
        "workspace/executeCommand", {"command": command, "arguments": [argument]}, deadline_s=60
    )


def test_search_has_places_for_the_editor(root: Path) -> None:
    with started(root) as client:
        found = run(client, "nootropic.search", question="parse a date", limit=1)
        (hit,) = found["hits"]
        assert hit["uri"] == (root / "shop/dates.py").as_uri()
        assert hit["range"]["start"] == {"line": 0, "character": 0}
        assert hit["name"] == "parse_date"


def test_an_answer_arrives_in_pieces_and_as_a_whole(root: Path) -> None:
    with started(root) as client:
        made = run(client, "nootropic.ask", question="how is a date parsed?", token="t1")
        events = [
            each["params"]["value"]
            for each in client.notifications
            if each["method"] == "$/progress" and each["params"]["token"] == "t1"
        ]
        said = "".join(each["text"] for each in events if each["event"] == "said")
        assert said == made["text"]
        assert made["model"] == "embedded:tiny"
        assert events[0]["event"] == "given"


def test_what_the_workspace_does_not_hold_is_said(root: Path) -> None:
    with started(root) as client:
        made = run(client, "nootropic.ask", question="zebra crossing giraffe")
        assert not made["isFound"]
        assert "does not hold the answer" in made["text"]


def test_an_explanation_is_shown_as_a_file(root: Path) -> None:
    with started(root) as client:
        at = {"textDocument": {"uri": (root / "shop/dates.py").as_uri()}, "range": span(0, 0, 0, 5)}
        made = run(client, "nootropic.explain", **at, show=True)
        client.wait_requested("window/showDocument")
        (asked,) = [each for each in client.requests if each["method"] == "window/showDocument"]
        file = Path(asked["params"]["uri"].removeprefix("file://"))
        assert made["text"] in file.read_text()


def test_edits_that_are_none_are_refused_with_a_reason(root: Path) -> None:
    """The tiny model knows no edits: nothing may be applied."""
    before = (root / "shop/dates.py").read_text()
    with started(root) as client:
        at = {"textDocument": {"uri": (root / "shop/dates.py").as_uri()}, "range": span(0, 0, 0, 5)}
        run(client, "nootropic.code", **at, instruction="return early")
        shown = client.wait_notified("window/showMessage")
        assert "proposes no change" in shown["message"]
        assert not [each for each in client.requests if each["method"] == "workspace/applyEdit"]
    assert (root / "shop/dates.py").read_text() == before


EDIT = """\
I return early.

shop/dates.py
<<<<<<< ORIGINAL
    year, month, day = text.split("-")
=======
    if not text:
        return None
    year, month, day = text.split("-")
>>>>>>> UPDATED
"""


def test_an_edit_is_previewed_and_fits_what_is_not_saved(root: Path, home: Path) -> None:
    uri = (root / "shop/dates.py").as_uri()
    unsaved = "# on top\n" + (root / "shop/dates.py").read_text()
    with ollama(EDIT) as url:
        allow(home, models__gguf=[], models__servers={"ollama": url})
        with started(root) as client:
            client.open(uri, unsaved, version=7)
            at = {"textDocument": {"uri": uri}, "range": span(1, 0, 1, 5)}
            run(client, "nootropic.code", **at, instruction="return early")
            edit = client.wait_requested("workspace/applyEdit", deadline_s=60)["edit"]
    (change,) = edit["documentChanges"]
    assert change["textDocument"] == {"uri": uri, "version": 7}
    (only,) = change["edits"]
    assert only["newText"] == "    if not text:\n        return None\n"
    assert only["range"]["start"] == {"line": 3, "character": 0}
    annotation = edit["changeAnnotations"][only["annotationId"]]
    assert annotation["needsConfirmation"] is True
    assert "ollama:" in annotation["label"]


def test_actions_are_offered_where_there_is_a_model(root: Path, home: Path) -> None:
    def titles(client: Client) -> list[str]:
        uri = (root / "shop/dates.py").as_uri()
        client.open(uri, (root / "shop/dates.py").read_text())
        problem = {"range": span(0, 0, 0, 3), "message": "it is wrong", "source": "other"}
        asked = {
            "textDocument": {"uri": uri},
            "range": span(0, 4, 0, 4),
            "context": {"diagnostics": [problem]},
        }
        return [each["title"] for each in client.request("textDocument/codeAction", asked)]

    with started(root) as client:
        assert {
            "Fix with the model: it is wrong",
            "Explain with the model",
            "Document with the model",
            "Write tests for this with the model",
        } <= set(titles(client))
    (home / "config.json").write_text("{}")
    with started(root) as client:
        assert not [each for each in titles(client) if "the model" in each]


def test_settings_of_the_editor_reach_the_worker(root: Path) -> None:
    with started(root, modelPreference=["embedded:nobody"], models={"gguf": []}) as client:
        with pytest.raises(Refused, match=r"nootropic models|no language model"):
            run(client, "nootropic.ask", question="how is a date parsed?")


def test_a_worker_that_is_off_is_a_sentence(root: Path, home: Path) -> None:
    (home / "config.json").write_text('{"worker.enabled": false}')
    with started(root) as client:
        with pytest.raises(Refused, match=r"worker\.enabled"):
            run(client, "nootropic.ask", question="how is a date parsed?")


# The token model would have to be certain.
SILENT = {"threshold": 1.0, "modelBudgetMs": 3000}
NEW = """

def month_in_hundreds(text):
    year, month, day = text.split("-")
    return """


def ghost(client: Client, uri: str, line: int, character: int) -> list[str]:
    found = client.request(
        "textDocument/inlineCompletion",
        {
            "textDocument": {"uri": uri},
            "position": {"line": line, "character": character},
            "context": {"triggerKind": 2},
        },
    )
    return [each["insertText"] for each in found["items"]] if found else []


def until_there(client: Client, uri: str, line: int, character: int) -> list[str]:
    """The worker and the token model come while one types on."""
    ends_at = time.monotonic() + 40
    while time.monotonic() < ends_at:
        texts = ghost(client, uri, line, character)
        if texts:
            return texts
        time.sleep(0.2)
    raise AssertionError(
        client.request("workspace/executeCommand", {"command": "nootropic.status"})
    )


def test_ghost_text_by_a_model_where_the_token_model_is_silent(root: Path, home: Path) -> None:
    uri = (root / "shop/dates.py").as_uri()
    text = (root / "shop/dates.py").read_text() + NEW
    line, character = text.count("\n"), len("    return ")
    with ollama("int(month)", " * 100", "\n\nnext thing") as url:
        allow(home, models__gguf=[], models__servers={"ollama": url})
        with started(root, ghostText=SILENT) as client:
            client.open(uri, text)
            (said,) = until_there(client, uri, line, character)
            assert said == "int(month) * 100"
            # Typed through, it goes on without another question.
            client.change(
                uri,
                2,
                {"range": span(line, character, line, character), "text": "int("},
            )
            assert ghost(client, uri, line, character + 4) == ["month) * 100"]


def test_names_that_nobody_knows_are_not_offered(root: Path, home: Path) -> None:
    uri = (root / "shop/dates.py").as_uri()
    text = (root / "shop/dates.py").read_text() + NEW
    line, character = text.count("\n"), len("    return ")
    with ollama("invented_helper(month)") as url:
        allow(home, models__gguf=[], models__servers={"ollama": url})
        with started(root, ghostText=SILENT) as client:
            client.open(uri, text)
            ends_at = time.monotonic() + 8
            while time.monotonic() < ends_at:
                assert not ghost(client, uri, line, character)
                time.sleep(0.5)


def test_no_model_is_asked_about_a_file_that_is_kept_back(root: Path, home: Path) -> None:
    (root / ".aiignore").write_text("dates.py\n")
    uri = (root / "shop/dates.py").as_uri()
    text = (root / "shop/dates.py").read_text() + NEW
    line, character = text.count("\n"), len("    return ")
    with ollama("int(month)") as url:
        allow(home, models__gguf=[], models__servers={"ollama": url})
        with started(root, ghostText=SILENT) as client:
            client.open(uri, text)
            ends_at = time.monotonic() + 8
            while time.monotonic() < ends_at:
                assert not ghost(client, uri, line, character)
                time.sleep(0.5)
