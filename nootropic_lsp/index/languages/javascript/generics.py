"""What type parameters stand for in one call of a function."""

from __future__ import annotations

from nootropic_lsp.index.facts import Expression, Kind, Op, Role
from nootropic_lsp.index.languages.javascript.questions import Questions
from nootropic_lsp.index.languages.javascript.values import (
    FUNCTION,
    NOTHING,
    PROMISES,
    SEQUENCES,
    Bound,
    Given,
    Value,
    Values,
    bound_to,
    distinct,
)
from nootropic_lsp.index.units import Site, Unit


class Generics:
    """Solves type parameters by the arguments of calls."""

    def __init__(self, questions: Questions) -> None:
        self.all = questions

    def solved(self, function: Site, bound: Bound, given: Given | None, explicit: int) -> Bound:
        """What type parameters stand for in one call of a function."""
        parameters = self.all.type_parameters(function)
        if not parameters or given is None:
            return bound
        unit = function.unit
        if explicit >= 0:
            written = tuple(
                self.all.annotated(given[0], part, ())
                for part in given[0].expressions[explicit][2:]
            )
            return (*self.all.bind(unit, parameters, written), *bound)
        wanted = {Site(unit, index): list[Value]() for index in parameters}
        for parameter, argument in zip(self.all.parameters(function), given[1:3], strict=False):
            annotation = unit.definitions[parameter].annotation
            if annotation >= 0 and argument >= 0:
                self._unify(unit, annotation, self.all.infer(given[0], argument), wanted, 0)
        solved: list[tuple[Site | None, Values]] = [
            (site, distinct(values)) for site, values in wanted.items() if values
        ]
        for site, values in wanted.items():
            default = unit.definitions[site.index].value
            if not values and default >= 0:
                solved.append((site, self.all.annotated(unit, default, tuple(solved))))
        return (*solved, *bound)

    def _unify(
        self,
        unit: Unit,
        annotation: int,
        values: Values,
        wanted: dict[Site, list[Value]],
        depth: int,
    ) -> None:
        """Collect what type parameters in an annotation are, given values of it."""
        if annotation < 0 or not values or depth > 5:
            return
        expression = unit.expressions[annotation]
        operator = expression[0]
        if operator == Op.NAME:
            for site in self.all.names.named(unit, expression[3], expression[4], Role.TYPE)[:1]:
                if site in wanted:
                    wanted[site] += values
        elif operator in (Op.EITHER, Op.BINARY):
            for part in expression[1:] if operator == Op.EITHER else expression[2:]:
                self._unify(unit, part, values, wanted, depth + 1)
        elif operator == Op.DISPLAY:
            for position, part in enumerate(expression[2:]):
                tuple_ = expression[1] == "tuple"
                inner = self.all.unpacked(values, position) if tuple_ else self.all.elements(values)
                self._unify(unit, part, inner, wanted, depth + 1)
        elif operator == Op.FUNCTION:
            returned = unit.definitions[expression[1]].annotation
            for value in values:
                if value.kind == FUNCTION:
                    self._unify(unit, returned, self.all.called(value), wanted, depth + 1)
        elif operator == Op.ITEM and expression[2] >= 0:
            self._unify_generic(unit, expression, values, wanted, depth)
        elif operator == Op.OBJECT:
            self._unify_object(unit, expression[1], values, wanted, depth)

    def _unify_object(
        self, unit: Unit, scope: int, values: Values, wanted: dict[Site, list[Value]], depth: int
    ) -> None:
        for name, entry in unit.names[scope].items():
            annotation = unit.definitions[entry[0]].annotation
            if annotation >= 0:
                for value in values:
                    inner = self.all.member_values(value, name)
                    self._unify(unit, annotation, inner, wanted, depth + 1)

    def _unify_generic(
        self,
        unit: Unit,
        expression: Expression,
        values: Values,
        wanted: dict[Site, list[Value]],
        depth: int,
    ) -> None:
        head = unit.expressions[expression[1]]
        parts = unit.expressions[expression[2]][2:]
        name = head[3] if head[0] <= Op.MEMBER else ""
        if name in PROMISES and parts:
            self._unify(unit, parts[0], self.all.awaited(values), wanted, depth + 1)
            return
        if name in SEQUENCES and parts:
            self._unify(unit, parts[0], self.all.elements(values), wanted, depth + 1)
            return
        for target in self.all.follow(self.all.type_sites(unit, expression[1]))[:1]:
            if target.definition.kind == Kind.TYPE:
                self._unify_alias(unit, parts, target, values, wanted, depth)
                return
            for value in values:
                for owner, bound in self.all.lineage(value) if value.unit is not None else ():
                    if owner == target:
                        for index, part in zip(
                            self.all.type_parameters(owner), parts, strict=False
                        ):
                            known = bound_to(bound, Site(owner.unit, index))
                            self._unify(unit, part, known or NOTHING, wanted, depth + 1)
                        break

    def _unify_alias(
        self,
        unit: Unit,
        parts: tuple[int, ...],
        alias: Site,
        values: Values,
        wanted: dict[Site, list[Value]],
        depth: int,
    ) -> None:
        own = {Site(alias.unit, index): list[Value]() for index in self.all.type_parameters(alias)}
        self._unify(alias.unit, alias.definition.value, values, own, depth + 1)
        for known, part in zip(own.values(), parts, strict=False):
            self._unify(unit, part, tuple(known), wanted, depth + 1)
