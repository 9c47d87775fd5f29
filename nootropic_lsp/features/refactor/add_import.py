"""Import a name that a file uses and nothing in it defines."""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from dataclasses import dataclass

from nootropic_lsp.core.errors import RefusedError
from nootropic_lsp.core.symbols import Edit, Patch
from nootropic_lsp.features.completion.asked import Asked
from nootropic_lsp.features.completion.elsewhere import elsewhere, import_of, module_of
from nootropic_lsp.features.completion.found import Found, Source
from nootropic_lsp.features.parsed import parsed
from nootropic_lsp.features.refactor.source import patch_of
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.facts import Op

_BUILTINS = frozenset(dir(builtins))
_MOST = 8


@dataclass(frozen=True)
class Candidate:
    """What could be imported: `module` as one reads it, and the edit."""

    name: str
    module: str
    edit: Edit

    @property
    def title(self) -> str:
        """What a menu says."""
        if self.module == self.name or not self.edit.text.count(self.name):
            return f"Import {self.module}"
        return f"Import {self.name} from {self.module}"


def missing_imports(snapshot: Snapshot, path: str, offset: int) -> list[Candidate]:
    """What the undefined name at an offset could be imported from, best first."""
    name, end = undefined_name(snapshot, path, offset)
    text = parsed(snapshot, path)
    if not name or text is None:
        return []
    asked = Asked(snapshot, text, end)
    found: dict[str, Candidate] = {}
    for each in _found(asked, name):
        candidate = Candidate(name, module_of(asked, each), import_of(asked, each))
        found.setdefault(candidate.edit.text + candidate.module, candidate)
        if len(found) == _MOST:
            break
    return list(found.values())


def add_import(snapshot: Snapshot, path: str, offset: int, module: str = "") -> Patch:
    """Import the undefined name at an offset, from a module or from the best one."""
    for each in missing_imports(snapshot, path, offset):
        if not module or each.module == module:
            return patch_of(snapshot, {path: [each.edit]}, each.title)
    raise RefusedError("nothing is known that could be imported for this name")


def undefined_name(snapshot: Snapshot, path: str, offset: int) -> tuple[str, int]:
    """The name at an offset that nothing defines, and where it ends; "" if there is none."""
    unit = snapshot.unit(path)
    use = unit.use_at(offset) if unit is not None else -1
    if unit is None or use < 0:
        return "", -1
    operator, _, position, name, _ = unit.expressions[use]
    if operator != Op.NAME or position < 0 or snapshot.definitions(unit, use, follow=False):
        return "", -1
    if unit.language == "python" and name in _BUILTINS:
        return "", -1
    return name, position + len(name)


def _found(asked: Asked, name: str) -> Iterator[Found]:
    for each in elsewhere(asked):
        if each.name == name:
            yield each
    if asked.language == "python":
        roots = asked.ask(lambda lister, at: lister.modules(at.unit, "", 0)) or ()
        if name in roots:
            yield Found(name, Source.ELSEWHERE, module=f"import {name}")
