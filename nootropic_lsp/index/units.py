"""Facts of a file made ready for look-ups, and where the resolvers get them from."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any, NamedTuple, Protocol
from zlib import crc32

from msgspec import Raw

from nootropic_lsp.index.facts import (
    USES,
    Block,
    Definition,
    Expression,
    Facts,
    Kind,
    Op,
    Scope,
)
from nootropic_lsp.index.stored import (
    Pieces,
    Tables,
    decode_blocks,
    decode_definitions,
    decode_expressions,
    decode_narrowed,
    decode_scopes,
    decode_stored,
    encode_facts,
)

# A name that is longer is not found by its end.
_LONGEST_NAME = 200
# What a folded unit keeps: its identity, and the ids that the graph knows its symbols by.
_KEPT = frozenset({"path", "number", "_data", "_on_unfold", "ids", "language"})


class Unit:
    """One file's facts with tables over them. Two units of one path never compare equal.

    `names` has, for every scope, the definitions of each name in the order of the text;
    `narrowed` has where a name is known to have a narrower type. In a unit that comes
    from the store all of these are decoded piece by piece, as they are looked at.
    """

    _blocks: Raw
    _data: bytes
    _on_unfold: Callable[[Unit], object]
    _places: list[tuple[int, int]]
    definitions: Sequence[Definition]
    expressions: Sequence[Expression]
    scopes: Sequence[Scope]
    names: Sequence[dict[str, list[int]]]
    narrowed: dict[str, list[int]]
    stars: list[int]
    exports: list[str] | None
    outer: list[tuple[int, str, bool]]
    errors: int
    language: str

    def __init__(self, path: str, facts: Facts, number: int = 0) -> None:
        self.path = path
        self.number = number  # the file's id in the store; 0 for a file that is not in it
        self._data = b""
        self.language = facts.language
        self.definitions = facts.definitions
        self.expressions = facts.expressions
        self.scopes = facts.scopes
        self.stars = facts.stars
        self.exports = facts.exports
        self.outer = facts.outer
        self.errors = facts.errors
        self.__dict__["blocks"] = facts.blocks
        self.names, self.narrowed = _tables(facts)

    @classmethod
    def stored(
        cls,
        path: str,
        data: bytes,
        number: int = 0,
        on_unfold: Callable[[Unit], object] = lambda _unit: None,
    ) -> Unit:
        """The unit of stored facts. Raises `msgspec.DecodeError` if they are damaged.

        `on_unfold` is told whenever the unit has been unfolded.
        """
        unit = cls.__new__(cls)
        unit.path = path
        unit.number = number
        unit._data = data
        unit._on_unfold = on_unfold
        unit._unfold()
        return unit

    @property
    def n_bytes(self) -> int:
        """The size of the stored facts, 0 if there are none."""
        return len(self._data)

    def _unfold(self) -> None:
        stored = decode_stored(self._data)
        self.language = stored.language
        self.definitions = Pieces(stored.definitions, stored.n_definitions, decode_definitions)
        self.expressions = Pieces(stored.expressions, stored.n_expressions, decode_expressions)
        self._places = stored.places
        self.scopes = decode_scopes(stored.scopes)
        self.names = Tables(stored.names)
        self.narrowed = decode_narrowed(stored.narrowed)
        self.stars = stored.stars
        self.exports = stored.exports
        self.outer = stored.outer
        self.errors = stored.errors
        self._blocks = stored.blocks
        self._on_unfold(self)

    def __getattr__(self, name: str) -> Any:
        # Only reached for what `fold` has put away.
        if name.startswith("__") or not self.__dict__.get("_data"):
            raise AttributeError(name)
        if "_blocks" in self.__dict__:
            raise AttributeError(name)
        self._unfold()
        return self.__dict__[name]

    def fold(self) -> None:
        """Keep only the stored form, until something is looked at again."""
        if self._data:
            for name in tuple(self.__dict__):
                if name not in _KEPT:
                    del self.__dict__[name]

    @cached_property
    def blocks(self) -> Sequence[Block]:
        """Runs of statements."""
        return decode_blocks(self._blocks)

    def encoded(self) -> bytes:
        """The facts as they are stored."""
        return encode_facts(self.all_facts(), self.names, self.narrowed)

    def all_facts(self) -> Facts:
        """Everything at once."""
        return Facts(
            self.language,
            list(self.scopes),
            list(self.definitions),
            list(self.expressions),
            list(self.blocks),
            self.stars,
            self.exports,
            self.outer,
            self.errors,
        )

    def widen(self) -> None:
        """Decode everything, to look at the whole file; `fold` undoes it."""
        if isinstance(self.definitions, Pieces) and isinstance(self.expressions, Pieces):
            self.definitions = self.definitions.whole()
            self.expressions = self.expressions.whole()

    @cached_property
    def uses(self) -> list[tuple[int, int]]:
        """(position, expression) of every written name, sorted."""
        return sorted(
            (expression[2], index)
            for index, expression in enumerate(self.expressions)
            if expression[0] <= USES and expression[2] >= 0
        )

    @cached_property
    def defined_at(self) -> dict[int, int]:
        """Definition by the offset at which its name is written; the last one wins."""
        return {
            definition.start: index
            for index, definition in enumerate(self.definitions)
            if definition.name and definition.kind != Kind.NARROWED
        }

    @cached_property
    def _starts(self) -> list[int]:
        return sorted(self.defined_at)

    def use_at(self, offset: int) -> int:
        """The expression whose written name touches `offset`, or -1."""
        for position, index in self._uses_before(offset):
            if offset <= position + len(written(self.expressions[index])):
                return index
        return -1

    def _uses_before(self, offset: int) -> list[tuple[int, int]]:
        """The uses that begin at an offset or not far before it, the nearest first."""
        first = max(offset - _LONGEST_NAME, 0)
        expressions = self.expressions
        if isinstance(expressions, Pieces) and "uses" not in self.__dict__:
            # For one name there is no need to look at all of them.
            found = [
                (expression[2], index)
                for number, (start, end) in enumerate(self._places)
                if start <= offset and end >= first
                for index, expression in expressions.piece(number)
                if expression[0] <= USES and first <= expression[2] <= offset
            ]
            return sorted(found, reverse=True)
        low = bisect_left(self.uses, (first, -1))
        high = bisect_right(self.uses, (offset, 1 << 60))
        return self.uses[low:high][::-1]

    def definition_at(self, offset: int) -> int:
        """The definition whose written name touches `offset`, or -1."""
        at = bisect_right(self._starts, offset) - 1
        if at < 0:
            return -1
        index = self.defined_at[self._starts[at]]
        return index if offset <= self.definitions[index].end else -1

    def uses_between(self, start: int, end: int) -> list[int]:
        """Expressions whose names are written between two offsets."""
        first = bisect_left(self.uses, (start, -1))
        last = bisect_left(self.uses, (end, -1))
        return [index for _, index in self.uses[first:last]]


def _tables(facts: Facts) -> tuple[list[dict[str, list[int]]], dict[str, list[int]]]:
    names: list[dict[str, list[int]]] = [{} for _ in facts.scopes]
    narrowed: dict[str, list[int]] = {}
    for index, definition in enumerate(facts.definitions):
        name = definition.name
        if name:
            table = narrowed if definition.kind == Kind.NARROWED else names[definition.scope]
            entry = table.get(name)
            if entry is None:
                table[name] = [index]
            else:
                entry.append(index)
    return names, narrowed


def written(expression: Expression) -> str:
    """The text of a use as it stands in the file: the last part of a dotted module."""
    name: str = expression[3]
    if expression[0] == Op.MODULE and expression[4] >= 0:
        return name.rpartition(".")[2]
    return name


class Site(NamedTuple):
    """A definition in a unit."""

    unit: Unit
    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody wants of a site

    @property
    def definition(self) -> Definition:
        return self.unit.definitions[self.index]


# Bits of a `Trail` that are a Bloom filter of names; the units come above them.
NAME_BITS = 2048


class Trail:
    """Everything that was looked up on the way to an answer, as the bits of one integer.

    The union of two trails is then one `|`, so that a memoised answer can carry its own.
    A look-up in no unit (None) means: any file that defines the name could change this.
    """

    __slots__ = ("_bits", "_modules", "_order", "_units", "mask")

    def __init__(self) -> None:
        self.mask = 0
        self._bits: dict[str, int] = {}
        self._modules: dict[str, int] = {}
        self._units: dict[Unit | None, int] = {None: 1 << NAME_BITS}
        self._order: list[Unit | None] = [None]

    def add(self, look: tuple[Unit | None, str]) -> None:
        """Note that a name was looked up in a unit."""
        unit, name = look
        bit = self._bits.get(name)
        if bit is None:
            bit = self._bits[name] = 1 << name_bit(name)
        place = self._units.get(unit)
        if place is None:
            place = self._units[unit] = 1 << (NAME_BITS + len(self._order))
            self._order.append(unit)
        self.mask |= bit | place

    @contextmanager
    def standing_for(self, unit: Unit, other: Unit) -> Iterator[None]:
        """Inside, take a look into another unit of the same file for one into this."""
        self.add((unit, ""))
        self._units[other] = self._units[unit]
        try:
            yield
        finally:
            del self._units[other]

    def add_modules(self, dotted: str) -> None:
        """Note an import, found or not: a file that appears or goes could change it."""
        bits = self._modules.get(dotted)
        if bits is None:
            bits = 0
            for part in dotted.split("."):
                bits |= 1 << module_bit(part)
            self._modules[dotted] = bits
        self.mask |= bits

    def paths(self, mask: int) -> list[str]:
        """The files of a mask; "*" stands for any."""
        bits = mask >> NAME_BITS
        found: list[str] = []
        while bits:
            low = bits & -bits
            unit = self._order[low.bit_length() - 1]
            found.append("*" if unit is None else unit.path)
            bits ^= low
        return found


def name_bit(name: str) -> int:
    """The position of a name in the Bloom filter."""
    return crc32(name.encode("utf-8", "surrogatepass")) % NAME_BITS


def module_bit(name: str) -> int:
    """The position of one part of a module's name in the Bloom filter."""
    return name_bit(f"\0{name}")


class World(Protocol):
    """All files that a resolver may look into, as they are at one moment.

    Paths are absolute, with "/" on every platform. Nothing here runs a program of
    the workspace.
    """

    @property
    def folders(self) -> Sequence[str]:
        """The roots of the workspace."""

    def unit(self, path: str) -> Unit | None:
        """The unit of a file, or None if there is none that can be read."""

    def is_file(self, path: str) -> bool:
        """Whether there is a file, by the index inside the workspace and by the disk elsewhere."""

    def is_folder(self, path: str) -> bool:
        """Whether there is a folder with anything in it that could be imported."""

    def subfolders(self, path: str) -> Sequence[str]:
        """The folders directly below one that hold indexed files, as whole paths."""

    def entries(self, path: str) -> Sequence[str]:
        """The names of what is directly in a folder, those of folders with a "/" behind them.

        By the index inside the workspace and by the disk elsewhere, as in `is_file`.
        """

    def text(self, path: str) -> str | None:
        """The text of a small configuration file such as package.json."""

    def named(self, name: str, family: str) -> Sequence[Site]:
        """Every definition of a name that other files can see, in the languages of a family."""

    def environment(self, path: str) -> Sequence[str]:
        """Folders that hold the libraries which a Python file can import, in order."""


class Resolver(Protocol):
    """What features and the bulk resolution ask of a language."""

    touched: Trail

    def definitions(self, unit: Unit, index: int, *, follow: bool = True) -> list[Site]:
        """Where the name at a use is defined, best first. `follow` goes through imports."""

    def types(self, unit: Unit, index: int) -> list[Site]:
        """The definitions of the types that an expression may have."""

    def types_of(self, site: Site) -> list[Site]:
        """The definitions of the types that a definition may have."""

    def followed(self, site: Site) -> list[Site]:
        """What a definition stands for that only announces another: an import, a prototype."""

    def bases(self, site: Site) -> list[Site]:
        """The direct supertypes of a type."""

    def forget(self, unit: Unit) -> None:
        """Drop what only the expressions of this file needed."""

    def remembered(self) -> Sequence[dict[Any, Any]]:
        """All that is remembered about units, which stand in the keys."""
