"""What other files can see of a file, name by name, so that a change can be followed.

Two states of a file are compared by it: files that looked up a changed name there
are resolved again, all others keep their edges. It covers whatever a resolver may
consult from outside: kinds, flags, annotations, bases, and for what has no
annotation the expressions that its value comes from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from zlib import crc32

from nootropic_lsp.index.facts import Kind, Op, ScopeKind
from nootropic_lsp.index.symbols import scope_paths
from nootropic_lsp.index.units import Unit

# The key for what concerns every name at once.
EVERYTHING = "*"
_DEEPEST = 60
# What is given a value that counts beside an annotation such as `Final` or `TypeAlias`.
_VALUED = frozenset({Kind.PARAMETER, Kind.VARIABLE, Kind.CONSTANT, Kind.ATTRIBUTE})


def interface(unit: Unit) -> dict[str, int]:
    """A digest for every name that other files can look up in a file."""
    return _Digests(unit).all()


def changed_names(before: Mapping[str, int], after: Mapping[str, int]) -> set[str]:
    """The names whose meaning to others may differ; `EVERYTHING` among them means all."""
    names = before.keys() | after.keys()
    return {name for name in names if before.get(name) != after.get(name)}


class _Digests:
    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.paths = scope_paths(unit)
        self.definitions_done: dict[int, int] = {}

    def all(self) -> dict[str, int]:
        unit = self.unit
        parts: dict[str, list[tuple[str, int]]] = {}
        for index, definition in enumerate(unit.definitions):
            if definition.kind == Kind.NARROWED:
                continue
            scope = unit.scopes[definition.scope]
            if scope.kind in (ScopeKind.MODULE, ScopeKind.CLASS, ScopeKind.OBJECT):
                entry = (self.paths[definition.scope], self.definition(index, 0))
                parts.setdefault(definition.name, []).append(entry)
        found = {name: crc32(repr(entries).encode()) for name, entries in parts.items()}
        whole = (
            # Where a language says it, the package that the file belongs to.
            self.expression(unit.definitions[0].value, 0) if unit.definitions else -1,
            [self.expression(star, 0) for star in unit.stars],
            unit.exports,
            [name for _, name, outermost in unit.outer if outermost],
        )
        found[EVERYTHING] = crc32(repr(whole).encode("utf-8", "surrogatepass"))
        return found

    def definition(self, index: int, depth: int) -> int:
        known = self.definitions_done.get(index)
        if known is not None:
            return known
        self.definitions_done[index] = 0  # inside itself a definition adds nothing new
        unit = self.unit
        definition = unit.definitions[index]
        shape: list[object] = [definition.name, definition.kind, definition.flags]
        if depth < _DEEPEST:
            shape.append(self.expression(definition.annotation, depth + 1))
            if definition.annotation < 0 or definition.kind in _VALUED:
                shape.append(self.expression(definition.value, depth + 1))
            shape += [
                self.expression(related, depth + 1)
                for related in definition.related
                if definition.kind != Kind.PARAMETER
            ]
            if definition.body > 0 and definition.kind in (Kind.FUNCTION, Kind.METHOD):
                shape += [
                    self.definition(inside, depth + 1)
                    for entry in unit.names[definition.body].values()
                    for inside in entry
                    if unit.definitions[inside].kind == Kind.PARAMETER
                ]
            if definition.body > 0 and definition.kind == Kind.CLASS:
                shape += self._of_class(index, depth)
        result = crc32(repr(shape).encode("utf-8", "surrogatepass"))
        self.definitions_done[index] = result
        return result

    def _of_class(self, index: int, depth: int) -> Iterator[object]:
        """The type parameters of a class, and the order of the fields that it declares."""
        unit = self.unit
        body = unit.definitions[index].body
        holder = unit.scopes[body].parent
        if unit.scopes[holder].owner == index:
            for entry in unit.names[holder].values():
                yield self.definition(entry[0], depth + 1)
        for name, entry in unit.names[body].items():
            field = unit.definitions[entry[0]]
            if field.kind == Kind.VARIABLE and field.annotation >= 0:
                yield name

    def expression(self, index: int, depth: int) -> int:
        if index < 0 or depth > _DEEPEST:
            return index if index < 0 else 1
        unit = self.unit
        expression = unit.expressions[index]
        operator = expression[0]
        shape: tuple[object, ...]
        if operator == Op.NAME:
            _, _, _, name, scope = expression
            shape = (operator, name, self._locally(name, scope, depth))
        elif operator in (Op.MEMBER, Op.KEYWORD):
            shape = (operator, expression[3], self.expression(expression[4], depth + 1))
            tested = unit.narrowed.get(f".{expression[3]}") if operator == Op.MEMBER else None
            if tested:
                shape += tuple(
                    self.definition(each, depth + 1)
                    for each in tested
                    if unit.definitions[each].full_start
                    <= expression[2]
                    < unit.definitions[each].full_end
                )
        elif operator == Op.MODULE:
            shape = (operator, expression[3], expression[4])
        elif operator in (Op.FUNCTION, Op.CLASS):
            shape = (operator, self.definition(expression[1], depth + 1))
        elif operator == Op.OBJECT:
            shape = (operator, self.paths[expression[1]])
        elif operator == Op.UNPACK:
            shape = (operator, self.expression(expression[1], depth + 1), expression[2])
        else:
            shape = (
                operator,
                *(
                    self.expression(part, depth + 1) if isinstance(part, int) else part
                    for part in expression[1:]
                ),
            )
        return crc32(repr(shape).encode("utf-8", "surrogatepass"))

    def _locally(self, name: str, scope: int, depth: int) -> tuple[object, ...]:
        """What a bare name stands for if a function binds it; outer names speak for themselves."""
        unit = self.unit
        while scope > 0:
            this = unit.scopes[scope]
            entry = unit.names[scope].get(name)
            if entry and this.kind not in (ScopeKind.MODULE, ScopeKind.CLASS):
                narrowed = [
                    index
                    for index in unit.narrowed.get(name, ())
                    if unit.definitions[index].scope == scope
                ]
                first = min(unit.definitions[index].block for index in entry)
                return tuple(
                    (
                        self.definition(index, depth + 1),
                        # Which of them reaches a return depends on how they are nested.
                        unit.definitions[index].block - first,
                    )
                    for index in (*entry, *narrowed)
                )
            scope = this.parent
        return ()
