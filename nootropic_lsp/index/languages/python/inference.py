"""The memo of light inference: what every expression and definition may stand for.

Nothing is executed and no fixpoint is computed: values come from annotations,
constructor calls, returns and the like, and an unknown stays unknown. Results are
memoised per expression, together with everything that was looked at on the way
(`Trail`), so that a change elsewhere re-resolves just what it may affect.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nootropic_lsp.index.facts import Expression, Kind, Op
from nootropic_lsp.index.languages.python.names import Found, Names
from nootropic_lsp.index.languages.python.reaching import bound_between, flows, nearest
from nootropic_lsp.index.languages.python.values import INSTANCE, NOTHING, Value, Values
from nootropic_lsp.index.units import Site, Unit, World

# Deep enough for every chain a person writes; it ends runaway recursion through returns.
DEEPEST = 40
_UNTAINTED = 1 << 30
_NAME = Op.NAME  # a look-up in a class costs something in functions that run for every name

# What an expression with a certain operator may stand for.
Reader = Callable[["Inference", Unit, Expression], Values]
# What a definition binds its name to, read through a receiver if there is one.
Binder = Callable[["Inference", Site, Value | None], Values]


def _depends_on(site: Site, receiver: Value) -> bool:
    """Whether a member may be something else in one value than in another."""
    if receiver.arguments:
        return True
    unit, definition = site.unit, site.definition
    return definition.annotation >= 0 and (
        receiver.unit is not unit or receiver.at != unit.scopes[definition.scope].owner
    )


class Inference:
    """What is known of one state of the world."""

    def __init__(self, world: World, readers: Mapping[int, Reader], bound: Binder) -> None:
        self.names = Names(world)
        self.touched = self.names.touched
        self.depth = 0  # of questions that other questions have led to
        # Memos of `members`.
        self.orders: dict[tuple[Unit, int], tuple[tuple[Site, ...], int]] = {}
        self.members: dict[tuple[Unit, int, str], Found] = {}
        self.parameters: dict[tuple[Unit, int], tuple[list[str], int]] = {}
        self.metaclasses: dict[tuple[Unit, int], Found] = {}
        self._readers = readers
        self._bound = bound
        # Answers that hold whatever was asked before, each with its trail. Expressions are
        # keyed by their index, definitions by the complement of theirs.
        self._known: dict[Unit, dict[int, tuple[Values, int]]] = {}
        # The same for bare names that mean one thing everywhere in a scope.
        self._bare: dict[tuple[Unit, int, str], tuple[Values, int]] = {}
        # Answers found inside a cycle depend on where it was entered: kept for one question.
        self._passing: dict[tuple[Unit, int], tuple[Values, int, int]] = {}
        self._open: dict[tuple[Unit, int], int] = {}
        self._lowest = _UNTAINTED

    def forget(self, unit: Unit) -> None:
        """Drop what only the expressions of a file needed; other files ask for definitions."""
        table = self._known.get(unit)
        if table is not None:
            self._known[unit] = {index: value for index, value in table.items() if index < 0}
        self._bare.clear()
        self.names.forget()

    def remembered(self) -> list[dict[Any, Any]]:
        """All that is remembered about units, which stand in the keys."""
        return [
            self.orders,
            self.members,
            self.parameters,
            self.metaclasses,
            self._known,
            self._bare,
            *self.names.remembered(),
        ]

    def infer(self, unit: Unit, index: int) -> Values:
        """What an expression may stand for; empty when it is not known."""
        if index < 0:
            return NOTHING
        expression = unit.expressions[index]
        if expression[0] == _NAME:
            # Its definition has a memo of its own.
            known = self._bare.get((unit, expression[4], expression[3]))
            if known is None:
                return self._infer_name(unit, expression)
            self.touched.mask |= known[1]
            return known[0]
        return self._solve(unit, index)

    def value_of(self, site: Site, receiver: Value | None = None) -> Values:
        """What a definition binds its name to."""
        if receiver is not None and _depends_on(site, receiver):
            return self._bound(self, site, receiver)
        return self._solve(site.unit, ~site.index)

    def builtin(self, name: str, arguments: tuple[Values, ...] = ()) -> Values:
        """A value of a builtin type; nothing is known of `None`."""
        builtins = self.names.builtins()
        if builtins is None or name == "None":
            return NOTHING
        for index in builtins.names[0].get(name, ()):
            if builtins.definitions[index].kind == Kind.CLASS:
                return (Value(INSTANCE, builtins, index, arguments),)
        return NOTHING

    def _infer_name(self, unit: Unit, expression: Expression) -> Values:
        _, _, position, name, scope = expression
        ranges = unit.narrowed.get(name, ())
        for index in reversed(ranges):
            known = unit.definitions[index]
            if (
                known.full_start <= position < known.full_end
                and flows(unit, scope, known.scope)
                and not bound_between(unit, known, position)
            ):
                values = self.infer(unit, known.value)
                if values:
                    return values
        sites = self.names.named(unit, name, scope, position)
        for where, at in sites:
            holder = where.definitions[at].scope
            others = where.names[holder][name]
            if len(others) == 1:
                values = self._solve(where, ~at)
                if not ranges:
                    self._keep_name((unit, scope, name), where, at)
                return values
            if where is unit and (scope == holder or flows(unit, scope, holder)):
                others = nearest(unit, others, position)
            else:
                others = [at, *(index for index in others if index != at)]
            for index in others:
                values = self._solve(where, ~index)
                if values:
                    return values
        return NOTHING

    def _keep_name(self, key: tuple[Unit, int, str], where: Unit, at: int) -> None:
        """Remember what a name stands for everywhere in a scope, if that is settled."""
        named = self.names.fixed.get(key)
        known = self._known[where].get(~at)
        if named is not None and known is not None:
            self._bare[key] = (known[0], named[1] | known[1])

    def _solve(self, unit: Unit, index: int) -> Values:
        """The memo behind `infer` and `value_of`.

        What depends on itself is unknown. An answer found inside such a cycle is kept
        only for the current question, so that no answer depends on an earlier question.
        """
        table = self._known.get(unit)
        if table is None:
            table = self._known[unit] = {}
        known = table.get(index)
        if known is not None:
            self.touched.mask |= known[1]
            return known[0]
        key = (unit, index)
        level = self._open.get(key)
        if level is not None:
            self._lowest = min(self._lowest, level)
            return NOTHING
        passing = self._passing.get(key)
        if passing is not None:
            self.touched.mask |= passing[1]
            self._lowest = min(self._lowest, passing[2])
            return passing[0]
        if self.depth > DEEPEST:
            self._lowest = -1
            return NOTHING
        return self._answer(key, table)

    def _answer(self, key: tuple[Unit, int], table: dict[int, tuple[Values, int]]) -> Values:
        """Find an answer, and keep it for as long as it holds."""
        unit, index = key
        touched = self.touched
        depth = self.depth
        outer, touched.mask = touched.mask, 0
        lowest, self._lowest = self._lowest, _UNTAINTED
        self._open[key] = depth
        self.depth = depth + 1
        if index >= 0:
            expression = unit.expressions[index]
            read = self._readers.get(expression[0])
            values = NOTHING if read is None else read(self, unit, expression)
        else:
            values = self._bound(self, Site(unit, ~index), None)
        self.depth = depth
        del self._open[key]
        if self._lowest >= depth:
            table[index] = (values, touched.mask)
            self._lowest = lowest
        else:
            self._passing[key] = (values, touched.mask, self._lowest)
            self._lowest = min(lowest, self._lowest)
        if depth == 0:
            self._passing.clear()
            self._lowest = _UNTAINTED
        touched.mask |= outer
        return values
