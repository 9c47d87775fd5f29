"""What could be written at a place: bare names, members, modules and what they export."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from nootropic_lsp.index.candidates import Candidate
from nootropic_lsp.index.facts import Kind, ScopeKind
from nootropic_lsp.index.languages.python.inference import Inference
from nootropic_lsp.index.languages.python.members import metaclass, order
from nootropic_lsp.index.languages.python.names import exports
from nootropic_lsp.index.languages.python.reaching import (
    before,
    final,
    flows,
    member_definitions,
    reaching,
)
from nootropic_lsp.index.languages.python.values import CLASS, FUNCTION, MODULE, Value, Values
from nootropic_lsp.index.units import Site, Unit

# What a module names for others; what it has as well; what it keeps to itself.
_OFFERED, _PRESENT, _PRIVATE, _SPECIAL = range(4)
_DEEPEST = 1_000  # below every class that anybody writes


class Listing:
    """Answers for one state of the world. What is the same for every question is remembered."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._defined: dict[Site, list[tuple[str, Site]]] = {}
        self._of_classes: dict[Site, tuple[Candidate, ...]] = {}
        self._of_modules: dict[Unit, tuple[Candidate, ...]] = {}
        self._builtins: list[Candidate] | None = None

    def remembered(self) -> list[dict[Any, Any]]:
        """All that is remembered about units, which stand in the keys."""
        return [self._defined, self._of_classes, self._of_modules]

    # ---- bare names

    def visible(self, unit: Unit, scope: int, position: int) -> list[Candidate]:
        """Every bare name that can be used at a position of a scope, the nearest first."""
        found: dict[str, Candidate] = {}
        own, depth = scope, 0
        while scope >= 0:
            this = unit.scopes[scope]
            if this.kind != ScopeKind.CLASS or scope == own:
                for name, at in _bound(unit, own, scope, position):
                    if name not in found:
                        found[name] = Candidate(name, Site(unit, at), depth)
                depth += 1
            scope = this.parent
        for candidate in self._starred(unit, {unit}):
            found.setdefault(candidate.name, candidate._replace(depth=depth))
        for candidate in self._built_in():
            if candidate.name not in found:
                found[candidate.name] = candidate
        return list(found.values())

    def _starred(self, unit: Unit, seen: set[Unit]) -> Iterator[Candidate]:
        """What star imports bring into a file; the last one wins."""
        names = self._inference.names
        for star in reversed(unit.stars):
            source = names.unit_at(names.path_of(unit, unit.expressions[star]))
            if source is not None and source not in seen:
                for candidate in self._module_names(source, seen):
                    if exports(source, candidate.name):
                        yield candidate

    def _built_in(self) -> list[Candidate]:
        """The builtins, and behind them what every module has."""
        if self._builtins is None:
            builtins = self._inference.names.builtins()
            known = [
                each
                for each in (() if builtins is None else self._module_names(builtins, set()))
                if each.depth != _PRIVATE
            ]
            special = [
                each
                for each in self._of_type("types", "ModuleType")
                if _is_special(each.name)
                and each.site is not None
                and each.site.definition.kind == Kind.VARIABLE
            ]
            self._builtins = [
                *(Candidate(each.name, each.site, _DEEPEST) for each in known),
                *(Candidate(each.name, each.site, _DEEPEST + 1) for each in special),
            ]
        return self._builtins

    # ---- members

    def members(self, unit: Unit, index: int) -> list[Candidate]:
        """Every member of the values that an expression may have, the nearest first."""
        return self._of_values(self._inference.infer(unit, index))

    def held(self, site: Site) -> list[Candidate]:
        """Every member of the values that a definition may stand for, the nearest first."""
        return self._of_values(self._inference.value_of(site))

    def _of_values(self, values: Values) -> list[Candidate]:
        if len(values) == 1:
            return list(self._members_of(values[0]))
        found: dict[str, Candidate] = {}
        for value in values:
            for candidate in self._members_of(value):
                known = found.get(candidate.name)
                if known is None or candidate.depth < known.depth:
                    found[candidate.name] = candidate
        return sorted(found.values(), key=_by_depth)

    def _members_of(self, value: Value) -> Iterable[Candidate]:
        if value.kind == MODULE:
            return self._module_members(value.path)
        if value.unit is None:
            return ()
        if value.kind == FUNCTION:
            return self._of_type("builtins", "function")
        cls = Site(value.unit, value.at)
        if value.receiver is not None:  # `super()` begins behind the class
            return self._inherited(order(self._inference, cls)[1:])
        own = self._of_class(cls)
        if value.kind != CLASS:
            return own
        metas = metaclass(self._inference, *cls)
        behind = self._of_class(metas[0]) if metas else self._of_type("builtins", "type")
        return _with_fallback(own, behind)

    def _of_class(self, cls: Site) -> tuple[Candidate, ...]:
        """The members of a class and of all that it inherits from."""
        known = self._of_classes.get(cls)
        if known is None:
            owners = order(self._inference, cls)
            known = self._of_classes[cls] = self._inherited(owners)
        return known

    def _inherited(self, owners: Iterable[Site]) -> tuple[Candidate, ...]:
        """The members of classes, the nearest first and the special ones last."""
        found: dict[str, Candidate] = {}
        special: dict[str, Candidate] = {}
        for depth, owner in enumerate(owners):
            for name, site in self._own(owner):
                if _is_special(name):
                    if name not in special:
                        special[name] = Candidate(name, site, _DEEPEST + depth)
                elif name not in found:
                    found[name] = Candidate(name, site, depth)
        return (*found.values(), *special.values())

    def _own(self, cls: Site) -> list[tuple[str, Site]]:
        """The members that a class itself defines, or that its methods assign."""
        known = self._defined.get(cls)
        if known is None:
            unit, body = cls.unit, cls.definition.body
            definitions = unit.definitions
            known = self._defined[cls] = [
                (name, Site(unit, member_definitions(unit, entry)[0]))
                for name, entry in (unit.names[body].items() if body >= 0 else ())
                if definitions[entry[0]].kind != Kind.TYPE_PARAMETER
            ]
        return known

    def _of_type(self, module: str, name: str) -> tuple[Candidate, ...]:
        """The members of a class of the standard library."""
        names = self._inference.names
        path = names.module_path(module, 0, "")
        for site in names.module_member(path, name) if path is not None else ():
            return self._of_class(site)
        return ()

    # ---- modules

    def modules(self, unit: Unit, dotted: str, level: int) -> list[str]:
        """The modules and packages directly below one, "" being the roots."""
        return self._inference.names.submodules(dotted, level, unit.path)

    def exported(self, unit: Unit, dotted: str, level: int) -> list[Candidate]:
        """The names that can be imported from a module, its submodules included."""
        path = self._inference.names.module_path(dotted, level, unit.path)
        if path is None:
            return []
        return self._in_module(path)

    def _module_members(self, path: str) -> tuple[Candidate, ...]:
        return _with_fallback(self._in_module(path), self._of_type("types", "ModuleType"))

    def _in_module(self, path: str) -> list[Candidate]:
        """What a file or the folder of a namespace package holds."""
        names = self._inference.names
        source = names.unit_at(path)
        own = () if source is None else self._module_names(source, set())
        known = {each.name for each in own}
        inside = names.submodules_of(path)
        return sorted(
            [*own, *(Candidate(name, None, _PRESENT) for name in inside if name not in known)],
            key=_by_depth,
        )

    def _module_names(self, unit: Unit, seen: set[Unit]) -> tuple[Candidate, ...]:
        """The names of a file, those of its star imports among them."""
        known = self._of_modules.get(unit)
        if known is None:
            found = {
                name: Candidate(name, Site(unit, final(unit, entry)[0]), _rank(unit, name, entry))
                for name, entry in unit.names[0].items()
            }
            for candidate in self._starred(unit, {*seen, unit}):
                found.setdefault(candidate.name, candidate)
            known = tuple(found.values())
            if not seen:  # in a circle of star imports, it depends on where it is entered
                self._of_modules[unit] = known
        return known


def _bound(unit: Unit, own: int, scope: int, position: int) -> Iterator[tuple[str, int]]:
    """The names of a scope with the definitions that a use in the scope `own` means."""
    definitions = unit.definitions
    in_line = flows(unit, own, scope) and unit.scopes[scope].kind != ScopeKind.COMPREHENSION
    in_class = unit.scopes[scope].kind == ScopeKind.CLASS
    for name, entry in unit.names[scope].items():
        if in_class:
            entry = [at for at in entry if definitions[at].kind != Kind.ATTRIBUTE]
        if not in_line:
            yield name, final(unit, entry)[0]
        elif before(unit, entry, position):
            yield name, reaching(unit, entry, position)[0]


def _rank(unit: Unit, name: str, entry: list[int]) -> int:
    """How much a name of a module is meant for others."""
    if _is_special(name):
        return _SPECIAL
    if unit.exports is not None and name in unit.exports:
        return _OFFERED
    if name.startswith("_"):
        return _PRIVATE
    if unit.exports is not None:
        return _PRESENT
    is_only_used = unit.definitions[entry[0]].kind == Kind.IMPORT
    return _PRESENT if is_only_used and "/__init__." not in unit.path else _OFFERED


def _with_fallback(near: Sequence[Candidate], behind: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Members, and below all of them what every value of the kind has."""
    names = {each.name for each in near}
    return (
        *near,
        *(
            Candidate(name, site, 2 * _DEEPEST + depth)
            for name, site, depth in behind
            if name not in names
        ),
    )


def _is_special(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _by_depth(candidate: Candidate) -> int:
    return candidate.depth
