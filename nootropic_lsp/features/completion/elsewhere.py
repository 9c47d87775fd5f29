"""Names that other files define or import, and what the file would have to import for them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from posixpath import relpath

from nootropic_lsp.core.symbols import Edit
from nootropic_lsp.features.completion.asked import Asked
from nootropic_lsp.features.completion.found import Found, Source
from nootropic_lsp.features.module_names import dotted_below, relative_name
from nootropic_lsp.index.facts import Flag, Kind
from nootropic_lsp.index.languages.registry import LANGUAGES
from nootropic_lsp.index.units import Site
from nootropic_lsp.store import graph

# With fewer letters too much is found.
FEWEST_TYPED = 3
_MOST_ROWS = 300
_MOST = 30
_MOST_NEIGHBOURS = 12
_IMPORTABLE = frozenset(
    {
        Kind.CLASS, Kind.FUNCTION, Kind.VARIABLE, Kind.CONSTANT, Kind.INTERFACE, Kind.ENUM,
        Kind.TYPE, Kind.NAMESPACE,
    }
)  # fmt: skip
_SCRIPTS = frozenset({"javascript", "typescript", "tsx"})
_FROM = re.compile(
    r"^from[ \t]+(\S+)[ \t]+import[ \t]+(?:\(([^()]*)\)|([^\n(#]+))|^import[ \t]+([^\n#]+)",
    re.MULTILINE,
)
_SOURCE_ENDING = re.compile(r"(?:\.d)?\.[cm]?[jt]sx?\Z")
_TEST = re.compile(r"(?:^|/)(?:tests?|testing|__tests__)/|(?:^|/)(?:test_|conftest)[^/]*\Z")


def elsewhere(asked: Asked) -> Iterator[Found]:
    """Names that begin as typed and could be imported."""
    typed = asked.context.typed
    if len(typed) < FEWEST_TYPED or asked.language not in {"python", *_SCRIPTS}:
        return
    if asked.language == "python":
        for name, module in _of_neighbours(asked).items():
            if name.startswith(typed):
                yield Found(name, Source.ELSEWHERE, module=module)
    yield from _defined(asked, typed)
    if asked.language == "python":
        for name in asked.ask(lambda lister, at: lister.modules(at.unit, "", 0)) or ():
            if name.startswith(typed):
                yield Found(name, Source.ELSEWHERE, module=f"import {name}")


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
            entry = unit.names[0].get(row.name)
            if not entry or not _can_be_imported(asked, path, unit.definitions[entry[0]].flags):
                continue
            yield Found(row.name, Source.ELSEWHERE, Site(unit, entry[0]), 0, path)
            n_found += 1
            if n_found == _MOST:
                return


def _can_be_imported(asked: Asked, path: str, flags: int) -> bool:
    if asked.language in _SCRIPTS:
        return bool(flags & Flag.EXPORTED) and path.endswith(
            (".ts", ".tsx", ".js", ".jsx", ".mts", ".mjs")
        )
    return _dotted(asked, path) is not None


def _of_neighbours(asked: Asked) -> Mapping[str, str]:
    """What the other files of the folder import, as one would have to write it."""
    kept = asked.text.kept
    known: dict[str, str] | None = kept.get("neighbours")
    if known is None:
        known = kept["neighbours"] = {}
        folder = asked.document.path.rpartition("/")[0]
        names = [name for name in asked.base.world.entries(folder) if name.endswith(".py")]
        for name in sorted(names)[:_MOST_NEIGHBOURS]:
            try:
                text = asked.base.text(f"{folder}/{name}")
            except OSError:
                continue
            for module, many, few, plain in _FROM.findall(text):
                for part in (many or few or plain).split(","):
                    words = part.split()
                    if words and words[-1].isidentifier():
                        wanted = f"from {module}" if module else f"import {part.strip()}"
                        if not module or len(words) == 1:
                            known.setdefault(words[-1], wanted)
    return known


# ---- the import


def module_of(asked: Asked, found: Found) -> str:
    """What a name is imported from, as one reads it."""
    if found.module.startswith(("from ", "import ")):
        return found.module.partition(" ")[2]
    return _module(asked, found.name, found.module)


def import_of(asked: Asked, found: Found) -> Edit:
    """The edit that imports a name."""
    importing = asked.importing
    if found.module.startswith("import "):
        return importing.edit("", found.module.removeprefix("import "))
    module = module_of(asked, found)
    if asked.language in _SCRIPTS and importing.has_endings and module.startswith("."):
        module += ".js"
    return importing.edit(found.name, module)


def _module(asked: Asked, name: str, path: str) -> str:
    own = asked.document.path
    if asked.language in _SCRIPTS:
        target = _SOURCE_ENDING.sub("", path)
        shown = relpath(target.removesuffix("/index"), own.rpartition("/")[0])
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
