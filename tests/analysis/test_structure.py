"""Structural rules: what they find, what they leave alone, and that keys cost little."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tree_sitter import Parser

from nootropic_lsp.analysis.rulebook import rule, rules
from nootropic_lsp.analysis.structure import engine
from nootropic_lsp.analysis.structure.engine import Kept, structural
from nootropic_lsp.core.documents import Document
from nootropic_lsp.index.languages.registry import LANGUAGES
from nootropic_lsp.index.opened import OpenText

DIALECTS = {
    "python": ("python",),
    "javascript": ("javascript", "tsx"),
    "go": ("go",),
    "java": ("java",),
}
EXAMPLES = [
    (each.code, dialect, kind, text)
    for each in rules().values()
    for family, part in each.languages.items()
    if part.is_structural
    for kind, texts in (("bad", part.examples.bad), ("good", part.examples.good))
    for text in texts
    for dialect in DIALECTS[family]
]


def found(text, language="python", **more):
    data = text.encode("utf-8", "replace")
    root = Parser(LANGUAGES[language].grammar()).parse(data).root_node
    return structural(root, data, language, **more)


def codes(text, language="python", **more):
    return [each.code for each in found(text, language, **more)]


def applied(text, finding):
    for edit in sorted(finding.fix.edits, key=lambda edit: -edit.span.start):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


@pytest.mark.parametrize(("code", "language", "kind", "text"), EXAMPLES)
def test_examples(code, language, kind, text):
    all_codes = set(codes(text, language, selected=rules().values()))
    assert all_codes == {code} if kind == "bad" else code not in all_codes


@pytest.mark.parametrize(("code", "language", "kind", "text"), EXAMPLES)
def test_a_fix_leaves_a_readable_text_without_the_finding(code, language, kind, text):
    for finding in found(text, language, selected=[rule(code)]):
        if finding.fix is not None:
            assert finding.fix.title
            mended = applied(text, finding)
            data = mended.encode()
            assert not Parser(LANGUAGES[language].grammar()).parse(data).root_node.has_error
            assert len(codes(mended, language)) < len(codes(text, language))


@pytest.mark.parametrize(
    ("text", "fixed"),
    [
        ("import yaml\nyaml.load(f)\n", "import yaml\nyaml.safe_load(f)\n"),
        ("x = y is 'a'\n", "x = y == 'a'\n"),
        (
            "def f(xs=[]):\n    'Doc.'\n    xs.append(1)\n",
            "def f(xs=None):\n    'Doc.'\n    if xs is None:\n        xs = []\n    xs.append(1)\n",
        ),
        ("async def f():\n    g()\nasync def g(): ...\n", "async def f():\n    await g()\nasync def g(): ...\n"),
        ("from flask import Flask\nFlask('a').run(port=1, debug=True)\n", "from flask import Flask\nFlask('a').run(port=1)\n"),
        ("from flask import Flask\nFlask('a').run(debug=True, port=1)\n", "from flask import Flask\nFlask('a').run(port=1)\n"),
    ],
)  # fmt: skip
def test_what_a_fix_writes(text, fixed):
    (finding,) = found(text)
    assert applied(text, finding) == fixed


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("import hashlib as h\nh.md5(x)\n", True),
        ("from hashlib import md5 as m\nm(x)\n", True),
        ("from hashlib import md5\nf = md5\nf(x)\n", True),
        ("def f():\n    import hashlib\n    hashlib.md5(x)\n", True),
        ("try:\n    from hashlib import md5\nexcept ImportError:\n    from md5 import new as md5\nmd5(x)\n", True),
        ("import hashlib\nNAME = 'm' + 'd5'\nhashlib.new(NAME)\n", True),
        ("import hashlib\nclass A:\n    name = 'md5'\n    def f(self):\n        hashlib.new(self.name)\n", True),
        ("import hashlib\nOPTIONS = {'usedforsecurity': False}\nhashlib.md5(x, **OPTIONS)\n", False),
        ("from .hashlib import md5\nmd5(x)\n", False),
        ("import hashlib\ndef f(hashlib):\n    hashlib.md5(x)\n", False),
        ("import hashlib\ndef f(name):\n    hashlib.new(name)\n", False),
        ("import hashlib\ndef f(a):\n    n = 'md5'\n    if a:\n        n = 'sha256'\n    hashlib.new(n)\n", False),
        ("import hashlib\ndef f(flag):\n    hashlib.md5(x, usedforsecurity=flag)\n", False),
    ],
)  # fmt: skip
def test_names_are_those_of_the_file(text, is_found):
    assert ("weak-hash" in codes(text)) is is_found


@pytest.mark.parametrize(
    "text",
    [
        "import crypto from 'node:crypto';\ncrypto.createHash('md5');\n",
        "import * as c from 'crypto';\nc.createHash('md5');\n",
        "import { createHash as h } from 'crypto';\nh('md5');\n",
        "const { createHash: h } = require('crypto');\nh('md5');\n",
        "require('crypto').createHash('md5');\n",
    ],
)
def test_names_of_modules_in_javascript(text):
    assert codes(text, "javascript") == codes(text, "typescript") == ["weak-hash"]


def test_an_unknown_language_has_no_findings():
    assert found("fn main() {}", "rust") == []


def test_rules_that_are_often_wrong_are_silent_unless_selected():
    doubtful = next(each for each in rules().values() if each.code == "membership-in-list")
    (text,) = doubtful.languages["python"].examples.bad
    assert codes(text) == []
    assert codes(text, selected=[doubtful]) == ["membership-in-list"]


def test_tests_may_be_unsafe_but_not_wrong():
    text = "import hashlib\nhashlib.md5(b'')\nassert (1, 'a')\n"
    assert codes(text) == ["weak-hash", "assert-on-tuple"]
    assert codes(text, path="tests/test_a.py") == ["weak-hash", "assert-on-tuple"]
    assert codes(text + "def test_it(): ...\n", path="tests/test_a.py") == ["assert-on-tuple"]
    assert codes("import pytest\n" + text) == ["assert-on-tuple"]


def test_spans_count_code_points():
    text = "s = 'äöü€𝄞'\nx = s is 'a'\n"
    (finding,) = found(text)
    assert text[finding.span.start : finding.span.end] == "s is 'a'"
    assert applied(text, finding) == "s = 'äöü€𝄞'\nx = s == 'a'\n"


@pytest.mark.parametrize(
    "broken",
    ["f(x is 'a'\n", "class A(\n    x is 'a'\n", "y = x is 'a' is is\n", "x is 'a' = = 2\n"],
)
def test_what_cannot_be_read_has_no_findings_but_the_rest_has(broken):
    text = f"def g(x):\n    return x is 'b'\n\n{broken}"
    assert [each.span.start for each in found(text)] == [text.index("x is")]


# --- After a key ------------------------------------------------------------------------

BASE = """import hashlib
from yaml import load
NAME = "md5"


class Store:
    kind = "sha1"

    def __init__(self):
        self.name = NAME

    def digest(self, x):
        return hashlib.new(self.kind, x), hashlib.new(self.name, x)

    async def save(self, item, into=[]):
        into.append(item)
        return into


def check(x):
    return x is "ä" or load(x)


async def run(store):
    store.save(1)
    other()


async def other():
    return hashlib.new(NAME)
"""
PIECES = (
    *("import hashlib\n", "from hashlib import md5 as load\n", "NAME = 'sha256'\n", "    kind = 'md5'\n"),
    *("(", ")", "'", '"""', "\n", "    ", "def f():\n", "class A:\n", "x is 1\n", "é", "async ", ":"),
)  # fmt: skip
EDITS = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 40), st.sampled_from(PIECES)), max_size=6
)


@settings(max_examples=60, deadline=None)
@given(EDITS)
@example([(0.25, 20, "("), (0.25, 28, "("), (0.171875, 40, "import hashlib\n")])
def test_after_edits_the_same_as_from_scratch(edits):
    text = BASE
    kept = Kept()
    opened = OpenText(Document("/a.py", "python", 0, text))
    for version, (at, removed, inserted) in enumerate(edits):
        tree = opened.tree()
        structural(tree[0].root_node, tree[1], "python", kept=kept)
        start = int(at * len(text))
        text = text[:start] + inserted + text[start + removed :]
        opened = OpenText(Document("/a.py", "python", version, text), opened)
    root, data = opened.tree()[0].root_node, opened.tree()[1]
    assert structural(root, data, "python", kept=kept) == structural(root, data, "python")


def test_only_what_changed_is_looked_at_again(monkeypatch):
    looked = []
    real = engine._looked_at
    monkeypatch.setattr(
        engine, "_looked_at", lambda member, *rest: looked.append(member) or real(member, *rest)
    )
    kept = Kept()
    found(BASE, kept=kept)
    looked.clear()
    found(BASE.replace('"ä"', '"b"'), kept=kept)
    assert [each.node.type for each in looked] == ["function_definition"]
    looked.clear()
    found("# a comment\n" + BASE.replace('"ä"', '"b"'), kept=kept)
    assert looked == []
    found("# a comment\n" + BASE.replace('"ä"', '"b"').replace('"md5"', '"sha512"'), kept=kept)
    # The assignment itself, and who uses the name; `save`, for instance, does not.
    told = [each.node.text.decode().splitlines()[0].strip() for each in looked]
    assert {'NAME = "sha512"', "def digest(self, x):", "async def other():"} <= set(told)
    assert "async def save(self, item, into=[]):" not in told


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(DIALECTS)), st.binary(max_size=300), st.integers(0, 10_000))
def test_any_bytes(family, noise, at):
    language = DIALECTS[family][-1]
    text = "\n".join(text for _, each, _, text in EXAMPLES if each == language).encode()
    at %= len(text)
    data = text[max(0, at - 1500) : at] + noise + text[at : at + 1500]
    root = Parser(LANGUAGES[language].grammar()).parse(data).root_node
    for finding in structural(root, data, language, selected=rules().values()):
        assert 0 <= finding.span.start <= finding.span.end <= len(data)


def test_deep_nesting_is_survived():
    for text in (
        "(" * 5000,
        "x = " + "-" * 5000 + "1",
        "a" + ".b" * 5000,
        "f(" * 3000 + ")" * 3000,
    ):
        found(text)
        found(text, "javascript")


def test_ten_thousand_findings_are_enough():
    assert len(found("x is 1\n" * 12_000)) == engine.MOST_FINDINGS


def test_a_name_that_is_missing_in_a_broken_text():
    # The parser puts a name without letters before the bracket.
    assert isinstance(found('def check(x):\n    return x is "ä(x)'), list)
