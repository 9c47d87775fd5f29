"""What expressions stand for: from annotations, constructors, returns and the like.

Nothing is executed and no fixpoint is computed; an unknown stays unknown.
"""

from __future__ import annotations

from typing import Any

from nootropic_lsp.index.facts import Expression, Flag, Kind, Op, ScopeKind
from nootropic_lsp.index.languages.javascript.calls import Calls
from nootropic_lsp.index.languages.javascript.containers import Containers
from nootropic_lsp.index.languages.javascript.declared import Declared
from nootropic_lsp.index.languages.javascript.generics import Generics
from nootropic_lsp.index.languages.javascript.lineage import Lineage
from nootropic_lsp.index.languages.javascript.members import Members
from nootropic_lsp.index.languages.javascript.names import Names
from nootropic_lsp.index.languages.javascript.values import (
    CLASS,
    FUNCTION,
    FUNCTIONS,
    INSTANCE,
    MODULE,
    NOTHING,
    OBJECT,
    Bound,
    Value,
    Values,
    distinct,
    type_name,
)
from nootropic_lsp.index.languages.memo import Memo
from nootropic_lsp.index.units import Site, Unit, World

_DEEPEST = 48  # enough for every chain a person writes


class Inference:
    """Types for one state of the world; the parts that it is made of ask each other through it."""

    def __init__(self, world: World) -> None:
        self.names = Names(world)
        self.touched = self.names.touched
        self.memo: Memo[Value] = Memo(self.touched, deepest=_DEEPEST)
        self.members = Members(self)
        self.lines = Lineage(self)
        self.calls = Calls(self)
        self.generics = Generics(self)
        self.containers = Containers(self)
        self.declared = Declared(self)
        self.follow = self.members.follow
        self.member = self.members.member
        self.member_values = self.members.member_values
        self.members_of = self.members.members_of
        self.index_member = self.members.index_member
        self.ancestry = self.lines.ancestry
        self.lineage = self.lines.lineage
        self.declarations = self.lines.declarations
        self.type_parameters = self.lines.type_parameters
        self.bind = self.lines.bind
        self.defaults = self.lines.defaults
        self.called = self.calls.called
        self.constructed = self.calls.constructed
        self.parameters = self.calls.parameters
        self.returned = self.calls.returned
        self.solved = self.generics.solved
        self.awaited = self.containers.awaited
        self.elements = self.containers.elements
        self.unpacked = self.containers.unpacked
        self.annotated = self.declared.annotated
        self.type_sites = self.declared.type_sites

    def forget(self, unit: Unit) -> None:
        """Drop what only the expressions of this file needed."""
        self.memo.forget(unit)

    def remembered(self) -> list[dict[Any, Any]]:
        """All that is remembered about units, which stand in the keys."""
        return [
            self.memo.known,
            self.members.known,
            self.lines.known,
            self.names.known,
        ]

    def ask(self) -> None:
        """Begin a question: what it may cost is limited."""
        self.memo.begin()

    def infer(self, unit: Unit, index: int) -> Values:
        """What an expression may stand for; empty when it is not known."""
        return self.memo.solve(unit, index, self._found) if index >= 0 else NOTHING

    def value_of(self, site: Site, bound: Bound = ()) -> Values:
        """What a definition binds its name to."""
        if bound:
            if not self.memo.enter():
                return NOTHING
            values = self._value_of(site, bound)
            self.memo.depth -= 1
            return values
        return self.memo.solve(site.unit, ~site.index, self._found)

    def _found(self, unit: Unit, index: int) -> Values:
        if index >= 0:
            return self._infer(unit, unit.expressions[index])
        return self._value_of(Site(unit, ~index), ())

    def _infer(self, unit: Unit, expression: Expression) -> Values:
        operator = expression[0]
        if operator == Op.NAME:
            return self._infer_name(unit, expression)
        if operator == Op.MEMBER:
            return self._infer_member(unit, expression)
        if operator == Op.CALL:
            return self.calls.call(unit, expression)
        if operator == Op.LITERAL:
            return self.builtin(unit, expression[1])
        if operator == Op.OBJECT:
            return (Value(OBJECT, unit, expression[1]),)
        if operator == Op.FUNCTION:
            return (Value(FUNCTION, unit, expression[1]),)
        if operator == Op.CLASS:
            return (Value(CLASS, unit, expression[1]),)
        if operator == Op.EITHER:
            return distinct(value for part in expression[1:] for value in self.infer(unit, part))
        if operator == Op.INSTANCE:
            return self.declared.annotated(unit, expression[1], ())
        return self._infer_more(unit, expression)

    def _infer_more(self, unit: Unit, expression: Expression) -> Values:
        operator = expression[0]
        if operator == Op.DISPLAY:
            parts = [self.infer(unit, part) for part in expression[2:]]
            items = distinct(value for part in parts for value in part)
            return self.builtin(unit, expression[1], (items, *parts))
        if operator == Op.NEW:
            return self.calls.made(unit, expression[1])
        if operator == Op.MODULE:
            return distinct(
                self._module_value(site) for site in self.members.module_sites(unit, expression)
            )
        if operator == Op.AWAIT:
            return self.containers.awaited(self.infer(unit, expression[1]))
        if operator == Op.ELEMENT:
            return self.containers.elements(self.infer(unit, expression[1]))
        if operator == Op.UNPACK:
            return self.containers.unpacked(self.infer(unit, expression[1]), expression[2])
        if operator == Op.ITEM:
            return self.containers.item(unit, expression)
        if operator == Op.EXPECTED:
            return self.calls.expected(unit, expression)
        if operator == Op.KEYWORD:
            for site, bound in self.calls.property_of(unit, expression):
                return self.value_of(site, bound)
        if operator == Op.BINARY:
            return self._infer_binary(unit, expression)
        return NOTHING

    @staticmethod
    def _module_value(site: Site) -> Value:
        if site.definition.kind == Kind.MODULE:
            return Value(MODULE, site.unit, 0)
        return Value(CLASS, site.unit, site.index)

    def _infer_name(self, unit: Unit, expression: Expression) -> Values:
        _, role, position, name, scope = expression
        if name in ("this", "super") and position < 0:
            return self.this(unit, scope, name)
        sites = self.names.named(unit, name, scope, role)
        narrowed = self._narrowed(unit, name, scope, position, sites)
        if narrowed:
            return narrowed
        for site in sites:
            values = self.value_of(site)
            if values:
                return values
        if not sites and name == "exports":
            return (Value(MODULE, unit, 0),)
        if not sites and name == "arguments":
            return self.builtin(unit, "IArguments")
        if not sites and name == "globalThis":
            return (Value(MODULE, unit, 0, (), (), name),)
        return NOTHING

    def _narrowed(
        self, unit: Unit, name: str, scope: int, position: int, sites: list[Site]
    ) -> Values:
        """What tests and assignments before a use say about a name."""
        entry = unit.narrowed.get(name)
        if not entry or not sites:
            return NOTHING
        first = sites[0]
        declared = first.definition.annotation >= 0
        home = first.definition.scope if first.unit is unit else 0
        function = _function_of(unit, scope)
        for index in reversed(entry):
            narrowed = unit.definitions[index]
            if not narrowed.full_start <= position < narrowed.full_end:
                continue
            if narrowed.scope != home and not _inside(unit, narrowed.scope, home):
                continue
            if narrowed.flags & Flag.ASSIGNED and (
                declared or _function_of(unit, narrowed.scope) != function
            ):
                continue
            values = self.infer(unit, narrowed.value)
            if values:
                return values
        return NOTHING

    def this(self, unit: Unit, scope: int, name: str) -> Values:
        definitions, scopes = unit.definitions, unit.scopes
        while scope >= 0:
            this = scopes[scope]
            if this.kind == ScopeKind.CLASS:
                if this.owner >= 0:
                    return self._or_super(Value(INSTANCE, unit, this.owner), name)
            elif this.kind == ScopeKind.FUNCTION and this.owner >= 0:
                owner = definitions[this.owner]
                if owner.body == scope and not owner.flags & Flag.ARROW:
                    given = unit.names[scope].get("this")
                    if given:
                        return self.value_of(Site(unit, given[0]))
                    return self.receiver(unit, this.owner, name)
            scope = this.parent
        return NOTHING

    def receiver(self, unit: Unit, function: int, name: str) -> Values:
        """What `this` is inside a function that is not an arrow."""
        definition = unit.definitions[function]
        holder = unit.scopes[definition.scope]
        if holder.kind == ScopeKind.CLASS and holder.owner >= 0:
            kind = CLASS if definition.flags & Flag.STATIC else INSTANCE
            owner = unit.definitions[holder.owner]
            if kind == CLASS and owner.kind == Kind.FUNCTION:
                return (Value(FUNCTION, unit, holder.owner),)
            return self._or_super(Value(kind, unit, holder.owner), name)
        if holder.kind == ScopeKind.OBJECT and definition.kind in (Kind.METHOD, Kind.PROPERTY):
            return (Value(OBJECT, unit, definition.scope),)
        if self.names.tables(unit).instances(function) >= 0:
            return (Value(INSTANCE, unit, function),)
        return NOTHING

    def _or_super(self, value: Value, name: str) -> Values:
        if name == "this" or value.unit is None:
            return (value,)
        site = Site(value.unit, value.index)
        return distinct(self.lines.bases(site, (), value.kind))

    def _infer_member(self, unit: Unit, expression: Expression) -> Values:
        name, receiver = expression[3], expression[4]
        if receiver < 0:
            return NOTHING
        source = unit.expressions[receiver]
        if source[0] == Op.MODULE:
            found: list[Value] = []
            for site in self.members.members_of(unit, expression):
                found += self.value_of(site)
            if name == "export=":
                # `module.exports.x =` adds to whatever `module.exports =` gave.
                module = self.names.module(unit, source)
                if isinstance(module, Unit) and module.language == "javascript":
                    found.append(Value(MODULE, module, 0))
            return distinct(found)
        if source[0] == Op.NAME and source[3] == "module" and name == "exports":
            return (Value(MODULE, unit, 0),)
        results: list[Value] = []
        for value in self.infer(unit, receiver):
            results += self.members.member_values(value, name)
        return distinct(results)

    def builtin(self, unit: Unit, name: str, arguments: tuple[Values, ...] = ()) -> Values:
        """A value of a type of the library; it is known by its name where there is no library."""
        path = ""
        if name == "tuple":
            name, path = "Array", "tuple"
        elif name == "Array":
            arguments = arguments[:1]
        elif name == "Promise":
            arguments = (self.containers.awaited(arguments[0]),) if arguments else ()
        for site in self.names.global_sites(unit, name):
            if site.definition.kind == Kind.INTERFACE:
                return (Value(INSTANCE, site.unit, site.index, arguments, (), path),)
        if arguments:
            return (Value(INSTANCE, None, 0, arguments, (), path or name),)
        return NOTHING

    def _value_of(self, site: Site, bound: Bound) -> Values:
        unit, definition = site.unit, site.definition
        kind = definition.kind
        if kind in (Kind.CLASS, Kind.ENUM, Kind.NAMESPACE):
            return (Value(CLASS, unit, site.index),)
        if kind in FUNCTIONS:
            return (Value(FUNCTION, unit, site.index, (), bound),)
        if kind == Kind.MODULE:
            return (Value(MODULE, unit, 0),)
        if kind == Kind.IMPORT:
            return self._imported_value(site)
        if kind == Kind.ENUM_MEMBER:
            return (Value(INSTANCE, unit, unit.scopes[definition.scope].owner),)
        if kind in (Kind.INTERFACE, Kind.TYPE, Kind.TYPE_PARAMETER):
            return NOTHING
        if definition.annotation >= 0:
            return self.declared.annotated(unit, definition.annotation, bound)
        if definition.value >= 0 or not definition.flags & Flag.SETTER:
            values = self.infer(unit, definition.value)
            if not values and kind in (Kind.ATTRIBUTE, Kind.PROPERTY, Kind.FIELD):
                values = self._assigned_elsewhere(site)
            return values
        for index in self.calls.parameters(site)[:1]:
            return self.value_of(Site(unit, index))
        return NOTHING

    def _imported_value(self, site: Site) -> Values:
        found: list[Value] = []
        value = site.definition.value
        if value >= 0 and site.unit.expressions[value][3:4] == ("export=",):
            return self.infer(site.unit, value)
        for target in self.members.target(site, 0):
            if target != site:
                found += self.value_of(target)
        if not found and site.definition.value >= 0:
            return self.infer(site.unit, site.definition.value)
        return distinct(found)

    def _assigned_elsewhere(self, site: Site) -> Values:
        """The type of a member that was first null, by its other assignments."""
        unit, definition = site.unit, site.definition
        for index in unit.names[definition.scope].get(definition.name, ()):
            other = unit.definitions[index]
            if index != site.index:
                if other.annotation >= 0:
                    values = self.declared.annotated(unit, other.annotation, ())
                else:
                    values = self.infer(unit, other.value)
                if values:
                    return values
        return NOTHING

    def _infer_binary(self, unit: Unit, expression: Expression) -> Values:
        _, operator, left, right = expression
        if operator == "is":
            found: list[Value] = []
            for value in self.infer(unit, left):
                for site, bound in self.calls.callables(value):
                    annotation = site.definition.annotation
                    if annotation >= 0:
                        said = site.unit.expressions[annotation]
                        if said[0] == Op.BINARY and said[1] == "is":
                            found += self.declared.annotated(site.unit, said[3], bound)
            return distinct(found)
        values = distinct((*self.infer(unit, left), *self.infer(unit, right)))
        strings = [value for value in values if type_name(value) == "String"]
        return tuple(strings) or values


def _function_of(unit: Unit, scope: int) -> int:
    """The scope of the function, or of the module, that a scope is in."""
    scopes = unit.scopes
    while scope > 0 and scopes[scope].kind != ScopeKind.FUNCTION:
        scope = scopes[scope].parent
    return scope


def _inside(unit: Unit, scope: int, outer: int) -> bool:
    scopes = unit.scopes
    while scope >= 0:
        if scope == outer:
            return True
        scope = scopes[scope].parent
    return False
