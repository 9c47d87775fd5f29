"""Cutting a file into passages along its syntax: functions, the rest of classes, the rest.

Or, by setting, in pieces of one length, whatever they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from nootropic_lsp.index.facts import Kind
from nootropic_lsp.prompts.tokens import estimate_tokens, token_windows
from nootropic_lsp.settings.options import ContextSettings
from nootropic_lsp.store.graph import SymbolRow

# As much as a reader takes in at once, and a model is given at most of one place.
MOST_CHARS = 2_400
# Of a few lines between functions nobody would ask.
_LEAST_CHARS = 60

# What may stand before a symbol in its line, and how a line begins that is a comment.
_WORDS = re.compile(r"[\w \t]*")
_COMMENT = re.compile(
    r"//|@\w|#(?!!|\s*(?:include|define|undef|if|ifdef|ifndef|elif|else|endif|pragma|error)\b)"
)

_HOLDERS = frozenset(
    {Kind.CLASS, Kind.INTERFACE, Kind.STRUCT, Kind.ENUM, Kind.NAMESPACE, Kind.MODULE}
)
_WHOLE = frozenset({Kind.FUNCTION, Kind.METHOD, Kind.CONSTRUCTOR, Kind.PROPERTY, Kind.MACRO})


class Cutting(NamedTuple):
    """How files are cut: along their "syntax", in pieces of one length ("fixed"), or along their
    syntax with what is longer than a piece in pieces ("hybrid"). Pieces share `n_shared` tokens.
    """

    kind: str = "syntax"
    n_tokens: int = 0
    n_shared: int = 0

    @classmethod
    def by(cls, settings: ContextSettings) -> Cutting:
        """What the settings say."""
        if settings.chunks == "syntax":
            return cls()
        return cls(settings.chunks, settings.chunk_tokens, settings.chunk_overlap)

    @property
    def mark(self) -> bytes:
        """What tells files that were cut so from others."""
        return b"" if self.kind == "syntax" else repr(tuple(self)).encode()


ALONG_SYNTAX = Cutting()


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


def passages_of(
    text: str, symbols: Sequence[SymbolRow], module: str, cutting: Cutting = ALONG_SYNTAX
) -> Iterator[Passage]:
    """All passages of a file, in no order. `module` is what the file is called."""
    holders = [
        each
        for each in symbols
        if each.kind in _HOLDERS | _WHOLE and 0 <= each.full_start < each.full_end <= len(text)
    ]
    holders.sort(key=lambda each: (each.full_start, -each.full_end))
    root = SymbolRow(0, 0, module, Kind.MODULE, 0, 0, len(text), "")
    if cutting.kind == "fixed":
        yield from _fixed(text, root, holders, cutting)
        return
    # What is open at a place, each with the spans that its members take.
    open_: list[tuple[SymbolRow, list[tuple[int, int]]]] = [(root, [])]
    for each in holders:
        while each.full_start >= open_[-1][0].full_end and len(open_) > 1:
            yield from _own(text, *open_.pop(), cutting)
        around = open_[-1][0]
        if each.kind == Kind.MODULE or each.full_end > around.full_end or around.kind in _WHOLE:
            continue  # the file itself, or a part of a function
        taken = open_[-1][1]
        start = _with_comment(text, each.full_start, taken[-1][1] if taken else around.full_start)
        taken.append((start, each.full_end))
        open_.append((each._replace(full_start=start), []))
    while open_:
        yield from _own(text, *open_.pop(), cutting)


def _fixed(
    text: str, root: SymbolRow, holders: Sequence[SymbolRow], cutting: Cutting
) -> Iterator[Passage]:
    """Pieces of one length, each in the name of the innermost symbol that holds all of it."""
    for start, end in _trimmed(text, 0, len(text)):
        if end - start < _LEAST_CHARS:
            return
        for window in _windows(text, start, end, cutting):
            # The last that begins before it is the innermost.
            around = root
            for each in holders:
                if each.full_start <= window[0] and window[1] <= each.full_end:
                    around = each
            yield Passage(around.id, around.name, around.container, (window,))


def _with_comment(text: str, start: int, least: int) -> int:
    """Where what is said of a symbol begins: the comment above it, and words such as `export`."""
    line = max(least, text.rfind("\n", least, start) + 1)
    if not _WORDS.fullmatch(text, line, start):
        return start
    while line > least:
        above = max(least, text.rfind("\n", least, line - 1) + 1)
        said = text[above:line].strip()
        if said.endswith("*/"):
            opening = text.rfind("/*", least, line)
            above = max(least, text.rfind("\n", least, max(opening, least)) + 1)
            if opening < 0 or text[above:opening].strip():
                break
        elif not _COMMENT.match(said):
            break
        line = above
    while text[line].isspace():
        line += 1
    return line


def _own(
    text: str, symbol: SymbolRow, taken: list[tuple[int, int]], cutting: Cutting
) -> Iterator[Passage]:
    """What is left of a symbol without its members, in pieces."""
    parts: list[tuple[int, int]] = []
    at = symbol.full_start
    for start, end in taken:
        parts += _trimmed(text, at, start)
        at = max(at, end)
    parts += _trimmed(text, at, symbol.full_end)
    n_chars = sum(end - start for start, end in parts)
    if not parts or (symbol.kind == Kind.MODULE and n_chars < _LEAST_CHARS):
        return
    for run in _runs(text, parts, cutting):
        yield Passage(symbol.id, symbol.name, symbol.container, run)


def _runs(
    text: str, parts: Sequence[tuple[int, int]], cutting: Cutting
) -> Iterator[tuple[tuple[int, int], ...]]:
    """Parts put together up to the size of a passage; those that are longer in pieces."""
    run: list[tuple[int, int]] = []
    by_chars = cutting.kind == "syntax"
    length, most = 0, MOST_CHARS if by_chars else cutting.n_tokens
    for part in parts:
        for start, end in _pieces(text, *part, cutting):
            shares = bool(run) and start < run[-1][1]
            more = end - start if by_chars else estimate_tokens(text[start:end])
            if run and (shares or length + more > most):
                yield tuple(run)
                run, length = [], 0
            run.append((start, end))
            length += more
    if run:
        yield tuple(run)


def _trimmed(text: str, start: int, end: int) -> list[tuple[int, int]]:
    while start < end and text[start] in " \t\r\n,;}":
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return [(start, end)] if start < end else []


def _pieces(text: str, start: int, end: int, cutting: Cutting) -> Iterator[tuple[int, int]]:
    """A long stretch, cut between lines, best where one is empty."""
    if cutting.kind == "hybrid":
        yield from _windows(text, start, end, cutting)
        return
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


def _windows(text: str, start: int, end: int, cutting: Cutting) -> Iterator[tuple[int, int]]:
    n_tokens, n_shared = cutting.n_tokens, cutting.n_shared
    return token_windows(text, start, end, n_tokens=n_tokens, n_shared=n_shared)
