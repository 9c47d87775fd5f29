"""The workspace as one request sees it: open documents, index and resolvers at one moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from threading import RLock
from typing import Any, TypeVar

from nootropic_lsp.core.documents import Document
from nootropic_lsp.core.spans import Lines, Place, Span
from nootropic_lsp.core.suggestions import Predictor
from nootropic_lsp.core.symbols import Symbol
from nootropic_lsp.index.facts import KIND_WORDS, Kind
from nootropic_lsp.index.languages.registry import LANGUAGES
from nootropic_lsp.index.mentions import files_mentioning, spellings
from nootropic_lsp.index.opened import OpenText
from nootropic_lsp.index.source import read_source
from nootropic_lsp.index.symbols import container_of, id_of, symbols_of
from nootropic_lsp.index.units import Resolver, Site, Unit
from nootropic_lsp.index.world import FolderIndex, IndexWorld
from nootropic_lsp.store import graph

T = TypeVar("T")


class Snapshot:
    """An unchanging picture. Any number of threads may ask it.

    `incomplete` is why answers may be incomplete, as a sentence, or None. `before` is a
    snapshot of the same world, whose resolvers go on to be used. `read` makes a text that
    is not open readable, for one question. `predictor` is the token model, where there is one.
    `earlier` is a snapshot of the same indexes in which facts are made of what was open then.
    `noted` is that of a snapshot which saw the same files, for one whose resolvers begin afresh.
    """

    def __init__(
        self,
        world: IndexWorld,
        indexes: Sequence[FolderIndex],
        opened: Mapping[str, OpenText],
        changed: Mapping[str, OpenText],
        incomplete: str | None,
        *,
        before: Snapshot | None = None,
        read: Callable[[Document], OpenText] = OpenText,
        predictor: Predictor | None = None,
        earlier: Snapshot | None = None,
        noted: dict[str, Any] | None = None,
    ) -> None:
        self.world = world
        self.indexes = indexes
        self.opened = opened
        # Open documents whose text is not what the index has.
        self.changed = changed
        self.incomplete = incomplete
        self.read = read
        self.predictor = predictor
        self._earlier = earlier
        # Resolvers fill their memos while they answer; one question at a time, each short.
        self._lock: AbstractContextManager[bool] = RLock() if before is None else before._lock
        self._resolvers: dict[str, Resolver] = {} if before is None else before._resolvers
        self._lines: dict[str, Lines] = {}
        # What features have found out in this world, and go on to use.
        self.kept: dict[str, Any] = {} if before is None else before.kept
        # The same as far as no unit is in it, so that it takes little room.
        shared = noted if before is None else before.noted
        self.noted: dict[str, Any] = {} if shared is None else shared

    @property
    def folders(self) -> Sequence[str]:
        """The roots of the workspace."""
        return self.world.folders

    # ---- texts

    def document(self, path: str) -> Document | None:
        """The document that is open at a path."""
        opened = self.opened.get(path)
        return None if opened is None else opened.document

    def text(self, path: str) -> str:
        """The text of a file as the editor or else the disk has it; OSError if there is none."""
        opened = self.opened.get(path)
        return read_source(path) if opened is None else opened.document.text

    def lines(self, path: str) -> Lines:
        """Where the lines of a file start; OSError if there is no such file."""
        opened = self.opened.get(path)
        if opened is not None:
            return opened.document.lines
        known = self._lines.get(path)
        if known is not None:
            return known
        lines = None
        for index in self.indexes:
            relative = index.relative(path)
            if relative is not None:
                row = graph.read_lines(index.connection, relative)
                if row is not None:
                    lines = Lines(row[0], ascii=row[1])
        if lines is None:
            lines = Lines.of(read_source(path))
        self._lines[path] = lines
        return lines

    # ---- meaning

    def unit(self, path: str) -> Unit | None:
        """The facts of a file, as it is open or as the index has it."""
        changed = self.changed.get(path)
        if changed is not None:
            # Those of a long text take a while, and nobody else should wait for them.
            changed.unit()
        with self._lock:
            return self.world.unit(path)

    def standing(self, path: str) -> Snapshot:
        """This snapshot, or an earlier one that need not make the facts of a file first.

        What was typed since is missing from it, but nobody has to wait.
        """
        changed = self.changed.get(path)
        if changed is None or changed.has_facts or self._earlier is None:
            return self
        return self._earlier if path in self._earlier.opened else self

    def settle(self) -> None:
        """Let go of the earlier snapshot: what it was for has been made here."""
        self._earlier = None

    def resolver(self, unit: Unit) -> Resolver:
        """The resolver of a file's language. Only to be asked inside `asking`."""
        language = LANGUAGES[unit.language]
        resolver = self._resolvers.get(language.resolver)
        if resolver is None:
            resolver = self._resolvers[language.resolver] = language.resolve(self.world)
        return resolver

    def ask(self, unit: Unit, question: Callable[[Resolver], T]) -> T:
        """Ask the resolver of a file's language, alone."""
        with self._lock:
            return question(self.resolver(unit))

    def definitions(self, unit: Unit, use: int, *, follow: bool = True) -> list[Site]:
        """Where the name at a use is defined."""
        return self.ask(unit, lambda resolver: resolver.definitions(unit, use, follow=follow))

    def sites_at(self, path: str, offset: int, *, follow: bool = True) -> list[Site]:
        """What the name that touches an offset means: the definitions, best first."""
        unit = self.unit(path)
        if unit is None:
            return []
        use = unit.use_at(offset)
        if use >= 0:
            sites = self.definitions(unit, use, follow=follow)
            if sites:
                return sites
        index = unit.definition_at(offset)
        if index < 0:
            return []
        site = Site(unit, index)
        return self.ask(unit, lambda resolver: resolver.followed(site)) if follow else [site]

    def found_at(self, path: str, offset: int) -> list[Site]:
        """What the name that touches an offset means, to be shown.

        An import that leads nowhere stands for itself; but as long as files are missing,
        that is no answer.
        """
        sites = self.sites_at(path, offset)
        if self.incomplete is None:
            return sites
        return [site for site in sites if site.definition.kind != Kind.IMPORT]

    def name_at(self, path: str, offset: int) -> Span | None:
        """The span of the name that touches an offset."""
        unit = self.unit(path)
        if unit is None:
            return None
        return name_span(unit, offset)

    # ---- symbols

    def symbol(self, site: Site) -> Symbol:
        """A definition as a symbol; its id is 0 if it is local to a function."""
        return symbol_of(site)

    def symbols_by_id(self, ids: Sequence[int]) -> dict[int, Symbol]:
        """Symbols by id; those of changed open documents as they are there."""
        wanted = set(ids)
        found: dict[int, Symbol] = {}
        for index in self.indexes:
            for identity, (row, path) in graph.symbols_by_id(index.connection, ids).items():
                absolute = index.absolute(path)
                if absolute not in self.changed:
                    found[identity] = from_row(row, absolute)
        for path in self.changed:
            unit = self.unit(path)
            if unit is not None:
                for identity, at in symbols_of(unit):
                    if identity in wanted:
                        found[identity] = symbol_of(Site(unit, at))
        return found

    def site_of(self, symbol: Symbol) -> Site | None:
        """The definition behind a symbol, as its file is now."""
        unit = self.unit(symbol.path)
        if unit is None:
            return None
        at = unit.definition_at(symbol.span.start)
        if at >= 0 and unit.definitions[at].name == symbol.name:
            return Site(unit, at)
        for identity, index in symbols_of(unit):
            if identity == symbol.id:
                return Site(unit, index)
        return None

    def unresolved(self, site: Site) -> list[str]:
        """The files that may use a definition and whose edges are not in the index (yet)."""
        languages = LANGUAGES[site.unit.language].relatives
        names = spellings(site)
        found = [path for path, text in self.changed.items() if text.document.language in languages]
        for index in self.indexes:
            paths = map(index.absolute, files_mentioning(index.connection, names, languages))
            found += (path for path in paths if path not in self.changed)
        return found

    @property
    def is_resolved(self) -> bool:
        """Whether the edges of all indexed files are in the index."""
        return all(graph.is_resolved(index.connection) for index in self.indexes)

    def uses_count(self, ids: Sequence[int]) -> dict[int, int]:
        """How often symbols are used, by the index alone."""
        counts: dict[int, int] = {}
        for index in self.indexes:
            for identity, count in graph.count_uses(index.connection, ids).items():
                counts[identity] = counts.get(identity, 0) + count
        return counts


def name_span(unit: Unit, offset: int) -> Span | None:
    """The span of the name in a unit that touches an offset."""
    use = unit.use_at(offset)
    if use >= 0:
        expression = unit.expressions[use]
        start, name = expression[2], expression[3].rpartition(".")[2]
        return Span(start, start + len(name))
    index = unit.definition_at(offset)
    if index >= 0:
        definition = unit.definitions[index]
        return Span(definition.start, definition.end)
    return None


def place_of(site: Site) -> Place:
    """Where a definition's name is written; the start of the file for a module."""
    definition = site.definition
    return Place(site.unit.path, Span(definition.start, definition.end))


def symbol_of(site: Site) -> Symbol:
    """A definition as a symbol."""
    unit, definition = site.unit, site.definition
    return Symbol(
        id_of(site),
        definition.name or module_name(unit.path),
        KIND_WORDS[definition.kind],
        unit.path,
        Span(definition.start, definition.end),
        Span(definition.full_start, definition.full_end),
        container_of(unit, definition),
    )


def from_row(row: graph.SymbolRow, path: str, uses: int = 0) -> Symbol:
    """A stored symbol."""
    # A module's name is not written in it.
    length = len(row.name) if row.kind else 0
    return Symbol(
        row.id,
        row.name,
        KIND_WORDS[row.kind],
        path,
        Span(row.start, row.start + length),
        Span(row.full_start, row.full_end),
        row.container,
        uses,
    )


def module_name(path: str) -> str:
    """What a file is called as a module."""
    name = path.rpartition("/")[2]
    return name.split(".", 1)[0] or name


def text_of(snapshot: Snapshot, path: str) -> str:
    """The text of a file, or "" when it has vanished."""
    with suppress(OSError):
        return snapshot.text(path)
    return ""
