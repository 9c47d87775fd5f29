"""Which declaration a bare name means: scopes, what modules export, and what is global."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from nootropic_lsp.index.facts import Definition, Expression, Flag, Kind, Op, Role, ScopeKind
from nootropic_lsp.index.languages.javascript.commonjs import WHOLE
from nootropic_lsp.index.languages.javascript.config import ancestors
from nootropic_lsp.index.languages.javascript.declarations import Declarations
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
FAMILY = "javascript"
_MOST_LIBRARIES = 250
_FARTHEST_CALL = 400  # expressions between the name of a function and the end of its call


class Tables:
    """What the look-ups need of one file beyond `Unit`; only its scopes are read for it."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self.exports = -1  # the scope of what a module exports under a name of its own
        self.globals: list[int] = []  # scopes of `declare global`
        self.ambient: dict[str, int] = {}  # `declare module "x"`: the definition
        self._owned: dict[int, list[int]] = {}  # scopes by the definition that owns them
        definitions = unit.definitions
        for index, scope in enumerate(unit.scopes):
            owner = scope.owner
            kind = scope.kind
            if owner < 0:
                continue
            if owner == 0:
                if kind == ScopeKind.OBJECT:
                    self.exports = index
            elif kind == ScopeKind.MODULE:
                definition = definitions[owner]
                if definition.name == "global":
                    self.globals.append(index)
                elif definition.flags & Flag.DECLARED:
                    self.ambient.setdefault(definition.name, owner)
            elif kind in (ScopeKind.CLASS, ScopeKind.FUNCTION):
                self._owned.setdefault(owner, []).append(index)

    @property
    def is_module(self) -> bool:
        """Whether the file imports or exports anything; the names of a script are global."""
        return self.exports >= 0

    def instances(self, owner: int) -> int:
        """The scope of members that were declared by assignment to a function or class."""
        return self._beside_body(owner, ScopeKind.CLASS)

    def parameters(self, owner: int) -> int:
        """The scope of the type parameters of a class, interface or alias."""
        return self._beside_body(owner, ScopeKind.FUNCTION)

    def _beside_body(self, owner: int, kind: int) -> int:
        for scope in self._owned.get(owner, ()):
            if self._unit.scopes[scope].kind == kind and (
                self._unit.definitions[owner].body != scope
            ):
                return scope
        return -1

    def taken(self, function: int) -> list[int]:
        """The parameters of a function: they are written before anything in its body."""
        unit = self._unit
        definition = unit.definitions[function]
        body = definition.body
        end = definition.head_end or definition.full_end
        found: list[int] = []
        for index in range(function + 1, len(unit.definitions)):
            parameter = unit.definitions[index]
            if parameter.kind == Kind.PARAMETER and parameter.scope == body:
                found.append(index)
            elif parameter.kind != Kind.TYPE_PARAMETER and parameter.full_start > end:
                break
        return found

    def call_of(self, function: int) -> int:
        """The call whose function an expression is, or -1."""
        expressions = self._unit.expressions
        applied = -1
        for index in range(function + 1, min(function + _FARTHEST_CALL, len(expressions))):
            expression = expressions[index]
            if expression[0] == Op.ITEM and expression[1] == function:
                applied = index
            elif expression[0] == Op.CALL and expression[1] in (function, applied):
                return index
        return -1


class Names:
    """Look-ups that need no types, for one state of the world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.modules = Modules(world)
        self._declarations = Declarations(world)
        self.touched = Trail()
        self.known: dict[Unit, Tables] = {}
        self._libraries: dict[str, list[str]] = {}
        self._global: dict[tuple[str, str], tuple[list[Site], int]] = {}

    def tables(self, unit: Unit) -> Tables:
        """The tables of a file."""
        tables = self.known.get(unit)
        if tables is None:
            tables = self.known[unit] = Tables(unit)
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

    def _merged(self, unit: Unit, owner: int, name: str, as_type: bool, role: int) -> list[Site]:
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

    def module(self, unit: Unit, expression: Expression) -> Unit | Site | None:
        """The file, or the `declare module` block, that a MODULE use names."""
        name = expression[3]
        path = self.modules.find(name, expression[4], unit.path)
        # A file that appears could be found first, under the name or below it.
        self.touched.add_modules(
            name.rpartition("/")[2].removeprefix(".").partition(".")[0] or "index"
        )
        if path is not None:
            self.touched.add_modules(path.rpartition("/")[2].partition(".")[0])
            found = self.world.unit(path)
            if found is not None:
                return found
        return self._ambient(unit, name)

    def _ambient(self, unit: Unit, name: str) -> Site | None:
        names = tuple(dict.fromkeys((name, name.removeprefix("node:"))))
        for other in self._declaring(unit, names):
            ambient = self.tables(other).ambient
            for each in names:
                if each in ambient:
                    return Site(other, ambient[each])
        for site in self.world.named(name, FAMILY):
            definition = site.definition
            if definition.kind == Kind.NAMESPACE and definition.flags & Flag.DECLARED:
                return site
        return None

    def exported(
        self, unit: Unit, name: str, role: int, seen: set[Unit] | None = None
    ) -> list[Site]:
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
        if name == "default" or not unit.stars:
            return []
        seen = seen if seen is not None else set()
        seen.add(unit)
        for star in unit.stars:
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
        root = self.library_folder(unit)
        key = (name, root)
        own = [
            Site(unit, index)
            for scope in self.tables(unit).globals
            for index in unit.names[scope].get(name, ())
        ]
        touched = self.touched
        known = self._global.get(key)
        if known is None:
            outer, touched.mask = touched.mask, 0
            known = self._global[key] = (self._find_global(unit, name), touched.mask)
            touched.mask = outer
        touched.mask |= known[1]
        found = known[0]
        return [*found, *(site for site in own if site not in found)] if own else found

    def _find_global(self, unit: Unit, name: str) -> list[Site]:
        found: list[Site] = []
        standard = False
        for path in self._library_files(unit):
            # What the language itself has, the page's library hardly adds to, and it is large.
            if standard and _of_the_page(path):
                continue
            if not self._declarations.may_declare(path, name):
                continue
            library = self.world.unit(path)
            if library is None:
                continue
            tables = self.tables(library)
            for scope in tables.globals if tables.is_module else (0, *tables.globals):
                found += [Site(library, index) for index in library.names[scope].get(name, ())]
            standard = bool(found)
        if not found:
            # The workspace's own scripts and `declare global`.
            self.touched.add((None, name))
            for site in self.world.named(name, FAMILY):
                definition = site.definition
                tables = self.tables(site.unit)
                if (definition.scope == 0 and not tables.is_module) or (
                    definition.scope in tables.globals
                ):
                    found.append(site)
        return found

    def _declaring(self, unit: Unit, names: tuple[str, ...]) -> Iterator[Unit]:
        """The files beside TypeScript's own that may declare a module under one of some names."""
        for path in self._library_files(unit):
            if "/@types/" in path and self._declarations.may_have_module(path, names):
                library = self.world.unit(path)
                if library is not None:
                    yield library

    def library_units(self, unit: Unit) -> Iterator[Unit]:
        """The files that declare what is global in a project, the page's large one last."""
        for path in self._library_files(unit):
            library = self.world.unit(path)
            if library is not None:
                yield library

    def declared_modules(self, unit: Unit) -> set[str]:
        """The modules that a project's library files declare: those of node, for one."""
        found: set[str] = set()
        for path in self._library_files(unit):
            if "/@types/" in path:
                found |= self._declarations.modules(path)
        return found

    def library_folder(self, unit: Unit) -> str:
        """The folder of the project that a file belongs to."""
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
        root = self.library_folder(unit)
        files = self._libraries.get(root)
        if files is None:
            files = self._libraries[root] = []
            first = self._first_libraries(root)
            self._spread(first, files)
            files.sort(key=lambda path: ("/@types/" in path, _of_the_page(path)))
        return files

    def _spread(self, first: Iterable[str], files: list[str]) -> None:
        """Follow `/// <reference>` from file to file; what is referred to comes first."""
        seen: set[str] = set()

        def visit(path: str) -> None:
            if path in seen or len(seen) > _MOST_LIBRARIES or not self.world.is_file(path):
                return
            seen.add(path)
            # The page's references add nothing, and it is too large to read for them.
            references = () if _of_the_page(path) else self._declarations.references(path)
            for reference in references:
                target = self.modules.find(reference.name, reference.level, path)
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
            for name in self._typed_packages(root):
                entry = self.modules.find(name, -4, f"{root}/x")
                if entry is not None and entry not in found:
                    found.append(entry)
        return found

    def _typed_packages(self, root: str) -> list[str]:
        """The packages whose `@types` a project says it needs, and node's."""
        names = {"node": None}
        for around in ancestors(root):
            package = self.modules.configs.package(around) or {}
            for key in ("dependencies", "devDependencies", "peerDependencies"):
                listed = package.get(key)
                for name in listed if isinstance(listed, dict) else ():
                    if str(name).startswith("@types/"):
                        names[str(name).removeprefix("@types/")] = None
            if around in self.world.folders:
                break
        return list(names)

    def _typescript(self, root: str) -> str:
        """The folder of TypeScript's own declarations; version 7 keeps them per platform."""
        for around in ancestors(root):
            base = f"{around}/node_modules"
            if self.world.is_file(f"{base}/typescript/lib/lib.es5.d.ts"):
                return f"{base}/typescript/lib"
            package = self.modules.configs.package(f"{base}/typescript") or {}
            platforms = package.get("optionalDependencies")
            for name in platforms if isinstance(platforms, dict) else ():
                if self.world.is_file(f"{base}/{name}/lib/lib.es5.d.ts"):
                    return f"{base}/{name}/lib"
        return ""


_DEFAULT_LIBRARIES = {"es3": "", "es5": "", "es6": "es6", "es2015": "es6"}


def _of_the_page(path: str) -> bool:
    """Whether a library file is one of the large ones about pages and workers."""
    name = path.rpartition("/")[2]
    return name.startswith(("lib.dom", "lib.webworker", "lib.scripthost"))


def _fits(definition: Definition, as_type: bool, role: int) -> bool:
    if as_type:
        return definition.kind in TYPES
    return role == Role.BASE or definition.kind not in _ONLY_TYPES


def _meant(
    definitions: Sequence[Definition], entry: list[int], as_type: bool, role: int
) -> list[int]:
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
