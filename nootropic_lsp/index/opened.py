"""An open text with its syntax tree and facts, each made when it is first asked for."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from threading import RLock
from typing import TYPE_CHECKING

from nootropic_lsp.core.documents import Document
from nootropic_lsp.index.languages.registry import LANGUAGES
from nootropic_lsp.index.parse import empty_facts, extract_tree
from nootropic_lsp.index.source import encode_source
from nootropic_lsp.index.units import Unit

if TYPE_CHECKING:
    from tree_sitter import Tree

# Edits are parsed within milliseconds. What takes so long does not end.
_PARSE_DEADLINE_S = 2.0
_READ_BYTES = 16_384


class OpenText:
    """One version of an open document. `before` is the version it was edited from.

    `held` is why it is not parsed in this process, as a sentence, or "". A held text has
    no tree and empty facts.
    """

    def __init__(self, document: Document, before: OpenText | None = None) -> None:
        self.document = document
        self.held = ""
        self.is_waiting = False
        self._base = before._parsed_or_base() if before is not None else None
        self._parsed: tuple[Tree, bytes] | None = None
        self._unit: Unit | None = None
        # The tree and the facts are made once, by whoever asks first.
        self._making = RLock()

    def _parsed_or_base(self) -> tuple[Tree, bytes] | None:
        return self._parsed or self._base

    @property
    def is_readable(self) -> bool:
        """Whether there is a grammar for its language."""
        return self.document.language in LANGUAGES

    @property
    def is_parsed(self) -> bool:
        """Whether this version, or one it was edited from, has been parsed here."""
        return self._parsed_or_base() is not None

    def wait(self, why: str) -> None:
        """Hold it until a child has read it."""
        self.held = why
        self.is_waiting = True

    def refuse(self, why: str) -> None:
        """The child could not cope with it."""
        self.held = why
        self.is_waiting = False

    def release(self, facts: bytes) -> None:
        """A child has coped with a held text, and found these facts: now it is parsed here."""
        self._unit = Unit.stored(self.document.path, facts)
        with self._making:
            self.held = ""
            self.is_waiting = False
            self._parse()

    def tree(self) -> tuple[Tree, bytes] | None:
        """The syntax tree and the UTF-8 text that its byte offsets count in."""
        if not self.is_readable or self.held:
            return None
        with self._making:
            if self._parsed is None:
                self._parse()
        return self._parsed

    def _parse(self) -> None:
        data = encode_source(self.document.text)
        base = None if self._base is None else _edited(*self._base, data)
        tree = _parsed_in_time(data, self.document.language, base)
        if tree is None:
            name = self.document.path.rpartition("/")[2]
            self.refuse(f"{name} takes too long to parse, so it is passed over")
        else:
            self._parsed = tree, data
            self._base = None

    def unit(self) -> Unit | None:
        """The facts of the text."""
        if self._unit is None and self.is_readable:
            language = self.document.language
            with self._making:
                parsed = self.tree()
                if parsed is None:
                    nothing = empty_facts(language, len(self.document.text))
                    return Unit(self.document.path, nothing)
                if self._unit is None:
                    facts = extract_tree(parsed[0], parsed[1], language)
                    self._unit = Unit(self.document.path, facts)
        return self._unit


def _parsed_in_time(data: bytes, language: str, base: Tree | None) -> Tree | None:
    """The tree of a text, or None if that takes too long.

    The parser gets the text in pieces: given the whole of it, it keeps all other threads
    waiting and cannot be interrupted.
    """
    from tree_sitter import Parser  # noqa: PLC0415 -- loaded when needed

    until = time.monotonic() + _PARSE_DEADLINE_S

    def piece(start: int, _point: object) -> bytes:
        return data[start : start + _READ_BYTES]

    def is_late(_offset: int, _has_error: bool) -> bool:
        return time.monotonic() > until

    parser = Parser(LANGUAGES[language].grammar())
    try:
        if base is None:
            return parser.parse(piece, progress_callback=is_late)
        return parser.parse(piece, base, progress_callback=is_late)
    except ValueError:
        return None


class OpenUnits(Mapping[str, Unit]):
    """Open texts as a mapping of units, so that facts are made only for those asked for."""

    def __init__(self, texts: Mapping[str, OpenText]) -> None:
        self._texts = {path: text for path, text in texts.items() if text.is_readable}

    def __getitem__(self, path: str) -> Unit:
        unit = self._texts[path].unit()
        if unit is None:
            raise KeyError(path)
        return unit

    def __contains__(self, path: object) -> bool:
        return path in self._texts

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)


def _edited(tree: Tree, before: bytes, after: bytes) -> Tree:
    """A copy of a tree that knows which stretch of its text was replaced."""
    start = _common_prefix(before, after)
    limit = min(len(before), len(after)) - start
    end = _common_suffix(before, after, limit)
    # Inside a character there is no place to cut.
    while start and start < len(after) and (after[start] & 0xC0) == 0x80:
        start -= 1
    old_end, new_end = len(before) - end, len(after) - end
    copy = tree.copy()
    copy.edit(
        start_byte=start,
        old_end_byte=old_end,
        new_end_byte=new_end,
        start_point=_point(before, start),
        old_end_point=_point(before, old_end),
        new_end_point=_point(after, new_end),
    )
    return copy


def _point(data: bytes, offset: int) -> tuple[int, int]:
    return data.count(b"\n", 0, offset), offset - (data.rfind(b"\n", 0, offset) + 1)


def _common_prefix(one: bytes, other: bytes) -> int:
    """How many bytes both begin with, by halving: comparing slices is fast, a loop is not."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _common_suffix(one: bytes, other: bytes, limit: int) -> int:
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        if one[len(one) - middle : len(one) - low] == other[len(other) - middle : len(other) - low]:
            low = middle
        else:
            high = middle - 1
    return low
