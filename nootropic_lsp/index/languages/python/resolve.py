"""What a name means: from the facts of many Python files to definitions and light types.

Nothing is executed and no fixpoint is computed: values come from annotations,
constructor calls, returns and the like, and an unknown stays unknown. Results are
memoised per expression, together with everything that was looked at on the way
(`Resolver.touched`), so that a change elsewhere re-resolves just what it may affect.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from nootropic_lsp.index.facts import Block, Definition, Expression, Flag, Kind, Op, ScopeKind
from nootropic_lsp.index.languages.python.modules import Modules
from nootropic_lsp.index.units import Site, Trail, Unit, World

_MODULE, _CLASS, _INSTANCE, _FUNCTION = range(4)

# Deep enough for every chain a person writes; it ends runaway recursion through returns.
_DEEPEST = 40
_WIDEST = 6  # alternatives of one value
_UNTAINTED = 1 << 30

_TRANSPARENT = frozenset({"Optional", "ClassVar", "Final", "Required", "NotRequired", "ReadOnly"})
_FIRST_ONLY = frozenset({"Annotated", "Awaitable", "Coroutine"})
_DICTIONARIES = frozenset(
    {"dict", "Dict", "Mapping", "MutableMapping", "defaultdict", "DefaultDict", "OrderedDict"}
)
_GENERATORS = frozenset({"Generator", "Iterator", "AsyncGenerator", "AsyncIterator", "Iterable"})


class Value(NamedTuple):
    """What an expression may stand for.

    A module has a path and no unit when it is a namespace package. `arguments`
    are the element types of a container, one tuple of values per parameter.
    `receiver` is what a method is bound to.
    """

    kind: int
    unit: Unit | None
    index: int
    arguments: tuple[tuple[Value, ...], ...] = ()  # type: ignore[misc]
    receiver: Value | None = None  # type: ignore[misc]
    path: str = ""


Values = tuple[Value, ...]
_NOTHING: Values = ()


class Resolver:
    """Answers for one state of the world. Make a new one when any file has changed."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.modules = Modules(world)
        self.touched = Trail()
        self._depth = 0
        # Answers that hold whatever was asked before, each with its trail. Expressions are
        # keyed by their index, definitions by the complement of theirs.
        self._known: dict[Unit, dict[int, tuple[Values, int]]] = {}
        # Answers found inside a cycle depend on where it was entered: kept for one question.
        self._passing: dict[tuple[Unit, int], tuple[Values, int, int]] = {}
        self._open: dict[tuple[Unit, int], int] = {}
        self._lowest = _UNTAINTED
        self._orders: dict[tuple[Unit, int], tuple[tuple[Site, ...], int]] = {}
        self._members: dict[tuple[Unit, int, str], tuple[list[Site], int]] = {}
        self._module_members: dict[tuple[str, str], tuple[list[Site], int]] = {}
        self._imports: dict[tuple[Unit, int], tuple[list[Site], int]] = {}
        self._names: dict[tuple[Unit, int, str], tuple[list[Site], int]] = {}
        self._builtins: Unit | None = None
        self._have_builtins = False

    def forget(self, unit: Unit) -> None:
        """Drop what only the expressions of a file needed; other files ask for definitions."""
        table = self._known.get(unit)
        if table is not None:
            self._known[unit] = {index: value for index, value in table.items() if index < 0}
        # Bare names of a file are asked for from that file alone.
        self._names.clear()

    # ---- where is it defined

    def definitions(self, unit: Unit, index: int, *, follow: bool = True) -> list[Site]:
        """Where the name at a use is defined, best first. `follow` goes through imports."""
        expression = unit.expressions[index]
        operator, _, position, name, operand = expression
        if operator == Op.NAME:
            return self._follow(self._named(unit, name, operand, position), follow)
        if operator == Op.MEMBER:
            return self._follow(self._members_of(unit, operand, name), follow)
        if operator == Op.MODULE:
            path = self._module(name, operand, unit.path)
            return self._module_site(path)
        return self._keyword(unit, name, operand)

    def types(self, unit: Unit, index: int) -> list[Site]:
        """The definitions of the types that an expression may have."""
        return _classes(self.infer(unit, index))

    def types_of(self, site: Site) -> list[Site]:
        """The definitions of the types that a definition may have."""
        return _classes(self.value_of(site))

    def followed(self, site: Site) -> list[Site]:
        """What an import stands for; any other definition stands for itself."""
        return self._follow([site], True)

    def bases(self, site: Site) -> list[Site]:
        """The direct base classes of a class."""
        return [
            Site(value.unit, value.index)
            for base in site.definition.related
            for value in self.infer(site.unit, base)[:1]
            if value.kind == _CLASS and value.unit is not None
        ]

    def _members_of(self, unit: Unit, receiver: int, name: str) -> list[Site]:
        found: list[Site] = []
        for value in self.infer(unit, receiver):
            for site in self.member(value, name):
                if site not in found:
                    found.append(site)
            if found:
                break
        return found

    def _keyword(self, unit: Unit, name: str, function: int) -> list[Site]:
        """The parameter that a keyword argument names."""
        for value in self.infer(unit, function):
            for site in self.callables(value):
                body = site.definition.body
                for at in site.unit.names[body].get(name, ()) if body >= 0 else ():
                    if site.unit.definitions[at].kind == Kind.PARAMETER:
                        return [Site(site.unit, at)]
            if value.kind == _CLASS and value.unit is not None:
                for owner in self.order(Site(value.unit, value.index)):
                    if owner.definition.flags & Flag.DATACLASS:
                        fields = self._own(owner, name)
                        if fields:
                            return fields[:1]
        return []

    def callables(self, value: Value) -> list[Site]:
        """The functions that run when a value is called."""
        if value.kind == _FUNCTION and value.unit is not None:
            return [Site(value.unit, value.index)]
        if value.kind == _CLASS:
            return self.member(value, "__init__")[:1] or self.member(value, "__new__")[:1]
        if value.kind == _INSTANCE:
            return self.member(value, "__call__")[:1]
        return []

    def parameters(self, function: Site) -> list[int]:
        """The parameters of a function, in order."""
        body = function.definition.body
        if body < 0:
            return []
        return [
            index
            for index in _owned(function.unit, body)
            if function.unit.definitions[index].kind == Kind.PARAMETER
        ]

    def _follow(self, sites: list[Site], follow: bool) -> list[Site]:
        """Replace imports by what they import, as far as it can be found."""
        if not follow:
            return sites
        if len(sites) == 1:
            unit, index = sites[0]
            return (
                self._import_targets(sites[0])
                if unit.definitions[index].kind == Kind.IMPORT
                else sites
            )
        found = [
            target
            for site in sites
            for target in (
                self._import_targets(site) if site.definition.kind == Kind.IMPORT else (site,)
            )
        ]
        return list(dict.fromkeys(found))

    def _import_targets(self, site: Site) -> list[Site]:
        """What an import finally stands for: itself if it cannot be found."""
        key = site.unit, site.index
        touched = self.touched
        known = self._imports.get(key)
        if known is not None:
            touched.mask |= known[1]
            return known[0]
        outer, touched.mask = touched.mask, 0
        self._imports[key] = ([site], 0)  # an import of itself stays where it is
        found: list[Site] = []
        for target in self._imported(site):
            if target == site:
                continue
            if target.definition.kind == Kind.IMPORT:
                found += self._import_targets(target)
            else:
                found.append(target)
        found = list(dict.fromkeys(found)) or [site]
        self._imports[key] = (found, touched.mask)
        touched.mask |= outer
        return found

    def _imported(self, site: Site) -> list[Site]:
        """One step through an import."""
        unit = site.unit
        expression = unit.expressions[site.definition.value]
        if expression[0] == Op.MODULE:
            return self._module_site(self._module(expression[3], expression[4], unit.path))
        source = unit.expressions[expression[4]]
        path = self._module(source[3], source[4], unit.path)
        if path is None:
            return []
        return self._module_member(path, expression[3], unit if path == unit.path else None)

    def _module(self, dotted: str, level: int, importer: str) -> str | None:
        self.touched.add_modules(dotted)
        return self.modules.find(dotted, level, importer)

    def _module_site(self, path: str | None) -> list[Site]:
        if path is None:
            return []
        unit = self.world.unit(path)
        if unit is None or not unit.definitions:
            return []
        return [Site(unit, 0)]

    def _module_member(self, path: str, name: str, importer: Unit | None = None) -> list[Site]:
        """A name of a module, or a submodule of a package."""
        key = (path, name)
        known = self._module_members.get(key) if importer is None else None
        if known is not None:
            self.touched.mask |= known[1]
            return known[0]
        outer, self.touched.mask = self.touched.mask, 0
        found = self._look_in_module(path, name, importer)
        if importer is None:
            self._module_members[key] = (found, self.touched.mask)
        self.touched.mask |= outer
        return found

    def _look_in_module(self, path: str, name: str, importer: Unit | None) -> list[Site]:
        unit = self.world.unit(path)
        found = self._exported(unit, name, set()) if unit is not None else []
        if found and importer is not None and unit is importer:
            # `from . import x` inside a package's own __init__: the submodule, not itself.
            found = [site for site in found if site.definition.kind != Kind.IMPORT]
        if not found:
            self.touched.add((unit, name))
            inside = self._module(name, 1, _inside(path))
            found = self._module_site(inside)
        return found

    def _exported(self, unit: Unit, name: str, seen: set[Unit]) -> list[Site]:
        """The definitions of a module-level name, star imports included."""
        self.touched.add((unit, name))
        entry = unit.names[0].get(name)
        if entry:
            return [Site(unit, index) for index in _final(unit, entry)]
        seen.add(unit)
        for star in reversed(unit.stars):
            source = self._star_source(unit, star)
            if source is None or source in seen:
                continue
            if source.exports is None and name.startswith("_"):
                continue
            if source.exports is not None and name not in source.exports:
                continue
            found = self._exported(source, name, seen)
            if found:
                return found
        return []

    def _star_source(self, unit: Unit, star: int) -> Unit | None:
        expression = unit.expressions[star]
        path = self._module(expression[3], expression[4], unit.path)
        return self.world.unit(path) if path is not None else None

    def _named(self, unit: Unit, name: str, scope: int, position: int) -> list[Site]:
        """The definitions of a bare name that a use at `position` in `scope` may mean."""
        key = (unit, scope, name)
        touched = self.touched
        known = self._names.get(key)
        if known is not None:
            touched.mask |= known[1]
            return known[0]
        outer, touched.mask = touched.mask, 0
        found, fixed = self._look_up(unit, name, scope, position)
        if fixed:
            self._names[key] = (found, touched.mask)
        touched.mask |= outer
        return found

    def _look_up(self, unit: Unit, name: str, scope: int, position: int) -> tuple[list[Site], bool]:
        """The definitions, and whether they are the same at every position of the scope."""
        own = scope
        fixed = True
        names = unit.names
        scopes = unit.scopes
        while scope >= 0:
            this = scopes[scope]
            if this.kind != ScopeKind.CLASS or scope == own:
                entry = names[scope].get(name)
                if entry and this.kind == ScopeKind.CLASS:
                    # Attributes set through `self` are not names of the class body.
                    entry = [i for i in entry if unit.definitions[i].kind != Kind.ATTRIBUTE]
                    if position >= 0 and entry:
                        fixed = False
                        entry = [i for i in entry if unit.definitions[i].start <= position]
                if entry:
                    if len(entry) > 1:
                        if scope == own or self._flows(unit, own, scope):
                            fixed = False
                            entry = _reaching(unit, entry, position)
                        else:
                            entry = _final(unit, entry)
                    return [Site(unit, index) for index in entry], fixed
            scope = this.parent
        found = self._exported(unit, name, set())
        if not found:
            builtins = self.builtins()
            if builtins is not None and builtins is not unit:
                found = self._exported(builtins, name, set())
        return found, fixed

    @staticmethod
    def _flows(unit: Unit, inner: int, outer: int) -> bool:
        """Whether code of `inner` runs in line with `outer`: comprehensions do."""
        while inner != outer:
            if inner < 0:
                return False
            if unit.scopes[inner].kind != ScopeKind.COMPREHENSION:
                return False
            inner = unit.scopes[inner].parent
        return True

    def builtins(self) -> Unit | None:
        """The unit of the builtins' stub."""
        if not self._have_builtins:
            path = self._module("builtins", 0, "")
            self._builtins = self.world.unit(path) if path is not None else None
            self._have_builtins = True
        return self._builtins

    # ---- members

    def member(self, value: Value, name: str) -> list[Site]:
        """Where a member of a value is defined."""
        if value.kind == _MODULE:
            return self._module_member(value.path, name)
        if value.unit is None:
            return []
        if value.kind == _FUNCTION:
            return self._builtin_member("function", name)
        found = self._inherited(value.unit, value.index, name)
        if not found and value.kind == _CLASS:
            return self._builtin_member("type", name)
        return found

    def _inherited(self, unit: Unit, cls: int, name: str) -> list[Site]:
        """A member by the method resolution order."""
        key = (unit, cls, name)
        touched = self.touched
        known = self._members.get(key)
        if known is not None:
            touched.mask |= known[1]
            return known[0]
        outer, touched.mask = touched.mask, 0
        found: list[Site] = []
        for owner in self.order(Site(unit, cls)):
            found = self._own(owner, name)
            if found:
                break
        self._members[key] = (found, touched.mask)
        touched.mask |= outer
        return found

    def _own(self, owner: Site, name: str) -> list[Site]:
        """A member that a class itself defines, its best definition first."""
        unit = owner.unit
        self.touched.add((unit, name))
        entry = unit.names[owner.definition.body].get(name)
        if not entry:
            return []
        return [Site(unit, index) for index in _member_definitions(unit, entry)]

    def _builtin_member(self, cls: str, name: str) -> list[Site]:
        builtins = self.builtins()
        if builtins is None:
            return []
        for index in builtins.names[0].get(cls, ()):
            for owner in self.order(Site(builtins, index)):
                found = self._own(owner, name)
                if found:
                    return found
        return []

    def order(self, cls: Site) -> tuple[Site, ...]:
        """The method resolution order of a class, as far as its bases are known."""
        key = (cls.unit, cls.index)
        touched = self.touched
        known = self._orders.get(key)
        if known is not None:
            touched.mask |= known[1]
            return known[0]
        outer, touched.mask = touched.mask, 0
        self._orders[key] = ((cls,), 0)  # a class that inherits from itself is only itself
        lines: list[list[Site]] = []
        bases: list[Site] = []
        for base in cls.definition.related:
            for value in self.infer(cls.unit, base):
                if value.kind == _CLASS and value.unit is not None:
                    site = Site(value.unit, value.index)
                    if site != cls and site not in bases:
                        bases.append(site)
                        lines.append(list(self.order(site)))
                    break
        if not bases:
            builtins = self.builtins()
            entry = builtins.names[0].get("object") if builtins is not None else None
            if builtins is not None and entry and (builtins, entry[0]) != cls:
                lines.append([Site(builtins, entry[0])])
        order = (cls, *_merge([*lines, bases]))
        self._orders[key] = (order, touched.mask)
        touched.mask |= outer
        return order

    # ---- values

    def infer(self, unit: Unit, index: int) -> Values:
        """What an expression may stand for; empty when it is not known."""
        if index < 0:
            return _NOTHING
        expression = unit.expressions[index]
        if expression[0] == Op.NAME:
            # Its definition has a memo of its own.
            return self._infer_name(unit, expression)
        return self._solve(unit, index)

    def value_of(self, site: Site, receiver: Value | None = None) -> Values:
        """What a definition binds its name to."""
        if receiver is not None and receiver.arguments:
            return self._value_of(site, receiver)
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
            return _NOTHING
        passing = self._passing.get(key)
        if passing is not None:
            touched.mask |= passing[1]
            self._lowest = min(self._lowest, passing[2])
            return passing[0]
        depth = self._depth
        if depth > _DEEPEST:
            self._lowest = -1
            return _NOTHING
        outer, touched.mask = touched.mask, 0
        lowest, self._lowest = self._lowest, _UNTAINTED
        self._open[key] = depth
        self._depth = depth + 1
        if index >= 0:
            values = self._infer(unit, unit.expressions[index])
        else:
            values = self._value_of(Site(unit, ~index), None)
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
        if operator == Op.MEMBER:
            return self._infer_member(unit, expression)
        if operator == Op.CALL:
            return self._infer_call(unit, expression)
        if operator == Op.MODULE:
            return self._module_value(self._module(expression[3], expression[4], unit.path))
        if operator == Op.LITERAL:
            return self._builtin_instance(expression[1])
        if operator == Op.DISPLAY:
            return self._infer_display(unit, expression)
        if operator == Op.EITHER:
            return _distinct(value for part in expression[1:] for value in self.infer(unit, part))
        if operator == Op.AWAIT:
            return self._awaited(self.infer(unit, expression[1]))
        if operator == Op.ITEM:
            return self._infer_item(unit, expression[1], expression[2])
        if operator == Op.ELEMENT:
            return _distinct(
                element
                for value in self.infer(unit, expression[1])
                for element in self._element(value)
            )
        if operator == Op.UNPACK:
            return self._unpacked(unit, expression)
        if operator == Op.ENTER:
            return self._entered(self.infer(unit, expression[1]))
        if operator == Op.NEW:
            return _instances(self.infer(unit, expression[1]))
        if operator == Op.INSTANCE:
            return self.annotated(unit, expression[1])
        if operator == Op.BINARY:
            return self._infer_binary(unit, expression)
        if operator == Op.FUNCTION:
            return (Value(_FUNCTION, unit, expression[1]),)
        if operator == Op.YIELD:
            items = _distinct(value for part in expression[1:] for value in self.infer(unit, part))
            return self._builtin_instance("list", (items,))
        return _NOTHING

    def _infer_name(self, unit: Unit, expression: Expression) -> Values:
        _, _, position, name, scope = expression
        narrowed = unit.narrowed
        if narrowed:
            for index in reversed(narrowed.get(name, ())):
                known = unit.definitions[index]
                if known.full_start <= position < known.full_end and known.scope == scope:
                    values = self.infer(unit, known.value)
                    if values:
                        return values
        for site in self._named(unit, name, scope, position):
            where, at = site
            holder = where.definitions[at].scope
            others = where.names[holder][name]
            if len(others) == 1:
                return self._solve(where, ~at)
            if where is unit and (scope == holder or self._flows(unit, scope, holder)):
                others = _nearest(unit, others, position)
            else:
                others = [at, *(index for index in others if index != at)]
            for index in others:
                values = self._solve(where, ~index)
                if values:
                    return values
        return _NOTHING

    def _infer_member(self, unit: Unit, expression: Expression) -> Values:
        name, receiver = expression[3], expression[4]
        found: list[Value] = []
        for value in self.infer(unit, receiver):
            found += self.member_values(value, name)
            if len(found) >= _WIDEST:
                break
        return _distinct(found)

    def member_values(self, value: Value, name: str) -> Values:
        """What a member of a value may stand for, bound to it."""
        found: list[Value] = []
        sites = self.member(value, name)
        if value.kind == _MODULE:
            for site in sites:
                found += self.value_of(site)
            return _distinct(found)
        for site in sites:
            definition = site.definition
            if definition.kind in (Kind.METHOD, Kind.FUNCTION):
                if definition.flags & Flag.PROPERTY:
                    if not definition.flags & Flag.SETTER:
                        found += self.returned(site, value)
                else:
                    found.append(Value(_FUNCTION, site.unit, site.index, (), value))
            else:
                for inner in self.value_of(site, value):
                    found += self._described(inner, value)
            if found:
                break
        return _distinct(found)

    def _described(self, inner: Value, receiver: Value) -> Values:
        """What a descriptor gives when it is read through an instance."""
        if inner.kind != _INSTANCE or inner.unit is None or receiver.kind != _INSTANCE:
            return (inner,)
        getter = None
        for owner in self.order(Site(inner.unit, inner.index)):
            found = self._own(owner, "__get__")
            if found:
                getter = found[-1]
                break
        if getter is None:
            return (inner,)
        return self.returned(getter, inner) or (inner,)

    def _value_of(self, site: Site, receiver: Value | None) -> Values:
        unit, definition = site.unit, site.definition
        kind = definition.kind
        if kind == Kind.CLASS:
            return (Value(_CLASS, unit, site.index),)
        if kind in (Kind.FUNCTION, Kind.METHOD):
            return (Value(_FUNCTION, unit, site.index),)
        if kind == Kind.MODULE:
            return self._module_value(unit.path)
        if kind == Kind.IMPORT:
            return _distinct(
                value
                for target in self._import_targets(site)
                if target != site
                for value in self.value_of(target)
            ) or self._namespace(site)
        if kind == Kind.PARAMETER:
            return self._parameter(site)
        if definition.annotation >= 0:
            values = self.annotated(unit, definition.annotation, receiver)
            if values or not self._says_only_how(unit, definition.annotation):
                return values
        if kind == Kind.TYPE:
            return self.infer(unit, definition.value)
        values = self.infer(unit, definition.value)
        if kind == Kind.VARIABLE and values and self._is_enum_member(unit, definition):
            owner = unit.scopes[definition.scope].owner
            return (Value(_INSTANCE, unit, owner),)
        return values

    def _namespace(self, site: Site) -> Values:
        """An import of a package that has no file of its own."""
        expression = site.unit.expressions[site.definition.value]
        if expression[0] == Op.MODULE:
            path = self._module(expression[3], expression[4], site.unit.path)
        else:
            source = site.unit.expressions[expression[4]]
            path = self._module(source[3], source[4], site.unit.path)
            path = path and self._module(expression[3], 1, _inside(path))
        return self._module_value(path)

    def _is_enum_member(self, unit: Unit, definition: Definition) -> bool:
        scope = unit.scopes[definition.scope]
        if scope.kind != ScopeKind.CLASS or definition.name.startswith("_"):
            return False
        order = self.order(Site(unit, scope.owner))
        return any(site.definition.name in ("Enum", "EnumMeta") for site in order[1:])

    def _says_only_how(self, unit: Unit, annotation: int) -> bool:
        """`Final`, `ClassVar` and `TypeAlias` alone leave the type to the value."""
        expression = unit.expressions[annotation]
        return expression[0] <= Op.MEMBER and expression[3] in ("Final", "ClassVar", "TypeAlias")

    def _parameter(self, site: Site) -> Values:
        unit, definition = site.unit, site.definition
        if definition.annotation >= 0:
            values = self.annotated(unit, definition.annotation, self._self_of(site))
            if definition.flags & Flag.VARIADIC:
                return self._builtin_instance("tuple", (values,))
            if definition.flags & Flag.VARIADIC_KEYWORDS:
                return self._builtin_instance("dict", (_NOTHING, values))
            if values:
                return values
        if definition.flags & Flag.VARIADIC:
            return self._builtin_instance("tuple")
        if definition.flags & Flag.VARIADIC_KEYWORDS:
            return self._builtin_instance("dict")
        if definition.related == [0]:
            own = self._self_of(site)
            if own is not None:
                return (own,)
        if definition.value >= 0:
            return tuple(
                value for value in self.infer(unit, definition.value) if value.kind == _INSTANCE
            )
        return _NOTHING

    def _self_of(self, parameter: Site) -> Value | None:
        """What the first parameter of the method around a parameter is bound to."""
        unit = parameter.unit
        owner = unit.scopes[parameter.definition.scope].owner
        return self._bound_to(unit, owner)

    def _bound_to(self, unit: Unit, function: int) -> Value | None:
        definition = unit.definitions[function]
        if definition.kind != Kind.METHOD or definition.flags & Flag.STATIC:
            return None
        cls = unit.scopes[definition.scope].owner
        as_class = definition.flags & Flag.CLASS_METHOD or definition.name in (
            "__new__",
            "__init_subclass__",
            "__class_getitem__",
        )
        return Value(_CLASS if as_class else _INSTANCE, unit, cls)

    def _module_value(self, path: str | None) -> Values:
        if path is None:
            return _NOTHING
        return (Value(_MODULE, None, 0, (), None, path),)

    def _builtin_instance(self, name: str, arguments: tuple[Values, ...] = ()) -> Values:
        builtins = self.builtins()
        if builtins is None or name == "None":
            return _NOTHING
        for index in builtins.names[0].get(name, ()):
            if builtins.definitions[index].kind == Kind.CLASS:
                return (Value(_INSTANCE, builtins, index, arguments),)
        return _NOTHING

    # ---- calls

    def _infer_call(self, unit: Unit, expression: Expression) -> Values:
        _, function, first, second = expression
        target = unit.expressions[function]
        if target[0] == Op.NAME:
            special = self._special_call(unit, target, first, second)
            if special is not None:
                return special
        elif target[0] == Op.MEMBER and target[3] == "cast" and second >= 0:
            return self.annotated(unit, first)
        found: list[Value] = []
        for value in self.infer(unit, function):
            found += self.called(value, (unit, first, second))
            if len(found) >= _WIDEST:
                break
        return _distinct(found)

    def _special_call(
        self,
        unit: Unit,
        target: Expression,
        first: int,
        second: int,
    ) -> Values | None:
        name, scope = target[3], target[4]
        if name == "super":
            return self._super(unit, scope)
        if name == "cast" and second >= 0:
            return self.annotated(unit, first)
        if name == "type" and first >= 0 and second < 0:
            return tuple(
                Value(_CLASS, value.unit, value.index)
                for value in self.infer(unit, first)
                if value.kind == _INSTANCE
            )
        if (
            name in ("list", "tuple", "set", "frozenset", "sorted", "reversed", "iter")
            and first >= 0
        ):
            items = _distinct(
                item for value in self.infer(unit, first) for item in self._element(value)
            )
            kind = name if name in ("tuple", "set", "frozenset") else "list"
            return self._builtin_instance(kind, (items,))
        if name == "next" and first >= 0:
            return _distinct(
                item for value in self.infer(unit, first) for item in self._element(value)
            )
        if name == "enumerate" and first >= 0:
            items = _distinct(
                item for value in self.infer(unit, first) for item in self._element(value)
            )
            pair = self._builtin_instance("tuple", (self._builtin_instance("int"), items))
            return self._builtin_instance("list", (pair,))
        if name == "zip" and first >= 0:
            parts = tuple(
                _distinct(
                    item for value in self.infer(unit, given) for item in self._element(value)
                )
                for given in (first, second)
                if given >= 0
            )
            return self._builtin_instance("list", (self._builtin_instance("tuple", parts),))
        return None

    def _super(self, unit: Unit, scope: int) -> Values:
        """The classes behind the one whose method calls `super()`."""
        while scope >= 0:
            this = unit.scopes[scope]
            if this.kind == ScopeKind.FUNCTION and this.owner >= 0:
                owner = unit.definitions[this.owner]
                if owner.kind == Kind.METHOD and unit.scopes[owner.scope].kind == ScopeKind.CLASS:
                    cls = Site(unit, unit.scopes[owner.scope].owner)
                    order = self.order(cls)
                    kind = _CLASS if owner.flags & Flag.CLASS_METHOD else _INSTANCE
                    if owner.name == "__new__":
                        kind = _CLASS
                    return tuple(Value(kind, site.unit, site.index) for site in order[1:])
            scope = this.parent
        return _NOTHING

    def called(self, value: Value, given: tuple[Unit, int, int] | None = None) -> Values:
        """What a call of a value gives."""
        if value.kind == _CLASS:
            return (value._replace(kind=_INSTANCE),)
        if value.kind == _FUNCTION and value.unit is not None:
            return self.returned(Site(value.unit, value.index), value.receiver, given)
        if value.kind == _INSTANCE:
            for site in self.member(value, "__call__")[:1]:
                return self.returned(site, value, given)
        return _NOTHING

    def returned(
        self,
        function: Site,
        receiver: Value | None = None,
        given: tuple[Unit, int, int] | None = None,
    ) -> Values:
        """What a function gives back, by its annotation or else by its return statements."""
        unit, definition = function.unit, function.definition
        if definition.kind not in (Kind.FUNCTION, Kind.METHOD) or self._depth > _DEEPEST:
            return _NOTHING
        self._depth += 1
        try:
            if definition.annotation >= 0:
                values = self.annotated(unit, definition.annotation, receiver)
                if not values and given is not None:
                    values = self._solved(function, receiver, given)
                return values
            values = self.infer(unit, definition.value)
            if receiver is None:
                return values
            # A method that returns `self` returns what it was called on, not its own class.
            own = self._bound_to(unit, function.index)
            return tuple(
                receiver
                if own is not None
                and value.kind == own.kind == receiver.kind
                and value.unit is own.unit
                and value.index == own.index
                else value
                for value in values
            )
        finally:
            self._depth -= 1

    def _solved(
        self, function: Site, receiver: Value | None, given: tuple[Unit, int, int]
    ) -> Values:
        """A return type that is a type variable, by the argument that fixes it."""
        unit = function.unit
        returned = unit.expressions[function.definition.annotation]
        if returned[0] != Op.NAME:
            return _NOTHING
        parameters = self.parameters(function)
        if receiver is not None:
            parameters = parameters[1:]
        for parameter, argument in zip(parameters, given[1:], strict=False):
            annotation = unit.definitions[parameter].annotation
            if annotation < 0 or argument < 0:
                continue
            declared = unit.expressions[annotation]
            if declared[0] == Op.NAME and declared[3] == returned[3]:
                return self.infer(given[0], argument)
            if declared[0] == Op.ITEM:
                inside = unit.expressions[declared[2]] if declared[2] >= 0 else ()
                if inside and inside[0] == Op.NAME and inside[3] == returned[3]:
                    values = self.infer(given[0], argument)
                    head = unit.expressions[declared[1]]
                    if head[0] <= Op.MEMBER and head[3] in ("type", "Type"):
                        return _instances(values)
                    return _distinct(item for value in values for item in self._element(value))
        return _NOTHING

    def _awaited(self, values: Values) -> Values:
        return values

    def _entered(self, values: Values) -> Values:
        """What `with value as name` binds."""
        found: list[Value] = []
        for value in values:
            sites = self.member(value, "__enter__") or self.member(value, "__aenter__")
            if sites:
                found += self.returned(sites[0], value) or (value,)
            else:
                found += self._element(value) or (value,)
        return _distinct(found)

    # ---- containers

    def _infer_display(self, unit: Unit, expression: Expression) -> Values:
        name = expression[1]
        parts = [self.infer(unit, part) if part >= 0 else _NOTHING for part in expression[2:]]
        if name in ("tuple", "dict"):
            return self._builtin_instance(name, tuple(parts))
        return self._builtin_instance(name, (_distinct(value for part in parts for value in part),))

    def _element(self, value: Value) -> Values:
        """What iterating over a value gives."""
        if value.kind == _CLASS and value.unit is not None:
            order = self.order(Site(value.unit, value.index))
            if any(site.definition.name == "Enum" for site in order[1:]):
                return (value._replace(kind=_INSTANCE),)
            return _NOTHING
        if value.kind != _INSTANCE or value.unit is None:
            return _NOTHING
        if value.arguments:
            name = value.unit.definitions[value.index].name
            if name == "tuple":
                return _distinct(item for part in value.arguments for item in part)
            return value.arguments[0]
        for method, step in (("__iter__", "__next__"), ("__aiter__", "__anext__")):
            for site in self.member(value, method)[:1]:
                if site.unit is self.builtins():
                    return _NOTHING
                found: list[Value] = []
                for iterator in self.returned(site, value):
                    if iterator.arguments:
                        found += iterator.arguments[0]
                        continue
                    for following in self.member(iterator, step)[:1]:
                        found += self.returned(following, iterator)
                return _distinct(found)
        for site in self.member(value, "__getitem__")[:1]:
            return self.returned(site, value)
        return _NOTHING

    def _unpacked(self, unit: Unit, expression: Expression) -> Values:
        found: list[Value] = []
        for value in self.infer(unit, expression[1]):
            if (
                value.arguments
                and value.unit is not None
                and value.unit.definitions[value.index].name == "tuple"
                and expression[2] < len(value.arguments)
                and len(value.arguments) > 1
            ):
                found += value.arguments[expression[2]]
            else:
                found += self._element(value)
        return _distinct(found)

    def _infer_item(self, unit: Unit, container: int, index: int) -> Values:
        found: list[Value] = []
        for value in self.infer(unit, container):
            if value.kind == _CLASS:
                # A generic class with its arguments stays a class: `list[int]()`.
                arguments = self._type_arguments(unit, index, None)
                found.append(value._replace(arguments=arguments))
            elif value.kind == _INSTANCE and value.unit is not None:
                found += self._item_of(unit, value, index)
        return _distinct(found)

    def _item_of(self, unit: Unit, value: Value, index: int) -> Values:
        assert value.unit is not None
        name = value.unit.definitions[value.index].name
        at = unit.expressions[index] if index >= 0 else ()
        if at and at[0] == Op.LITERAL and at[1] == "slice" and name in ("list", "tuple", "str"):
            return (value,)
        if value.arguments:
            if name in _DICTIONARIES:
                return value.arguments[1] if len(value.arguments) > 1 else _NOTHING
            return _distinct(item for part in value.arguments for item in part)
        if name == "str":
            return (value,)
        for site in self.member(value, "__getitem__")[:1]:
            return self.returned(site, value)
        return _NOTHING

    def _infer_binary(self, unit: Unit, expression: Expression) -> Values:
        _, operator, left, right = expression
        values = self.infer(unit, left)
        if operator == "|" and any(value.kind == _CLASS for value in values):
            return _distinct([*values, *self.infer(unit, right)])
        method = _OPERATORS.get(operator)
        if method is None:
            return _NOTHING
        for value in values:
            if value.kind != _INSTANCE or value.unit is None:
                continue
            name = value.unit.definitions[value.index].name
            if name in ("str", "list", "tuple", "int", "float", "bytes"):
                if name == "int" and operator != "%":
                    return self.infer(unit, right) or (value,)
                return (value,)
            for site in self.member(value, method)[:1]:
                return self.returned(site, value)
        return _NOTHING

    # ---- annotations

    def annotated(self, unit: Unit, index: int, receiver: Value | None = None) -> Values:
        """Values of the type that an annotation names. `receiver` fixes `Self` and type variables."""
        if index < 0 or self._depth > _DEEPEST:
            return _NOTHING
        expression = unit.expressions[index]
        operator = expression[0]
        if operator in (Op.NAME, Op.MEMBER):
            return self._annotated_name(unit, index, expression, receiver)
        if operator == Op.ITEM:
            return self._annotated_generic(unit, expression, receiver)
        if operator == Op.BINARY:
            return _distinct(
                value for part in expression[2:] for value in self.annotated(unit, part, receiver)
            )
        if operator == Op.EITHER:
            return _distinct(
                value for part in expression[1:] for value in self.annotated(unit, part, receiver)
            )
        return _NOTHING

    def _annotated_name(
        self,
        unit: Unit,
        index: int,
        expression: Expression,
        receiver: Value | None,
    ) -> Values:
        name = expression[3]
        if name == "Self":
            if receiver is not None:
                return (receiver._replace(kind=_INSTANCE),)
            return self._enclosing_class(unit, expression)
        self._depth += 1
        values = _instances(self.infer(unit, index))
        self._depth -= 1
        if values and receiver is not None and values[0].unit is not None:
            # A type variable of the class is what the receiver's arguments say it is.
            if values[0].unit.definitions[values[0].index].name in ("TypeVar", "ParamSpec"):
                return self._type_variable(unit, name, receiver)
        elif not values and receiver is not None and receiver.arguments:
            return self._type_variable(unit, name, receiver)
        return tuple(
            value
            for value in values
            if value.unit is None
            or value.unit.definitions[value.index].name not in ("TypeVar", "ParamSpec")
        )

    def _type_variable(self, unit: Unit, name: str, receiver: Value) -> Values:
        if not receiver.arguments or receiver.unit is None:
            return _NOTHING
        owner = receiver.unit.definitions[receiver.index]
        parameters = self._type_parameters(receiver.unit, owner)
        if name in parameters:
            at = parameters.index(name)
            if at < len(receiver.arguments):
                return receiver.arguments[at]
        return _NOTHING

    def _type_parameters(self, unit: Unit, cls: Definition) -> list[str]:
        """The names of a class's type variables, in the order that arguments are given."""
        names: list[str] = []
        for base in cls.related:
            expression = unit.expressions[base]
            if expression[0] != Op.ITEM or expression[2] < 0:
                continue
            inside = unit.expressions[expression[2]]
            parts = inside[2:] if inside[0] == Op.DISPLAY else (expression[2],)
            for part in parts:
                if part >= 0 and unit.expressions[part][0] == Op.NAME:
                    name = unit.expressions[part][3]
                    if name not in names:
                        names.append(name)
        return names

    def _enclosing_class(self, unit: Unit, expression: Expression) -> Values:
        scope = expression[4] if expression[0] == Op.NAME else -1
        while scope >= 0:
            if unit.scopes[scope].kind == ScopeKind.CLASS:
                return (Value(_INSTANCE, unit, unit.scopes[scope].owner),)
            scope = unit.scopes[scope].parent
        return _NOTHING

    def _annotated_generic(
        self,
        unit: Unit,
        expression: Expression,
        receiver: Value | None,
    ) -> Values:
        _, head, inside = expression
        target = unit.expressions[head]
        name = target[3] if target[0] <= Op.MEMBER else ""
        parts: Sequence[int] = (inside,)
        if inside >= 0 and unit.expressions[inside][0] == Op.DISPLAY:
            parts = unit.expressions[inside][2:]
        if name in _TRANSPARENT:
            return self.annotated(unit, parts[0], receiver)
        if name == "Union":
            return _distinct(
                value for part in parts for value in self.annotated(unit, part, receiver)
            )
        if name == "Annotated":
            return self.annotated(unit, parts[0], receiver)
        if name in ("Awaitable", "Coroutine"):
            return self.annotated(unit, parts[-1], receiver)
        if name in ("type", "Type"):
            return tuple(
                value._replace(kind=_CLASS, arguments=())
                for value in self.annotated(unit, parts[0], receiver)
                if value.kind == _INSTANCE
            )
        if name == "Literal":
            return self._builtin_instance("str")
        arguments = tuple(
            self.annotated(unit, part, receiver) if part >= 0 else _NOTHING for part in parts
        )
        self._depth += 1
        heads = _instances(self.infer(unit, head))
        self._depth -= 1
        return tuple(value._replace(arguments=arguments) for value in heads)

    def _type_arguments(self, unit: Unit, index: int, receiver: Value | None) -> tuple[Values, ...]:
        if index < 0:
            return ()
        expression = unit.expressions[index]
        parts = expression[2:] if expression[0] == Op.DISPLAY else (index,)
        return tuple(self.annotated(unit, part, receiver) for part in parts)


_OPERATORS = {
    "+": "__add__",
    "-": "__sub__",
    "*": "__mul__",
    "/": "__truediv__",
    "//": "__floordiv__",
    "%": "__mod__",
    "&": "__and__",
    "|": "__or__",
    "^": "__xor__",
    "@": "__matmul__",
    "**": "__pow__",
}


def _owned(unit: Unit, scope: int) -> Iterable[int]:
    """The definitions that a scope holds, in order."""
    indices = [index for entry in unit.names[scope].values() for index in entry]
    indices.sort()
    return indices


def _classes(values: Values) -> list[Site]:
    return list(
        dict.fromkeys(
            Site(value.unit, value.index)
            for value in values
            if value.unit is not None and value.kind in (_CLASS, _INSTANCE)
        )
    )


def _instances(values: Values) -> Values:
    return tuple(value._replace(kind=_INSTANCE) for value in values if value.kind == _CLASS)


def _distinct(values: Iterable[Value]) -> Values:
    found = tuple(values)
    return found if len(found) < 2 else tuple(dict.fromkeys(found))[:_WIDEST]


def _inside(path: str) -> str:
    """A file inside the package at `path`, to import relatively from it."""
    if path.endswith(("/__init__.py", "/__init__.pyi", "\\__init__.py", "\\__init__.pyi")):
        return path
    return path + "/__init__.py"


def _final(unit: Unit, entry: list[int]) -> list[int]:
    """Which of several definitions stands for a name that is read from elsewhere."""
    if len(entry) == 1:
        return entry
    definitions = unit.definitions
    kept = [
        index for index in entry if not definitions[index].flags & (Flag.OVERLOAD | Flag.AUGMENTED)
    ] or entry
    return kept[:1]


def _reaching(unit: Unit, entry: list[int], position: int) -> list[int]:
    """The definition that a use shows: the last that surely ran before it.

    Where none surely did, the first that may have. Arms of the same `if` exclude
    each other, and an arm that returns does not reach what follows.
    """
    if position < 0:
        return entry[-1:]
    before = _before(unit, entry, position)
    blocks = unit.blocks
    for index in reversed(before):
        block = blocks[unit.definitions[index].block]
        if block.start <= position <= block.end:
            return [index]
    for index in before:
        if _may_reach(blocks, unit.definitions[index].block, position):
            return [index]
    return before[-1:] or entry[:1]


def _nearest(unit: Unit, entry: list[int], position: int) -> list[int]:
    """Definitions that may reach a use, the nearest first: the best source of a type."""
    if position < 0:
        return entry[::-1]
    blocks = unit.blocks
    before = [
        index
        for index in reversed(_before(unit, entry, position))
        if _may_reach(blocks, unit.definitions[index].block, position)
    ]
    return before or entry


def _before(unit: Unit, entry: list[int], position: int) -> list[int]:
    definitions = unit.definitions
    return [
        index
        for index in entry
        if (definition := definitions[index]).start <= position
        and not definition.flags & (Flag.AUGMENTED | Flag.OVERLOAD)
        # The right side of `x = f(x)` still sees the value before it.
        and not (
            definition.full_start == definition.start < position < definition.full_end
            and definition.value >= 0
        )
    ]


def _may_reach(blocks: Sequence[Block], block: int, position: int) -> bool:
    """Whether code may run from inside a block to a later position."""
    while block > 0:
        this = blocks[block]
        if this.start <= position <= this.end:
            return True
        if this.leaves or position < this.exclusive_end:
            return False
        block = this.parent
    return True


def _member_definitions(unit: Unit, entry: list[int]) -> list[int]:
    """The definitions of a member: what the class body says before what methods assign."""
    if len(entry) == 1:
        return entry
    definitions = unit.definitions
    body = [
        index
        for index in entry
        if definitions[index].kind != Kind.ATTRIBUTE
        and not definitions[index].flags & (Flag.SETTER | Flag.OVERLOAD)
    ]
    assigned = [index for index in entry if definitions[index].kind == Kind.ATTRIBUTE]
    return (body[:1] or assigned[:1]) or entry[:1]


def _merge(lines: list[list[Site]]) -> list[Site]:
    """C3 linearisation; where a program has no consistent order, depth first."""
    merged: list[Site] = []
    lines = [list(line) for line in lines if line]
    while lines:
        for line in lines:
            head = line[0]
            if not any(head in other[1:] for other in lines):
                break
        else:
            head = lines[0][0]
        merged.append(head)
        lines = [rest for line in lines if (rest := [site for site in line if site != head])]
    return merged
