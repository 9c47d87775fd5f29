"""Functions and classes that nothing in the workspace speaks of."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from nootropic_lsp.core.findings import HINT, UNNECESSARY, Finding
from nootropic_lsp.features import lineage
from nootropic_lsp.features.checks.code import Code, is_inside, named
from nootropic_lsp.features.references import uses_of
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.facts import USES, Definition, Flag, Kind, ScopeKind
from nootropic_lsp.index.mentions import all_mentions, mention
from nootropic_lsp.index.units import Site, written

CODE = "unused-function"

_WORD = re.compile(r"[^\W\d]\w+")
_DIGITS = "0123456789"
_SPACED = bytes(code if chr(code).isalnum() or chr(code) == "_" else 32 for code in range(256))
_TESTS = re.compile(
    r"/(?:tests?|testing|t|spec|examples?|docs?|benchmarks?)/|/test_[^/]*$|_test\.py$"
)
# Files that somebody else runs or reads by their name.
_LOADED = re.compile(
    r"/(?:conftest|setup|conf|noxfile|fabfile|tasks|settings\w*|manage|wsgi|asgi|__main__)\.py$"
    r"|/(?:migrations|versions|management/commands|plugins|hooks|alembic|bin|scripts|tools)/"
)
_HOOKS = frozenset(
    ["main", "setup", "teardown", "handler", "lambda_handler", "application", "app", "create_app"]
)
_DISTRIBUTIONS = ("pyproject.toml", "setup.py", "setup.cfg")
_PACKAGED = re.compile(r"^\[project\]|^\[tool\.poetry\]|\bsetup\s*\(|^\[metadata\]", re.MULTILINE)
# Where names are spoken of.
_READ = (
    *(".py", ".pyi", ".pyx", ".pxd", ".html", ".jinja", ".jinja2", ".j2", ".txt", ".toml"),
    *(".cfg", ".ini", ".yaml", ".yml", ".json", ".md", ".rst", ".ipynb", ".sh", ".xml", ".in"),
    *(".c", ".h", ".cpp", ".rs", ".js", ".ts", ".tmpl", ".tpl", ".mako", ".conf"),
)
_LARGEST_BYTES = 1_000_000
# Names that are looked for one by one: all words are counted for more.
_FEW = 3


def unused_functions(code: Code) -> list[Finding]:
    """Functions and classes whose name is written nowhere but where they are defined."""
    unit, path = code.unit, code.path
    if unit.errors or path.endswith(".pyi") or _TESTS.search(path) or _LOADED.search(path):
        return []
    suspects = [index for index in _candidates(code) if not _is_used(code, unit.definitions[index])]
    suspects = [index for index in suspects if _is_plain(code, index)]
    if not suspects or code.is_dynamic:
        return []
    found = []
    for index in suspects:
        definition = unit.definitions[index]
        name = definition.name
        if _is_written_once(code.snapshot, name):
            what = "class" if definition.kind == Kind.CLASS else "function"
            what = "method" if definition.kind == Kind.METHOD else what
            message = f"nothing in the workspace uses the {what} `{name}`"
            span = named(definition.start, name)
            found.append(Finding(span, CODE, message, HINT, tags=(UNNECESSARY,)))
    return found


def _candidates(code: Code) -> Iterator[int]:
    """The functions and classes that nobody outside of the workspace can know of."""
    unit = code.unit
    is_public = None
    for index, definition in enumerate(unit.definitions):
        kind, name = definition.kind, definition.name
        if kind not in (Kind.FUNCTION, Kind.METHOD, Kind.CLASS) or not name or definition.related:
            continue  # what has decorators or bases may be known by them
        if definition.flags & (Flag.ABSTRACT | Flag.OVERLOAD | Flag.PROPERTY | Flag.DATACLASS):
            continue
        if name.startswith("__") or name.endswith("_") or len(name) < 3 or name in _HOOKS:
            continue
        if len(unit.names[definition.scope].get(name, ())) > 1:
            continue
        scope = unit.scopes[definition.scope].kind
        if name.startswith("_") or scope == ScopeKind.FUNCTION:
            yield index
        elif scope == ScopeKind.MODULE and not name.startswith(("test", "Test", "pytest_")):
            if is_public is None:
                is_public = _is_public(code)
            if not is_public:
                yield index


def _is_public(code: Code) -> bool:
    """Whether what a module defines may be used outside of the workspace."""
    snapshot = code.snapshot
    for folder in snapshot.folders:
        for name in _DISTRIBUTIONS:
            text = snapshot.world.text(f"{folder}/{name}")
            if text is not None and (name == "setup.py" or _PACKAGED.search(text)):
                return True
    # A script is run by its name, and what it defines is read by whoever runs it.
    return not any(site for site in _importers(code))


def _importers(code: Code) -> Iterator[str]:
    for path, _ in uses_of(code.snapshot, Site(code.unit, 0)):
        if path != code.path:
            yield path


def _is_used(code: Code, definition: Definition) -> bool:
    """Whether any code names it."""
    snapshot = code.snapshot
    noted: dict[str, set[int]] = snapshot.noted
    key = f"{CODE} mentions"
    if key not in noted:
        noted[key] = set()
        for index in snapshot.indexes:
            noted[key] |= all_mentions(index.connection, ("python",))
        for path in snapshot.changed:
            unit = snapshot.unit(path)
            if unit is not None:
                noted[key].update(
                    mention(written(each)) for each in unit.expressions if each[0] <= USES
                )
    return mention(definition.name) in noted[key]


def _is_plain(code: Code, index: int) -> bool:
    """Whether it is not decorated, and no method that code outside of the workspace may call."""
    unit = code.unit
    definition = unit.definitions[index]
    if not code.text.startswith(("def", "class", "async"), definition.full_start):
        return False
    if definition.kind != Kind.METHOD:
        return True
    owner = Site(unit, unit.scopes[definition.scope].owner)
    line = [owner, *lineage.ancestors(code.snapshot, owner)]
    return all(
        is_inside(code.snapshot, each.unit.path)
        and len(lineage.bases(code.snapshot, each)) == len(each.definition.related)
        for each in line
    )


def _is_written_once(snapshot: Snapshot, name: str) -> bool:
    """Whether a name stands nowhere but where it is defined, and is not put together from parts
    either, as in `getattr(self, "_read_" + kind)`."""
    key = f"{CODE} asked"
    asked = snapshot.noted[key] = snapshot.noted.get(key, 0) + 1
    parts = _parts(name)
    if asked > _FEW or CODE in snapshot.noted:
        words = _words(snapshot)
        return words[name] == 1 and not any(words[each] for each in parts)
    count = 0
    for data in _texts(snapshot):
        count += _count(data, name)
        if count > 1 or any(_count(data, each) for each in parts):
            return False
    return count == 1


def _parts(name: str) -> list[str]:
    parts = name.strip("_").split("_")
    lead = name[: len(name) - len(name.lstrip("_"))]
    found = []
    for at in range(1, len(parts)):
        found += [f"{lead}{'_'.join(parts[:at])}_", f"_{'_'.join(parts[at:])}"]
    return found


def _count(data: bytes, word: str) -> int:
    """How often a word stands in a text."""
    needle = word.encode()
    if needle not in data:
        return 0
    return sum(each.lstrip(_DIGITS) == word for each in _words_in(data) if each.endswith(word))


def _words(snapshot: Snapshot) -> Counter[str]:
    """How often each word is written in the files of the workspace, whatever they are."""
    words: Counter[str] | None = snapshot.noted.get(CODE)
    if words is None:
        words = Counter()
        for data in _texts(snapshot):
            words.update(_words_in(data))
        for word in [each for each in words if each[0] in _DIGITS]:
            words[word.lstrip(_DIGITS)] += words.pop(word)
        snapshot.noted[CODE] = words
    return words


def _texts(snapshot: Snapshot) -> Iterator[bytes]:
    for folder in snapshot.folders:
        for path in _files(folder):
            opened = snapshot.opened.get(path)
            if opened is None:
                yield _data(path)
            else:
                yield opened.document.text.encode("utf-8", "replace")


def _words_in(data: bytes) -> list[str]:
    """The words of a text; among those of plain ASCII, which are found faster, numbers as well."""
    if data.isascii():
        return data.translate(_SPACED).decode("ascii").split()
    return _WORD.findall(data.decode("utf-8", "replace"))


def _files(folder: str) -> Iterator[str]:
    for parent, folders, names in os.walk(folder):
        folders[:] = [
            name
            for name in folders
            if not name.startswith(".") and name not in ("node_modules", "__pycache__", "venv")
        ]
        where = parent.replace(os.sep, "/")
        yield from (f"{where}/{name}" for name in names if name.endswith(_READ))


def _data(path: str) -> bytes:
    try:
        if Path(path).stat().st_size > _LARGEST_BYTES:
            return b""
        return Path(path).read_bytes()
    except OSError:
        return b""
