"""The embedding learns what a workspace calls its things, and only what it can show."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from nootropic_lsp.app import App
from nootropic_lsp.features.vectors import keeper as keeping
from nootropic_lsp.features.vectors.keeper import Keeper
from nootropic_lsp.retrieval import adapting
from nootropic_lsp.retrieval.adapting import adapt, adapted, outcome_of
from nootropic_lsp.retrieval.embedding import embedder
from nootropic_lsp.settings.options import Settings, VectorSettings
from nootropic_lsp.store import graph

# Names that mean nothing to anybody outside.
CODE = ["".join(each) for each in product("bdgk", "aou", "lrmn", ("ba", "do"))][:90]
WORDS = ["".join(each) for each in product("ptsv", "eiy", "fxzh", ("ta", "ge"))][:90]
KEYS = ("sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc",)


def project(root: Path, *, has_sense: bool) -> Path:
    """Forty files whose documentation speaks of three things, and whose code has other names."""
    dice = random.Random(3)
    root.mkdir()
    for number in range(40):
        lines = []
        for at in range(20):
            things = dice.sample(range(90), 4)
            said = things if has_sense else dice.sample(range(90), 4)
            words = " ".join(WORDS[each] for each in said)
            calls = "\n".join(f"    self.{CODE[each]}({at})" for each in things)
            lines.append(f'def handle_{at}(self):\n    """Look after {words}."""\n{calls}\n\n')
        (root / f"m{number}.py").write_text("\n".join(lines))
    return root


@pytest.fixture
def house(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    root = project(tmp_path / "project", has_sense=True)
    yield from indexed(root)


def indexed(root: Path) -> Iterator[tuple[str, Path]]:
    app = App(Settings(vectors=VectorSettings(store="off")), [str(root)])
    app.index(resolve=False)
    try:
        ((folder, database),) = app.indexed_folders
        yield folder, database
    finally:
        app.close_all()


def test_what_a_workspace_calls_its_things_is_learnt(house: tuple[str, Path]) -> None:
    folder, database = house
    outcome = adapt(folder, database)
    assert outcome == outcome_of(database)
    assert outcome.n_files == 40
    assert outcome.n_pairs == 800
    assert outcome.before < 0.2
    assert outcome.after > 0.5
    made = adapted(database, outcome.model)
    assert made is not None
    likeness = [
        float(each.questions([[WORDS[3]]])[0] @ each.passages([[CODE[3]]])[0])
        for each in (embedder(), made)
    ]
    assert likeness[0] < 0.3
    assert likeness[1] > likeness[0] + 0.2
    # What was not in it is as before.
    usual = [each.questions([["parse", "date"]])[0] for each in (embedder(), made)]
    assert usual[0] @ usual[1] > 0.999
    # The same again is the same again.
    assert adapt(folder, database) == outcome


def test_what_does_not_help_is_not_used(tmp_path: Path) -> None:
    root = project(tmp_path / "project", has_sense=False)
    for folder, database in indexed(root):
        outcome = adapt(folder, database)
        assert outcome.n_pairs == 800
        assert outcome.after < outcome.before + 0.01
        assert outcome.model == ""
        assert not list(database.parent.glob("adapted-*"))


def test_too_little_says_nothing(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (root / "a.py").write_text('def one(a):\n    """Adds two numbers and more."""\n    return a\n')
    for folder, database in indexed(root):
        assert adapt(folder, database).model == ""
        assert outcome_of(database) is not None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"version": 0, "n_files": 1}'])
def test_a_note_that_cannot_be_read_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "adapted.json").write_text(content)
    assert outcome_of(tmp_path / "graph.db") is None


def test_damaged_vectors_of_words_are_none(house: tuple[str, Path]) -> None:
    folder, database = house
    outcome = adapt(folder, database)
    (file,) = database.parent.glob("adapted-*.npz")
    file.write_bytes(file.read_bytes()[:1000])
    assert adapted(database, outcome.model) is None
    file.unlink()
    assert outcome_of(database) is None


def test_documentation_of_other_languages_counts(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (root / "a.js").write_text(
        "/**\n * Invalidate all sessions of a visitor.\n *\n * @param key which\n */\n"
        "export function flushAll(key) {\n  return store.clear(key.prefix);\n}\n"
    )
    (root / "a.go").write_text(
        "package a\n\n// Flush ends the sessions of some visitor. And more.\n"
        "func Flush(key string) error {\n\treturn store.Clear(key)\n}\n"
    )
    for folder, database in indexed(root):
        index = graph.open_graph(database, readonly=True)
        pairs = {pair.file: pair for pair in adapting._pairs(folder, index)}
        index.close()
        assert pairs["a.js"].question == ["invalidate", "sessions", "visitor"]
        assert "flush" in pairs["a.js"].code
        assert "invalidate" not in pairs["a.js"].code
        assert pairs["a.go"].question == ["flush", "ends", "sessions", "visitor"]
        assert "clear" in pairs["a.go"].code


def test_a_keeper_that_rests_has_it_done_and_takes_it_over(
    house: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, database = house
    monkeypatch.setattr(keeping, "_REST_S", 0.1)
    keeper = Keeper(folder, database, Settings(vectors=VectorSettings(store="own")))
    keeper.start()
    try:
        models, ends_at = set(), time.monotonic() + 120
        question = f"{WORDS[3]} {WORDS[4]}"
        while not keeper.state.model.startswith("own-1-") and time.monotonic() < ends_at:
            models.add(keeper.state.model)
            if keeper.state.n_vectors and not keeper.state.n_missing:
                assert keeper.near(database, question)
            time.sleep(0.02)
        assert "own-1" in models
        outcome = outcome_of(database)
        assert outcome is not None
        assert keeper.state.model == outcome.model
        while keeper.state.is_busy:
            time.sleep(0.02)
        assert keeper.near(database, question)[0][1] > 0.4
        assert json.loads((database.parent / "vectors.json").read_text())["model"] == outcome.model
    finally:
        keeper.close()
    # The next one begins with these.
    keeper = Keeper(folder, database, Settings(vectors=VectorSettings(store="own")))
    keeper.start()
    try:
        assert keeper.near(database, question)[0][1] > 0.4
        assert keeper.state.model == outcome.model
    finally:
        keeper.close()


def test_who_has_switched_it_off_gets_the_usual_ones(
    house: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, database = house
    outcome = adapt(folder, database)
    assert outcome.model
    monkeypatch.setattr(keeping, "_REST_S", 0.1)
    keeper = Keeper(folder, database, Settings(vectors=VectorSettings(store="own", adapt=False)))
    keeper.start()
    try:
        ends_at = time.monotonic() + 60
        while not keeper.state.n_vectors and time.monotonic() < ends_at:
            time.sleep(0.02)
        time.sleep(0.5)
        assert keeper.near(database, "anything")
        assert keeper.state.model == "own-1"
    finally:
        keeper.close()


def test_no_secret_is_learnt(tmp_path: Path) -> None:
    root = project(tmp_path / "project", has_sense=True)
    (root / "key.py").write_text(
        f'def connect():\n    """Connect to the {KEYS[0]} account there."""\n    return "{KEYS[0]}"\n'
    )
    for folder, database in indexed(root):
        index = graph.open_graph(database, readonly=True)
        words = {
            word
            for pair in adapting._pairs(folder, index)
            if pair.file == "key.py"
            for word in (*pair.question, *pair.code)
        }
        index.close()
        assert words.isdisjoint(("hq", "ly", "darjt", "zdp"))
