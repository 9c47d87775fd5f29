"""Cutting a file into passages along its syntax: functions, the rest of classes, the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nootropic_lsp.index.facts import Kind
from nootropic_lsp.store.graph import SymbolRow

# As much as a reader takes in at once, and a model is given at most of one place.
MOST_CHARS = 2_400
# Of a few lines between functions nobody would ask.
_LEAST_CHARS = 60

_HOLDERS = frozenset(
    {Kind.CLASS, Kind.INTERFACE, Kind.STRUCT, Kind.ENUM, Kind.NAMESPACE, Kind.MODULE}
)
_WHOLE = frozenset({Kind.FUNCTION, Kind.METHOD, Kind.CONSTRUCTOR, Kind.PROPERTY, Kind.MACRO})


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a file; `symbol` is what it is or lies in, 0 for the file itself.

    `parts` are the spans that belong to it: what stands between them is in passages of its own.
    """

    symbol: int
    name: str
    container: str
    parts: tuple[tuple[int, int], ...]

    @property
    def owner(self) -> str:
        """What contains it, by the names that somebody has written."""
        parts = (each.partition("#")[0] for each in self.container.split("."))
        return ".".join(each for each in parts if each and not each.startswith("<"))

    @property
    def start(self) -> int:
        """The offset of its first character."""
        return self.parts[0][0]

    @property
    def end(self) -> int:
        """The offset behind its last character."""
        return self.parts[-1][1]

    def text(self, whole: str) -> str:
        """Its text, out of that of the file."""
        return "\n".join(whole[start:end] for start, end in self.parts)


def passages_of(text: str, symbols: Sequence[SymbolRow], module: str) -> Iterator[Passage]:
    """All passages of a file, in no order. `module` is what the file is called."""
    holders = [
        each
        for each in symbols
        if each.kind in _HOLDERS | _WHOLE and 0 <= each.full_start < each.full_end <= len(text)
    ]
    holders.sort(key=lambda each: (each.full_start, -each.full_end))
    root = SymbolRow(0, 0, module, Kind.MODULE, 0, 0, len(text), "")
    # What is open at a place, each with the spans that its members take.
    open_: list[tuple[SymbolRow, list[tuple[int, int]]]] = [(root, [])]
    for each in holders:
        while each.full_start >= open_[-1][0].full_end and len(open_) > 1:
            yield from _own(text, *open_.pop())
        around = open_[-1][0]
        if each.kind == Kind.MODULE or each.full_end > around.full_end or around.kind in _WHOLE:
            continue  # the file itself, or a part of a function
        open_[-1][1].append((each.full_start, each.full_end))
        open_.append((each, []))
    while open_:
        yield from _own(text, *open_.pop())


def _own(text: str, symbol: SymbolRow, taken: list[tuple[int, int]]) -> Iterator[Passage]:
    """What is left of a symbol without its members, in pieces."""
    parts: list[tuple[int, int]] = []
    at = symbol.full_start
    for start, end in taken:
        parts += _trimmed(text, at, start)
        at = max(at, end)
    parts += _trimmed(text, at, symbol.full_end)
    is_small = sum(end - start for start, end in parts) < _LEAST_CHARS
    if not parts or (symbol.kind == Kind.MODULE and is_small):
        return
    run: list[tuple[int, int]] = []
    n_chars = 0
    for start, end in (piece for part in parts for piece in _pieces(text, *part)):
        if run and n_chars + end - start > MOST_CHARS:
            yield Passage(symbol.id, symbol.name, symbol.container, tuple(run))
            run, n_chars = [], 0
        run.append((start, end))
        n_chars += end - start
    yield Passage(symbol.id, symbol.name, symbol.container, tuple(run))


def _trimmed(text: str, start: int, end: int) -> list[tuple[int, int]]:
    while start < end and text[start] in " \t\r\n,;}":
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return [(start, end)] if start < end else []


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A long stretch, cut between lines, best where one is empty."""
    while end - start > MOST_CHARS:
        cut = text.rfind("\n\n", start + MOST_CHARS // 2, start + MOST_CHARS)
        if cut < 0:
            cut = text.rfind("\n", start + 1, start + MOST_CHARS)
        if cut < 0:
            cut = start + MOST_CHARS
        yield start, cut
        start = cut
        while start < end and text[start] in "\r\n":
            start += 1
    if start < end:
        yield start, end
