"""Which declaration a bare name means: scopes, what modules export, and what is global."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nootropic_lsp.index.facts import Definition, Flag, Kind, Op, Role, ScopeKind
from nootropic_lsp.index.languages.javascript.commonjs import WHOLE
from nootropic_lsp.index.languages.javascript.modules import Modules
from nootropic_lsp.index.units import Site, Trail, Unit, World

TYPES = frozenset(
    {
        Kind.CLASS,
        Kind.INTERFACE,
        Kind.ENUM,
        Kind.TYPE,
        Kind.TYPE_PARAMETER,
        Kind.NAMESPACE,
        Kind.IMPORT,
    }
)
_ONLY_TYPES = frozenset({Kind.INTERFACE, Kind.TYPE, Kind.TYPE_PARAMETER})
_FAMILY = "javascript"
_MOST_LIBRARIES = 250


class Tables:
    """What the look-ups need of one file beyond `Unit`, computed once."""

    def __init__(self, unit: Unit) -> None:
        self.exports = -1
        self.instances: dict[int, int] = {}  # members of a function or class by its definition
        self.parameters: dict[int, int] = {}  # scope of the type parameters of a definition
        self.globals: list[int] = []  # scopes of `declare global`
        self.ambient: dict[str, int] = {}  # `declare module "x"`: the definition
        self.objects: dict[int, int] = {}  # the literal of an object's scope
        self.unnamed: dict[int, list[int]] = {}  # signatures without a name by their scope
        definitions = unit.definitions
        for index, scope in enumerate(unit.scopes):
            owner = scope.owner
            if scope.kind == ScopeKind.OBJECT and owner == 0:
                self.exports = index
            elif scope.kind == ScopeKind.CLASS and definitions[owner].body != index:
                self.instances[owner] = index
            elif scope.kind == ScopeKind.FUNCTION and owner >= 0:
                if definitions[owner].body != index:
                    self.parameters[owner] = index
            elif scope.kind == ScopeKind.MODULE and owner > 0:
                definition = definitions[owner]
                if definition.name == "global":
                    self.globals.append(index)
                elif definition.flags & Flag.DECLARED:
                    self.ambient.setdefault(definition.name, owner)
        for index, definition in enumerate(definitions):
            if not definition.name and definition.kind in (Kind.METHOD, Kind.FIELD):
                self.unnamed.setdefault(definition.scope, []).append(index)
        self.taken: dict[int, list[int]] | None = None  # parameters by the function's scope
        self._calls: dict[int, int] | None = None  # the call of a function expression
        self.references: list[int] = []
        imports = False
        for index, expression in enumerate(unit.expressions):
            operator = expression[0]
            if operator == Op.OBJECT:
                self.objects[expression[1]] = index
            elif operator == Op.MODULE:
                if expression[4] < -1:
                    self.references.append(index)
                else:
                    imports = True
        self.is_module = (
            self.exports >= 0
            or (imports and any(d.kind == Kind.IMPORT and d.scope == 0 for d in definitions))
            or bool(unit.facts.stars)
            or any(d.flags & Flag.EXPORTED and d.scope == 0 for d in definitions)
        )

    def list_parameters(self, unit: Unit) -> dict[int, list[int]]:
        """The parameters of every function of the file by its scope."""
        self.taken = {}
        for index, definition in enumerate(unit.definitions):
            if definition.kind == Kind.PARAMETER:
                self.taken.setdefault(definition.scope, []).append(index)
        return self.taken

    def call_of(self, unit: Unit, function: int) -> int:
        """The call whose function an expression is, or -1."""
        if self._calls is None:
            self._calls = {}
            for index, expression in enumerate(unit.expressions):
                if expression[0] == Op.CALL:
                    callee = expression[1]
                    target = unit.expressions[callee]
                    self._calls[target[1] if target[0] == Op.ITEM else callee] = index
        return self._calls.get(function, -1)


class Names:
    """Look-ups that need no types, for one state of the world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.modules = Modules(world)
        self.touched = Trail()
        self._tables: dict[Unit, Tables] = {}
        self._libraries: dict[str, list[str]] = {}
        self._global: dict[tuple[str, str], list[Site]] = {}

    def tables(self, unit: Unit) -> Tables:
        """The tables of a file."""
        tables = self._tables.get(unit)
        if tables is None:
            tables = self._tables[unit] = Tables(unit)
        return tables

    # ---- bare names

    def named(self, unit: Unit, name: str, scope: int, role: int) -> list[Site]:
        """The definitions of a bare name that a use in a scope may mean, the best first."""
        names, scopes = unit.names, unit.scopes
        definitions = unit.definitions
        as_type = role == Role.TYPE
        while scope >= 0:
            this = scopes[scope]
            kind = this.kind
            if kind != ScopeKind.CLASS and kind != ScopeKind.OBJECT:
                entry = names[scope].get(name)
                if entry:
                    found = _meant(definitions, entry, as_type, role)
                    if found:
                        if scope == 0:
                            self.touched.add((unit, name))
                        return [Site(unit, index) for index in found]
                if kind == ScopeKind.MODULE and this.owner > 0:
                    merged = self._merged(unit, this.owner, name, as_type, role)
                    if merged:
                        return merged
            elif kind == ScopeKind.CLASS and this.owner >= 0:
                owner = definitions[this.owner]
                if owner.kind == Kind.ENUM:  # members of an enum see each other
                    entry = names[scope].get(name)
                    if entry:
                        return [Site(unit, entry[0])]
                elif owner.name == name and not as_type and owner.kind == Kind.CLASS:
                    return [Site(unit, this.owner)]
            scope = this.parent
        self.touched.add((unit, name))
        return self.global_name(unit, name, role)

    def _merged(
        self, unit: Unit, owner: int, name: str, as_type: bool, role: int
    ) -> list[Site]:
        """A name that another part of the same namespace declares."""
        definition = unit.definitions[owner]
        parts = [Site(unit, i) for i in unit.names[definition.scope].get(definition.name, ())]
        tables = self.tables(unit)
        if definition.scope in tables.globals or (definition.scope == 0 and not tables.is_module):
            parts += [s for s in self.global_sites(unit, definition.name) if s not in parts]
        for site in parts:
            part = site.definition
            if site != (unit, owner) and part.kind in (Kind.NAMESPACE, Kind.ENUM):
                self.touched.add((site.unit, name))
                entry = site.unit.names[part.body].get(name) if part.body >= 0 else None
                found = entry and _meant(site.unit.definitions, entry, as_type, role)
                if found:
                    return [Site(site.unit, index) for index in found]
        return []

    # ---- modules

    def module(self, unit: Unit, expression: tuple) -> Unit | Site | None:  # type: ignore[type-arg]
        """The file, or the `declare module` block, that a MODULE use names."""
        name = expression[3]
        path = self.modules.find(name, expression[4], unit.path)
        if path is not None:
            found = self.world.unit(path)
            if found is not None:
                return found
        self.touched.add((None, name))
        return self._ambient(unit, name)

    def _ambient(self, unit: Unit, name: str) -> Site | None:
        for other in self._declaring(unit):
            index = self.tables(other).ambient.get(name)
            if index is None and name.startswith("node:"):
                index = self.tables(other).ambient.get(name.removeprefix("node:"))
            if index is not None:
                return Site(other, index)
        for site in self.world.named(name, _FAMILY):
            definition = site.definition
            if definition.kind == Kind.NAMESPACE and definition.flags & Flag.DECLARED:
                return site
        return None

    def exported(self, unit: Unit, name: str, role: int, seen: set[Unit] | None = None) -> list[Site]:
        """The definitions behind an exported name of a file, star exports included."""
        self.touched.add((unit, name))
        exports = self.tables(unit).exports
        definitions = unit.definitions
        if exports >= 0:
            entry = unit.names[exports].get(name)
            if entry:
                return [Site(unit, index) for index in _meant(definitions, entry, False, -1)]
        entry = unit.names[0].get(name)
        if entry and name != "default":
            shown = [index for index in entry if definitions[index].flags & Flag.EXPORTED]
            if not shown and unit.path.endswith((".d.ts", ".d.mts", ".d.cts")):
                shown = entry  # what a declaration file declares, it exports
            if shown:
                found = _meant(definitions, shown, role == Role.TYPE, role) or shown
                return [Site(unit, index) for index in found]
        if name == "default" or not unit.facts.stars:
            return []
        seen = seen if seen is not None else set()
        seen.add(unit)
        for star in unit.facts.stars:
            source = self.module(unit, unit.expressions[star])
            if isinstance(source, Unit) and source not in seen:
                found_there = self.exported(source, name, role, seen)
                if found_there:
                    return found_there
        return []

    def whole(self, unit: Unit) -> Site | None:
        """What `module.exports =` or `export =` gives."""
        exports = self.tables(unit).exports
        self.touched.add((unit, WHOLE[0]))
        if exports >= 0:
            for name in WHOLE:
                entry = unit.names[exports].get(name)
                if entry:
                    return Site(unit, entry[-1])
        return None

    # ---- what is global

    def global_name(self, unit: Unit, name: str, role: int) -> list[Site]:
        """A name that no scope declares: `declare global`, TypeScript's library, scripts."""
        sites = self.global_sites(unit, name)
        if not sites:
            return []
        as_type = role == Role.TYPE
        kept = [site for site in sites if _fits(site.definition, as_type, role)]
        return kept or ([] if as_type else sites)

    def global_sites(self, unit: Unit, name: str) -> list[Site]:
        """Every global declaration of a name that a file sees."""
        root = self._library_folder(unit)
        key = (name, root)
        own = [
            Site(unit, index)
            for scope in self.tables(unit).globals
            for index in unit.names[scope].get(name, ())
        ]
        found = self._global.get(key)
        if found is None:
            found = self._global[key] = self._find_global(unit, name)
        return [*found, *(site for site in own if site not in found)]

    def _find_global(self, unit: Unit, name: str) -> list[Site]:
        found: list[Site] = []
        page: list[Unit] = []
        for path in self._library_files(unit):
            if _of_the_page(path) and found:
                break
            library = self.world.unit(path)
            if library is None:
                continue
            page.append(library)
            found += [Site(library, index) for index in library.names[0].get(name, ())]
            for scope in self.tables(library).globals:
                found += [Site(library, index) for index in library.names[scope].get(name, ())]
        if not found:
            for site in self.world.named(name, _FAMILY):
                definition = site.definition
                tables = self.tables(site.unit)
                if (definition.scope == 0 and not tables.is_module) or (
                    definition.scope in tables.globals
                ):
                    found.append(site)
            if not found:
                self.touched.add((None, name))
        return found

    def _declaring(self, unit: Unit) -> Iterator[Unit]:
        """The declaration files that every file of a project sees, beside TypeScript's own."""
        for path in self._library_files(unit):
            if "/@types/" in path:
                library = self.world.unit(path)
                if library is not None:
                    yield library

    def _library_folder(self, unit: Unit) -> str:
        folder = unit.path.rpartition("/")[0]
        config = self.modules.configs.nearest(folder)
        if config is not None:
            return config.folder
        for root in self.world.folders:
            if unit.path.startswith(root + "/"):
                return root
        return folder

    def _library_files(self, unit: Unit) -> list[str]:
        """The library files of a project in the order of look-up, the page's large one last."""
        root = self._library_folder(unit)
        files = self._libraries.get(root)
        if files is None:
            files = self._libraries[root] = []
            first = self._first_libraries(root)
            self._spread(first, files)
            files.sort(key=lambda path: (_of_the_page(path), "/@types/" in path))
        return files

    def _spread(self, first: Iterable[str], files: list[str]) -> None:
        """Follow `/// <reference>` from file to file; what is referred to comes first."""
        seen: set[str] = set()

        def visit(path: str) -> None:
            if path in seen or len(seen) > _MOST_LIBRARIES or not self.world.is_file(path):
                return
            seen.add(path)
            # The page's references add nothing, and it is too large to read for them.
            unit = None if _of_the_page(path) else self.world.unit(path)
            for reference in self.tables(unit).references if unit is not None else ():
                expression = unit.expressions[reference] if unit is not None else ()
                target = self.modules.find(expression[3], expression[4], path)
                if target is not None:
                    visit(target)
            files.append(path)

        for path in first:
            visit(path)

    def _first_libraries(self, root: str) -> list[str]:
        config = self.modules.configs.nearest(root)
        folder = self._typescript(root)
        names: tuple[str, ...]
        if config is not None and config.lib:
            names = config.lib
        else:
            target = config.target if config is not None else ""
            names = (_DEFAULT_LIBRARIES.get(target, f"{target}.full" if target else "esnext.full"),)
        found = []
        for name in names:
            path = f"{folder}/lib.{name}.d.ts" if name else f"{folder}/lib.d.ts"
            found.append(path)
        if config is not None and config.types is not None:
            for name in config.types:
                path_found = self.modules.find(name, -4, f"{root}/x")
                if path_found is not None:
                    found.append(path_found)
        else:
            for around in (root, *self.world.folders):
                for where in self.world.subfolders(f"{around}/node_modules/@types"):
                    entry = self.modules.find(where.rpartition("/")[2], -4, f"{root}/x")
                    if entry is not None and entry not in found:
                        found.append(entry)
                if len(found) > len(names):
                    break
        return found

    def _typescript(self, root: str) -> str:
        """The folder of TypeScript's own declarations; a version 7 keeps them per platform."""
        folder = root
        while True:
            base = f"{folder}/node_modules"
            if self.world.is_file(f"{base}/typescript/lib/lib.es5.d.ts"):
                return f"{base}/typescript/lib"
            if self.world.is_file(f"{base}/typescript/package.json"):
                for where in self.world.subfolders(f"{base}/@typescript"):
                    if self.world.is_file(f"{where}/lib/lib.es5.d.ts"):
                        return f"{where}/lib"
            if "/" not in folder:
                return ""
            folder = folder.rpartition("/")[0]


_DEFAULT_LIBRARIES = {"es3": "", "es5": "", "es6": "es6", "es2015": "es6"}


def _of_the_page(path: str) -> bool:
    """Whether a library file is one of the large ones about pages and workers."""
    name = path.rpartition("/")[2]
    return name.startswith(("lib.dom", "lib.webworker", "lib.scripthost"))


def _fits(definition: Definition, as_type: bool, role: int) -> bool:
    if as_type:
        return definition.kind in TYPES
    return role == Role.BASE or definition.kind not in _ONLY_TYPES


def _meant(definitions: list[Definition], entry: list[int], as_type: bool, role: int) -> list[int]:
    """Of several definitions of one name those that a use in its place can mean."""
    if len(entry) == 1:
        only = definitions[entry[0]]
        if role < 0 or role == Role.IMPORT or role == Role.BASE:
            return entry
        if as_type:
            return entry if only.kind in TYPES else []
        # An interface is a dead end for a value; a name that is both is found further out.
        return entry if only.kind not in _ONLY_TYPES or role == Role.TYPE else []
    if role < 0 or role == Role.IMPORT:
        return entry
    if as_type:
        return [index for index in entry if definitions[index].kind in TYPES]
    values = [index for index in entry if definitions[index].kind not in _ONLY_TYPES]
    return values or (entry if role == Role.BASE else [])
