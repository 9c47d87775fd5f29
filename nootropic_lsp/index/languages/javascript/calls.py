"""What calls run and give: overloads, constructors, returns, and what callbacks are given."""

from __future__ import annotations

from nootropic_lsp.index.facts import Expression, Flag, Kind, Op
from nootropic_lsp.index.languages.javascript.questions import Questions
from nootropic_lsp.index.languages.javascript.values import (
    CLASS,
    FUNCTION,
    FUNCTIONS,
    INSTANCE,
    NOTHING,
    OBJECT,
    Bound,
    Given,
    Value,
    Values,
    bound_to,
    distinct,
    type_name,
)
from nootropic_lsp.index.units import Site, Unit


class Calls:
    """Calls for one state of the world."""

    def __init__(self, questions: Questions) -> None:
        self.all = questions

    def call(self, unit: Unit, expression: Expression) -> Values:
        function, explicit = _applied(unit, expression[1])
        target = unit.expressions[function]
        if target[0] == Op.NAME and target[3] == "super" and target[2] < 0:
            return NOTHING
        found: list[Value] = []
        for value in self.all.infer(unit, function):
            found += self.called(value, given_by(unit, expression), explicit)
        if not found and target[0] == Op.MEMBER and target[3] == "bind":
            return self.all.infer(unit, target[4])
        return distinct(found)

    def called(self, value: Value, given: Given | None = None, explicit: int = -1) -> Values:
        """What a call of a value gives."""
        for site, bound in self.callables(value, given):
            values = self.returned(site, bound, given, explicit)
            if values:
                return values
        return NOTHING

    def callables(self, value: Value, given: Given | None = None) -> list[tuple[Site, Bound]]:
        """The functions that may run when a value is called, the fitting overloads first."""
        unit = value.unit
        if unit is None:
            return []
        if value.kind == FUNCTION:
            site = Site(unit, value.index)
            sites = [Site(unit, i) for i in self.overloads(site, given, value.bound)]
            return [(site, value.bound) for site in sites]
        if value.kind == OBJECT:
            return [
                (Site(unit, index), value.bound) for index in unit.names[value.index].get("(", ())
            ]
        if value.kind == INSTANCE:
            found: list[tuple[Site, Bound]] = []
            for owner, bound in self.all.lineage(value):
                scope = owner.definition.body
                self.all.touched.add((owner.unit, "("))
                entry = owner.unit.names[scope].get("(", ()) if scope >= 0 else ()
                found += [(Site(owner.unit, index), bound) for index in entry]
            fitting = [pair for pair in found if _takes(pair[0], self.parameters(pair[0]), given)]
            return fitting or found
        return []

    def overloads(self, site: Site, given: Given | None, bound: Bound = ()) -> list[int]:
        """The signatures of a function that fit the number of arguments, or else all of them."""
        unit, definition = site.unit, site.definition
        if not definition.name:
            return [site.index]
        entry = unit.names[definition.scope].get(definition.name, ())
        static = definition.flags & Flag.STATIC
        same = [
            index
            for index in entry
            if unit.definitions[index].kind == definition.kind
            and unit.definitions[index].flags & Flag.STATIC == static
        ]
        if len(same) < 2:
            return [site.index]
        signatures = [i for i in same if unit.definitions[i].head_end == 0] or same
        fitting = [
            index
            for index in signatures
            if _takes(Site(unit, index), self.parameters(Site(unit, index)), given)
        ]
        if given is not None and len(fitting) > 1:
            fitting = [i for i in fitting if self._accepts(Site(unit, i), given, bound)] or fitting
        return fitting or signatures

    def _accepts(self, signature: Site, given: Given, bound: Bound) -> bool:
        """Whether nothing that is known of the arguments speaks against a signature."""
        unit = signature.unit
        for parameter, argument in zip(self.parameters(signature), given[1:3], strict=False):
            annotation = unit.definitions[parameter].annotation
            if annotation < 0 or argument < 0:
                continue
            has = self.all.infer(given[0], argument)
            functions = bool(has) and all(value.kind == FUNCTION for value in has)
            if functions and self._guards(unit, annotation) and not any(map(self._is_guard, has)):
                return False
            wants = self.all.annotated(unit, annotation, bound)
            sorts = {self._sort(value) for value in has}
            wanted = {self._sort(value) for value in wants}
            if sorts and wanted and "" not in sorts | wanted and not sorts & wanted:
                return False
        return True

    def _guards(self, unit: Unit, annotation: int) -> bool:
        """Whether an annotation wants a function that tests for a type."""
        expression = unit.expressions[annotation]
        if expression[0] != Op.FUNCTION:
            return False
        returned = unit.definitions[expression[1]].annotation
        return returned >= 0 and unit.expressions[returned][0] == Op.BINARY

    def _is_guard(self, value: Value) -> bool:
        if value.unit is None:
            return False
        returned = value.unit.definitions[value.index].annotation
        return returned >= 0 and value.unit.expressions[returned][:2] == (Op.BINARY, "is")

    def _sort(self, value: Value) -> str:
        """A rough sort of values: two different ones exclude each other; "" says nothing."""
        if value.kind == FUNCTION:
            return "function"
        if value.kind == OBJECT:
            callable_ = value.unit is not None and self.callables(value)
            return "function" if callable_ else "object"
        name = type_name(value)
        if name in ("String", "Number", "Boolean", "BigInt", "Symbol"):
            return name
        if name in ("Array", "ReadonlyArray"):
            return "array"
        if value.kind == INSTANCE and value.unit is not None:
            definition = value.unit.definitions[value.index]
            return "object" if definition.kind == Kind.CLASS else ""
        return ""

    def parameters(self, function: Site) -> list[int]:
        """The parameters of a function, in order."""
        if function.definition.body < 0:
            return []
        return self.all.names.tables(function.unit).taken(function.index)

    def returned(
        self,
        function: Site,
        bound: Bound = (),
        given: Given | None = None,
        explicit: int = -1,
    ) -> Values:
        """What a function gives back, by its annotation or else by its return statements."""
        unit, definition = function.unit, function.definition
        if definition.kind not in FUNCTIONS or not self.all.memo.enter():
            return NOTHING
        if definition.annotation >= 0:
            solved = self.all.solved(function, bound, given, explicit)
            values = self.all.annotated(unit, definition.annotation, solved)
        else:
            values = self._result(function, self.all.infer(unit, definition.value), bound)
        self.all.memo.depth -= 1
        return values

    def _result(self, function: Site, values: Values, bound: Bound) -> Values:
        """What a call gives of a function that returns, or yields, values."""
        flags = function.definition.flags
        if flags & Flag.GENERATOR:
            name = "AsyncGenerator" if flags & Flag.ASYNC else "Generator"
            return self.all.builtin(function.unit, name, (values,))
        if flags & Flag.ASYNC:
            return self.all.builtin(function.unit, "Promise", (values,))
        receiver = bound_to(bound, None)
        if receiver:  # a method that returns `this` returns what it was called on
            own = self.all.receiver(function.unit, function.index, "this")
            return tuple(receiver[0] if value in own else value for value in values)
        return values

    def made(self, unit: Unit, cls: int) -> Values:
        expression = unit.expressions[cls]
        arguments: tuple[Values, ...] = ()
        if expression[0] == Op.ITEM and expression[2] >= 0:
            inside = unit.expressions[expression[2]]
            if inside[0] == Op.DISPLAY and inside[1] == "<>":
                arguments = tuple(self.all.annotated(unit, part, ()) for part in inside[2:])
                cls = expression[1]
        found: list[Value] = []
        for value in self.all.infer(unit, cls):
            if value.kind == CLASS:
                given = arguments or value.arguments
                found.append(Value(INSTANCE, value.unit, value.index, given))
            elif value.kind == FUNCTION and value.unit is not None:
                if value.unit.definitions[value.index].kind == Kind.CONSTRUCTOR:
                    found += self.returned(Site(value.unit, value.index), value.bound)
                else:
                    found.append(Value(INSTANCE, value.unit, value.index))
            else:
                found += self.constructed(value, arguments)
        return distinct(found)

    def constructed(self, value: Value, arguments: tuple[Values, ...]) -> Values:
        """What `new` of a value gives whose type has a construct signature."""
        for site, bound in self.all.member(value, "new"):
            definition = site.definition
            if definition.kind == Kind.CONSTRUCTOR:
                overloads = self.overloads(site, None)
                for index in overloads:
                    signature = Site(site.unit, index)
                    parameters = self.all.type_parameters(signature)
                    if bool(parameters) == bool(arguments) or index == overloads[-1]:
                        solved = (*self.all.bind(site.unit, parameters, arguments), *bound)
                        made = self.all.annotated(
                            site.unit, signature.definition.annotation, solved
                        )
                        return made
        return NOTHING

    def expected(self, unit: Unit, expression: Expression) -> Values:
        """What the function that is called takes at a position."""
        _, called, position, first = expression
        target = unit.expressions[called]
        function, explicit = _applied(unit, called)
        for value in self.all.infer(unit, function):
            if target[0] == Op.NEW:
                signatures = self._constructors(value)
            else:
                signatures = self.callables(value)
            for site, bound in signatures:
                parameters = self.parameters(site)
                if not parameters:
                    continue
                at = parameters[min(position, len(parameters) - 1)]
                parameter = site.unit.definitions[at]
                variadic = parameter.flags & Flag.VARIADIC
                if (position >= len(parameters) and not variadic) or parameter.annotation < 0:
                    continue
                given = (unit, first, -1, -1)
                solved = self.all.solved(site, bound, given, explicit)
                values = self.all.annotated(site.unit, parameter.annotation, solved)
                if variadic:
                    values = self.all.elements(values)
                if values:
                    return values
        return NOTHING

    def _constructors(self, made: Value) -> list[tuple[Site, Bound]]:
        """The constructors of the class of a new object."""
        if made.unit is None or made.kind != INSTANCE:
            return []
        for owner, bound in self.all.lineage(made):
            body = owner.definition.body
            if owner.definition.kind == Kind.CLASS and body >= 0:
                entry = owner.unit.names[body].get("constructor")
                if entry:
                    return [(Site(owner.unit, index), bound) for index in entry]
            elif owner.definition.kind == Kind.FUNCTION:
                return [(owner, bound)]
        name = made.unit.definitions[made.index].name
        for site in self.all.names.global_sites(made.unit, name):
            if site.definition.annotation >= 0:
                for value in self.all.value_of(site):
                    return [
                        (Site(found.unit, index), bound)
                        for found, bound in self.all.member(value, "new")[:1]
                        for index in self.overloads(found, None)
                    ]
        return []

    def property_of(self, unit: Unit, expression: Expression) -> list[tuple[Site, Bound]]:
        """The member of a component's properties that a KEYWORD names."""
        name, component = expression[3], expression[4]
        for value in self.all.infer(unit, component):
            properties: Values = NOTHING
            if value.kind == CLASS:
                instance = value._replace(kind=INSTANCE)
                properties = self.all.member_values(instance, "props")
            else:
                for site, bound in self.callables(value):
                    for at in self.parameters(site)[:1]:
                        properties = self.all.value_of(Site(site.unit, at), bound)
                    if properties:
                        break
            for given in properties:
                found = self.all.member(given, name)
                if found:
                    return found
        return []


def _takes(site: Site, parameters: list[int], given: Given | None) -> bool:
    """Whether a signature can be called with as many arguments as are given."""
    if given is None:
        return True
    count = given[3]
    definitions = site.unit.definitions
    flags = [definitions[index].flags for index in parameters]
    needed = sum(not flag & (Flag.HAS_DEFAULT | Flag.VARIADIC) for flag in flags)
    most = len(flags) if not any(flag & Flag.VARIADIC for flag in flags) else 1 << 20
    return needed <= count <= most


def given_by(unit: Unit, call: Expression) -> Given:
    """What a CALL gives to the function."""
    first, second = call[2:4]
    n_given = call[4] if len(call) > 4 else (first >= 0) + (second >= 0)
    return unit, first, second, n_given


def _applied(unit: Unit, function: int) -> tuple[int, int]:
    """A function without the type arguments that it is called with, and those, or -1."""
    target = unit.expressions[function]
    if target[0] == Op.ITEM and target[2] >= 0:
        inside = unit.expressions[target[2]]
        if inside[0] == Op.DISPLAY and inside[1] == "<>":
            return target[1], target[2]
    return function, -1
