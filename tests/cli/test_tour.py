"""The tour starts the real server and plays every scene."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from cli.conftest import SAMPLE

from nootropic_lsp.analysis import semgrep
from nootropic_lsp.cli import scenes
from nootropic_lsp.cli.changes import applied
from nootropic_lsp.cli.explained import Explained, Step
from nootropic_lsp.cli.output import without_colour
from nootropic_lsp.cli.readiness import Readiness
from nootropic_lsp.cli.scenes import SCENES, edits_by_file, locations
from nootropic_lsp.cli.typist import Typist, worth_typing
from nootropic_lsp.features.diffs import diff_lines


def test_the_sample_has_something_for_every_scene(type_):
    typed = type_("tour", "--sample", "--json")
    assert typed.code == 0
    assert [scene["scene"] for scene in typed.json["scenes"]] == list(SCENES)
    assert [scene.get("problem") for scene in typed.json["scenes"]] == [None] * len(SCENES)
    assert typed.json["complete"] is True
    assert typed.json["index"]["files"] >= 7


def test_lines_are_typed_anew_with_a_menu_and_ghost_text(type_):
    scene = scene_of(type_("tour", "--sample", "--json"), "completion")
    assert scene["keys_typed"] < scene["characters"]
    keys = scene["keys"]
    assert keys[0]["written"] == ""
    assert any(len(key["menu"]) > 1 for key in keys)
    taken = [key for key in keys if key["ghost"]]
    assert all(key["written"] + key["ghost"] in scene["line"] for key in taken)
    assert len(keys) <= len(scene["line"]) - sum(len(key["ghost"]) - 1 for key in taken)


def scene_of(typed, name: str):
    return next(each for each in typed.json["scenes"] if each["scene"] == name)


def test_a_vulnerable_file_is_explained_and_put_right(type_):
    scene = scene_of(type_("tour", "--sample", "--json"), "findings")
    assert scene["path"] == "shop/search.py"
    found = {each["code"]: each for each in scene["findings"]}
    loading = found["unsafe-yaml-load"]
    assert loading["severity"] == "error"
    assert loading["cwe"] == [502]
    assert loading["owasp"].startswith("A08:2021")
    assert "runs whatever the text says" in loading["why"]
    assert loading["how"] == "Use `yaml.safe_load`."
    assert loading["path"] == []
    assert loading["fix"] == "Use safe_load"
    assert loading["diff"].splitlines()[-2:] == [
        "-    return yaml.load(file)",
        "+    return yaml.safe_load(file)",
    ]
    if semgrep.find_core() is None:
        assert set(found) == {"unsafe-yaml-load"}
        assert "nootropic-lsp[lint]" in scene["notes"][0]


@pytest.mark.skipif(
    semgrep.find_core() is None and "CI" not in os.environ, reason="Semgrep is not installed"
)
def test_a_value_is_shown_on_its_way(type_):
    scene = scene_of(type_("tour", "--sample", "--json"), "findings")
    injection = next(each for each in scene["findings"] if each["code"] == "sql-injection")
    assert scene["notes"] == []
    assert injection["path"][0]["message"] == "the value comes from here"
    text = (SAMPLE / "shop" / "search.py").read_text().splitlines()
    start = injection["path"][0]["at"].split(":")
    end = injection["at"].split(":")
    assert "self.path" in text[int(start[1]) - 1]
    assert "shop.execute(" in text[int(end[1]) - 1]
    assert injection["cwe"] == [89]


def test_the_file_is_shown_whatever_the_workspace_holds(tmp_path, type_, monkeypatch):
    """It lies outside of the workspace, whose settings may leave its rules out."""
    (tmp_path / "a.py").write_text("x = 1\n")
    scene = scene_of(type_("tour", str(tmp_path), "--json"), "findings")
    assert scene["path"] == "shop/search.py"
    assert "diff" in scene["findings"][-1]
    monkeypatch.setattr(scenes, "_FINDINGS_DEADLINE_S", 1)
    (tmp_path / ".nootropic.json").write_text('{"features": {"diagnostics": false}}')
    scene = scene_of(type_("tour", str(tmp_path), "--json"), "findings")
    assert "switch findings off" in scene["problem"]


def test_a_finding_in_words_fits_a_terminal():
    steps = [Step("a.py:1:1", "x = y", "it comes from here"), Step("a.py:1:5", "x = y", "")]
    fix = ["--- a/a.py", "+++ b/a.py", "@@ -1 +1 @@", "-x = y", "+x = z"]
    shown = Explained("sql-injection", "error", "bad", steps, "Do so", fix).lines()
    lines = [without_colour(each) for each in shown]
    assert lines[:4] == [
        "error sql-injection  bad",
        "  a.py:1:1  it comes from here",
        "    x = y",
        "  a.py:1:5",
    ]
    assert lines[4].startswith("  why  ")
    assert "  is   CWE-89, OWASP A03:2021 Injection" in lines
    assert lines[-6:] == ["  fix  Do so", *(f"  {each}" for each in fix)]
    assert max(map(len, lines)) <= 78


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
