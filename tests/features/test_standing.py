"""Which facts a question uses that cannot wait for those of the text as it is now."""

from __future__ import annotations

from pathlib import Path

from nootropic_lsp.app import _MOST_AT_HAND, App
from nootropic_lsp.core.documents import Document
from nootropic_lsp.features.completion import complete
from nootropic_lsp.settings.options import Settings


def test_keys_use_the_facts_that_are_there_until_newer_ones_have_been_made(tmp_path: Path) -> None:
    app = App(Settings(), [tmp_path.as_posix()])
    path = (tmp_path / "a.py").as_posix()
    texts = ["value = 1\nv", "value = 1\nva", "value = 1\nval", "value = 1\nvalu"]
    app.open(Document(path, "python", 0, texts[0]))
    first = app.snapshot()
    assert first.standing(path) is first
    complete(first, path, len(texts[0]))
    for version in (1, 2):
        app.change(Document(path, "python", version, texts[version]))
        later = app.snapshot()
        assert later.standing(path) is first
        assert complete(later, path, len(texts[version])).items[0].label == "value"
        assert not later.changed[path].has_facts
    assert later.unit(path) is not None
    assert later.standing(path) is later
    app.change(Document(path, "python", 3, texts[3]))
    assert app.snapshot().standing(path) is later
    app.close_all()


def test_what_differs_too_much_is_read_anew(tmp_path: Path) -> None:
    app = App(Settings(), [tmp_path.as_posix()])
    path = (tmp_path / "a.py").as_posix()
    app.open(Document(path, "python", 0, "x = 1\n"))
    complete(app.snapshot(), path, 0)
    text = "value = 1\n" * 300 + "v"
    app.change(Document(path, "python", 1, text))
    later = app.snapshot()
    complete(later, path, len(text))
    assert later.changed[path].has_facts
    app.close_all()


def test_what_was_found_for_a_word_is_kept_for_the_last_word_only(tmp_path: Path) -> None:
    app = App(Settings(), [tmp_path.as_posix()])
    paths = [(tmp_path / f"{name}.py").as_posix() for name in "ab"]
    for path in paths:
        app.open(Document(path, "python", 0, "value = 1\nv"))
    snapshot = app.snapshot()
    for path in paths:
        complete(snapshot, path, 11)
    assert [kept.path for kept in snapshot.kept.values()] == paths[1:]
    assert not any("word" in text.kept for text in snapshot.opened.values())
    app.close_all()


def test_trees_are_kept_of_the_texts_that_are_edited(tmp_path: Path) -> None:
    app = App(Settings(), [tmp_path.as_posix()])
    paths = [(tmp_path / f"m{number}.py").as_posix() for number in range(_MOST_AT_HAND + 2)]
    for path in paths:
        app.open(Document(path, "python", 0, "value = 1\n"))
        app.snapshot().opened[path].tree()
    app.change(Document(paths[2], "python", 1, "value = 2\n"))
    opened = app.snapshot().opened
    kept = [path for path in paths if opened[path].is_parsed]
    assert kept == [paths[2], *paths[3:]]
    tree = opened[paths[0]].tree()
    assert tree is not None
    assert tree[0].root_node.end_byte == 10
    app.close_all()


def test_a_closed_text_is_kept_without_its_tree(tmp_path: Path) -> None:
    app = App(Settings(), [tmp_path.as_posix()])
    path = (tmp_path / "a.py").as_posix()
    app.open(Document(path, "python", 0, "value = 1\nv"))
    first = app.snapshot()
    complete(first, path, 11)
    app.change(Document(path, "python", 1, "value = 1\nva"))
    later = app.snapshot()
    complete(later, path, 12)
    assert later.standing(path) is first
    app.close(path)
    for snapshot in (first, later):
        assert not snapshot.opened[path].is_parsed
        assert not snapshot.opened[path].kept
    app.close_all()
