"""Files that get other paths: what their imports, and imports of them, have to say then."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence

from nootropic_lsp.core.errors import RefusedError
from nootropic_lsp.core.spans import Span
from nootropic_lsp.core.symbols import Edit, Patch
from nootropic_lsp.features.family import in_workspace
from nootropic_lsp.features.module_names import (
    PACKAGE,
    dotted_below,
    exported,
    folder_of_package,
    is_package,
    module_stem,
    parent_of,
    relative_name,
)
from nootropic_lsp.features.references import references_to
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.facts import Kind, Op
from nootropic_lsp.index.units import Site, Unit


def rename_module(snapshot: Snapshot, path: str, old: str, new: str) -> Patch:
    """Rename a module or package, with every import of it."""
    whole = path.rpartition("/")[0] if is_package(path) else path
    folder, _, name = whole.rpartition("/")
    target = f"{folder}/{new}{name[len(old) :]}"
    world = snapshot.world
    if world.is_file(target) or world.is_folder(target) or world.is_file(f"{folder}/{new}.py"):
        raise RefusedError(f"there is already a module `{new}` beside `{old}`")
    patch = follow(snapshot, [(whole, target)])
    return Patch(
        patch.edits, {whole: target}, patch.versions, f"Rename module {old} to {new}", patch.confirm
    )


def follow(snapshot: Snapshot, moved: Sequence[tuple[str, str]]) -> Patch:
    """The edits that keep imports right when files or folders are moved; paths are absolute."""
    moves: dict[str, str] = {}
    for old, new in moved:
        for path in _files_below(snapshot, old):
            moves[path] = new + path[len(old) :]
    importers = dict.fromkeys(moves)
    for path in moves:
        unit = snapshot.unit(path)
        if unit is not None:
            site = Site(unit, 0)
            for use in references_to(snapshot, [site], include_declaration=False):
                importers[use.place.path] = None
    edits: dict[str, tuple[Edit, ...]] = {}
    for path in importers:
        unit = snapshot.unit(path)
        if unit is None or not in_workspace(snapshot, path):
            continue
        found = _Importer(snapshot, unit, moves).edits()
        if found:
            edits[path] = tuple(found)
    known = {
        path: document.version
        for path in edits
        if (document := snapshot.document(path)) is not None
    }
    return Patch(edits, versions=known, annotation="Imports follow the moved files")


def _files_below(snapshot: Snapshot, path: str) -> Iterator[str]:
    """The file itself, or all files of a folder that are indexed or open."""
    prefix = path.rstrip("/") + "/"
    found = set()
    for index in snapshot.indexes:
        for relative in index.catalogue.files:
            absolute = index.absolute(relative)
            if absolute == path or absolute.startswith(prefix):
                found.add(absolute)
    found.update(each for each in snapshot.opened if each == path or each.startswith(prefix))
    yield from sorted(found)


class _Importer:
    """One file whose imports may have to change."""

    def __init__(self, snapshot: Snapshot, unit: Unit, moves: Mapping[str, str]) -> None:
        self.snapshot = snapshot
        self.unit = unit
        self.moves = moves
        self.path = moves.get(unit.path, unit.path)
        self.is_moved = unit.path in moves
        self.text = snapshot.text(unit.path)
        self.found: dict[Span, str] = {}
        self.renamed: dict[str, str] = {}  # names that this file binds to a renamed module

    def edits(self) -> list[Edit]:
        """The edits of the file in the order of its text, none within another."""
        self._imports()
        for position, index in self.unit.uses:
            expression = self.unit.expressions[index]
            if expression[0] == Op.MODULE and expression[4] < 0:
                self._path(position, index)
            elif expression[0] <= Op.MEMBER and position not in self._importing:
                self._use(position, index)
        kept: list[Edit] = []
        for span in sorted(self.found, key=lambda each: (each.start, -each.end)):
            new = self.found[span]
            if self.text[span.start : span.end] != new and (
                not kept or span.start >= kept[-1].span.end
            ):
                kept.append(Edit(span, new))
        return kept

    def _target(self, use: int) -> str | None:
        """The file of the module that a use names, as it is now."""
        for site in self.snapshot.definitions(self.unit, use)[:1]:
            if site.definition.kind == Kind.MODULE:
                return site.unit.path
        return None

    # ---- Python

    def _imports(self) -> None:
        unit = self.unit
        self._importing: set[int] = set()
        chain: list[tuple[int, int]] = []
        for position, index in unit.uses:
            expression = unit.expressions[index]
            if expression[0] != Op.MODULE or expression[4] < 0:
                continue
            if chain:
                before = unit.expressions[chain[-1][1]][3]
                if not expression[3].startswith(f"{before}."):
                    self._dotted(chain)
                    chain = []
            chain.append((position, index))
        self._dotted(chain)
        statements: dict[tuple[int, int], list[int]] = {}
        for at, definition in enumerate(unit.definitions):
            if definition.kind == Kind.IMPORT and definition.value >= 0:
                value = unit.expressions[definition.value]
                if value[0] == Op.MEMBER:
                    self._importing.add(value[2])
                    key = definition.full_start, definition.full_end
                    statements.setdefault(key, []).append(at)
        for (start, end), entry in statements.items():
            self._from(start, end, entry)

    def _dotted(self, chain: list[tuple[int, int]]) -> None:
        """A dotted name of a module in an import statement."""
        unit = self.unit
        for position, index in reversed(chain):
            expression = unit.expressions[index]
            dotted, level = expression[3], expression[4]
            target = self._target(index)
            if target is None or not (target in self.moves or (level and self.is_moved)):
                continue
            start = chain[0][0]
            end = position + len(dotted.rpartition(".")[2])
            if level:
                start = self._dots_before(start)
            new = self._module_name(target, dotted, level)
            if new is None:
                return
            self._leaf_or_all(Span(start, end), new)
            if len(chain) == 1 and not level:
                self.renamed[dotted] = new
            return

    def _leaf_or_all(self, span: Span, new: str) -> None:
        """Replace a dotted name, or only its last part if the others stay."""
        old = self.text[span.start : span.end]
        head, dot, leaf = old.rpartition(".")
        new_head, _, new_leaf = new.rpartition(".")
        if head == new_head and new_leaf:
            at = span.start + len(head) + len(dot)
            self.found[Span(at, at + len(leaf))] = new_leaf
        else:
            self.found[span] = new

    def _dots_before(self, start: int) -> int:
        while start and self.text[start - 1] in ". \t":
            start -= 1
        while self.text[start] in " \t":
            start += 1
        return start

    def _module_name(self, target: str, dotted: str, level: int) -> str | None:
        """How a module is named in an import of this file after the move."""
        new = self.moves.get(target, target)
        if level:
            return self._from_here(new)
        parts = dotted.split(".")
        place = target.rpartition("/")[0] if is_package(target) else target.partition(".py")[0]
        suffix = "/" + "/".join(parts)
        if place.endswith(suffix):
            root = place[: -len(suffix)]
            name = dotted_below(root, new)
            if name is not None:
                return name
        return self._from_roots(new)

    def _from_roots(self, path: str) -> str | None:
        """The dotted name of a module, from the first root that it lies below."""
        names = (dotted_below(root, path) for root in self.snapshot.folders)
        return next((name for name in names if name), None)

    def _from_here(self, path: str) -> str | None:
        """The relative name of a module; the absolute one where no package holds both."""
        world, folder = self.snapshot.world, self.path.rpartition("/")[0]
        place = path.rpartition("/")[0] if is_package(path) else path.partition(".py")[0]
        while folder and not f"{place}/".startswith(f"{folder}/"):
            folder = folder.rpartition("/")[0]
        package = f"{folder}/{PACKAGE}.py"
        if world.is_file(package) or package in self.moves.values():
            return relative_name(self.path, path)
        return self._from_roots(path) or relative_name(self.path, path)

    def _from(self, start: int, end: int, entry: list[int]) -> None:
        """`from package import module, other`: where the module, or this file, has moved."""
        unit = self.unit
        first = unit.expressions[unit.definitions[entry[0]].value]
        source = unit.expressions[first[4]]
        if source[0] != Op.MODULE or source[4] < 0:
            return
        left: list[int] = []
        for at in entry:
            value = unit.definitions[at].value
            target = self._target(value)
            if target is None or target not in self.moves:
                left.append(at)
                continue
            old_parent, new_parent = parent_of(target), parent_of(self.moves[target])
            new_name = module_stem(self.moves[target])
            expression = unit.expressions[value]
            span = Span(expression[2], expression[2] + len(expression[3]))
            if old_parent == new_parent or self._moves_along(first[4], new_parent):
                self._rebind(at, span, expression[3], new_name)
            elif len(entry) == 1 and new_parent not in self.snapshot.folders:
                self._source(start, source, new_parent)
                self._rebind(at, span, expression[3], new_name)
            else:
                self._split(start, end, entry, at, target)
        if left and source[4] and self.is_moved and not source[3]:
            # `from . import name` in a file that moved: the dots count from elsewhere now.
            folder = self.unit.path.rpartition("/")[0]
            for _ in range(source[4] - 1):
                folder = folder.rpartition("/")[0]
            self._source(start, source, self.moves.get(f"{folder}/__init__.py", folder))

    def _moves_along(self, source: int, new_parent: str) -> bool:
        """Whether the package that is imported from moves just as the module does."""
        target = self._target(source)
        return target is not None and folder_of_package(self.moves.get(target, "")) == new_parent

    def _rebind(self, at: int, span: Span, old: str, new: str) -> None:
        """Another name of the module in the import, and of its uses if it has no alias."""
        if old == new:
            return
        definition = self.unit.definitions[at]
        has_alias = definition.start != span.start
        taken = any(new in table for table in self.unit.names)
        if taken and not has_alias:
            self.found[span] = f"{new} as {old}"
            return
        self.found[span] = new
        if not has_alias:
            self.renamed[old] = new
            if definition.scope == 0 and self.unit.exports and old in self.unit.exports:
                for start in exported(self.unit, self.text, old):
                    self.found[Span(start, start + len(old))] = new

    def _source(self, start: int, source: tuple, package: str) -> None:  # type: ignore[type-arg]
        """Let a `from` statement import from another package."""
        match = re.compile(r"from\s+(\S+?)\s+import\b").match(self.text, start)
        if match is None:
            return
        folder = package.removesuffix("/__init__.py")
        named = self._from_here if source[4] else self._from_roots
        name = named(f"{folder}/{PACKAGE}.py")
        if name:
            self.found[Span(match.start(1), match.end(1))] = name

    def _split(self, start: int, end: int, entry: list[int], at: int, target: str) -> None:
        """Take one name out of an import of several, into a statement of its own."""
        definition = self.unit.definitions[at]
        new = self.moves[target]
        leaf = module_stem(new)
        statement = f"import {leaf}"
        if parent_of(new) not in self.snapshot.folders:
            package = self._from_roots(f"{parent_of(new)}/{PACKAGE}.py")
            if package is None:
                return
            statement = f"from {package} {statement}"
        if leaf != definition.name:
            statement += f" as {definition.name}"
        if len(entry) == 1:
            self.found[Span(start, end)] = statement
            return
        number = entry.index(at)
        if number:
            cut = Span(self.unit.definitions[entry[number - 1]].end, definition.end)
        else:
            following = self.unit.definitions[entry[1]]
            own, other = (self.unit.expressions[each.value][2] for each in (definition, following))
            cut = Span(own, other)
        line = self.text.rfind("\n", 0, start) + 1
        self.found[cut] = ""
        self.found[Span(start, start)] = f"{statement}\n{self.text[line:start]}"

    def _use(self, position: int, index: int) -> None:
        """A module that is used by its name: `old.f()`, `package.old.f()`."""
        unit = self.unit
        expression = unit.expressions[index]
        name = expression[3]
        if expression[0] == Op.NAME and name not in self.renamed:
            return
        if expression[0] == Op.MEMBER and not any(name == module_stem(path) for path in self.moves):
            return
        target = self._target(index)
        if target is None or target not in self.moves or module_stem(target) != name:
            return
        span = Span(position, position + len(name))
        if expression[0] == Op.NAME:
            self.found[span] = self.renamed[name]
            return
        start, dotted = self._chain(index)
        new = self._module_name(target, dotted, 0)
        if new is not None and dotted:
            self._leaf_or_all(Span(start, span.end), new)
        else:
            self.found[span] = module_stem(self.moves[target])

    def _chain(self, index: int) -> tuple[int, str]:
        """Where a dotted expression starts, and its text; "" if it is more than names."""
        parts: list[str] = []
        position = -1
        while index >= 0:
            expression = self.unit.expressions[index]
            if expression[0] > Op.MEMBER:
                return -1, ""
            parts.insert(0, expression[3])
            position = expression[2]
            if expression[0] == Op.NAME:
                return position, ".".join(parts)
            index = expression[4]
        return -1, ""

    # ---- languages that import by paths

    def _path(self, position: int, index: int) -> None:
        """`import … from "./old"`, `#include "old.h"`."""
        unit = self.unit
        written = unit.expressions[index][3]
        sites = self.snapshot.definitions(unit, index)
        target = sites[0].unit.path if sites else None
        if target is None or not (target in self.moves or self.is_moved):
            return
        old_folder = unit.path.rpartition("/")[0]
        is_relative = written.startswith(".")
        plain = posixpath.normpath(f"{old_folder}/{written}")
        if not is_relative and plain != target:
            return
        new = self.moves.get(target, target)
        if is_relative:
            rest = target[len(plain) :] if target.startswith(plain) else ""
            if rest and new.endswith(rest):
                new = new[: -len(rest)]
            elif posixpath.splitext(plain)[0] == posixpath.splitext(target)[0]:
                # Written with the ending that it has when it is run: `./a.js` for a.ts.
                new = posixpath.splitext(new)[0] + posixpath.splitext(plain)[1]
        shown = posixpath.relpath(new, self.path.rpartition("/")[0] or "/")
        if is_relative and not shown.startswith("."):
            shown = f"./{shown}"
        start = self.text.find(written, position)
        if start in (position, position + 1):
            self.found[Span(start, start + len(written))] = shown
