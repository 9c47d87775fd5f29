"""Which Python modules import which when they are loaded."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nootropic_lsp.core.spans import Span
from nootropic_lsp.features.family import in_workspace
from nootropic_lsp.features.snapshot import Snapshot, text_of
from nootropic_lsp.index.facts import Kind, Op
from nootropic_lsp.index.units import Unit

_UNRUN = re.compile(
    r"^if[ \t]+(?:\w+\.)?TYPE_CHECKING[ \t]*:[^\n]*\n(?:(?:[ \t]+[^\n]*)?\n)*", re.MULTILINE
)


class ImportGraph:
    """The imports at the top of files, each read when it is first asked for."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._known: dict[str, frozenset[str]] = {}

    def imports(self, path: str) -> frozenset[str]:
        """The files of the workspace that are loaded by loading one."""
        found = self._known.get(path)
        if found is None:
            unit = self._snapshot.unit(path)
            found = frozenset(self._imported(unit)) if unit is not None else frozenset()
            self._known[path] = found
        return found

    def reaches(self, path: str, goal: str) -> bool:
        """Whether loading a file, with the packages around it, loads another, by whatever way."""
        seen: set[str] = set()
        waiting = [path, *self._packages(path, goal)]
        while waiting:
            loaded = waiting.pop()
            if loaded in seen:
                continue
            seen.add(loaded)
            for each in self.imports(loaded):
                if each == goal:
                    return True
                waiting += (each, *self._packages(each, goal))
        return False

    def _packages(self, path: str, goal: str) -> Iterator[str]:
        """The packages around a file; those around the goal are being loaded already."""
        folder = path.rpartition("/")[0]
        while self._snapshot.world.is_file(package := f"{folder}/__init__.py"):
            if not goal.startswith(f"{folder}/"):
                yield package
            folder = folder.rpartition("/")[0]

    def _imported(self, unit: Unit) -> Iterator[str]:
        unrun = unrun_spans(text_of(self._snapshot, unit.path))
        uses = [
            definition.value
            for definition in unit.definitions
            if definition.kind == Kind.IMPORT
            and definition.scope == 0
            and definition.value >= 0
            and not any(definition.start in span for span in unrun)
        ]
        for use in (*uses, *unit.stars):
            expression = unit.expressions[use]
            wanted = [use, expression[4]] if expression[0] == Op.MEMBER else [use]
            for index in wanted:
                for site in self._snapshot.definitions(unit, index, follow=False)[:1]:
                    is_module = site.definition.kind == Kind.MODULE
                    if is_module and in_workspace(self._snapshot, site.unit.path):
                        yield site.unit.path


def unrun_spans(text: str) -> list[Span]:
    """The blocks of a file that type checkers read and nothing runs."""
    return [Span(*match.span()) for match in _UNRUN.finditer(text)]


def import_root(snapshot: Snapshot, path: str) -> str:
    """The folder from which the packages around a file are imported."""
    folder = path.rpartition("/")[0]
    while snapshot.world.is_file(f"{folder}/__init__.py"):
        folder = folder.rpartition("/")[0]
    return folder
