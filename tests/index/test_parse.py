"""Texts are read in pieces: with the same result as when read at once, and at no lasting cost."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tree_sitter import Node, Parser

from nootropic_lsp.index import parse
from nootropic_lsp.index.languages.registry import LANGUAGES
from nootropic_lsp.index.parse import extract_text, extract_tree, parsed_in_time

words = st.sampled_from(("a", "é", "日", "𝒳", " = ", "'…'", "\n", "(", ")", "def f():", "\n    "))


def nodes(node: Node) -> list[tuple[str, int, int]]:
    below = [each for child in node.children for each in nodes(child)]
    return [(node.type, node.start_byte, node.end_byte), *below]


@given(st.lists(words).map("".join), st.integers(4, 40))
def test_pieces_make_the_same_tree(text: str, size: int) -> None:
    data = text.encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parse, "_READ_BYTES", size)
        tree = parsed_in_time(data, "python", deadline_s=5)
    assert tree is not None
    whole = Parser(LANGUAGES["python"].grammar()).parse(data)
    assert nodes(tree.root_node) == nodes(whole.root_node)


def test_queries_compare_names_in_what_was_read_in_pieces() -> None:
    text = f"export PRICE=1\nlocal {'long' * 50}=2\n{'word' * 50} x\nf() {{ declare a=1; f 1; }}\n"
    data = text.encode()
    tree = parsed_in_time(data, "bash", deadline_s=5)
    assert tree is not None
    facts = extract_tree(tree, data, "bash")
    assert repr(facts) == repr(extract_text(text, "bash"))
    assert "PRICE" in [each.name for each in facts.definitions]


def test_nothing_of_a_text_stays_behind() -> None:
    data = b"value = call(1)\n" * 5_000
    parsed_in_time(data, "python", deadline_s=5)
    before = sys.getallocatedblocks()
    for _ in range(20):
        parsed_in_time(data, "python", deadline_s=5)
    assert sys.getallocatedblocks() - before < 40
