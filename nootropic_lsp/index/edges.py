"""All uses of one file, resolved to symbols: the edges of the graph."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from zlib import crc32

from nootropic_lsp.index.facts import Kind, Op, ScopeKind
from nootropic_lsp.index.symbols import id_of, is_symbol, symbol_id
from nootropic_lsp.index.units import NAME_BITS, Resolver, Site, Trail, Unit, written

_NAMES_MASK = (1 << NAME_BITS) - 1
_CALLERS = frozenset(
    {
        Kind.FUNCTION,
        Kind.METHOD,
        Kind.CONSTRUCTOR,
        Kind.CLASS,
        Kind.STRUCT,
        Kind.INTERFACE,
        Kind.ENUM,
        Kind.NAMESPACE,
    }
)
_LOCAL = frozenset({ScopeKind.FUNCTION, ScopeKind.COMPREHENSION, ScopeKind.BLOCK})
_LOCAL_KINDS = frozenset({Kind.VARIABLE, Kind.PARAMETER, Kind.TYPE_PARAMETER, Kind.CONSTANT})
# A look-up in a class costs something in a loop that runs for every name of a workspace.
_NAME = Op.NAME
_MODULE = Op.MODULE
ANYWHERE = 0  # in the list of sources: any file may have mattered


def edges_of(unit: Unit, resolver: Resolver) -> tuple[list[tuple[int, bytes]], bytes, bytes]:
    """Where a file uses symbols; and what that was derived from: file hashes and a name filter."""
    resolver.touched.mask = 0
    found: dict[int, array[int]] = {}
    definitions = resolver.definitions
    expressions = unit.expressions
    scopes = unit.scopes
    callers = callers_of(unit)
    callers.reverse()
    around: list[tuple[int, int]] = []  # (end, id) of the callers that hold the position
    named: list[dict[str, tuple[int, ...]] | None] = [None] * len(scopes)  # targets by scope
    for position, index in unit.uses:
        operator, role, _, name, operand = expressions[index]
        if operator == _NAME:
            known = named[operand]
            if known is None:
                known = named[operand] = {}
            targets = known.get(name)
            if targets is None:
                is_local = _is_local(unit, operand, name)
                targets = () if is_local else _ids_of(definitions(unit, index))
                # In a class body a name may mean something else before it is bound there.
                if scopes[operand].kind != ScopeKind.CLASS:
                    known[name] = targets
        else:
            targets = _ids_of(definitions(unit, index))
        if not targets:
            continue
        while callers and callers[-1][0] <= position:
            _, end, identity = callers.pop()
            around.append((end, identity))
        while around and around[-1][0] <= position:
            around.pop()
        caller = around[-1][1] if around else 0
        length = len(written(expressions[index]) if operator == _MODULE else name)
        packed = position << 24 | min(length, 0xFFFF) << 8 | role
        for target in targets:
            uses = found.get(target)
            if uses is None:
                found[target] = array("q", (packed, caller))
            else:
                uses.append(packed)
                uses.append(caller)
    uses_of = [(target, uses.tobytes()) for target, uses in found.items()]
    return uses_of, *_derived_from(resolver.touched)


def _derived_from(touched: Trail) -> tuple[bytes, bytes]:
    """The files that were looked into, as hashes, and the filter of the names looked up."""
    paths = touched.paths(touched.mask)
    sources = array("I", sorted(ANYWHERE if path == "*" else path_hash(path) for path in paths))
    names = (touched.mask & _NAMES_MASK).to_bytes(NAME_BITS // 8, "little")
    return sources.tobytes(), names


def _is_local(unit: Unit, scope: int, name: str) -> bool:
    """Whether a name is surely bound inside a function, where no other file can see it."""
    names = unit.names
    scopes = unit.scopes
    while scope > 0:
        this = scopes[scope]
        if this.kind in _LOCAL:
            entry = names[scope].get(name)
            if entry:
                definitions = unit.definitions
                for index in entry:  # noqa: SIM110 -- a generator takes twice as long
                    if definitions[index].kind not in _LOCAL_KINDS:
                        return False
                return True
        elif name in names[scope]:
            return False
        scope = this.parent
    return False


def _ids_of(sites: list[Site]) -> tuple[int, ...]:
    """The ids of the symbols that definitions belong to."""
    if len(sites) == 1:
        identity = id_of(sites[0])
        return (identity,) if identity else ()
    return tuple(dict.fromkeys(identity for site in sites if (identity := id_of(site))))


def callers_of(unit: Unit) -> list[tuple[int, int, int]]:
    """(start, end, id) of everything that can be said to make a use, in the order of the text."""
    return sorted(
        (
            definition.full_start,
            definition.full_end,
            symbol_id(unit, definition.scope, definition.name),
        )
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
