"""Vectors follow the passages of a folder: only what is new is embedded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from nootropic_lsp.app import App
from nootropic_lsp.retrieval import vectors
from nootropic_lsp.retrieval.builder import Chunk
from nootropic_lsp.retrieval.embedding import Vectors, embedder
from nootropic_lsp.retrieval.passages import ALONG_SYNTAX
from nootropic_lsp.retrieval.vectors import OwnModel
from nootropic_lsp.settings.options import Settings, VectorSettings
from nootropic_lsp.store import passages
from nootropic_lsp.store.vectors.own import OwnStore

FILES = {
    "a.py": "def one(value):\n    return value.apple(1, 2, 3)\n",
    "b.py": "def two(value):\n    return value.pear(4, 5, 6)\n",
}
ROOM = 1_000_000_000


class Watched(OwnModel):
    """The model with a list of what it was given."""

    def __init__(self) -> None:
        super().__init__(embedder())
        self.seen: list[str] = []

    def of_passages(self, chunks: Sequence[Chunk]) -> Vectors:
        self.seen += [chunk.text for chunk in chunks]
        return super().of_passages(chunks)


class House:
    """A folder with an index, and vectors of its passages."""

    def __init__(self, root: Path) -> None:
        self.root = root / "project"
        self.root.mkdir()
        for name, text in FILES.items():
            (self.root / name).write_text(text)
        self.app = App(Settings(vectors=VectorSettings(store="off")), [str(self.root)])
        self.model = Watched()
        self.index()
        self.store = OwnStore(self.database.with_name("v.db"), self.model.n_dimensions)

    def index(self) -> None:
        self.app.index(resolve=False)

    @property
    def database(self) -> Path:
        ((_, database),) = self.app.indexed_folders
        return database

    def update(self, max_bytes: int = ROOM) -> vectors.Report:
        return vectors.update(
            str(self.root),
            self.database,
            self.model,
            self.store,
            cutting=ALONG_SYNTAX,
            max_bytes=max_bytes,
        )

    def fill(self) -> vectors.Report:
        return vectors.fill(
            str(self.root),
            self.database,
            self.model,
            self.store,
            cutting=ALONG_SYNTAX,
            max_bytes=ROOM,
            should_stop=lambda: False,
        )

    def best(self, question: str) -> str:
        with passages.open_passages(passages.file_of(self.database), readonly=True) as connection:
            key = vectors.near(self.model, self.store, question)[0][0]
            (row,) = passages.passages_with(connection, [key])
            return row.name


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_only_what_has_changed_is_embedded_again(house: House) -> None:
    report = house.update()
    assert (report.n_added, report.n_missing, report.is_full) == (len(house.model.seen), 0, False)
    assert any("apple" in text for text in house.model.seen)
    house.model.seen.clear()
    assert house.update().n_added == 0
    (house.root / "b.py").write_text(FILES["b.py"] + "\n\ndef three(it):\n    return it.plum(7)\n")
    house.index()
    house.update()
    assert any("plum" in text for text in house.model.seen)
    assert not any("apple" in text for text in house.model.seen)
    assert house.best("plum") == "three"


def test_what_came_by_another_way_is_filled_in(house: House) -> None:
    """Passages that some other process has cut have no vectors yet."""
    house.app.read_passages()
    report = house.fill()
    assert report.n_added == len(house.model.seen) > 0
    assert report.n_missing == 0
    assert house.best("pear") == "two"


def test_what_is_gone_is_removed_once_it_is_much(house: House) -> None:
    house.update()
    before = house.store.keys()
    (house.root / "b.py").unlink()
    house.index()
    house.update()
    after = house.store.keys()
    assert after < before


def test_a_full_store_takes_no_more_and_says_so(house: House, caplog) -> None:
    report = house.update(max_bytes=0)
    assert report.is_full
    assert report.n_missing > 0
    assert "`vectors.maxBytes`" in caplog.text


def test_a_damaged_file_is_made_anew(house: House, caplog) -> None:
    settings = Settings(vectors=VectorSettings(store="own"))
    for _ in range(2):
        app = App(settings, [str(house.root)])
        app.index(resolve=False)
        app.read_passages()
        near = app.near
        assert not isinstance(near, str)
        assert len(near(house.database, "pear")) > 0
        app.close_all()
        (file,) = house.database.parent.glob("vectors-own-1.db")
        file.write_bytes(b"no database" * 1000)
    assert "they are made anew" in caplog.text


def test_a_question_without_words_is_like_nothing(house: House) -> None:
    house.update()
    found = vectors.near(house.model, house.store, "?!")
    assert np.allclose([likeness for _, likeness in found], 0)
