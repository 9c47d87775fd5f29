"""Passages: all of a file, each part in exactly one, along its syntax."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from nootropic_lsp.index.worker import read_file
from nootropic_lsp.retrieval.passages import MOST_CHARS, Passage, passages_of
from nootropic_lsp.store.graph import ReadFile, SymbolRow

PYTHON = '''"""What this module is for, in one sentence that is long enough to count."""

LIMIT = 10


class Cart:
    """What somebody wants to buy."""

    tax = 0.2

    def total(self, items):
        def price(item):
            return item.price

        return sum(map(price, items)) * (1 + self.tax)

    @property
    def empty(self):
        return not self.items


def load(path):
    return open(path).read()
'''


def cut(tmp_path: Path, name: str, text: str) -> list[Passage]:
    language = {"py": "python", "js": "javascript", "go": "go"}[name.rpartition(".")[2]]
    (tmp_path / name).write_text(text)
    read = read_file(str(tmp_path), name, language, max_bytes=1_000_000)
    assert isinstance(read, ReadFile)
    symbols = [SymbolRow(each[0], 1, *each[1:]) for each in read.symbols]
    return sorted(passages_of(text, symbols, name.partition(".")[0]), key=lambda each: each.start)


def test_functions_classes_and_the_rest(tmp_path: Path) -> None:
    found = cut(tmp_path, "cart.py", PYTHON)
    assert [(each.owner, each.name) for each in found] == [
        ("", "cart"),
        ("", "Cart"),
        ("Cart", "total"),
        ("Cart", "empty"),
        ("", "load"),
    ]
    module, cart, total, empty, _ = (each.text(PYTHON) for each in found)
    assert "What this module is for" in module
    assert "LIMIT = 10" in module
    assert "What somebody wants" in cart
    assert "tax = 0.2" in cart
    assert "sum(" not in cart
    assert "def price" in total
    assert empty.startswith("@property")


def test_functions_inside_functions_that_nobody_named_have_no_names(tmp_path: Path) -> None:
    text = "(function () {\n  var shop = {};\n  shop.total = function (items) {\n    return items.length + 1;\n  };\n})();\n"
    assert all(
        "<" not in each.owner and "#" not in each.owner for each in cut(tmp_path, "a.js", text)
    )


@pytest.mark.parametrize("blank", ["\n\n", "\n"], ids=["paragraphs", "lines"])
def test_long_ones_are_cut_and_nothing_is_lost(tmp_path: Path, blank: str) -> None:
    words = [f"word{number}" for number in range(2_000)]
    text = "def long():\n    '''\n    " + blank.join(words) + "\n    '''\n"
    found = cut(tmp_path, "long.py", text)
    assert len(found) > 4
    assert all(len(each.text(text)) <= MOST_CHARS for each in found)
    said = " ".join(each.text(text) for each in found)
    assert [word for word in words if word not in said] == []
    spans = [part for each in found for part in each.parts]
    assert all(one[1] <= other[0] for one, other in pairwise(spans))


def test_no_symbols_no_text(tmp_path: Path) -> None:
    assert cut(tmp_path, "empty.py", "") == []
    assert cut(tmp_path, "small.py", "x = 1\n") == []


def test_a_long_line_is_cut_anywhere() -> None:
    text = "x" * (3 * MOST_CHARS)
    found = list(passages_of(text, [], "data"))
    assert [len(each.text(text)) for each in found] == [MOST_CHARS] * 3
