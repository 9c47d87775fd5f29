"""What tsconfig.json, jsconfig.json and package.json say, read without running anything."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from nootropic_lsp.index.units import World

_COMMENT_OR_STRING = re.compile(r'"(?:\\.|[^"\\])*"|//[^\n]*|/\*.*?\*/', re.DOTALL)
_TRAILING_COMMA = re.compile(r'("(?:\\.|[^"\\])*")|,(\s*[}\]])', re.DOTALL)
_DEEPEST = 8


def parse_json(text: str | None) -> dict[str, Any]:
    """An object from JSON with comments and trailing commas; empty for anything else."""
    if not text:
        return {}
    try:
        value = json.loads(text)
    except ValueError:
        text = _COMMENT_OR_STRING.sub(lambda m: m[0] if m[0][0] == '"' else " ", text)
        text = _TRAILING_COMMA.sub(lambda m: m[1] or m[2], text)
        try:
            value = json.loads(text.lstrip("\ufeff"))
        except ValueError:
            return {}
    return value if isinstance(value, dict) else {}


def join(folder: str, relative: str) -> str:
    """A normal path from a folder and a relative path with `.` and `..` in it."""
    parts = folder.split("/")
    for part in relative.split("/"):
        if part == "..":
            if len(parts) > 1:
                parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def ancestors(folder: str) -> list[str]:
    """A folder and those around it, the nearest first."""
    found = []
    while folder:
        found.append(folder)
        folder = folder.rpartition("/")[0]
    return found


@dataclass
class Config:
    """The compiler options that decide what a name means."""

    folder: str
    base: str | None = None  # the folder of `baseUrl`
    paths: list[tuple[str, list[str]]] = field(default_factory=list)  # to whole paths
    conditions: tuple[str, ...] = ()
    lib: tuple[str, ...] | None = None
    target: str = ""
    types: tuple[str, ...] | None = None
    strict: bool = False
    empty: bool = False  # `files: []`: the options are in what it refers to


class Configs:
    """Finds the configuration of a file."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._nearest: dict[str, Config | None] = {}
        self._packages: dict[str, dict[str, Any] | None] = {}

    def package(self, folder: str) -> dict[str, Any] | None:
        """The package.json of a folder."""
        if folder not in self._packages:
            text = self._world.text(f"{folder}/package.json")
            self._packages[folder] = None if text is None else parse_json(text)
        return self._packages[folder]

    def nearest(self, folder: str) -> Config | None:
        """The configuration that governs the files of a folder."""
        if folder not in self._nearest:
            found = None
            for name in ("tsconfig.json", "jsconfig.json"):
                path = f"{folder}/{name}"
                if self._world.is_file(path):
                    found = self._read(path, 0)
                    break
            if found is None and "/" in folder and folder not in self._world.folders:
                outer = folder.rpartition("/")[0]
                found = self.nearest(outer) if outer else None
            self._nearest[folder] = found
        return self._nearest[folder]

    def _read(self, path: str, depth: int) -> Config | None:
        content = parse_json(self._world.text(path))
        if not content or depth > _DEEPEST:
            return None
        folder = path.rpartition("/")[0]
        config = Config(folder)
        extends = content.get("extends") or []
        for name in extends if isinstance(extends, list) else [extends]:
            base = self._extended(str(name), folder, depth)
            if base is not None:
                config = Config(**{**base.__dict__, "folder": folder})
        options = content.get("compilerOptions")
        if isinstance(options, dict):
            self._options(config, options, folder)
        config.empty = content.get("files") == [] and "include" not in content
        references = content.get("references")
        if isinstance(references, list) and not config.paths:
            self._referred(config, references, folder, depth)
        return config

    def _referred(self, config: Config, references: list[Any], folder: str, depth: int) -> None:
        """A configuration without files of its own stands for those it refers to."""
        for reference in references:
            if not isinstance(reference, dict):
                continue
            path = join(folder, str(reference.get("path", "")))
            if not path.endswith(".json"):
                path += "/tsconfig.json"
            if path.rpartition("/")[0] != folder and not config.empty:
                continue
            other = self._read(path, depth + 1)
            if other is None:
                continue
            config.paths = [*config.paths, *other.paths]
            config.base = config.base or (other.base if config.empty else None)
            config.lib = config.lib or other.lib
            config.target = config.target or other.target
            config.conditions = config.conditions or other.conditions

    def _extended(self, name: str, folder: str, depth: int) -> Config | None:
        if name.startswith((".", "/")):
            path = join(folder, name) if name[0] == "." else name
            candidates = [path, f"{path}.json", f"{path}/tsconfig.json"]
        else:
            candidates = [
                f"{around}/node_modules/{name}{end}"
                for around in ancestors(folder)
                for end in ("", ".json", "/tsconfig.json")
            ]
        for candidate in candidates:
            if candidate.endswith(".json") and self._world.is_file(candidate):
                return self._read(candidate, depth + 1)
        return None

    def _options(self, config: Config, options: dict[str, Any], folder: str) -> None:
        base = options.get("baseUrl")
        if isinstance(base, str):
            config.base = join(folder, base.replace("${configDir}", "."))
        paths = options.get("paths")
        if isinstance(paths, dict):
            root = config.base or folder
            config.paths = [
                (
                    str(pattern),
                    [join(root, str(target).replace("${configDir}", ".")) for target in targets],
                )
                for pattern, targets in paths.items()
                if isinstance(targets, list)
            ]
        if isinstance(options.get("customConditions"), list):
            config.conditions = tuple(map(str, options["customConditions"]))
        if isinstance(options.get("lib"), list):
            config.lib = tuple(str(name).lower() for name in options["lib"])
        if isinstance(options.get("target"), str):
            config.target = options["target"].lower()
        strict = options.get("strictBindCallApply", options.get("strict"))
        if isinstance(strict, bool):
            config.strict = strict
        if isinstance(options.get("types"), list):
            config.types = tuple(map(str, options["types"]))
