"""What a type is made of: its declarations, supertypes and type parameters."""

from __future__ import annotations

from collections.abc import Hashable

from nootropic_lsp.index.facts import Kind, Op
from nootropic_lsp.index.languages.javascript.questions import Questions
from nootropic_lsp.index.languages.javascript.values import (
    CLASS,
    CLASSES,
    FUNCTION,
    FUNCTIONS,
    INSTANCE,
    OBJECT,
    Ancestry,
    Bound,
    Value,
    Values,
    distinct,
)
from nootropic_lsp.index.units import Site, Unit

_MOST_BASES = 40


class Lineage:
    """Supertypes for one state of the world."""

    def __init__(self, questions: Questions) -> None:
        self.all = questions
        self.known: dict[Hashable, tuple[Ancestry, int]] = {}
        self._climbing: set[Hashable] = set()

    def lineage(self, value: Value) -> list[tuple[Site, Bound]]:
        """A type's declarations and then those of its supertypes, nearest first."""
        return self.ancestry(value)[0]

    def ancestry(self, value: Value) -> Ancestry:
        """The declarations of a type and its supertypes, and the object types among those."""
        key: Hashable = value if value.arguments else (value.unit, value.index, value.kind)
        if key in self._climbing:  # a base that is looked for in the type itself
            self.all.memo.lowest = -1
            return [(Site(value.unit, value.index), ())] if value.unit is not None else [], []
        return self.all.memo.keep(self.known, key, lambda: self._climb(value, key))

    def _climb(self, value: Value, key: Hashable) -> Ancestry:
        self._climbing.add(key)
        found: list[tuple[Site, Bound]] = []
        objects: list[Value] = []
        queue = [value]
        seen: set[tuple[Unit | None, int]] = set()
        while queue and len(found) < _MOST_BASES:
            current = queue.pop(0)
            if current.unit is None or current.kind not in (CLASS, INSTANCE):
                if current.kind == OBJECT:
                    objects.append(current)
                continue
            if (current.unit, current.index) in seen:
                continue
            seen.add((current.unit, current.index))
            bases: list[Value] = []
            for site in self.declarations(Site(current.unit, current.index)):
                bound = self._bind_parameters(site, current, value)
                found.append((site, bound))
                bases += self.bases(site, bound, current.kind)
            queue = [*bases, *queue]
        self._climbing.remove(key)
        return found, objects

    def bases(self, site: Site, bound: Bound, kind: int) -> list[Value]:
        bases: list[Value] = []
        definition = site.definition
        for base in definition.related if definition.kind in CLASSES else ():
            bases += [
                parent._replace(kind=kind) if parent.kind in (CLASS, INSTANCE) else parent
                for parent in self.base_values(site, base, bound)
            ]
        return bases

    def base_values(self, site: Site, base: int, bound: Bound) -> Values:
        """The types, as instances, that one expression behind `extends` or `implements` names."""
        unit = site.unit
        if site.definition.kind == Kind.INTERFACE:
            return self.all.annotated(unit, base, bound)
        expression = unit.expressions[base]
        arguments: tuple[Values, ...] = ()
        head = base
        if expression[0] == Op.ITEM and expression[2] >= 0:
            head = expression[1]
            parts = unit.expressions[expression[2]]
            if parts[0] == Op.DISPLAY:
                arguments = tuple(self.all.annotated(unit, part, bound) for part in parts[2:])
        found: list[Value] = []
        for value in self.all.infer(unit, head):
            if value.kind == CLASS:
                given = arguments or value.arguments
                found.append(value._replace(kind=INSTANCE, arguments=given))
            elif value.kind == FUNCTION:
                found.append(Value(INSTANCE, value.unit, value.index))
            elif value.kind in (INSTANCE, OBJECT):
                found += self.all.constructed(value, arguments)
        return distinct(found) or self.all.annotated(unit, base, bound)

    def declarations(self, site: Site) -> list[Site]:
        """All declarations that make up one type: those of one name in one scope are merged."""
        unit, definition = site.unit, site.definition
        if not definition.name or definition.kind not in CLASSES:
            return [site]
        entry = unit.names[definition.scope].get(definition.name, ())
        found = [Site(unit, i) for i in entry if unit.definitions[i].kind in CLASSES] or [site]
        tables = self.all.names.tables(unit)
        scope = definition.scope
        if (scope == 0 and not tables.is_module) or scope in tables.globals:
            for other in self.all.names.global_sites(unit, definition.name):
                if other not in found and other.definition.kind in CLASSES:
                    found.append(other)
        if site in found and found[0] != site:
            found.remove(site)
            found.insert(0, site)
        return found

    def type_parameters(self, site: Site) -> list[int]:
        """The definitions of the type parameters of a class, alias or function, in order."""
        unit, definition = site.unit, site.definition
        if definition.kind in FUNCTIONS:
            scope = definition.body
        else:
            scope = self.all.names.tables(unit).parameters(site.index)
        if scope < 0:
            return []
        return sorted(
            index
            for entry in unit.names[scope].values()
            for index in entry
            if unit.definitions[index].kind == Kind.TYPE_PARAMETER
        )

    def _bind_parameters(self, site: Site, value: Value, this: Value) -> Bound:
        """What the type parameters of a declaration stand for in a value of it."""
        own: Bound = ((None, (this._replace(kind=INSTANCE),)),)
        parameters = self.type_parameters(site)
        if not parameters:
            return own
        return (*self.bind(site.unit, parameters, value.arguments), *own)

    def bind(self, unit: Unit, parameters: list[int], arguments: tuple[Values, ...]) -> Bound:
        bound: list[tuple[Site | None, Values]] = []
        for position, index in enumerate(parameters):
            if position < len(arguments):
                bound.append((Site(unit, index), arguments[position]))
            else:
                default = unit.definitions[index].value
                if default >= 0:
                    bound.append(
                        (Site(unit, index), self.all.annotated(unit, default, tuple(bound)))
                    )
        return tuple(bound)

    def defaults(self, site: Site) -> tuple[Values, ...]:
        parameters = self.type_parameters(site)
        if not any(site.unit.definitions[index].value >= 0 for index in parameters):
            return ()
        return tuple(
            self.all.annotated(site.unit, site.unit.definitions[index].value, ())
            for index in parameters
        )
