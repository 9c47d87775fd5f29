"""Move a function, class or constant to another module, and have every import follow."""

from __future__ import annotations

import re
from collections.abc import Iterable

from nootropic_lsp.core.errors import RefusedError
from nootropic_lsp.core.spans import Place, Span
from nootropic_lsp.core.symbols import Edit, Patch
from nootropic_lsp.features import lineage
from nootropic_lsp.features.completion.importing import Importing
from nootropic_lsp.features.family import in_workspace
from nootropic_lsp.features.module_names import dotted_below, exported, relative_name
from nootropic_lsp.features.refactor.import_graph import (
    ImportGraph,
    import_root,
    unrun_spans,
)
from nootropic_lsp.features.refactor.needed_imports import Needed, needed_by
from nootropic_lsp.features.refactor.removing import removing, removing_all_of, removing_names
from nootropic_lsp.features.refactor.searching import refuse_searched, refuse_searching
from nootropic_lsp.features.refactor.selected import refuse_unless
from nootropic_lsp.features.refactor.source import (
    Source,
    patch_of,
    read_source_of,
    source_of,
    where,
)
from nootropic_lsp.features.refactor.writing import above
from nootropic_lsp.features.references import references_to
from nootropic_lsp.features.snapshot import Snapshot, text_of
from nootropic_lsp.index.facts import Kind, Op
from nootropic_lsp.index.nodes import Node
from nootropic_lsp.index.units import Site, Unit

_MOVABLE = frozenset({Kind.CLASS, Kind.FUNCTION, Kind.VARIABLE, Kind.CONSTANT})
# Decorators that keep no account of what they decorate.
_HARMLESS = re.compile(
    r"@(?:functools\.|contextlib\.|dataclasses\.|typing\.|t\.|enum\.|abc\.|attrs?\.)?"
    r"(?:wraps|lru_cache|cache|contextmanager|asynccontextmanager|dataclass|define|frozen|total_ordering"
    r"|final|runtime_checkable|overload|unique|s|attrs|deprecated|cached_property)\b"
)
_WATCHING = re.compile(r"metaclass\s*=\s*(?!(?:\w+\.)*(?:ABCMeta|EnumMeta|EnumType)\b)")
_MAIN = re.compile(r"^if[ \t]+__name__[ \t]*==", re.MULTILINE)


def move_symbol(snapshot: Snapshot, path: str, offset: int, target: str) -> Patch:
    """Move what is defined at an offset to the end of another file.

    Raises `RefusedError` where an import would go round in circles, or something that the
    definition needs cannot be had there.
    """
    if snapshot.incomplete is not None:
        raise RefusedError(f"a use could be missed now: {snapshot.incomplete}")
    refuse_unless(path != target, "it is in this file already")
    refuse_unless(
        in_workspace(snapshot, target) and target.endswith(".py"),
        "the target has to be a Python file of the workspace",
    )
    return _Move(source_of(snapshot, path), offset, source_of(snapshot, target)).patch()


def movable(source: Source, offset: int) -> str | None:
    """The name of what could be moved from an offset, as far as is seen at once."""
    unit = source.unit
    at = unit.definition_at(offset)
    if not source.is_python or at < 0:
        return None
    definition = unit.definitions[at]
    is_top = definition.scope == 0 and definition.kind in _MOVABLE
    is_only = len(unit.names[0].get(definition.name, ())) == 1
    return definition.name if is_top and is_only else None


class _Move:
    def __init__(self, source: Source, offset: int, target: Source) -> None:
        self.source = source
        self.target = target
        self.snapshot = source.snapshot
        name = movable(source, offset)
        if name is None:
            raise RefusedError("only a function, class or constant at the top of a file, that is"
                               " defined once, can be moved")  # fmt: skip
        self.name = name
        unit = self.snapshot.unit(source.path)
        assert unit is not None
        self.site = Site(unit, unit.names[0][name][0])
        self.node = self._node()
        self.span = Span(above(source, self.node), source.next_line(self.node.end))
        self.graph = ImportGraph(self.snapshot)
        self.edits: dict[str, list[Edit]] = {}
        self.importing: dict[str, tuple[Source, set[tuple[str, str]]]] = {}

    def patch(self) -> Patch:
        """Everything that changes."""
        self._refuse_unmovable()
        needed = needed_by(self.source, self.node, self.name, self.target)
        self._refuse_names(needed)
        for path, starts in self._uses().items():
            self._follow(path, starts)
        self._tidy(needed)
        self._place(needed)
        for source, wanted in self.importing.values():
            self._add(source.path, imports_for(source, wanted))
        return patch_of(
            self.snapshot,
            self.edits,
            f"Move {self.name} to {self._shown(self.target.path)}",
        )

    def _add(self, path: str, edits: Iterable[Edit]) -> None:
        self.edits.setdefault(path, []).extend(edits)

    def _import(self, source: Source, module: str, name: str) -> None:
        self.importing.setdefault(source.path, (source, set()))[1].add((module, name))

    def _shown(self, path: str) -> str:
        return where(self.snapshot, Place(path, Span(0, 0))).rpartition(":")[0]

    # ---- what is moved

    def _node(self) -> Node:
        start = self.site.definition.start
        node = self.source.root.around(start, start + len(self.name))
        while node.parent is not None and node.parent.parent is not None:
            node = node.parent
        if node.kind == "expression_statement":
            assigned = node.named[0]
            left = assigned.child("left")
            is_plain = assigned.kind == "assignment" and left is not None and left.text == self.name
            refuse_unless(is_plain, f"`{self.name}` is not bound by an assignment of its own")
        else:
            refuse_unless(
                node.kind in ("function_definition", "class_definition", "decorated_definition"),
                f"`{self.name}` is defined under a condition",
            )
        line = self.source.line_start(node.start)
        refuse_unless(
            line == node.start and not _follows_on(self.source, node), "it shares its line"
        )
        return node

    def _refuse_unmovable(self) -> None:
        name, source = self.name, self.source
        refuse_unless(not name.startswith("__"), f"`{name}` means something to Python here")
        entries = source.variables.of((0, name))
        refuse_unless(
            sum(each.is_bound for each in entries) == 1, f"`{name}` is given a value in a function"
        )
        for each in self.node.named:
            if each.kind == "decorator" and not _HARMLESS.match(each.text):
                raise RefusedError(f"`{each.text.splitlines()[0]}` may keep account of where it is")
        refuse_searching(source)
        refuse_searching(self.target)
        self._refuse_watched()
        refuse_unless(not source.unit.stars, "the file imports everything from another one")
        taken = self.target.unit.names[0].get(name, ())
        for index in taken:
            sites = self.snapshot.ask(
                self.target.unit,
                lambda resolver, at=index: resolver.followed(Site(self.target.unit, at)),  # type: ignore[misc]
            )
            is_it = len(taken) == 1 and any(_is_same(site, self.site) for site in sites)
            refuse_unless(is_it, f"there is already a `{name}` in {self._shown(self.target.path)}")
        if not taken and any(each.name == name for each in self.target.variables.all):
            raise RefusedError(f"`{name}` means something else in {self._shown(self.target.path)}")
        futures = [_futures(each) for each in (source, self.target)]
        has_types = any(each.kind == "type" for each in self.node.walk())
        refuse_unless(
            futures[0] <= futures[1] or not has_types,
            "the files differ in their `from __future__` imports",
        )

    def _refuse_watched(self) -> None:
        """Refuse a class whose making is watched by code of the workspace."""
        if self.site.definition.kind != Kind.CLASS:
            return
        for cls in (self.site, *lineage.ancestors(self.snapshot, self.site)):
            definition = cls.definition
            if not in_workspace(self.snapshot, cls.unit.path):
                continue
            text = text_of(self.snapshot, cls.unit.path)
            head = text[definition.start : definition.head_end]
            if _WATCHING.search(head) or "__init_subclass__" in cls.unit.names[definition.body]:
                raise RefusedError(
                    f"`{definition.name}` is told of each class that is made of it, and in which"
                    " order may matter"
                )

    def _refuse_names(self, needed: Needed) -> None:
        """Refuse imports that go round in circles."""
        back = needed.from_source
        for name in back:
            refuse_unless(
                not name.startswith("_"), f"it uses `{name}`, which is private to its module"
            )
        if back:
            uses = [
                each
                for each in self.source.variables.of((0, self.name))
                if not self.node.start <= each.position < self.node.end
            ]
            refuse_unless(not uses, "the two modules would import each other")
            self._refuse_circle(self.target.path, self.source.path)
        for module in needed.modules:
            self._refuse_circle(self.target.path, module)

    def _refuse_circle(self, importer: str, module: str) -> None:
        if importer != module and self.graph.reaches(module, importer):
            raise RefusedError(
                f"{self._shown(importer)} would have to import {self._shown(module)}, which"
                " imports it"
            )

    # ---- its uses

    def _uses(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for use in references_to(self.snapshot, [self.site], include_declaration=False):
            found.setdefault(use.place.path, []).append(use.place.span.start)
        importers = {
            use.place.path
            for use in references_to(
                self.snapshot, [Site(self.site.unit, 0)], include_declaration=False
            )
        }
        for path in sorted({*importers, *found, self.source.path}):
            unit = self.snapshot.unit(path)
            if unit is None:
                continue
            refuse_unless(in_workspace(self.snapshot, path), "it is used outside of the workspace")
            for star in unit.stars:
                for site in self.snapshot.definitions(unit, star)[:1]:
                    refuse_unless(
                        site.unit.path != self.source.path,
                        f"{self._shown(path)} imports everything from its module",
                    )
            text = text_of(self.snapshot, path)
            refuse_searched(self.snapshot, path, self.source.path)
            known = {*exported(unit, text, self.name), *found.get(path, ())}
            if path == self.source.path:
                known.update(each.position for each in self.source.variables.of((0, self.name)))
            self._refuse_strings(path, known)
        return found

    def _refuse_strings(self, path: str, known: set[int]) -> None:
        """Refuse if a string of a file names it, other than at known places."""
        text = text_of(self.snapshot, path)
        if not re.search(rf"""["'.:]{re.escape(self.name)}\b""", text):
            return
        named = re.compile(rf"(?:\A|.*[.:]){re.escape(self.name)}(?:\Z|\W)", re.DOTALL)
        source = self.source if path == self.source.path else read_source_of(self.snapshot, path)
        for each in source.root.walk() if source is not None else ():
            holder = each.parent.parent if each.parent is not None else None
            is_text = holder is not None and holder.kind in ("expression_statement", "module")
            if each.kind != "string_content" or is_text or self.name not in each.text:
                continue
            found = named.match(each.text)
            is_dotted = found is not None and found.end() > len(self.name) + 1
            if found is None or not (is_dotted or each.text == self.name):
                continue
            at = each.start + each.text.index(self.name)
            if at not in known:
                raise RefusedError(
                    f"{where(self.snapshot, Place(path, Span(at, at)))} has its name in a string"
                )

    def _follow(self, path: str, starts: list[int]) -> None:
        if path == self.source.path:
            self._in_source()
            return
        source = self.target if path == self.target.path else source_of(self.snapshot, path)
        unit = self.snapshot.unit(path)
        assert unit is not None
        for start in starts:
            refuse_unless(
                source.text.startswith(self.name, start)
                or not unit.use_at(start) >= 0
                or unit.expressions[unit.use_at(start)][3] != self.name,
                f"{self._shown(path)} has changed since it was read",
            )
            index = unit.use_at(start)
            if index < 0 or unit.expressions[index][3] != self.name:
                continue  # an alias, which stays
            if unit.expressions[index][0] != Op.MEMBER:
                continue
            self._through_module(source, unit, index, start)

    def _through_module(self, source: Source, unit: Unit, index: int, start: int) -> None:
        """`module.name`, in an import or in an expression."""
        receiver = unit.expressions[index][4]
        sites = self.snapshot.definitions(unit, receiver) if receiver >= 0 else []
        if not sites or sites[0].definition.kind != Kind.MODULE:
            raise RefusedError(f"{source.where(start)} gets it in a way that cannot be followed")
        if sites[0].unit.path != self.source.path:
            return  # from where another module shows it, which goes on
        node = source.root.around(start, start + len(self.name))
        statement = next(
            (each for each in node.ancestors() if each.kind == "import_from_statement"), None
        )
        if statement is not None:
            self._import_changed(source, statement, node)
            return
        chain = node.parent
        refuse_unless(
            chain is not None
            and chain.kind == "attribute"
            and chain.named[-1] is node
            and chain.field != "left",
            f"{source.where(start)} uses it in a way that cannot be followed",
        )
        assert chain is not None
        if source is not self.target:
            refuse_unless(
                not self._is_taken(source),
                f"`{self.name}` means something else in {self._shown(source.path)}",
            )
            self._refuse_circle(source.path, self.target.path)
            self._import(source, self._module_for(source), self.name)
        self._add(source.path, [Edit(Span(chain.start, chain.end), self.name)])

    def _is_taken(self, source: Source) -> bool:
        """Whether a file knows the name as something else."""
        unit = source.unit
        if any(each.name == self.name and each.variable[0] for each in source.variables.all):
            return True
        return any(
            unit.definitions[index].kind != Kind.IMPORT
            or unit.definitions[index].value < 0
            or not any(
                _is_same(site, self.site)
                for site in self.snapshot.definitions(unit, unit.definitions[index].value)
            )
            for index in unit.names[0].get(self.name, ())
        )

    def _import_changed(self, source: Source, statement: Node, name: Node) -> None:
        """`from source import name`: from the target now, or not at all inside of it."""
        entry = name
        while entry.parent is not statement:
            assert entry.parent is not None
            entry = entry.parent
        entries = [each for each in statement.children if each.field == "name"]
        if source is self.target:
            refuse_unless(
                entry.kind == "dotted_name" and statement.parent is source.root,
                f"{source.where(statement.start)} imports it in a way of its own",
            )
            if len(entries) == 1:
                self._add(source.path, removing(source, statement))
            else:
                self._add(source.path, removing_names(source, statement, [entry]))
            return
        is_run = not any(statement.start in span for span in unrun_spans(source.text))
        if is_run and statement.parent is source.root:
            self._refuse_circle(source.path, self.target.path)
        module = statement.child("module_name")
        assert module is not None
        new = self._module_for(source, is_relative=module.kind == "relative_import")
        if len(entries) == 1:
            self._add(source.path, [Edit(Span(module.start, module.end), new)])
            return
        if statement.parent is source.root and entry.kind == "dotted_name" and is_run:
            self._add(source.path, removing_names(source, statement, [entry]))
            self._import(source, new, self.name)
            return
        end = source.line_end(statement.end)
        refuse_unless(
            not source.text[statement.end : end].strip().startswith(";"), "imports share a line"
        )
        indent = source.indent_at(statement.start)
        line = f"{source.line_break}{indent}from {new} import {entry.text}"
        self._add(
            source.path, [*removing_names(source, statement, [entry]), Edit(Span(end, end), line)]
        )

    def _in_source(self) -> None:
        """Uses that stay behind."""
        source = self.source
        listed = set(exported(source.unit, source.text, self.name))
        rest = [
            each
            for each in source.variables.of((0, self.name))
            if not self.span.start <= each.position < self.span.end and each.position not in listed
        ]
        if rest:
            self._refuse_circle(source.path, self.target.path)
            self._import(source, self._module_for(source), self.name)

    def _module_for(self, source: Source, *, is_relative: bool | None = None) -> str:
        """How a file names the target in an import."""
        if is_relative is None:
            is_relative = Importing(source.opened).is_relative
        root = self._root()
        dotted = dotted_below(root, self.target.path)
        if is_relative and source.path.startswith(f"{root}/{(dotted or '').split('.')[0]}/"):
            return relative_name(source.path, self.target.path)
        if dotted is None:
            raise RefusedError("the target cannot be imported by a name")
        return dotted

    def _root(self) -> str:
        return import_root(self.snapshot, self.target.path)

    # ---- the two files

    def _tidy(self, needed: Needed) -> None:
        """Take away the definition, its name in `__all__`, and imports that only it used."""
        source, text = self.source, self.source.text
        start, end = self.span.start, self.span.end
        before = len(text[:start].rstrip())
        n_before = text.count("\n", before, start) - 1
        while n_before > 0 and text.startswith(("\n", "\r\n"), end):
            # The wider of the two gaps stays.
            end, n_before = source.next_line(end), n_before - 1
        if not text[end:].strip() and before:
            start = source.next_line(before)
        elif not before:
            end = len(text) - len(text[end:].lstrip())
        self._add(source.path, [Edit(Span(start, end), "")])
        for position in exported(source.unit, text, self.name):
            self._add(source.path, [_listed(source, position, len(self.name))])
        self._refuse_star_exports()
        gone = needed.only_here - self._taken_elsewhere(needed.only_here)
        statements: dict[int, tuple[Node, list[Node]]] = {}
        for name in gone:
            statement, entry = needed.imports[name]
            statements.setdefault(id(statement), (statement, []))[1].append(entry)
        emptied: list[Node] = []
        for statement, entries in statements.values():
            entries.sort(key=lambda each: each.start)
            if source.path in self.importing and self._is_of_target(statement, entries[0]):
                # What took a name from the target takes this one in its place.
                self._add(source.path, [Edit(Span(entries[0].start, entries[0].end), self.name)])
                del self.importing[source.path]
                del entries[0]
            elif len(entries) == sum(each.field == "name" for each in statement.children):
                emptied.append(statement)
                continue
            self._add(source.path, removing_names(source, statement, entries))
        self._add(source.path, removing_all_of(source, emptied))

    def _is_of_target(self, statement: Node, entry: Node) -> bool:
        """Whether a name is imported from the target."""
        unit = self.source.unit
        index = unit.use_at(entry.start)
        receiver = unit.expressions[index][4] if index >= 0 else -1
        sites = self.snapshot.definitions(unit, receiver) if receiver >= 0 else []
        is_at_top = (
            statement.kind == "import_from_statement" and statement.parent is self.source.root
        )
        return is_at_top and bool(sites) and sites[0].unit.path == self.target.path

    def _refuse_star_exports(self) -> None:
        exports = self.source.unit.exports
        if exports and self.name in exports and self.target.unit.exports is not None:
            raise RefusedError(f"`__all__` of both files would have to change for `{self.name}`")

    def _taken_elsewhere(self, names: set[str]) -> set[str]:
        """The names that other files take from the source."""
        found: set[str] = set(self.source.unit.exports or ())
        module = Site(self.site.unit, 0)
        paths = {
            use.place.path
            for use in references_to(self.snapshot, [module], include_declaration=False)
        }
        for path in paths:
            unit = self.snapshot.unit(path)
            for _, index in unit.uses if unit is not None else ():
                assert unit is not None
                expression = unit.expressions[index]
                if expression[0] != Op.MEMBER or expression[3] not in names:
                    continue
                sites = self.snapshot.definitions(unit, expression[4]) if expression[4] >= 0 else []
                if sites and sites[0].unit.path == self.source.path:
                    found.add(expression[3])
            text = text_of(self.snapshot, path)
            found.update(name for name in names if f'{name}"' in text or f"{name}'" in text)
        return found

    def _place(self, needed: Needed) -> None:
        """Write the definition into the target, with the imports that it needs."""
        target = self.target
        text = target.text
        moved = self.source.text[self.span.start : self.span.end].rstrip("\r\n")
        moved = moved.replace(self.source.line_break, target.line_break)
        for module, name in needed.wanted:
            self._import(target, module, name)
        for line in needed.lines:
            self._add(target.path, [_below_imports(target, line)])
        for line in needed.unrun:
            self._add(target.path, [_into_unrun(target, line)])
        if needed.from_source:
            module = _Move._module_of(self)
            for name in needed.from_source:
                self._import(target, module, name)
        is_statement = self.node.kind == "expression_statement"
        gap = target.line_break * (2 if is_statement else 3)
        if any(not each.is_bound for each in target.variables.of((0, self.name))):
            # What the target does with it may happen while it is loaded.
            refuse_unless(not needed.from_target, "it needs what is defined further down")
            at = _below_imports(target, "").span.start
            self._add(
                target.path,
                [Edit(Span(at, at), f"{gap[: -len(target.line_break)]}{moved}{target.line_break}")],
            )
            return
        main = _MAIN.search(text)
        if main is not None:
            at = main.start()
            self._add(target.path, [Edit(Span(at, at), f"{moved}{gap}")])
            return
        at = len(text.rstrip())
        self._add(
            target.path,
            [Edit(Span(at, len(text)), f"{gap if at else ''}{moved}{target.line_break}")],
        )

    def _module_of(self) -> str:
        """How the target names the source."""
        if Importing(self.target.opened).is_relative and self.source.path.startswith(
            f"{self._root()}/"
        ):
            return relative_name(self.target.path, self.source.path)
        dotted = dotted_below(self._root(), self.source.path)
        if dotted is None:
            raise RefusedError("the module cannot be imported by a name")
        return dotted


def imports_for(source: Source, wanted: Iterable[tuple[str, str]]) -> list[Edit]:
    """The edits that import (module, name) pairs; modules themselves have the name ""."""
    importing = Importing(source.opened)
    by_module: dict[str, list[str]] = {}
    for module, name in sorted(wanted):
        by_module.setdefault(module, []).append(name)
    edits: list[Edit] = []
    for module, names in by_module.items():
        first = importing.edit(names[0], module)
        joins = names[0] and not first.text.startswith("from ") and "\nfrom " not in first.text
        if joins:
            edits += (importing.edit(name, module) for name in names)
        else:
            line = f"from {module} import {names[0]}"
            edits.append(
                Edit(
                    first.span, first.text.replace(line, f"from {module} import {', '.join(names)}")
                )
            )
    return edits


def _follows_on(source: Source, node: Node) -> bool:
    rest = source.text[node.end : source.line_end(node.end)].strip()
    return bool(rest) and not rest.startswith("#")


def _is_same(site: Site, other: Site) -> bool:
    return site.unit.path == other.unit.path and site.definition.start == other.definition.start


def _futures(source: Source) -> set[str]:
    return {
        name.text
        for each in source.root.named
        if each.kind == "future_import_statement"
        for name in each.named
    }


def _listed(source: Source, position: int, length: int) -> Edit:
    """Take a string out of a list, with its comma and its line."""
    text = source.text
    start, end = position - 1, position + length + 1
    line = source.line_start(start)
    after = re.compile(r"[ \t]*,[ \t]*").match(text, end)
    end = after.end() if after is not None else end
    if not text[line:start].strip() and not text[end : source.line_end(end)].strip():
        return Edit(Span(line, source.next_line(end)), "")
    if after is None:
        before = re.compile(r",\s*\Z").search(text[:start])
        start = before.start() if before is not None else start
    return Edit(Span(start, end), "")


def _below_imports(source: Source, line: str) -> Edit:
    """A statement behind the last import at the top of a file."""
    last = None
    for each in source.root.named:
        if each.kind in ("import_statement", "import_from_statement", "future_import_statement"):
            last = each
    if last is None:
        raise RefusedError("the target has no imports, so it is not known where they begin")
    at = source.next_line(last.end)
    return Edit(Span(at, at), f"{line}{source.line_break}" if line else "")


def _into_unrun(source: Source, line: str) -> Edit:
    """An import for type checkers only."""
    for each in source.root.named:
        condition = each.child("condition") if each.kind == "if_statement" else None
        if condition is not None and condition.text.endswith("TYPE_CHECKING"):
            body = each.child("consequence")
            assert body is not None
            end = source.line_end(body.end)
            return Edit(
                Span(end, end), f"{source.line_break}{source.indent_at(body.named[-1].start)}{line}"
            )
    raise RefusedError("it needs an import for type checkers, which the target has no place for")
