"""From text to facts, for one file."""

from __future__ import annotations

import sys
import time
from functools import cache
from hashlib import blake2b
from threading import local
from typing import TYPE_CHECKING

from nootropic_lsp.index.facts import Definition, Facts, Kind, Scope, ScopeKind
from nootropic_lsp.index.languages.registry import LANGUAGES
from nootropic_lsp.index.source import encode_source

if TYPE_CHECKING:
    from tree_sitter import Parser, Tree

# Deeply nested source is walked recursively; Python frames take no C stack since 3.11.
_RECURSION_LIMIT = 30_000
_READ_BYTES = 16_384
_LONGEST_CHARACTER = 4
# Names and the like, which are all that queries compare.
_NAME_BYTES = 64


@cache
def parser_of(language: str) -> Parser:
    """The parser of a language; one per process is enough, it is used by one thread at a time."""
    from tree_sitter import Parser as TreeSitterParser  # noqa: PLC0415 -- loaded when needed

    return TreeSitterParser(LANGUAGES[language].grammar())


def extract_text(text: str, language: str) -> Facts:
    """The facts of a text."""
    data = encode_source(text)
    return extract_tree(parser_of(language).parse(data), data, language)


def parsed_in_time(
    data: bytes, language: str, base: Tree | None = None, *, deadline_s: float
) -> Tree | None:
    """The tree of a text, or None if that takes too long. Any thread may ask.

    The parser gets the text in pieces: given the whole of it, it keeps all other threads
    waiting and cannot be interrupted.
    """
    from tree_sitter import Parser  # noqa: PLC0415 -- loaded when needed

    until = time.monotonic() + deadline_s
    is_parsed = False

    def piece(start: int, _point: object) -> bytes | bytearray:
        # The tree goes on to use this for predicates of queries, which take bytes only.
        return data[start : start + _NAME_BYTES] if is_parsed else _buffers.filled(data, start)

    def is_late(_offset: int, _has_error: bool) -> bool:
        return time.monotonic() > until

    parser = Parser(LANGUAGES[language].grammar())
    try:
        if base is None:
            return parser.parse(piece, progress_callback=is_late)
        return parser.parse(piece, base, progress_callback=is_late)
    except ValueError:
        return None
    finally:
        is_parsed = True


class _Buffers(local):
    """Buffers of one thread, for pieces of text.

    The binding never lets go of a piece that it was given: with a new one each time, every
    parse would cost the memory of its text for good. Tree-sitter looks at one piece at a time.
    """

    def __init__(self) -> None:
        self._by_size: dict[int, bytearray] = {}

    def filled(self, data: bytes, start: int) -> bytearray:
        """A piece of a text that begins at an offset: as long as a power of two, so that there
        are few sizes, unless it could be shorter than its first character."""
        left = min(max(len(data) - start, 0), _READ_BYTES)
        size = left if left < _LONGEST_CHARACTER else 1 << (left.bit_length() - 1)
        buffer = self._by_size.get(size)
        if buffer is None:
            buffer = self._by_size[size] = bytearray(size)
        buffer[:] = data[start : start + size]
        return buffer


_buffers = _Buffers()


def extract_tree(tree: Tree, data: bytes, language: str) -> Facts:
    """The facts of a text that is parsed already."""
    if sys.getrecursionlimit() < _RECURSION_LIMIT:
        sys.setrecursionlimit(_RECURSION_LIMIT)
    try:
        return LANGUAGES[language].extract(tree.root_node, data)
    except RecursionError:
        return empty_facts(language, len(data))


def empty_facts(language: str, end: int) -> Facts:
    """The facts of a file of which nothing could be read."""
    return Facts(
        language,
        [Scope(ScopeKind.MODULE, -1, 0, end, 0)],
        [Definition("", Kind.MODULE, 0, 0, 0, end, body=0)],
        [],
        errors=1,
    )


def digest(raw: bytes) -> bytes:
    """What a file's content is told apart by."""
    return blake2b(raw, digest_size=16).digest()
