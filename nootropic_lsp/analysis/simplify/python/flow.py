"""This file is where we keep track of one function while it is being simplified."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from nootropic_lsp.analysis.simplify.python import facts
from nootropic_lsp.analysis.simplify.python.modules import Modules
from nootropic_lsp.analysis.simplify.python.values import (
    MAX_ITEMS,
    NO_FACTS,
    Class,
    Frame,
    Func,
    Items,
    Known,
    Made,
    Module,
    Ref,
    State,
    Table,
    Thing,
    Truth,
    Unsupported,
    V,
    assign,
    constant,
    constants,
    name,
    some,
)

# Steps (statements and calls) that a function of the user may take, helpers included, and how
# deep these may call each other.
MAX_STEPS = 400
MAX_DEPTH = 6
# Statements that one call may become.
MAX_WRITTEN = 20

_ATOMS = (ast.Name, ast.Attribute, ast.Subscript)


class Leaving(Protocol):
    """Says what other functions leave for the user's one."""

    def attribute(self, flow: Flow, owner: Class, this: V, text: str) -> V | None:
        """An attribute of an object of a class."""

    def place(self, flow: Flow, node: ast.expr) -> V | None:
        """A part of something that all functions can see."""


@dataclass(slots=True, eq=False)
class Caught:
    """A function whose calls are looked at instead of being written out."""

    node: ast.AST
    given: list[tuple[Sequence[V], dict[str, V]]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Engine:
    """The parts of the simplifier, which need one another."""

    evaluate: Callable[[Flow, ast.expr, bool], V]
    run: Callable[[Flow, Sequence[ast.stmt]], bool]
    call: Callable[[Flow, ast.Call, bool], V]
    inline: Callable[[Flow, Func, Sequence[V], Mapping[str, V]], V | None]


@dataclass(slots=True, eq=False)
class Flow:
    """The state at the current place, and the statements that have to come before the next one."""

    modules: Modules
    frame: Frame
    engine: Engine
    state: State = field(default_factory=State)
    written: list[ast.stmt] = field(default_factory=list)
    # Whether there is a place for such statements.
    may_write: bool = True
    # Names of the user's function that are given a value more than once: later they may have
    # another.
    unsteady: frozenset[str] = frozenset()
    steps: int = 0
    stack: list[ast.AST] = field(default_factory=list)
    # What holds where the loops around this place are left, or their next round begins.
    leaving: list[list[State]] = field(default_factory=list)
    # What other functions leave for the user's one, whose own names are these.
    before: Leaving | None = None
    own_names: frozenset[str] = frozenset()
    # Calls of this function are looked at instead of being written out.
    caught: Caught | None = None

    def spend(self) -> None:
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise Unsupported

    # Expressions.

    def ev(self, node: ast.expr, track: bool = False) -> V:
        """What is known of an expression; `track` if what it makes is going to be looked into."""
        return self.engine.evaluate(self, node, track)

    def shown(self, v: V, depth: int = 0) -> ast.expr:
        """The expression as it is written in the simplified text."""
        if isinstance(v.value, Ref) and depth < 4:
            thing = self.state.heap.get(v.value.oid)
            if isinstance(thing, Items):
                if len(thing.items) <= MAX_ITEMS:
                    nodes = [self.shown(each, depth + 1) for each in thing.items]
                    if thing.kind == "tuple":
                        return ast.Tuple(nodes, ast.Load())
                    return ast.List(nodes, ast.Load())
            elif isinstance(thing, Table) and not thing.is_open and len(thing.entries) <= MAX_ITEMS:
                values = [self.shown(each, depth + 1) for each in thing.entries.values()]
                if thing.of is not None:
                    return ast.Call(name(thing.of.node.name), values, [])
                if thing.kind == "dict":
                    return ast.Dict([constant(key) for key in thing.entries], [*values])
                return ast.List(values, ast.Load())
        return v.node

    def argument(self, v: V) -> ast.expr:
        """The same as an argument of a call: objects that were made of constants are shown."""
        return v.value.node if isinstance(v.value, Made) else self.shown(v)

    def show(self, node: ast.expr) -> ast.expr:
        return self.shown(self.ev(node))

    def atom(self, v: V) -> V:
        """The same as something that can be read any number of times."""
        if isinstance(v.value, Known) and _is_short(v.value.value):
            return V(constant(v.value.value), v.value)
        if isinstance(v.value, Ref | Func) or self._is_steady(v.node):
            return v
        return self.kept(v)

    def kept(self, v: V) -> V:
        """The same in a variable of its own."""
        node = self.modules.fresh()
        self.write(assign(node, self.shown(v)))
        return V(name(node), v.value)

    def _is_steady(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Constant):
            return True
        if isinstance(node, ast.Name):
            return node.id not in self.unsteady
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            return node.func.id in facts.MARKS and self._is_steady(node.args[-1])
        return False

    def write(self, statement: ast.stmt) -> None:
        """Have a statement stand before the one that is being looked at."""
        if not self.may_write:
            raise Unsupported
        self.written.append(statement)

    def keys(self, v: V) -> tuple[str, ...]:
        """Under which names facts of this expression are kept."""
        node = v.node
        while isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            if node.func.id not in facts.MARKS | {"str"}:
                break
            node = node.args[-1]
        if isinstance(node, ast.Name):
            return (node.id,)
        return (ast.unparse(node),) if isinstance(node, _ATOMS) else ()

    def refined(self, v: V) -> V:
        """The same with what is known of it on this path."""
        if not self.state.facts or not isinstance(v.node, _ATOMS):
            return v
        known = self.state.facts.get(self.keys(v)[0])
        if not known:
            return v
        values = facts.values_of(known)
        if values is not None:
            return some(values)
        return V(facts.written(v.node, known), v.value)

    def truth_of(self, v: V) -> Truth:
        """What follows from it being true or false."""
        if isinstance(v.value, Truth):
            return v.value
        return Truth(NO_FACTS, NO_FACTS)

    # Containers.

    def thing(self, v: V) -> Thing | None:
        return self.state.heap.get(v.value.oid) if isinstance(v.value, Ref) else None

    def make(self, node: ast.expr, thing: Thing) -> V:
        oid = self.modules.number()
        self.state.heap[oid] = thing
        return V(node, Ref(oid))

    def lose(self, v: V) -> None:
        """From here on nothing is known of what is in it."""
        if isinstance(v.value, Ref):
            self.state.heap.pop(v.value.oid, None)

    def load(self, module: Module, v: V) -> V:
        """A value of a module, with what is in it."""
        pending = [v]
        while pending:
            value = pending.pop().value
            if isinstance(value, Ref) and value.oid not in self.state.heap:
                thing = module.heap.get(value.oid)
                if thing is not None:
                    self.state.heap[value.oid] = thing = thing.copy()
                    inner = thing.items if isinstance(thing, Items) else thing.entries.values()
                    pending.extend(inner)
        return v

    # Branches.

    def joined(self, one: V, other: V) -> V:
        """Either of two values."""
        if one is other or (one.value is not None and one.value == other.value):
            return one
        values, others = constants(one.value), constants(other.value)
        if values is not None and others is not None:
            return some([*values, *others])
        left, right = self.shown(one), self.shown(other)
        if same(left, right):
            return V(left)
        if isinstance(left, ast.Constant) and left.value is None:
            return V(right)
        if isinstance(right, ast.Constant) and right.value is None:
            return V(left)
        return V(ast.IfExp(name("_"), left, right))

    def join(self, one: State, other: State) -> None:
        """Go on with what holds after either branch."""
        self.state = result = State()
        result.heap = {**other.heap, **one.heap}
        for oid in one.heap.keys() & other.heap.keys():
            result.heap[oid] = self._joined_things(one.heap[oid], other.heap[oid])
        for key in dict.fromkeys([*one.names, *other.names]):
            left, right = one.names.get(key), other.names.get(key)
            if left is None or right is None:
                # Only one branch has given it a value.
                result.names[key] = left or right  # type: ignore[assignment]
            elif left is right or (left.value == right.value and left.value is not None):
                result.names[key] = left
            else:
                result.names[key] = self._joined_kept(left, right, one, other)
        result.facts = dict(facts.either(one.facts, other.facts))

    def _joined_kept(self, left: V, right: V, one: State, other: State) -> V:
        joined = self.joined(left, right)
        if isinstance(joined.node, ast.IfExp):
            return self.kept(joined)
        return joined

    def _joined_things(self, one: Thing, other: Thing) -> Thing:
        if isinstance(one, Items) and isinstance(other, Items):
            if len(one.items) == len(other.items) and one.is_loose == other.is_loose:
                items = [
                    self._joined_kept(left, right, self.state, self.state)
                    for left, right in zip(one.items, other.items, strict=True)
                ]
                return Items(one.kind, items, one.is_loose)
            items = list(one.items)
            items += [v for v in other.items if not any(same(v.node, each.node) for each in items)]
            return Items(one.kind, items, is_loose=True)
        if isinstance(one, Table) and isinstance(other, Table):
            result = one.copy()
            for key, v in other.entries.items():
                mine = one.entries.get(key)
                if mine is None:
                    result.entries[key] = v
                elif mine is not v:
                    result.entries[key] = self._joined_kept(mine, v, self.state, self.state)
            return result
        return one


def rebuilt(node: Any, **fields: Any) -> Any:
    """The node with other fields, or itself if they are the same."""
    if all(_is_same(getattr(node, field), value) for field, value in fields.items()):
        return node
    result = copy.copy(node)
    for each, value in fields.items():
        setattr(result, each, value)
    return result


def _is_same(one: object, other: object) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_is_same, one, other))
    return one is other


def same(one: ast.AST, other: ast.AST) -> bool:
    """Whether two expressions are written alike."""
    return one is other or ast.dump(one) == ast.dump(other)


def _is_short(value: object) -> bool:
    return not isinstance(value, str | bytes | tuple | frozenset) or len(value) <= 2000
