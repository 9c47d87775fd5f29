"""Passages: all of a file, each part in exactly one, along its syntax."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import pytest

from nootropic_lsp.index.worker import read_file
from nootropic_lsp.prompts.tokens import estimate_tokens
from nootropic_lsp.retrieval.passages import ALONG_SYNTAX, MOST_CHARS, Cutting, Passage, passages_of
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


def cut(tmp_path: Path, name: str, text: str, cutting: Cutting = ALONG_SYNTAX) -> list[Passage]:
    language = {"py": "python", "js": "javascript", "go": "go"}[name.rpartition(".")[2]]
    (tmp_path / name).write_text(text)
    read = read_file(str(tmp_path), name, language, max_bytes=1_000_000)
    assert isinstance(read, ReadFile)
    symbols = [SymbolRow(each[0], 1, *each[1:]) for each in read.symbols]
    found = passages_of(text, symbols, name.partition(".")[0], cutting)
    return sorted(found, key=lambda each: each.start)


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


SHOP_JS = """import x from 'y';
const KINDS = ["one", "two", "three", "four", "five", "six", "seven"];

/**
 * Invalidate all sessions of a visitor.
 */
export default async function flushAll(key) {
  return store.clear(key);
}
// Not of what follows.

// What is in a cart,
// and how much of it.
class Cart {
  /** Sum of the prices. */
  total() { return 1; } /* of nobody */ other() { return 2; }
}
"""
SHOP_GO = """package shop

// Flush ends all sessions
// of a visitor.
func Flush(key string) error {
	return nil
}
"""
SHOP_PY = """#!/usr/bin/env python
def main():
    return 1


# Of two.
# Really.
@cached
def two():
    return 2
"""


def test_what_is_said_above_a_symbol_belongs_to_it(tmp_path: Path) -> None:
    found = {each.name: each.text(SHOP_JS) for each in cut(tmp_path, "shop.js", SHOP_JS)}
    assert found["flushAll"].startswith("/**\n * Invalidate")
    assert found["Cart"].startswith("// What is in a cart,")
    assert found["total"].startswith("/** Sum of the prices. */")
    assert found["other"].startswith("other()")
    assert found["shop"].endswith("// Not of what follows.")
    assert "export" not in found["shop"]
    (flush,) = cut(tmp_path, "flush.go", SHOP_GO)
    assert flush.text(SHOP_GO).startswith("// Flush ends")
    main, two = cut(tmp_path, "main.py", SHOP_PY)
    assert main.text(SHOP_PY).startswith("def main")
    assert two.text(SHOP_PY).startswith("# Of two.\n# Really.\n@cached")


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


def function(name: str, n_lines: int) -> str:
    body = "".join(f"    {name}_{at} = compute(value, {at})\n" for at in range(n_lines))
    return f"def {name}(value):\n{body}\n\n"


LONG = "".join(function(name, n_lines) for name, n_lines in (("one", 60), ("two", 2), ("six", 30)))


def test_pieces_of_one_length_share_what_the_settings_say(tmp_path: Path) -> None:
    found = cut(tmp_path, "long.py", LONG, Cutting("fixed", 128, 32))
    assert len(found) > 5
    lengths = [estimate_tokens(each.text(LONG)) for each in found]
    assert max(lengths) <= 130
    assert min(lengths[:-1]) > 64
    for one, other in pairwise(found):
        shared = estimate_tokens(LONG[other.start : one.end])
        assert 0 < shared <= 34
        assert LONG[other.start - 1] == "\n"
    assert found[0].start == 0
    assert LONG[found[-1].end :].strip() == ""
    # A piece has the name of what holds all of it.
    assert [each.name for each in found][:2] == ["one", "one"]
    (both,) = [each for each in found if "def two" in each.text(LONG)][:1]
    assert both.name == "long"


def test_along_the_syntax_and_long_ones_in_pieces(tmp_path: Path) -> None:
    found = cut(tmp_path, "long.py", LONG, Cutting("hybrid", 128, 32))
    names = [each.name for each in found]
    assert names == sorted(names, key=["one", "two", "six"].index)
    assert names.count("one") > 4
    assert names.count("two") == 1
    for one, other in pairwise(each for each in found if each.name == "one"):
        assert one.start < other.start < one.end
    assert all(estimate_tokens(each.text(LONG)) <= 130 for each in found)


def test_parts_of_a_class_are_together_as_far_as_they_fit(tmp_path: Path) -> None:
    text = PYTHON.replace("    tax = 0.2\n", "".join(f"    tax_{n} = {n}\n" for n in range(90)))
    found = cut(tmp_path, "cart.py", text, Cutting("hybrid", 64, 0))
    cart = [each for each in found if each.name == "Cart"]
    assert len(cart) > 5
    assert all(estimate_tokens(each.text(text)) <= 66 for each in cart)
    spans = [part for each in cart for part in each.parts]
    assert all(one[1] <= other[0] for one, other in pairwise(spans))


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("kind", ["fixed", "hybrid"])
def test_pieces_end_and_leave_nothing_out(kind: str, seed: int) -> None:
    dice = random.Random(seed)
    bits = ["\n", " ", "word", "x" * 300, "é", "\n\n", "    ", "()", "\r\n", "日本"]
    text = "".join(dice.choice(bits) for _ in range(dice.randrange(1, 600)))
    n_tokens = dice.choice((32, 40, 300))
    cutting = Cutting(kind, n_tokens, dice.choice((0, 8, n_tokens, 4 * n_tokens)))
    found = sorted(passages_of(text, [], "data", cutting), key=lambda each: each.start)
    covered = 0
    for each in found:
        for start, end in each.parts:
            assert not text[covered:start].strip(" \t\r\n,;}")
            assert end > covered
            covered = end
    assert not found or not text[covered:].strip()
