"""The dotted names of definitions, as other files would write them."""

from __future__ import annotations

from nootropic_lsp.index.facts import Kind, Op, ScopeKind
from nootropic_lsp.index.units import Site, Unit

_LONGEST = 60
# Types whose names may say what they are inside of: `class A::B`.
_PREFIXED = frozenset({Kind.CLASS, Kind.STRUCT, Kind.NAMESPACE})


def dotted(unit: Unit, index: int) -> str:
    """The text of a chain of names; "" for anything else."""
    parts: list[str] = []
    while index >= 0 and len(parts) < _LONGEST:
        expression = unit.expressions[index]
        if expression[0] == Op.ITEM:
            index = expression[1]
            continue
        if expression[0] not in (Op.NAME, Op.MEMBER):
            return ""
        parts.append(expression[3])
        index = expression[4] if expression[0] == Op.MEMBER else -1
    return ".".join(reversed(parts))


def last_name(unit: Unit, index: int) -> str:
    """The last part of a chain of names."""
    while index >= 0:
        expression = unit.expressions[index]
        if expression[0] != Op.ITEM:
            return expression[3] if expression[0] <= Op.MEMBER else ""
        index = expression[1]
    return ""


def package(unit: Unit) -> str:
    """The package or namespace that a file says it belongs to."""
    value = unit.definitions[0].value
    return unit.expressions[value][3] if value >= 0 else ""


def qualified(site: Site) -> str:
    """The dotted name of a definition that other files can see, from the outermost package."""
    unit, definition = site.unit, site.definition
    parts = [definition.name]
    scope = definition.scope
    if definition.kind in _PREFIXED and definition.annotation >= 0:
        parts.append(dotted(unit, definition.annotation))
    while scope > 0:
        this = unit.scopes[scope]
        owner = unit.definitions[this.owner] if this.owner >= 0 else None
        if owner is None or this.kind not in (ScopeKind.CLASS, ScopeKind.OBJECT):
            return "." + ".".join(reversed(parts))  # local: no other file can name it
        if owner.name:
            parts.append(owner.name.replace("::", ".").replace("\\", "."))
            if owner.kind in _PREFIXED and owner.annotation >= 0:
                parts.append(dotted(unit, owner.annotation))
        elif owner.related:
            parts.append(dotted(unit, owner.related[0]))
        scope = this.parent
    outer = package(unit)
    if outer:
        parts.append(outer)
    return ".".join(reversed(parts))


def namespaces(unit: Unit, scope: int) -> list[str]:
    """The namespaces and types around a scope, the innermost first, the outermost package last."""
    found: list[str] = []
    while scope > 0:
        this = unit.scopes[scope]
        if this.kind == ScopeKind.CLASS and this.owner >= 0:
            owner = Site(unit, this.owner)
            path = qualified(owner) if owner.definition.name else qualified(owner).rstrip(".")
            found += _prefixes(path, found)
        scope = this.parent
    return found + _prefixes(package(unit), found)


def _prefixes(path: str, known: list[str]) -> list[str]:
    found = []
    while path:
        if path not in known:
            found.append(path)
        path = path.rpartition(".")[0]
    return found
