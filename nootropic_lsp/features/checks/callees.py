"""What a call surely runs: one function, method or constructor of the workspace."""

from __future__ import annotations

from typing import NamedTuple

from nootropic_lsp.features import lineage, types
from nootropic_lsp.features.checks.code import Code
from nootropic_lsp.features.checks.shapes import Shape, given_at, shape_of
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.facts import Expression, Flag, Kind, Op, ScopeKind
from nootropic_lsp.index.languages.python.narrowing import member_key
from nootropic_lsp.index.units import Site, Unit

# Decorators that leave the parameters as they are.
_HARMLESS = frozenset(
    {"abstractmethod", "asynccontextmanager", "cache", "classmethod", "contextmanager", "final"}
    | {"lru_cache", "override", "staticmethod"}
)
# Classes of libraries that change nothing about how those are called that are built on them.
_PLAIN = frozenset({"object", "ABC", "Generic"})
_METACLASSES = frozenset({"ABCMeta", "type"})
_MOST_IMPORTS = 10  # one after the other, from a use to what it stands for
_ODD_METHODS = frozenset({"__new__", "__init_subclass__", "__class_getitem__"})


class Callee(NamedTuple):
    """What a call runs and takes. `through` is the class of an object that may be of a derived one."""

    shape: Shape
    site: Site
    through: Site | None = None


class _Method(NamedTuple):
    """A method and what it takes; `bound` is what is left of that for a call by way of an object."""

    site: Site
    shape: Shape
    bound: Shape | None
    flags: int


class Callees:
    """The callees of one file; what is found out about classes is kept for the others."""

    def __init__(self, code: Code) -> None:
        self._code = code
        kept = code.snapshot.kept.setdefault("callees", {})
        self._lines: dict[Site, list[Site] | None] = kept.setdefault("lines", {})
        self._bases: dict[Site, list[Site] | None] = kept.setdefault("bases", {})
        self._plain: dict[Site, bool] = kept.setdefault("plain", {})
        self._called: dict[Site, Callee | None] = kept.setdefault("called", {})
        self._methods: dict[tuple[Site, str], _Method | None] = kept.setdefault("methods", {})
        # To look at the kind of a definition, its file has to be unfolded.
        self._kinds: dict[Site, int] = kept.setdefault("kinds", {})
        self._codes: dict[str, Code] = {}
        # By the name and the scope of a use, and by the only definition of its name.
        self._bare: dict[tuple[int, str], Site | None] = {}
        self._chains: dict[tuple[int, str], Site | None] = {}
        self._holders: dict[tuple[int, str], Holder | None] = {}
        self._bound: dict[int, Holder | None] = {}

    def of(self, index: int, use: Expression) -> Callee | None:
        """What runs when the name at a use is called; None where that is not sure."""
        if use[0] != Op.MEMBER:
            return self._one_of(self._named_site(index, use))
        holder = self._holder(use[4])
        if holder is None:
            return None
        if self._kind(holder.site) == Kind.MODULE:
            return self._one_of(self._member_site(index, use))
        return self._method(use[3], holder)

    def _one_of(self, site: Site | None) -> Callee | None:
        """The function or class behind a name, if it is one thing only."""
        if site is None:
            return None
        if site not in self._called:
            self._called[site] = self._callee(site)
        return self._called[site]

    def _kind(self, site: Site) -> int:
        if site not in self._kinds:
            self._kinds[site] = site.definition.kind
        return self._kinds[site]

    def _callee(self, site: Site) -> Callee | None:
        if not self._code.is_ours(site.unit.path):
            return None
        if site.definition.kind == Kind.FUNCTION and keeps_signature(site):
            return Callee(shape_of(site), site)
        return self._constructor(site) if site.definition.kind == Kind.CLASS else None

    # ---- names of this file

    def _named_site(self, index: int, use: Expression) -> Site | None:
        """What a bare name surely stands for."""
        snapshot, unit = self._code.snapshot, self._code.unit
        at = self._code.binding(use[3], use[4])
        if at is None:
            return None
        if at >= 0:
            return behind(snapshot, [Site(unit, at)])
        key = use[4], use[3]
        if key not in self._bare:
            self._bare[key] = surely(snapshot, unit, index)
        return self._bare[key]

    def _member_site(self, index: int, use: Expression) -> Site | None:
        """What a chain of names surely stands for; the same wherever it begins with one thing."""
        unit = self._code.unit
        chain, narrowed = use[3], unit.narrowed
        is_fixed = not (narrowed and member_key(use[3]) in narrowed)
        while use[4] >= 0 and (use := unit.expressions[use[4]])[0] == Op.MEMBER:
            chain = f"{use[3]}.{chain}"
            is_fixed = is_fixed and not (narrowed and member_key(use[3]) in narrowed)
        at = None
        if is_fixed and use[0] == Op.NAME and use[3] not in narrowed:
            at = self._code.binding(use[3], use[4])
        if at is None or at < 0:
            return surely(self._code.snapshot, unit, index)
        key = at, chain
        if key not in self._chains:
            self._chains[key] = surely(self._code.snapshot, unit, index)
        return self._chains[key]

    # ---- classes

    def line(self, cls: Site) -> list[Site] | None:
        """A class and its bases, the nearest first; None if they are not known or not ordinary."""
        if cls not in self._lines:
            self._lines[cls] = self._find_line(cls)
        return self._lines[cls]

    def _find_line(self, cls: Site) -> list[Site] | None:
        line = [cls]
        for each in line:
            if each not in self._bases:
                self._bases[each] = self._find_bases(each)
            bases = self._bases[each]
            if bases is None:
                return None
            line += [base for base in bases if base not in line]
        return line

    def _find_bases(self, cls: Site) -> list[Site] | None:
        bases = cls.definition.related
        if len(bases) > 1 or not self._is_ordinary(cls):
            return None  # in which order several come is not for here
        found = []
        for base in bases:
            site = surely(self._code.snapshot, cls.unit, base)
            if site is None or site.definition.kind != Kind.CLASS:
                return None
            found.append(site)
        return found

    def _is_ordinary(self, cls: Site) -> bool:
        """Whether a class has the bases that facts name, and no metaclass of its own."""
        unit, definition = cls.unit, cls.definition
        if not self._code.is_ours(unit.path):
            return definition.name in _PLAIN
        if definition.annotation >= 0:
            metaclass = unit.expressions[definition.annotation]
            if metaclass[0] > Op.MEMBER or metaclass[3] not in _METACLASSES:
                return False
        head = given_at(self._of(cls).text, definition.end)
        if head is None:
            return not definition.related
        others = set(head.keywords) - {"metaclass"}
        has_more = head.spreads or head.spreads_names or others
        return not has_more and head.n_by_place == len(definition.related)

    def _of(self, site: Site) -> Code:
        code = self._code
        if site.unit is code.unit:
            return code
        if site.unit.path not in self._codes:
            self._codes[site.unit.path] = Code(code.snapshot, site.unit)
        return self._codes[site.unit.path]

    def _constructor(self, cls: Site) -> Callee | None:
        line = self._plainly_made(cls)
        if line is None:
            return None
        owned = [each for each in line if self._code.is_ours(each.unit.path)]
        for owner in owned:
            entry = owner.unit.names[owner.definition.body].get("__init__")
            if entry:
                site = Site(owner.unit, entry[0])
                is_method = site.definition.kind == Kind.METHOD and len(entry) == 1
                if not is_method or not keeps_signature(site):
                    return None
                shape = shape_of(site).bound()
                return None if shape is None else Callee(shape, site)
        # Keywords may be for a constructor that the class is given later, as mappers do.
        nothing = Shape((), 0, frozenset(), frozenset(), False, takes_any_name=True)
        return Callee(nothing, cls) if len(owned) == len(line) else None

    def _plainly_made(self, cls: Site) -> list[Site] | None:
        """The line of a class whose objects are made by `__init__` alone."""
        line = self.line(cls)
        for each in line or ():
            if each not in self._plain:
                self._plain[each] = self._is_plain(each)
            if not self._plain[each]:
                return None
        return line

    def _is_plain(self, cls: Site) -> bool:
        if not self._code.is_ours(cls.unit.path):
            return True
        if "__new__" in cls.unit.names[cls.definition.body]:
            return False
        # Decorators of classes may write constructors, and facts do not name them.
        return self._of(cls).is_at(cls.definition.full_start, "class")

    def _method(self, name: str, holder: Holder) -> Callee | None:
        key = holder.site, name
        if key not in self._methods:
            self._methods[key] = self._find_method(name, holder.site)
        method = self._methods[key]
        if method is None:
            return None
        is_bound = holder.is_instance or method.flags & Flag.CLASS_METHOD
        shape = method.bound if is_bound and not method.flags & Flag.STATIC else method.shape
        if shape is None:
            return None
        return Callee(shape, method.site, None if holder.is_exact else holder.site)

    def _find_method(self, name: str, cls: Site) -> _Method | None:
        for owner in self.line(cls) or ():
            entry = owner.unit.names[owner.definition.body].get(name)
            if entry:
                site = Site(owner.unit, entry[0])
                is_method = site.definition.kind == Kind.METHOD and len(entry) == 1
                is_sure = is_method and keeps_signature(site)
                if not is_sure or not self._code.is_ours(site.unit.path):
                    return None
                shape = shape_of(site)
                return _Method(site, shape, shape.bound(), site.definition.flags)
        return None

    # ---- what stands before a dot

    def _holder(self, receiver: int) -> Holder | None:
        """What an expression surely is: a module, a class, or an object of a class."""
        if receiver < 0:
            return None
        expression = self._code.unit.expressions[receiver]
        if expression[0] == Op.CALL:
            return self._made(expression)
        if expression[0] == Op.MEMBER:
            if not self._is_dotted_import(expression):
                return None
            return self._fixed(self._member_site(receiver, expression))
        if expression[0] != Op.NAME:
            return None
        at = self._code.binding(expression[3], expression[4])
        if at is None:
            return None
        if at >= 0:
            if at not in self._bound:
                self._bound[at] = self._held(Site(self._code.unit, at), receiver)
            return self._bound[at]
        key = expression[4], expression[3]
        if key not in self._holders:
            self._holders[key] = self._named(receiver)
        return self._holders[key]

    def _is_dotted_import(self, expression: Expression) -> bool:
        """Whether a chain of names begins with one that is imported."""
        unit = self._code.unit
        while expression[0] == Op.MEMBER and expression[4] >= 0:
            expression = unit.expressions[expression[4]]
        if expression[0] != Op.NAME:
            return False
        entry = unit.names[0].get(expression[3], ())
        return any(unit.definitions[index].kind == Kind.IMPORT for index in entry)

    def _named(self, receiver: int) -> Holder | None:
        bindings = self._code.snapshot.definitions(self._code.unit, receiver, follow=False)
        return self._held(bindings[0], receiver) if is_single(bindings) else None

    def _held(self, site: Site, receiver: int) -> Holder | None:
        """What a name is that has one definition."""
        unit, binding = self._code.unit, site.definition
        if binding.kind == Kind.PARAMETER:
            return _own_class(site)
        if binding.kind == Kind.VARIABLE:
            value = binding.value
            if site.unit is unit and value >= 0 and unit.expressions[value][0] == Op.CALL:
                return self._made(unit.expressions[value])
            return None
        return self._fixed(self._named_site(receiver, unit.expressions[receiver]))

    def _fixed(self, site: Site | None) -> Holder | None:
        """A module or a class."""
        if site is None or self._kind(site) not in (Kind.MODULE, Kind.CLASS):
            return None
        return Holder(site, is_instance=False, is_exact=True)

    def _made(self, call: Expression) -> Holder | None:
        """The object that calling a class makes."""
        unit = self._code.unit
        if call[1] < 0 or unit.expressions[call[1]][0] not in (Op.NAME, Op.MEMBER):
            return None
        function = unit.expressions[call[1]]
        if function[0] == Op.NAME:
            site = self._named_site(call[1], function)
        elif self._is_dotted_import(function):
            site = self._member_site(call[1], function)
        else:
            return None
        if site is None or self._kind(site) != Kind.CLASS:
            return None
        if self._plainly_made(site) is None:
            return None
        return Holder(site, is_instance=True, is_exact=True)


class Holder(NamedTuple):
    """What stands before a dot. `is_exact` is False where it may be of a derived class."""

    site: Site
    is_instance: bool
    is_exact: bool


def is_single(sites: list[Site]) -> bool:
    """Whether there is one definition, and nothing else is bound to its name in its scope."""
    if len(sites) != 1:
        return False
    unit, definition = sites[0].unit, sites[0].definition
    return len(unit.names[definition.scope].get(definition.name, ())) == 1


def surely(snapshot: Snapshot, unit: Unit, index: int) -> Site | None:
    """What a name stands for, if each of the imports on the way binds its name only once."""
    if unit.expressions[index][0] not in (Op.NAME, Op.MEMBER):
        return None
    return behind(snapshot, snapshot.definitions(unit, index, follow=False))


def behind(snapshot: Snapshot, sites: list[Site]) -> Site | None:
    """What a name with these definitions stands for, likewise."""
    known: dict[Site, Site | None] = snapshot.kept.setdefault("behind", {})
    way: list[Site] = []
    found = None
    while len(way) < _MOST_IMPORTS and sites:
        site = sites[0]
        if len(sites) == 1 and site in known:
            found = known[site]
            break
        if site.definition.kind != Kind.MODULE and not is_single(sites):
            break
        way += [site] if len(sites) == 1 else []
        if site.definition.kind != Kind.IMPORT or site.definition.value < 0:
            found = site
            break
        sites = snapshot.definitions(site.unit, site.definition.value, follow=False)
    known.update(dict.fromkeys(way, found))
    return found


def keeps_signature(site: Site) -> bool:
    """Whether no decorator of a function changes what it takes."""
    unit = site.unit
    for decorator in site.definition.related:
        expression = unit.expressions[decorator]
        if expression[0] == Op.CALL:
            expression = unit.expressions[expression[1]]
        if expression[0] > Op.MEMBER or expression[3] not in _HARMLESS:
            return False
    return not site.definition.flags & (Flag.OVERLOAD | Flag.PROPERTY)


def _own_class(parameter: Site) -> Holder | None:
    """The class of `self` and `cls`."""
    unit, definition = parameter.unit, parameter.definition
    owner = unit.scopes[definition.scope].owner
    if definition.related != [0] or owner < 0:
        return None
    method = unit.definitions[owner]
    scope = unit.scopes[method.scope]
    if method.kind != Kind.METHOD or method.flags & Flag.STATIC or scope.kind != ScopeKind.CLASS:
        return None
    if method.name in _ODD_METHODS or not keeps_signature(Site(unit, owner)):
        return None
    is_instance = not method.flags & Flag.CLASS_METHOD
    return Holder(Site(unit, scope.owner), is_instance, is_exact=False)


def is_redefined(snapshot: Snapshot, method: Site, through: Site) -> bool:
    """Whether objects that are of a class or a derived one may have another method of that name."""
    name = method.definition.name
    for below in types.descendants(snapshot, through):
        for each in (below, *lineage.ancestors(snapshot, below)):
            found = lineage.members(snapshot, each, name)
            if found and found[0] != method:
                return True
    return False
