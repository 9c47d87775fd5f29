"""The variables of one file: where each is bound and read, by the scopes of the facts."""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property
from typing import NamedTuple

from nootropic_lsp.core.spans import Span
from nootropic_lsp.index.facts import Flag, Kind, Op, Role, ScopeKind
from nootropic_lsp.index.units import Unit

Variable = tuple[int, str]  # the scope that binds a name (-1 where none of the file does), and it
_UNKNOWN = -1


class Occurrence(NamedTuple):
    """A place where a variable is written; `scope` is the scope that it is written in."""

    position: int
    name: str
    variable: Variable
    scope: int
    is_bound: bool
    is_read: bool


class Variables:
    """The occurrences of all variables of a file."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self._outermost = {(scope, name) for scope, name, top in unit.outer if top}

    def binder(self, scope: int, name: str) -> int:
        """The scope that binds a name as it is seen from another one."""
        unit, first = self.unit, scope
        while scope >= 0:
            here = unit.scopes[scope]
            if (scope, name) in self._outermost:
                return 0
            hidden = here.kind == ScopeKind.CLASS and scope != first
            if not hidden and here.kind != ScopeKind.OBJECT and name in unit.names[scope]:
                return scope
            scope = here.parent
        return _UNKNOWN

    @cached_property
    def all(self) -> list[Occurrence]:
        """Every occurrence in the order of the text."""
        found: dict[tuple[int, bool], Occurrence] = {}
        unit = self.unit
        for definition in unit.definitions:
            if not definition.name or definition.kind in (Kind.NARROWED, Kind.KEY, Kind.ATTRIBUTE):
                continue
            if unit.scopes[definition.scope].kind == ScopeKind.OBJECT:
                continue
            variable = (definition.scope, definition.name)
            at = self.scope_at(definition.start)
            is_read = bool(definition.flags & Flag.AUGMENTED)
            is_bound = not definition.flags & Flag.DECLARED
            found[definition.start, True] = Occurrence(
                definition.start, definition.name, variable, at, is_bound, is_read
            )
        for expression in unit.expressions:
            if expression[0] != Op.NAME or expression[2] < 0:
                continue
            _, role, position, name, scope = expression
            is_write = role == Role.WRITE
            if is_write and (position, True) in found:
                continue
            variable = (self.binder(scope, name), name)
            # A plain assignment in JavaScript and `x += 1` look alike: both count as both.
            found[position, False] = Occurrence(position, name, variable, scope, is_write, True)
        return sorted(found.values())

    @cached_property
    def _positions(self) -> list[int]:
        return [each.position for each in self.all]

    def between(self, start: int, end: int) -> list[Occurrence]:
        """The occurrences in a stretch of the text."""
        positions = self._positions
        return self.all[bisect_left(positions, start) : bisect_left(positions, end)]

    @cached_property
    def _by_variable(self) -> dict[Variable, list[Occurrence]]:
        found: dict[Variable, list[Occurrence]] = {}
        for each in self.all:
            found.setdefault(each.variable, []).append(each)
        return found

    def of(self, variable: Variable) -> list[Occurrence]:
        """All occurrences of a variable."""
        return self._by_variable.get(variable, [])

    def scope_at(self, offset: int) -> int:
        """The innermost scope around an offset."""
        found = 0
        for number, scope in enumerate(self.unit.scopes):
            if scope.start <= offset < scope.end and (
                scope.end - scope.start
                <= self.unit.scopes[found].end - self.unit.scopes[found].start
            ):
                found = number
        return found

    def function_of(self, scope: int) -> int:
        """The function that a scope belongs to, 0 outside of any, or the class in between."""
        scopes = self.unit.scopes
        while scope > 0 and scopes[scope].kind not in (ScopeKind.FUNCTION, ScopeKind.CLASS):
            scope = scopes[scope].parent
        return max(scope, 0)

    def frame_of(self, scope: int) -> int:
        """The function, comprehension or class that a scope is evaluated in, 0 outside of any."""
        scopes = self.unit.scopes
        while scope > 0 and scopes[scope].kind in (ScopeKind.OBJECT, ScopeKind.BLOCK):
            scope = scopes[scope].parent
        return max(scope, 0)

    def is_steady(self, occurrence: Occurrence) -> bool:
        """Whether nothing that is called can give a variable another value."""
        scope = occurrence.variable[0]
        if scope == _UNKNOWN:
            return True
        entries = self.of(occurrence.variable)
        bound = [each for each in entries if each.is_bound]
        if len(bound) <= 1:
            return True
        holder = self.function_of(scope)
        if holder == 0 or self.unit.scopes[holder].kind == ScopeKind.CLASS:
            return all(self.function_of(each.scope) == holder for each in bound) and (
                self.function_of(occurrence.scope) == holder
            )
        # Bound here only, and asked about here.
        return all(self.function_of(each.scope) == holder for each in (*bound, occurrence))

    def names_near(self, span: Span) -> set[str]:
        """Every name that is written in a stretch of the text, as a variable."""
        return {each.name for each in self.between(span.start, span.end)}
