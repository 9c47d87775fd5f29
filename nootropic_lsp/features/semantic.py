"""The meaning of names as colours: types and modifiers of the protocol's standard set."""

from __future__ import annotations

from nootropic_lsp.core.spans import Span
from nootropic_lsp.core.symbols import Token
from nootropic_lsp.features import types
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.facts import USES, Flag, Kind, Op, Role, ScopeKind
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
        self.named: dict[tuple[int, str], Look | None] = {}
        self.looks: dict[tuple[int, int], Look | None] = {}
        self.enums: dict[tuple[int, int], bool] = {}

    def tokens(self, start: int, end: int) -> list[Token]:
        found: dict[int, Token] = {}
        unit = self.unit
        for index in unit.uses_between(start, end):
            expression = unit.expressions[index]
            look = self._use(index, expression)
            if look is not None:
                position = expression[2]
                size = len(written(expression))
                found[position] = Token(Span(position, position + size), *look)
        for index, definition in enumerate(unit.definitions):
            if definition.kind in (Kind.NARROWED, Kind.IMPORT) or not definition.name:
                continue
            if start <= definition.start < end:
                look = self._look(Site(unit, index))
                if look is not None:
                    more = ("declaration", "definition")[: 1 + (definition.kind in _DEFINED)]
                    found[definition.start] = Token(
                        Span(definition.start, definition.end), look[0], (*more, *look[1])
                    )
        return _apart(sorted(found.values(), key=lambda token: token.span.start))

    def _use(self, index: int, expression: tuple) -> Look | None:  # type: ignore[type-arg]
        operator, role = expression[0], expression[1]
        if operator > USES or (operator == Op.MODULE and expression[4] < 0):
            return None
        if operator == Op.NAME:
            key = expression[4], expression[3]
            if key not in self.named:
                site = self._in_file(*key)
                look = self._look(site) if site is not None else self._resolved(index)
                if self.unit.scopes[key[0]].kind == ScopeKind.CLASS:
                    return self._with_role(look, role)
                self.named[key] = look
            return self._with_role(self.named[key], role)
        if operator == Op.MODULE:
            return "namespace", ()
        if operator == Op.KEYWORD and self.unit.language == "python":
            return "parameter", ()
        return self._with_role(self._resolved(index), role)

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

    @staticmethod
    def _with_role(look: Look | None, role: int) -> Look | None:
        if look is None:
            return None
        if role == Role.DECORATOR:
            return "decorator", look[1]
        if role == Role.WRITE:
            return look[0], (*look[1], "modification")
        return look

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
                if base.definition.kind in types.TYPES
            )
        return known


def _apart(tokens: list[Token]) -> list[Token]:
    """Tokens that do not overlap: of two, the one that begins first."""
    kept: list[Token] = []
    for token in tokens:
        if token.span.end > token.span.start and (
            not kept or token.span.start >= kept[-1].span.end
        ):
            kept.append(token)
    return kept
