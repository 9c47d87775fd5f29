"""The meaning of names as colours: types and modifiers of the protocol's standard set."""

from __future__ import annotations

from collections.abc import Iterable

from nootropic_lsp.core.spans import Span
from nootropic_lsp.core.symbols import Token
from nootropic_lsp.features import lineage
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.facts import Flag, Kind, Op, Role, ScopeKind
from nootropic_lsp.index.units import Resolver, Site, Unit, written

_TYPES = {
    Kind.MODULE: "namespace",
    Kind.CLASS: "class",
    Kind.FUNCTION: "function",
    Kind.METHOD: "method",
    Kind.VARIABLE: "variable",
    Kind.PARAMETER: "parameter",
    Kind.ATTRIBUTE: "property",
    Kind.TYPE_PARAMETER: "typeParameter",
    Kind.INTERFACE: "interface",
    Kind.ENUM: "enum",
    Kind.ENUM_MEMBER: "enumMember",
    Kind.CONSTANT: "variable",
    Kind.TYPE: "type",
    Kind.NAMESPACE: "namespace",
    Kind.FIELD: "property",
    Kind.PROPERTY: "property",
    Kind.CONSTRUCTOR: "method",
    Kind.STRUCT: "struct",
    Kind.MACRO: "macro",
    Kind.KEY: "property",
}
_DEFINED = frozenset(
    {
        Kind.CLASS, Kind.FUNCTION, Kind.METHOD, Kind.INTERFACE, Kind.ENUM, Kind.TYPE,
        Kind.CONSTRUCTOR, Kind.STRUCT, Kind.MACRO,
    }
)  # fmt: skip
_LOCAL = frozenset({ScopeKind.FUNCTION, ScopeKind.COMPREHENSION, ScopeKind.BLOCK})
_PLAIN = frozenset({Kind.VARIABLE, Kind.PARAMETER, Kind.TYPE_PARAMETER, Kind.CONSTANT})
_DATA = frozenset({"json", "html", "css"})  # the editor's own grammar colours them better
_ENUMS = frozenset({"Enum", "IntEnum", "StrEnum", "Flag", "IntFlag", "EnumMeta"})
# What a use does to its name shows in these roles.
_ROLES = frozenset({Role.DECORATOR, Role.WRITE})
_UNSEEN = frozenset({Kind.NARROWED, Kind.IMPORT})
# A look-up in a class costs something in a loop that runs for every name of a file.
_NAME = Op.NAME
_MEMBER = Op.MEMBER
_STANDARD = ("/typeshed/", "/typescript/lib/")

Look = tuple[str, tuple[str, ...]]


def semantic_tokens(snapshot: Snapshot, path: str, span: Span | None) -> list[Token]:
    """The tokens of a file, or of a span of it, in the order of the text."""
    unit = snapshot.unit(path)
    if unit is None or unit.language in _DATA:
        return []
    start, end = (0, 1 << 60) if span is None else (span.start, span.end)
    return snapshot.ask(unit, lambda resolver: _Painter(unit, resolver).tokens(start, end))


class _Painter:
    """One pass over a file. A bare name is resolved once per scope."""

    def __init__(self, unit: Unit, resolver: Resolver) -> None:
        self.unit = unit
        self.resolver = resolver
        # By scope what its names look like, as far as that is the same everywhere in it.
        self.named: list[dict[str, Look | None]] = [{} for _ in unit.scopes]
        self.looks: dict[tuple[int, int], Look | None] = {}
        self.enums: dict[tuple[int, int], bool] = {}

    def tokens(self, start: int, end: int) -> list[Token]:
        found: dict[int, Token] = {}
        unit = self.unit
        expressions = unit.expressions
        for index in unit.uses_between(start, end):
            operator, role, position, name, operand = expressions[index]
            if operator == _NAME:
                named = self.named[operand]
                look = named[name] if name in named else self._name(index, name, operand)
            elif operator == _MEMBER:
                look = self._resolved(index)
            else:
                look = self._other(index)
                name = written(expressions[index])
            if look is not None:
                if role in _ROLES:
                    look = _with_role(look, role)
                found[position] = Token(position, position + len(name), *look)
        for index, definition in enumerate(unit.definitions):
            position = definition.start
            if not start <= position < end or definition.kind in _UNSEEN or not definition.name:
                continue
            look = self._look(Site(unit, index))
            if look is not None:
                more = ("declaration", "definition")[: 1 + (definition.kind in _DEFINED)]
                found[position] = Token(position, definition.end, look[0], (*more, *look[1]))
        return _apart(found[position] for position in sorted(found))

    def _name(self, index: int, name: str, scope: int) -> Look | None:
        site = self._in_file(scope, name)
        look = self._look(site) if site is not None else self._resolved(index)
        # In a class body a name may mean something else before it is bound there.
        if self.unit.scopes[scope].kind != ScopeKind.CLASS:
            self.named[scope][name] = look
        return look

    def _other(self, index: int) -> Look | None:
        expression = self.unit.expressions[index]
        if expression[0] == Op.MODULE:
            return ("namespace", ()) if expression[4] >= 0 else None
        if expression[0] == Op.KEYWORD and self.unit.language == "python":
            return "parameter", ()
        return self._resolved(index)

    def _in_file(self, scope: int, name: str) -> Site | None:
        """A local name, where all that it may mean in this file is of one kind."""
        unit = self.unit
        while scope > 0:
            this = unit.scopes[scope]
            if this.kind not in _LOCAL:
                return None
            entry = unit.names[scope].get(name)
            if entry:
                kinds = {unit.definitions[index].kind for index in entry}
                return Site(unit, entry[0]) if kinds <= _PLAIN and len(kinds) == 1 else None
            scope = this.parent
        return None

    def _resolved(self, index: int) -> Look | None:
        sites = self.resolver.definitions(self.unit, index)
        return self._look(sites[0]) if sites else None

    def _look(self, site: Site) -> Look | None:
        key = id(site.unit), site.index
        if key not in self.looks:
            self.looks[key] = self._new_look(site)
        return self.looks[key]

    def _new_look(self, site: Site) -> Look | None:
        unit, definition = site.unit, site.definition
        kind, flags = definition.kind, definition.flags
        name = _TYPES.get(kind)
        if name is None:
            return None
        modifiers = []
        if kind in (Kind.CONSTANT, Kind.ENUM_MEMBER):
            modifiers.append("readonly")
        if kind in (Kind.METHOD, Kind.FUNCTION) and flags & Flag.PROPERTY:
            name = "property"
        if kind in (Kind.VARIABLE, Kind.CONSTANT):
            scope = unit.scopes[definition.scope]
            if scope.kind == ScopeKind.CLASS:
                name = "property"
                if scope.owner >= 0 and self._is_enum(Site(unit, scope.owner)):
                    name, modifiers = "enumMember", ["readonly"]
        if flags & (Flag.STATIC | Flag.CLASS_METHOD):
            modifiers.append("static")
        if flags & Flag.DEPRECATED:
            modifiers.append("deprecated")
        if flags & Flag.ABSTRACT:
            modifiers.append("abstract")
        if flags & Flag.ASYNC:
            modifiers.append("async")
        if any(part in unit.path for part in _STANDARD):
            modifiers.append("defaultLibrary")
        return name, tuple(modifiers)

    def _is_enum(self, cls: Site) -> bool:
        key = id(cls.unit), cls.index
        known = self.enums.get(key)
        if known is None:
            self.enums[key] = False  # a class may inherit from itself
            known = self.enums[key] = cls.unit.language == "python" and any(
                base.definition.name in _ENUMS or self._is_enum(base)
                for base in self.resolver.bases(cls)
                if base.definition.kind in lineage.TYPES
            )
        return known


def _with_role(look: Look, role: int) -> Look:
    if role == Role.DECORATOR:
        return "decorator", look[1]
    return look[0], (*look[1], "modification")


def _apart(tokens: Iterable[Token]) -> list[Token]:
    """Tokens that do not overlap: of two, the one that begins first."""
    kept: list[Token] = []
    behind = 0
    for token in tokens:
        if token.end > token.start >= behind:
            kept.append(token)
            behind = token.end
    return kept
