"""Asks resolvers for lists at a `<>` in the text of a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from index.memory_world import MemoryWorld

from nootropic_lsp.index.candidates import Candidate, Lister
from nootropic_lsp.index.units import Site, Unit

_CURSOR = "<>"


class At:
    """A place in one of some files. `language` overrides what their names say."""

    def __init__(self, files: Mapping[str, str], language: str = "") -> None:
        path = next(path for path, text in files.items() if _CURSOR in text)
        self.offset = files[path].index(_CURSOR)
        plain = {name: text.replace(_CURSOR, "") for name, text in files.items()}
        world = MemoryWorld(plain, language=language)
        unit = world.unit(f"/w/{path}")
        assert unit is not None
        self.unit: Unit = unit
        self.lister = cast("Lister", world.resolver(unit))

    def visible(self) -> dict[str, Candidate]:
        """The bare names."""
        scopes = enumerate(self.unit.scopes)
        around = [
            (scope.end - scope.start, -number)
            for number, scope in scopes
            if scope.start <= self.offset < scope.end or number == 0
        ]
        return _by_name(self.lister.visible(self.unit, -min(around)[1], self.offset))

    def members(self) -> dict[str, Candidate]:
        """The members of what stands before the dot of the member at the cursor."""
        use = self.unit.expressions[self.unit.use_at(self.offset)]
        return _by_name(self.lister.members(self.unit, use[4]))

    def held(self, name: str) -> dict[str, Candidate]:
        """The members of what a definition in the file stands for."""
        definitions = enumerate(self.unit.definitions)
        index = next(at for at, definition in definitions if definition.name == name)
        return _by_name(self.lister.held(Site(self.unit, index)))

    def modules(self, dotted: str, level: int = 0) -> list[str]:
        """What an import can go on with."""
        return list(self.lister.modules(self.unit, dotted, level))

    def exported(self, dotted: str, level: int = 0) -> set[str]:
        """The names that an import can bring in."""
        return set(_by_name(self.lister.exported(self.unit, dotted, level)))


def _by_name(candidates: object) -> dict[str, Candidate]:
    found = {}
    for candidate in cast("list[Candidate]", candidates):
        assert candidate.name not in found
        found[candidate.name] = candidate
    return found
