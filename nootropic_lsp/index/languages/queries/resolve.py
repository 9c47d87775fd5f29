"""What a name means in the languages that are read by queries.

One machine for all: lexical scopes, members along the supertypes, and light types
from declarations and constructor calls. What differs is in each language's `Rules`.
Nothing is executed, an unknown stays unknown, and every look-up is noted in
`Resolver.touched`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from nootropic_lsp.index.facts import Definition, Flag, Kind, Op, Role, ScopeKind
from nootropic_lsp.index.languages.queries.choice import best, chosen_overload, fits, reaching
from nootropic_lsp.index.languages.queries.names import dotted, last_name, qualified
from nootropic_lsp.index.languages.queries.rules import Rules
from nootropic_lsp.index.languages.queries.values import (
    FUNCTION,
    FUNCTION_KINDS,
    INSTANCE,
    NOTHING,
    PLACE,
    TYPE,
    TYPE_KINDS,
    VARIABLE_KINDS,
    Value,
    Values,
)
from nootropic_lsp.index.units import Site, Trail, Unit, World

_DEEPEST = 30
_WIDEST = 5  # alternatives of one value, and answers to one question
_LONGEST_ORDER = 60
_UNTAINTED = 1 << 30
_VISIBLE = frozenset({ScopeKind.MODULE, ScopeKind.CLASS, ScopeKind.OBJECT})

T = TypeVar("T")


class Resolver:
    """Answers for one state of the world. Make a new one when any file has changed."""

    def __init__(self, world: World, rules: Rules) -> None:
        self.world = world
        self.rules = rules
        self.touched = Trail()
        self._values: dict[Unit, dict[int, tuple[Values, int]]] = {}
        self._open: dict[tuple[Unit, int], int] = {}
        self._lowest = _UNTAINTED
        self._depth = 0
        self._orders: dict[Site, tuple[tuple[Site, ...], int]] = {}
        self._ordering: set[Site] = set()
        self._named: dict[str, tuple[Site, ...]] = {}
        self._notes: dict[object, tuple[object, int]] = {}

    def forget(self, unit: Unit) -> None:
        """Drop what only the expressions of a file needed; other files ask for definitions."""
        table = self._values.get(unit)
        if table is not None:
            self._values[unit] = {index: value for index, value in table.items() if index < 0}

    # ---- the three questions

    def definitions(self, unit: Unit, index: int, *, follow: bool = True) -> list[Site]:
        """Where the name at a use is defined, best first. `follow` goes through imports."""
        sites = self._sites(unit, index)
        if len(sites) > 1 and self.rules.overloads:
            sites = chosen_overload(self, unit, index, sites)
        if follow:
            sites = [target for site in sites for target in self.followed(site)]
        return list(dict.fromkeys(best(unit, sites)))[:_WIDEST]

    def types(self, unit: Unit, index: int) -> list[Site]:
        """The definitions of the types that an expression may have."""
        return list(
            dict.fromkeys(
                value.site
                for value in self.infer(unit, index)
                if value.site is not None and value.kind in (TYPE, INSTANCE)
            )
        )

    def types_of(self, site: Site) -> list[Site]:
        """The definitions of the types that a definition may have."""
        return list(
            dict.fromkeys(
                value.site
                for value in self.value(site)
                if value.site is not None and value.kind in (TYPE, INSTANCE)
            )
        )

    def bases(self, site: Site) -> list[Site]:
        """The direct supertypes of a type."""
        found: list[Site] = []
        for part in self.parts(site):
            definition = part.definition
            related = list(definition.related)
            if not definition.name:
                related = related[1:]
            if self.rules.embeds and definition.body >= 0:
                related += self._embedded(part)
            for base in related:
                found += [
                    value.site
                    for value in self.infer(part.unit, base)
                    if value.kind in (INSTANCE, TYPE) and value.site is not None
                ]
        return [base for base in dict.fromkeys(found) if base != site]

    def _embedded(self, part: Site) -> list[int]:
        unit = part.unit
        return [
            unit.definitions[at].related[0]
            for entry in unit.names[part.definition.body].values()
            for at in entry
            if unit.definitions[at].kind == Kind.FIELD and unit.definitions[at].related
        ]

    # ---- uses

    def _sites(self, unit: Unit, index: int) -> list[Site]:
        operator, role, position, name, operand = unit.expressions[index]
        if operator == Op.NAME:
            return self.name(unit, name, operand, position, role)
        if operator == Op.MEMBER:
            return self._member(unit, name, operand, role)
        if operator == Op.MODULE:
            values = self.rules.module(self, unit, name, operand)
            return [value.site for value in values if value.site is not None]
        return self._keyword(unit, name, operand)

    def name(self, unit: Unit, name: str, scope: int, position: int, role: int) -> list[Site]:
        """The definitions of a bare name that a use at `position` in `scope` may mean."""
        rules = self.rules
        if name in rules.this or name in rules.this_type or name in rules.parent:
            found = [value.site for value in self._self(unit, name, scope) if value.site]
            if found:
                return found
        found = self._lexical(unit, name, scope, position, role)
        if not found:
            found = rules.outside(self, unit, name, scope, position, role)
        return found

    def _lexical(self, unit: Unit, name: str, scope: int, position: int, role: int) -> list[Site]:
        rules, scopes, definitions = self.rules, unit.scopes, unit.definitions
        left_function = False
        while scope >= 0:
            this = scopes[scope]
            entry = unit.names[scope].get(name)
            if this.kind == ScopeKind.CLASS:
                found = self._in_class(unit, this.owner, entry, name, role)
                if found:
                    return found
            elif entry:
                if role == Role.IMPORT:
                    entry = [at for at in entry if definitions[at].start != position]
                if rules.separate:
                    entry = [at for at in entry if fits(definitions[at], role)]
                if left_function:
                    entry = [at for at in entry if definitions[at].kind != Kind.VARIABLE]
                if this.kind != ScopeKind.MODULE:
                    entry = reaching(unit, entry, position, ordered=rules.ordered)
                if entry:
                    self.touched.add((unit, name))
                    return [Site(unit, at) for at in entry]
            if this.kind == ScopeKind.FUNCTION and rules.closed:
                left_function = True
            scope = this.parent
        self.touched.add((unit, name))
        return []

    def _in_class(
        self, unit: Unit, owner: int, entry: list[int] | None, name: str, role: int
    ) -> list[Site]:
        """A bare name in the body of a type, a namespace or an extension."""
        definitions, bare = unit.definitions, self.rules.bare_members
        definition = definitions[owner] if owner >= 0 else None
        if entry:
            wide = definition is not None and definition.kind == Kind.NAMESPACE
            entry = [
                at
                for at in entry
                if (bare or wide or definitions[at].kind == Kind.TYPE_PARAMETER)
                and definitions[at].kind != Kind.CONSTRUCTOR
                and definitions[at].name == name
                and (not self.rules.separate or fits(definitions[at], role))
            ]
            if entry:
                self.touched.add((unit, name))
                return [Site(unit, at) for at in entry]
        if definition is None or not bare or definition.kind == Kind.NAMESPACE:
            return []
        if definition.name:
            return self.members(Value(INSTANCE, Site(unit, owner)), name, unit, role)
        if definition.related:
            for value in self.infer(unit, definition.related[0]):
                found = self.members(value, name, unit, role)
                if found:
                    return found
        return []

    def _member(self, unit: Unit, name: str, receiver: int, role: int) -> list[Site]:
        values = self.infer(unit, receiver)
        for value in values:
            found = self.members(value, name, unit, role)
            if found:
                return found
        if values and not (self.rules.guess_on_known and all(v.site for v in values)):
            return []
        if any(value.kind == PLACE for value in values):
            return []
        return self._guess(unit, name, role)

    def _keyword(self, unit: Unit, name: str, of: int) -> list[Site]:
        """A named argument, or a field in a literal of its type."""
        for value in self.infer(unit, of):
            if value.kind == FUNCTION and value.site is not None:
                found = self.parameter(value.site, name)
            else:
                found = self.members(value, name, unit, Role.READ)
            if found:
                return found
        return []

    def parameter(self, function: Site, name: str) -> list[Site]:
        """A parameter of a function by its name."""
        body = function.definition.body
        if body < 0:
            return []
        return [
            Site(function.unit, at)
            for at in function.unit.names[body].get(name, ())
            if function.unit.definitions[at].kind == Kind.PARAMETER
        ]

    def _guess(self, unit: Unit, name: str, role: int) -> list[Site]:
        """A member of something unknown: the only one of its name, if there is only one."""
        if name in self.rules.common:
            return []
        sites = [
            site
            for site in self.named(name)
            if _is_member(site, mixins=self.rules.mixins)
            and (role != Role.CALL or site.definition.kind in FUNCTION_KINDS)
        ]
        if not sites:
            return []
        owners = {self._owner_name(site) for site in sites}
        if len(owners) > 1:
            here = [site for site in sites if site.unit is unit]
            owners_here = {self._owner_name(site) for site in here}
            if len(owners_here) == 1 and len(owners) <= _WIDEST:
                return here
            return self._declared_first(sites)
        return sites

    def _owner_name(self, site: Site) -> str:
        owner = self.owner(site)
        if owner is None:
            return ""
        definition = owner.definition
        if definition.name:
            return definition.name
        return last_name(owner.unit, definition.related[0]) if definition.related else ""

    def _declared_first(self, sites: list[Site]) -> list[Site]:
        """The member of the one supertype that all owners of a name share."""
        owners = [owner for site in sites if (owner := self.owner(site)) is not None]
        if len(owners) != len(sites) or len(sites) > _WIDEST * 2:
            return []
        types = [self.extended_type(owner) for owner in owners]
        for site, own in zip(sites, types, strict=True):
            if own is None:
                return []
            if all(other is not None and own in self.order(other) for other in types):
                return [site]
        return []

    # ---- looking into the world

    def named(self, name: str) -> tuple[Site, ...]:
        """Every definition of a name that other files can see."""
        self.touched.add((None, name))
        known = self._named.get(name)
        if known is None:
            known = self._named[name] = tuple(
                site
                for site in self.world.named(name, self.rules.family)
                if site.definition.kind != Kind.IMPORT
                and site.unit.scopes[site.definition.scope].kind in _VISIBLE
            )
        return known

    def noted(self, key: object, make: Callable[[], T]) -> T:
        """Compute once, and remember what it looked at."""
        known = self._notes.get(key)
        if known is not None:
            self.touched.mask |= known[1]
            return known[0]  # type: ignore[return-value]
        outer, self.touched.mask = self.touched.mask, 0
        value = make()
        self._notes[key] = (value, self.touched.mask)
        self.touched.mask |= outer
        return value

    def at(self, path: str) -> list[Site]:
        """What a dotted path names, wherever it is written; bodies before declarations."""

        def make() -> list[Site]:
            name = path.rpartition(".")[2]
            found = [site for site in self.named(name) if qualified(site) == path]
            found.sort(key=_is_declared)
            return found

        return self.noted(path, make)

    def owner(self, site: Site) -> Site | None:
        """The type, extension or namespace that a definition stands in."""
        scope = site.unit.scopes[site.definition.scope]
        return Site(site.unit, scope.owner) if scope.kind == ScopeKind.CLASS else None

    def extended_type(self, owner: Site) -> Site | None:
        """A type itself, or the type that an extension adds to."""
        if owner.definition.name:
            return owner
        if not owner.definition.related:
            return None
        for value in self.infer(owner.unit, owner.definition.related[0]):
            if value.site is not None:
                return value.site
        return None

    def parts(self, site: Site) -> list[Site]:
        """All places where a type is written."""
        if not self.rules.partial or site.definition.kind not in (*TYPE_KINDS, Kind.NAMESPACE):
            return [site]
        if site.unit.scopes[site.definition.scope].kind not in (
            ScopeKind.MODULE,
            ScopeKind.CLASS,
        ):
            return [site]
        kinds = (*TYPE_KINDS, Kind.NAMESPACE)
        others = [part for part in self.at(qualified(site)) if part.definition.kind in kinds]
        return list(dict.fromkeys([site, *others]))

    def followed(self, site: Site, depth: int = 0) -> list[Site]:
        """What an import or a prototype leads to, as far as it can be found."""
        definition = site.definition
        if definition.kind == Kind.IMPORT and depth < _DEEPEST:
            found = [
                target
                for value in self.imported(site)
                if value.site is not None and value.site != site
                for target in self.followed(value.site, depth + 1)
            ]
            return found or [site]
        if definition.flags & Flag.DECLARED and definition.name:
            return self._bodies(site)
        return [site]

    def _bodies(self, site: Site) -> list[Site]:
        """Where a prototype or forward declaration is filled in."""
        definition = site.definition
        found = []
        owner = self.owner(site)
        path = qualified(site)
        for other in self.named(definition.name):
            if other.definition.flags & Flag.DECLARED or not fits_kind(
                definition, other.definition
            ):
                continue
            if qualified(other) == path or (
                owner is not None and self._extends(other, owner) is not None
            ):
                found.append(other)
        return found or [site]

    def _extends(self, site: Site, wanted: Site) -> Site | None:
        """The extension around a definition, if it adds to the wanted type."""
        owner = self.owner(site)
        if owner is None or owner.definition.name or not owner.definition.related:
            return None
        first = owner.definition.related[0]
        if last_name(owner.unit, first) != wanted.definition.name:
            return None
        for value in self.infer(owner.unit, first):
            if value.site is not None and (
                value.site == wanted or qualified(value.site) == qualified(wanted)
            ):
                return owner
        return None

    def imported(self, site: Site) -> Values:
        """What an import binds its name to."""
        value = site.definition.value
        if value < 0:
            return NOTHING
        expression = site.unit.expressions[value]
        if expression[0] == Op.MODULE:
            return self.rules.module(self, site.unit, expression[3], expression[4])
        return tuple(
            found
            for target in self._sites(site.unit, value)
            if target != site
            for found in self.value(target)
        )

    # ---- members

    def members(self, value: Value, name: str, unit: Unit, role: int) -> list[Site]:
        """Where a member of a value is defined."""
        if value.kind == PLACE:
            return self.rules.inside(self, value, name, unit)
        if value.kind == FUNCTION:
            return []
        if value.site is not None:
            for owner in self.order(value.site):
                found = self.own(owner, name)
                if self.rules.separate:
                    found = [site for site in found if fits(site.definition, role)]
                elif len(found) > 1:
                    found = [site for site in found if fits(site.definition, role)] or found
                if found:
                    return found
        if value.arguments and (value.fog or value.name in self.rules.transparent):
            for inner in value.arguments[-1]:
                found = self.members(inner, name, unit, role)
                if found:
                    return found
        return []

    def own(self, owner: Site, name: str) -> list[Site]:
        """A member that a type itself has, in any of the places where it is written."""

        def make() -> list[Site]:
            found: list[Site] = []
            for part in self.parts(owner):
                self.touched.add((part.unit, name))
                body = part.definition.body
                if body >= 0:
                    entry = part.unit.names[body].get(name, ())
                    found += [
                        Site(part.unit, at)
                        for at in entry
                        if part.unit.definitions[at].kind
                        not in (Kind.TYPE_PARAMETER, Kind.CONSTRUCTOR)
                        or name in ("__construct", "initialize")
                    ]
            if self.rules.extended:
                found += [
                    site for site in self.named(name) if self._extends(site, owner) is not None
                ]
            return found

        return self.noted((owner, name), make)

    def order(self, cls: Site) -> tuple[Site, ...]:
        """A type and its supertypes, nearest first."""
        known = self._orders.get(cls)
        if known is not None:
            self.touched.mask |= known[1]
            return known[0]
        if cls in self._ordering:
            return (cls,)
        self._ordering.add(cls)
        outer, self.touched.mask = self.touched.mask, 0
        found: dict[Site, None] = {cls: None}
        level = [cls]
        while level and len(found) < _LONGEST_ORDER:
            following: list[Site] = []
            for site in level:
                for base in self.bases(site):
                    if base not in found:
                        found[base] = None
                        following.append(base)
            level = following
        self._ordering.discard(cls)
        order = tuple(found)
        if not self._ordering:
            self._orders[cls] = (order, self.touched.mask)
        self.touched.mask |= outer
        return order

    # ---- values

    def infer(self, unit: Unit, index: int) -> Values:
        """What an expression may stand for; empty when it is not known."""
        return NOTHING if index < 0 else self._remembered(unit, index)

    def value(self, site: Site) -> Values:
        """What a definition stands for."""
        return self._remembered(site.unit, ~site.index)

    def _remembered(self, unit: Unit, key: int) -> Values:
        """Expressions are kept by their index, definitions by the complement of theirs.

        What was found inside a cycle depends on where it was entered and is not kept.
        """
        touched = self.touched
        table = self._values.setdefault(unit, {})
        known = table.get(key)
        if known is not None:
            touched.mask |= known[1]
            return known[0]
        entered = self._open.get((unit, key))
        if entered is not None:
            self._lowest = min(self._lowest, entered)
            return NOTHING
        depth = self._depth
        if depth > _DEEPEST:
            self._lowest = -1
            return NOTHING
        outer, touched.mask = touched.mask, 0
        lowest, self._lowest = self._lowest, _UNTAINTED
        self._open[unit, key] = depth
        self._depth = depth + 1
        values = (self._infer(unit, key) if key >= 0 else self._defined(Site(unit, ~key)))[:_WIDEST]
        self._depth = depth
        del self._open[unit, key]
        if self._lowest >= depth:
            table[key] = (values, touched.mask)
            self._lowest = lowest
        else:
            self._lowest = _UNTAINTED if depth == 0 else min(lowest, self._lowest)
        touched.mask |= outer
        return values

    def _infer(self, unit: Unit, index: int) -> Values:
        expression = unit.expressions[index]
        operator = expression[0]
        if operator == Op.NAME:
            return self._infer_name(unit, index, expression)
        if operator == Op.MEMBER:
            return self._infer_member(unit, index, expression)
        if operator == Op.CALL:
            return self._infer_call(unit, expression)
        if operator == Op.NEW:
            return _instances(self.infer(unit, expression[1]))
        if operator == Op.INSTANCE:
            return self.annotated(unit, expression[1])
        if operator == Op.LITERAL:
            return (Value(INSTANCE, None, expression[1]),)
        if operator == Op.AWAIT:
            values = self.infer(unit, expression[1])
            return _distinct(
                inner
                for value in values
                for inner in (
                    value.arguments[-1] if value.arguments and not value.site else (value,)
                )
            )
        if operator == Op.ELEMENT:
            return _elements(self.infer(unit, expression[1]))
        if operator == Op.UNPACK:
            return self._infer_unpack(unit, expression)
        if operator == Op.EITHER:
            return _distinct(v for part in expression[1:] for v in self.infer(unit, part))
        if operator == Op.MODULE:
            return self.rules.module(self, unit, expression[3], expression[4])
        if operator == Op.ITEM:
            return self._applied(unit, expression, None)
        if operator == Op.DISPLAY:
            return self._displayed(unit, expression, None)
        if operator == Op.OBJECT:
            owner = Site(unit, unit.scopes[expression[1]].owner)
            return (Value(TYPE, owner),) if owner.index >= 0 else NOTHING
        return NOTHING

    def _infer_name(self, unit: Unit, index: int, expression: tuple) -> Values:  # type: ignore[type-arg]
        _, role, position, name, scope = expression
        rules = self.rules
        if rules.special is not None:
            special = rules.special(self, unit, name, scope, position)
            if special:
                return special
        if name in rules.this or name in rules.this_type or name in rules.parent:
            return self._self(unit, name, scope)
        sites = self.name(unit, name, scope, position, role)
        if not sites:
            if rules.places and role != Role.CALL:
                return (Value(PLACE, None, name),)
            return (Value(TYPE, None, name),) if role in (Role.TYPE, Role.BASE) else NOTHING
        return self._all(sites)

    def _infer_member(self, unit: Unit, index: int, expression: tuple) -> Values:  # type: ignore[type-arg]
        _, role, _, name, operand = expression
        receivers = self.infer(unit, operand)
        for receiver in receivers:
            if receiver.kind == TYPE and name in self.rules.makers:
                return (receiver._replace(kind=INSTANCE),)
            if receiver.kind == PLACE and receiver.site is None and self.rules.places:
                path = f"{receiver.name}.{name}"
                sites = self.members(receiver, name, unit, role)
                return self._all(sites) if sites else (Value(PLACE, None, path),)
        sites = self._member(unit, name, operand, role)
        if not sites:
            return (Value(TYPE, None, name),) if role in (Role.TYPE, Role.BASE) else NOTHING
        first = receivers[0] if receivers else None
        found: list[Value] = []
        for site in sites:
            definition = site.definition
            if definition.kind in VARIABLE_KINDS and definition.annotation >= 0:
                found += self.annotated(site.unit, definition.annotation, first)
            else:
                found += [
                    value._replace(receiver=first) if value.kind == FUNCTION else value
                    for value in self.value(site)
                ]
        return _distinct(found)

    def _all(self, sites: Iterable[Site]) -> Values:
        return _distinct(value for site in sites for value in self.value(site))

    def _defined(self, site: Site) -> Values:
        definition = site.definition
        kind = definition.kind
        if kind in TYPE_KINDS:
            return (Value(TYPE, site, definition.name),)
        if kind in FUNCTION_KINDS:
            return (Value(FUNCTION, site, definition.name),)
        if kind == Kind.IMPORT:
            # What is imported from outside the workspace is some type: nothing is guessed of it.
            return self.imported(site) or (Value(TYPE, None, definition.name),)
        if kind in (Kind.NAMESPACE, Kind.MODULE):
            return (Value(PLACE, site, qualified(site)),)
        if kind == Kind.ENUM_MEMBER:
            owner = self.owner(site)
            return (Value(INSTANCE, owner, owner.definition.name),) if owner else NOTHING
        if kind == Kind.TYPE:
            return tuple(
                value._replace(kind=TYPE) if value.kind == INSTANCE else value
                for value in self.annotated(site.unit, definition.annotation)
            ) or (Value(TYPE, site, definition.name),)
        if kind == Kind.TYPE_PARAMETER:
            bounds = self.annotated(site.unit, definition.annotation)
            return tuple(value._replace(kind=TYPE) for value in bounds)
        if definition.annotation >= 0:
            declared = self.annotated(site.unit, definition.annotation)
            if declared or definition.value < 0:
                return declared
        return self.infer(site.unit, definition.value)

    def _infer_call(self, unit: Unit, expression: tuple) -> Values:  # type: ignore[type-arg]
        callee = expression[1]
        if self.rules.called is not None:
            known = self.rules.called(self, unit, callee, expression[2])
            if known:
                return known
        found: list[Value] = []
        for value in self.infer(unit, callee):
            if value.kind == TYPE:
                found.append(value._replace(kind=INSTANCE))
            elif value.kind == FUNCTION and value.site is not None:
                function = value.site.definition
                found += self.annotated(value.site.unit, function.annotation, value.receiver)
            elif value.kind == INSTANCE:
                found.append(value)
        target = unit.expressions[callee]
        if not found and target[0] == Op.MEMBER:
            found += [
                value._replace(fog=True)
                for value in self.infer(unit, target[4])
                if value.site is None and value.arguments
            ]
        return _distinct(found)

    def _infer_unpack(self, unit: Unit, expression: tuple) -> Values:  # type: ignore[type-arg]
        _, source, position = expression
        found: list[Value] = []
        if unit.expressions[source][0] in (Op.NAME, Op.MEMBER):
            for site in self._sites(unit, source):
                if site.definition.kind == Kind.ENUM_MEMBER and site.definition.annotation >= 0:
                    payload = self.annotated(site.unit, site.definition.annotation)
                    return tuple(
                        inner
                        for value in payload
                        if position < len(value.arguments)
                        for inner in value.arguments[position]
                    )
        for value in self.infer(unit, source):
            if value.name == "tuple" and value.site is None:
                if position < len(value.arguments):
                    found += value.arguments[position]
            elif position == 0:
                found.append(value)
        return _distinct(found)

    def _self(self, unit: Unit, name: str, scope: int) -> Values:
        """The object or type that `this`, `Self`, `super` and their like stand for."""
        rules = self.rules
        while scope > 0:
            this = unit.scopes[scope]
            if this.kind == ScopeKind.CLASS and this.owner >= 0:
                owner = self.extended_type(Site(unit, this.owner))
                if owner is None or owner.definition.kind == Kind.NAMESPACE:
                    return NOTHING
                kind = TYPE if name in rules.this_type else INSTANCE
                if name in rules.parent:
                    return tuple(
                        Value(INSTANCE, base, base.definition.name) for base in self.bases(owner)
                    )
                return (Value(kind, owner, owner.definition.name),)
            scope = this.parent
        return NOTHING

    # ---- annotations

    def annotated(self, unit: Unit, index: int, receiver: Value | None = None) -> Values:
        """Values of the type that an annotation names; `receiver` says what its parameters are."""
        if index < 0 or self._depth > _DEEPEST:
            return NOTHING
        expression = unit.expressions[index]
        operator = expression[0]
        if operator in (Op.NAME, Op.MEMBER):
            if receiver is not None:
                if expression[3] in self.rules.this_type and receiver.site is not None:
                    return (receiver._replace(kind=INSTANCE),)
                given = self._argument(unit, expression, receiver)
                if given is not None:
                    return given
            return _instances(self.infer(unit, index))
        if operator == Op.ITEM:
            return _instances(self._applied(unit, expression, receiver))
        if operator == Op.OBJECT:
            return _instances(self.infer(unit, index))
        if operator == Op.DISPLAY:
            return self._displayed(unit, expression, receiver)
        if operator == Op.LITERAL:
            return (Value(INSTANCE, None, expression[1]),)
        if operator == Op.EITHER:
            return _distinct(
                value for part in expression[1:] for value in self.annotated(unit, part, receiver)
            )
        return NOTHING

    def _argument(self, unit: Unit, expression: tuple, receiver: Value) -> Values | None:  # type: ignore[type-arg]
        """What a type parameter of the receiver's type stands for."""
        if expression[0] != Op.NAME or receiver.site is None or not receiver.arguments:
            return None
        owner = receiver.site
        body = owner.definition.body
        if body < 0:
            return None
        names = [
            (entry[0], name)
            for name, entry in owner.unit.names[body].items()
            if owner.unit.definitions[entry[0]].kind == Kind.TYPE_PARAMETER
        ]
        for position, (_, name) in enumerate(sorted(names)):
            if name == expression[3] and position < len(receiver.arguments):
                return receiver.arguments[position]
        return None

    def _applied(self, unit: Unit, expression: tuple, receiver: Value | None) -> Values:  # type: ignore[type-arg]
        """A generic type with its arguments."""
        _, head, inside = expression
        heads = self.infer(unit, head)
        if not heads:
            name = last_name(unit, head)
            heads = (Value(TYPE, None, name),) if name else NOTHING
        parts = unit.expressions[inside][2:] if inside >= 0 else ()
        arguments = tuple(self.annotated(unit, part, receiver) for part in parts)
        return tuple(
            value._replace(arguments=arguments) if value.kind in (TYPE, INSTANCE) else value
            for value in heads
        )

    def _displayed(self, unit: Unit, expression: tuple, receiver: Value | None) -> Values:  # type: ignore[type-arg]
        arguments = tuple(self.annotated(unit, part, receiver) for part in expression[2:])
        return (Value(INSTANCE, None, expression[1], arguments),)

    def path_of(self, unit: Unit, index: int) -> str:
        """The dotted text of a chain of names."""
        return dotted(unit, index)


def fits_kind(declared: Definition, filled: Definition) -> bool:
    """Whether a body may belong to a declaration."""
    if declared.kind in FUNCTION_KINDS:
        return filled.kind in FUNCTION_KINDS
    return filled.kind == declared.kind or (
        declared.kind in TYPE_KINDS and filled.kind in TYPE_KINDS
    )


def _instances(values: Values) -> Values:
    return tuple(
        value._replace(kind=INSTANCE) for value in values if value.kind in (TYPE, INSTANCE)
    )


def _elements(values: Values) -> Values:
    return _distinct(inner for value in values if value.arguments for inner in value.arguments[-1])


def _distinct(values: Iterable[Value]) -> Values:
    return tuple(dict.fromkeys(values))[:_WIDEST]


def _is_member(site: Site, *, mixins: bool) -> bool:
    scope = site.unit.scopes[site.definition.scope]
    if scope.kind != ScopeKind.CLASS or scope.owner < 0:
        return False
    return mixins or site.unit.definitions[scope.owner].kind != Kind.NAMESPACE


def _is_declared(site: Site) -> bool:
    return bool(site.definition.flags & Flag.DECLARED)
