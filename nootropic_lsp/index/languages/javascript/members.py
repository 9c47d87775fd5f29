"""Where members are defined, in objects, classes and modules, and what imports stand for."""

from __future__ import annotations

from collections.abc import Hashable

from nootropic_lsp.index.facts import Expression, Flag, Kind, Op, Role
from nootropic_lsp.index.languages.javascript.questions import Questions
from nootropic_lsp.index.languages.javascript.values import (
    CLASS,
    CLASSES,
    FUNCTION,
    INSTANCE,
    MODULE,
    NOTHING,
    OBJECT,
    Bound,
    Value,
    Values,
    distinct,
)
from nootropic_lsp.index.units import Site, Unit

_MOST_IMPORTS = 48  # from file to file, until the declaration


class Members:
    """Look-ups of members for one state of the world."""

    def __init__(self, questions: Questions) -> None:
        self.all = questions
        self.known: dict[Hashable, tuple[list[tuple[Site, Bound]], int]] = {}

    def follow(self, sites: list[Site]) -> list[Site]:
        """Replace imports by what they import, as far as it can be found."""
        found: list[Site] = []
        for site in sites:
            for target in self.target(site, 0):
                if target not in found:
                    found.append(target)
        return found

    def target(self, site: Site, depth: int) -> list[Site]:
        definition = site.definition
        if definition.kind != Kind.IMPORT or depth > _MOST_IMPORTS:
            return [site]
        found: list[Site] = []
        for target in self.imported(site):
            if target != site:
                found += self.target(target, depth + 1)
        return found or [site]

    def imported(self, site: Site) -> list[Site]:
        """One step through an import."""
        unit, value = site.unit, site.definition.value
        if value < 0:
            return []
        expression = unit.expressions[value]
        operator = expression[0]
        if operator == Op.MODULE:
            return self.module_sites(unit, expression)
        if operator == Op.NAME:
            name, scope, role = expression[3], expression[4], expression[1]
            sites = self.all.names.named(unit, name, scope, role)
            if sites == [site]:  # `namespace N { export { x } }` of an x outside
                sites = self.all.names.named(unit, name, unit.scopes[scope].parent, role)
            return sites
        if operator == Op.MEMBER:
            return self.members_of(unit, expression)
        return []

    def module_sites(self, unit: Unit, expression: Expression) -> list[Site]:
        """The file, or the `declare module` block, that a MODULE use names."""
        module = self.all.names.module(unit, expression)
        if module is None:
            return []
        if isinstance(module, Site):
            return [module]
        return [Site(module, 0)] if module.definitions else []

    def receiver_bound(self, unit: Unit, expression: Expression, site: Site) -> Bound:
        """What type parameters stand for in a member that was found for a MEMBER use."""
        for value in self.all.infer(unit, expression[4]):
            for found, bound in self.member(value, expression[3]):
                if found == site:
                    return bound
        return ()

    def members_of(self, unit: Unit, expression: Expression) -> list[Site]:
        """The definitions of the member that a MEMBER use names."""
        name, receiver = expression[3], expression[4]
        if receiver < 0:
            return []
        source = unit.expressions[receiver]
        if source[0] == Op.MODULE:
            module = self.all.names.module(unit, source)
            if module is None:
                return []
            role = expression[1]
            return self._module_member(module, name, role)
        if expression[1] in (Role.TYPE, Role.BASE) and source[0] <= Op.MEMBER:
            found = self._qualified(unit, source, name)
            if found or expression[1] == Role.TYPE:
                return found
        if source[0] == Op.NAME and source[3] == "module" and name == "exports":
            whole = self.all.names.whole(unit)
            return [whole] if whole is not None else []
        for value in self.all.infer(unit, receiver):
            sites = [site for site, _ in self.member(value, name)]
            if sites:
                return sites
        return []

    def _qualified(self, unit: Unit, source: Expression, name: str) -> list[Site]:
        """`ns.Foo` in a type: namespaces have no value of their own."""
        if source[0] == Op.NAME:
            sites = self.all.names.named(unit, source[3], source[4], Role.TYPE)
        else:
            sites = self.members_of(unit, source)
        for site in self.follow(sites):
            definition = site.definition
            if definition.kind == Kind.MODULE:
                found = self._module_member(site.unit, name, Role.TYPE)
            elif definition.kind in CLASSES:
                found = [
                    member
                    for part in self.all.declarations(site)
                    for member in self._scope_member(part.unit, part.definition.body, name)
                ]
            else:
                found = []
            if found:
                return found
        return []

    def _module_member(self, module: Unit | Site, name: str, role: int) -> list[Site]:
        if isinstance(module, Site):
            return self._ambient_member(module, name)
        if name == "export=":
            whole = self.all.names.whole(module)
            return [whole] if whole is not None else [Site(module, 0)]
        found = self.all.names.exported(module, name, role)
        if found:
            return found
        whole = self.all.names.whole(module)
        if whole is not None:
            if name == "default":
                return [whole]
            for target in self.follow([whole]):
                for site in (target, *self.all.declarations(target)):
                    if site.definition.kind in CLASSES:
                        found = self._scope_member(site.unit, site.definition.body, name)
                        if found:
                            return found
            for value in self.all.value_of(whole):
                found = [site for site, _ in self.member(value, name)]
                if found:
                    return found
        elif name == "default" and not self.all.names.tables(module).is_module:
            return [Site(module, 0)]
        return []

    def _ambient_member(self, module: Site, name: str) -> list[Site]:
        """A name of a `declare module` block, through `export =` and `export * from` too."""
        scope = module.definition.body
        unit = module.unit
        if name == "export=":
            whole = unit.names[scope].get("export=") if scope >= 0 else None
            return [Site(unit, whole[0])] if whole else [module]
        found = self._scope_member(unit, scope, name)
        if found or scope < 0:
            return found
        for whole_index in unit.names[scope].get("export=", ()):
            whole_site = Site(unit, whole_index)
            if name == "default":
                return [whole_site]
            for value in self.all.value_of(whole_site):
                found = [site for site, _ in self.member(value, name)]
                if found:
                    return found
        start, end = module.definition.full_start, module.definition.full_end
        for star in unit.stars:
            expression = unit.expressions[star]
            if start <= expression[2] <= end:
                source = self.all.names.module(unit, expression)
                if source is not None and source != module:
                    found = self._module_member(source, name, Role.IMPORT)
                    if found:
                        return found
        return [module] if name == "default" else []

    def _scope_member(self, unit: Unit, scope: int, name: str) -> list[Site]:
        if scope < 0:
            return []
        self.all.touched.add((unit, name))
        return [
            Site(unit, index)
            for index in unit.names[scope].get(name, ())
            if unit.definitions[index].kind != Kind.TYPE_PARAMETER
        ]

    def member(self, value: Value, name: str) -> list[tuple[Site, Bound]]:
        """Where a member of a value is defined, with what type parameters stand for there."""
        if value.kind == MODULE or value.arguments or value.bound:
            return self._member(value, name)
        key = (value.kind, value.unit, value.index, name if value.unit else name + value.path)
        return self.all.memo.keep(self.known, key, lambda: self._member(value, name))

    def _member(self, value: Value, name: str) -> list[tuple[Site, Bound]]:
        unit = value.unit
        if unit is None:
            return []
        if value.path == "globalThis":
            return [(site, ()) for site in self.all.names.global_name(unit, name, Role.READ)]
        kind = value.kind
        if kind == MODULE:
            return [(site, ()) for site in self._module_member(unit, name, Role.READ)]
        if kind == OBJECT:
            found = self._object_member(value, name)
            return found or self._library_member(unit, "Object", name) or self.index_member(value)
        if kind == FUNCTION:
            found = self._function_member(unit, value.index, name)
            return found or self._library_member(unit, "Function", name)
        inherited: list[tuple[Site, Bound]] = []
        declarations, objects = self.all.ancestry(value)
        for owner, bound in declarations:
            found = self._own(owner, name, bound, static=kind == CLASS)
            if found:
                first = found[0][0].definition
                if first.kind == Kind.ATTRIBUTE and not first.flags & Flag.DECLARED:
                    # Assigned outside the constructor: it is the base's member, if that has one.
                    inherited = inherited or found
                    continue
                return found
        for base in objects:
            inherited = inherited or self._object_member(base, name)
        if inherited:
            return inherited
        found = self._library_member(unit, "Function" if kind == CLASS else "Object", name)
        return found or (self.index_member(value) if kind == INSTANCE else [])

    def index_member(self, value: Value) -> list[tuple[Site, Bound]]:
        """The index signature that stands for a member that is not declared by name."""
        for unit, scope, bound in self._holders(value):
            for index in unit.names[scope].get("[", ()) if scope >= 0 else ():
                return [(Site(unit, index), bound)]
        return []

    def _holders(self, value: Value) -> list[tuple[Unit, int, Bound]]:
        """The scopes that hold the members of an instance or object."""
        if value.kind == OBJECT and value.unit is not None:
            return [(value.unit, value.index, value.bound)]
        if value.kind == INSTANCE:
            declarations, objects = self.all.ancestry(value)
            return [
                *((site.unit, site.definition.body, bound) for site, bound in declarations),
                *(holder for base in objects for holder in self._holders(base)),
            ]
        return []

    def _object_member(self, value: Value, name: str) -> list[tuple[Site, Bound]]:
        unit = value.unit
        assert unit is not None
        self.all.touched.add((unit, name))
        entry = unit.names[value.index].get(name)
        if entry:
            return [(Site(unit, index), value.bound) for index in _best(unit, entry)]
        for spread in unit.names[value.index].get("...", ()):
            for inner in self.all.infer(unit, unit.definitions[spread].value):
                found = self.member(inner, name)
                if found:
                    return found
        return []

    def _function_member(self, unit: Unit, index: int, name: str) -> list[tuple[Site, Bound]]:
        definition = unit.definitions[index]
        scope = self.all.names.tables(unit).instances(index)
        self.all.touched.add((unit, name))
        if scope >= 0:
            entry = [
                at
                for at in unit.names[scope].get(name, ())
                if unit.definitions[at].flags & Flag.STATIC
            ]
            if entry:
                return [(Site(unit, at), ()) for at in _best(unit, entry)]
        if definition.name:
            for other in unit.names[definition.scope].get(definition.name, ()):
                part = unit.definitions[other]
                if part.kind == Kind.NAMESPACE:
                    found = self._scope_member(unit, part.body, name)
                    if found:
                        return [(site, ()) for site in found]
        return []

    def _own(
        self, owner: Site, name: str, bound: Bound, *, static: bool
    ) -> list[tuple[Site, Bound]]:
        """A member that one declaration of a type itself has."""
        unit, definition = owner.unit, owner.definition
        self.all.touched.add((unit, name))
        scopes = [definition.body] if definition.kind in CLASSES else []
        if definition.kind in (Kind.CLASS, Kind.FUNCTION):
            scopes.append(self.all.names.tables(unit).instances(owner.index))
        for scope in scopes:
            entry = unit.names[scope].get(name) if scope >= 0 else None
            if not entry:
                continue
            if definition.kind in (Kind.CLASS, Kind.FUNCTION):
                kept = [
                    index
                    for index in entry
                    if bool(unit.definitions[index].flags & Flag.STATIC) == static
                    and unit.definitions[index].kind != Kind.CONSTRUCTOR
                ]
            elif static:
                kept = entry if definition.kind != Kind.INTERFACE else []
            else:
                kept = entry if definition.kind == Kind.INTERFACE else []
            if kept:
                return [(Site(unit, index), bound) for index in _best(unit, kept)]
        return []

    def _library_member(self, unit: Unit, cls: str, name: str) -> list[tuple[Site, Bound]]:
        if cls == "Function" and name in ("bind", "call", "apply"):
            config = self.all.names.modules.configs.nearest(unit.path.rpartition("/")[0])
            cls = "CallableFunction" if config is not None and config.strict else cls
        for site in self.all.names.global_sites(unit, cls):
            if site.definition.kind == Kind.INTERFACE:
                found = self._own(site, name, (), static=False)
                if found:
                    return found
        return []

    def member_values(self, value: Value, name: str) -> Values:
        """What a member of a value may stand for."""
        if name == "prototype" and value.kind in (CLASS, FUNCTION):
            return (value._replace(kind=INSTANCE),)
        if value.path == "Record":
            return value.arguments[1] if len(value.arguments) > 1 else NOTHING
        found: list[Value] = []
        for site, bound in self.member(value, name):
            found += self.all.value_of(site, bound)
            if found:
                break
        return distinct(found)


def _best(unit: Unit, entry: list[int]) -> list[int]:
    """The definitions of a member: what a body says before what methods assign."""
    if len(entry) == 1:
        return entry
    definitions = unit.definitions
    kept = [index for index in entry if definitions[index].kind != Kind.TYPE_PARAMETER]
    body = [index for index in kept if definitions[index].kind != Kind.ATTRIBUTE]
    getters = [index for index in body or kept if not definitions[index].flags & Flag.SETTER]
    return getters or body or kept
