"""What expressions stand for: from annotations, constructors, returns and the like.

Nothing is executed and no fixpoint is computed; an unknown stays unknown. Results are
memoised with everything that was looked at on the way (`Trail`).
"""

from __future__ import annotations

from nootropic_lsp.index.facts import Expression, Flag, Kind, Op, Role, ScopeKind
from nootropic_lsp.index.languages.javascript.names import Names
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
)
from nootropic_lsp.index.units import Site, Unit, World

# Deep enough for every chain a person writes; it ends runaway recursion through returns.
_DEEPEST = 48
_UNTAINTED = 1 << 30
_MOST_BASES = 40
# Generic types can be written so that following them never ends; a question ends here.
_MOST_STEPS = 20_000

_CLASSES = frozenset({Kind.CLASS, Kind.INTERFACE, Kind.ENUM, Kind.NAMESPACE})
_FUNCTIONS = frozenset({Kind.FUNCTION, Kind.METHOD, Kind.CONSTRUCTOR})
# Types of the library that are what they are applied to, as far as members go.
_TRANSPARENT = frozenset(
    {
        "Readonly", "Partial", "Required", "NonNullable", "Pick", "Omit", "Exclude", "Extract",
        "NoInfer", "ThisType", "DeepReadonly",
    }
)  # fmt: skip
_SEQUENCES = frozenset(
    {
        "Array", "ReadonlyArray", "Set", "ReadonlySet", "Iterable", "IterableIterator", "Iterator",
        "Generator", "AsyncGenerator", "AsyncIterable", "AsyncIterableIterator", "ArrayIterator",
        "SetIterator", "MapIterator", "IteratorObject", "ArrayLike", "AsyncIteratorObject",
        "NodeListOf", "HTMLCollectionOf",
    }
)  # fmt: skip
_MAPS = frozenset({"Map", "ReadonlyMap"})
_PROMISES = frozenset({"Promise", "PromiseLike"})

# The declarations of a type and its supertypes, and the object types among those.
Ancestry = tuple[list[tuple[Site, Bound]], list[Value]]
# Where a call stands, its first two arguments, and how many there are.
Given = tuple[Unit, int, int, int]


class Inference:
    """Types for one state of the world."""

    def __init__(self, world: World) -> None:
        self.names = Names(world)
        self.touched = self.names.touched
        self._depth = 0
        self._asking: Unit | None = None
        # Answers that hold whatever was asked before, each with its trail. Expressions are
        # keyed by their index, definitions by the complement of theirs.
        self._known: dict[Unit, dict[int, tuple[Values, int]]] = {}
        # Answers found inside a cycle depend on where it was entered: kept for one question.
        self._passing: dict[tuple[Unit, int], tuple[Values, int, int]] = {}
        self._open: dict[tuple[Unit, int], int] = {}
        self._lowest = _UNTAINTED
        self._ancestries: dict[object, tuple[Ancestry, int]] = {}
        self._climbing: set[object] = set()
        self._steps = 0  # what one question may still cost
        self._members: dict[
            tuple[int, Unit | None, int, str], tuple[list[tuple[Site, Bound]], int]
        ] = {}

    def forget(self, unit: Unit) -> None:
        """Drop what only the expressions of a file needed; other files ask for definitions."""
        table = self._known.get(unit)
        if table is not None:
            self._known[unit] = {index: value for index, value in table.items() if index < 0}

    def ask(self, unit: Unit) -> None:
        """Say which file a question comes from: its library answers for builtin types."""
        self._asking = unit
        self._steps = _MOST_STEPS

    # ---- imports

    def follow(self, sites: list[Site]) -> list[Site]:
        """Replace imports by what they import, as far as it can be found."""
        found: list[Site] = []
        for site in sites:
            for target in self._target(site, 0):
                if target not in found:
                    found.append(target)
        return found

    def _target(self, site: Site, depth: int) -> list[Site]:
        definition = site.definition
        if definition.kind != Kind.IMPORT or depth > _DEEPEST:
            return [site]
        found: list[Site] = []
        for target in self.imported(site):
            if target != site:
                found += self._target(target, depth + 1)
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
            sites = self.names.named(unit, name, scope, role)
            if sites == [site]:  # `namespace N { export { x } }` of an x outside
                sites = self.names.named(unit, name, unit.scopes[scope].parent, role)
            return sites
        if operator == Op.MEMBER:
            return self.members_of(unit, expression)
        return []

    def module_sites(self, unit: Unit, expression: Expression) -> list[Site]:
        """The file, or the `declare module` block, that a MODULE use names."""
        module = self.names.module(unit, expression)
        if module is None:
            return []
        if isinstance(module, Site):
            return [module]
        return [Site(module, 0)] if module.definitions else []

    # ---- members

    def receiver_bound(self, unit: Unit, expression: Expression, site: Site) -> Bound:
        """What type parameters stand for in a member that was found for a MEMBER use."""
        for value in self.infer(unit, expression[4]):
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
            module = self.names.module(unit, source)
            if module is None:
                return []
            role = expression[1]
            return self._module_member(module, name, role)
        if expression[1] in (Role.TYPE, Role.BASE) and source[0] <= Op.MEMBER:
            found = self._qualified(unit, source, name)
            if found or expression[1] == Role.TYPE:
                return found
        if source[0] == Op.NAME and source[3] == "module" and name == "exports":
            whole = self.names.whole(unit)
            return [whole] if whole is not None else []
        for value in self.infer(unit, receiver):
            sites = [site for site, _ in self.member(value, name)]
            if sites:
                return sites
        return []

    def _qualified(self, unit: Unit, source: Expression, name: str) -> list[Site]:
        """`ns.Foo` in a type: namespaces have no value of their own."""
        if source[0] == Op.NAME:
            sites = self.names.named(unit, source[3], source[4], Role.TYPE)
        else:
            sites = self.members_of(unit, source)
        for site in self.follow(sites):
            definition = site.definition
            if definition.kind == Kind.MODULE:
                found = self._module_member(site.unit, name, Role.TYPE)
            elif definition.kind in _CLASSES:
                found = [
                    member
                    for part in self.declarations(site)
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
            whole = self.names.whole(module)
            return [whole] if whole is not None else [Site(module, 0)]
        found = self.names.exported(module, name, role)
        if found:
            return found
        whole = self.names.whole(module)
        if whole is not None:
            if name == "default":
                return [whole]
            for target in self.follow([whole]):
                for site in (target, *self.declarations(target)):
                    if site.definition.kind in _CLASSES:
                        found = self._scope_member(site.unit, site.definition.body, name)
                        if found:
                            return found
            for value in self.value_of(whole):
                found = [site for site, _ in self.member(value, name)]
                if found:
                    return found
        elif name == "default" and not self.names.tables(module).is_module:
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
            for value in self.value_of(whole_site):
                found = [site for site, _ in self.member(value, name)]
                if found:
                    return found
        start, end = module.definition.full_start, module.definition.full_end
        for star in unit.stars:
            expression = unit.expressions[star]
            if start <= expression[2] <= end:
                source = self.names.module(unit, expression)
                if source is not None and source != module:
                    found = self._module_member(source, name, Role.IMPORT)
                    if found:
                        return found
        return [module] if name == "default" else []

    def _scope_member(self, unit: Unit, scope: int, name: str) -> list[Site]:
        if scope < 0:
            return []
        self.touched.add((unit, name))
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
        touched = self.touched
        known = self._members.get(key)
        if known is not None:
            touched.mask |= known[1]
            return known[0]
        outer, touched.mask = touched.mask, 0
        lowest, self._lowest = self._lowest, _UNTAINTED
        found = self._member(value, name)
        if self._lowest == _UNTAINTED:
            self._members[key] = (found, touched.mask)
        self._lowest = min(lowest, self._lowest)
        touched.mask |= outer
        return found

    def _member(self, value: Value, name: str) -> list[tuple[Site, Bound]]:
        unit = value.unit
        if unit is None:
            if value.path == "globalThis" and self._asking is not None:
                sites = self.names.global_name(self._asking, name, Role.READ)
                return [(site, ()) for site in sites]
            return []
        kind = value.kind
        if kind == MODULE:
            return [(site, ()) for site in self._module_member(unit, name, Role.READ)]
        if kind == OBJECT:
            found = self._object_member(value, name)
            return found or self._library_member("Object", name) or self._index_member(value)
        if kind == FUNCTION:
            found = self._function_member(unit, value.index, name)
            return found or self._library_member("Function", name)
        inherited: list[tuple[Site, Bound]] = []
        declarations, objects = self._ancestry(value)
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
        found = self._library_member("Function" if kind == CLASS else "Object", name)
        return found or (self._index_member(value) if kind == INSTANCE else [])

    def _index_member(self, value: Value) -> list[tuple[Site, Bound]]:
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
            declarations, objects = self._ancestry(value)
            return [
                *((site.unit, site.definition.body, bound) for site, bound in declarations),
                *(holder for base in objects for holder in self._holders(base)),
            ]
        return []

    def _object_member(self, value: Value, name: str) -> list[tuple[Site, Bound]]:
        unit = value.unit
        assert unit is not None
        self.touched.add((unit, name))
        entry = unit.names[value.index].get(name)
        if entry:
            return [(Site(unit, index), value.bound) for index in _best(unit, entry)]
        for spread in unit.names[value.index].get("...", ()):
            for inner in self.infer(unit, unit.definitions[spread].value):
                found = self.member(inner, name)
                if found:
                    return found
        return []

    def _function_member(self, unit: Unit, index: int, name: str) -> list[tuple[Site, Bound]]:
        definition = unit.definitions[index]
        scope = self.names.tables(unit).instances(index)
        self.touched.add((unit, name))
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
        self.touched.add((unit, name))
        scopes = [definition.body] if definition.kind in _CLASSES else []
        if definition.kind in (Kind.CLASS, Kind.FUNCTION):
            scopes.append(self.names.tables(unit).instances(owner.index))
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

    def _library_member(self, cls: str, name: str) -> list[tuple[Site, Bound]]:
        unit = self._asking
        if unit is None:
            return []
        if cls == "Function" and name in ("bind", "call", "apply"):
            config = self.names.modules.configs.nearest(unit.path.rpartition("/")[0])
            cls = "CallableFunction" if config is not None and config.strict else cls
        for site in self.names.global_sites(unit, cls):
            if site.definition.kind == Kind.INTERFACE:
                found = self._own(site, name, (), static=False)
                if found:
                    return found
        return []

    def lineage(self, value: Value) -> list[tuple[Site, Bound]]:
        """A type's declarations and then those of its supertypes, nearest first."""
        return self._ancestry(value)[0]

    def _ancestry(self, value: Value) -> Ancestry:
        """The declarations of a type and its supertypes, and the object types among those."""
        key = value if value.arguments else (value.unit, value.index, value.kind)
        touched = self.touched
        known = self._ancestries.get(key)
        if known is not None:
            touched.mask |= known[1]
            return known[0]
        if key in self._climbing:  # a base that is looked for in the type itself
            self._lowest = -1
            return [(Site(value.unit, value.index), ())] if value.unit is not None else [], []
        self._climbing.add(key)
        outer, touched.mask = touched.mask, 0
        lowest, self._lowest = self._lowest, _UNTAINTED
        found = self._climb(value)
        self._climbing.remove(key)
        if self._lowest == _UNTAINTED:
            self._ancestries[key] = (found, touched.mask)
        self._lowest = min(lowest, self._lowest)
        touched.mask |= outer
        return found

    def _climb(self, value: Value) -> Ancestry:
        found: list[tuple[Site, Bound]] = []
        objects: list[Value] = []
        queue = [value]
        seen: set[tuple[Unit | None, int]] = set()
        while queue and len(found) < _MOST_BASES:
            current = queue.pop(0)
            if current.unit is None or current.kind not in (CLASS, INSTANCE):
                if current.kind == OBJECT:
                    objects.append(current)
                continue
            if (current.unit, current.index) in seen:
                continue
            seen.add((current.unit, current.index))
            bases: list[Value] = []
            for site in self.declarations(Site(current.unit, current.index)):
                bound = self._bind_parameters(site, current)
                found.append((site, bound))
                bases += self._bases(site, bound, current.kind)
            queue = [*bases, *queue]
        return found, objects

    def _bases(self, site: Site, bound: Bound, kind: int) -> list[Value]:
        bases: list[Value] = []
        definition = site.definition
        for base in definition.related if definition.kind in _CLASSES else ():
            bases += [
                parent._replace(kind=kind) if parent.kind in (CLASS, INSTANCE) else parent
                for parent in self.base_values(site, base, bound)
            ]
        return bases

    def base_values(self, site: Site, base: int, bound: Bound) -> Values:
        """The types, as instances, that one expression behind `extends` or `implements` names."""
        unit = site.unit
        if site.definition.kind == Kind.INTERFACE:
            return self.annotated(unit, base, bound)
        expression = unit.expressions[base]
        arguments: tuple[Values, ...] = ()
        head = base
        if expression[0] == Op.ITEM and expression[2] >= 0:
            head = expression[1]
            parts = unit.expressions[expression[2]]
            if parts[0] == Op.DISPLAY:
                arguments = tuple(self.annotated(unit, part, bound) for part in parts[2:])
        found: list[Value] = []
        for value in self.infer(unit, head):
            if value.kind == CLASS:
                given = arguments or value.arguments
                found.append(value._replace(kind=INSTANCE, arguments=given))
            elif value.kind == FUNCTION:
                found.append(Value(INSTANCE, value.unit, value.index))
            elif value.kind in (INSTANCE, OBJECT):
                found += self.constructed(value, arguments)
        return distinct(found) or self.annotated(unit, base, bound)

    def declarations(self, site: Site) -> list[Site]:
        """All declarations that make up one type: those of one name in one scope are merged."""
        unit, definition = site.unit, site.definition
        if not definition.name or definition.kind not in _CLASSES:
            return [site]
        entry = unit.names[definition.scope].get(definition.name, ())
        found = [Site(unit, i) for i in entry if unit.definitions[i].kind in _CLASSES] or [site]
        tables = self.names.tables(unit)
        scope = definition.scope
        if (scope == 0 and not tables.is_module) or scope in tables.globals:
            for other in self.names.global_sites(self._asking or unit, definition.name):
                if other not in found and other.definition.kind in _CLASSES:
                    found.append(other)
        if site in found and found[0] != site:
            found.remove(site)
            found.insert(0, site)
        return found

    def type_parameters(self, site: Site) -> list[int]:
        """The definitions of the type parameters of a class, alias or function, in order."""
        unit, definition = site.unit, site.definition
        if definition.kind in _FUNCTIONS:
            scope = definition.body
        else:
            scope = self.names.tables(unit).parameters(site.index)
        if scope < 0:
            return []
        return sorted(
            index
            for entry in unit.names[scope].values()
            for index in entry
            if unit.definitions[index].kind == Kind.TYPE_PARAMETER
        )

    def _bind_parameters(self, site: Site, value: Value) -> Bound:
        """What the type parameters of a declaration stand for in a value of it."""
        this: Bound = ((None, (value._replace(kind=INSTANCE),)),)
        parameters = self.type_parameters(site)
        if not parameters:
            return this
        return (*self._bind(site.unit, parameters, value.arguments), *this)

    def _bind(self, unit: Unit, parameters: list[int], arguments: tuple[Values, ...]) -> Bound:
        bound: list[tuple[Site | None, Values]] = []
        for position, index in enumerate(parameters):
            if position < len(arguments):
                bound.append((Site(unit, index), arguments[position]))
            else:
                default = unit.definitions[index].value
                if default >= 0:
                    bound.append((Site(unit, index), self.annotated(unit, default, tuple(bound))))
        return tuple(bound)

    def member_values(self, value: Value, name: str) -> Values:
        """What a member of a value may stand for."""
        if value.path == "Record":
            return value.arguments[1] if len(value.arguments) > 1 else NOTHING
        found: list[Value] = []
        for site, bound in self.member(value, name):
            for result in self.value_of(site, bound):
                found.append(result)
            if found:
                break
        return distinct(found)

    # ---- values of expressions

    def infer(self, unit: Unit, index: int) -> Values:
        """What an expression may stand for; empty when it is not known."""
        return self._solve(unit, index) if index >= 0 else NOTHING

    def value_of(self, site: Site, bound: Bound = ()) -> Values:
        """What a definition binds its name to."""
        if bound:
            self._steps -= 1
            if self._depth > _DEEPEST or self._steps < 0:
                self._lowest = -1
                return NOTHING
            self._depth += 1
            values = self._value_of(site, bound)
            self._depth -= 1
            return values
        return self._solve(site.unit, ~site.index)

    def _solve(self, unit: Unit, index: int) -> Values:
        """The memo behind `infer` and `value_of`.

        What depends on itself is unknown. An answer found inside such a cycle is kept
        only for the current question, so that no answer depends on an earlier question.
        """
        touched = self.touched
        table = self._known.get(unit)
        if table is None:
            table = self._known[unit] = {}
        known = table.get(index)
        if known is not None:
            touched.mask |= known[1]
            return known[0]
        key = (unit, index)
        level = self._open.get(key)
        if level is not None:
            self._lowest = min(self._lowest, level)
            return NOTHING
        passing = self._passing.get(key)
        if passing is not None:
            touched.mask |= passing[1]
            self._lowest = min(self._lowest, passing[2])
            return passing[0]
        depth = self._depth
        self._steps -= 1
        if depth > _DEEPEST or self._steps < 0:
            self._lowest = -1
            return NOTHING
        outer, touched.mask = touched.mask, 0
        lowest, self._lowest = self._lowest, _UNTAINTED
        self._open[key] = depth
        self._depth = depth + 1
        if index >= 0:
            values = self._infer(unit, unit.expressions[index])
        else:
            values = self._value_of(Site(unit, ~index), ())
        self._depth = depth
        del self._open[key]
        if self._lowest >= depth:
            table[index] = (values, touched.mask)
            self._lowest = lowest
        else:
            self._passing[key] = (values, touched.mask, self._lowest)
            self._lowest = min(lowest, self._lowest)
        if depth == 0:
            self._passing.clear()
            self._lowest = _UNTAINTED
        touched.mask |= outer
        return values

    def _infer(self, unit: Unit, expression: Expression) -> Values:
        operator = expression[0]
        if operator == Op.NAME:
            return self._infer_name(unit, expression)
        if operator == Op.MEMBER:
            return self._infer_member(unit, expression)
        if operator == Op.CALL:
            return self._infer_call(unit, expression)
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
            return self.annotated(unit, expression[1], ())
        return self._infer_more(unit, expression)

    def _infer_more(self, unit: Unit, expression: Expression) -> Values:
        operator = expression[0]
        if operator == Op.DISPLAY:
            parts = [self.infer(unit, part) for part in expression[2:]]
            items = distinct(value for part in parts for value in part)
            return self.builtin(unit, expression[1], (items, *parts))
        if operator == Op.NEW:
            return self._infer_new(unit, expression[1])
        if operator == Op.MODULE:
            return distinct(
                self._module_value(site) for site in self.module_sites(unit, expression)
            )
        if operator == Op.AWAIT:
            return self.awaited(self.infer(unit, expression[1]))
        if operator == Op.ELEMENT:
            return self.elements(self.infer(unit, expression[1]))
        if operator == Op.UNPACK:
            return self._unpacked(self.infer(unit, expression[1]), expression[2])
        if operator == Op.ITEM:
            return self._infer_item(unit, expression)
        if operator == Op.EXPECTED:
            return self._expected(unit, expression)
        if operator == Op.KEYWORD:
            for site, bound in self.property_of(unit, expression):
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
            return self._this(unit, scope, name)
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
            return (Value(MODULE, None, 0, (), (), name),)
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

    def _this(self, unit: Unit, scope: int, name: str) -> Values:
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
                    return self._receiver(unit, this.owner, name)
            scope = this.parent
        return NOTHING

    def _receiver(self, unit: Unit, function: int, name: str) -> Values:
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
        return distinct(self._bases(site, (), value.kind))

    def _infer_member(self, unit: Unit, expression: Expression) -> Values:
        name, receiver = expression[3], expression[4]
        if receiver < 0:
            return NOTHING
        source = unit.expressions[receiver]
        if source[0] == Op.MODULE:
            found: list[Value] = []
            for site in self.members_of(unit, expression):
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
            results += self.member_values(value, name)
        return distinct(results)

    def builtin(self, unit: Unit, name: str, arguments: tuple[Values, ...] = ()) -> Values:
        """A value of a type of the library; it is known by its name where there is no library."""
        path = ""
        if name == "tuple":
            name, path = "Array", "tuple"
        elif name == "Array":
            arguments = arguments[:1]
        elif name == "Promise":
            arguments = (self.awaited(arguments[0]),) if arguments else ()
        for site in self.names.global_sites(self._asking or unit, name):
            if site.definition.kind == Kind.INTERFACE:
                return (Value(INSTANCE, site.unit, site.index, arguments, (), path),)
        if arguments:
            return (Value(INSTANCE, None, 0, arguments, (), path or name),)
        return NOTHING

    # ---- values of definitions

    def _value_of(self, site: Site, bound: Bound) -> Values:
        unit, definition = site.unit, site.definition
        kind = definition.kind
        if kind in (Kind.CLASS, Kind.ENUM, Kind.NAMESPACE):
            return (Value(CLASS, unit, site.index),)
        if kind in _FUNCTIONS:
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
            return self.annotated(unit, definition.annotation, bound)
        if definition.value >= 0 or not definition.flags & Flag.SETTER:
            values = self.infer(unit, definition.value)
            if not values and kind in (Kind.ATTRIBUTE, Kind.PROPERTY, Kind.FIELD):
                values = self._assigned_elsewhere(site)
            return values
        for index in self.parameters(site)[:1]:
            return self.value_of(Site(unit, index))
        return NOTHING

    def _imported_value(self, site: Site) -> Values:
        found: list[Value] = []
        value = site.definition.value
        if value >= 0 and site.unit.expressions[value][3:4] == ("export=",):
            return self.infer(site.unit, value)
        for target in self._target(site, 0):
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
                    values = self.annotated(unit, other.annotation, ())
                else:
                    values = self.infer(unit, other.value)
                if values:
                    return values
        return NOTHING

    # ---- calls

    def _infer_call(self, unit: Unit, expression: Expression) -> Values:
        function = expression[1]
        target = unit.expressions[function]
        explicit = -1
        if target[0] == Op.ITEM and target[2] >= 0:
            inside = unit.expressions[target[2]]
            if inside[0] == Op.DISPLAY and inside[1] == "<>":
                function, explicit = target[1], target[2]
                target = unit.expressions[function]
        if target[0] == Op.NAME and target[3] == "super" and target[2] < 0:
            return NOTHING
        found: list[Value] = []
        for value in self.infer(unit, function):
            found += self.called(value, given_by(unit, expression), explicit)
        if not found and target[0] == Op.MEMBER and target[3] == "bind":
            return self.infer(unit, target[4])
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
            found = []
            for owner, bound in self.lineage(value):
                scope = owner.definition.body
                self.touched.add((owner.unit, "("))
                for index in owner.unit.names[scope].get("(", ()) if scope >= 0 else ():
                    found.append((Site(owner.unit, index), bound))
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
            has = self.infer(given[0], argument)
            if has and all(value.kind == FUNCTION for value in has):
                if self._guards(unit, annotation) and not any(map(self._is_guard, has)):
                    return False
            wants = self.annotated(unit, annotation, bound)
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
        name = self._named(value)
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
        return self.names.tables(function.unit).taken(function.index)

    def returned(
        self,
        function: Site,
        bound: Bound = (),
        given: Given | None = None,
        explicit: int = -1,
    ) -> Values:
        """What a function gives back, by its annotation or else by its return statements."""
        unit, definition = function.unit, function.definition
        if definition.kind not in _FUNCTIONS or self._depth > _DEEPEST:
            return NOTHING
        self._depth += 1
        try:
            if definition.annotation >= 0:
                solved = self._solved(function, bound, given, explicit)
                return self.annotated(unit, definition.annotation, solved)
            values = self.infer(unit, definition.value)
            if definition.flags & Flag.GENERATOR:
                name = "AsyncGenerator" if definition.flags & Flag.ASYNC else "Generator"
                return self.builtin(unit, name, (values,))
            if definition.flags & Flag.ASYNC:
                return self.builtin(unit, "Promise", (values,))
            receiver = bound_to(bound, None)
            if receiver:
                own = self._receiver(unit, function.index, "this")
                values = tuple(receiver[0] if value in own else value for value in values)
            return values
        finally:
            self._depth -= 1

    def _solved(self, function: Site, bound: Bound, given: Given | None, explicit: int) -> Bound:
        """What type parameters stand for in one call of a function."""
        parameters = self.type_parameters(function)
        if not parameters or given is None:
            return bound
        unit = function.unit
        if explicit >= 0:
            written = tuple(
                self.annotated(given[0], part, ()) for part in given[0].expressions[explicit][2:]
            )
            return (*self._bind(unit, parameters, written), *bound)
        wanted = {Site(unit, index): list[Value]() for index in parameters}
        for parameter, argument in zip(self.parameters(function), given[1:3], strict=False):
            annotation = unit.definitions[parameter].annotation
            if annotation >= 0 and argument >= 0:
                self._unify(unit, annotation, self.infer(given[0], argument), wanted, 0)
        solved: list[tuple[Site | None, Values]] = [
            (site, distinct(values)) for site, values in wanted.items() if values
        ]
        for site, values in wanted.items():
            default = unit.definitions[site.index].value
            if not values and default >= 0:
                solved.append((site, self.annotated(unit, default, tuple(solved))))
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
            for site in self.names.named(unit, expression[3], expression[4], Role.TYPE)[:1]:
                if site in wanted:
                    wanted[site] += values
        elif operator in (Op.EITHER, Op.BINARY):
            for part in expression[1:] if operator == Op.EITHER else expression[2:]:
                self._unify(unit, part, values, wanted, depth + 1)
        elif operator == Op.DISPLAY:
            for position, part in enumerate(expression[2:]):
                tuple_ = expression[1] == "tuple"
                inner = self._unpacked(values, position) if tuple_ else self.elements(values)
                self._unify(unit, part, inner, wanted, depth + 1)
        elif operator == Op.FUNCTION:
            returned = unit.definitions[expression[1]].annotation
            for value in values:
                if value.kind == FUNCTION:
                    self._unify(unit, returned, self.called(value), wanted, depth + 1)
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
                    inner = self.member_values(value, name)
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
        if name in _PROMISES and parts:
            self._unify(unit, parts[0], self.awaited(values), wanted, depth + 1)
            return
        if name in _SEQUENCES and parts:
            self._unify(unit, parts[0], self.elements(values), wanted, depth + 1)
            return
        for target in self.follow(self._type_sites(unit, expression[1]))[:1]:
            if target.definition.kind == Kind.TYPE:
                self._unify_alias(unit, parts, target, values, wanted, depth)
                return
            for value in values:
                for owner, bound in self.lineage(value) if value.unit is not None else ():
                    if owner == target:
                        for index, part in zip(self.type_parameters(owner), parts, strict=False):
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
        own = {Site(alias.unit, index): list[Value]() for index in self.type_parameters(alias)}
        self._unify(alias.unit, alias.definition.value, values, own, depth + 1)
        for known, part in zip(own.values(), parts, strict=False):
            self._unify(unit, part, tuple(known), wanted, depth + 1)

    def _infer_new(self, unit: Unit, cls: int) -> Values:
        expression = unit.expressions[cls]
        arguments: tuple[Values, ...] = ()
        if expression[0] == Op.ITEM and expression[2] >= 0:
            inside = unit.expressions[expression[2]]
            if inside[0] == Op.DISPLAY and inside[1] == "<>":
                arguments = tuple(self.annotated(unit, part, ()) for part in inside[2:])
                cls = expression[1]
        found: list[Value] = []
        for value in self.infer(unit, cls):
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
        for site, bound in self.member(value, "new"):
            definition = site.definition
            if definition.kind == Kind.CONSTRUCTOR:
                overloads = self.overloads(site, None)
                for index in overloads:
                    signature = Site(site.unit, index)
                    parameters = self.type_parameters(signature)
                    if bool(parameters) == bool(arguments) or index == overloads[-1]:
                        solved = (*self._bind(site.unit, parameters, arguments), *bound)
                        made = self.annotated(site.unit, signature.definition.annotation, solved)
                        return made
        return NOTHING

    def _expected(self, unit: Unit, expression: Expression) -> Values:
        """What the function that is called takes at a position."""
        _, function, position, first = expression
        target = unit.expressions[function]
        explicit = -1
        if target[0] == Op.ITEM and target[2] >= 0:
            inside = unit.expressions[target[2]]
            if inside[0] == Op.DISPLAY and inside[1] == "<>":
                function, explicit = target[1], target[2]
        for value in self.infer(unit, function):
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
                solved = self._solved(site, bound, given, explicit)
                values = self.annotated(site.unit, parameter.annotation, solved)
                if variadic:
                    values = self.elements(values)
                if values:
                    return values
        return NOTHING

    def _constructors(self, made: Value) -> list[tuple[Site, Bound]]:
        """The constructors of the class of a new object."""
        if made.unit is None or made.kind != INSTANCE:
            return []
        for owner, bound in self.lineage(made):
            body = owner.definition.body
            if owner.definition.kind == Kind.CLASS and body >= 0:
                entry = owner.unit.names[body].get("constructor")
                if entry:
                    return [(Site(owner.unit, index), bound) for index in entry]
            elif owner.definition.kind == Kind.FUNCTION:
                return [(owner, bound)]
        name = made.unit.definitions[made.index].name
        for site in self.names.global_sites(self._asking or made.unit, name):
            if site.definition.annotation >= 0:
                for value in self.value_of(site):
                    return [
                        (Site(found.unit, index), bound)
                        for found, bound in self.member(value, "new")[:1]
                        for index in self.overloads(found, None)
                    ]
        return []

    def property_of(self, unit: Unit, expression: Expression) -> list[tuple[Site, Bound]]:
        """The member of a component's properties that a KEYWORD names."""
        name, component = expression[3], expression[4]
        for value in self.infer(unit, component):
            properties: Values = NOTHING
            if value.kind == CLASS:
                instance = value._replace(kind=INSTANCE)
                properties = self.member_values(instance, "props")
            else:
                for site, bound in self.callables(value):
                    for at in self.parameters(site)[:1]:
                        properties = self.value_of(Site(site.unit, at), bound)
                    if properties:
                        break
            for given in properties:
                found = self.member(given, name)
                if found:
                    return found
        return []

    # ---- containers

    def awaited(self, values: Values) -> Values:
        """What `await` makes of values."""
        found: list[Value] = []
        for value in values:
            if self._named(value) in _PROMISES:
                found += value.arguments[0] if value.arguments else ()
            else:
                found.append(value)
        return distinct(found)

    @staticmethod
    def _named(value: Value) -> str:
        if value.kind != INSTANCE:
            return ""
        if value.unit is None:
            return "Array" if value.path == "tuple" else value.path
        return value.unit.definitions[value.index].name

    def elements(self, values: Values) -> Values:
        """What iterating over values gives."""
        found: list[Value] = []
        for value in values:
            name = self._named(value)
            if name in _SEQUENCES:
                found += value.arguments[0] if value.arguments else ()
            elif name in _MAPS:
                if len(value.arguments) > 1 and self._asking is not None:
                    key, item = value.arguments[:2]
                    found += self.builtin(
                        self._asking, "tuple", (distinct((*key, *item)), key, item)
                    )
            elif name == "String":
                found.append(value)
            elif value.kind in (INSTANCE, OBJECT) and value.unit is not None:
                found += self._iterated(value)
        return distinct(found)

    def _iterated(self, value: Value) -> Values:
        if value.kind == INSTANCE:
            for owner, bound in self.lineage(value)[1:]:
                if owner.definition.name in _SEQUENCES:
                    for index in self.type_parameters(owner)[:1]:
                        return bound_to(bound, Site(owner.unit, index)) or NOTHING
        for name in ("[Symbol.iterator]", "[Symbol.asyncIterator]"):
            for site, bound in self.member(value, name)[:1]:
                return self.elements(tuple(v for v in self.returned(site, bound) if v != value))
        return NOTHING

    def _unpacked(self, values: Values, position: int) -> Values:
        found: list[Value] = []
        for value in values:
            if value.path == "tuple" or (value.unit is None and len(value.arguments) > 1):
                if position + 1 < len(value.arguments):
                    found += value.arguments[position + 1]
            else:
                found += self.elements((value,))
        return distinct(found)

    def _infer_item(self, unit: Unit, expression: Expression) -> Values:
        _, container, index = expression
        values = self.infer(unit, container)
        at = unit.expressions[index] if index >= 0 else ()
        if at and at[0] == Op.DISPLAY and at[1] == "<>":
            arguments = tuple(self.annotated(unit, part, ()) for part in at[2:])
            return tuple(value._replace(arguments=arguments) for value in values)
        found: list[Value] = []
        for value in values:
            if self._named(value) in _SEQUENCES:
                found += value.arguments[0] if value.arguments else ()
            elif value.path == "Record":
                found += value.arguments[1] if len(value.arguments) > 1 else ()
            else:
                found += self._indexed(value)
        return distinct(found)

    def _indexed(self, value: Value) -> Values:
        """What an index signature of a type gives."""
        for site, bound in self._index_member(value):
            return self.annotated(site.unit, site.definition.annotation, bound)
        return NOTHING

    def _infer_binary(self, unit: Unit, expression: Expression) -> Values:
        _, operator, left, right = expression
        if operator == "is":
            found: list[Value] = []
            for value in self.infer(unit, left):
                for site, bound in self.callables(value):
                    annotation = site.definition.annotation
                    if annotation >= 0:
                        said = site.unit.expressions[annotation]
                        if said[0] == Op.BINARY and said[1] == "is":
                            found += self.annotated(site.unit, said[3], bound)
            return distinct(found)
        values = distinct((*self.infer(unit, left), *self.infer(unit, right)))
        strings = [value for value in values if self._named(value) == "String"]
        return tuple(strings) or values

    # ---- annotations

    def annotated(self, unit: Unit, index: int, bound: Bound) -> Values:
        """Values of the type that an annotation names."""
        if index < 0:
            return NOTHING
        self._steps -= 1
        if self._depth > _DEEPEST or self._steps < 0:
            self._lowest = -1
            return NOTHING
        self._depth += 1
        values = self._annotated(unit, unit.expressions[index], index, bound)
        self._depth -= 1
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
            return self.builtin(unit, expression[1])
        if operator == Op.DISPLAY:
            parts = [self.annotated(unit, part, bound) for part in expression[2:]]
            items = distinct(value for part in parts for value in part)
            return self.builtin(unit, expression[1], (items, *parts))
        if operator == Op.OBJECT:
            return (Value(OBJECT, unit, expression[1], (), bound),)
        if operator == Op.FUNCTION:
            return (Value(FUNCTION, unit, expression[1], (), bound),)
        if operator == Op.BINARY and expression[1] == "&":
            return distinct(
                value for part in expression[2:] for value in self.annotated(unit, part, bound)
            )
        if operator == Op.TYPEOF:
            return self.infer(unit, expression[1])
        if operator == Op.INSTANCE:
            return self.annotated(unit, expression[1], bound)
        if operator == Op.ELEMENT:
            return self.elements(self.annotated(unit, expression[1], bound))
        if operator == Op.MODULE:
            return self.infer(unit, index)
        return NOTHING

    def _annotated_name(
        self, unit: Unit, index: int, expression: Expression, bound: Bound
    ) -> Values:
        if expression[0] == Op.NAME and expression[3] == "this" and expression[2] < 0:
            return bound_to(bound, None) or self._this(unit, expression[4], "this")
        if expression[0] == Op.MEMBER and expression[4] >= 0:
            receiver = unit.expressions[expression[4]]
            if receiver[0] == Op.INSTANCE:  # `Foo["bar"]`
                return distinct(
                    found
                    for value in self.annotated(unit, receiver[1], bound)
                    for found in self.member_values(value, expression[3])
                )
        found: list[Value] = []
        for site in self.follow(self._type_sites(unit, index)):
            found += self._of_type(site, (), bound)
            if found:
                break
        return distinct(found)

    def _type_sites(self, unit: Unit, index: int) -> list[Site]:
        expression = unit.expressions[index]
        if expression[0] == Op.NAME:
            return self.names.named(unit, expression[3], expression[4], Role.TYPE)
        if expression[0] == Op.MEMBER:
            return self.members_of(unit, expression)
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
            return (Value(INSTANCE, unit, site.index, self._defaults(site)),)
        if kind == Kind.TYPE:
            parameters = self.type_parameters(site)
            own = self._bind(unit, parameters, arguments)
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
                for value in self.value_of(site)
                if value.kind in (CLASS, FUNCTION)
            )
        return NOTHING

    def _defaults(self, site: Site) -> tuple[Values, ...]:
        parameters = self.type_parameters(site)
        if not any(site.unit.definitions[index].value >= 0 for index in parameters):
            return ()
        return tuple(
            self.annotated(site.unit, site.unit.definitions[index].value, ())
            for index in parameters
        )

    def _alias(self, site: Site) -> Values:
        return self.annotated(site.unit, site.definition.value, ())

    def _annotated_generic(self, unit: Unit, expression: Expression, bound: Bound) -> Values:
        _, head, inside = expression
        target = unit.expressions[head]
        name = target[3] if target[0] <= Op.MEMBER else ""
        parts = unit.expressions[inside][2:] if inside >= 0 else ()
        sites = self.follow(self._type_sites(unit, head))
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
        return distinct(found) if sites else self.builtin(unit, name, arguments)

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
            return self.awaited(first)
        if name == "ReturnType":
            return distinct(found for value in first for found in self.called(value))
        if name == "InstanceType":
            return tuple(value._replace(kind=INSTANCE) for value in first if value.kind == CLASS)
        if name == "Record" and len(arguments) > 1:
            return (Value(INSTANCE, None, 0, arguments, (), "Record"),)
        if name == "Object" and len(arguments) > 1:
            return (Value(INSTANCE, None, 0, arguments, (), "Record"),)
        return None


def _best(unit: Unit, entry: list[int]) -> list[int]:
    """The definitions of a member: what a body says before what methods assign."""
    if len(entry) == 1:
        return entry
    definitions = unit.definitions
    kept = [index for index in entry if definitions[index].kind != Kind.TYPE_PARAMETER]
    body = [index for index in kept if definitions[index].kind != Kind.ATTRIBUTE]
    getters = [index for index in body or kept if not definitions[index].flags & Flag.SETTER]
    return getters or body or kept


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
