"""Facts of a piece of text put on top of those of a whole file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Generic, TypeVar

from nootropic_lsp.index.facts import Block, Definition, Expression, Facts, Kind, Op, Scope
from nootropic_lsp.index.units import Unit

T = TypeVar("T")

_NONE = (Op.LITERAL, "None")
# What the parts of an expression behind the operator are: an index of an expression, of a scope
# or a definition, a position, or something that stays as it is. The last one goes on.
_E, _S, _D, _P, _X = range(5)
_PARTS: dict[int, tuple[int, ...]] = {
    Op.NAME: (_X, _P, _X, _S),
    Op.MEMBER: (_X, _P, _X, _E),
    Op.MODULE: (_X, _P, _X),
    Op.KEYWORD: (_X, _P, _X, _E),
    Op.CALL: (_E, _E, _E, _X),
    Op.UNPACK: (_E, _X),
    Op.LITERAL: (_X,),
    Op.DISPLAY: (_X, _E),
    Op.BINARY: (_X, _E),
    Op.OBJECT: (_S,),
    Op.CLASS: (_D,),
    Op.FUNCTION: (_D,),
    Op.EXPECTED: (_E, _X, _E),
}


class Grafted(Sequence[T], Generic[T]):
    """A sequence that is not changed, with some items in the place of its own and more behind."""

    __slots__ = ("_base", "_changed", "_length", "_more")

    def __init__(self, base: Sequence[T]) -> None:
        self._base = base
        self._length = len(base)
        self._changed: dict[int, T] = {}
        self._more: list[T] = []

    def __getitem__(self, index: Any) -> Any:
        if index >= self._length:
            return self._more[index - self._length]
        if index in self._changed:
            return self._changed[index]
        return self._base[index]

    def __len__(self) -> int:
        return self._length + len(self._more)

    def __iter__(self) -> Iterator[T]:
        if self._changed:
            return map(self.__getitem__, range(len(self)))
        return chain(self._base, self._more)

    def append(self, item: T) -> None:
        """Add an item behind all others."""
        self._more.append(item)

    def replace(self, index: int, item: T) -> None:
        """Put an item in the place of another."""
        if index < self._length:
            self._changed[index] = item
        else:
            self._more[index - self._length] = item


class Draft(Unit):
    """A unit of an earlier version of a file that can be added to. It belongs to one question."""

    definitions: Grafted[Definition]
    expressions: Grafted[Expression]
    scopes: Grafted[Scope]
    names: Grafted[dict[str, list[int]]]
    blocks: Grafted[Block]

    def __init__(self, unit: Unit) -> None:
        self.path = unit.path
        self.number = unit.number
        self.language = unit.language
        self._data = b""
        self.base = unit
        self.definitions = Grafted(unit.definitions)
        self.expressions = Grafted(unit.expressions)
        self.scopes = Grafted(unit.scopes)
        self.names = Grafted(unit.names)
        self.narrowed = dict(unit.narrowed)
        self.__dict__["blocks"] = Grafted(unit.blocks)
        self.stars = list(unit.stars)
        self.exports = unit.exports
        self.outer = unit.outer
        self.errors = unit.errors

    def hide(self, start: int, end: int, words: Iterable[str]) -> None:
        """Leave out the names that are bound between two offsets; `words` are written there."""
        definitions = self.definitions
        for number, scope in enumerate(self.scopes):
            if scope.start > end or scope.end < start:
                continue
            table = self.names[number]
            for name in words:
                entry = table.get(name)
                if entry is None:
                    continue
                kept = [at for at in entry if not start <= definitions[at].start <= end]
                if len(kept) < len(entry):
                    table = {key: each for key, each in table.items() if key != name}
                    if kept:
                        table[name] = kept
                    self.names.replace(number, table)

    def graft(
        self,
        facts: Facts,
        scopes: Mapping[int, int],
        place: Callable[[int], int],
        block: int = 0,
        unbound: Callable[[Definition], bool] = lambda _definition: False,
    ) -> tuple[int, list[int]]:
        """Add what a piece of text says: its first expression, and where its scopes are now.

        `scopes` are those scopes of the piece that stand for others here, `place` gives the
        offset here of one there, `block` is what the outermost block there stands for.
        What is `unbound` has no name here.
        """
        first, first_block = len(self.expressions), len(self.blocks) - 1
        scopes_now, definitions_now = [], []
        n_scopes = len(self.scopes)
        for number in range(len(facts.scopes)):
            known = scopes.get(number)
            scopes_now.append(n_scopes if known is None else known)
            n_scopes += known is None
        n_definitions = len(self.definitions)
        for definition in facts.definitions:
            is_module = definition.kind == Kind.MODULE
            definitions_now.append(0 if is_module else n_definitions)
            n_definitions += not is_module
        for number, scope in enumerate(facts.scopes):
            if number not in scopes:
                owner = definitions_now[scope.owner] if scope.owner >= 0 else -1
                parent = scopes_now[scope.parent] if scope.parent >= 0 else 0
                start, end = place(scope.start), place(scope.end)
                self.scopes.append(Scope(scope.kind, parent, start, end, owner))
                self.names.append({})
        for block_there in facts.blocks[1:]:
            self.blocks.append(
                Block(
                    place(block_there.start),
                    place(block_there.end),
                    block_there.parent + first_block if block_there.parent > 0 else block,
                    place(block_there.exclusive_end) if block_there.exclusive_end else 0,
                    block_there.leaves,
                )
            )
        for expression in facts.expressions:
            self.expressions.append(_moved(expression, first, scopes_now, definitions_now, place))
        for definition in facts.definitions:
            if definition.kind == Kind.MODULE:
                continue
            is_unbound = not definition.name or unbound(definition)
            for field in ("start", "full_start", "full_end", "head_end", "doc_start", "doc_end"):
                setattr(definition, field, place(getattr(definition, field)))
            definition.scope = scopes_now[definition.scope]
            if definition.body >= 0:
                definition.body = scopes_now[definition.body]
            definition.block = definition.block + first_block if definition.block > 0 else block
            if definition.annotation >= 0:
                definition.annotation += first
            if definition.value >= 0:
                definition.value += first
            if definition.kind != Kind.PARAMETER:  # there it is an ordinal
                definition.related = [
                    each + first if each >= 0 else -1 for each in definition.related
                ]
            self.definitions.append(definition)
            if not is_unbound:
                self._bind(len(self.definitions) - 1, definition)
        self.stars += [star + first for star in facts.stars]
        return first, scopes_now

    def _bind(self, index: int, definition: Definition) -> None:
        """Enter a definition into the tables of names, in the order of the text."""
        name = definition.name
        is_narrowed = definition.kind == Kind.NARROWED
        table = self.narrowed if is_narrowed else self.names[definition.scope]
        definitions = self.definitions
        entry = table.get(name, [])
        later = [at for at in entry if definitions[at].start > definition.start]
        entry = [*(at for at in entry if at not in later), index, *later]
        if is_narrowed:
            self.narrowed[name] = entry
        else:
            self.names.replace(definition.scope, {**table, name: entry})


def _moved(
    expression: Expression,
    first: int,
    scopes: Sequence[int],
    definitions: Sequence[int],
    place: Callable[[int], int],
) -> Expression:
    """An expression of a piece of text as it is on top of a file."""
    parts = _PARTS.get(expression[0], (_E,))
    moved: list[Any] = [expression[0]]
    for number, part in enumerate(expression[1:]):
        kind = parts[min(number, len(parts) - 1)]
        if kind == _E:
            part = part + first if part >= 0 else part
        elif kind == _P:
            part = place(part) if part >= 0 else part
        elif kind == _S:
            part = scopes[part] if part >= 0 else part
        elif kind == _D:
            part = definitions[part]
        moved.append(part)
    return tuple(moved)
