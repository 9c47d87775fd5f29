"""The tour starts the real server and plays every scene."""

from __future__ import annotations

from pathlib import Path

import pytest

from nootropic_lsp.cli.changes import applied, diff_lines
from nootropic_lsp.cli.readiness import Readiness
from nootropic_lsp.cli.scenes import SCENES, edits_by_file, locations
from nootropic_lsp.cli.typist import Typist, worth_typing


def test_the_sample_has_something_for_every_scene(type_):
    typed = type_("tour", "--sample", "--json")
    assert typed.code == 0
    assert [scene["scene"] for scene in typed.json["scenes"]] == list(SCENES)
    assert [scene.get("problem") for scene in typed.json["scenes"]] == [None] * len(SCENES)
    assert typed.json["complete"] is True
    assert typed.json["index"]["files"] >= 7


def test_lines_are_typed_anew_with_a_menu_and_ghost_text(type_):
    scene = type_("tour", "--sample", "--json").json["scenes"][-1]
    assert scene["scene"] == "completion"
    assert scene["keys_typed"] < scene["characters"]
    keys = scene["keys"]
    assert keys[0]["written"] == ""
    assert any(len(key["menu"]) > 1 for key in keys)
    taken = [key for key in keys if key["ghost"]]
    assert all(key["written"] + key["ghost"] in scene["line"] for key in taken)
    assert len(keys) <= len(scene["line"]) - sum(len(key["ghost"]) - 1 for key in taken)


def test_what_the_tour_accepts_is_not_what_the_user_does(shop, type_):
    type_("tour")
    counted = type_("stats", "--json").json["languages"].get("python", {})
    assert not any(counted.get(name) for name in ("shown", "accepted", "rejected", "characters"))


def test_lines_worth_typing():
    text = "import this_and that_and more\nshort = one\n# a comment of some words\n"
    assert list(worth_typing(text)) == []
    text += "".join(f"total{n} = place(order, cart)\n" for n in range(9))
    assert list(worth_typing(text)) == [3, 6, 9]


def test_a_typist_leaves_the_document_as_it_was():
    texts = ["first = second + third\n", "other\n"]
    said: list[str] = []

    class Editor:
        def request(self, method, params):
            item = {"label": "first", "insertText": "second + t"}
            return {"items": [item] if texts[0] == "first = \n" else []}

        def notify(self, method, params):
            (change,) = params["contentChanges"]
            start, end = (change["range"][side]["character"] for side in ("start", "end"))
            texts[0] = texts[0][:start] + change["text"] + texts[0][end:]
            said.append(change["text"])

    found = Typist(Editor(), Path("/a.py"), "".join(texts)).retype(0)
    assert texts[0] == "first = second + third\n"
    assert [key.ghost for key in found.keys if key.ghost] == ["second + t"]
    assert len(found.keys) == len("first = ") + 1 + len("hird")
    assert found.has_ghost
    assert max(map(len, said)) <= 1


def test_the_tour_in_words(shop, type_):
    typed = type_("tour")
    assert typed.code == 0
    for name in SCENES:
        assert f"\n{name}  " in typed.out
    assert "+++ b/" in typed.out


def test_a_tour_changes_no_file(shop, type_):
    before = {path: path.read_bytes() for path in shop.rglob("*.py")}
    type_("tour")
    assert {path: path.read_bytes() for path in shop.rglob("*.py")} == before


def test_a_folder_without_code(tmp_path, type_):
    typed = type_("tour", str(tmp_path))
    assert typed.code == 1
    assert "no file of a known language" in typed.err


@pytest.mark.parametrize("name", ["nootropic_lsp.py", "json.py"])
def test_nothing_is_imported_from_the_folder(name, shop, type_):
    (shop / name).write_text("raise SystemExit('a hostile module was imported')")
    assert type_("tour", "--json").code == 0


def _range(line: int, start: int, end: int) -> dict[str, dict[str, int]]:
    return {
        "start": {"line": line, "character": start},
        "end": {"line": line, "character": end},
    }


def test_edits_are_applied_from_the_end():
    edits = [
        {"range": _range(0, 0, 1), "newText": "one"},
        {"range": _range(1, 2, 3), "newText": ""},
    ]
    assert applied("a b\r\nc d\r\n", edits) == "one b\r\nc \r\n"


def test_a_diff():
    assert diff_lines("x", "a\nb\n", "a\nc\n") == [
        "--- a/x",
        "+++ b/x",
        "@@ -1,2 +1,2 @@",
        " a",
        "-b",
        "+c",
    ]


def test_both_forms_of_an_answer():
    assert locations({"uri": "u", "range": 1}) == [("u", 1)]
    assert locations([{"targetUri": "u", "targetSelectionRange": 1}]) == [("u", 1)]
    assert locations(None) == []
    assert edits_by_file({"changes": {"u": [1]}}) == [("u", [1])]
    annotated = {
        "documentChanges": [{"kind": "rename"}, {"textDocument": {"uri": "u"}, "edits": [1]}]
    }
    assert edits_by_file(annotated) == [("u", [1])]


def test_progress_is_shown_until_the_server_is_not_busy():
    shown: list[tuple[int, int]] = []
    readiness = Readiness(lambda done, total: shown.append((done, total)))
    report = {"kind": "report", "percentage": 50}
    readiness.hear("didChangeStatus", {"busy": True, "kind": "Normal"})
    readiness.hear("$/progress", {"token": 1, "value": {"kind": "begin", "title": "Indexing"}})
    readiness.hear("$/progress", {"token": 1, "value": {**report, "message": "3/6 files"}})
    readiness.hear("$/progress", {"token": 1, "value": report})
    readiness.hear("didChangeStatus", {"busy": False, "kind": "Warning", "message": "disk full"})
    readiness.wait()
    assert shown == [(3, 6), (50, 100)]
    assert readiness.problem == "disk full"
