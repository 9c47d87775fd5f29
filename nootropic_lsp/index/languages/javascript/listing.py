"""What could be written in a JavaScript or TypeScript file: names, members and exports.

The counterpart of the look-ups in `names` and `members`, which are asked for one name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from nootropic_lsp.index.candidates import Candidate
from nootropic_lsp.index.facts import Flag, Kind, Op, Role, ScopeKind
from nootropic_lsp.index.languages.javascript.commonjs import WHOLE
from nootropic_lsp.index.languages.javascript.inference import Inference
from nootropic_lsp.index.languages.javascript.names import FAMILY
from nootropic_lsp.index.languages.javascript.specifiers import Specifiers
from nootropic_lsp.index.languages.javascript.values import (
    CLASS,
    CLASSES,
    FUNCTION,
    INSTANCE,
    MODULE,
    OBJECT,
    Value,
)
from nootropic_lsp.index.units import Site, Unit

_NAME = re.compile(r"#?[\w$]+")
_NEVER = frozenset({"this", "default", *WHOLE})
_COMMONJS = ("exports", "module", "require")  # each file has its own
_ONLY_TYPES = frozenset({Kind.INTERFACE, Kind.TYPE, Kind.TYPE_PARAMETER})
# Bound when they are executed, unlike functions and types.
_BOUND_LATER = frozenset({Kind.VARIABLE, Kind.CONSTANT, Kind.CLASS})
_NESTED = frozenset({Op.CALL, Op.ITEM, Op.NEW, Op.AWAIT})
_GLOBAL = 1_000  # a depth beyond that of any scope
_DEEPEST = 12  # spreads of spreads, and star exports

_Home = tuple[str, int]


class Listing:
    """Lists for one state of the world; those that many ask for are kept."""

    def __init__(self, inference: Inference) -> None:
        self._all = inference
        self._specifiers = Specifiers(inference.names)
        self._global: dict[str, list[Candidate]] = {}
        self._members: dict[Value, list[Candidate]] = {}
        self._exports: dict[Unit | Site, list[Candidate]] = {}

    def remembered(self) -> list[dict[Any, Any]]:
        """All that is remembered about units, which stand in the keys."""
        return [self._members, self._exports]

    # ---- bare names

    def visible(self, unit: Unit, scope: int, position: int) -> list[Candidate]:
        """Every bare name at a position of a scope, the nearest first, what is global last."""
        found: dict[str, Candidate] = {}
        function = _function_around(unit, scope)
        depth = 0
        while scope >= 0:
            this = unit.scopes[scope]
            if this.kind == ScopeKind.CLASS and this.owner >= 0:
                owner = unit.definitions[this.owner]
                if owner.kind == Kind.ENUM:
                    _add(found, unit, unit.names[scope], depth)
                elif owner.kind == Kind.CLASS and owner.name:
                    _add(found, unit, {owner.name: [this.owner]}, depth)
            elif this.kind not in (ScopeKind.CLASS, ScopeKind.OBJECT):
                later = (scope, position) if _function_around(unit, scope) == function else None
                _add(found, unit, unit.names[scope], depth, later=later)
                if this.kind == ScopeKind.MODULE and this.owner > 0:
                    for site in self._all.declarations(Site(unit, this.owner)):
                        body = site.definition.body
                        if body >= 0:
                            _add(found, site.unit, site.unit.names[body], depth)
            depth += 1
            scope = this.parent
        if unit.language == "javascript" and not self._specifiers.is_module(unit):
            for name in _COMMONJS:
                found.setdefault(name, Candidate(name, Site(unit, 0), _GLOBAL))
        outer = [each for each in self._globals(unit) if each.name not in found]
        return [*found.values(), *outer]

    def _globals(self, unit: Unit) -> list[Candidate]:
        """What no scope of a file declares, kept for each project."""
        names = self._all.names
        root = names.library_folder(unit)
        known = self._global.get(root)
        if known is None:
            found: dict[str, Candidate] = {}
            for site in names.world.named("global", FAMILY):
                tables = names.tables(site.unit)
                if site.definition.body in tables.globals:
                    _add(found, site.unit, site.unit.names[site.definition.body], _GLOBAL)
            for other in names.library_units(unit):
                tables = names.tables(other)
                for scope in tables.globals if tables.is_module else (0, *tables.globals):
                    _add(found, other, other.names[scope], _GLOBAL + 1)
            known = self._global[root] = list(found.values())
        return known

    # ---- members

    def members(self, unit: Unit, index: int) -> list[Candidate]:
        """Every member of the values that an expression may have."""
        values = self._all.infer(unit, index) or self._type_values(unit, index)
        found, closed = self._of_values(values)
        if closed:
            inside, below = self._around(unit, index)
            for candidate in closed:
                homes = inside if candidate.name.startswith("#") else below
                if _home(candidate) not in homes:
                    del found[candidate.name]
        if unit.expressions[index][3:4] == ("module",) and unit.language == "javascript":
            whole = self._all.names.whole(unit)
            found["exports"] = Candidate("exports", whole or Site(unit, 0), 0)
        return list(found.values())

    def held(self, site: Site) -> list[Candidate]:
        """Every member of the values that a definition may stand for, but those closed to others."""
        found, closed = self._of_values(self._all.value_of(site))
        for candidate in closed:
            del found[candidate.name]
        return list(found.values())

    def _of_values(self, values: Iterable[Value]) -> tuple[dict[str, Candidate], list[Candidate]]:
        """The members of values by their names, and those of them that are private."""
        found: dict[str, Candidate] = {}
        closed: list[Candidate] = []
        for value in values:
            for candidate in self._of(value, 0):
                if candidate.name not in found:
                    found[candidate.name] = candidate
                    if candidate.site and candidate.site.definition.flags & Flag.PRIVATE:
                        closed.append(candidate)
        return found, closed

    def _around(self, unit: Unit, index: int) -> tuple[set[_Home], set[_Home]]:
        """The classes that an expression stands in, and those with all that they inherit."""
        inside: set[_Home] = set()
        below: set[_Home] = set()
        scope = _scope_of(unit, index)
        while scope >= 0:
            this = unit.scopes[scope]
            if this.kind == ScopeKind.CLASS and this.owner >= 0:
                inside.add((unit.path, this.start))
                for site in self._all.lineage(Value(INSTANCE, unit, this.owner)):
                    body = site[0].definition.body
                    if body >= 0:
                        below.add((site[0].unit.path, site[0].unit.scopes[body].start))
            scope = this.parent
        return inside, below

    def _type_values(self, unit: Unit, index: int) -> list[Value]:
        """A namespace that holds only types has no value."""
        expression = unit.expressions[index]
        if expression[0] == Op.NAME:
            sites = self._all.names.named(unit, expression[3], expression[4], Role.TYPE)
        elif expression[0] == Op.MEMBER:
            sites = self._all.members_of(unit, expression)
        else:
            return []
        return [
            Value(CLASS, site.unit, site.index)
            for site in self._all.follow(sites)
            if site.definition.kind == Kind.NAMESPACE
        ]

    def _of(self, value: Value, deep: int) -> list[Candidate]:
        known = self._members.get(value)
        if known is None:
            known = self._members[value] = list(self._listed(value, deep).values())
        return known

    def _listed(self, value: Value, deep: int) -> dict[str, Candidate]:
        unit = value.unit
        found: dict[str, Candidate] = {}
        if unit is None or deep > _DEEPEST:
            return found
        if value.path == "globalThis":
            for candidate in self._globals(unit):
                found[candidate.name] = candidate
        elif value.kind == MODULE:
            self._add_exports(found, unit, deep)
        elif value.kind == OBJECT:
            self._add_object(found, value, 0, deep)
            self._add_library(found, unit, "Object")
        elif value.kind == FUNCTION:
            self._add_function(found, unit, value.index)
            self._add_library(found, unit, "Function")
        else:
            self._add_class(found, value, deep)
            self._add_library(found, unit, "Function" if value.kind == CLASS else "Object")
        return found

    def _add_class(self, found: dict[str, Candidate], value: Value, deep: int) -> None:
        static = value.kind == CLASS
        declarations, objects = self._all.ancestry(value)
        depth, before = -1, ""
        weak: dict[str, Candidate] = {}
        for site, _ in declarations:
            if site.definition.name != before or depth < 0:
                depth, before = depth + 1, site.definition.name
            self._add_own(found, weak, site, depth, static=static)
        for base in objects:
            self._add_object(found, base, depth + 1, deep)
        for name, candidate in weak.items():
            found.setdefault(name, candidate)

    def _add_own(
        self,
        found: dict[str, Candidate],
        weak: dict[str, Candidate],
        owner: Site,
        depth: int,
        *,
        static: bool,
    ) -> None:
        """The members that one declaration of a type itself has; `weak` gives way to bases."""
        unit, definition = owner.unit, owner.definition
        scopes = [definition.body] if definition.kind in CLASSES else []
        splits = definition.kind in (Kind.CLASS, Kind.FUNCTION)
        if splits:
            scopes.append(self._all.names.tables(unit).instances(owner.index))
        elif static == (definition.kind == Kind.INTERFACE):
            return

        def fits(index: int) -> bool:
            member = unit.definitions[index]
            return member.kind not in (Kind.CONSTRUCTOR, Kind.TYPE_PARAMETER) and (
                not splits or bool(member.flags & Flag.STATIC) == static
            )

        for scope in scopes:
            if scope >= 0:
                _add(found, unit, unit.names[scope], depth, fits=fits, weak=weak)

    def _add_object(self, found: dict[str, Candidate], value: Value, depth: int, deep: int) -> None:
        unit = value.unit
        if unit is None:
            return
        table = unit.names[value.index]
        _add(found, unit, table, depth)
        for spread in table.get("...", ()):
            for inner in self._all.infer(unit, unit.definitions[spread].value):
                for candidate in self._of(inner, deep + 1):
                    found.setdefault(
                        candidate.name, candidate._replace(depth=depth + 1 + candidate.depth)
                    )

    def _add_function(self, found: dict[str, Candidate], unit: Unit, index: int) -> None:
        definition = unit.definitions[index]
        scope = self._all.names.tables(unit).instances(index)
        if scope >= 0:
            _add(
                found,
                unit,
                unit.names[scope],
                0,
                fits=lambda at: bool(unit.definitions[at].flags & Flag.STATIC),
            )
        for other in unit.names[definition.scope].get(definition.name, ()):
            part = unit.definitions[other]
            if part.kind == Kind.NAMESPACE and part.body >= 0:
                _add(found, unit, unit.names[part.body], 0)

    def _add_library(self, found: dict[str, Candidate], unit: Unit, cls: str) -> None:
        """What every object or function has."""
        depth = 1 + max((candidate.depth for candidate in found.values()), default=0)
        for name in (cls, "Object") if cls != "Object" else (cls,):
            for site in self._all.names.global_sites(unit, name):
                if site.definition.kind == Kind.INTERFACE and site.definition.body >= 0:
                    _add(found, site.unit, site.unit.names[site.definition.body], depth)
            depth += 1

    # ---- modules

    def exported(self, unit: Unit, specifier: str) -> list[Candidate]:
        """The names that can stand between the braces of an import."""
        module = self._all.names.module(unit, (Op.MODULE, Role.IMPORT, -1, specifier, -1))
        if module is None:
            return []
        return [each for each in self._exports_of(module, 0) if each.name != "default"]

    def modules(self, unit: Unit, specifier: str) -> list[str]:
        """What can stand behind a specifier and a slash."""
        return self._specifiers.below(unit, specifier)

    def _exports_of(self, module: Unit | Site, deep: int) -> list[Candidate]:
        known = self._exports.get(module)
        if known is None:
            found: dict[str, Candidate] = {}
            if isinstance(module, Site):
                self._add_ambient(found, module, deep)
            else:
                self._add_exports(found, module, deep)
            known = self._exports[module] = list(found.values())
        return known

    def _add_exports(self, found: dict[str, Candidate], unit: Unit, deep: int) -> None:
        exports = self._all.names.tables(unit).exports
        if exports >= 0:
            _add(found, unit, unit.names[exports], 0)
            for index in unit.names[exports].get("default", ())[:1]:
                found["default"] = Candidate("default", Site(unit, index), 0)
        declares = unit.path.endswith((".d.ts", ".d.mts", ".d.cts"))
        shown = _exported_only(unit)
        if declares:
            _add(found, unit, unit.names[0], 0)
        elif shown:
            _add(found, unit, shown, 0)
        whole = self._all.names.whole(unit)
        if whole is not None:
            self._add_whole(found, whole, deep)
        self._add_stars(found, unit, unit.stars, unit, deep)

    def _add_ambient(self, found: dict[str, Candidate], module: Site, deep: int) -> None:
        """The names of a `declare module` block."""
        unit, definition = module.unit, module.definition
        if definition.body < 0:
            return
        _add(found, unit, unit.names[definition.body], 0)
        for index in unit.names[definition.body].get(WHOLE[1], ())[:1]:
            self._add_whole(found, Site(unit, index), deep)
        stars = [
            star
            for star in unit.stars
            if definition.full_start <= unit.expressions[star][2] <= definition.full_end
        ]
        self._add_stars(found, unit, stars, module, deep)

    def _add_whole(self, found: dict[str, Candidate], whole: Site, deep: int) -> None:
        """The members of what `module.exports =` or `export =` gives."""
        for target in self._all.follow([whole]):
            for site in (target, *self._all.declarations(target)):
                definition = site.definition
                if definition.kind in CLASSES and definition.body >= 0:
                    _add(found, site.unit, site.unit.names[definition.body], 0)
        for value in self._all.value_of(whole):
            if value.kind != MODULE or value.unit is not whole.unit:
                for candidate in self._own_members(value, deep + 1):
                    found.setdefault(candidate.name, candidate)

    def _own_members(self, value: Value, deep: int) -> Iterable[Candidate]:
        """The members of a value without those that every object or function has."""
        found: dict[str, Candidate] = {}
        if value.unit is None or deep > _DEEPEST:
            return ()
        if value.kind == MODULE:
            return self._exports_of(value.unit, deep)
        if value.kind == OBJECT:
            self._add_object(found, value, 0, deep)
        elif value.kind == FUNCTION:
            self._add_function(found, value.unit, value.index)
        else:
            self._add_class(found, value, deep)
        return found.values()

    def _add_stars(
        self,
        found: dict[str, Candidate],
        unit: Unit,
        stars: Iterable[int],
        module: Unit | Site,
        deep: int,
    ) -> None:
        if deep > _DEEPEST:
            return
        for star in stars:
            source = self._all.names.module(unit, unit.expressions[star])
            if source is not None and source != module:
                for candidate in self._exports_of(source, deep + 1):
                    if candidate.name != "default":
                        found.setdefault(
                            candidate.name, candidate._replace(depth=candidate.depth + 1)
                        )


def _add(
    found: dict[str, Candidate],
    unit: Unit,
    table: dict[str, list[int]],
    depth: int,
    *,
    later: tuple[int, int] | None = None,
    fits: Callable[[int], bool] | None = None,
    weak: dict[str, Candidate] | None = None,
) -> None:
    """The names of a scope that are not hidden. `later` is a scope and a position in it."""
    definitions = unit.definitions
    for name, entry in table.items():
        if name in found or name in _NEVER or not (name.isidentifier() or _NAME.fullmatch(name)):
            continue
        kept: Sequence[int] = entry
        if fits is not None:
            kept = [index for index in kept if fits(index)]
        if later is not None:
            kept = [index for index in kept if not _is_later(unit, index, *later)]
        if not kept:
            continue
        index = kept[0]
        if len(kept) > 1:  # what is a type and a value is listed as the value
            index = next((at for at in kept if definitions[at].kind not in _ONLY_TYPES), index)
        candidate = Candidate(name, Site(unit, index), depth)
        if weak is not None:
            definition = definitions[index]
            if definition.kind == Kind.ATTRIBUTE and not definition.flags & Flag.DECLARED:
                weak.setdefault(name, candidate)
                continue
        found[name] = candidate


def _is_later(unit: Unit, index: int, scope: int, position: int) -> bool:
    """Whether a name is not bound yet at a position of the same function."""
    definition = unit.definitions[index]
    if definition.kind not in _BOUND_LATER:
        return False
    if definition.start >= position:
        return True
    around = unit.scopes[scope]
    return (  # in its own value; the name of a loop is bound in the whole of it
        definition.kind != Kind.CLASS
        and definition.full_start <= position < definition.full_end
        and (around.start, around.end) != (definition.full_start, definition.full_end)
    )


def _exported_only(unit: Unit) -> dict[str, list[int]]:
    """The names at the top of a file that it exports where it declares them."""
    definitions = unit.definitions
    shown: dict[str, list[int]] = {}
    for name, entry in unit.names[0].items():
        kept = [index for index in entry if definitions[index].flags & Flag.EXPORTED]
        if kept:
            shown[name] = kept
    return shown


def _function_around(unit: Unit, scope: int) -> int:
    while scope > 0 and unit.scopes[scope].kind != ScopeKind.FUNCTION:
        scope = unit.scopes[scope].parent
    return scope


def _scope_of(unit: Unit, index: int) -> int:
    """The scope of the name that an expression begins with, or -1."""
    expressions = unit.expressions
    while index >= 0:
        expression = expressions[index]
        if expression[0] == Op.NAME:
            scope: int = expression[4]
            return scope
        if expression[0] == Op.MEMBER:
            index = expression[4]
        elif expression[0] in _NESTED:
            index = expression[1]
        else:
            break
    return -1


def _home(candidate: Candidate) -> _Home | None:
    """Path and offset of the class body that a member stands in."""
    site = candidate.site
    if site is None:
        return None
    return site.unit.path, site.unit.scopes[site.definition.scope].start
