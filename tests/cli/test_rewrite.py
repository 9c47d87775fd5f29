"""`nootropic rewrite` shows, then writes; `nootropic undo` takes it back."""

from __future__ import annotations

from pathlib import Path

import pytest

from nootropic_lsp.features import checkpoints

BEFORE = 'import os\n\ndef name(n):\n    return "%s: %r" % (str(n), n)  # kept\n'
AFTER = BEFORE.replace('"%s: %r" % (str(n), n)', 'f"{str(n)}: {n!r}"')


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with one file to change and one without anything."""
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "one.py").write_text(BEFORE)
    (folder / "two.py").write_text("x = 1\n")
    monkeypatch.chdir(folder)
    return folder


def test_it_shows_a_diff_and_writes_nothing(work, type_):
    typed = type_("rewrite", "percent-to-fstring")
    assert typed.code == 0
    assert typed.out == (
        "--- a/one.py\n"
        "+++ b/one.py\n"
        "@@ -3,2 +3,2 @@\n"
        " def name(n):\n"
        '-    return "%s: %r" % (str(n), n)  # kept\n'
        '+    return f"{str(n)}: {n!r}"  # kept\n'
        "percent-to-fstring would change 1 file (1 replacement, 2 files looked at);"
        " `--apply` writes it\n"
    )
    assert (work / "one.py").read_text() == BEFORE


def test_apply_and_undo(work, type_):
    typed = type_("rewrite", "percent-to-fstring", "--apply", "--json").json
    assert (work / "one.py").read_text() == AFTER
    assert typed["applied"] is True
    assert [each["path"] for each in typed["files"]] == ["one.py"]
    listed = type_("undo", "--list", "--json").json["checkpoints"]
    assert [(each["id"], each["files"]) for each in listed] == [(typed["checkpoint"], ["one.py"])]
    again = type_("rewrite", "percent-to-fstring", "--apply")
    assert again.code == 1
    assert again.out == "percent-to-fstring finds nothing to change in 2 files\n"
    undone = type_("undo")
    assert undone.code == 0
    assert "percent-to-fstring: 1 file brought back" in undone.out
    assert (work / "one.py").read_text() == BEFORE
    assert type_("undo").code == 1


def test_undo_keeps_what_others_changed(work, type_):
    type_("rewrite", "percent-to-fstring", "--apply")
    (work / "one.py").write_text("mine\n")
    typed = type_("undo")
    assert typed.code == 1
    assert "  one.py is kept: it was changed since" in typed.out
    assert (work / "one.py").read_text() == "mine\n"


def test_paths_are_taken_and_others_are_refused(work, type_):
    assert type_("rewrite", "percent-to-fstring", "two.py").code == 1
    assert type_("rewrite", "percent-to-fstring", "none.py").code == 2
    assert "outside of the workspace" in type_("rewrite", "percent-to-fstring", "/").err
    (work / "link.py").symlink_to(work / "one.py")
    assert "is a link" in type_("rewrite", "percent-to-fstring", "link.py").err


def test_the_recipes_are_listed_with_those_that_are_broken(work, type_):
    folder = work / ".nootropic" / "recipes"
    folder.mkdir(parents=True)
    (folder / "mine.yaml").write_text(
        "description: Mine\nlanguages: [python]\nsteps:\n  - pattern: x\n    rewrite: y\n"
    )
    (folder / "bad.yaml").write_text("languages: [python]\nsteps:\n  - shell: rm\n")
    typed = type_("rewrite", "--list", "--json")
    names = {each["name"]: each["own"] for each in typed.json["recipes"]}
    assert names["mine"] is False
    assert names["unittest-to-pytest"] is True
    assert typed.json["problems"] == [
        f"{folder / 'bad.yaml'}, line 3: expected a step with one of"
        " pattern, query, imports, transform"
    ]
    assert type_("rewrite", "mine").out.startswith("--- a/two.py\n")
    assert type_("rewrite", str(folder / "mine.yaml"), "one.py").code == 1
    assert "line 3" in type_("rewrite", "bad").err


def test_files_that_are_left_are_named(work, type_):
    (work / "broken.py").write_text('def (:\n"%s" % (x,)\n')
    typed = type_("rewrite", "percent-to-fstring", "--apply")
    assert typed.code == 1
    assert "  broken.py: it has syntax errors\n" in typed.out
    assert (work / "one.py").read_text() == AFTER


def test_what_was_interrupted_is_taken_back_and_said(work, type_, monkeypatch):
    take_place = checkpoints._take_place

    def killed(file: Path, temporary: Path | None) -> None:
        take_place(file, temporary)
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(checkpoints, "_take_place", killed)
        patched.setattr(checkpoints, "_undone", lambda *_: checkpoints.Undone(None, (), {}))
        type_("rewrite", "percent-to-fstring", "--apply")
    assert (work / "one.py").read_text() == AFTER
    typed = type_("rewrite", "percent-to-fstring")
    assert "`percent-to-fstring` was interrupted" in typed.err
    assert "1 file brought back" in typed.err
    assert (work / "one.py").read_text() == BEFORE


def test_forget_keeps_recipes_and_removes_checkpoints(work, type_):
    (work / ".nootropic" / "recipes").mkdir(parents=True)
    type_("rewrite", "percent-to-fstring", "--apply")
    type_("forget", "--yes")
    assert (work / ".nootropic" / "recipes").is_dir()
    assert not (work / ".nootropic" / "checkpoints").exists()
    assert (work / "one.py").read_text() == AFTER


def test_mistakes_are_said(work, type_):
    assert "name a recipe" in type_("rewrite").err
    assert "either --diff or --apply" in type_("rewrite", "x", "--diff", "--apply").err
    assert "there is no recipe `x`" in type_("rewrite", "x").err
    assert "there is no checkpoint 1" in type_("undo", "--to", "1").err
