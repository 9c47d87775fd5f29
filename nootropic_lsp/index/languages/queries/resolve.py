"""What a name means in the languages that are read by queries.

One machine for all: lexical scopes, members along the supertypes, and light types
from declarations and constructor calls. What differs is in each language's `Rules`.
Nothing is executed, an unknown stays unknown, and every look-up is noted in
`Resolver.touched`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from nootropic_lsp.index.candidates import Candidate
from nootropic_lsp.index.facts import Definition, Flag, Kind, Op, Role, ScopeKind
from nootropic_lsp.index.languages.memo import Memo
from nootropic_lsp.index.languages.queries.choice import best, chosen_overload, fits, reaching
from nootropic_lsp.index.languages.queries.guesses import extension_method, guess
from nootropic_lsp.index.languages.queries.inference import annotated, defined, inferred
from nootropic_lsp.index.languages.queries.listing import Listing
from nootropic_lsp.index.languages.queries.names import last_name, qualified
from nootropic_lsp.index.languages.queries.rules import Rules
from nootropic_lsp.index.languages.queries.values import (
    FUNCTION,
    FUNCTION_KINDS,
    INSTANCE,
    NOTHING,
    PLACE,
    TYPE,
    TYPE_KINDS,
    Value,
    Values,
)
from nootropic_lsp.index.units import Site, Trail, Unit, World

_DEEPEST = 30
_WIDEST = 5  # alternatives of one value, and answers to one question
_LONGEST_ORDER = 60
_VISIBLE = frozenset({ScopeKind.MODULE, ScopeKind.CLASS, ScopeKind.OBJECT})

T = TypeVar("T")


class Resolver:
    """Answers for one state of the world. Make a new one when any file has changed."""

    def __init__(self, world: World, rules: Rules) -> None:
        self.world = world
        self.rules = rules
        self.touched = Trail()
        self._memo: Memo[Value] = Memo(self.touched, deepest=_DEEPEST)
        self._ordering: set[Site] = set()
        self._orders: dict[Hashable, tuple[tuple[Site, ...], int]] = {}
        self._named: dict[str, tuple[Site, ...]] = {}
        self._notes: dict[Hashable, tuple[Any, int]] = {}
        self._listing = Listing(self)

    def forget(self, unit: Unit) -> None:
        """Drop what only the expressions of a file needed; other files ask for definitions."""
        self._memo.forget(unit)

    def remembered(self) -> list[dict[Any, Any]]:
        """All that is remembered about units, which stand in the keys."""
        return [
            self._memo.known,
            self._orders,
            self._notes,
            *self._listing.remembered(),
        ]

    # ---- the three questions

    def definitions(self, unit: Unit, index: int, *, follow: bool = True) -> list[Site]:
        """Where the name at a use is defined, best first. `follow` goes through imports."""
        self._memo.begin()
        sites = self.sites(unit, index)
        if follow:
            sites = [target for site in sites for target in self.followed(site)]
            if len(sites) > 1 and self.rules.overloads and unit.expressions[index][1] == Role.CALL:
                sites = chosen_overload(self, unit, index, sites)
        return list(dict.fromkeys(best(unit, sites)))[:_WIDEST]

    def types(self, unit: Unit, index: int) -> list[Site]:
        """The definitions of the types that an expression may have."""
        self._memo.begin()
        return list(
            dict.fromkeys(
                value.site
                for value in self.infer(unit, index)
                if value.site is not None and value.kind in (TYPE, INSTANCE)
            )
        )

    def types_of(self, site: Site) -> list[Site]:
        """The definitions of the types that a definition may have."""
        self._memo.begin()
        return list(
            dict.fromkeys(
                value.site
                for value in self.value(site)
                if value.site is not None and value.kind in (TYPE, INSTANCE)
            )
        )

    def bases(self, site: Site) -> list[Site]:
        """The direct supertypes of a type."""
        self._memo.begin()
        return self._bases(site)

    def _bases(self, site: Site) -> list[Site]:
        found: list[Site] = []
        for part in self.parts(site):
            definition = part.definition
            related = list(definition.related)
            if not definition.name:
                related = related[1:]
            if self.rules.embeds and definition.body >= 0:
                related += self._embedded(part)
            if self.rules.distinct and definition.kind == Kind.TYPE:
                related.append(definition.annotation)
            for base in related:
                found += [
                    value.site
                    for value in self.infer(part.unit, base)
                    if value.site is not None
                    and (value.kind in (INSTANCE, TYPE) or self.rules.mixins)
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

    # ---- lists

    def visible(self, unit: Unit, scope: int, position: int) -> list[Candidate]:
        """Every bare name that can be used at a position of a scope, the nearest first."""
        self._memo.begin()
        return self._listing.visible(unit, scope, position)

    def members(self, unit: Unit, index: int) -> list[Candidate]:
        """Every member of the values that an expression may have, the nearest first."""
        self._memo.begin()
        return self._listing.members(unit, index)

    def held(self, site: Site) -> list[Candidate]:
        """Every member of the values that a definition may stand for, the nearest first."""
        self._memo.begin()
        return self._listing.held(site)

    def modules(self, unit: Unit, dotted: str, level: int) -> list[str]:
        """What can stand behind a path in an import, as MODULE expressions have path and level.

        Packages are dotted (Java, C#, PHP and Rust), paths have slashes (Go, C, Ruby and
        Bash); "" asks for what an import can begin with.
        """
        self._memo.begin()
        return sorted(dict.fromkeys(self.rules.below(self, unit, dotted, level)))

    def exported(self, unit: Unit, dotted: str, level: int) -> list[Candidate]:
        """The names of a package, namespace, module or type that an import can bring in."""
        self._memo.begin()
        return self._listing.exported(unit, dotted, level)

    # ---- uses

    def sites(self, unit: Unit, index: int) -> list[Site]:
        """Where the name at a use is defined, before imports are followed."""
        operator, role, position, name, operand = unit.expressions[index]
        if operator == Op.NAME:
            found = self.name(unit, name, operand, position, role)
        elif operator == Op.MEMBER:
            found = self.member_sites(unit, name, operand, role)
        elif operator == Op.MODULE:
            return self._imports(unit, name, operand)
        else:
            return self._keyword(unit, name, operand)
        if len(found) > 1 and self.rules.overloads and role == Role.CALL:
            return chosen_overload(self, unit, index, found)
        return found

    def name(self, unit: Unit, name: str, scope: int, position: int, role: int) -> list[Site]:
        """The definitions of a bare name that a use at `position` in `scope` may mean."""
        rules = self.rules
        if name in rules.this or name in rules.this_type or name in rules.parent:
            found = [value.site for value in self.self_values(unit, name, scope) if value.site]
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
                if role == Role.IMPORT:  # the first part of a path, which is in no function
                    entry = [
                        at
                        for at in entry
                        if definitions[at].start != position
                        and definitions[at].kind not in FUNCTION_KINDS
                    ]
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
            return self.member(Value(INSTANCE, Site(unit, owner)), name, unit, role)
        if definition.related:
            for value in self.infer(unit, definition.related[0]):
                found = self.member(value, name, unit, role)
                if found:
                    return found
        return []

    def member_sites(self, unit: Unit, name: str, receiver: int, role: int) -> list[Site]:
        values = self.infer(unit, receiver)
        for value in values:
            found = self.member(value, name, unit, role)
            if not found and self.rules.extension_methods and role == Role.CALL:
                found = extension_method(self, name)
            if not found and value.kind == TYPE and name in self.rules.makers:
                found = self.member(value, "initialize", unit, role)
            if found:
                return found
        if values and not (self.rules.guess_on_known and all(v.site for v in values)):
            return []
        if any(value.kind == PLACE for value in values):
            return []
        return guess(self, unit, name, role)

    def _imports(self, unit: Unit, path: str, level: int) -> list[Site]:
        """What a path in an import names: the definitions themselves, not what they stand for."""
        named = self.rules.named
        if named is not None:
            found = named(self, unit, path, level)
            if found:
                return found
        values = self.rules.module(self, unit, path, level)
        return [value.site for value in values if value.site is not None]

    def _keyword(self, unit: Unit, name: str, of: int) -> list[Site]:
        """A named argument, or a field in a literal of its type."""
        expression = unit.expressions[of] if of >= 0 else (Op.LITERAL,)
        otherwise = -1
        if expression[0] == Op.EITHER:  # a name of this type, else just a name
            of, otherwise = expression[1:3]
        elif expression[0] in (Op.NAME, Op.MEMBER):
            for site in self.sites(unit, of):
                if site.definition.kind == Kind.ENUM_MEMBER and site.definition.body >= 0:
                    entry = site.unit.names[site.definition.body].get(name, ())
                    return [Site(site.unit, at) for at in entry]
        for value in self.infer(unit, of):
            if value.kind == FUNCTION and value.site is not None:
                found = self.parameter(value.site, name)
            else:
                found = self.member(value, name, unit, Role.READ)
            if found:
                return found
        return self.sites(unit, otherwise) if otherwise >= 0 else []

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

    def noted(self, key: Hashable, make: Callable[[], T]) -> T:
        """Compute once, and remember what it looked at."""
        made: T = self._memo.keep(self._notes, key, make)
        return made

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
                for imported in self._imported_sites(site)
                if imported != site
                for target in self.followed(imported, depth + 1)
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

    def _imported_sites(self, site: Site) -> list[Site]:
        value = site.definition.value
        if value >= 0 and site.unit.expressions[value][0] == Op.MODULE:
            return self.sites(site.unit, value)
        return [value.site for value in self.imported(site) if value.site is not None]

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
            for target in self.sites(site.unit, value)
            if target != site
            for found in self.value(target)
        )

    # ---- members

    def member(self, value: Value, name: str, unit: Unit, role: int) -> list[Site]:
        """Where a member of a value is defined."""
        if value.kind == PLACE:
            return self.rules.inside(self, value, name, unit)
        if value.kind == FUNCTION:
            return []
        if value.site is not None:
            everywhere: list[Site] = []
            for owner in self.order(value.site):
                found = self.own(owner, name)
                if self.rules.separate:
                    found = [site for site in found if fits(site.definition, role)]
                elif len(found) > 1:
                    found = [site for site in found if fits(site.definition, role)] or found
                if found and self.rules.overloads and role == Role.CALL:
                    everywhere += found  # which one is meant depends on the arguments
                elif found:
                    return found
            if everywhere:
                return everywhere
        if value.arguments and (value.fog or value.name in self.rules.transparent):
            for inner in value.arguments[-1]:
                found = self.member(inner, name, unit, role)
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
                    site
                    for site in self.named(name)
                    if site.definition.kind != Kind.CONSTRUCTOR
                    and (self._extends(site, owner) is not None or _is_written_in(site, owner))
                ]
            return found

        return self.noted((owner, name), make)

    def order(self, cls: Site) -> tuple[Site, ...]:
        """A type and its supertypes, nearest first."""
        if cls in self._ordering:  # a supertype that is looked for in the type itself
            self._memo.lowest = -1
            return (cls,)
        return self._memo.keep(self._orders, cls, lambda: self._climbed(cls))

    def _climbed(self, cls: Site) -> tuple[Site, ...]:
        self._ordering.add(cls)
        found: dict[Site, None] = {cls: None}
        level = [cls]
        while level and len(found) < _LONGEST_ORDER:
            following: list[Site] = []
            for site in level:
                for base in self._bases(site):
                    if base not in found:
                        found[base] = None
                        following.append(base)
            level = following
        self._ordering.discard(cls)
        return tuple(found)

    # ---- values

    def infer(self, unit: Unit, index: int) -> Values:
        """What an expression may stand for; empty when it is not known."""
        return NOTHING if index < 0 else self._memo.solve(unit, index, self._found)

    def value(self, site: Site) -> Values:
        """What a definition stands for."""
        return self._memo.solve(site.unit, ~site.index, self._found)

    def _found(self, unit: Unit, index: int) -> Values:
        values = inferred(self, unit, index) if index >= 0 else defined(self, Site(unit, ~index))
        return values[:_WIDEST]

    def self_values(self, unit: Unit, name: str, scope: int) -> Values:
        """The object or type that `this`, `Self`, `super` and their like stand for."""
        rules = self.rules
        while scope > 0:
            this = unit.scopes[scope]
            if this.kind == ScopeKind.CLASS and this.owner >= 0:
                owner = self.extended_type(Site(unit, this.owner))
                if owner is None or (owner.definition.kind == Kind.NAMESPACE and not rules.mixins):
                    return NOTHING
                kind = TYPE if name in rules.this_type else INSTANCE
                if name in rules.parent:
                    return tuple(
                        Value(INSTANCE, base, base.definition.name)
                        for base in self._bases(owner)
                        if base.definition.kind != Kind.INTERFACE
                    )[:1]
                return (Value(kind, owner, owner.definition.name),)
            scope = this.parent
        return NOTHING

    def annotated(self, unit: Unit, index: int, receiver: Value | None = None) -> Values:
        """Values of the type that an annotation names; `receiver` says what its parameters are."""
        return NOTHING if self._memo.is_deep() else annotated(self, unit, index, receiver)


def fits_kind(declared: Definition, filled: Definition) -> bool:
    """Whether a body may belong to a declaration."""
    if declared.kind in FUNCTION_KINDS:
        return filled.kind in FUNCTION_KINDS
    return filled.kind == declared.kind or (
        declared.kind in TYPE_KINDS and filled.kind in TYPE_KINDS
    )


def _is_written_in(site: Site, owner: Site) -> bool:
    """Whether a type says in front of its name that it belongs to another."""
    return (
        site.definition.kind in TYPE_KINDS
        and site.definition.annotation >= 0
        and qualified(site) == f"{qualified(owner)}.{site.definition.name}"
    )


def _is_declared(site: Site) -> bool:
    return bool(site.definition.flags & Flag.DECLARED)
