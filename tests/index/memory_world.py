"""A workspace in memory: paths and texts, extracted when they are first asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from posixpath import dirname, splitext

from tree_sitter import Parser

from nootropic_lsp.index.facts import Kind, ScopeKind
from nootropic_lsp.index.languages.python.modules import typeshed
from nootropic_lsp.index.languages.registry import LANGUAGES
from nootropic_lsp.index.units import Resolver, Site, Unit

LANGUAGE_OF = {
    ".bash": "bash",
    ".c": "c",
    ".cc": "cpp",
    ".cpp": "cpp",
    ".cs": "csharp",
    ".css": "css",
    ".cts": "typescript",
    ".go": "go",
    ".h": "c",
    ".hpp": "cpp",
    ".html": "html",
    ".java": "java",
    ".js": "javascript",
    ".json": "json",
    ".jsx": "javascript",
    ".php": "php",
    ".py": "python",
    ".pyi": "python",
    ".rb": "ruby",
    ".rs": "rust",
    ".sh": "bash",
    ".ts": "typescript",
    ".tsx": "tsx",
}
_VISIBLE = (ScopeKind.MODULE, ScopeKind.CLASS, ScopeKind.OBJECT)


class MemoryWorld:
    """Files by their paths below one folder. `language` overrides what their names say."""

    def __init__(self, files: Mapping[str, str], folder: str = "/w", language: str = "") -> None:
        self.folders: Sequence[str] = (folder,)
        self._language = language
        self._texts = {f"{folder}/{path}": text for path, text in files.items()}
        self._units: dict[str, Unit] = {}
        self._folders: dict[str, None] = {}
        for path in self._texts:
            while (path := dirname(path)) not in self._folders and path != "/":
                self._folders[path] = None

    def units(self) -> Iterator[Unit]:
        """Every file that is in a language we read."""
        for path in list(self._texts):
            unit = self.unit(path)
            if unit is not None:
                yield unit

    def unit(self, path: str) -> Unit | None:
        known = self._units.get(path)
        if known is None and path not in self._texts and self._is_shipped(path):
            self._texts[path] = Path(path).read_text(encoding="utf-8")
        if known is None and path in self._texts:
            known_language = LANGUAGE_OF.get(splitext(path)[1])
            if known_language is None:
                return None
            language = LANGUAGES[self._language or known_language]
            data = self._texts[path].encode()
            tree = Parser(language.grammar()).parse(data)
            known = self._units[path] = Unit(path, language.extract(tree.root_node, data))
        return known

    def resolver(self, unit: Unit) -> Resolver:
        """A fresh resolver for the language of a file."""
        return LANGUAGES[unit.language].resolve(self)

    def is_file(self, path: str) -> bool:
        return path in self._texts or self._is_shipped(path)

    @staticmethod
    def _is_shipped(path: str) -> bool:
        """Whether it is one of the standard library's stubs, which every workspace has."""
        return path.startswith(typeshed()) and Path(path).is_file()

    def is_folder(self, path: str) -> bool:
        return path in self._folders

    def subfolders(self, path: str) -> Sequence[str]:
        return [folder for folder in self._folders if dirname(folder) == path]

    def entries(self, path: str) -> Sequence[str]:
        if path.startswith(typeshed()):
            return [
                f"{each.name}/" if each.is_dir() else each.name for each in Path(path).iterdir()
            ]
        start = len(path) + 1
        folders = [f"{folder[start:]}/" for folder in self.subfolders(path)]
        return [*folders, *(file[start:] for file in self._texts if dirname(file) == path)]

    def text(self, path: str) -> str | None:
        return self._texts.get(path)

    def named(self, name: str, family: str) -> Sequence[Site]:
        return [
            Site(unit, index)
            for unit in self.units()
            if LANGUAGES[unit.language].family == family
            for index, definition in enumerate(unit.definitions)
            if definition.name == name
            and definition.kind not in (Kind.NARROWED, Kind.IMPORT)
            and unit.scopes[definition.scope].kind in _VISIBLE
        ]

    def environment(self, path: str) -> Sequence[str]:
        return ()
