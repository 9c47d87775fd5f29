"""Functions, methods and classes that nobody uses."""

from __future__ import annotations

from pathlib import Path

import pytest
from features.checked import found

LIBRARY = '[project]\nname = "lib"\n'
UNUSED = {
    "private function": ("def _lost(): ...\n", ["1 _lost"]),
    "private class": ("class _Lost: ...\n", ["1 _Lost"]),
    "private method": ("class A:\n    def _lost(self): ...\n", ["2 _lost"]),
    "nested function": ("def f():\n    def lost(): ...\n", ["2 lost"]),
}
USED = {
    "called": "def _kept(): ...\n\n\n_kept()\n",
    "named in a string": "def _kept(): ...\n\n\nprint('_kept')\n",
    "built from its beginning": "class A:\n    def _read_json(self): ...\n\n"
    "    def read(self, kind):\n        return getattr(self, '_read_' + kind)\n",
    "built by an f-string": "class A:\n    def _read_json(self): ...\n\n"
    "    def read(self, kind):\n        return getattr(self, f'_read_{kind}')\n",
    "decorated": "import app\n\n\n@app.route('/')\ndef _kept(): ...\n",
    "decorated class": "import app\n\n\n@app.register\nclass _Kept: ...\n",
    "dunder": "def __getattr__(name): ...\n\n\nclass A:\n    def __len__(self): ...\n",
    "method of a library's class": "from x import B\n\n\nclass A(B):\n    def _kept(self): ...\n",
    "class with bases": "from x import B\n\n\nclass _Kept(B): ...\n",
    "public": "def kept(): ...\n",
    "made by globals": "def _kept(): ...\n\n\nprint(globals()['_ke' + 'pt'])\n",
}


@pytest.mark.parametrize("name", UNUSED)
def test_unused(name: str, tmp_path: Path) -> None:
    text, want = UNUSED[name]
    files = {"a.py": text, "pyproject.toml": LIBRARY}
    assert found(tmp_path, files, "unused-function") == want


@pytest.mark.parametrize("name", USED)
def test_used(name: str, tmp_path: Path) -> None:
    files = {"a.py": USED[name], "pyproject.toml": LIBRARY}
    assert found(tmp_path, files, "unused-function") == []


def test_spoken_of_elsewhere(tmp_path: Path) -> None:
    for number, name in enumerate(("b.py", "page.html", "settings.toml", "README.md")):
        text = "# _kept\n" if name == "b.py" else "_kept\n"
        files = {"a.py": "def _kept(): ...\n", name: text}
        assert found(tmp_path / str(number), files, "unused-function") == []


def test_public_names_of_an_application(tmp_path: Path) -> None:
    files = {
        "a.py": "def lost(): ...\n\n\ndef kept(): ...\n",
        "b.py": "from a import kept\n\nkept()\n",
    }
    assert found(tmp_path, files, "unused-function") == ["1 lost"]
    library = {**files, "pyproject.toml": LIBRARY}
    assert found(tmp_path / "library", library, "unused-function") == []
    script = {"a.py": files["a.py"]}
    assert found(tmp_path / "script", script, "unused-function") == []


def test_tests_are_left_alone(tmp_path: Path) -> None:
    files = {"tests/test_a.py": "def _lost(): ...\n"}
    assert found(tmp_path, files, "unused-function", "tests/test_a.py") == []
