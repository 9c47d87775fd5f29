"""The edit that imports a name into a file, in the style of the imports that it has."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence

from nootropic_lsp.core.spans import Span
from nootropic_lsp.core.symbols import Edit
from nootropic_lsp.index.imports import WrittenImport, WrittenName, imports_of
from nootropic_lsp.index.opened import OpenText

_QUOTED = re.compile(r"""(["'])[^"'\n]*\1\s*(;?)\s*\Z""")


class Importing:
    """What would have to be written into a text to import something.

    With `before`, so that it is imported there already.
    """

    def __init__(self, text: OpenText, *, before: int | None = None) -> None:
        self._source = text.document.text
        self._is_python = text.document.language == "python"
        self._top, found = imports_of(text)
        # Nothing may stand before these.
        futures = [each for each in found if self._is_python and each.module == "__future__"]
        if futures:
            self._top = (self._source.find("\n", futures[-1].end) + 1) or len(self._source)
        self._imports = tuple(each for each in found if each not in futures)
        if before is not None:
            self._imports = tuple(each for each in self._imports if each.end <= before)

    @property
    def is_relative(self) -> bool:
        """Whether neighbours are imported by relative names."""
        return any(each.module.startswith(".") for each in self._imports)

    @property
    def has_endings(self) -> bool:
        """Whether relative paths are written with the ending of their file."""
        relative = [each.module for each in self._imports if each.module.startswith(".")]
        return any(module.endswith((".js", ".mjs", ".ts")) for module in relative)

    def edit(self, name: str, module: str) -> Edit:
        """The edit that imports a name from a module; the module itself if the name is ""."""
        for each in self._imports:
            if name and each.module == module and each.names:
                return _joined(self._source, each.names, name)
        line = self._statement(name, module)
        if not self._imports:
            return _inserted(self._top, f"\n{line}\n" if self._top else f"{line}\n\n")
        group: Sequence[WrittenImport] = self._imports
        if self._is_python:
            group = self._group(module)
            key = _key(module, takes_names=bool(name))
            for each in group:
                if _key(each.module, takes_names=each.takes_names) > key:
                    return _inserted(each.start, f"{line}\n")
        end = self._source.find("\n", group[-1].end)
        if end < 0:
            return _inserted(len(self._source), f"\n{line}")
        return _inserted(end + 1, f"{line}\n")

    def _statement(self, name: str, module: str) -> str:
        if self._is_python:
            return f"from {module} import {name}" if name else f"import {module}"
        quote, end = '"', ";"
        if self._imports:
            last = _QUOTED.search(self._source[self._imports[-1].start : self._imports[-1].end])
            quote, end = (last[1], last[2]) if last is not None else (quote, end)
        return f"import {{ {name} }} from {quote}{module}{quote}{end}"

    def _group(self, module: str) -> Sequence[WrittenImport]:
        """The run of imports without a blank line between them that a module belongs to."""
        groups: list[list[WrittenImport]] = []
        for each in self._imports:
            between = self._source[groups[-1][-1].end : each.start] if groups else ""
            if not groups or "\n\n" in between.replace("\r", ""):
                groups.append([])
            groups[-1].append(each)
        package = module.partition(".")[0]
        akin = [sum(each.module.partition(".")[0] == package for each in group) for group in groups]
        if not any(akin):
            akin = [all(_is_alike(each.module, module) for each in group) for group in groups]
        return groups[akin.index(max(akin))] if any(akin) else groups[-1]


def _is_alike(module: str, other: str) -> bool:
    """Whether both come with Python, or neither."""
    names = (each.partition(".")[0] in sys.stdlib_module_names for each in (module, other))
    return next(names) == next(names)


def _inserted(offset: int, text: str) -> Edit:
    return Edit(Span(offset, offset), text)


def _key(module: str, *, takes_names: bool) -> tuple[bool, bool, str]:
    return takes_names, module.startswith("."), module.lower()


def _joined(source: str, names: Sequence[WrittenName], name: str) -> Edit:
    """A further name in a list of names, where it belongs by the alphabet."""
    for each in names:
        if each.text.lower() > name.lower():
            return _inserted(each.start, f"{name}{_separator(source, each.start)}")
    last = names[-1]
    return _inserted(last.end, f"{_separator(source, last.start)}{name}")


def _separator(source: str, start: int) -> str:
    """What stands between names: a line each, or all on one."""
    indent = source[source.rfind("\n", 0, start) + 1 : start]
    return f",\n{indent}" if indent and not indent.strip() else ", "
