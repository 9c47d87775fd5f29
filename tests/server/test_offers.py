"""What becomes of an offer, seen from the edits of its document; and ghost text in the menu."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from features.scripted import Scripted
from features.workspace import Workspace

from nootropic_lsp.core.documents import Document
from nootropic_lsp.core.spans import Span
from nootropic_lsp.features import ghost
from nootropic_lsp.learning.counters import Counters
from nootropic_lsp.learning.situations import Situation
from nootropic_lsp.server.client import Client
from nootropic_lsp.server.inline import ghost_item
from nootropic_lsp.server.offers import LEAST_SHOWN_S, Offer, Offers
from nootropic_lsp.server.question import Question, TokenCache
from nootropic_lsp.settings.folders import cache_folder
from nootropic_lsp.settings.options import Features, GhostTextSettings, Settings

AT = Situation("python", "value", "line", 90)


class Typing:
    """One document in which something is offered, and a clock that stands still."""

    def __init__(self, text: str = "a = \nb\n", offset: int = 4, offered: str = "b + c") -> None:
        self.now_s = 0.0
        self.offers = Offers(self.newest, clock=lambda: self.now_s)
        self.document = Document("/a.py", "python", 1, text)
        self.offer = self.make(offset, offered)

    def newest(self, _path: str) -> Document:
        return self.document

    def make(self, offset: int, text: str) -> Offer:
        return self.offers.make(self.document, Span(offset, offset), text, AT)

    def type_(self, text: str) -> None:
        self.document = Document("/a.py", "python", self.document.version + 1, text)
        self.offers.changed(self.document)

    @property
    def counted(self) -> dict[str, int]:
        totals = Counters(cache_folder() / "learning.db").totals().get("python", {})
        return {name: n for name, n in totals.items() if n and name != "offered"}


@pytest.fixture
def typing() -> Typing:
    return Typing()


def test_what_stood_long_enough_was_seen(typing: Typing) -> None:
    typing.now_s = LEAST_SHOWN_S
    typing.type_("a = x\nb\n")
    assert typing.counted == {"shown": 1, "rejected": 1}


def test_what_flashed_by_was_not(typing: Typing) -> None:
    typing.now_s = LEAST_SHOWN_S / 2
    typing.type_("a = x\nb\n")
    assert typing.counted == {}


def test_an_edit_elsewhere_with_the_same_letters_is_something_else(typing: Typing) -> None:
    typing.offers.shown(typing.offer.id)
    typing.type_("a = \nbb\n")
    assert typing.counted == {"shown": 1, "rejected": 1}


def test_moving_on_refuses_nothing(typing: Typing) -> None:
    typing.offers.shown(typing.offer.id)
    typing.make(6, " = a")
    typing.type_("a = \nx\n")
    assert typing.counted == {"shown": 1}


def test_a_word_at_a_time(typing: Typing) -> None:
    typing.type_("a = b\nb\n")
    typing.type_("a = b + c\nb\n")
    assert typing.counted == {"shown": 1, "accepted": 1, "characters": 4}
    longer = Typing(offered="betty + carol")
    longer.type_("a = betty\nb\n")
    longer.type_("a = betty +\nb\n")
    longer.type_("a = betty -\nb\n")
    assert longer.counted["partly"] == 1
    assert "rejected" not in longer.counted


def test_a_menu_may_take_the_word_back_before_it_writes_it_whole() -> None:
    typing = Typing("a = be\n", 6, "tty + c")
    typing.offers.shown(typing.offer.id)
    typing.type_("a = \n")
    typing.type_("a = betty + c\n")
    assert typing.counted == {"shown": 1, "accepted": 1, "characters": 7}
    other = Typing("a = be\n", 6, "tty + c")
    other.offers.shown(other.offer.id)
    other.type_("a = \n")
    other.type_("a = x\n")
    assert other.counted["rejected"] == 1


def test_closing_refuses_nothing(typing: Typing) -> None:
    typing.offers.shown(typing.offer.id)
    typing.offers.closed("/a.py")
    typing.offers.accepted(typing.offer.id)
    assert typing.counted == {"shown": 1}


def test_only_some_offers_are_remembered(typing: Typing) -> None:
    for _ in range(500):
        typing.make(4, "b")
    typing.offers.accepted(typing.offer.id)
    assert typing.counted == {}


@pytest.mark.parametrize("text", ["", "a", "a = ", "a = \nb\nc", "x" * 50])
def test_any_later_text_is_survived(typing: Typing, text: str) -> None:
    typing.type_(text)
    assert typing.offers.going_on(typing.document, 4) is None


# ---- in the menu


def asked(root: Path, *, can_inline: bool = False, **switches: Any) -> Any:
    workspace = Workspace(root, {"a.py": ""})
    workspace.open("a.py", "price = tax = 1\ntotal = pri\n")
    snapshot = workspace.snapshot()
    snapshot.predictor = Scripted({"pri": "ce + tax\nprice"})
    path = workspace.path("a.py")
    document = snapshot.document(path)
    can = {"textDocument": {"inlineCompletion": {}} if can_inline else {}}
    question = Question(
        snapshot,
        SimpleNamespace(ghost=ghost),
        Client(capabilities=can),
        {},
        TokenCache(),
        settings=Settings(ghost_text=GhostTextSettings(**{"as_menu_item": True, **switches})),
        offers=Offers(lambda _path: document),
    )
    return ghost_item(question, path, len("price = tax = 1\ntotal = pri"))


def test_ghost_text_as_an_entry(tmp_path: Path) -> None:
    item = asked(tmp_path)
    assert item["label"] == "price + tax"  # one line, as menus have it
    assert item["labelDetails"] == {"description": "ghost text"}
    assert item["textEdit"]["newText"] == item["filterText"] == "price + tax"
    assert item["textEdit"]["range"].start.character == 8
    assert item["command"]["command"] == "nootropic.accepted"


def test_it_is_an_entry_only_where_it_is_wanted(tmp_path: Path) -> None:
    assert asked(tmp_path, can_inline=True) is None
    assert asked(tmp_path, as_menu_item=False) is None
    assert asked(tmp_path, threshold=0.99) is None
    assert Settings().ghost_text.as_menu_item is False
    assert Features().inline_completion is True
