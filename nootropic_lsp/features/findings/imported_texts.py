"""The modules of the workspace that a file imports, as texts: for who follows values across files."""

from __future__ import annotations

from pathlib import PurePath

from nootropic_lsp.features.graph import symbols_named
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.facts import Op
from nootropic_lsp.index.languages.python.modules import Modules


class ImportedTexts:
    """Answers with the path and the text of a module; notes in `used` whom it was asked about."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.used: set[str] = set()
        self._snapshot = snapshot
        self._modules = Modules(snapshot.world)
        self._found: dict[tuple[str, str], str | None] = {}

    def __call__(self, importer: str, module: str) -> tuple[str, str] | None:
        """The module that a file names so, None if it is not one of the workspace.

        For Go and Java, where objects come from anywhere, it is the file that defines a method:
        `Type.method`, or `!Type.method` if a single other type has one of that name.
        """
        key = importer, module
        if key not in self._found:
            self._found[key] = self._find(importer, module)
        path = self._found[key]
        if path is None:
            return None
        try:
            text = self._snapshot.text(path)
        except OSError:
            return None
        self.used.add(path)
        return path, text

    def _find(self, importer: str, module: str) -> str | None:
        unit = self._snapshot.unit(importer)
        if unit is None:
            return None
        found: str | None = None
        if unit.language == "python":
            dotted = module.lstrip(".")
            found = self._modules.find(dotted, len(module) - len(dotted), importer)
        elif unit.language in {"go", "java"}:
            found = self._defining(importer, *module.rpartition(".")[::2])
        else:
            for _, index in unit.uses:
                expression = unit.expressions[index]
                if expression[0] == Op.MODULE and expression[3] == module:
                    sites = self._snapshot.definitions(unit, index)
                    found = sites[0].unit.path if sites else None
                    break
        return found if found is not None and self._is_ours(found) else None

    def _defining(self, importer: str, owner: str, method: str) -> str | None:
        """The file that defines a method: next to the one that asks, or the only one."""
        wanted, is_other = owner.removeprefix("!"), owner.startswith("!")
        found = {
            symbol.path
            for symbol in symbols_named(self._snapshot, method)
            if PurePath(symbol.path).suffix == PurePath(importer).suffix
            and symbol.container
            and (symbol.container.rpartition(".")[2] == wanted) != is_other
        }
        near = {each for each in found if PurePath(each).parent == PurePath(importer).parent}
        several = near or found
        return several.pop() if len(several) == 1 else None

    def _is_ours(self, path: str) -> bool:
        for index in self._snapshot.indexes:
            relative = index.relative(path)
            if relative is not None:
                return relative in index.catalogue.files
        return False
