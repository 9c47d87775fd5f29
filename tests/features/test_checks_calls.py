"""Calls, overrides and deprecated names that do not fit what they lead to."""

from __future__ import annotations

from pathlib import Path

import pytest
from features.checked import Files, findings, found, project

F = "def f(a, b=1, *, c=2): ...\n\n\n"
C = "class A:\n    def __init__(self, a): ...\n\n    def m(self, x, y=1): ...\n\n"
WRONG: dict[str, tuple[Files, str]] = {
    "missing": (F + "f()\n", "`f` lacks the argument `a`"),
    "too many": (F + "f(1, 2, 3)\n", "`f` takes at most 2 positional arguments, not 3"),
    "unknown": (F + "f(1, d=2)\n", "`f` has no parameter `d`"),
    "twice": (F + "f(1, a=2)\n", "`f` is given `a` twice"),
    "none at all": ("def f(): ...\n\n\nf(1)\n", "`f` takes no positional arguments, not 1"),
    "keyword-only": ("def f(*, a): ...\n\n\nf()\n", "`f` lacks the argument `a`"),
    "positional-only": ("def f(a, /): ...\n\n\nf(a=1)\n", "`f` has no parameter `a`"),
    "too many beside a spread": (F + "x = []\nf(1, 2, 3, *x)\n", "`f` takes at most 2"),
    "constructor": (C + "A()\n", "`A` lacks the argument `a`"),
    "inherited constructor": (C + "\nclass B(A): ...\n\n\nB(1, 2)\n", "`B` takes at most 1"),
    "no constructor": ("class A: ...\n\n\nA(1)\n", "`A` takes no positional arguments"),
    "method of an object": (C + "\nA(1).m()\n", "`m` lacks the argument `x`"),
    "method of a variable": (C + "\na = A(1)\na.m(1, 2, 3)\n", "`m` takes at most 2"),
    "own method": (C + "    def n(self):\n        self.m(z=1)\n", "`m` has no parameter `z`"),
    "through the class": (C + "\nA.m(1)\n", "`m` lacks the argument `x`"),
    "static method": (
        "class A:\n    @staticmethod\n    def m(a): ...\n\n\nA.m()\n",
        "`m` lacks the argument `a`",
    ),
    "class method": (
        "class A:\n    @classmethod\n    def m(cls, a): ...\n\n\nA.m()\n",
        "`m` lacks the argument `a`",
    ),
    "of another module": (
        {"a.py": "import b\n\nb.g()\n", "b.py": "def g(a): ...\n"},
        "`g` lacks the argument `a`",
    ),
    "under another name": (
        {"a.py": "from b import g as h\n\nh()\n", "b.py": "def g(a): ...\n"},
        "`h` lacks the argument `a`",
    ),
    "nested strings": (F + "f(f'{(1, 2)}', \"a, b\", ')', 4)\n", "`f` takes at most 2"),
}
FITTING: dict[str, Files] = {
    "all kinds": F + "f(1)\nf(1, 2)\nf(a=1, c=2)\nx = {}\nf(**x)\nf(*x)\nf(1, *x, **x)\n",
    "lambda and generator": F + "f(lambda x, y: x)\nf(x for x in [1])\nf([1, 2, 3], (4, 5))\n",
    "comments": F + "f(\n    1,  # one, two, three, four\n    2,\n)\n",
    "rest": "def f(*a, **b): ...\n\n\nf(1, 2, c=3)\n",
    "a parameter in **kwargs": "def f(a, /, **b): ...\n\n\nf(1, a=2)\n",
    "decorated": "import x\n\n\n@x.y\ndef f(a): ...\n\n\nf()\n",
    "defined twice": "def f(a): ...\n\n\ndef f(): ...\n\n\nf()\n",
    "defined by condition": "import x\nif x:\n    def f(a): ...\nelse:\n    def f(): ...\nf()\n",
    "overloads": "from typing import overload\n\n\n@overload\ndef f(a): ...\n@overload\ndef f(): ...\n"
    "def f(*a): ...\n\n\nf()\n",
    "dataclass": "from dataclasses import dataclass\n\n\n@dataclass\nclass A:\n    a: int\n\n\nA(1)\nA()\n",
    "named tuple": "from typing import NamedTuple\n\n\nclass A(NamedTuple):\n    a: int\n\n\nA(1)\n",
    "enum": "from enum import Enum\n\n\nclass A(Enum):\n    a = 1\n\n\nA(1)\n",
    "exception": "class A(Exception): ...\n\n\nA(1, 2)\n",
    "unknown base": "from x import B\n\n\nclass A(B): ...\n\n\nA(1)\n",
    "bases in a list": "B = [object]\n\n\nclass A(*B): ...\n\n\nA(1)\n",
    "metaclass": "class M(type): ...\n\n\nclass A(metaclass=M): ...\n\n\nA(1)\n",
    "__new__": "class A:\n    def __new__(cls, *a): ...\n\n\nA(1)\n",
    "a mapper may give a constructor": "class A: ...\n\n\nA(name=1)\n",
    "decorated class": "import x\n\n\n@x.y\nclass A: ...\n\n\nA(1)\n",
    "overridden below": C
    + "    def n(self):\n        self.m()\n\n\nclass B(A):\n    def m(self): ...\n",
    "overridden beside": "class A:\n    def m(self, x): ...\n\n    def n(self):\n        self.m()\n\n\n"
    "class X:\n    def m(self): ...\n\n\nclass B(X, A): ...\n",
    "assigned": C + "\na = A(1)\na.m = print\na.m()\n",
    "property": "class A:\n    @property\n    def m(self): ...\n\n    def n(self):\n        self.m(1, 2)\n",
    "caught": F + "try:\n    f()\nexcept TypeError:\n    pass\n",
    "expected": F + "import pytest\n\nwith pytest.raises(TypeError):\n    f()\n",
    "expected in a lambda": F + "from x import raises\n\nraises(TypeError, lambda: f())\n",
    "expected by the test": F + "import pytest\n\n\n@pytest.mark.xfail\ndef test():\n    f()\n",
    "another of that name": {
        "a.py": "from b import A\n\nA()\n",
        "b.py": "from c import A\n\n\nclass A(A):\n    def __init__(self): ...\n",
        "c.py": "class A:\n    def __init__(self, a): ...\n",
    },
    "a name that is bound again": "def f(a): ...\n\n\nf = print\nf()\n",
    "explicit self": C + "\nA.m(A(1), 2)\n",
    "builtins": "print(1, 2, 3, sep='')\nint('1', base=2)\n",
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong(name: str, tmp_path: Path) -> None:
    files, message = WRONG[name]
    said = [
        each.message
        for each in findings(project(tmp_path, files), "a.py")
        if each.code == "wrong-arguments"
    ]
    assert len(said) == 1
    assert said[0].startswith(message)


@pytest.mark.parametrize("name", FITTING)
def test_fitting(name: str, tmp_path: Path) -> None:
    assert found(tmp_path, FITTING[name], "wrong-arguments") == []


BASE = """
    class Base:
        def m(self, x, flag=False): ...


    class Derived(Base):
        def m(self, {}): ...


    def use(base: Base):
        base.m({})
"""


@pytest.mark.parametrize(
    ("parameters", "call", "want"),
    [
        ("x", "1", []),
        ("x", "1, True", ["6 m"]),
        ("x", "1, flag=True", ["6 m"]),
        ("x, flag, more", "1, True", ["6 m"]),
        ("x, flag=False, more=1", "1, True", []),
        ("y, flag=False", "1", []),
        ("y, flag=False", "x=1", ["6 m"]),
        ("*a, **b", "1, flag=True", []),
        ("x", "1, *[]", []),
    ],
)
def test_override(parameters: str, call: str, want: list[str], tmp_path: Path) -> None:
    files = BASE.format(parameters, call)
    assert found(tmp_path, files, "incompatible-override") == want


def test_override_that_nobody_calls_through_its_base(tmp_path: Path) -> None:
    files = (
        "class A:\n    def m(self, x): ...\n\n\nclass B(A):\n    def m(self): ...\n\n\nB().m()\n"
    )
    assert found(tmp_path, files, "incompatible-override") == []


def test_deprecated(tmp_path: Path) -> None:
    files = {
        "a.py": "from b import new, old\n\nnew()\nold()\n",
        "b.py": "from warnings import deprecated\n\n\n@deprecated('use new')\ndef old(): ...\n\n\n"
        "def new(): ...\n",
    }
    assert found(tmp_path, files, "deprecated-use") == ["4 old"]
    assert found(tmp_path / "again", files, "deprecated-use", "b.py") == []
