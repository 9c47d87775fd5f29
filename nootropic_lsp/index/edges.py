"""All uses of one file, resolved to symbols: the edges of the graph."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from zlib import crc32

from nootropic_lsp.index.facts import Kind, Op, ScopeKind
from nootropic_lsp.index.symbols import id_of, is_symbol, symbol_id
from nootropic_lsp.index.units import NAME_BITS, Resolver, Site, Unit, written

_NAMES_MASK = (1 << NAME_BITS) - 1
_CALLERS = frozenset({Kind.FUNCTION, Kind.METHOD, Kind.CLASS, Kind.CONSTRUCTOR, Kind.STRUCT})
ANYWHERE = 0  # in the list of sources: any file may have mattered


def edges_of(unit: Unit, resolver: Resolver) -> tuple[list[tuple[int, bytes]], bytes, bytes]:
    """Where a file uses symbols; and what that was derived from: file hashes and a name filter."""
    resolver.touched.mask = 0
    found: dict[int, array[int]] = {}
    expressions = unit.expressions
    callers = callers_of(unit)
    caller = 0
    until = -1
    named: dict[tuple[int, str], tuple[int, ...]] = {}
    for position, index in unit.uses:
        expression = expressions[index]
        if expression[0] == Op.NAME:
            key = (expression[4], expression[3])
            targets = named.get(key)
            if targets is None:
                targets = _targets(unit, index, resolver)
                # In a class body a name may mean something else before it is bound there.
                if unit.scopes[expression[4]].kind != ScopeKind.CLASS:
                    named[key] = targets
        else:
            targets = _targets(unit, index, resolver)
        if not targets:
            continue
        if position >= until:
            caller, until = next(callers_at(callers, position))
        packed = pack(position, len(written(expression)), expression[1])
        for target in targets:
            uses = found.get(target)
            if uses is None:
                uses = found[target] = array("q")
            uses.append(packed)
            uses.append(caller)
    touched = resolver.touched
    sources = array(
        "I", sorted(ANYWHERE if path == "*" else path_hash(path) for path in touched.paths(touched.mask))
    )
    names = (touched.mask & _NAMES_MASK).to_bytes(NAME_BITS // 8, "little")
    return (
        [(target, uses.tobytes()) for target, uses in found.items()],
        sources.tobytes(),
        names,
    )


def _targets(unit: Unit, index: int, resolver: Resolver) -> tuple[int, ...]:
    sites = resolver.definitions(unit, index)
    if len(sites) == 1:
        identity = id_of(sites[0])
        return (identity,) if identity else ()
    return tuple(dict.fromkeys(identity for site in sites if (identity := id_of(site))))


def callers_of(unit: Unit) -> list[tuple[int, int, int]]:
    """(start, end, id) of everything that can be said to make a use, in the order of the text."""
    return sorted(
        (definition.full_start, definition.full_end, symbol_id(unit, definition.scope, definition.name))
        for definition in unit.definitions
        if definition.kind in _CALLERS and definition.name and is_symbol(unit, definition)
    )


def callers_at(callers: list[tuple[int, int, int]], position: int) -> Iterator[tuple[int, int]]:
    """The innermost caller around a position, and up to where that answer holds."""
    best, until = 0, 1 << 60
    for start, end, identity in callers:
        if start > position:
            until = min(until, start)
            break
        if position < end:
            best, until = identity, end
    yield best, until


def pack(position: int, length: int, role: int) -> int:
    """A use in one integer: 38 bits of position, 16 of length, 8 of role."""
    return position << 24 | min(length, 0xFFFF) << 8 | role


def unpack(packed: int) -> tuple[int, int, int]:
    """Position, length and role."""
    return packed >> 24, packed >> 8 & 0xFFFF, packed & 0xFF


def path_hash(path: str) -> int:
    """What a file is called in the list of sources; never `ANYWHERE`."""
    return crc32(path.encode("utf-8", "surrogatepass")) or 1


def definitions_of(unit: Unit, site: Site) -> list[Site]:
    """Every definition of the symbol that a definition belongs to."""
    definition = site.definition
    entry = unit.names[definition.scope].get(definition.name, [site.index])
    return [Site(unit, index) for index in entry]


