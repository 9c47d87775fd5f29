"""What a rewrite may know beyond its text: the project's Python, and the graph."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from nootropic_lsp.analysis.recipes.codemods import Around
from nootropic_lsp.features import lineage, types
from nootropic_lsp.features.graph import symbols_named
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.units import Site

_OLDEST = (3, 8)
_VERSION = re.compile(r"(?:>=|~=|==|\^|>)\s*(\d+)\.(\d+)")
_CFG = re.compile(r"^\s*python_requires\s*=\s*(.+)$", re.MULTILINE)


def surroundings(snapshot: Snapshot, path: str, root: str) -> Around:
    """The surroundings of one file."""

    def is_extended(name: str) -> bool:
        site = _class(snapshot, path, name)
        if site is None:
            return False
        return any(each.unit.path != path for each in types.descendants(snapshot, site))

    def is_case(name: str) -> bool:
        site = _class(snapshot, path, name)
        if site is None:
            return False
        return any(
            each.definition.name == "TestCase" and "/unittest/" in each.unit.path
            for each in lineage.ancestors(snapshot, site)
        )

    def read(other: str) -> str | None:
        try:
            return snapshot.text(other)
        except OSError:
            return None

    return Around(_python(path, root), is_extended, is_case, read)


def _class(snapshot: Snapshot, path: str, name: str) -> Site | None:
    for symbol in symbols_named(snapshot, name):
        if symbol.path == path and not symbol.container:
            return snapshot.site_of(symbol)
    return None


def _python(path: str, root: str) -> tuple[int, int]:
    """The oldest Python that the nearest project file of a file asks for."""
    for folder in Path(path).parents:
        if not folder.is_relative_to(root):
            break
        found = _asked_for(str(folder))
        if found is not None:
            return found
    return _OLDEST


def _asked_for(folder: str) -> tuple[int, int] | None:
    written = ""
    try:
        table = tomllib.loads(Path(folder, "pyproject.toml").read_text("utf-8"))
        written = str(table.get("project", {}).get("requires-python", ""))
        if not written:
            poetry = table.get("tool", {}).get("poetry", {}).get("dependencies", {})
            written = str(poetry.get("python", ""))
    except (OSError, ValueError, AttributeError):
        pass
    for name in ("setup.cfg", "setup.py"):
        if not written:
            try:
                found = _CFG.search(Path(folder, name).read_text("utf-8"))
            except (OSError, ValueError):
                continue
            written = found[1] if found is not None else ""
    version = _VERSION.search(written)
    return None if version is None else (int(version[1]), int(version[2]))
