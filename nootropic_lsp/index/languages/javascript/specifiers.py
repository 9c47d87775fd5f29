"""What an import may name in JavaScript and TypeScript: files, packages and what is mapped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from nootropic_lsp.index.facts import Op
from nootropic_lsp.index.languages.javascript.config import ancestors, join
from nootropic_lsp.index.languages.javascript.names import Names
from nootropic_lsp.index.units import Unit

# The ending of a source file, and what it is imported with where endings are written.
_ENDINGS = {
    ".d.ts": ".js",
    ".d.mts": ".mjs",
    ".d.cts": ".cjs",
    ".ts": ".js",
    ".tsx": ".js",
    ".mts": ".mjs",
    ".cts": ".cjs",
    ".js": ".js",
    ".jsx": ".jsx",
    ".mjs": ".mjs",
    ".cjs": ".cjs",
}
_KEPT = (".json", ".css", ".vue", ".svelte")
# Packages that a project says it needs can be named before they are installed.
_DEPENDENCIES = ("dependencies", "peerDependencies", "devDependencies", "optionalDependencies")
_WRITTEN = tuple(set(_ENDINGS.values()))
# Node finds these without an ending, the others it does not.
_FOUND = frozenset({".js", ".jsx"})


class Specifiers:
    """Lists what imports may name, for one state of the world."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._modules = names.modules
        self._configs = names.modules.configs
        self._world = names.world
        self._with_endings: dict[str, bool] = {}

    def below(self, unit: Unit, specifier: str) -> list[str]:
        """What can stand behind a specifier and a slash; packages and aliases for ""."""
        specifier = specifier.rstrip("/")
        folder, _, own = unit.path.rpartition("/")
        if specifier.split("/", 1)[0] in (".", ".."):
            target = join(folder, specifier)
            found = self._files(target, unit)
            if target == folder:
                found = (name for name in found if name != self._written(own, unit))
            return sorted(dict.fromkeys(found))
        if not specifier:
            return sorted(dict.fromkeys(self._roots(unit, folder)))
        names = [
            *self._mapped(unit, folder, specifier),
            *_behind(specifier, self._modules.workspaces()),
            *_behind(specifier, self._packages(folder)),
            *_behind(specifier, self._names.declared_modules(unit)),
            *self._inside(unit, folder, specifier),
        ]
        return sorted(dict.fromkeys(names))

    def _roots(self, unit: Unit, folder: str) -> Iterator[str]:
        yield from self._modules.workspaces()
        yield from self._packages(folder)
        for name in self._names.declared_modules(unit):
            if "*" not in name:
                yield name.split("/", 1)[0]
        for around in ancestors(folder):
            package = self._configs.package(around)
            if package is not None:
                for key in _DEPENDENCIES:
                    needed = package.get(key)
                    yield from map(str, needed if isinstance(needed, dict) else ())
                imports = package.get("imports")
                for key in imports if isinstance(imports, dict) else ():
                    yield str(key).partition("*")[0].rstrip("/")
                break
        config = self._configs.nearest(folder)
        if config is not None:
            for pattern, _ in config.paths:
                head = pattern.partition("*")[0].rstrip("/")
                if head:
                    yield head
            if config.base:
                yield from self._files(config.base, unit)

    def _packages(self, folder: str) -> Iterator[str]:
        """The packages of every `node_modules` around, those of types by what they describe."""
        for around in ancestors(folder):
            if around.endswith("/node_modules"):
                continue
            modules = f"{around}/node_modules"
            for name in self._folders(modules):
                if not name.startswith("@"):
                    yield name
                elif name == "@types":
                    for typed in self._folders(f"{modules}/{name}"):
                        scope, two, rest = typed.partition("__")
                        yield f"@{scope}/{rest}" if two else typed
                else:
                    for inner in self._folders(f"{modules}/{name}"):
                        yield f"{name}/{inner}"

    def _folders(self, path: str) -> list[str]:
        return [
            name[:-1]
            for name in self._world.entries(path)
            if name.endswith("/") and not name.startswith(".")
        ]

    def _mapped(self, unit: Unit, folder: str, specifier: str) -> Iterator[str]:
        """Through `paths` and `baseUrl`."""
        config = self._configs.nearest(folder)
        if config is None:
            return
        for pattern, targets in config.paths:
            head, star, _ = pattern.partition("*")
            if star and f"{specifier}/".startswith(head):
                rest = specifier[len(head) :]
                for target in targets:
                    yield from self._files(join(target.partition("*")[0].rstrip("/"), rest), unit)
            elif pattern.startswith(f"{specifier}/"):
                yield pattern[len(specifier) + 1 :].partition("/")[0]
        if config.base:
            yield from self._files(join(config.base, specifier), unit)

    def _inside(self, unit: Unit, folder: str, specifier: str) -> Iterator[str]:
        """What a package of the workspace or of `node_modules` lets others import of it."""
        parts = specifier.split("/")
        n_parts = 2 if specifier.startswith("@") else 1
        package, rest = "/".join(parts[:n_parts]), "/".join(parts[n_parts:])
        places = [self._modules.workspaces().get(package, "")]
        places += [
            f"{around}/node_modules/{package}"
            for around in ancestors(folder)
            if not around.endswith("/node_modules")
        ]
        for where in places:
            manifest = self._configs.package(where) if where else None
            if manifest is None:
                continue
            exports = manifest.get("exports")
            if isinstance(exports, dict) and any(str(key).startswith(".") for key in exports):
                yield from self._shown(where, exports, rest, unit)
            else:
                yield from self._files(join(where, rest), unit)
            return

    def _shown(self, where: str, exports: dict[Any, Any], rest: str, unit: Unit) -> Iterator[str]:
        """The subpaths in `exports`; where a star stands, the files that it may be."""
        start = f"./{rest}/" if rest else "./"
        for key, value in exports.items():
            head, star, _ = str(key).partition("*")
            if str(key).endswith("package.json"):
                continue
            if head.startswith(start) and len(head) > len(start):
                yield head[len(start) :].partition("/")[0]
            elif star and start.startswith(head):
                target = _first_path(value)
                if "*" in target:
                    inner = join(where, target.partition("*")[0])
                    yield from self._files(join(inner, start[len(head) :]), unit)

    def _files(self, folder: str, unit: Unit) -> Iterator[str]:
        """The files and folders in one, as they are written in an import."""
        for name in self._world.entries(folder):
            if name.endswith("/"):
                if name != "node_modules/" and not name.startswith("."):
                    yield name[:-1]
            else:
                written = self._written(name, unit)
                if written:
                    yield written

    def _written(self, name: str, unit: Unit) -> str:
        """A file's name with the ending that an import gives it; "" for none that is imported."""
        for ending, output in _ENDINGS.items():
            if name.endswith(ending):
                stem = name.removesuffix(ending)
                has_ending = output not in _FOUND or self._writes_endings(unit)
                return stem + output if has_ending else stem
        return name if name.endswith(_KEPT) and name != "package.json" else ""

    def _writes_endings(self, unit: Unit) -> bool:
        """Whether the imports of a file say `./x.js`: as the others do, else as node needs it."""
        known = self._with_endings.get(unit.path)
        if known is None:
            unit = self._world.unit(unit.path) or unit
            relative = [
                expression[3]
                for expression in unit.expressions
                if expression[0] == Op.MODULE and str(expression[3]).startswith(".")
            ]
            known = any(name.endswith(_WRITTEN) for name in relative)
            if not relative and unit.language == "javascript":
                known = self.is_module(unit)
            self._with_endings[unit.path] = known
        return known

    def is_module(self, unit: Unit) -> bool:
        """Whether node takes a JavaScript file for a module of the newer kind."""
        if unit.path.endswith((".cjs", ".mjs")):
            return unit.path.endswith(".mjs")
        for around in ancestors(unit.path.rpartition("/")[0]):
            package = self._configs.package(around)
            if package is not None:
                return package.get("type") == "module"
        return False


def _behind(specifier: str, names: Iterable[str]) -> Iterator[str]:
    """The next part of the names that begin with a specifier."""
    start = f"{specifier}/"
    for name in names:
        if name.startswith(start):
            yield name[len(start) :].partition("/")[0]


def _first_path(value: Any) -> str:
    """The first target of an entry in `exports`, whatever its condition."""
    while isinstance(value, dict | list) and value:
        value = next(iter(value.values())) if isinstance(value, dict) else value[0]
    return value if isinstance(value, str) else ""
