"""Edits of a model are understood however they are wrapped, and applied only where they are sure."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nootropic_lsp.core.errors import RefusedError
from nootropic_lsp.prompts.blocks import Block, apply_blocks, parse_blocks

PLAIN = """shop/cart.py
<<<<<<< ORIGINAL
    return a - b
=======
    return a + b
>>>>>>> UPDATED
"""
WANTED = Block("shop/cart.py", ("    return a - b",), ("    return a + b",))


@pytest.mark.parametrize(
    "answer",
    [
        PLAIN,
        PLAIN.rstrip("\n"),
        PLAIN.replace("\n", "\r\n"),
        f"Sure! The sign is wrong:\n\n{PLAIN}\nNow it adds.\n",
        f"```python\n{PLAIN}```\n",
        PLAIN.replace("<<<<<<<", "```python\n<<<<<<<") + "```",
        PLAIN.replace("shop/cart.py", "**File: `shop/cart.py`**"),
        PLAIN.replace("shop/cart.py", "### shop/cart.py:\n"),
        PLAIN.replace("ORIGINAL", "SEARCH").replace("UPDATED", "REPLACE"),
        PLAIN.replace("<<<<<<<", "<<<<<<").replace("=======", "======= UPDATED"),
    ],
)
def test_one_block_however_it_is_wrapped(answer: str) -> None:
    assert parse_blocks(answer) == [WANTED]


def test_several_blocks_and_files() -> None:
    second = PLAIN.replace("shop/cart.py\n", "and then\n\n").replace("a - b", "c")
    third = PLAIN.replace("cart", "orders")
    paths = [block.path for block in parse_blocks(PLAIN + second + third)]
    assert paths == ["shop/cart.py", "shop/cart.py", "shop/orders.py"]


def test_no_block() -> None:
    assert parse_blocks("The message is wrong: `b` may be negative.\n=======\n") == []


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (PLAIN[:60], "ends in the middle of a block"),
        (PLAIN[:60] + "\n" + PLAIN, "ends in the middle of a block"),
        (PLAIN.replace("=======\n", ""), "has 0 lines with ======="),
        (PLAIN.replace("=======\n", "=======\nx\n=======\n"), "has 2 lines with ======="),
    ],
)
def test_what_is_not_whole_is_refused(answer: str, sentence: str) -> None:
    with pytest.raises(RefusedError, match=sentence):
        parse_blocks(answer)


TEXT = """def add(a, b):
    return a - b


class Cart:
    def add(self, a, b):
        if a:
            return a - b
        return b
"""


def block(original: str, updated: str) -> Block:
    return Block("", tuple(original.split("\n")), tuple(updated.split("\n")))


def test_lines_as_they_are_written() -> None:
    changed = apply_blocks(
        TEXT,
        [
            block("        return b", "        return -b"),
            block("def add(a, b):\n    return a - b", "def add(a, b):\n    return a + b"),
        ],
    )
    assert changed == TEXT.replace("a - b", "a + b", 1).replace("return b", "return -b")


@pytest.mark.parametrize(
    ("original", "updated"),
    [
        ("if a:\n    return a - b\nreturn b", "if a:\n    return a + b\nreturn b"),
        (
            "            if a:\n                return a - b",
            "            if a:\n                return a + b",
        ),
        (
            "\n        if a:  \n            return a - b\n\n",
            "\n        if a:\n            return a + b\n",
        ),
    ],
)
def test_blocks_that_were_moved_to_the_side(original: str, updated: str) -> None:
    changed = apply_blocks(TEXT, [block(original, updated)])
    assert changed == TEXT.replace("            return a - b", "            return a + b")


@pytest.mark.parametrize(
    ("blocks", "sentence"),
    [
        ([block("return a - b", "return a + b")], "2 places like `return a - b`"),
        ([block("return a * b", "return a + b")], "no lines like `return a \\* b`"),
        ([block("a - b", "a + b")], "no lines like `a - b`"),
        ([block("if a:\nreturn a - b", "pass")], "no lines like `if a:`"),
        ([block("class Cart:", "x"), block("class Cart:\n    def add(self, a, b):", "y")], "same"),
        ([block("if a:\n    return a - b", "if a:\n  pass\nx")], None),
        ([block("", "x = 1")], "does not say what it replaces"),
        (
            [block(" " * 12 + "if a:\n" + " " * 16 + "return a - b", "  pass")],
            "indented in another way",
        ),
    ],
)
def test_what_is_not_sure_is_refused(blocks: list[Block], sentence: str | None) -> None:
    if sentence is None:
        assert "        if a:\n          pass\n        x\n" in apply_blocks(TEXT, blocks)
        return
    with pytest.raises(RefusedError, match=sentence):
        apply_blocks(TEXT, blocks)


def test_tabs_stay_tabs() -> None:
    text = "class A:\n\tdef f(self):\n\t\treturn 1\n"
    changed = apply_blocks(text, [block("\treturn 1", "\tx = 2\n\treturn x")])
    assert changed == "class A:\n\tdef f(self):\n\t\tx = 2\n\t\treturn x\n"


def test_line_ends_stay_as_they_are() -> None:
    assert apply_blocks("a\r\nb\r\nc", [block("b", "x\ny")]) == "a\r\nx\r\ny\r\nc"
    assert apply_blocks("a\nb", [block("b", "x\ny")]) == "a\nx\ny"
    assert apply_blocks("a\nb\n", [block("b", "x")]) == "a\nx\n"
    assert apply_blocks("a\x0cb\nc\u2028\n", [block("c\u2028", "d")]) == "a\x0cb\nd\n"


def test_a_new_file_and_lines_that_go() -> None:
    assert apply_blocks("", [Block("", (), ("x = 1",))]) == "x = 1\n"
    assert apply_blocks("a\nb\nc\n", [Block("", ("b",), ())]) == "a\nc\n"


def test_a_block_that_is_said_twice_counts_once() -> None:
    once = block("class Cart:", "class Basket:")
    assert apply_blocks(TEXT, [once, once]) == TEXT.replace("Cart", "Basket")


LINES = st.lists(st.sampled_from(["", "a", " a", "  b", "\tb", "c  "]), max_size=8)


@given(LINES, LINES, LINES, LINES)
def test_what_is_there_once_is_replaced_and_nothing_else(
    before: list[str], original: list[str], after: list[str], updated: list[str]
) -> None:
    text = "".join(f"{line}\n" for line in [*before, "# begin", *original, "# end", *after])
    change = Block("", ("# begin", *original, "# end"), tuple(updated))
    answer = "\n".join(
        ["Well:", "<<<<<<< ORIGINAL", *change.original, "=======", *updated, ">>>>>>> UPDATED"]
    )
    assert parse_blocks(answer) == [change]
    assert apply_blocks(text, [change]) == "".join(
        f"{line}\n" for line in [*before, *updated, *after]
    )


@given(st.text(alphabet="<>= \nORIGNALUPDTE`a.py"))
def test_anything_can_be_read_or_is_refused(answer: str) -> None:
    with suppress(RefusedError):
        assert all(isinstance(each, Block) for each in parse_blocks(answer))
