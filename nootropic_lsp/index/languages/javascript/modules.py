"""Which file an import names: relative paths, tsconfig's paths, workspaces and packages."""

from __future__ import annotations

import re
from typing import Any

from nootropic_lsp.index.languages.javascript.config import Configs, ancestors, join
from nootropic_lsp.index.units import World

_ENDINGS = (
    ".ts",
    ".tsx",
    ".d.ts",
    ".js",
    ".jsx",
    ".mts",
    ".cts",
    ".d.mts",
    ".mjs",
    ".cjs",
    ".json",
)
# What a name with the ending of the output may be written as.
_SOURCES = {
    ".js": (".ts", ".tsx", ".d.ts", ".js", ".jsx"),
    ".jsx": (".tsx", ".d.ts", ".jsx"),
    ".mjs": (".mts", ".d.mts", ".mjs"),
    ".cjs": (".cts", ".d.cts", ".cjs"),
}
_TYPED = (".ts", ".tsx", ".mts", ".cts")
_OUTPUT = re.compile(r"(^|/)(dist|build|lib|out|esm|cjs|es|types)(/(esm|cjs|types|src))?/")
_WORKSPACE_LINE = re.compile(r"""^\s*-\s*["']?([^"'#\s]+)["']?""", re.MULTILINE)


class Modules:
    """Finds modules for one state of the world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.configs = Configs(world)
        self._found: dict[tuple[str, int, str], str | None] = {}
        self._workspaces: dict[str, str] | None = None

    def find(self, name: str, level: int, importer: str) -> str | None:
        """The file that an import in the file `importer` names."""
        folder = importer.rpartition("/")[0]
        key = (name, level, folder)
        if key not in self._found:
            self._found[key] = self._find(name, level, folder)
        return self._found[key]

    def _find(self, name: str, level: int, folder: str) -> str | None:
        if level == -2:
            return self._at(join(folder, name))
        if level == -3:
            path = f"{folder}/lib.{name.lower()}.d.ts"
            return path if self._world.is_file(path) else None
        if level == -4:
            return self._typings(name, folder) or self._package(name, folder)
        if name.startswith(".") and (name[1:2] in ("", "/", ".")):
            return self._at(join(folder, name))
        if name.startswith("/"):
            return self._at(name.rstrip("/"))
        if name.startswith("#"):
            found = self._private(name, folder)
            if found is not None:
                return found
        return (
            self._mapped(name, folder)
            or self._workspace(name, folder)
            or self._package(name.removeprefix("node:"), folder)
        )

    # ---- files

    def _at(self, path: str) -> str | None:
        """A file by its path, with or without its ending, or the index of a folder."""
        return self._file(path) or self._folder(path)

    def _file(self, path: str) -> str | None:
        is_file = self._world.is_file
        name = path.rpartition("/")[2]
        dot = name.rfind(".")
        if dot > 0:
            sources = _SOURCES.get(name[dot:])
            if sources:
                stem = path[: len(path) - len(name) + dot]
                for ending in sources:
                    if is_file(stem + ending):
                        return stem + ending
            elif name.endswith(_ENDINGS) and is_file(path):
                return path
        for ending in _ENDINGS:
            if is_file(path + ending):
                return path + ending
        return path if dot > 0 and is_file(path) else None

    def _folder(self, path: str) -> str | None:
        package = self.configs.package(path)
        if package:
            found = self._main(path, package)
            if found is not None:
                return found
        return self._file(f"{path}/index")

    def _main(self, folder: str, package: dict[str, Any]) -> str | None:
        for key in ("types", "typings", "module", "main"):
            target = package.get(key)
            if isinstance(target, str) and target.strip("./"):
                path = join(folder, target)
                found = self._file(path) or (self._file(f"{path}/index"))
                if found is not None and (key != "module" or not package.get("main")):
                    return found
        return None

    # ---- configuration

    def _mapped(self, name: str, folder: str) -> str | None:
        """Through `paths` and `baseUrl`."""
        config = self.configs.nearest(folder)
        if config is None:
            return None
        best: tuple[int, list[str], str] | None = None
        for pattern, targets in config.paths:
            head, star, tail = pattern.partition("*")
            if not star:
                if name == pattern:
                    best = (1 << 20, targets, "")
            elif _fits(name, head, tail) and (best is None or len(head) > best[0]):
                best = (len(head), targets, name[len(head) : len(name) - len(tail)])
        if best is not None:
            for target in best[1]:
                found = self._at(target.replace("*", best[2]))
                if found is not None:
                    return found
        return self._at(join(config.base, name)) if config.base else None

    # ---- packages

    def _workspace(self, name: str, folder: str) -> str | None:
        """A package of the same monorepo, or the package that the importer itself is in."""
        package, rest = _split(name)
        for around in ancestors(folder):
            own = self.configs.package(around)
            if own is not None:
                if own.get("name") == package:
                    return self._source(around, own, rest, folder)
                break
        where = self.workspaces().get(package)
        if where is None:
            return None
        return self._source(where, self.configs.package(where) or {}, rest, folder)

    def workspaces(self) -> dict[str, str]:
        """The folders of the workspace's packages by the packages' names."""
        if self._workspaces is None:
            self._workspaces = {}
            for root in self._world.folders:
                package = self.configs.package(root) or {}
                listed = package.get("workspaces") or []
                if isinstance(listed, dict):
                    listed = listed.get("packages") or []
                patterns = [str(pattern) for pattern in listed]
                yaml = self._world.text(f"{root}/pnpm-workspace.yaml")
                if yaml:
                    listing = yaml.partition("packages:")[2]
                    block = re.split(r"^\S", listing, maxsplit=1, flags=re.MULTILINE)[0]
                    patterns += _WORKSPACE_LINE.findall(block)
                for pattern in patterns:
                    if not pattern.startswith("!"):
                        for folder in self._matching(root, pattern.strip("./").split("/")):
                            name = (self.configs.package(folder) or {}).get("name")
                            if isinstance(name, str):
                                self._workspaces.setdefault(name, folder)
        return self._workspaces

    def _matching(self, folder: str, parts: list[str]) -> list[str]:
        if not parts or parts == [""]:
            return [folder]
        part, rest = parts[0], parts[1:]
        if "*" not in part:
            return self._matching(f"{folder}/{part}", rest)
        below = [
            path
            for path in self._world.subfolders(folder)
            if path.rpartition("/")[2] not in ("node_modules", ".git")
        ]
        if part == "**":
            found = self._matching(folder, rest) if rest else [folder]
            return [*found, *(path for one in below for path in self._matching(one, parts))]
        wanted = re.compile(re.escape(part).replace(r"\*", "[^/]*") + r"\Z")
        return [
            path
            for one in below
            if wanted.match(one.rpartition("/")[2])
            for path in self._matching(one, rest)
        ]

    def _source(self, where: str, package: dict[str, Any], rest: str, folder: str) -> str | None:
        """A module of a package whose sources are in the workspace; what is built is not there."""
        targets = self._targets(package, rest, folder)
        for target in targets:
            path = join(where, target)
            source = _OUTPUT.sub(r"\1src/", target, count=1)
            plain = _OUTPUT.sub(r"\1", target, count=1)
            for candidate in (path, join(where, source), join(where, plain)):
                found = self._file(_without_ending(candidate)) or self._file(candidate)
                if found is not None:
                    return found
        for start in ("src/", "", "lib/"):
            found = self._at(join(where, start + (rest or "index")))
            if found is not None and not found.endswith(".json"):
                return found
        return None

    def _targets(self, package: dict[str, Any], rest: str, folder: str) -> list[str]:
        """The paths inside a package that a subpath may stand for, best first."""
        exports = package.get("exports")
        conditions = self._conditions(folder)
        found: list[str] = []
        if exports is not None:
            found = _exported(exports, f"./{rest}" if rest else ".", conditions)
        if not found and not rest:
            found = [
                target
                for key in ("source", "types", "typings", "module", "main")
                if isinstance(target := package.get(key), str)
            ]
        return found

    def _conditions(self, folder: str) -> tuple[str, ...]:
        config = self.configs.nearest(folder)
        own = config.conditions if config is not None else ()
        return (*own, "types", "import", "require", "node", "module", "development", "default")

    def _private(self, name: str, folder: str) -> str | None:
        """`#name` through the `imports` of the nearest package.json."""
        for around in ancestors(folder):
            package = self.configs.package(around)
            if package is None:
                continue
            imports = package.get("imports")
            if isinstance(imports, dict):
                for target in _exported(imports, name, self._conditions(folder)):
                    if target.startswith("."):
                        found = self._at(join(around, target))
                    else:
                        found = self._package(target, around)
                    if found is not None:
                        return found
            return None
        return None

    def _package(self, name: str, folder: str) -> str | None:
        """A package in a `node_modules` around; declarations are preferred to code."""
        package, rest = _split(name)
        if not package:
            return None
        plain: str | None = None
        for around in ancestors(folder):
            if around.endswith("/node_modules"):
                continue
            where = f"{around}/node_modules/{package}"
            if self.configs.package(where) is not None or self._world.is_folder(where):
                found = self._in_package(where, rest, folder)
                if found is not None:
                    if found.endswith(_TYPED):
                        return found
                    plain = plain or found
        return self._typings(name, folder) or plain

    def _in_package(self, where: str, rest: str, folder: str) -> str | None:
        package = self.configs.package(where) or {}
        if package.get("exports") is not None:
            best: str | None = None
            for target in self._targets(package, rest, folder):
                found = self._file(join(where, target))
                if found is not None:
                    if found.endswith(_TYPED):
                        return found
                    best = best or found
            if best is not None:
                return best
        versions = package.get("typesVersions")
        if isinstance(versions, dict):
            for wanted, mapping in versions.items():
                if not str(wanted).startswith(("*", ">")):
                    continue  # for compilers older than any that is in use
                for target in _exported(_as_paths(mapping), f"./{rest or 'index'}", ()):
                    found = self._at(join(where, target))
                    if found is not None:
                        return found
        return self._at(join(where, rest)) if rest else self._folder(where)

    def _typings(self, name: str, folder: str) -> str | None:
        """`@types/name`, where scopes are written with two underscores."""
        package, rest = _split(name)
        mangled = package.removeprefix("@").replace("/", "__")
        for around in ancestors(folder):
            where = f"{around}/node_modules/@types/{mangled}"
            if self.configs.package(where) is not None:
                return self._in_package(where, rest, folder)
        return None


def _split(name: str) -> tuple[str, str]:
    """A package's name and the path inside it."""
    parts = name.split("/")
    n_parts = 2 if name.startswith("@") else 1
    return "/".join(parts[:n_parts]), "/".join(parts[n_parts:])


def _fits(name: str, head: str, tail: str) -> bool:
    """Whether a pattern of head, star and tail matches a name."""
    enough = len(name) >= len(head) + len(tail)
    return enough and name.startswith(head) and name.endswith(tail)


def _without_ending(path: str) -> str:
    for ending in (".d.ts", ".d.mts", ".d.cts", ".js", ".mjs", ".cjs", ".jsx"):
        if path.endswith(ending):
            return path.removesuffix(ending)
    return path


def _as_paths(mapping: Any) -> dict[str, Any]:
    if not isinstance(mapping, dict):
        return {}
    return {f"./{str(key).removeprefix('./')}": value for key, value in mapping.items()}


def _exported(exports: Any, wanted: str, conditions: tuple[str, ...]) -> list[str]:
    """The targets of a subpath in `exports` or `imports`, in the order of the file."""
    if isinstance(exports, dict) and any(str(key)[:1] in ".#" for key in exports):
        best: tuple[int, Any, str] | None = None
        for key, value in exports.items():
            head, star, tail = str(key).partition("*")
            if not star and key == wanted:
                best = (1 << 20, value, "")
            elif star and _fits(wanted, head, tail) and (best is None or len(head) > best[0]):
                best = (len(head), value, wanted[len(head) : len(wanted) - len(tail)])
        if best is None:
            return []
        return [target.replace("*", best[2]) for target in _flatten(best[1], conditions)]
    return _flatten(exports, conditions) if wanted == "." else []


def _flatten(value: Any, conditions: tuple[str, ...]) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [target for part in value for target in _flatten(part, conditions)]
    if isinstance(value, dict):
        return [
            target
            for key, part in value.items()
            if key in conditions or str(key).startswith("types@>")
            for target in _flatten(part, conditions)
        ]
    return []
