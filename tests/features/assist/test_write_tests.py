"""Tests that a model writes: where they belong, in whose manner, and what they must not touch."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from features.assist.desk import FILES, Desk, block, workspace

from nootropic_lsp.core.errors import RefusedError
from nootropic_lsp.features.assist.habits import Habits, habits_for
from nootropic_lsp.features.assist.neighbours import symbol_around
from nootropic_lsp.features.assist.write_tests import write_tests

CART = """
from shop.cart import Cart


def test_empty():
    assert Cart().total() == 0
"""
ORDERS = """
import unittest

from shop.orders import checkout


class Checkout(unittest.TestCase):
    def test_nothing(self):
        self.assertEqual(checkout(None), None)
"""
PRICES = """def test_discount():
    assert discount(200, 1) == 0
"""
SUM = "export function sum(a, b) {\n  return a + b;\n}\n"
JS_TEST = 'import { mul } from "./mul";\n\ntest("multiplies", () => expect(mul(2, 3)).toBe(6));\n'


def habits(root: Path, files: Mapping[str, str], name: str, what: str) -> Habits | None:
    with workspace(root, files) as app:
        desk = Desk(app)
        place = desk.at(name, what)
        symbol = symbol_around(desk.means.snapshot, place.path, place.span)
        assert symbol is not None
        found = habits_for(desk.means, symbol)
        if found is None:
            return None
        shown = [desk.means.shown(each) for each in (found.path, *found.examples)]
        return Habits(shown[0], found.is_file, found.framework, found.imported, tuple(shown[1:]))


@pytest.mark.parametrize(
    ("files", "name", "what", "wanted"),
    [
        (
            {**FILES, "tests/test_cart.py": CART},
            "shop/cart.py",
            "sum(",
            Habits("tests/test_cart.py", True, "pytest", "shop.cart"),
        ),
        (
            {**FILES, "tests/test_cart.py": CART},
            "shop/prices.py",
            "percent",
            Habits("tests/test_prices.py", False, "pytest", "shop.prices", ("tests/test_cart.py",)),
        ),
        (
            {**FILES, "shop/tests/orders_test.py": ORDERS},
            "shop/prices.py",
            "percent",
            Habits(
                "shop/tests/prices_test.py",
                False,
                "unittest",
                "shop.prices",
                ("shop/tests/orders_test.py",),
            ),
        ),
        (
            FILES,
            "shop/prices.py",
            "percent",
            Habits("tests/test_prices.py", False, "pytest", "shop.prices"),
        ),
        (
            {"src/sum.js": SUM, "package.json": '{"devDependencies": {"vitest": "1"}}'},
            "src/sum.js",
            "a + b",
            Habits("src/sum.test.js", False, "vitest", "./sum"),
        ),
        (
            {
                "src/sum.ts": "export function sum(a: number, b: number) {\n  return a + b;\n}\n",
                "src/mul.js": SUM.replace("sum", "mul"),
                "src/mul.spec.js": JS_TEST,
            },
            "src/sum.ts",
            "a + b",
            Habits("src/sum.spec.ts", False, "jest", "./sum", ("src/mul.spec.js",)),
        ),
        (
            {"src/sum.js": SUM, "src/__tests__/mul.test.js": JS_TEST},
            "src/sum.js",
            "a + b",
            Habits(
                "src/__tests__/sum.test.js",
                False,
                "jest",
                "../sum",
                ("src/__tests__/mul.test.js",),
            ),
        ),
        (
            {"a/sum.go": "package a\n\nfunc Sum(a int, b int) int {\n\treturn a + b\n}\n"},
            "a/sum.go",
            "a + b",
            Habits("a/sum_test.go", False, "testing", "a/sum.go"),
        ),
        ({"sum.rb": "def sum(a, b)\n  a + b\nend\n"}, "sum.rb", "a + b", None),
    ],
)
def test_habits(
    tmp_path: Path, files: Mapping[str, str], name: str, what: str, wanted: Habits | None
) -> None:
    assert habits(tmp_path / "project", files, name, what) == wanted


async def test_a_new_file_of_tests(tmp_path: Path) -> None:
    files = {**FILES, "tests/test_cart.py": CART}
    with workspace(tmp_path / "project", files) as app:
        imports = block("tests/test_prices.py", "", "from shop.prices import discount\n")
        desk = Desk(app, imports + "\n" + block("", "", PRICES))
        proposal = await write_tests(desk.means, desk.at("shop/prices.py", "percent"))
        assert "You write tests for code in python with pytest." in desk.asked()
        assert "def test_empty" in desk.asked()
        (change,) = proposal.changes
        assert change.path == desk.path("tests/test_prices.py")
        assert change.is_new
        assert change.text.startswith("from shop.prices import discount\n\n\ndef test_discount")
        assert {each.outcome for each in proposal.checks} == {"passed"}


async def test_more_tests_in_a_file_that_is_there(tmp_path: Path) -> None:
    files = {**FILES, "tests/test_cart.py": CART}
    more = (
        "\ndef test_one():\n    cart = Cart()\n    cart.add('tea')\n    assert cart.total() == 350"
    )
    with workspace(tmp_path / "project", files) as app:
        desk = Desk(app, block("tests/test_cart.py", "", more))
        proposal = await write_tests(desk.means, desk.at("shop/cart.py", "sum("))
        (change,) = proposal.changes
        before = desk.text("tests/test_cart.py")
        assert change.text == f"{before}\n{more}\n"
        assert not change.is_new


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (block("tests/test_cart.py", "", "X = 1"), "adds no test"),
        (
            block("tests/test_cart.py", "    assert Cart().total() == 0", "    pass"),
            "changes lines that were there, such as `assert Cart",
        ),
        (block("tests/test_cart.py", "", "def test_b():\n    assert nothing()"), "undefined-name"),
        (block("shop/cart.py", "class Cart:", "class Basket:"), "only tests/test_cart.py may be"),
        (block("", "", "def test_b():\n    assert Cart()  # noqa"), "switches a check off"),
    ],
)
async def test_what_is_not_taken(tmp_path: Path, answer: str, sentence: str) -> None:
    files = {**FILES, "tests/test_cart.py": CART}
    with workspace(tmp_path / "project", files) as app:
        desk = Desk(app, answer)
        place = desk.at("shop/cart.py", "sum(")
        with pytest.raises(RefusedError, match=sentence):
            await write_tests(desk.means, place)


async def test_languages_of_which_nothing_is_known(tmp_path: Path) -> None:
    with workspace(tmp_path / "project", {"sum.rb": "def sum(a, b)\n  a + b\nend\n"}) as app:
        desk = Desk(app)
        with pytest.raises(RefusedError, match="not written for ruby yet"):
            await write_tests(desk.means, desk.at("sum.rb", "a + b"))
