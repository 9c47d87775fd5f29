"""Which of several definitions of one name a use means, by where they stand in the file."""

from __future__ import annotations

from collections.abc import Sequence

from nootropic_lsp.index.facts import Block, Definition, Flag, Kind, ScopeKind
from nootropic_lsp.index.units import Unit


def final(unit: Unit, entry: list[int]) -> list[int]:
    """Which definition stands for a name that is read from elsewhere."""
    if len(entry) == 1:
        return entry
    definitions = unit.definitions
    kept = [
        index for index in entry if not definitions[index].flags & (Flag.OVERLOAD | Flag.AUGMENTED)
    ]
    return (kept or entry)[:1]


def reaching(unit: Unit, entry: list[int], position: int) -> list[int]:
    """The definition that a use shows: the last that surely ran before it.

    Where none surely did, the first that may have. Arms of the same `if` exclude
    each other, and an arm that returns does not reach what follows.
    """
    if position < 0:
        return entry[-1:]
    earlier = before(unit, entry, position)
    blocks = unit.blocks
    for index in reversed(earlier):
        block = blocks[unit.definitions[index].block]
        if block.start <= position <= block.end:
            return [index]
    for index in earlier:
        if _may_reach(blocks, unit.definitions[index].block, position):
            return [index]
    return earlier[-1:] or entry[:1]


def nearest(unit: Unit, entry: list[int], position: int) -> list[int]:
    """Definitions that may reach a use, the nearest first: the best source of a type."""
    if position < 0:
        return entry[::-1]
    blocks = unit.blocks
    earlier = [
        index
        for index in reversed(before(unit, entry, position))
        if _may_reach(blocks, unit.definitions[index].block, position)
    ]
    return earlier or entry


def before(unit: Unit, entry: list[int], position: int) -> list[int]:
    """The definitions that stand before a position, and not around it."""
    definitions = unit.definitions
    return [
        index
        for index in entry
        if (definition := definitions[index]).start <= position
        and not definition.flags & (Flag.AUGMENTED | Flag.OVERLOAD)
        # The right side of `x = f(x)` still sees the value before it.
        and not (
            definition.full_start == definition.start < position < definition.full_end
            and definition.value >= 0
        )
    ]


def _may_reach(blocks: Sequence[Block], block: int, position: int) -> bool:
    """Whether code may run from inside a block to a later position."""
    while block > 0:
        this = blocks[block]
        if this.start <= position <= this.end:
            return True
        if this.leaves or position < this.exclusive_end:
            return False
        block = this.parent
    return True


def flows(unit: Unit, inner: int, outer: int) -> bool:
    """Whether code of one scope runs in line with that of another: comprehensions do."""
    scopes = unit.scopes
    while inner != outer:
        if inner < 0 or scopes[inner].kind != ScopeKind.COMPREHENSION:
            return False
        inner = scopes[inner].parent
    return True


def bound_between(unit: Unit, narrowed: Definition, position: int) -> bool:
    """Whether a name is bound anew after it was tested and before a use."""
    definitions = unit.definitions
    return any(
        definitions[index].start >= narrowed.full_start and definitions[index].full_end <= position
        for index in unit.names[narrowed.scope].get(narrowed.name, ())
    )


def member_definitions(unit: Unit, entry: list[int]) -> list[int]:
    """The definition of a member: what the class body says before what methods assign."""
    if len(entry) == 1:
        return entry
    definitions = unit.definitions
    body = [
        index
        for index in entry
        if definitions[index].kind != Kind.ATTRIBUTE
        and not definitions[index].flags & (Flag.SETTER | Flag.OVERLOAD)
    ]
    assigned = [index for index in entry if definitions[index].kind == Kind.ATTRIBUTE]
    return body[:1] or assigned[:1] or entry[:1]


def overloads(unit: Unit, function: int) -> list[int]:
    """The declared signatures of a function before itself."""
    definition = unit.definitions[function]
    entry = unit.names[definition.scope].get(definition.name, ())
    return [
        *(index for index in entry if unit.definitions[index].flags & Flag.OVERLOAD),
        function,
    ]


def parameters(unit: Unit, function: int) -> list[int]:
    """The parameters of a function, in order."""
    definitions = unit.definitions
    body = definitions[function].body
    if body < 0:
        return []
    return sorted(
        index
        for entry in unit.names[body].values()
        for index in entry
        if definitions[index].kind == Kind.PARAMETER
    )
