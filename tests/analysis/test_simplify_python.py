"""Rewriting Python so that the flow of values is plain to see."""

from __future__ import annotations

import ast
import sys
import sysconfig
from pathlib import Path

import pytest

from nootropic_lsp.analysis.simplify import simplified
from nootropic_lsp.analysis.simplify.python import file as python

CASES = {
    "a dead branch goes": (
        "def f(x):\n    if 7 * 6 > 50:\n        y = x\n    else:\n        y = 'c'\n    use(y)\n",
        "y = 'c'",
        "y = x",
    ),
    "a match on a constant": (
        "def f(x):\n    match 'ABC'[0]:\n        case 'A':\n            y = 'c'\n"
        "        case _:\n            y = x\n    use(y)\n",
        "y = 'c'",
        "y = x",
    ),
    "an entry of a dict": (
        "def f(x):\n    d = {'a': g(x), 'b': 'c'}\n    use(d['b'])\n",
        "use('c')",
        "use(d['b'])",
    ),
    "a list after pop": (
        "def f(x):\n    a = ['s']\n    a.append(x)\n    a.append('t')\n    a.pop(0)\n    use(a[0])\n",
        "use(x)",
        "use(a[0])",
    ),
    "an option of a configuration": (
        "import configparser\ndef f(x):\n    c = configparser.ConfigParser()\n"
        "    c.add_section('s')\n    c.set('s', 'a', x)\n    c.set('s', 'b', 'k')\n"
        "    use(c.get('s', 'b'))\n",
        "use('k')",
        "c.get",
    ),
    "an attribute of a dataclass": (
        "from dataclasses import dataclass\n@dataclass\nclass C:\n    a: str\n    b: str = 'k'\n"
        "def f(x):\n    c = C(x)\n    use(c.b)\n    use(c.a)\n",
        "use('k')",
        "use(c.",
    ),
    "a slice": ("def f(x):\n    use(x[1:])\n", "x.__getitem__(slice(1, None, None))", "x[1:]"),
    "a helper's result": (
        "def h(a):\n    b = a.strip()\n    return '<' + b\ndef f(x):\n    use(h(x))\n",
        "x.strip()",
        "use(h(x))",
    ),
    "a helper that gives a constant": (
        "def h(a):\n    return 'k'\ndef f(x):\n    y = h(x)\n    use(y)\n",
        "y = 'k'",
        "h(x)\n    use",
    ),
    "a sink in a helper": (
        "def h(a):\n    if a:\n        sink(a)\ndef f(x):\n    h(x)\n",
        "    sink(x)",
        "    h(x)",
    ),
    "a method of a local class": (
        "class C:\n    def __init__(self, v):\n        self.v = v\n    def m(self):\n"
        "        return sink(self.v)\ndef f(x):\n    C(x).m()\n",
        "sink(x)",
        "C(x).m()",
    ),
    "a member of an allow-list": (
        "A = {'a', 'b'}\ndef f(x):\n    if x not in A:\n        return\n    use(x)\n",
        "use('",
        "use(x)",
    ),
    "the result of a look-up": (
        "A = {'a': 'b'}\ndef f(x):\n    use(A.get(x, 'c'))\n",
        "use('b')",
        "A.get",
    ),
    "a strict regular expression": (
        "import re\ndef f(x):\n    if not re.fullmatch('[a-z]+', x):\n        return\n    use(x)\n",
        "__only__('a', x)",
        "use(x)",
    ),
    "a check of an address": (
        "from urllib.parse import urlparse\ndef f(x):\n    if urlparse(x).netloc:\n"
        "        return\n    use(x)\n",
        "__same_host__(x)",
        "use(x)",
    ),
    "a check of a path": (
        "import os\ndef f(x):\n    p = os.path.realpath(x)\n    if not p.startswith('/srv/'):\n"
        "        return\n    use(p)\n",
        "__inside__(p)",
        "use(p)",
    ),
    "a predicate of one's own": (
        "from urllib.parse import urlparse\ndef ok(u):\n    return urlparse(u).netloc == ''\n"
        "def f(x):\n    if ok(x):\n        use(x)\n",
        "__same_host__(x)",
        "use(x)",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_becomes_plain(name: str) -> None:
    text, has, has_not = CASES[name]
    result = simplified(text, "python")
    assert has in result
    assert has_not not in result
    assert result.count("\n") == text.count("\n")


WEAK = [
    "import re\ndef f(x):\n    if not re.match('[a-z]+', x):\n        return\n    use(x)\n",
    "import os\ndef f(x):\n    p = os.path.realpath(x)\n    if not p.startswith('/srv'):\n"
    "        return\n    use(p)\n",
    "def f(x):\n    if 'example.com' not in x:\n        return\n    use(x)\n",
    "def f(x):\n    if not x.startswith('/'):\n        return\n    use(x)\n",
    "def f(x, y):\n    if y not in ('a', 'b'):\n        return\n    use(x)\n",
]


@pytest.mark.parametrize("text", WEAK)
def test_a_check_that_proves_nothing_changes_nothing(text: str) -> None:
    assert simplified(text, "python") == text


def test_a_helper_in_another_file() -> None:
    text = "from .rows import Rows\ndef f(x):\n    return Rows().find(x)\n"
    other = "import db\nclass Rows:\n    def find(self, name):\n        return db.run('k' + name)\n"
    asked = []

    def helper(path: str, dotted: str) -> tuple[str, str] | None:
        asked.append((path, dotted))
        return ("/w/rows.py", other) if dotted == ".rows" else None

    result = simplified(text, "python", path="/w/a.py", helper=helper)
    assert "db.run('k' + x)" in result or "db.run(_v" in result
    assert ("/w/a.py", ".rows") in asked


def test_a_name_that_changes_later_is_not_mixed_up() -> None:
    text = "def f(x, y):\n    d = {'a': x}\n    x = 'clean'\n    use(d['a'])\n"
    result = simplified(text, "python").split("\n")
    assert "= x" in result[1]
    assert "use(x)" not in result[3]


def test_branches_leave_what_either_has_put_in() -> None:
    text = "def f(x, c):\n    d = {'a': 'k'}\n    if c:\n        d['a'] = g(x)\n    use(d['a'])\n"
    result = simplified(text, "python").split("\n")
    assert "use('k')" not in result[4]


def test_what_is_broken_stays() -> None:
    for text in ("def f(:\n", "def f(x):\r\n    return x[1:]\r\n", "\x00", ""):
        assert simplified(text, "python") == text


def test_a_helper_that_never_ends_is_left_alone() -> None:
    text = "def a(x):\n    return b(x)\ndef b(x):\n    return a(x)\ndef f(x):\n    use(a(x))\n"
    assert simplified(text, "python").count("\n") == text.count("\n")


FILES = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))[::12]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_any_file_keeps_its_lines_and_parses(path: Path) -> None:
    text = path.read_text(encoding="utf-8", errors="replace")
    result = python.simplified(text, path=str(path))
    assert result.count("\n") == text.count("\n")
    if sys.version_info < (3, 12) or "\t" not in text:
        ast.parse(result)


def test_twice_is_once() -> None:
    for text, _, _ in CASES.values():
        once = simplified(text, "python")
        assert simplified(simplified(once, "python"), "python") == simplified(once, "python")
