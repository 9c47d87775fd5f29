"""What annotations name."""

from __future__ import annotations

from nootropic_lsp.index.facts import Expression, Kind, Op, Role
from nootropic_lsp.index.languages.javascript.questions import Questions
from nootropic_lsp.index.languages.javascript.values import (
    CLASS,
    FUNCTION,
    INSTANCE,
    MODULE,
    NOTHING,
    OBJECT,
    Bound,
    Value,
    Values,
    bound_to,
    distinct,
    light,
)
from nootropic_lsp.index.units import Site, Unit

# Types of the library that are what they are applied to, as far as members go.
_TRANSPARENT = frozenset(
    {
        "Readonly", "Partial", "Required", "NonNullable", "Pick", "Omit", "Exclude", "Extract",
        "NoInfer", "ThisType", "DeepReadonly",
    }
)  # fmt: skip


class Declared:
    """Types as they are written, for one state of the world."""

    def __init__(self, questions: Questions) -> None:
        self.all = questions

    def annotated(self, unit: Unit, index: int, bound: Bound) -> Values:
        """Values of the type that an annotation names."""
        if index < 0:
            return NOTHING
        if not self.all.memo.enter():
            return NOTHING
        values = light(self._annotated(unit, unit.expressions[index], index, bound))
        self.all.memo.depth -= 1
        return values

    def _annotated(self, unit: Unit, expression: Expression, index: int, bound: Bound) -> Values:
        operator = expression[0]
        if operator in (Op.NAME, Op.MEMBER):
            return self._annotated_name(unit, index, expression, bound)
        if operator == Op.ITEM:
            return self._annotated_generic(unit, expression, bound)
        if operator == Op.EITHER:
            return distinct(
                value for part in expression[1:] for value in self.annotated(unit, part, bound)
            )
        if operator == Op.LITERAL:
            return self.all.builtin(unit, expression[1])
        if operator == Op.DISPLAY:
            parts = [self.annotated(unit, part, bound) for part in expression[2:]]
            items = distinct(value for part in parts for value in part)
            return self.all.builtin(unit, expression[1], (items, *parts))
        if operator == Op.OBJECT:
            return (Value(OBJECT, unit, expression[1], (), bound),)
        if operator == Op.FUNCTION:
            return (Value(FUNCTION, unit, expression[1], (), bound),)
        if operator == Op.BINARY and expression[1] == "&":
            return distinct(
                value for part in expression[2:] for value in self.annotated(unit, part, bound)
            )
        if operator == Op.TYPEOF:
            return self.all.infer(unit, expression[1])
        if operator == Op.INSTANCE:
            return self.annotated(unit, expression[1], bound)
        if operator == Op.ELEMENT:
            return self.all.elements(self.annotated(unit, expression[1], bound))
        if operator == Op.MODULE:
            return self.all.infer(unit, index)
        return NOTHING

    def _annotated_name(
        self, unit: Unit, index: int, expression: Expression, bound: Bound
    ) -> Values:
        if expression[0] == Op.NAME and expression[3] == "this" and expression[2] < 0:
            return bound_to(bound, None) or self.all.this(unit, expression[4], "this")
        if expression[0] == Op.MEMBER and expression[4] >= 0:
            receiver = unit.expressions[expression[4]]
            if receiver[0] == Op.INSTANCE:  # `Foo["bar"]`
                return distinct(
                    found
                    for value in self.annotated(unit, receiver[1], bound)
                    for found in self.all.member_values(value, expression[3])
                )
        found: list[Value] = []
        for site in self.all.follow(self.type_sites(unit, index)):
            found += self._of_type(site, (), bound)
            if found:
                break
        return distinct(found)

    def type_sites(self, unit: Unit, index: int) -> list[Site]:
        expression = unit.expressions[index]
        if expression[0] == Op.NAME:
            return self.all.names.named(unit, expression[3], expression[4], Role.TYPE)
        if expression[0] == Op.MEMBER:
            return self.all.members_of(unit, expression)
        return []

    def _of_type(self, site: Site, arguments: tuple[Values, ...], bound: Bound) -> Values:
        """Values of a declared type with the arguments that it is applied to."""
        unit, definition = site.unit, site.definition
        kind = definition.kind
        if kind == Kind.TYPE_PARAMETER:
            known = bound_to(bound, site)
            if known is not None:
                return known
            return self.annotated(unit, definition.annotation, bound)
        if kind in (Kind.CLASS, Kind.INTERFACE, Kind.ENUM):
            if not definition.name or kind == Kind.ENUM or arguments:
                return (Value(INSTANCE, unit, site.index, arguments),)
            return (Value(INSTANCE, unit, site.index, self.all.defaults(site)),)
        if kind == Kind.TYPE:
            parameters = self.all.type_parameters(site)
            own = self.all.bind(unit, parameters, arguments)
            if own:
                return self.annotated(unit, definition.value, own)
            return self._alias(site)
        if kind == Kind.ENUM_MEMBER:
            return (Value(INSTANCE, unit, unit.scopes[definition.scope].owner),)
        if kind == Kind.MODULE:
            return (Value(MODULE, unit, 0),)
        if kind in (Kind.FUNCTION, Kind.VARIABLE, Kind.CONSTANT):
            # A constructor function, or a class that is the value of a name, in JSDoc.
            return tuple(
                value._replace(kind=INSTANCE)
                for value in self.all.value_of(site)
                if value.kind in (CLASS, FUNCTION)
            )
        return NOTHING

    def _alias(self, site: Site) -> Values:
        return self.annotated(site.unit, site.definition.value, ())

    def _annotated_generic(self, unit: Unit, expression: Expression, bound: Bound) -> Values:
        _, head, inside = expression
        target = unit.expressions[head]
        name = target[3] if target[0] <= Op.MEMBER else ""
        parts = unit.expressions[inside][2:] if inside >= 0 else ()
        sites = self.all.follow(self.type_sites(unit, head))
        arguments = tuple(self.annotated(unit, part, bound) for part in parts)
        if not sites or not self._is_ours(sites[0]):
            special = self._special(unit, name, arguments)
            if special is not None:
                return special
        found: list[Value] = []
        for site in sites:
            found += self._of_type(site, arguments, bound)
            if found:
                break
        return distinct(found) if sites else self.all.builtin(unit, name, arguments)

    def _is_ours(self, site: Site) -> bool:
        """Whether a type is declared by the program rather than by TypeScript."""
        return "/node_modules/" not in site.unit.path

    def _special(self, unit: Unit, name: str, arguments: tuple[Values, ...]) -> Values | None:
        if not arguments:
            return None
        first = arguments[0]
        if name in _TRANSPARENT:
            return first
        if name == "Awaited":
            return self.all.awaited(first)
        if name == "ReturnType":
            return distinct(found for value in first for found in self.all.called(value))
        if name == "InstanceType":
            return tuple(value._replace(kind=INSTANCE) for value in first if value.kind == CLASS)
        if name == "Record" and len(arguments) > 1:
            return (Value(INSTANCE, None, 0, arguments, (), "Record"),)
        if name == "Object" and len(arguments) > 1:
            return (Value(INSTANCE, None, 0, arguments, (), "Record"),)
        return None
