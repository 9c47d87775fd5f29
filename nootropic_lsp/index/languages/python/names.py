"""What bare names, imports and the names of modules mean: look-ups that need no types."""

from __future__ import annotations

from typing import Any

from nootropic_lsp.index.facts import Expression, Kind, Op, ScopeKind
from nootropic_lsp.index.languages.python.modules import Modules
from nootropic_lsp.index.languages.python.reaching import final, flows, reaching
from nootropic_lsp.index.units import Site, Trail, Unit, World

# A look-up in a class costs something in functions that run for every name.
_IMPORT = Kind.IMPORT
_CLASS = ScopeKind.CLASS

# What was found, with the trail of looking for it.
Found = tuple[list[Site], int]


class Names:
    """Look-ups in one state of the world, each remembered with its trail."""

    def __init__(self, world: World) -> None:
        self.touched = Trail()
        self._world = world
        self._modules = Modules(world)
        # Bare names that mean the same everywhere in a scope.
        self.fixed: dict[tuple[Unit, int, str], Found] = {}
        self._unbound: dict[tuple[Unit, str], Found] = {}
        self._module_members: dict[tuple[str, str], Found] = {}
        self._imports: dict[Site, Found] = {}
        self._builtins: Unit | None = None
        self._have_builtins = False

    def forget(self) -> None:
        """Drop the bare names of a file: hardly any other file asks for them."""
        self.fixed.clear()
        self._unbound.clear()

    def remembered(self) -> list[dict[Any, Any]]:
        """All that is remembered about units, which stand in the keys."""
        return [self.fixed, self._unbound, self._imports]

    def named(self, unit: Unit, name: str, scope: int, position: int) -> list[Site]:
        """The definitions of a bare name that a use at `position` in `scope` may mean."""
        key = (unit, scope, name)
        touched = self.touched
        known = self.fixed.get(key)
        if known is not None:
            touched.mask |= known[1]
            return known[0]
        outer, touched.mask = touched.mask, 0
        found, is_fixed = self._look_up(unit, name, scope, position)
        if is_fixed:
            self.fixed[key] = (found, touched.mask)
        touched.mask |= outer
        return found

    def _look_up(self, unit: Unit, name: str, scope: int, position: int) -> tuple[list[Site], bool]:
        """The definitions, and whether they are the same at every position of the scope."""
        own = scope
        is_fixed = True
        names = unit.names
        scopes = unit.scopes
        while scope >= 0:
            this = scopes[scope]
            in_class = this.kind == _CLASS
            if not in_class or scope == own:
                entry = names[scope].get(name)
                if entry and in_class:
                    # Attributes set through `self` are not names of the class body.
                    entry = [i for i in entry if unit.definitions[i].kind != Kind.ATTRIBUTE]
                    if position >= 0 and entry:
                        is_fixed = False
                        entry = [i for i in entry if unit.definitions[i].start <= position]
                if entry:
                    if len(entry) > 1:
                        if scope == own or flows(unit, own, scope):
                            is_fixed = False
                            entry = reaching(unit, entry, position)
                        else:
                            entry = final(unit, entry)
                    return [Site(unit, index) for index in entry], is_fixed
            scope = this.parent
        return self._outside(unit, name), is_fixed

    def _outside(self, unit: Unit, name: str) -> list[Site]:
        """The definitions of a name that no scope of a file binds: by a star import, or builtin."""
        key = (unit, name)
        touched = self.touched
        known = self._unbound.get(key)
        if known is None:
            outer, touched.mask = touched.mask, 0
            found = self._exported(unit, name, set())
            if not found:
                builtins = self.builtins()
                if builtins is not None and builtins is not unit:
                    found = self._exported(builtins, name, set())
            known = self._unbound[key] = (found, touched.mask)
            touched.mask |= outer
        else:
            touched.mask |= known[1]
        return known[0]

    def builtins(self) -> Unit | None:
        """The unit of the builtins' stub."""
        if not self._have_builtins:
            path = self.module_path("builtins", 0, "")
            self._builtins = self._world.unit(path) if path is not None else None
            self._have_builtins = True
        return self._builtins

    def follow(self, sites: list[Site]) -> list[Site]:
        """Replace imports by what they import, as far as it can be found."""
        if len(sites) == 1:
            unit, index = sites[0]
            if unit.definitions[index].kind == _IMPORT:
                return self.import_targets(sites[0])
            return sites
        found: dict[Site, None] = {}
        for site in sites:
            if site.definition.kind == Kind.IMPORT:
                found.update(dict.fromkeys(self.import_targets(site)))
            else:
                found[site] = None
        return list(found)

    def import_targets(self, site: Site) -> list[Site]:
        """What an import finally stands for: itself if it cannot be found."""
        touched = self.touched
        known = self._imports.get(site)
        if known is not None:
            touched.mask |= known[1]
            return known[0]
        outer, touched.mask = touched.mask, 0
        self._imports[site] = ([site], 0)  # an import of itself stays where it is
        found: list[Site] = []
        for target in self._imported(site):
            if target == site:
                continue
            if target.definition.kind == Kind.IMPORT:
                found += self.import_targets(target)
            else:
                found.append(target)
        found = list(dict.fromkeys(found)) or [site]
        self._imports[site] = (found, touched.mask)
        touched.mask |= outer
        return found

    def _imported(self, site: Site) -> list[Site]:
        """One step through an import."""
        unit = site.unit
        expression = unit.expressions[site.definition.value]
        if expression[0] == Op.MODULE:
            return self.module_site(self.path_of(unit, expression))
        path = self.path_of(unit, unit.expressions[expression[4]])
        if path is None:
            return []
        return self.module_member(path, expression[3], unit if path == unit.path else None)

    def namespace(self, site: Site) -> str | None:
        """The folder of the namespace package that an import names, which has no definition."""
        unit = site.unit
        expression = unit.expressions[site.definition.value]
        if expression[0] == Op.MODULE:
            return self.path_of(unit, expression)
        path = self.path_of(unit, unit.expressions[expression[4]])
        return path and self.module_path(expression[3], 1, _inside(path))

    def path_of(self, unit: Unit, expression: Expression) -> str | None:
        """The file or folder that a module written in `unit` is."""
        return self.module_path(expression[3], expression[4], unit.path)

    def module_path(self, dotted: str, level: int, importer: str) -> str | None:
        """The file or folder that a module is for a file that imports it."""
        self.touched.add_modules(dotted)
        return self._modules.find(dotted, level, importer)

    def submodules(self, dotted: str, level: int, importer: str) -> list[str]:
        """The modules and packages directly below one for a file that imports; "" for the roots."""
        if not dotted and not level:
            return self._modules.top_level(importer)
        path = self.module_path(dotted, level, importer)
        return [] if path is None else self._modules.inside(path)

    def submodules_of(self, path: str) -> list[str]:
        """The modules and packages directly below a package."""
        return self._modules.inside(path)

    def unit_at(self, path: str | None) -> Unit | None:
        """The unit of a file, None for the folder of a namespace package."""
        return None if path is None else self._world.unit(path)

    def module_site(self, path: str | None) -> list[Site]:
        """The definition of a file itself; a namespace package has none."""
        if path is None:
            return []
        unit = self._world.unit(path)
        if unit is None or not unit.definitions:
            return []
        return [Site(unit, 0)]

    def module_member(self, path: str, name: str, importer: Unit | None = None) -> list[Site]:
        """A name of a module, or a submodule of a package.

        `importer` is the unit that imports from itself, if it does.
        """
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
        unit = self._world.unit(path)
        found = self._exported(unit, name, set()) if unit is not None else []
        if found and importer is not None and unit is importer:
            # `from . import x` inside a package's own __init__: the submodule, not itself.
            found = [site for site in found if site.definition.kind != Kind.IMPORT]
        if not found:
            self.touched.add((unit, name))
            found = self.module_site(self.module_path(name, 1, _inside(path)))
        return found

    def _exported(self, unit: Unit, name: str, seen: set[Unit]) -> list[Site]:
        """The definitions of a module-level name, star imports included."""
        self.touched.add((unit, name))
        entry = unit.names[0].get(name)
        if entry:
            return [Site(unit, index) for index in final(unit, entry)]
        seen.add(unit)
        lost: list[Site] = []
        for star in reversed(unit.stars):
            path = self.path_of(unit, unit.expressions[star])
            source = self._world.unit(path) if path is not None else None
            if source is None or source in seen:
                continue
            self.touched.add((source, name))
            if not exports(source, name):
                continue
            found = self._exported(source, name, seen)
            if found and not self._leads_nowhere(found[0]):
                return found
            lost = lost or found
        return lost

    def _leads_nowhere(self, site: Site) -> bool:
        """Whether it is an import of what cannot be found, or of itself by way of others."""
        return site.definition.kind == _IMPORT and self.import_targets(site) == [site]


def exports(unit: Unit, name: str) -> bool:
    """Whether a star import of a file brings a name, if it has it."""
    return not name.startswith("_") if unit.exports is None else name in unit.exports


def _inside(path: str) -> str:
    """A file inside the package at `path`, to import relatively from it."""
    if path.endswith(("/__init__.py", "/__init__.pyi", "\\__init__.py", "\\__init__.pyi")):
        return path
    return path + "/__init__.py"
