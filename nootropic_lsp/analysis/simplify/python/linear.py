"""This file is where the statements of a helper are written out in a line of the caller.

There is no room for branches and loops in it, so both branches are written one after the other, a
body once, and what they leave is joined by `a if _ else b`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

from nootropic_lsp.analysis.simplify.python import expressions, facts
from nootropic_lsp.analysis.simplify.python.flow import Flow
from nootropic_lsp.analysis.simplify.python.values import (
    MAX_ITEMS,
    Anywhere,
    Class,
    Frame,
    Func,
    Items,
    Known,
    State,
    Table,
    Truth,
    Unsupported,
    V,
    assign,
    call,
    known,
    name,
    truth,
)

_MAX_UNROLLED = 8


def run(flow: Flow, body: Sequence[ast.stmt]) -> bool:
    """Write out statements; whether control comes out at their end."""
    for statement in body:
        flow.spend()
        handler = _HANDLERS.get(type(statement))
        if handler is None:
            raise Unsupported
        if not handler(flow, statement):
            return False
    return True


def is_exit(node: ast.expr) -> bool:
    """Whether it is a call that never comes back."""
    if not isinstance(node, ast.Call):
        return False
    return ast.unparse(node.func).rpartition(".")[2] in {"abort", "exit", "_exit", "quit"}


def _expression(flow: Flow, node: ast.Expr) -> bool:
    v = flow.ev(node.value)
    if isinstance(v.node, ast.Call | ast.Await | ast.Yield):
        flow.write(ast.Expr(flow.shown(v)))
    return not is_exit(node.value)


def _assign(flow: Flow, node: ast.Assign) -> bool:
    v = flow.atom(flow.ev(node.value, True))
    for target in node.targets:
        store(flow, target, v)
    return True


def _annotated(flow: Flow, node: ast.AnnAssign) -> bool:
    if node.value is not None:
        store(flow, node.target, flow.atom(flow.ev(node.value, True)))
    return True


def _augmented(flow: Flow, node: ast.AugAssign) -> bool:
    target = node.target
    read: Any = ast.copy_location(_loaded(target), target)
    v = flow.ev(ast.copy_location(ast.BinOp(read, node.op, node.value), node), True)
    store(flow, target, flow.atom(v))
    return True


def _loaded(target: ast.expr) -> ast.expr:
    match target:
        case ast.Name(id=text):
            return name(text)
        case ast.Attribute(value=value, attr=attribute):
            return ast.Attribute(value, attribute, ast.Load())
        case ast.Subscript(value=value, slice=index):
            return ast.Subscript(value, index, ast.Load())
    raise Unsupported


def store(flow: Flow, target: ast.expr, v: V) -> None:
    """Give a target its value, in what is known and in the text."""
    match target:
        case ast.Name(id=text):
            frame = flow.frame
            if text in frame.elsewhere and frame.parent is not None:
                frame = frame.parent
            flow.state.names[frame.number, text] = v
        case ast.Tuple() | ast.List():
            _spread(flow, target, v)
        case ast.Attribute(value=value, attr=attribute):
            base = flow.ev(value, True)
            thing = flow.thing(base)
            if isinstance(thing, Table) and thing.of is not None:
                thing.entries[attribute] = v
                if not thing.is_open:
                    return
            shown = ast.Attribute(base.node, attribute, ast.Store())
            flow.write(assign(shown, flow.shown(v)))
        case ast.Subscript(value=value, slice=index):
            base, at = flow.ev(value, True), flow.ev(index, False)
            if not put(flow, base, at, v):
                shown_at = ast.Subscript(base.node, flow.shown(at), ast.Store())
                flow.write(assign(shown_at, flow.shown(v)))
        case _:
            raise Unsupported


def put(flow: Flow, base: V, at: V, v: V) -> bool:
    """Put a value into a container; whether it is known afterwards what is in it."""
    thing = flow.thing(base)
    if isinstance(thing, Items):
        key = at.value.value if isinstance(at.value, Known) else None
        if (
            isinstance(key, int)
            and not thing.is_loose
            and -len(thing.items) <= key < len(thing.items)
        ):
            thing.items[key] = v
            return True
        thing.items.append(v)
        thing.is_loose = True
        return True
    if (
        isinstance(thing, Table)
        and thing.kind == "dict"
        and thing.of is None
        and len(thing.entries) < MAX_ITEMS
    ):
        key = at.value.value if isinstance(at.value, Known) else Anywhere(flow.modules.number())
        thing.entries[key] = v
        return True
    flow.lose(base)
    return False


def _spread(flow: Flow, target: ast.Tuple | ast.List, v: V) -> None:
    frame = Frame(flow.modules.number(), flow.frame.module)
    outer, flow.frame = flow.frame, frame
    stand_ins = [ast.Name(f"{number}") for number in range(len(target.elts))]
    starred = [isinstance(each, ast.Starred) for each in target.elts]
    pattern = ast.Tuple(
        [ast.Starred(each) if is_starred else each
         for each, is_starred in zip(stand_ins, starred, strict=True)], ast.Store()
    )  # fmt: skip
    try:
        expressions.bind(flow, pattern, v)
    finally:
        flow.frame = outer
    for number, each in enumerate(target.elts):
        inner = each.value if isinstance(each, ast.Starred) else each
        store(flow, inner, flow.atom(flow.state.names.pop((frame.number, f"{number}"))))


def _return(flow: Flow, node: ast.Return) -> bool:
    v = known(None) if node.value is None else flow.ev(node.value, True)
    if flow.may_write and not isinstance(v.value, Truth):
        v = flow.atom(v)
    flow.frame.returned.append((v, dict(flow.state.facts)))
    return False


def _raise(flow: Flow, node: ast.Raise) -> bool:
    return False


def _leave(flow: Flow, node: ast.stmt) -> bool:
    if flow.leaving:
        flow.leaving[-1].append(flow.state)
    return False


def _nothing(flow: Flow, node: ast.stmt) -> bool:
    return True


def _elsewhere(flow: Flow, node: ast.Nonlocal) -> bool:
    flow.frame.elsewhere |= frozenset(node.names)
    return True


def _global(flow: Flow, node: ast.Global) -> bool:
    raise Unsupported


def _function(flow: Flow, node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    v = V(name(node.name), Func(node, flow.frame))
    decorated = expressions.decorated(flow, v, node) if node.decorator_list else v
    flow.state.names[flow.frame.number, node.name] = decorated or V(name(node.name))
    return True


def _class(flow: Flow, node: ast.ClassDef) -> bool:
    flow.state.names[flow.frame.number, node.name] = V(name(node.name), Class(node, flow.frame))
    return True


def _if(flow: Flow, node: ast.If) -> bool:
    test = expressions.condition(flow, node.test)
    decided = truth(test.value)
    if decided is not None:
        return run(flow, node.body if decided else node.orelse)
    follows = flow.truth_of(test)
    return _branches(
        flow,
        [
            (lambda: flow.state.assume(follows.when_true), node.body),
            (lambda: flow.state.assume(follows.when_false), node.orelse),
        ],
    )


def _branches(flow: Flow, several: Sequence[tuple[Callable[[], None], Sequence[ast.stmt]]]) -> bool:
    """One of several bodies, each after something is assumed."""
    before = flow.state
    open_ends: list[State] = []
    for assume, body in several:
        flow.state = before.copy()
        assume()
        if run(flow, body):
            open_ends.append(flow.state)
    if not open_ends:
        return False
    flow.state = open_ends[0]
    for each in open_ends[1:]:
        flow.join(flow.state, each)
    return True


def _for(flow: Flow, node: ast.For | ast.AsyncFor) -> bool:
    over = flow.ev(node.iter, True)
    members = expressions.elements(flow, over)
    if members is not None and len(members) <= _MAX_UNROLLED:
        for member in members:
            store(flow, node.target, member)
            if not _once(flow, node.body, None):
                return False
        return run(flow, node.orelse)
    before = flow.state.copy()
    store(flow, node.target, flow.kept(V(call("next", call("iter", flow.shown(over))))))
    _once(flow, node.body, before)
    return run(flow, node.orelse)


def _while(flow: Flow, node: ast.While) -> bool:
    test = expressions.condition(flow, node.test)
    if truth(test.value) is False:
        return run(flow, node.orelse)
    before = flow.state.copy()
    flow.state.assume(flow.truth_of(test).when_true)
    _once(flow, node.body, before)
    return run(flow, node.orelse)


def _once(flow: Flow, body: Sequence[ast.stmt], skipped: State | None) -> bool:
    """The body of a loop, joined with what holds if it is not run at all."""
    flow.leaving.append([] if skipped is None else [skipped])
    falls = run(flow, body)
    open_ends = flow.leaving.pop()
    if falls:
        open_ends.insert(0, flow.state)
    if not open_ends:
        return False
    flow.state = open_ends[0]
    for each in open_ends[1:]:
        flow.join(flow.state, each)
    return True


def _with(flow: Flow, node: ast.With | ast.AsyncWith) -> bool:
    for item in node.items:
        v = flow.ev(item.context_expr, True)
        if item.optional_vars is not None:
            store(flow, item.optional_vars, flow.atom(v))
        elif isinstance(v.node, ast.Call):
            flow.write(ast.Expr(flow.shown(v)))
    return run(flow, node.body)


def _try(flow: Flow, node: ast.Try) -> bool:
    before = flow.state.copy()
    falls = run(flow, node.body) and run(flow, node.orelse)
    after = flow.state
    open_ends = [after] if falls else []
    for handler in node.handlers:
        flow.state = before.copy()
        if handler.name is not None:
            flow.state.names[flow.frame.number, handler.name] = V(name(handler.name))
        if run(flow, handler.body):
            open_ends.append(flow.state)
    if not open_ends:
        flow.state = after
        return run(flow, node.finalbody) and False
    flow.state = open_ends[0]
    for each in open_ends[1:]:
        flow.join(flow.state, each)
    return run(flow, node.finalbody)


def _match(flow: Flow, node: ast.Match) -> bool:
    subject = flow.ev(node.subject, True)
    taken = chosen(subject, node.cases)
    if taken is not None:
        return run(flow, taken.body)
    several: list[tuple[Callable[[], None], Sequence[ast.stmt]]] = []
    has_default = False
    for case in node.cases:
        has_default |= case.guard is None and is_wildcard(case.pattern)
        several.append((_assumption(flow, subject, case), case.body))
    if not has_default:
        several.append((lambda: None, ()))
    return _branches(flow, several)


def _assumption(flow: Flow, subject: V, case: ast.match_case) -> Callable[[], None]:
    def assume() -> None:
        for text in captured(case.pattern):
            flow.state.names[flow.frame.number, text] = V(flow.shown(subject))
        values = pattern_values(case.pattern)
        if values:
            flow.state.assume(facts.one_of(flow.keys(subject), values))

    return assume


def chosen(subject: V, cases: Sequence[ast.match_case]) -> ast.match_case | None:
    """The case that is taken, where that is known."""
    if not isinstance(subject.value, Known):
        return None
    for case in cases:
        values = pattern_values(case.pattern)
        if case.guard is not None:
            return None
        if values is not None:
            if subject.value.value in values:
                return case
        elif is_wildcard(case.pattern):
            return case
        else:
            return None
    return None


def pattern_values(pattern: ast.pattern) -> list[object] | None:
    """The constants that a pattern stands for, if it stands for nothing else."""
    match pattern:
        case ast.MatchValue(value=ast.Constant(value=value)) | ast.MatchSingleton(value=value):
            return [value]
        case ast.MatchOr(patterns=patterns):
            found: list[object] = []
            for each in patterns:
                values = pattern_values(each)
                if values is None:
                    return None
                found += values
            return found
    return None


def is_wildcard(pattern: ast.pattern) -> bool:
    return isinstance(pattern, ast.MatchAs) and pattern.pattern is None


def captured(pattern: ast.pattern) -> list[str]:
    """The names that a pattern gives values."""
    found = []
    for each in ast.walk(pattern):
        if isinstance(each, ast.MatchAs | ast.MatchStar) and each.name is not None:
            found.append(each.name)
        elif isinstance(each, ast.MatchMapping) and each.rest is not None:
            found.append(each.rest)
    return found


_HANDLERS: dict[type[ast.stmt], Callable[[Flow, Any], bool]] = {
    ast.Expr: _expression,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.Return: _return,
    ast.Raise: _raise,
    ast.Break: _leave,
    ast.Continue: _leave,
    ast.Pass: _nothing,
    ast.Import: _nothing,
    ast.ImportFrom: _nothing,
    ast.Delete: _nothing,
    ast.Assert: _nothing,
    ast.Nonlocal: _elsewhere,
    ast.Global: _global,
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
    ast.If: _if,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.While: _while,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Try: _try,
    ast.TryStar: _try,
    ast.Match: _match,
}
