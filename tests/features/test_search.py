"""Search by words: the right passage first, with the reasons."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nootropic_lsp.app import App
from nootropic_lsp.core.documents import Document
from nootropic_lsp.features.search import Hit, search
from nootropic_lsp.settings.options import Settings, VectorSettings

FILES = {
    "shop/session.py": '''
class Session:
    """What is known of a visitor."""

    def flush(self):
        """Invalidate everything that was kept for a visitor, and forget the key."""
        self.store.clear()
        self.key = None


def parse_date(text):
    year, month, day = text.split("-")
    return int(year), int(month), int(day)
''',
    "tests/test_session.py": """
def test_flush_session():
    session = make_session()
    session.flush()
    assert session.key is None
""",
    "web/cart.js": "function totalPrice(items) {\n  return items.reduce((sum, each) => sum + each.price, 0);\n}\n",
}


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    root = tmp_path / "project"
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip())
    app = App(Settings(vectors=VectorSettings(store="own")), [str(root)])
    app.index(resolve=False)
    app.read_passages()
    yield app
    app.close_all()


def found(app: App, question: str, limit: int = 5) -> tuple[Hit, ...]:
    return search(app.snapshot(), question, limit=limit, near=app.near).hits


def names(hits: tuple[Hit, ...]) -> list[str]:
    return [hit.name for hit in hits]


def test_the_code_before_its_test(app):
    hits = found(app, "where does flush invalidate a session")
    assert names(hits)[0] == "flush"
    assert "test_flush_session" in names(hits)[1:]
    assert hits[0].reasons[:2] == (
        "`flush`, `session` in its name or place",
        "`invalidate` in its text",
    )
    assert hits[0].reasons[2].startswith("like the question in meaning (0.")
    assert (hits[0].kind, hits[0].container) == ("method", "Session")


def test_who_asks_for_tests_gets_them(app):
    assert names(found(app, "tests of flushing sessions"))[0].startswith("test_")


@pytest.mark.parametrize(
    ("question", "name"),
    [("parsing of dates", "parse_date"), ("total price", "totalPrice"), ("PARSE", "parse_date")],
)
def test_forms_of_words_and_parts_of_names(app, question: str, name: str):
    assert names(found(app, question))[0] == name


@pytest.mark.parametrize("question", ["zebra", "", "?!", '" OR name:', "a" * 5000])
def test_what_has_no_answer(app, question: str):
    assert found(app, question) == ()


def test_no_more_than_was_asked_for(app):
    assert len(found(app, "session", limit=1)) == 1


def test_an_edited_text_is_shown_where_it_is_now(app, tmp_path: Path):
    path = str(tmp_path / "project/shop/session.py")
    text = "# one more line\n" + Path(path).read_text()
    app.open(Document(path, "python", 1, text))
    hit = found(app, "parse date")[0]
    assert text[hit.place.span.start :].startswith("def parse_date")
    app.change(Document(path, "python", 2, "x = 1\n"))
    assert "parse_date" not in names(found(app, "parse date"))


def test_words_alone_and_why(app):
    assert (
        search(app.snapshot(), "parse date", near="no vectors here").by_words == "no vectors here"
    )
    assert search(app.snapshot(), "parse date", near=app.near).by_words == ""
    strange = search(app.snapshot(), "zebra", near=app.near)
    assert strange.by_words.startswith("no passage is like the question in meaning")
