"""Which definitions of a file are symbols of the graph, and under which ids."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b

from nootropic_lsp.index.facts import Definition, Kind, Op, ScopeKind
from nootropic_lsp.index.units import Site, Unit

_NEVER = frozenset({Kind.IMPORT, Kind.NARROWED, Kind.PARAMETER, Kind.TYPE_PARAMETER})
_ANYWHERE = frozenset(
    {Kind.CLASS, Kind.FUNCTION, Kind.METHOD, Kind.INTERFACE, Kind.STRUCT, Kind.ENUM}
)
_VISIBLE = frozenset({ScopeKind.MODULE, ScopeKind.CLASS, ScopeKind.OBJECT})


def scope_paths(unit: Unit) -> list[str]:
    """For every scope, the qualified name of what opens it; "" for the file itself.

    Scopes that would share a path are numbered in the order of the text.
    """
    known: list[str] | None = unit.__dict__.get("scope_paths")
    if known is not None:
        return known
    paths: list[str] = []
    seen: dict[str, int] = {}
    definitions = unit.definitions
    for index, scope in enumerate(unit.scopes):
        if index == 0:
            paths.append("")
            continue
        parent = paths[scope.parent]
        owner = definitions[scope.owner] if scope.owner >= 0 else None
        if owner is not None and owner.name:
            path = f"{parent}.{owner.name}" if parent else owner.name
        elif owner is not None and owner.related and (of := _last_name(unit, owner.related[0])):
            # The members of a type that stand outside it, as in Go and Rust: whichever block
            # they are in, they are the type's, so these blocks are not told apart.
            paths.append(f"{parent}.{of}" if parent else of)
            continue
        else:
            path = f"{parent}.<{scope.kind}>"
        count = seen.get(path, 0)
        seen[path] = count + 1
        paths.append(f"{path}#{count}" if count else path)
    unit.__dict__["scope_paths"] = paths
    return paths


def _last_name(unit: Unit, index: int) -> str:
    """The name that an expression for a type ends with, without its arguments; "" for others."""
    while index >= 0:
        expression = unit.expressions[index]
        if expression[0] in (Op.NAME, Op.MEMBER):
            name: str = expression[3]
            return name
        if expression[0] != Op.ITEM:
            break
        index = expression[1]
    return ""


def symbol_id(unit: Unit, scope: int, name: str) -> int:
    """The id of a name in a scope: 63 bits of a hash of file, scope and name."""
    ids: dict[tuple[int, str], int] = unit.__dict__.setdefault("symbol_ids", {})
    known = ids.get((scope, name))
    if known is None:
        text = f"{unit.path}\0{scope_paths(unit)[scope]}\0{name}"
        digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        known = ids[scope, name] = int.from_bytes(digest, "little") >> 1
    return known


def is_symbol(unit: Unit, definition: Definition) -> bool:
    """Whether other files, or the outline of the workspace, can see a definition."""
    if definition.kind in _NEVER:
        return False
    return definition.kind in _ANYWHERE or unit.scopes[definition.scope].kind in _VISIBLE


def id_of(site: Site) -> int:
    """The id of the symbol that a definition belongs to, or 0 if it belongs to none."""
    unit, index = site
    ids: dict[int, int] | None = unit.__dict__.get("ids")
    if ids is None:
        ids = unit.__dict__["ids"] = {}
    known = ids.get(index)
    if known is None:
        definition = unit.definitions[index]
        known = ids[index] = (
            symbol_id(unit, definition.scope, definition.name) if is_symbol(unit, definition) else 0
        )
    return known


def symbols_of(unit: Unit) -> Iterator[tuple[int, int]]:
    """(id, definition) of every symbol of a file, the first definition of each."""
    seen: set[int] = set()
    for index, definition in enumerate(unit.definitions):
        if not is_symbol(unit, definition) or (not definition.name and index):
            continue
        identity = symbol_id(unit, definition.scope, definition.name)
        if identity not in seen:
            seen.add(identity)
            yield identity, index


def container_of(unit: Unit, definition: Definition) -> str:
    """The qualified name of what holds a definition, without the file."""
    return scope_paths(unit)[definition.scope]
