"""What is inside arrays, maps, promises and whatever else can be gone through."""

from __future__ import annotations

from nootropic_lsp.index.facts import Expression, Op
from nootropic_lsp.index.languages.javascript.questions import Questions
from nootropic_lsp.index.languages.javascript.values import (
    INSTANCE,
    MAPS,
    NOTHING,
    OBJECT,
    PROMISES,
    SEQUENCES,
    Value,
    Values,
    bound_to,
    distinct,
    type_name,
)
from nootropic_lsp.index.units import Site, Unit


class Containers:
    """Elements for one state of the world."""

    def __init__(self, questions: Questions) -> None:
        self.all = questions

    def awaited(self, values: Values) -> Values:
        """What `await` makes of values."""
        found: list[Value] = []
        for value in values:
            if type_name(value) in PROMISES:
                found += value.arguments[0] if value.arguments else ()
            else:
                found.append(value)
        return distinct(found)

    def elements(self, values: Values) -> Values:
        """What iterating over values gives."""
        found: list[Value] = []
        for value in values:
            name = type_name(value)
            if name in SEQUENCES:
                found += value.arguments[0] if value.arguments else ()
            elif name in MAPS:
                if len(value.arguments) > 1 and value.unit is not None:
                    key, item = value.arguments[:2]
                    found += self.all.builtin(
                        value.unit, "tuple", (distinct((*key, *item)), key, item)
                    )
            elif name == "String":
                found.append(value)
            elif value.kind in (INSTANCE, OBJECT) and value.unit is not None:
                found += self._iterated(value)
        return distinct(found)

    def _iterated(self, value: Value) -> Values:
        if value.kind == INSTANCE:
            for owner, bound in self.all.lineage(value)[1:]:
                if owner.definition.name in SEQUENCES:
                    for index in self.all.type_parameters(owner)[:1]:
                        return bound_to(bound, Site(owner.unit, index)) or NOTHING
        for name in ("[Symbol.iterator]", "[Symbol.asyncIterator]"):
            for site, bound in self.all.member(value, name)[:1]:
                return self.elements(tuple(v for v in self.all.returned(site, bound) if v != value))
        return NOTHING

    def unpacked(self, values: Values, position: int) -> Values:
        found: list[Value] = []
        for value in values:
            if value.path == "tuple" or (value.unit is None and len(value.arguments) > 1):
                if position + 1 < len(value.arguments):
                    found += value.arguments[position + 1]
            else:
                found += self.elements((value,))
        return distinct(found)

    def item(self, unit: Unit, expression: Expression) -> Values:
        _, container, index = expression
        values = self.all.infer(unit, container)
        at = unit.expressions[index] if index >= 0 else ()
        if at and at[0] == Op.DISPLAY and at[1] == "<>":
            arguments = tuple(self.all.annotated(unit, part, ()) for part in at[2:])
            return tuple(value._replace(arguments=arguments) for value in values)
        found: list[Value] = []
        for value in values:
            if type_name(value) in SEQUENCES:
                found += value.arguments[0] if value.arguments else ()
            elif value.path == "Record":
                found += value.arguments[1] if len(value.arguments) > 1 else ()
            else:
                found += self._indexed(value)
        return distinct(found)

    def _indexed(self, value: Value) -> Values:
        """What an index signature of a type gives."""
        for site, bound in self.all.index_member(value):
            return self.all.annotated(site.unit, site.definition.annotation, bound)
        return NOTHING
