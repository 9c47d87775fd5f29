"""Facts as they are stored: in small pieces, of which a reader decodes only those it looks at.

Most files are only looked into: for a class here, a return annotation there. Decoding
all of them would take most of the time and nearly all of the memory of a resolver.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from typing import Any, Generic, TypeVar

import msgspec

from nootropic_lsp.index.facts import USES, Block, Definition, Expression, Facts, Scope

T = TypeVar("T")

# Neighbours are looked at together: a definition, its annotation and its value.
# The fastest level: a third of the size for a twentieth of the time that reading a file takes.
_LEVEL = 1
_PIECE_BITS = 5
_PIECE = 1 << _PIECE_BITS
_WITHIN = _PIECE - 1
NOWHERE = (1 << 60, -1)


class Pieces(Sequence[T], Generic[T]):
    """A list whose pieces are decoded when they are first looked at."""

    __slots__ = ("_decode", "_length", "_pieces", "_raw")

    def __init__(self, raw: list[msgspec.Raw], length: int, decode: Any) -> None:
        self._raw = raw
        self._length = length
        self._decode = decode
        self._pieces: list[list[T] | None] = [None] * len(raw)

    def __getitem__(self, index: Any) -> Any:
        if index < 0:
            index += self._length
        number = index >> _PIECE_BITS
        piece = self._pieces[number]
        if piece is None:
            piece = self._pieces[number] = self._decode(self._raw[number])
        return piece[index & _WITHIN]

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[T]:
        for number in range(len(self._raw)):
            piece = self._pieces[number]
            if piece is None:
                piece = self._pieces[number] = self._decode(self._raw[number])
            yield from piece

    def piece(self, number: int) -> Iterator[tuple[int, T]]:
        """The items of one piece with their indices."""
        start = number << _PIECE_BITS
        for index in range(start, min(start + _PIECE, self._length)):
            yield index, self[index]

    def whole(self) -> list[T]:
        """Everything, as a list of its own."""
        return [item for raw in self._raw for item in self._decode(raw)]


class Tables(Sequence[dict[str, list[int]]]):
    """For every scope, its definitions by name; each decoded when it is first looked at."""

    __slots__ = ("_raw", "_tables")

    def __init__(self, raw: list[msgspec.Raw]) -> None:
        self._raw = raw
        self._tables: list[dict[str, list[int]] | None] = [None] * len(raw)

    def __getitem__(self, index: Any) -> Any:
        table = self._tables[index]
        if table is None:
            table = self._tables[index] = _decode_names(self._raw[index])
        return table

    def __len__(self) -> int:
        return len(self._raw)


class Stored(msgspec.Struct, array_like=True):
    """The pieces of one file's facts."""

    language: str
    n_definitions: int
    n_expressions: int
    scopes: msgspec.Raw
    blocks: msgspec.Raw
    definitions: list[msgspec.Raw]
    expressions: list[msgspec.Raw]
    # For every piece of expressions, the first and the last offset at which it has a written name.
    places: list[tuple[int, int]]
    names: list[msgspec.Raw]
    narrowed: msgspec.Raw
    stars: list[int]
    exports: list[str] | None
    outer: list[tuple[int, str, bool]]
    errors: int


_encode = msgspec.msgpack.Encoder().encode
_decode_stored = msgspec.msgpack.Decoder(Stored).decode
_decode_names = msgspec.msgpack.Decoder(dict[str, list[int]]).decode
decode_definitions = msgspec.msgpack.Decoder(list[Definition]).decode
decode_expressions = msgspec.msgpack.Decoder(list[tuple[Any, ...]]).decode
decode_scopes = msgspec.msgpack.Decoder(list[Scope]).decode
decode_blocks = msgspec.msgpack.Decoder(list[Block]).decode


def encode_facts(
    facts: Facts, names: Sequence[dict[str, list[int]]], narrowed: dict[str, list[int]]
) -> bytes:
    """The facts of a file with its tables of names, in pieces."""
    pieces = _encode(
        Stored(
            facts.language,
            len(facts.definitions),
            len(facts.expressions),
            msgspec.Raw(_encode(facts.scopes)),
            msgspec.Raw(_encode(facts.blocks)),
            _pieces(facts.definitions),
            _pieces(facts.expressions),
            _places(facts.expressions),
            [msgspec.Raw(_encode(table)) for table in names],
            msgspec.Raw(_encode(narrowed)),
            facts.stars,
            facts.exports,
            facts.outer,
            facts.errors,
        )
    )
    return zlib.compress(pieces, _LEVEL)


def _pieces(items: Sequence[object]) -> list[msgspec.Raw]:
    return [
        msgspec.Raw(_encode(items[start : start + _PIECE]))
        for start in range(0, len(items), _PIECE)
    ]


def _places(expressions: Sequence[Expression]) -> list[tuple[int, int]]:
    found = []
    for start in range(0, len(expressions), _PIECE):
        piece = expressions[start : start + _PIECE]
        offsets = [each[2] for each in piece if each[0] <= USES and each[2] >= 0]
        found.append((min(offsets), max(offsets)) if offsets else NOWHERE)
    return found


def decode_stored(data: bytes) -> Stored:
    """The pieces of stored facts, none of them decoded. Raises `msgspec.DecodeError`."""
    try:
        return _decode_stored(zlib.decompress(data))
    except zlib.error as error:
        raise msgspec.DecodeError(str(error)) from error


def is_readable(data: bytes) -> bool:
    """Whether facts are stored whole."""
    try:
        decode_stored(data)
    except msgspec.DecodeError:
        return False
    return True


def decode_narrowed(raw: msgspec.Raw) -> dict[str, list[int]]:
    """Where names are known to have a narrower type."""
    return _decode_names(raw)
