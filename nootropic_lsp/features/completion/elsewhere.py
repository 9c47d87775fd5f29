"""Names that other files define or import, and what the file would have to import for them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from posixpath import relpath

from nootropic_lsp.core.symbols import Edit
from nootropic_lsp.features.completion.asked import Asked
from nootropic_lsp.features.completion.found import Found, Source
from nootropic_lsp.features.completion.neighbours import SCRIPTS, imports_beside
from nootropic_lsp.features.module_names import dotted_below, relative_name
from nootropic_lsp.index.facts import Flag, Kind
from nootropic_lsp.index.languages.registry import LANGUAGES
from nootropic_lsp.index.units import Site
from nootropic_lsp.store import graph

# With fewer letters too much is found.
FEWEST_TYPED = 3
_MOST_ROWS = 300
_MOST = 30
_IMPORTABLE = frozenset(
    {
        Kind.CLASS, Kind.FUNCTION, Kind.VARIABLE, Kind.CONSTANT, Kind.INTERFACE, Kind.ENUM,
        Kind.TYPE, Kind.NAMESPACE,
    }
)  # fmt: skip
_SOURCE_ENDING = re.compile(r"(?:\.d)?\.[cm]?[jt]sx?\Z")
_TEST = re.compile(r"(?:^|/)(?:tests?|testing|__tests__)/|(?:^|/)(?:test_|conftest)[^/]*\Z")


def elsewhere(asked: Asked) -> Iterator[Found]:
    """Names that begin as typed and could be imported."""
    typed = asked.context.typed
    if len(typed) < FEWEST_TYPED or asked.language not in {"python", *SCRIPTS}:
        return
    if asked.language == "python":
        for name, module in _of_neighbours(asked).items():
            if name.startswith(typed):
                yield Found(name, Source.ELSEWHERE, module=module)
    yield from _defined(asked, typed)
    if asked.language == "python":
        for name in asked.once("roots", lambda: _roots(asked)):
            if name.startswith(typed):
                yield Found(name, Source.ELSEWHERE, module=f"import {name}")


def _roots(asked: Asked) -> Sequence[str]:
    return asked.ask(lambda lister, at: lister.modules(at.unit, "", 0)) or ()


def _defined(asked: Asked, typed: str) -> Iterator[Found]:
    own = asked.document.path
    relatives = LANGUAGES[asked.language].relatives
    in_test = _TEST.search(own) is not None
    world = asked.base.world
    for index in asked.base.indexes:
        rows = [
            row
            for row in graph.symbols_with_prefix(index.connection, typed, _MOST_ROWS)
            if not row.container and row.kind in _IMPORTABLE and row.name.startswith(typed)
        ]
        uses = graph.count_uses(index.connection, [row.id for row in rows])
        rows.sort(key=lambda row: -uses.get(row.id, 0))
        n_found = 0
        for row in rows:
            relative = index.catalogue.paths.get(row.file)
            if relative is None or (not in_test and _TEST.search(relative) is not None):
                continue
            path = index.absolute(relative)
            unit = world.unit(path) if path != own else None
            if unit is None or unit.language not in relatives:
                continue
            if not can_be_imported(asked, path, row.name):
                continue
            entry = unit.names[0][row.name]
            yield Found(row.name, Source.ELSEWHERE, Site(unit, entry[0]), 0, path)
            n_found += 1
            if n_found == _MOST:
                return


def can_be_imported(asked: Asked, path: str, name: str) -> bool:
    """Whether a file has a name at its top that another one can import."""
    unit = asked.base.world.unit(path)
    entry = unit.names[0].get(name) if unit is not None else None
    if unit is None or not entry:
        return False
    if asked.language in SCRIPTS:
        is_shown = any(unit.definitions[index].flags & Flag.EXPORTED for index in entry)
        return is_shown and path.endswith((".ts", ".tsx", ".js", ".jsx", ".mts", ".mjs"))
    return path.endswith((".py", ".pyi")) and _dotted(asked, path) is not None


def _of_neighbours(asked: Asked) -> Mapping[str, str]:
    """What the other files of the folder import, as one would have to write it."""
    known: dict[str, str] = {}
    for module, name, bound in imports_beside(asked):
        if name and name == bound:
            known.setdefault(bound, f"from {module}")
        elif bound and not name:
            known.setdefault(bound, f"import {module}" + f" as {bound}" * (bound != module))
    return known


# ---- the import


def module_of(asked: Asked, found: Found) -> str:
    """What a name is imported from, as one reads it."""
    if found.module.startswith(("from ", "import ")):
        return found.module.partition(" ")[2]
    return module_for(asked, found.name, found.module)


def import_of(asked: Asked, found: Found) -> Edit:
    """The edit that imports a name."""
    importing = asked.importing
    if found.module.startswith("import "):
        return importing.edit("", found.module.removeprefix("import "))
    return importing.edit(found.name, module_of(asked, found))


def module_for(asked: Asked, name: str, path: str) -> str:
    """What a name that a file has would be imported from."""
    own = asked.document.path
    if asked.language in SCRIPTS:
        target = _SOURCE_ENDING.sub("", path)
        ending = ".js" if asked.importing.has_endings else ""
        shown = target if ending else target.removesuffix("/index")
        shown = relpath(shown, own.rpartition("/")[0]) + ending
        return shown if shown.startswith(".") else f"./{shown}"
    dotted = _dotted(asked, path)
    assert dotted is not None
    root = _root(asked, path)
    parts = dotted.split(".")
    # Whoever is outside of a package takes a name from where the package shows it.
    for n_parts in range(1, len(parts)):
        folder = f"{root}/{'/'.join(parts[:n_parts])}"
        if own.startswith(f"{folder}/"):
            continue
        shown_in = asked.base.world.unit(f"{folder}/__init__.py")
        if shown_in is not None and name in shown_in.names[0]:
            return ".".join(parts[:n_parts])
    if asked.importing.is_relative and own.startswith(f"{root}/{parts[0]}/"):
        return relative_name(own, path)
    return dotted


def _root(asked: Asked, path: str) -> str:
    """The folder that imports of a file begin in: that of its outermost package."""
    folder = path.rpartition("/")[0]
    while asked.base.world.is_file(f"{folder}/__init__.py"):
        folder = folder.rpartition("/")[0]
    return folder


def _dotted(asked: Asked, path: str) -> str | None:
    root = _root(asked, path)
    folders = asked.base.folders
    own = _root(asked, asked.document.path)
    if root != own and not any(root in (folder, f"{folder}/src") for folder in folders):
        return None
    return dotted_below(root, path)
