"""Names that are not defined, and all that only looks like it."""

from __future__ import annotations

from pathlib import Path

import pytest
from features.checked import found, project

from nootropic_lsp.features.checks import checks

MUST = {
    "in a function": ("def f(a):\n    return a + b\n", ["2 b"]),
    "once per scope": ("def f():\n    return b + b\n\n\nprint(b)\n", ["2 b", "5 b"]),
    "inside an f-string": ('def f():\n    return f"{name}"\n', ["2 name"]),
    "a class attribute without self": (
        "class A:\n    size = 1\n\n    def f(self):\n        return size\n",
        ["5 size"],
    ),
    "a comprehension in a class": (
        "class A:\n    size = 1\n    sizes = [size for _ in range(3)]\n",
        ["3 size"],
    ),
    "the name of a comprehension outside of it": ("x = [i for i in range(3)]\nprint(i)\n", ["2 i"]),
    "in an annotation": ("def f(a: Missing): ...\n", ["1 Missing"]),
    "in a quoted annotation": ("def f(a: 'Missing'): ...\n", ["1 Missing"]),
    "in __all__": ("__all__ = ['a', 'b']\na = 1\n", ["1 b"]),
    "a decorator": ("@missing\ndef f(): ...\n", ["1 missing"]),
}
MUST_NOT = {
    "builtins": "print(len([]), __name__, __file__, WindowsError)\n",
    "bound later": "def f():\n    return later\n\n\nlater = 1\n",
    "global": "def f():\n    global x\n    x = 1\n\n\ndef g():\n    return x\n",
    "global that others set": "def g():\n    global x\n    return x\n",
    "nonlocal": "def f():\n    x = 1\n\n    def g():\n        nonlocal x\n        x = 2\n",
    "star import": "from os.path import *\nprint(whatever)\n",
    "NameError": "try:\n    text = unicode\nexcept NameError:\n    text = str\n",
    "by version": "import sys\nif sys.version_info < (3,):\n    text = unicode\n",
    "made by globals": "globals()['made'] = 1\nprint(made)\n",
    "made by exec": "exec('made = 1')\nprint(made)\n",
    "walrus": "if (n := 3) > 2:\n    print(n)\n",
    "walrus in a comprehension": "x = [y for v in range(3) if (y := v)]\nprint(y)\n",
    "match": "def f(a):\n    match a:\n        case {'k': v, **rest}:\n            return v, rest\n"
    "        case [first, *others] | (first, others):\n            return first, others\n",
    "with and except": "with open('f') as h:\n    print(h)\ntry:\n    pass\n"
    "except OSError as e:\n    print(e)\n",
    "lambda": "f = lambda a, *b, c=1, **d: (a, b, c, d)\n",
    "type parameters": "def f[T](a: T) -> T:\n    return a\n\n\nclass A[S]:\n    x: S\n",
    "type alias": "type Pair[T] = tuple[T, T]\nx: Pair[int]\n",
    "__class__": "class A:\n    def f(self):\n        return __class__\n",
    "class body sees itself": "class A:\n    size = 1\n    other = size\n",
    "first iterable of a comprehension in a class": "class A:\n    s = [1]\n    t = [x for x in s]\n",
    "Literal": "from typing import Literal\n\n\ndef f(a: Literal['x', 'y']): ...\n",
    "cast is another's": "import array\nx = memoryview(b'').cast('c')\n",
    "assigned through type()": "def f(p, m):\n    type(p).name = m(return_value=p.get('peer'))\n",
    "annotated": "x: int\nprint(x)\n",
    "submodules in __all__": "__all__ = ['b']\n",
    "noqa": "print(whatever)  # noqa: F821\n",
    "gettext": "print(_('hello'))\n",
    "deleted": "x = 1\ndel x\nprint(x)\n",
}


@pytest.mark.parametrize("name", MUST)
def test_is_found(name: str, tmp_path: Path) -> None:
    text, want = MUST[name]
    assert found(tmp_path, text, "undefined-name") == want


@pytest.mark.parametrize("name", MUST_NOT)
def test_is_left_alone(name: str, tmp_path: Path) -> None:
    assert found(tmp_path, {"a.py": MUST_NOT[name], "b.py": ""}, "undefined-name") == []


def test_while_a_line_is_typed(tmp_path: Path) -> None:
    """What the broken line may bind is left alone; the rest is still checked."""
    text = "import os, \n\nprint(os.name)\nprint(missing)\n"
    assert found(tmp_path, text, "undefined-name") == ["4 missing"]


def test_data_of_tests_is_not_checked(tmp_path: Path) -> None:
    files = {"tests/data/broken.py": "print(missing)\n", "tests/b.py": "print(missing)\n"}
    assert found(tmp_path, files, "undefined-name", "tests/data/broken.py") == []
    assert found(tmp_path / "b", files, "undefined-name", "tests/b.py") == ["1 missing"]


def test_nothing_is_said_while_files_are_missing(tmp_path: Path) -> None:
    workspace = project(tmp_path, "print(missing)\n")
    workspace.incomplete = "the index is being built"
    assert checks(workspace.snapshot(), workspace.path("a.py")) == []
