"""One file that is to be changed: its text, tree and variables, and the patch that comes of it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping
from functools import cached_property

from nootropic_lsp.core.documents import Document
from nootropic_lsp.core.errors import RefusedError
from nootropic_lsp.core.spans import Place, Span
from nootropic_lsp.core.symbols import Edit, Patch
from nootropic_lsp.features.naming import complaint
from nootropic_lsp.features.parsed import parsed
from nootropic_lsp.features.refactor.variables import Variables
from nootropic_lsp.features.rename import applied, versions
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.languages.registry import LANGUAGES
from nootropic_lsp.index.nodes import Node, tree_of
from nootropic_lsp.index.opened import OpenText
from nootropic_lsp.index.units import Unit

_INDENT = re.compile(r"[ \t]*")


class Source:
    """A file as it is now, with what is asked of it when it is refactored."""

    def __init__(self, snapshot: Snapshot, path: str, text: OpenText, root: Node) -> None:
        self.snapshot = snapshot
        self.path = path
        self.opened = text
        self.text = text.document.text
        self.root = root
        self.language = text.document.language

    @property
    def family(self) -> str:
        """The family of its language: "python", "javascript", …"""
        return LANGUAGES[self.language].family

    @property
    def is_python(self) -> bool:
        """Whether it is written in Python."""
        return self.language == "python"

    @cached_property
    def unit(self) -> Unit:
        """The facts of this very text."""
        unit = self.snapshot.unit(self.path) if self.path in self.snapshot.opened else None
        unit = unit or self.opened.unit()
        assert unit is not None
        return unit

    @cached_property
    def variables(self) -> Variables:
        """The variables of the file."""
        known: Variables | None = self.opened.kept.get("variables")
        if known is None or known.unit is not self.unit:
            known = self.opened.kept["variables"] = Variables(self.unit)
        return known

    def indent_at(self, offset: int) -> str:
        """The white space that the line of an offset begins with."""
        line = self.line_start(offset)
        match = _INDENT.match(self.text, line)
        return match[0] if match is not None else ""

    def line_start(self, offset: int) -> int:
        """Where the line of an offset begins."""
        return self.text.rfind("\n", 0, offset) + 1

    def line_end(self, offset: int) -> int:
        """Where the line of an offset ends, before its line break."""
        end = self.text.find("\n", offset)
        end = len(self.text) if end < 0 else end
        return end - 1 if end > offset and self.text[end - 1] == "\r" else end

    def next_line(self, offset: int) -> int:
        """Where the line behind that of an offset begins."""
        end = self.text.find("\n", offset)
        return len(self.text) if end < 0 else end + 1

    @cached_property
    def line_break(self) -> str:
        """How its lines end."""
        return "\r\n" if "\r\n" in self.text else "\n"

    @cached_property
    def indent_unit(self) -> str:
        """By what its blocks are indented."""
        found = re.search(r"^( +|\t)\S", self.text, re.MULTILINE)
        if found is None:
            return "    " if self.is_python else "  "
        return found[1] if found[1] == "\t" or len(found[1]) in (2, 4, 8) else "    "

    def where(self, offset: int) -> str:
        """A place of the file as a person reads it."""
        return where(self.snapshot, Place(self.path, Span(offset, offset)))


def source_of(snapshot: Snapshot, path: str) -> Source:
    """A file that can be refactored. Raises `RefusedError` if it cannot be read as it is."""
    found = read_source_of(snapshot, path)
    if found is None:
        raise RefusedError("there is nothing here that could be read")
    if found.root.has_error:
        raise RefusedError("there is a syntax error in this file; put it right first")
    return found


def read_source_of(snapshot: Snapshot, path: str) -> Source | None:
    """A file with its tree, even if there are errors in it."""
    text = parsed(snapshot, path)
    root = tree_of(text) if text is not None else None
    return Source(snapshot, path, text, root) if text is not None and root is not None else None


def patch_of(
    snapshot: Snapshot,
    edits: Mapping[str, Iterable[Edit]],
    annotation: str,
    *,
    note: str = "",
    confirm: frozenset[str] = frozenset(),
) -> Patch:
    """A patch of edits that leave every file readable; refused otherwise."""
    ordered = {
        path: tuple(sorted(found, key=lambda edit: (edit.span.start, edit.span.end)))
        for path, found in edits.items()
        if found
    }
    for path, found in ordered.items():
        text = parsed(snapshot, path)
        if text is None:
            raise RefusedError(f"{path.rpartition('/')[2]} cannot be read")
        for one, other in itertools.pairwise(found):
            if one.span.end > other.span.start:
                raise RefusedError("two changes would be made at one place")
        document = Document(path, text.document.language, 0, applied(text.document.text, found))
        before, after = tree_of(text), tree_of(snapshot.read(document))
        if after is None or (after.has_error and before is not None and not before.has_error):
            raise RefusedError(
                f"{path.rpartition('/')[2]} could not be read any more after this change"
            )
    return Patch(
        ordered,
        versions=versions(snapshot, ordered),
        annotation=annotation,
        confirm=confirm,
        note=note,
    )


def where(snapshot: Snapshot, place: Place) -> str:
    """`path:line` below the folder of the workspace."""
    path = place.path
    for folder in snapshot.folders:
        path = path.removeprefix(f"{folder}/")
    return f"{path}:{snapshot.lines(place.path).line_of(place.span.start) + 1}"


def checked_name(source: Source, name: str, taken: Iterable[str]) -> str:
    """A name that may be given here. Raises `RefusedError` if it may not."""
    complained = complaint(source.language, name, name)
    if complained is not None:
        raise RefusedError(complained)
    if name in set(taken):
        raise RefusedError(f"there is already a `{name}` here; choose another name")
    return name


def free_name(wanted: str, taken: Iterable[str]) -> str:
    """A name like the wanted one that nothing has."""
    known = set(taken)
    name, number = wanted, 2
    while name in known:
        name, number = f"{wanted}_{number}", number + 1
    return name
