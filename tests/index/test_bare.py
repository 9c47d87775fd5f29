"""What is left of a text without comments and docstrings: the code, and all of it."""

from __future__ import annotations

import pytest

from nootropic_lsp.core.documents import Document
from nootropic_lsp.index.bare import bare_digest
from nootropic_lsp.index.opened import OpenText


def is_same(language: str, one: str, other: str) -> bool:
    digests = [bare_digest(OpenText(Document("/a", language, 0, text))) for text in (one, other)]
    assert digests[0] is not None
    return digests[0] == digests[1]


PY = "def f(a):\n    if a:\n        g()\n    h()\n"


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("python", PY, 'def f(a):\n    """It is."""\n    if a:  # so\n        g()\n    h()\n'),
        ("python", 'class A:\n    "A."\n    x = 1\n', "class A:\n    # A.\n    x = 1\n"),
        ("javascript", "f(1);\n", "/** It is. */\nf(1); // so\n"),
        ("go", "package a\n\nfunc F() {}\n", "package a\n\n// F is.\nfunc F() {}\n"),
        ("java", "class A { int x; }", "/** A. */\nclass A {\n  /** x. */ int x; }"),
        ("rust", "fn f() {}\n", "/// It is.\nfn f() {}\n"),
        ("bash", "f() { ls; }\n", "# It is.\nf() { ls; }\n"),
    ],
)
def test_comments_make_no_difference(language: str, one: str, other: str) -> None:
    assert is_same(language, one, other)


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("python", PY, PY.replace("    h()", "        h()")),
        ("python", PY, PY.replace("g()", "g")),
        ("python", "x = 'a'\n", "x = 'b'\n"),
        ("python", "x = 'a'\n", "'a'\n"),
        ("python", "f()\n", 'f"{g()}"\nf()\n'),
        ("python", "ab\n", "a\nb\n"),
        ("javascript", "f(1);\n", "'use strict';\nf(1);\n"),
        ("javascript", "f(1);\n", "// f(1);\n"),
    ],
)
def test_code_does(language: str, one: str, other: str) -> None:
    assert not is_same(language, one, other)
