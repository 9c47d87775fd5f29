"""The passages of a folder follow its index, and hold no secrets."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from predict.test_kept_secrets import FILES, SECRETS

from nootropic_lsp.app import App
from nootropic_lsp.retrieval import builder
from nootropic_lsp.settings.options import ContextSettings, Settings
from nootropic_lsp.store import passages


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    return root


def built(folder: Path, context: ContextSettings | None = None) -> passages.Connection:
    app = App(Settings(context=context or ContextSettings()), [str(folder)])
    try:
        app.index(resolve=False)
        app.read_passages()
        (path,) = folder.rglob(f"passages-{passages.FORMAT}.db")
    finally:
        app.close_all()
    return passages.open_passages(path, readonly=True)


def names(connection: passages.Connection, word: str) -> list[str]:
    found = passages.best(connection, [word], weights=(1, 1, 1), limit=100)
    rows = passages.passages_at(connection, [number for number, _ in found])
    return sorted(f"{row.path}:{row.name}" for row in rows.values())


def function(name: str, word: str) -> str:
    return f"def {name}(value):\n    return value.{word}(1, 2, 3)\n\n\n"


def test_changed_files_are_cut_again_and_no_others(folder: Path) -> None:
    (folder / "a.py").write_text(function("one", "apple"))
    (folder / "b.py").write_text(function("two", "apple"))
    with built(folder) as connection:
        assert names(connection, "apple") == ["a.py:one", "b.py:two"]
        before = dict(connection.execute("SELECT name, id FROM passages").fetchall())
    (folder / "a.py").write_text(function("one", "pear") + function("three", "apple"))
    with built(folder) as connection:
        assert names(connection, "apple") == ["a.py:three", "b.py:two"]
        assert names(connection, "pear") == ["a.py:one"]
        after = dict(connection.execute("SELECT name, id FROM passages").fetchall())
    assert after["two"] == before["two"]
    assert after["one"] > max(before.values())
    (folder / "b.py").unlink()
    with built(folder) as connection:
        assert names(connection, "apple") == ["a.py:three"]


def test_another_way_of_cutting_counts_at_once_and_back(folder: Path) -> None:
    (folder / "a.py").write_text("".join(function(f"f{at}", "apple") for at in range(8)))
    by_syntax = [f"a.py:f{at}" for at in range(8)]
    with built(folder) as connection:
        assert names(connection, "apple") == by_syntax
    with built(folder, ContextSettings(chunks="fixed", chunk_tokens=64)) as connection:
        in_pieces = names(connection, "apple")
        assert 1 < len(in_pieces) < 8
        assert "a.py:a" in in_pieces
    with built(folder, ContextSettings(chunks="fixed", chunk_tokens=512)) as connection:
        assert names(connection, "apple") == ["a.py:a"]
    with built(folder) as connection:
        assert names(connection, "apple") == by_syntax


@pytest.mark.parametrize("seed", range(4))
def test_any_edits_lead_to_what_a_fresh_build_gives(folder: Path, seed: int) -> None:
    dice = random.Random(seed)
    fruit = ["apple", "pear", "plum", "cherry"]
    for _ in range(6):
        name = f"m{dice.randrange(4)}.py"
        if (folder / name).exists() and dice.random() < 0.3:
            (folder / name).unlink()
        else:
            chosen = [dice.choice(fruit) for _ in range(dice.randrange(1, 4))]
            text = "".join(function(f"f{at}", word) for at, word in enumerate(chosen))
            (folder / name).write_text(text)
        connection = built(folder)
        gone_by = {word: names(connection, word) for word in fruit}
        connection.close()
    (path,) = folder.rglob(f"passages-{passages.FORMAT}.db")
    path.unlink()
    with built(folder) as connection:
        assert {word: names(connection, word) for word in fruit} == gone_by


def test_words_of_what_is_gone_are_given_back(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(builder, "_MOST_DEAD", 0.2)
    for turn in range(4):
        (folder / "a.py").write_text(function(f"turn{turn}", "apple"))
        with built(folder) as connection:
            (n_rows,) = connection.execute("SELECT COUNT(*) FROM words_docsize").fetchone()
            assert n_rows <= 2
            assert names(connection, "apple") == [f"a.py:turn{turn}"]


@pytest.mark.parametrize("damage", [b"rubbish" * 400, b""], ids=["rubbish", "empty"])
def test_damage_is_built_anew(folder: Path, damage: bytes) -> None:
    (folder / "a.py").write_text(function("one", "apple"))
    built(folder).close()
    (path,) = folder.rglob(f"passages-{passages.FORMAT}.db")
    path.write_bytes(damage)
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    with built(folder) as connection:
        assert names(connection, "apple") == ["a.py:one"]


def test_what_another_format_has_left_is_removed(folder: Path) -> None:
    (folder / "a.py").write_text(function("one", "apple"))
    built(folder).close()
    (path,) = folder.rglob(f"passages-{passages.FORMAT}.db")
    old = path.with_name("passages-0.db")
    path.rename(old)
    built(folder).close()
    assert not old.exists()
    assert path.exists()


def test_no_secret_is_kept(folder: Path) -> None:
    for name, text in FILES.items():
        (folder / name).write_text(text)
    connection = built(folder)
    kept = {
        row[0]
        for row in connection.executescript(
            "CREATE VIRTUAL TABLE temp.all_words USING fts5vocab('main', 'words', 'row');"
        ).execute("SELECT term FROM temp.all_words")
    }
    connection.close()
    assert "password" in kept
    raw = b"".join(path.read_bytes() for path in folder.rglob("passages-*"))
    for secret in SECRETS:
        assert secret.lower() not in kept
        assert secret.encode() not in raw
        assert secret.lower().encode() not in raw
