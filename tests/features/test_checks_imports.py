"""Imports that lead nowhere, that nobody uses, and that go in a circle."""

from __future__ import annotations

from pathlib import Path

import pytest
from features.checked import Files, findings, fixed, found, project

UNRESOLVED: dict[str, tuple[Files, list[str]]] = {
    "a relative module": ({"p/__init__.py": "", "p/a.py": "from .b import c\n"}, ["1 b"]),
    "a name of a module": (
        {"p/__init__.py": "", "p/b.py": "x = 1\n", "p/a.py": "from .b import x, y\n"},
        ["1 y"],
    ),
    "a module of a package": (
        {"p/__init__.py": "", "p/a.py": "import p.missing.deeper\n"},
        ["1 missing"],
    ),
    "a name of a package": (
        {"p/__init__.py": "", "p/a.py": "from p import missing\n"},
        ["1 missing"],
    ),
    "of the standard library": ({"p/a.py": "from shutil import copyfiles\n"}, ["1 copyfiles"]),
    "for type checkers only": (
        {
            "p/__init__.py": "",
            "p/a.py": "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from p import b\n",
        },
        ["4 b"],
    ),
}
RESOLVED: dict[str, Files] = {
    "unknown libraries": {"p/a.py": "import nowhere_to_be_found\nfrom that import this\n"},
    "tried": {
        "p/__init__.py": "",
        "p/a.py": "try:\n    from . import b\nexcept ImportError:\n    b = 1\n",
    },
    "under a condition": {
        "p/__init__.py": "",
        "p/a.py": "import os\nif os.name:\n    from . import b\n",
    },
    "suppressed": {
        "p/__init__.py": "",
        "p/a.py": "import contextlib\nwith contextlib.suppress(ImportError):\n    from . import b\n",
    },
    "made by __getattr__": {
        "p/__init__.py": "def __getattr__(name): ...\n",
        "p/a.py": "from p import anything\n",
    },
    "made dynamically": {
        "p/__init__.py": "globals().update({'b': 1})\n",
        "p/a.py": "from p import b\n",
    },
    "by an unknown star": {
        "p/__init__.py": "from elsewhere import *\n",
        "p/a.py": "from p import b\n",
    },
    "by a known star": {
        "p/__init__.py": "from .c import *\n",
        "p/c.py": "b = 1\n",
        "p/a.py": "from p import b\n",
    },
    "set by global": {
        "p/__init__.py": "def f():\n    global b\n    b = 1\n",
        "p/a.py": "from p import b\n",
    },
    "a submodule": {
        "p/__init__.py": "",
        "p/b.py": "",
        "p/a.py": "from p import b\nfrom . import b\n",
    },
    "a namespace package": {"q/r/c.py": "", "p/a.py": "from q.r import c\nfrom q import r\n"},
    "generated": {
        "pyproject.toml": '[tool.setuptools_scm]\nversion_file = "p/release.py"\n',
        "p/__init__.py": "",
        "p/a.py": "from .release import number\nfrom ._version import version\nfrom .x_pb2 import y\n",
    },
    "compiled": {"p/__init__.py": "", "p/fast.pyx": "", "p/a.py": "from .fast import x\n"},
    "private in the library": {"p/a.py": "from subprocess import _args_from_interpreter_flags\n"},
    "not in the stubs": {"p/a.py": "from email.headerregistry import parser\n"},
    "called like a library": {
        "examples/lib/__init__.py": "",
        "examples/lib/b.py": "",
        "p/a.py": "from lib import Something\nimport lib.other\n",
    },
    "extended path": {
        "p/__init__.py": "from pkgutil import extend_path\n__path__ = extend_path(__path__, __name__)\n",
        "p/a.py": "from p import b\nimport p.c\n",
    },
    "type: ignore": {"p/__init__.py": "", "p/a.py": "from p import b  # type: ignore\n"},
}
UNUSED: dict[str, tuple[Files, list[str]]] = {
    "plain": ("import os\n", ["1 os"]),
    "one of several": ("from os import path, sep\n\nprint(sep)\n", ["1 path"]),
    "alias": ("import json as j\n\nx = 1\n", ["1 j"]),
    "inside a function": ("def f():\n    import os\n", ["2 os"]),
    "in another function only": (
        "def f():\n    import os\n\n\ndef g(os):\n    return 1\n\n\ndef h():\n    import json\n",
        ["10 json"],
    ),
}
USED: dict[str, Files] = {
    "in a string annotation": "from json import JSONDecoder\n\nx: 'list[JSONDecoder]'\n",
    "in a type comment": "from json import JSONDecoder\n\nx = []  # type: list[JSONDecoder]\n",
    "in __all__": "from json import loads\n\n__all__ = ['loads']\n",
    "as itself": "from json import loads as loads\nimport os as os\n\nx = 1\n",
    "noqa": "import os  # noqa\n\nx = 1\n",
    "for its effect": "import os  # registers something\n\nx = 1\n",
    "tried": "try:\n    import json\nexcept ImportError:\n    x = 1\n",
    "future": "from __future__ import annotations\n\nx = 1\n",
    "by others": {
        "a.py": "from json import loads\n\nx = 1\n",
        "b.py": "from a import loads\nloads\n",
    },
    "by a star": {"a.py": "from json import loads\n\nx = 1\n", "b.py": "from a import *\n"},
    "through the module": {"a.py": "import json\n\nx = 1\n", "b.py": "import a\n\na.json.loads\n"},
    "modules of ours": {
        "a.py": "from p import b\nimport p.b\n\nx = 1\n",
        "p/__init__.py": "",
        "p/b.py": "",
    },
    "as a fixture": "from json import loads\n\n\ndef test(loads):\n    assert loads\n",
    "bound again": "from json import loads\n\n\ndef loads(): ...\n",
    "locals": "import os\n\nprint(locals())\n",
    "a collection": "from json import loads\nfrom os import path\n",
}


@pytest.mark.parametrize("name", UNRESOLVED)
def test_unresolved(name: str, tmp_path: Path) -> None:
    files, want = UNRESOLVED[name]
    assert found(tmp_path, files, "unresolved-import", "p/a.py") == want


@pytest.mark.parametrize("name", RESOLVED)
def test_resolved(name: str, tmp_path: Path) -> None:
    assert found(tmp_path, RESOLVED[name], "unresolved-import", "p/a.py") == []


def test_libraries_where_the_environment_is_known(tmp_path: Path) -> None:
    files = {
        ".venv/pyvenv.cfg": "home = /usr/bin\n",
        ".venv/lib/python3.12/site-packages/there/__init__.py": "",
        "a.py": "import there\nimport missing\n\n\ndef f():\n    import optional\n",
    }
    assert found(tmp_path, files, "unresolved-import") == ["2 missing"]


@pytest.mark.parametrize("name", UNUSED)
def test_unused(name: str, tmp_path: Path) -> None:
    files, want = UNUSED[name]
    text = files if isinstance(files, str) else files["a.py"]
    assert found(tmp_path, text + "\nx = 1\n", "unused-import") == want


@pytest.mark.parametrize("name", USED)
def test_used(name: str, tmp_path: Path) -> None:
    assert found(tmp_path, USED[name], "unused-import") == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import os\nx = 1\n", "x = 1\n"),
        ("from os import path, sep\nsep\n", "from os import sep\nsep\n"),
        ("from os import sep, path\nsep\n", "from os import sep\nsep\n"),
        (
            "from os import sep, path as p, name\nsep, name\n",
            "from os import sep, name\nsep, name\n",
        ),
        ("import os, sys\nsys\n", "import sys\nsys\n"),
        (
            "from os import (\n    path,  # why\n    sep,\n)\nsep\n",
            "from os import (\n    sep,\n)\nsep\n",
        ),
        ("from os import (\n    sep,\n    path\n)\nsep\n", "from os import (\n    sep\n)\nsep\n"),
        ("from os import (sep,\n    path)\nsep\n", "from os import (sep)\nsep\n"),
        ("from os import (\n    path,\n)\nx = 1\n", "x = 1\n"),
        ("def f():\n    import os\n", "def f():\n    pass\n"),
        ("def f():\n    import os\n    return 1\n", "def f():\n    return 1\n"),
        ("import os  # the system\nx = 1\n", "x = 1\n"),
        ("é = 1; ü = 'ß'\nimport os\nx = 1\n", "é = 1; ü = 'ß'\nx = 1\n"),
    ],
)
def test_removal(before: str, after: str, tmp_path: Path) -> None:
    assert fixed(tmp_path, before, "unused-import") == after


CIRCLE = {
    "p/__init__.py": "",
    "p/a.py": "from p.b import two\n\none = two\n",
    "p/b.py": "from p.a import one\n\ntwo = 2\n",
}


def test_a_circle_that_fails(tmp_path: Path) -> None:
    (each,) = [
        each
        for each in findings(project(tmp_path, CIRCLE), "p/a.py")
        if each.code == "import-cycle"
    ]
    assert "`b` leads back to this module and takes `one`" in each.message
    assert [related.place.path.rpartition("/")[2] for related in each.related] == ["b.py"]


@pytest.mark.parametrize(
    "changed",
    [
        {"p/b.py": "import p.a\n\ntwo = 2\n"},
        {"p/b.py": "two = 2\n\n\ndef f():\n    from p.a import one\n"},
        {"p/b.py": "import typing\nif typing.TYPE_CHECKING:\n    from p.a import one\ntwo = 2\n"},
        {"p/a.py": "one = 1\nfrom p.b import two\n"},
        {"p/__init__.py": "from . import b\n", "p/b.py": "two = 2\nfrom p.a import one\n"},
        {"p/b.py": "from p import a\n\ntwo = 2\n"},
    ],
)
def test_a_circle_that_works(changed: dict[str, str], tmp_path: Path) -> None:
    assert found(tmp_path, {**CIRCLE, **changed}, "import-cycle", "p/a.py") == []
