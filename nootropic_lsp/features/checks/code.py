"""What all checks look at: the facts of one Python file with its text, and which files are data."""

from __future__ import annotations

import re
from functools import cached_property
from typing import cast

from nootropic_lsp.core.spans import Span
from nootropic_lsp.features.parsed import parsed
from nootropic_lsp.features.snapshot import Snapshot, text_of
from nootropic_lsp.index.facts import ScopeKind
from nootropic_lsp.index.guards import Around, around, unreadable_words
from nootropic_lsp.index.languages.python.modules import Modules
from nootropic_lsp.index.opened import OpenText
from nootropic_lsp.index.units import Unit

# Where tests keep files that are read, not run.
_DATA = re.compile(
    r"/(?:(?:tests?|testing)/(?:.*/)?|tests?[_-])"
    r"(?:data|cases|examples|files|fixtures|samples|snippets|snapshots|templates)/"
)
_PROJECT_FILES = ("pyproject.toml", "setup.py", "setup.cfg", "manage.py")
# Names that come into being without being written as names.
_DYNAMIC = re.compile(
    r"\b(?:globals|vars|locals)\(\)\s*(?:\[|\.(?:update|setdefault|__setitem__))"
    r"|\b(?:exec|execfile)\s*\(|\bsys\.modules\[__name__\]|\b__dict__\.update\("
    r"|\bsys\.modules\[[^]]+\]\s*=|\blazy_loader\b|\b__path__\b|\bmodule_from_spec\b"
)


class Code:
    """One file as the checks look at it."""

    def __init__(self, snapshot: Snapshot, unit: Unit) -> None:
        self.snapshot = snapshot
        self.unit = unit
        self.path = unit.path

    @cached_property
    def text(self) -> str:
        """The text that the facts were made of."""
        return text_of(self.snapshot, self.path)

    @cached_property
    def tree(self) -> OpenText | None:
        """The text with its syntax tree."""
        return parsed(self.snapshot, self.path)

    @cached_property
    def is_dynamic(self) -> bool:
        """Whether it may make names that are written nowhere."""
        return _DYNAMIC.search(self.text) is not None

    @cached_property
    def unreadable(self) -> set[str]:
        """The words in lines with syntax errors, which may bind anything."""
        return unreadable_words(self.tree) if self.tree is not None else set()

    def is_ours(self, path: str) -> bool:
        """Whether a file is one of the workspace."""
        return is_inside(self.snapshot, path)

    def around(self, offset: int) -> list[Around]:
        """What a place stands inside of."""
        return around(self.tree, offset) if self.tree is not None else []

    def is_at(self, offset: int, name: str) -> bool:
        """Whether a name stands there: the index may be older than the file."""
        return self.text.startswith(name, offset)

    def line(self, offset: int) -> str:
        """The line that holds an offset."""
        start = self.text.rfind("\n", 0, offset) + 1
        end = self.text.find("\n", offset)
        return self.text[start : len(self.text) if end < 0 else end]

    def module_path(self, dotted: str, level: int) -> str | None:
        """The file or the folder of a namespace package that a module is for this file."""
        return modules_of(self.snapshot).find(dotted, level, self.path)

    def finds_module(self, dotted: str, level: int) -> bool:
        """Whether there is a module of that name for this file."""
        return self.module_path(dotted, level) is not None

    def regular_package(self, dotted: str) -> str | None:
        """The folder of a package that has an `__init__` and is surely the one that is meant."""
        path = self.module_path(dotted, 0)
        if path is None or not path.endswith(("/__init__.py", "/__init__.pyi")):
            return None
        return path.rpartition("/")[0] if self.is_on_path(path, dotted) else None

    def is_on_path(self, path: str, dotted: str) -> bool:
        """Whether a module's folder is one that imports of this file surely begin in."""
        stem = path.rpartition(".")[0].removesuffix("/__init__")
        if not stem.endswith("/" + dotted.replace(".", "/")):
            return False
        root = stem[: -len(dotted) - 1]
        folders = self.snapshot.folders
        if root in folders or root in [f"{each}/src" for each in folders]:
            return True
        # A folder of examples may be called like the library that they are for.
        world = self.snapshot.world
        return self.path.startswith(f"{root}/") and any(
            world.text(f"{root}/{name}") is not None for name in _PROJECT_FILES
        )

    def is_bound(self, scope: int, name: str) -> bool:
        """Whether a name is bound in a scope, or in one around it that it can be seen from."""
        scopes, names = self.unit.scopes, self.unit.names
        is_hidden = False  # what a class binds, from inside of its functions and comprehensions
        while scope >= 0:
            this = scopes[scope]
            if name in names[scope] and not (this.kind == ScopeKind.CLASS and is_hidden):
                return True
            if this.kind == ScopeKind.COMPREHENSION or self._is_function(scope):
                is_hidden = True
            scope = this.parent
        return False

    def binding(self, name: str, scope: int) -> int | None:
        """The only definition that a bare name has where it is seen from a scope.

        None if there are several, -1 where only the graph knows.
        """
        scopes, names = self.unit.scopes, self.unit.names
        own = scope
        while scope >= 0:
            this = scopes[scope]
            entry = names[scope].get(name)
            if this.kind == ScopeKind.CLASS:
                if entry and scope == own:
                    return -1  # it depends on what stands above the use
            elif entry:
                return entry[0] if len(entry) == 1 else None
            scope = this.parent
        return -1

    def _is_function(self, scope: int) -> bool:
        """Whether a scope is the body of a function, not that of its type parameters."""
        this = self.unit.scopes[scope]
        owner = this.owner if this.kind == ScopeKind.FUNCTION else -1
        return owner >= 0 and self.unit.definitions[owner].body == scope


def modules_of(snapshot: Snapshot) -> Modules:
    """Where the modules of this world are."""
    kept = snapshot.kept
    found = kept.get("modules")
    if found is None:
        found = kept["modules"] = Modules(snapshot.world)
    return cast(Modules, found)


def code_of(snapshot: Snapshot, path: str) -> Code | None:
    """A file to be checked, or None for one that is not read, or that only tests read."""
    if _DATA.search(path):
        return None
    unit = snapshot.unit(path)
    return None if unit is None else Code(snapshot, unit)


def named(start: int, name: str) -> Span:
    """The span of a written name."""
    return Span(start, start + len(name))


def is_inside(snapshot: Snapshot, path: str) -> bool:
    """Whether a file or folder is one of the workspace, and in no environment inside of it."""
    if "/site-packages/" in path or "/node_modules/" in path:
        return False
    return any(path == root or path.startswith(f"{root}/") for root in snapshot.folders)
