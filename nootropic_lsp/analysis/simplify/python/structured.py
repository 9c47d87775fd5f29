"""This file is where the user's own functions are simplified, statement by statement."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from nootropic_lsp.analysis.simplify.python import expressions, facts, linear
from nootropic_lsp.analysis.simplify.python.blocks import (
    Block,
    Clause,
    Line,
    Moved,
    Nest,
    header,
    written,
)
from nootropic_lsp.analysis.simplify.python.flow import Flow, rebuilt
from nootropic_lsp.analysis.simplify.python.values import (
    Class,
    Facts,
    Func,
    Items,
    Known,
    Ref,
    Some,
    State,
    Table,
    Truth,
    Unsupported,
    V,
    assign,
    constants,
    name,
    some,
    truth,
)

_SIMPLE = (
    ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr, ast.Return, ast.Raise, ast.Delete,
    ast.Pass, ast.Break, ast.Continue, ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal,
    ast.Assert,
)  # fmt: skip
_PLAIN = (ast.Pass, ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal, ast.Delete)
_GROWING = frozenset({"append", "extend", "appendleft"})


@dataclass(slots=True, eq=False)
class Function:
    """One function of the user's text while it is being simplified."""

    flow: Flow
    source: list[str]
    # Lines that hold parts of several statements.
    shared: frozenset[int]
    has_branches: bool = False
    changed: bool = False
    nested: list[ast.FunctionDef | ast.AsyncFunctionDef] = field(default_factory=list)

    def body(self, statements: Sequence[ast.stmt]) -> tuple[list[Block], bool]:
        """The statements of a block, and whether control comes out at their end."""
        blocks: list[Block] = []
        for number, statement in enumerate(statements):
            before = statements[number - 1] if number else None
            more, falls = self.statement(statement, before)
            blocks += more
            if not falls:
                if number + 1 < len(statements):
                    self.changed = True
                return blocks, False
        return blocks, True

    def statement(self, node: ast.stmt, before: ast.stmt | None) -> tuple[list[Block], bool]:
        flow = self.flow
        flow.spend()
        flow.written = []
        if isinstance(node, _SIMPLE):
            flow.may_write = True
            kept, falls = self._simple(node)
            statements = flow.written
            flow.written = []
            if kept is not None:
                statements.append(kept)
            if falls:
                statements += self._settled()
            if len(statements) == 1 and statements[0] is node and not self._is_shared(node):
                return [Line(node.lineno, node.end_lineno or node.lineno, node)], falls
            self.changed = self.changed or len(statements) != 1 or statements[0] is not node
            return [Line(node.lineno, node.end_lineno or node.lineno, node, statements)], falls
        slot = self._slot(node, before)
        flow.may_write = slot is not None
        handler = _COMPOUND.get(type(node))
        if handler is None:
            raise Unsupported
        return handler(self, node, slot)

    def _is_shared(self, node: ast.stmt) -> bool:
        return bool(self.shared & set(range(node.lineno, (node.end_lineno or node.lineno) + 1)))

    def _slot(self, node: ast.stmt, before: ast.stmt | None) -> int | None:
        """A line on which something can stand that comes before a compound statement."""
        if isinstance(before, _SIMPLE):
            return before.end_lineno
        above = self.source[node.lineno - 2].strip() if node.lineno > 1 else "x"
        return node.lineno - 1 if not above or above.startswith("#") else None

    def hoisted(self, slot: int | None) -> list[Block]:
        """What has to stand before a compound statement."""
        statements, self.flow.written = self.flow.written, []
        if not statements:
            return []
        if slot is None:
            raise Unsupported
        self.changed = True
        return [Line(slot, slot, None, statements)]

    # Simple statements.

    def _simple(self, node: ast.stmt) -> tuple[ast.stmt | None, bool]:
        flow = self.flow
        match node:
            case ast.Expr(value=value):
                return self._expression(node, value)
            case ast.Assign(targets=[target], value=value):
                return self._assigned(node, target, flow.ev(value, True)), True
            case ast.Assign(value=value):
                v = flow.atom(flow.ev(value, True))
                for target in node.targets:
                    self.note(target, v)
                return rebuilt(node, value=flow.shown(v)), True
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                v = flow.ev(value, True)
                shown = rebuilt(node, value=flow.shown(v))
                self.note(target, v)
                return shown, True
            case ast.AugAssign():
                return self._augmented(node), True
            case ast.Return(value=value):
                if value is None:
                    return node, False
                return rebuilt(node, value=flow.shown(flow.ev(value, True))), False
            case ast.Raise():
                flow.may_write = False
                cause = None if node.exc is None else flow.show(node.exc)
                return rebuilt(node, exc=cause), False
            case ast.Assert(test=test):
                v = expressions.condition(flow, test)
                flow.state.assume(flow.truth_of(v).when_true)
                return rebuilt(node, test=flow.shown(v)), True
            case ast.Break() | ast.Continue():
                if flow.leaving:
                    flow.leaving[-1].append(flow.state.copy())
                return node, False
        return node, True

    def _expression(self, node: ast.Expr, value: ast.expr) -> tuple[ast.stmt | None, bool]:
        if isinstance(value, ast.Constant):
            return node, True
        flow = self.flow
        if (
            isinstance(value, ast.Call)
            and isinstance(value.func, ast.Attribute)
            and isinstance(value.func.value, ast.Name)
        ):
            owner = flow.ev(value.func.value, True)
            thing = flow.thing(owner)
            if thing is not None and not (isinstance(thing, Table) and thing.of is not None):
                return self._grown(node, value, value.func, owner), True
            if value.func.attr in _GROWING and len(value.args) == 1 and thing is None:
                target = value.func.value.id
                if target in flow.frame.local:
                    # Semgrep does not see that a list holds what was appended.
                    added = flow.show(value.args[0])
                    if value.func.attr != "extend":
                        added = ast.List([added], ast.Load())
                    return ast.AugAssign(ast.Name(target, ast.Store()), ast.Add(), added), True
        v = flow.ev(value)
        if isinstance(v.value, Known) and isinstance(v.node, ast.Constant):
            return None, True
        return rebuilt(node, value=flow.shown(v)), not linear.is_exit(value)

    def _grown(
        self, node: ast.Expr, value: ast.Call, function: ast.Attribute, owner: V
    ) -> ast.stmt | None:
        """A method of a container whose elements are known."""
        flow = self.flow
        n_written = len(flow.written)
        v = flow.ev(value, True)
        if flow.thing(owner) is None or len(flow.written) > n_written:
            pass
        if isinstance(v.node, ast.Constant) and v.node.value is None:
            shown = flow.shown(flow.ev(function.value, True))
            if not isinstance(shown, ast.Name) and isinstance(function.value, ast.Name):
                return assign(function.value.id, shown)
        if v.node is value:
            return node
        return ast.Expr(flow.shown(v)) if isinstance(v.node, ast.Call) else None

    def _assigned(self, node: ast.Assign, target: ast.expr, v: V) -> ast.stmt | None:
        flow = self.flow
        if isinstance(target, ast.Tuple | ast.List):
            return self._unpacked(node, target, v)
        if isinstance(target, ast.Subscript | ast.Attribute):
            return self._stored(node, target, v)
        shown = rebuilt(node, value=flow.shown(v))
        self.note(target, v)
        return shown  # type: ignore[no-any-return]

    def _unpacked(self, node: ast.Assign, target: ast.Tuple | ast.List, v: V) -> ast.stmt | None:
        flow = self.flow
        items = expressions.elements(flow, v)
        thing = flow.thing(v)
        is_plain = all(isinstance(each, ast.Name) for each in target.elts)
        is_loose = isinstance(thing, Items) and thing.is_loose
        if items is None or len(items) != len(target.elts) or not is_plain or is_loose:
            for each in target.elts:
                self.note(each, V(node.value))
            return rebuilt(node, value=flow.shown(v))  # type: ignore[no-any-return]
        # All are read before any is written.
        kept = [each if isinstance(each.value, Known) else flow.kept(each) for each in items]
        for each, item in zip(target.elts, kept, strict=True):
            assert isinstance(each, ast.Name)
            flow.written.append(assign(each.id, flow.shown(item)))
            self.note(each, item)
        return None

    def _stored(
        self, node: ast.Assign, target: ast.Subscript | ast.Attribute, v: V
    ) -> ast.stmt | None:
        flow = self.flow
        base = flow.ev(target.value, True)
        thing = flow.thing(base)
        if isinstance(target, ast.Attribute):
            if isinstance(thing, Table) and thing.of is not None:
                kept = flow.atom(v)
                thing.entries[target.attr] = kept
                return rebuilt(node, value=flow.shown(kept))  # type: ignore[no-any-return]
            return rebuilt(node, value=flow.shown(v))  # type: ignore[no-any-return]
        if isinstance(target.slice, ast.Slice):
            flow.lose(base)
            return rebuilt(node, value=flow.shown(v))  # type: ignore[no-any-return]
        at = flow.ev(target.slice)
        if thing is not None:
            kept = flow.atom(v)
            if linear.put(flow, base, at, kept):
                return self._whole(target.value, rebuilt(node, value=flow.shown(kept)))
            return rebuilt(node, value=flow.shown(kept))  # type: ignore[no-any-return]
        changed = rebuilt(target, value=base.node, slice=flow.shown(at))
        return rebuilt(node, targets=[changed], value=flow.shown(v))  # type: ignore[no-any-return]

    def _whole(self, container: ast.expr, otherwise: ast.stmt) -> ast.stmt:
        """A container that was changed, written as a whole: a clean entry does not clean it."""
        flow = self.flow
        if isinstance(container, ast.Name) and container.id in flow.frame.local:
            shown = flow.shown(flow.ev(container, True))
            if not isinstance(shown, ast.Name):
                return assign(container.id, shown)
        return otherwise

    def _augmented(self, node: ast.AugAssign) -> ast.stmt:
        flow = self.flow
        v = flow.ev(node.value, True)
        if isinstance(node.target, ast.Name):
            old = flow.ev(name(node.target.id), True)
            one, other = flow.thing(old), flow.thing(v)
            if isinstance(one, Items) and isinstance(other, Items) and isinstance(node.op, ast.Add):
                one.items += other.items
                return self._whole(name(node.target.id), rebuilt(node, value=flow.shown(v)))
            if isinstance(old.value, Known) and isinstance(v.value, Known):
                read = ast.BinOp(name(node.target.id), node.op, node.value)
                both = flow.ev(read)
                self.note(node.target, both)
                return rebuilt(node, value=flow.shown(v))  # type: ignore[no-any-return]
            flow.lose(old)
            self.note(node.target, V(node.target))
        else:
            base = flow.ev(node.target.value, True) if isinstance(
                node.target, ast.Subscript | ast.Attribute) else V(node.target)  # fmt: skip
            thing = flow.thing(base)
            if isinstance(thing, Table) and isinstance(node.target, ast.Attribute):
                field_now = ast.Attribute(node.target.value, node.target.attr, ast.Load())
                thing.entries[node.target.attr] = flow.kept(
                    flow.ev(ast.BinOp(field_now, node.op, node.value))
                )
            elif isinstance(thing, Table) and isinstance(node.target, ast.Subscript):
                at = flow.ev(node.target.slice)
                shown = ast.Subscript(node.target.value, node.target.slice, ast.Load())
                kept = flow.kept(flow.ev(ast.BinOp(shown, node.op, node.value)))
                linear.put(flow, base, at, kept)
            else:
                flow.lose(base)
        return rebuilt(node, value=flow.shown(v))  # type: ignore[no-any-return]

    def note(self, target: ast.expr, v: V) -> None:
        """Remember what a name of this function stands for from here on."""
        flow = self.flow
        if not isinstance(target, ast.Name):
            for each in ast.walk(target):
                if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
                    self.note(each, V(each))
            return
        self._forget(target.id)
        if (v.value is not None and not isinstance(v.value, Truth)) or (
            isinstance(v.value, Truth) and (v.value.when_true or v.value.when_false)
        ):
            flow.state.names[flow.frame.number, target.id] = V(name(target.id), v.value)

    def _forget(self, text: str) -> None:
        state = self.flow.state
        state.names.pop((self.flow.frame.number, text), None)
        for key in [
            key for key in state.facts if key == text or key.startswith((text + ".", text + "["))
        ]:
            del state.facts[key]

    def _settled(self) -> list[ast.stmt]:
        """Scalars for what dicts and objects hold now, so that branches can leave different ones."""
        statements: list[ast.stmt] = []
        for thing in self.flow.state.heap.values() if self.has_branches else ():
            if not isinstance(thing, Table):
                continue
            for key, v in thing.entries.items():
                is_variable = isinstance(v.node, ast.Name) and (
                    self.flow.modules.is_fresh(v.node.id) or v.node.id in self.flow.frame.local
                )
                if isinstance(v.value, Known):
                    if key not in thing.settled or isinstance(v.node, ast.Name):
                        continue
                elif v.value is not None or not is_variable:
                    continue
                thing.name = thing.name or self.flow.modules.fresh()
                own = f"{thing.name}_{_spelled(key)}"
                if isinstance(v.node, ast.Name) and own == v.node.id:
                    continue
                statements.append(assign(own, self.flow.shown(v)))
                thing.entries[key] = V(name(own), v.value)
                thing.settled.add(key)
        return statements

    # Branches.

    def join(self, states: Sequence[State]) -> None:
        """Go on with what holds after any of several branches: names keep their own values."""
        flow = self.flow
        result = states[0]
        for each in states[1:]:
            result = self._joined(result, each)
        flow.state = result

    def _joined(self, one: State, other: State) -> State:
        flow = self.flow
        result = State()
        for oid in one.heap.keys() & other.heap.keys():
            left, right = one.heap[oid], other.heap[oid]
            if isinstance(left, Items) and isinstance(right, Items):
                result.heap[oid] = _joined_items(left, right)
            elif isinstance(left, Table) and isinstance(right, Table):
                joined = self._joined_tables(left, right)
                if joined is not None:
                    result.heap[oid] = joined
        for key in one.names.keys() & other.names.keys():
            left_v, right_v = one.names[key], other.names[key]
            if left_v is right_v or (left_v.value == right_v.value and left_v.value is not None):
                result.names[key] = left_v
            elif key[0] == flow.frame.number:
                joined_v = flow.joined(left_v, right_v)
                if joined_v.value is not None and not isinstance(joined_v.value, Ref):
                    result.names[key] = V(name(key[1]), joined_v.value)
        result.facts = dict(facts.either(self._facts_of(one), self._facts_of(other)))
        return result

    def _facts_of(self, state: State) -> Facts:
        """What is known in a state, constants that names hold included."""
        found = dict(state.facts)
        for (number, text), v in state.names.items():
            if number == self.flow.frame.number and (values := constants(v.value)):
                found.update(facts.one_of([text], values))
        return found

    def _joined_tables(self, one: Table, other: Table) -> Table | None:
        result = one.copy()
        result.settled |= other.settled
        for key, v in other.entries.items():
            mine = one.entries.get(key)
            if mine is None:
                result.entries[key] = v
                continue
            if mine is v or _are_same([mine], [v]):
                continue
            base = one.name or other.name
            own = f"{base}_{_spelled(key)}"
            names = {each.node.id for each in (mine, v) if isinstance(each.node, ast.Name)}
            if not base or own not in names:
                return None
            result.name = base
            result.entries[key] = V(name(own))
        return result

    def havoc(self, nodes: Sequence[ast.AST]) -> None:
        """Forget what these statements may change: they may have run any number of times."""
        flow = self.flow
        for node in nodes:
            for each in ast.walk(node):
                if isinstance(each, ast.Name) and not isinstance(each.ctx, ast.Load):
                    known_before = flow.state.names.get((flow.frame.number, each.id))
                    if known_before is not None:
                        self._forget(each.id)
                    self._forget(each.id)
                elif (isinstance(each, ast.Subscript) and not isinstance(each.ctx, ast.Load)) or (
                    isinstance(each, ast.Attribute) and not isinstance(each.ctx, ast.Load)
                ):
                    self._lose(each.value)
                elif isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute):
                    self._lose(each.func.value)

    def _lose(self, node: ast.expr) -> None:
        flow = self.flow
        if not isinstance(node, ast.Name | ast.Attribute):
            return
        may_write, flow.may_write = flow.may_write, False
        try:
            v = flow.ev(node, True)
        except Unsupported:
            return
        finally:
            flow.may_write = may_write
        self._loosen(v, 0)

    def _loosen(self, v: V, depth: int) -> None:
        """What is in it may be changed any number of times."""
        thing = self.flow.thing(v)
        if isinstance(thing, Items):
            thing.is_loose = True
        elif isinstance(thing, Table):
            for key, each in thing.entries.items():
                if isinstance(each.value, Known | Some):
                    thing.entries[key] = V(each.node)
                elif depth < 3:
                    self._loosen(each, depth + 1)


def _joined_items(one: Items, other: Items) -> Items:
    if _are_same(one.items, other.items):
        return one
    items = list(one.items)
    items += [each for each in other.items if not any(_are_same([each], [v]) for v in items)]
    return Items(one.kind, items, is_loose=True)


def _spelled(key: object) -> str:
    return "".join(each if each.isalnum() else "_" for each in str(key))[:40]


def _are_same(ones: Sequence[V], others: Sequence[V]) -> bool:
    return len(ones) == len(others) and all(
        one is other
        or (one.value is not None and one.value == other.value)
        or (
            isinstance(one.node, ast.Name)
            and isinstance(other.node, ast.Name)
            and one.node.id == other.node.id
        )
        for one, other in zip(ones, others, strict=True)
    )


# Compound statements.


def _if(function: Function, node: ast.If, slot: int | None) -> tuple[list[Block], bool]:
    flow = function.flow
    v = expressions.condition(flow, node.test)
    decided = truth(v.value)
    hoisted = function.hoisted(slot)
    chained = _chained(function, node.orelse)
    if decided is not None:
        function.changed = True
        if not decided and chained is not None:
            flow.may_write = False
            more, falls = _if(function, chained, None)
            return hoisted + more, falls
        taken = node.body if decided else node.orelse
        blocks, falls = function.body(taken)
        return [*hoisted, *([Moved(taken[0].col_offset, blocks)] if taken else [])], falls
    follows = flow.truth_of(v)
    shown = flow.shown(v)
    before, flow.state = flow.state, flow.state.copy()
    flow.state.assume(follows.when_true)
    body, falls = function.body(node.body)
    open_ends = [flow.state] if falls else []
    function.changed = function.changed or shown is not node.test
    is_same = shown is node.test and not _is_elif(function, node)
    nest = Nest([
        _clause(node, node.body, body, is_same, lambda: header(ast.If(shown, [ast.Pass()], [])))
    ])  # fmt: skip
    flow.state = before
    flow.state.assume(follows.when_false)
    falls = True
    if chained is not None:
        flow.may_write = False
        more, falls = _if(function, chained, None)
        _chain(nest, more, chained)
    elif node.orelse:
        more, falls = function.body(node.orelse)
        nest.clauses.append(_plain_clause(function, node, "else", node.orelse, more))
    if falls:
        open_ends.append(flow.state)
    if open_ends:
        function.join(open_ends)
    return [*hoisted, nest], bool(open_ends)


def _chained(function: Function, orelse: Sequence[ast.stmt]) -> ast.If | None:
    """The `elif` that comes next."""
    if len(orelse) == 1 and isinstance(orelse[0], ast.If) and _is_elif(function, orelse[0]):
        return orelse[0]
    return None


def _is_elif(function: Function, node: ast.If) -> bool:
    text = function.source[node.lineno - 1].encode()[node.col_offset :]
    return text.startswith(b"elif")


def _chain(nest: Nest, more: list[Block], inner: ast.If) -> None:
    """Take over what an `elif` became as further clauses."""
    if len(more) == 1 and isinstance(more[0], Nest):
        first, *rest = more[0].clauses
        if first.first == inner.lineno:
            text = first.text
            first.text = lambda: "el" + text()
            nest.clauses += [first, *rest]
            return
    column = inner.body[0].col_offset
    body: list[Block] = [Moved(inner.col_offset, more)] if more else []
    nest.clauses.append(
        Clause(inner.lineno, inner.lineno, False, lambda: "else:", body, inner.col_offset, column)
    )


def _clause(
    node: ast.stmt | ast.excepthandler,
    body: Sequence[ast.stmt],
    blocks: list[Block],
    is_same: bool,
    text: Callable[[], str],
) -> Clause:
    first = node.lineno
    last = max(first, _first_line(body[0]) - 1)
    is_apart = body[0].lineno > first
    return Clause(first, last, is_same and is_apart, text, blocks, node.col_offset,
                  body[0].col_offset if is_apart else node.col_offset + 4)  # fmt: skip


def _plain_clause(
    function: Function, node: ast.stmt, keyword: str, body: Sequence[ast.stmt], blocks: list[Block]
) -> Clause:
    for number in range(_first_line(body[0]) - 1, 0, -1):
        text = function.source[number - 1].strip()
        if text.startswith(keyword):
            return Clause(number, number, True, lambda: keyword + ":", blocks, node.col_offset,
                          body[0].col_offset)  # fmt: skip
        if text and not text.startswith("#"):
            break
    raise Unsupported


def _first_line(node: ast.stmt) -> int:
    decorators = getattr(node, "decorator_list", [])
    return int(min([node.lineno, *(each.lineno for each in decorators)]))


def _for(
    function: Function, node: ast.For | ast.AsyncFor, slot: int | None
) -> tuple[list[Block], bool]:
    flow = function.flow
    over = flow.ev(node.iter, True)
    hoisted = function.hoisted(slot)
    shown = flow.shown(over)
    members = expressions.elements(flow, over)
    function.havoc([node.target, *node.body])
    changed = rebuilt(node, iter=shown, body=[ast.Pass()], orelse=[])
    before = flow.state.copy()
    values = [each.value.value for each in members or () if isinstance(each.value, Known)]
    if members and len(values) == len(members) and isinstance(node.target, ast.Name):
        found = some(values)
        flow.state.names[flow.frame.number, node.target.id] = V(name(node.target.id), found.value)
    function.changed = function.changed or shown is not node.iter
    nest, open_ends = _loop(function, node, shown is node.iter, lambda: header(changed))
    function.join([before, *open_ends])
    return _after_loop(function, node, [*hoisted, nest])


def _while(function: Function, node: ast.While, slot: int | None) -> tuple[list[Block], bool]:
    flow = function.flow
    function.havoc([node.test, *node.body])
    flow.may_write = False
    v = expressions.condition(flow, node.test)
    if truth(v.value) is False:
        function.changed = True
        return [], True
    before = flow.state.copy()
    follows = flow.truth_of(v)
    flow.state.assume(follows.when_true)
    shown = flow.shown(v)
    changed = ast.While(shown, [ast.Pass()], [])
    function.changed = function.changed or shown is not node.test
    nest, open_ends = _loop(function, node, shown is node.test, lambda: header(changed))
    if truth(v.value) is not True:
        before.assume(follows.when_false)
        open_ends.append(before)
    if not open_ends:
        return [nest], False
    function.join(open_ends)
    return _after_loop(function, node, [nest])


def _loop(
    function: Function,
    node: ast.For | ast.AsyncFor | ast.While,
    is_same: bool,
    text: Callable[[], str],
) -> tuple[Nest, list[State]]:
    flow = function.flow
    flow.leaving.append([])
    blocks, falls = function.body(node.body)
    open_ends = flow.leaving.pop()
    if falls:
        open_ends.append(flow.state)
    return Nest([_clause(node, node.body, blocks, is_same, text)]), open_ends


def _after_loop(
    function: Function, node: ast.For | ast.AsyncFor | ast.While, blocks: list[Block]
) -> tuple[list[Block], bool]:
    if not node.orelse:
        return blocks, True
    more, _ = function.body(node.orelse)
    nest = blocks[-1]
    assert isinstance(nest, Nest)
    nest.clauses.append(_plain_clause(function, node, "else", node.orelse, more))
    return blocks, True


def _with(
    function: Function, node: ast.With | ast.AsyncWith, slot: int | None
) -> tuple[list[Block], bool]:
    flow = function.flow
    items = []
    for item in node.items:
        v = flow.ev(item.context_expr, True)
        if item.optional_vars is not None:
            function.note(item.optional_vars, v)
        items.append(rebuilt(item, context_expr=flow.shown(v)))
    hoisted = function.hoisted(slot)
    changed = rebuilt(node, items=items, body=[ast.Pass()])
    blocks, falls = function.body(node.body)
    is_same = all(one is other for one, other in zip(items, node.items, strict=True))
    function.changed = function.changed or not is_same
    nest = Nest([_clause(node, node.body, blocks, is_same, lambda: header(changed))])
    return [*hoisted, nest], falls


def _try(
    function: Function, node: ast.Try | ast.TryStar, slot: int | None
) -> tuple[list[Block], bool]:
    flow = function.flow
    before = flow.state.copy()
    blocks, falls = function.body(node.body)
    nest = Nest([_clause(node, node.body, blocks, True, lambda: "try:")])
    after = flow.state
    open_ends = []
    flow.state = before
    function.havoc(node.body)
    before = flow.state
    for handler in node.handlers:
        flow.state = before.copy()
        if handler.name is not None:
            function.note(ast.Name(handler.name, ast.Store()), V(name(handler.name)))
        more, comes_out = function.body(handler.body)
        if comes_out:
            open_ends.append(flow.state)
        nest.clauses.append(_clause(handler, handler.body, more, True, _caught(handler)))
    flow.state = after
    if node.orelse and falls:
        more, falls = function.body(node.orelse)
        nest.clauses.append(_plain_clause(function, node, "else", node.orelse, more))
    if falls:
        open_ends.append(flow.state)
    if open_ends:
        function.join(open_ends)
    else:
        flow.state = before
    if node.finalbody:
        more, comes_out = function.body(node.finalbody)
        nest.clauses.append(_plain_clause(function, node, "finally", node.finalbody, more))
        return [nest], bool(open_ends) and comes_out
    return [nest], bool(open_ends)


def _caught(handler: ast.ExceptHandler) -> Callable[[], str]:
    def text() -> str:
        kind = "" if handler.type is None else " " + ast.unparse(handler.type)
        return f"except{kind}{'' if handler.name is None else ' as ' + handler.name}:"

    return text


def _match(function: Function, node: ast.Match, slot: int | None) -> tuple[list[Block], bool]:
    flow = function.flow
    subject = flow.ev(node.subject, True)
    hoisted = function.hoisted(slot)
    taken = linear.chosen(subject, node.cases)
    if taken is not None:
        function.changed = True
        blocks, falls = function.body(taken.body)
        return [*hoisted, Moved(taken.body[0].col_offset, blocks)], falls
    shown = flow.shown(subject)
    first = node.cases[0].pattern
    function.changed = function.changed or shown is not node.subject
    nest = Nest([
        Clause(node.lineno, first.lineno - 1, shown is node.subject,
               lambda: f"match {written(shown)}:", [], node.col_offset, first.col_offset - 5)
    ])  # fmt: skip
    before = flow.state
    open_ends = []
    has_default = False
    for case in node.cases:
        has_default |= case.guard is None and linear.is_wildcard(case.pattern)
        flow.state = before.copy()
        for text in linear.captured(case.pattern):
            function.note(ast.Name(text, ast.Store()), V(name(text)))
        values = linear.pattern_values(case.pattern)
        if values:
            flow.state.assume(facts.one_of(flow.keys(subject), values))
        blocks, falls = function.body(case.body)
        if falls:
            open_ends.append(flow.state)
        nest.clauses.append(_case(case, blocks))
    if not has_default:
        open_ends.append(before)
    if open_ends:
        function.join(open_ends)
    return [*hoisted, nest], bool(open_ends)


def _case(case: ast.match_case, blocks: list[Block]) -> Clause:
    guard = "" if case.guard is None else f" if {ast.unparse(case.guard)}"
    line = case.pattern.lineno
    first = case.body[0]
    column = case.pattern.col_offset - 5
    return Clause(
        line,
        max(line, _first_line(first) - 1),
        first.lineno > line,
        lambda: f"case {ast.unparse(case.pattern)}{guard}:",
        blocks,
        column,
        first.col_offset if first.lineno > line else column + 4,
    )


def _definition(
    function: Function,
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef,
    slot: int | None,
) -> tuple[list[Block], bool]:
    flow = function.flow
    at = flow.frame.number, node.name
    if isinstance(node, ast.ClassDef):
        flow.state.names[at] = V(name(node.name), Class(node, flow.frame))
    else:
        function.nested.append(node)
        flow.may_write = False
        found: V | None = V(name(node.name), Func(node, flow.frame))
        if node.decorator_list:
            assert found is not None
            found = expressions.decorated(flow, found, node)
        if found is not None:
            flow.state.names[at] = V(name(node.name), found.value)
    return [Line(_first_line(node), node.end_lineno or node.lineno, node)], True


_COMPOUND: dict[type[ast.stmt], Callable[[Function, Any, int | None], tuple[list[Block], bool]]] = {
    ast.If: _if,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.While: _while,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Try: _try,
    ast.TryStar: _try,
    ast.Match: _match,
    ast.FunctionDef: _definition,
    ast.AsyncFunctionDef: _definition,
    ast.ClassDef: _definition,
}
