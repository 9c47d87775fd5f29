"""What could be written in a file of a language that is read by queries: names and members.

The counterpart of the look-ups in `resolve`, which are asked for one name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

from nootropic_lsp.index.candidates import Candidate
from nootropic_lsp.index.facts import Definition, Flag, Kind, ScopeKind
from nootropic_lsp.index.languages.queries.choice import reaching
from nootropic_lsp.index.languages.queries.files import folder_of
from nootropic_lsp.index.languages.queries.names import last_name, qualified
from nootropic_lsp.index.languages.queries.neighbours import is_word, names_in, units_in
from nootropic_lsp.index.languages.queries.rules import Listed, Lookups
from nootropic_lsp.index.languages.queries.values import (
    FUNCTION,
    FUNCTION_KINDS,
    INSTANCE,
    PLACE,
    TYPE,
    TYPE_KINDS,
    Value,
    Values,
)
from nootropic_lsp.index.units import Site, Unit

_MOST_GROUPS = 16
_DEEPEST = 4  # containers inside containers
# What only a type has, never a value of it.
_OF_TYPES = frozenset({*TYPE_KINDS, Kind.TYPE, Kind.NAMESPACE, Kind.ENUM_MEMBER})


class Types(Lookups, Protocol):
    """What a list of members asks the resolver beyond what rules do."""

    def parts(self, site: Site) -> list[Site]:
        """All places where a type is written."""


class Listing:
    """Lists for one state of the world; the members of a type are kept."""

    def __init__(self, resolver: Types) -> None:
        self._resolver = resolver
        self._members: dict[tuple[Site, int], list[Candidate]] = {}
        self._groups: dict[tuple[Unit, int], list[list[Listed]]] = {}

    def remembered(self) -> list[dict[Any, Any]]:
        """All that is remembered about units, which stand in the keys."""
        return [self._members]

    # ---- bare names

    def visible(self, unit: Unit, scope: int, position: int) -> list[Candidate]:
        """Every bare name at a position of a scope: scopes, members of the class, other files."""
        resolver = self._resolver
        found: dict[str, Candidate] = {}
        innermost, depth, left_function = scope, 0, False
        for word in (*resolver.rules.this, *resolver.rules.this_type, *resolver.rules.parent):
            for value in resolver.self_values(unit, word, scope):
                found[word] = Candidate(word, value.site, 0)
        while scope >= 0:
            this = unit.scopes[scope]
            if this.kind == ScopeKind.CLASS:
                self._add_class(found, unit, scope, depth)
            else:
                self._add_scope(found, unit, scope, position, depth, left_function=left_function)
            left_function |= this.kind == ScopeKind.FUNCTION and resolver.rules.closed
            depth += 1
            scope = this.parent
        for number, group in enumerate(self._around(unit, innermost)):
            _add(found, group, depth + number)
        return list(found.values())

    def _around(self, unit: Unit, scope: int) -> list[list[Listed]]:
        """What other files bring in at a scope; a unit that is being changed stands for the last
        that was not."""
        resolver = self._resolver
        known = resolver.world.unit(unit.path) or unit
        while scope >= len(known.scopes) or (
            scope > 0 and unit.scopes[scope].kind != ScopeKind.CLASS
        ):
            scope = unit.scopes[scope].parent
        found = self._groups.get((known, scope))
        if found is None:
            if len(self._groups) >= _MOST_GROUPS:
                self._groups.clear()
            groups = resolver.rules.around(resolver, known, scope)
            found = self._groups[known, scope] = [list(group) for group in groups]
        return found

    def _add_scope(
        self,
        found: dict[str, Candidate],
        unit: Unit,
        scope: int,
        position: int,
        depth: int,
        *,
        left_function: bool,
    ) -> None:
        rules, definitions = self._resolver.rules, unit.definitions
        is_local = unit.scopes[scope].kind != ScopeKind.MODULE
        for name, entry in unit.names[scope].items():
            if name in found or not is_word(name):
                continue
            kept = entry
            if left_function:
                kept = [at for at in kept if definitions[at].kind != Kind.VARIABLE]
            if is_local:
                kept = reaching(unit, kept, position, ordered=rules.ordered)
            if kept:
                found[name] = Candidate(name, Site(unit, kept[0]), depth)

    def _add_class(self, found: dict[str, Candidate], unit: Unit, scope: int, depth: int) -> None:
        """The bare names in the body of a type, a namespace or an extension."""
        rules, owner = self._resolver.rules, unit.scopes[scope].owner
        is_namespace = owner >= 0 and unit.definitions[owner].kind == Kind.NAMESPACE
        for name, entry in unit.names[scope].items():
            for index in entry if is_word(name) else ():
                kind = unit.definitions[index].kind
                is_parameter = kind == Kind.TYPE_PARAMETER
                if is_parameter or (
                    (rules.bare_members or is_namespace) and kind != Kind.CONSTRUCTOR
                ):
                    _add(found, [(name, Site(unit, index))], depth)
                    break
        if owner < 0 or not rules.bare_members or (is_namespace and not rules.mixins):
            return
        extended = self._resolver.extended_type(Site(unit, owner))
        if extended is not None:
            for candidate in self._of_type(extended, -1):
                found.setdefault(candidate.name, candidate._replace(depth=depth + candidate.depth))

    # ---- members

    def members(self, unit: Unit, index: int) -> list[Candidate]:
        """Every member of the values that an expression may have."""
        return self._of_values(self._resolver.infer(unit, index), unit)

    def held(self, site: Site) -> list[Candidate]:
        """Every member of the values that a definition may stand for."""
        return self._of_values(self._resolver.value(site), site.unit)

    def _of_values(self, values: Values, unit: Unit) -> list[Candidate]:
        found: dict[str, Candidate] = {}
        for value in values:
            self._add_value(found, value, unit, 0)
        return list(found.values())

    def exported(self, unit: Unit, path: str, level: int) -> list[Candidate]:
        """What an import can bring in from a path."""
        found: dict[str, Candidate] = {}
        for value in self._resolver.rules.module(self._resolver, unit, path, level):
            self._add_value(found, value, unit, 0)
        return list(found.values())

    def _add_value(self, found: dict[str, Candidate], value: Value, unit: Unit, deep: int) -> None:
        resolver = self._resolver
        if value.kind == PLACE:
            _add(found, resolver.rules.contents(resolver, value, unit), 0)
        elif value.site is not None and value.kind != FUNCTION:
            for candidate in self._of_type(value.site, value.kind):
                found.setdefault(candidate.name, candidate)
        is_transparent = value.fog or value.name in resolver.rules.transparent
        if value.arguments and is_transparent and deep < _DEEPEST:
            for inner in value.arguments[-1]:
                self._add_value(found, inner, unit, deep + 1)

    def _of_type(self, cls: Site, kind: int) -> list[Candidate]:
        """The members of a type and its supertypes; `kind` is TYPE, INSTANCE or -1 for both."""
        known = self._members.get((cls, kind))
        if known is None:
            rules = self._resolver.rules
            found: dict[str, Candidate] = {}
            for depth, owner in enumerate(self._resolver.order(cls)):
                for name, site in self._own(owner):
                    if not rules.statics or _has(kind, site.definition):
                        _add(found, [(name, site)], depth)
            if kind == TYPE:
                for name in sorted(rules.makers):
                    made = self._resolver.member(Value(TYPE, cls), "initialize", cls.unit, 0)
                    found[name] = Candidate(name, made[0] if made else None, 0)
            known = self._members[cls, kind] = list(found.values())
        return known

    def _own(self, owner: Site) -> Iterator[Listed]:
        """What a type itself has, in any of the places where it is written."""
        for part in self._resolver.parts(owner):
            if part.definition.body >= 0:
                yield from names_in(part.unit, part.definition.body)
        if self._resolver.rules.extended:
            for block in self._extensions(owner):
                yield from names_in(block.unit, block.definition.body)
                # What a trait does by itself its types have as well.
                for base in block.definition.related[1:]:
                    for value in self._resolver.infer(block.unit, base):
                        if value.site is not None:
                            for trait in self._resolver.order(value.site):
                                yield from names_in(trait.unit, trait.definition.body)

    def _extensions(self, owner: Site) -> Iterator[Site]:
        """The blocks that add to a type, in its own file and in those beside it."""
        resolver, name = self._resolver, owner.definition.name
        path = ""
        units = dict.fromkeys((owner.unit, *units_in(resolver, folder_of(owner.unit))))
        for unit in units:
            for index in _extending(unit).get(name, ()):
                block = Site(unit, index)
                extended = resolver.extended_type(block)
                if extended is not None and extended != owner:
                    path = path or qualified(owner)
                    if qualified(extended) != path:
                        continue
                if extended is not None:
                    yield block


def _add(found: dict[str, Candidate], names: Iterable[Listed], depth: int) -> None:
    for name, site in names:
        if name not in found:
            found[name] = Candidate(name, site, depth)


def _has(kind: int, member: Definition) -> bool:
    """Whether a type, or an instance of it, has a member."""
    if kind == INSTANCE:
        return member.kind not in _OF_TYPES and (
            not member.flags & Flag.STATIC or member.kind in FUNCTION_KINDS
        )
    if kind == TYPE:
        is_own = member.kind in _OF_TYPES or member.kind == Kind.CONSTANT
        return is_own or bool(member.flags & Flag.STATIC)
    return True


def _extending(unit: Unit) -> dict[str, list[int]]:
    """The blocks of a file that add to types, by the names of those."""
    known: dict[str, list[int]] | None = unit.__dict__.get("extending")
    if known is None:
        known = {}
        for scope in unit.scopes:
            if scope.kind == ScopeKind.CLASS and scope.owner > 0:
                owner = unit.definitions[scope.owner]
                if not owner.name and owner.related:
                    name = last_name(unit, owner.related[0])
                    known.setdefault(name, []).append(scope.owner)
        unit.__dict__["extending"] = known
    return known
