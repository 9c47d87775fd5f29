"""Rewrites that patterns cannot say: a line each, and the code behind it loaded at first use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import cast

from nootropic_lsp.analysis.recipes.tree import Change, Source

_PYTHON = frozenset({"python"})
_SCRIPTS = frozenset({"javascript", "typescript", "tsx"})


@dataclass(frozen=True, slots=True)
class Around:
    """What a rewrite may know beyond its text.

    `python` is the oldest version of Python that the project runs on. `is_extended` is whether
    a class of the text, by its name, is a base of a class in another file, `is_case` whether
    one is a `unittest.TestCase` through bases from other files; `read` gives the text of a
    file by its absolute path, None if there is none.
    """

    python: tuple[int, int] = (3, 8)
    is_extended: Callable[[str], bool] = lambda _name: False
    is_case: Callable[[str], bool] = lambda _name: False
    read: Callable[[str], str | None] = lambda _path: None


@dataclass(frozen=True, slots=True)
class Together:
    """Files that are rewritten all or not at all: a `manifest`, and those that it speaks for.

    These are the files with some `endings` for which it is the nearest one.
    """

    manifest: str
    endings: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Codemod:
    """A rewrite in code. Only texts with one of the `words` are looked at."""

    module: str
    languages: frozenset[str]
    words: tuple[bytes, ...]
    asks_graph: bool = False
    together: Together | None = None


CODEMODS = {
    "unittest-to-pytest": Codemod(
        "unittest_to_pytest", _PYTHON, (b"unittest", b"self.assert"), True
    ),
    "percent-to-fstring": Codemod("percent_to_fstring", _PYTHON, (b"%",)),
    "format-to-fstring": Codemod("format_to_fstring", _PYTHON, (b".format(",)),
    "os-path-to-pathlib": Codemod("os_path_to_pathlib", _PYTHON, (b"os",)),
    "typing-modernise": Codemod("typing_modernise", _PYTHON, (b"typing",)),
    "commonjs-to-es-modules": Codemod(
        "commonjs_to_es_modules",
        frozenset({"javascript", "json"}),
        (b"require", b"exports", b"__dirname", b"__filename", b'"name"'),
        together=Together(
            "package.json",
            (".js", ".jsx"),
            "the files of a package are all ES modules or none; put it right or name it .cjs",
        ),
    ),
    "react-class-to-function": Codemod("react_class_to_function", _SCRIPTS, (b"Component",), True),
}


def loaded(name: str) -> Callable[[Source, Around], Change]:
    """The function of a rewrite. It raises `RefusedError` if it has to leave the whole text."""
    module = import_module(f"{__name__}.{CODEMODS[name].module}")
    return cast("Callable[[Source, Around], Change]", module.rewrite)
