"""How a project writes its tests: where they lie, what they are called, and with which framework."""

from __future__ import annotations

import json
import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePosixPath

from nootropic_lsp.analysis.testing import has_tests, is_test
from nootropic_lsp.core.symbols import Symbol
from nootropic_lsp.features.assist.means import Means
from nootropic_lsp.features.module_names import dotted_below
from nootropic_lsp.features.references import references_of
from nootropic_lsp.features.snapshot import text_of
from nootropic_lsp.index.discover import language_of
from nootropic_lsp.index.languages.registry import LANGUAGES
from nootropic_lsp.store import graph

# So many tests say how the others are written.
_MOST_READ = 40
_FRAMEWORKS = {
    "python": {"pytest": r"\bpytest\b|^def test_", "unittest": r"\bunittest\b|\bTestCase\b"},
    "javascript": {
        "vitest": r"[\"']vitest[\"']",
        "jest": r"[\"']@jest/globals[\"']|\bjest\.",
        "node:test": r"[\"']node:test[\"']",
        "mocha": r"[\"']mocha[\"']|[\"']chai[\"']",
    },
    "go": {"testing": r""},
}
_USUAL = {"python": "pytest", "javascript": "jest", "go": "testing"}
_IN_PACKAGE = ("vitest", "jest", "mocha")
# What is usual where there are no tests yet.
_NAMES = {"python": "test_{}.py", "javascript": "{}.test{}", "go": "{}_test.go"}


@dataclass(frozen=True, slots=True)
class Habits:
    """Where tests of something belong and how they are written.

    `path` is the file, which is new unless there `is_file`. `imported` is what the tested file is
    called there. `examples` are files of tests to follow, the best first.
    """

    path: str
    is_file: bool
    framework: str
    imported: str
    examples: tuple[str, ...] = ()


def habits_for(means: Means, symbol: Symbol) -> Habits | None:
    """Those for tests of a symbol; None for languages of which we do not know how."""
    language = language_of(symbol.path)
    family = LANGUAGES[language].resolver if language in LANGUAGES else ""
    if family not in _FRAMEWORKS:
        return None
    files = sorted(_test_files(means, family), key=lambda each: -_shared(each, symbol.path))
    fitting = [*_with_tests(means, _fitting(means, symbol, files))]
    near = [*islice(_with_tests(means, files), _MOST_READ)]
    path = fitting[0] if fitting else _new(means, symbol.path, family, near)
    examples = tuple(dict.fromkeys(each for each in (*fitting[1:], *near) if each != path))
    return Habits(
        path,
        bool(fitting),
        _framework(means, family, [*fitting, *near]),
        _imported(means, symbol.path, path, family),
        examples[:2],
    )


def _with_tests(means: Means, paths: Iterable[str]) -> Iterator[str]:
    return (path for path in paths if has_tests(text_of(means.snapshot, path)))


def _test_files(means: Means, family: str) -> Iterator[str]:
    """The files of the workspace that are tests by their paths, and that models may be given."""
    for index in means.snapshot.indexes:
        for relative in graph.file_paths(index.connection):
            language = language_of(relative)
            if language not in LANGUAGES or LANGUAGES[language].resolver != family:
                continue
            path = index.absolute(relative)
            name = PurePosixPath(relative).name
            if is_test(relative) and name != "conftest.py" and means.readable.may_read(path):
                yield path


def _fitting(means: Means, symbol: Symbol, tests: Sequence[str]) -> list[str]:
    """The files that test a symbol already, or the file that it is in."""
    stem = PurePosixPath(symbol.path).name.split(".")[0]
    named = {path for path in tests if _tested(path) == stem}
    among = set(tests)
    uses = Counter(
        use.place.path for use in references_of(means.snapshot, symbol) if use.place.path in among
    )
    found = named | uses.keys()
    return sorted(
        found, key=lambda path: (path not in named, -uses[path], -_shared(path, symbol.path), path)
    )


def _new(means: Means, source: str, family: str, tests: Sequence[str]) -> str:
    """Where a new file belongs: beside its likes, called as they are."""
    place = PurePosixPath(source)
    stem, ending = place.name.split(".")[0], place.suffix
    like = max(tests, key=lambda path: _shared(path, source), default="")
    if like:
        name = PurePosixPath(like).name.replace(_tested(like), stem, 1)
        name = PurePosixPath(name).with_suffix(ending).name if family == "javascript" else name
        folders = Counter(posixpath.dirname(path) for path in tests)
        is_beside = _is_beside(means, like)
        folder = str(place.parent) if is_beside else posixpath.dirname(like)
        if not is_beside and _shared(like, source) == 0:
            folder = folders.most_common(1)[0][0]
        return f"{folder}/{name}"
    name = _NAMES[family].format(stem, ending)
    around = [each for each in means.snapshot.folders if source.startswith(f"{each}/")]
    is_apart = family == "python" and around
    return f"{max(around, key=len)}/tests/{name}" if is_apart else f"{place.parent}/{name}"


def _is_beside(means: Means, test: str) -> bool:
    """Whether a file of tests lies in the folder of what it tests."""
    folder, stem = posixpath.dirname(test), _tested(test)
    return any(
        name.split(".")[0] == stem and f"{folder}/{name}" != test
        for name in means.snapshot.world.entries(folder)
    )


def _framework(means: Means, family: str, tests: Sequence[str]) -> str:
    found: Counter[str] = Counter()
    for path in tests:
        text = text_of(means.snapshot, path)
        for name, pattern in _FRAMEWORKS[family].items():
            if re.search(pattern, text, re.MULTILINE):
                found[name] += 1
                break
    if found:
        return found.most_common(1)[0][0]
    if family == "javascript":
        for folder in means.snapshot.folders:
            with suppress(OSError, ValueError, AttributeError):
                package = json.loads(means.snapshot.text(f"{folder}/package.json"))
                known = {**package.get("dependencies", {}), **package.get("devDependencies", {})}
                return next((name for name in _IN_PACKAGE if name in known), _USUAL[family])
    return _USUAL[family]


def _imported(means: Means, source: str, test: str, family: str) -> str:
    """What the tested file is called in the file of its tests."""
    if family == "javascript":
        below = posixpath.relpath(source, posixpath.dirname(test)).rpartition(".")[0]
        return below if below.startswith(".") else f"./{below}"
    if family == "python":
        root = posixpath.dirname(source)
        while means.snapshot.world.is_file(f"{root}/__init__.py"):
            root = posixpath.dirname(root)
        return dotted_below(root, source) or means.shown(source)
    return means.shown(source)


def _tested(test: str) -> str:
    """What a file of tests is about, by its name."""
    stem = PurePosixPath(test).name.split(".")[0]
    return stem.removeprefix("test_").removesuffix("_test").removesuffix("_tests")


def _shared(one: str, other: str) -> int:
    """How many folders two files have in common, without the one of the tests itself."""
    pairs = zip(
        posixpath.dirname(one).split("/"), posixpath.dirname(other).split("/"), strict=False
    )
    return sum(a == b for a, b in pairs)
