"""Everything that has to be renamed together: definitions that share a name, and their uses."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from nootropic_lsp.core.errors import RefusedError
from nootropic_lsp.features import lineage, types
from nootropic_lsp.features.references import references_to
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.facts import Kind, Op
from nootropic_lsp.index.symbols import id_of
from nootropic_lsp.index.units import Site, Unit, written

_MEMBERS = frozenset(
    {
        Kind.METHOD,
        Kind.FUNCTION,
        Kind.VARIABLE,
        Kind.CONSTANT,
        Kind.ATTRIBUTE,
        Kind.FIELD,
        Kind.PROPERTY,
    }
)
_CONSTRUCTORS = frozenset({"__init__", "__new__", "constructor", "__construct", "initialize"})
# More uses than that are not looked at one by one for whether they are certain.
_MOST_EXAMINED = 400


@dataclass
class Family:
    """What has one name. `bindings` are (file, scope), `starts` where it is written per file."""

    name: str
    bindings: dict[tuple[str, int], Unit] = field(default_factory=dict)
    starts: dict[str, set[int]] = field(default_factory=dict)
    uncertain: set[str] = field(default_factory=set)

    def add(self, path: str, start: int) -> None:
        """Note a place where the name is written."""
        self.starts.setdefault(path, set()).add(start)

    def holds(self, site: Site) -> bool:
        """Whether a definition belongs to it."""
        return (site.unit.path, site.definition.scope) in self.bindings


def family_of(snapshot: Snapshot, site: Site) -> Family:
    """The family of a definition. Raises `RefusedError` if a part of it is not ours to change."""
    return _Search(snapshot, site.definition.name).run(site)


def in_workspace(snapshot: Snapshot, path: str) -> bool:
    """Whether a file is one that we may change: indexed, or open in the editor."""
    if path in snapshot.opened:
        return True
    for index in snapshot.indexes:
        relative = index.relative(path)
        if relative is not None and relative in index.catalogue.files:
            return True
    return False


def library(path: str) -> str:
    """A file outside of the workspace, as a person knows it."""
    for mark in ("/site-packages/", "/dist-packages/", "/node_modules/", "/typeshed/"):
        if mark in path:
            return path.rpartition(mark)[2]
    return path


def unaliased_target(unit: Unit, definition_index: int) -> int:
    """The use that an import binds under its own name, or -1 for an alias or a whole module."""
    definition = unit.definitions[definition_index]
    if definition.kind != Kind.IMPORT or definition.value < 0:
        return -1
    expression = unit.expressions[definition.value]
    if expression[0] == Op.MEMBER and expression[3] == definition.name:
        return definition.value
    return -1


class _Search:
    def __init__(self, snapshot: Snapshot, name: str) -> None:
        self.snapshot = snapshot
        self.family = Family(name)
        self.waiting: deque[Site] = deque()

    def run(self, site: Site) -> Family:
        self._join(site)
        while self.waiting:
            self._take(self.waiting.popleft())
        self._examine()
        return self.family

    def _join(self, site: Site) -> None:
        """Let a definition belong to the family."""
        key = site.unit.path, site.definition.scope
        if key in self.family.bindings:
            return
        if not in_workspace(self.snapshot, site.unit.path):
            raise RefusedError(
                f"`{self.family.name}` is also defined in {library(site.unit.path)}, outside of"
                " the workspace, and cannot be renamed there"
            )
        self.family.bindings[key] = site.unit
        self.waiting.append(site)

    def _take(self, site: Site) -> None:
        """Find what belongs to a definition: its like in the scope, its uses, its overrides."""
        unit, scope, name = site.unit, site.definition.scope, self.family.name
        entry = [Site(unit, index) for index in unit.names[scope].get(name, [site.index])]
        for each in entry:
            self.family.add(unit.path, each.definition.start)
            self._through_import(each)
        for use in references_to(self.snapshot, _distinct(entry), include_declaration=False):
            span = use.place.span
            # An alias keeps its own name.
            if span.end - span.start == len(name):
                self._use(use.place.path, span.start)
        self._members(site)
        if any(each.definition.kind == Kind.PARAMETER for each in entry):
            self._keywords(site)

    def _use(self, path: str, start: int) -> None:
        unit = self.snapshot.unit(path)
        if unit is None:
            return
        use = unit.use_at(start)
        if use < 0 or written(unit.expressions[use]) != self.family.name:
            return
        self.family.add(path, start)
        at = unit.defined_at.get(start, -1)
        if at >= 0 and unaliased_target(unit, at) >= 0:
            self._join(Site(unit, at))

    def _through_import(self, site: Site) -> None:
        """An import under its own name is one thing with what it imports."""
        unit, definition = site.unit, site.definition
        if definition.kind != Kind.IMPORT:
            return
        target = unaliased_target(unit, site.index)
        if target >= 0:
            for found in self.snapshot.definitions(unit, target)[:1]:
                if (
                    found.definition.kind != Kind.MODULE
                    and found.definition.name == definition.name
                ):
                    self._join(found)
                return
        self._uses_of_alias(site)

    def _uses_of_alias(self, alias: Site) -> None:
        """Other files that import an alias from the file that makes it."""
        for target in self.snapshot.definitions(alias.unit, alias.definition.value)[:1]:
            for use in references_to(self.snapshot, [target], include_declaration=False):
                span = use.place.span
                unit = self.snapshot.unit(use.place.path)
                if unit is None or unit is alias.unit:
                    continue
                at = unit.use_at(span.start)
                if at < 0 or written(unit.expressions[at]) != self.family.name:
                    continue
                if alias in self.snapshot.definitions(unit, at, follow=False):
                    self._use(unit.path, span.start)
                    # The name that the other file binds is used there as a local one.
                    bound = unit.defined_at.get(span.start, -1)
                    if bound >= 0:
                        self._join(Site(unit, bound))

    def _members(self, site: Site) -> None:
        """A member together with what it overrides and what overrides it."""
        snapshot, definition = self.snapshot, site.definition
        name = self.family.name
        is_type = definition.kind in lineage.TYPES
        for constructor in lineage.members(snapshot, site, name) if is_type else ():
            if constructor.definition.kind == Kind.CONSTRUCTOR:
                self._join(constructor)
        holder = lineage.holder(snapshot, site)
        if holder is None or definition.kind not in _MEMBERS:
            return
        if name.startswith("__") and holder.unit.language == "python":
            return  # private to its class
        for cls in types.related(snapshot, holder):
            for member in lineage.members(snapshot, cls, name)[:1]:
                self._join(member)

    def _keywords(self, parameter: Site) -> None:
        """The arguments that name a parameter, wherever its function is called."""
        unit = parameter.unit
        owner = unit.scopes[parameter.definition.scope].owner
        if owner < 0:
            return
        function = Site(unit, owner)
        called = [function]
        holder = lineage.holder(self.snapshot, function)
        if holder is not None and function.definition.name in _CONSTRUCTORS:
            called += [holder, *types.descendants(self.snapshot, holder)]
        paths = {unit.path: None}
        for site in called:
            if id_of(site):
                for use in references_to(self.snapshot, [site], include_declaration=False):
                    paths[use.place.path] = None
        for path in paths:
            other = self.snapshot.unit(path)
            for index, start in _keywords_in(other, self.family.name) if other else ():
                for found in self.snapshot.definitions(other, index)[:1] if other else ():
                    if self.family.holds(found):
                        self.family.add(path, start)

    def _examine(self) -> None:
        """Note the files with a use that may also mean something else."""
        if sum(map(len, self.family.starts.values())) > _MOST_EXAMINED:
            return
        for path, starts in self.family.starts.items():
            unit = self.snapshot.unit(path)
            if unit is not None and any(self._is_uncertain(unit, start) for start in starts):
                self.family.uncertain.add(path)

    def _is_uncertain(self, unit: Unit, start: int) -> bool:
        use = unit.use_at(start)
        if use < 0:
            return False
        expression = unit.expressions[use]
        sites = list(self.snapshot.definitions(unit, use))
        if expression[0] == Op.MEMBER and expression[4] >= 0:
            # What stands before the dot may be of several types.
            receiver = expression[4]
            for cls in self.snapshot.ask(unit, lambda resolver: resolver.types(unit, receiver)):
                line = (cls, *lineage.ancestors(self.snapshot, cls))
                found = (lineage.members(self.snapshot, each, self.family.name) for each in line)
                sites += next(filter(None, found), [])[:1]
        return any(not self.family.holds(site) for site in sites)


def _distinct(entry: list[Site]) -> list[Site]:
    """One definition for each symbol among several of one scope and name."""
    found: dict[int, Site] = {}
    for site in entry:
        found.setdefault(id_of(site), site)
    return list(found.values())


def _keywords_in(unit: Unit, name: str) -> Iterator[tuple[int, int]]:
    for position, index in unit.uses:
        expression = unit.expressions[index]
        if expression[0] == Op.KEYWORD and expression[3] == name:
            yield index, position
