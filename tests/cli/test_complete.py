"""What could be written at a place, why there is ghost text, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from features.scripted import Scripted

from nootropic_lsp.app import App
from nootropic_lsp.learning.counters import Counters
from nootropic_lsp.learning.situations import Outcome, Situation

TEXT = "from shop.cart import Cart\n\ndef full(cart: Cart):\n    if cart. \n"


@pytest.fixture
def says(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Have the token model say something wherever it is asked."""
    snapshot = App.snapshot

    def says(text: str, probability: float = 0.9) -> None:
        def with_model(app: App):
            made = snapshot(app)
            made.predictor = Scripted({"": text}, probability)
            return made

        monkeypatch.setattr(App, "snapshot", with_model)

    return says


@pytest.fixture
def new(shop: Path) -> str:
    (shop / "shop" / "new.py").write_text(TEXT)
    return "shop/new.py:4:13"


def test_both_kinds_for_people(new, type_, says):
    says("total()")
    typed = type_("complete", new)
    assert typed.code == 0
    ghost, menu = typed.out.split("\n\n")
    assert ghost.splitlines() == ["ghost text (90% sure)", "    if cart.total()"]
    head, *rows = menu.splitlines()
    assert head == "menu"
    (total,) = [row.split() for row in rows if row.startswith("total")]
    assert total[0].startswith("total")
    assert "method" in total
    assert total[-1].startswith(str(Path("shop", "cart.py")))


def test_both_kinds_as_data(new, type_, says):
    says("total()")
    data = type_("complete", new, "--json").json
    assert type_("complete", new, "--yaml").yaml == data
    assert (data["line"], data["column"]) == (4, 13)
    assert data["ghost"] == {"text": "total()", "probability": 0.9, "ends": [5, 6, 7]}
    assert data["silence"] is None
    total = next(each for each in data["menu"] if each["label"] == "total")
    assert total["from"]["path"] == str(Path("shop", "cart.py"))


def test_without_ghost_text_there_is_a_word_why(new, type_, says):
    says("total()", 0.3)
    typed = type_("complete", new)
    assert typed.code == 0
    assert typed.err == "no ghost text: Nothing is likely enough.\n"
    assert type_("complete", "shop/new.py:1:1", "--json").json["silence"]["reason"] == "in-word"


def test_switched_off(new, shop, type_, says):
    says("total()")
    options = '{"features": {"inlineCompletion": false, "completion": false}}'
    (shop / ".nootropic.json").write_text(options)
    typed = type_("complete", new)
    assert typed.code == 1
    assert "switched off" in typed.err


def test_why_there_is_some(new, type_, says):
    says("total()")
    typed = type_("why", new)
    assert typed.code == 0
    assert typed.out.splitlines() == [
        "ghost text: 'total()', 90% sure; 65% were needed",
        "the place: after a dot, in python",
        "the threshold: 0.65, nothing was learned here so far",
    ]


def test_why_there_is_none(new, type_, says):
    says("total()", 0.3)
    data = type_("why", new, "--json").json
    assert data["silence"]["reason"] == "unsure"
    assert data["likeliest"]["text"] == "total()"
    says("total()", 0.01)
    assert type_("why", new, "--json").json["likeliest"] is None
    says("nowhere()")
    typed = type_("why", new)
    assert typed.code == 1
    assert typed.out.startswith("no ghost text (unknown-name): ")


def test_why_shows_what_was_learned(new, type_, says, home):
    says("total()", 0.67)
    assert type_("why", new).code == 0
    counters = Counters(home / "cache" / "learning.db")
    for _ in range(3):
        counters.note(Situation("python", "member", "line", 70), Outcome.REJECTED)
    counters.close()
    typed = type_("why", new)
    assert typed.code == 1
    assert "Nothing is likely enough." in typed.out
    data = type_("why", new, "--json").json
    assert data["threshold"]["needed"] > 0.67
    assert data["threshold"]["default"] == 0.65
    assert data["threshold"]["refused"] > 2.8
    assert "0.65 became 0.6" in typed.out


def test_stats(type_, home):
    empty = type_("stats")
    assert (empty.code, empty.out) == (1, "")
    assert "no ghost text" in empty.err
    assert not (home / "cache" / "learning.db").exists()
    counters = Counters(home / "cache" / "learning.db")
    at = Situation("python", "member", "line", 70)
    for outcome, characters in [("OFFERED", 0), ("SHOWN", 0), ("ACCEPTED", 12)]:
        counters.note(at, Outcome[outcome], characters=characters)
    counters.note(at._replace(place="line"), Outcome.OFFERED)
    counters.note(at._replace(language="go"), Outcome.OFFERED)
    counters.close()
    typed = type_("stats")
    head, first, second = typed.out.splitlines()
    assert head.split()[:3] == ["offered", "shown", "accepted"]
    assert first.split() == ["python", "2", "1", "1", "0", "0", "0", "12", "100%"]
    assert second.split()[:2] == ["go", "1"]
    assert type_("stats", "--json").json["languages"]["python"]["characters"] == 12


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        ("shop/cart.py", "is no place; write FILE:LINE:COL"),
        ("shop/cart.py:1", "is no place"),
        ("shop/cart.py:a:b", "is no place"),
        ("shop/cart.py:1:-1", "is no place"),
        ("shop/none.py:1:1", "is not a file"),
        ("shop:1:1", "is not a file"),
        ("shop/cart.py:0:1", "counted from 1"),
        ("shop/cart.py:99999:1", "there is no line 99999"),
        ("shop/cart.py:1:999", "has no column 999"),
        (f"shop/cart.py:{'9' * 5000}:1", "there is no line"),
    ],
)
@pytest.mark.parametrize("verb", ["complete", "why"])
def test_bad_places_get_a_sentence(shop, type_, verb, place, sentence):
    typed = type_(verb, place)
    assert (typed.code, typed.out) == (2, "")
    assert sentence in typed.err
    assert "Traceback" not in typed.err


@pytest.mark.parametrize(
    ("name", "contents", "reason"),
    [
        ("x.py", b"", "unsure"),
        ("x.unknown", b"text\n", "language"),
        ("x.py", b"\xff\xfe\x00\x01 \xe9\n\0", "unsure"),
        ("x.js", b"x" * 1_000_000, "long-line"),
    ],
)
def test_any_file_gets_an_answer(tmp_path, monkeypatch, type_, says, name, contents, reason):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_bytes(contents)
    typed = type_("why", f"{name}:1:1", "--json")
    assert typed.code == 1
    assert typed.json["silence"]["reason"] in (reason, "held", "in-line", "in-word")
    assert type_("complete", f"{name}:1:1", "--json").code in (0, 1)
