"""This file is where we say what is known of an expression, and write it more simply."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterator
from typing import Any

from nootropic_lsp.analysis.simplify.python import facts, texts
from nootropic_lsp.analysis.simplify.python.flow import Flow, rebuilt, same
from nootropic_lsp.analysis.simplify.python.values import (
    MAX_ITEMS,
    NO_FACTS,
    Address,
    Anywhere,
    Class,
    Facts,
    Files,
    Frame,
    Func,
    Items,
    Known,
    Matched,
    Module,
    Ref,
    Resolved,
    Table,
    Truth,
    Unsupported,
    V,
    call,
    choice,
    constants,
    is_plain,
    known,
    name,
    some,
    truth,
)

_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
    ast.Pow: operator.pow,
}
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.In: lambda one, other: one in other,
    ast.NotIn: lambda one, other: one not in other,
}
_MAX_UNROLLED = 8
_LARGE = 1 << 40


def evaluate(flow: Flow, node: ast.expr, track: bool) -> V:
    """What is known of an expression, and how it can be written."""
    handler = _HANDLERS.get(type(node))
    if handler is None:
        return _plain(flow, node)
    return handler(flow, node, track)


def _plain(flow: Flow, node: ast.expr) -> V:
    changed: dict[str, Any] = {}
    for field in node._fields:
        value = getattr(node, field, None)
        if isinstance(value, ast.expr):
            changed[field] = flow.show(value)
        elif isinstance(value, list):
            changed[field] = [flow.show(v) if isinstance(v, ast.expr) else v for v in value]
    return V(rebuilt(node, **changed))


def _constant(flow: Flow, node: ast.Constant, track: bool) -> V:
    return V(node, None if node.value is Ellipsis else Known(node.value))


# Names.


def look_up(flow: Flow, node: ast.Name) -> V:
    frame: Frame | None = flow.frame
    while frame is not None and frame.number:
        found = flow.state.names.get((frame.number, node.id))
        if found is not None:
            return flow.refined(found)
        if node.id in frame.local:
            return flow.refined(V(node))
        if frame.parent is None:
            frame = frame.module.frame
            break
        frame = frame.parent
    module = flow.frame.module if frame is None else frame.module
    found = of_module(flow, module, node.id)
    if found is not None:
        shown = node if module.is_home else found.node
        return flow.load(module, V(shown, found.value))
    return flow.refined(V(node))


def of_module(flow: Flow, module: Module, text: str) -> V | None:
    """What a module means by a name."""
    if text not in module.values:
        module.values[text] = None
        module.values[text] = _found(flow, module, text)
    return module.values[text]


def _found(flow: Flow, module: Module, text: str) -> V | None:
    if text in module.definitions:
        return _defined(flow, module, text)
    if text not in module.imports:
        return None
    origin, attribute = module.imports[text]
    target = flow.modules.imported(module, origin)
    if target is not None and attribute:
        found = of_module(flow, target, attribute)
        if found is not None:
            module.heap.update(target.heap)
            return V(name(text) if module.is_home else found.node, found.value)
    if attribute:
        inner = origin if origin.endswith(".") else origin + "."
        target = flow.modules.imported(module, inner + attribute)
    if target is not None:
        return V(name(text), Files(target.frame))
    if module.is_home:
        return None
    dotted = f"{origin}.{attribute}" if attribute else origin
    try:
        return V(ast.parse(dotted.lstrip("."), mode="eval").body)
    except SyntaxError:
        return None


def _defined(flow: Flow, module: Module, text: str) -> V | None:
    statement = module.definitions[text]
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return decorated(flow, V(name(text), Func(statement, module.frame)), statement)
        case ast.ClassDef():
            return V(name(text), Class(statement, module.frame))
        case ast.Assign(targets=[ast.Name()]) | ast.AnnAssign(value=ast.expr()):
            return _of_assignment(flow, module, text, statement.value)  # type: ignore[arg-type]
    return None


def _of_assignment(flow: Flow, module: Module, text: str, value: ast.expr) -> V | None:
    if isinstance(value, ast.Constant):
        return V(name(text), Known(value.value))
    apart = Flow(flow.modules, Frame(flow.modules.number(), module, is_linear=True),
                 flow.engine)  # fmt: skip
    apart.stack = list(flow.stack)
    try:
        found = apart.ev(value, True)
    except Unsupported:
        return None
    if found.value is None or isinstance(found.value, Truth | Address):
        return None
    for oid, thing in apart.state.heap.items():
        if isinstance(thing, Table):
            for key, v in thing.entries.items():
                if v.value is None:
                    thing.entries[key] = V(_part(text, key, thing))
        else:
            thing.items = [
                V(ast.Subscript(name(text), ast.Constant(number), ast.Load()), v.value)
                if v.value is None
                else v
                for number, v in enumerate(thing.items)
            ]
        module.heap[oid] = thing
    return V(name(text), found.value)


def _part(text: str, key: object, thing: Table) -> ast.expr:
    if thing.of is not None:
        return ast.Attribute(name(text), str(key), ast.Load())
    return ast.Subscript(name(text), known(key).node, ast.Load())


def decorated(flow: Flow, v: V, node: ast.FunctionDef | ast.AsyncFunctionDef) -> V | None:
    """A function as its decorators leave it: those of this workspace are applied."""
    assert isinstance(v.value, Func)
    outer = Flow(flow.modules, v.value.frame, flow.engine)
    outer.state, outer.stack = flow.state, list(flow.stack)
    for decorator in reversed(node.decorator_list):
        if isinstance(decorator, ast.Name | ast.Call):
            try:
                function = outer.ev(decorator)
            except Unsupported:
                return None
            if isinstance(function.value, Func):
                result = outer.engine.inline(outer, function.value, [v], {})
                if result is None or not isinstance(result.value, Func):
                    return None
                v = result
    return v


def _name(flow: Flow, node: ast.Name, track: bool) -> V:
    return look_up(flow, node)


def _attribute(flow: Flow, node: ast.Attribute, track: bool) -> V:
    if flow.frame.module.dotted:
        text = ast.unparse(node) if isinstance(node.value, ast.Name | ast.Attribute) else ""
        if text in flow.frame.module.dotted:
            target = flow.modules.imported(flow.frame.module, text)
            if target is not None:
                return V(node, Files(target.frame))
    base = flow.ev(node.value, True)
    found = attribute(flow, base, node.attr)
    if found is not None:
        return found
    if isinstance(base.value, Ref) and isinstance(flow.thing(base), Table):
        return flow.refined(V(rebuilt(node, value=base.node)))
    return _in_sight(flow, V(rebuilt(node, value=flow.shown(base))))


def _in_sight(flow: Flow, v: V) -> V:
    """A part of something that other functions may have put there."""
    found = flow.before.place(flow, v.node) if flow.before is not None else None
    return found or flow.refined(v)


def attribute(flow: Flow, base: V, text: str) -> V | None:
    """An attribute of something known."""
    match base.value:
        case Files(frame):
            found = of_module(flow, frame.module, text)
            return None if found is None else flow.load(frame.module, found)
        case Class() as owner:
            return of_class(flow, owner, text, None)
        case Address(keys, "") if text in {"netloc", "hostname", "scheme", "path", "host"}:
            shown = ast.Attribute(flow.shown(base), text, ast.Load())
            return flow.refined(V(shown, Address(keys, text)))
    thing = flow.thing(base)
    if isinstance(thing, Table) and thing.of is not None:
        if text in thing.entries:
            return flow.refined(thing.entries[text])
        found = of_class(flow, thing.of, text, base)
        if found is None and thing.is_open and flow.before is not None:
            return flow.before.attribute(flow, thing.of, base, text)
        return found
    return None


def of_class(flow: Flow, owner: Class, text: str, this: V | None) -> V | None:
    """What a class, or an object of it, has under a name."""
    member = _member(flow, owner, text)
    if member is None:
        return None
    statement, home = member
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
        return _method(flow, statement, home, owner, this)
    if this is not None and text in flow.modules.assigned_attributes(home.node):
        thing = flow.thing(this)
        if not isinstance(thing, Table) or thing.is_open:
            return None
    if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
        apart = Flow(flow.modules, Frame(flow.modules.number(), home.frame.module, is_linear=True),
                     flow.engine)  # fmt: skip
        apart.state, apart.may_write, apart.stack = flow.state, False, flow.stack
        try:
            found = apart.ev(statement.value, True)
        except Unsupported:
            return None
        if found.value is not None:
            if _is_enumeration(home.node):
                return V(found.node, found.value)
            shown = this or V(name(owner.node.name))
            node = ast.Attribute(shown.node, text, ast.Load())
            return V(found.node if isinstance(found.value, Known) else node, found.value)
    return None


def _method(
    flow: Flow,
    node: ast.FunctionDef | ast.AsyncFunctionDef,
    home: Class,
    owner: Class,
    this: V | None,
) -> V | None:
    shown = ast.Attribute((this or V(name(owner.node.name))).node, node.name, ast.Load())
    names = {each.id for each in node.decorator_list if isinstance(each, ast.Name)}
    if "staticmethod" in names:
        return V(shown, Func(node, home.frame))
    if "classmethod" in names:
        return V(shown, Func(node, home.frame, (V(name(owner.node.name), owner),)))
    if this is None:
        return V(shown, Func(node, home.frame))
    function = Func(node, home.frame, (this,))
    if "property" in names or "cached_property" in names:
        return flow.engine.inline(flow, function, [], {})
    return V(shown, function)


def _member(flow: Flow, owner: Class, text: str, depth: int = 0) -> tuple[ast.stmt, Class] | None:
    found: ast.stmt | None = None
    for statement in owner.node.body:
        match statement:
            case ast.FunctionDef(name=each) | ast.AsyncFunctionDef(name=each) if each == text:
                found = statement
            case ast.Assign(targets=[ast.Name(id=each)]) if each == text:
                found = statement
            case ast.AnnAssign(target=ast.Name(id=each)) if each == text:
                found = statement
    if found is not None:
        return found, owner
    for base in owner.node.bases if depth < 4 else ():
        v = of_module(flow, owner.frame.module, base.id) if isinstance(base, ast.Name) else None
        if v is not None and isinstance(v.value, Class):
            member = _member(flow, v.value, text, depth + 1)
            if member is not None:
                return member
    return None


def _is_enumeration(node: ast.ClassDef) -> bool:
    bases = {ast.unparse(each).rpartition(".")[2] for each in node.bases}
    return bool(bases & {"Enum", "StrEnum", "IntEnum"})


# Operators.


def _binary(flow: Flow, node: ast.BinOp, track: bool) -> V:
    left = flow.ev(node.left, True)
    right = flow.ev(node.right, True)
    if isinstance(left.value, Known) and isinstance(right.value, Known):
        folded = _folded(node.op, left.value.value, right.value.value)
        if folded is not None:
            return V(node if _is_literal(node) else folded.node, folded.value)
    one, other = flow.thing(left), flow.thing(right)
    if (
        isinstance(node.op, ast.Add)
        and isinstance(one, Items)
        and isinstance(other, Items)
        and (one.kind == other.kind and not (one.is_loose or other.is_loose))
    ):
        made = flow.make(node, Items(one.kind, one.items + other.items))
        return V(flow.shown(made), made.value)
    if isinstance(node.op, ast.BitOr) and isinstance(one, Table) and isinstance(other, Table):
        made = flow.make(node, Table({**one.entries, **other.entries}))
        return V(flow.shown(made), made.value)
    if isinstance(node.op, ast.Mod) and isinstance(left.value, Known) and isinstance(other, Table):
        used = re.findall(r"%\((\w+)\)", str(left.value.value))
        if used and all(each in other.entries for each in used):
            picked = flow.make(right.node, Table({each: other.entries[each] for each in used}))
            right = picked
    shown_left, shown_right = flow.shown(left), flow.shown(right)
    if isinstance(node.op, ast.Add):
        shown_right = texts.quoted(texts.end_of(shown_left), shown_right)
        result = rebuilt(node, left=shown_left, right=shown_right)
        return V(texts.starting(texts.start_of(shown_left), result))
    if isinstance(node.op, ast.Mod) and isinstance(left.value, Known):
        before = re.split(r"%(?:\(\w+\))?[^%a-zA-Z]*[a-zA-Z]", str(left.value.value))
        result = rebuilt(node, left=shown_left, right=_quoted_values(shown_right, before))
        return V(texts.starting(before[0], result))
    return V(rebuilt(node, left=shown_left, right=shown_right))


def _quoted_values(node: ast.expr, before: list[str]) -> ast.expr:
    """The values of a format, those marked that cannot leave the quotes around them."""
    if isinstance(node, ast.Tuple):
        values = [texts.quoted(text, v) for text, v in zip(before, node.elts, strict=False)]
        return rebuilt(node, elts=values) if len(values) == len(node.elts) else node
    if isinstance(node, ast.Dict):
        return node
    return texts.quoted(before[0], node)


def _is_literal(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) or (
        isinstance(node, ast.BinOp) and _is_literal(node.left) and _is_literal(node.right)
    )


def _folded(op: ast.operator, left: Any, right: Any) -> V | None:
    function = _BINARY.get(type(op))
    if function is None:
        return None
    numbers = [each for each in (left, right) if isinstance(each, int | float)]
    if any(abs(each) > _LARGE for each in numbers):
        return None
    if isinstance(op, ast.Pow | ast.LShift) and (len(numbers) < 2 or abs(right) > 16):
        return None
    if isinstance(op, ast.Mult) and len(numbers) < 2 and any(abs(n) > 200 for n in numbers):
        return None
    try:
        result = function(left, right)
    except Exception:  # noqa: BLE001 -- whatever the program would raise there, it is no constant
        return None
    return known(result) if is_plain(result) else None


def _unary(flow: Flow, node: ast.UnaryOp, track: bool) -> V:
    operand = flow.ev(node.operand)
    if isinstance(node.op, ast.Not):
        decided = truth(operand.value)
        if decided is not None:
            return known(not decided)
        follows = flow.truth_of(_as_condition(flow, operand))
        return V(
            rebuilt(node, operand=flow.shown(operand)),
            Truth(follows.when_false, follows.when_true),
        )
    if isinstance(operand.value, Known) and isinstance(operand.value.value, int | float):
        value = operand.value.value
        match node.op:
            case ast.USub():
                return V(node, Known(-value))
            case ast.UAdd():
                return V(node, Known(value))
    return V(rebuilt(node, operand=flow.shown(operand)))


def _as_condition(flow: Flow, v: V) -> V:
    """A value used as a condition: a part of an address that is empty, for instance."""
    if isinstance(v.value, Address) and v.value.part in {"netloc", "hostname", "host"}:
        return V(v.node, Truth(NO_FACTS, facts.fact(v.value.keys, "host")))
    if isinstance(v.value, Matched):
        return V(v.node, Truth(v.value.holds, NO_FACTS))
    return v


def condition(flow: Flow, node: ast.expr) -> V:
    """An expression whose truth matters."""
    return _as_condition(flow, flow.ev(node))


def _boolean(flow: Flow, node: ast.BoolOp, track: bool) -> V:
    is_and = isinstance(node.op, ast.And)
    before = flow.state.facts
    flow.state.facts = dict(before)
    kept: list[V] = []
    when_true: Facts = NO_FACTS
    when_false: Facts = NO_FACTS
    try:
        for operand in node.values:
            v = _as_condition(flow, flow.ev(operand, track))
            decided = truth(v.value)
            if decided is (not is_and):
                # Nothing after it is looked at.
                kept.append(v)
                break
            if decided is None or operand is node.values[-1]:
                kept.append(v)
            follows = flow.truth_of(v)
            if is_and:
                when_true = facts.both(when_true, follows.when_true)
                flow.state.assume(follows.when_true)
            else:
                when_false = facts.both(when_false, follows.when_false)
                flow.state.assume(follows.when_false)
    finally:
        flow.state.facts = before
    if len(kept) == 1:
        return kept[0]
    if is_and and truth(kept[-1].value) is False:
        return known(False)
    if (
        not is_and
        and truth(kept[-1].value) is True
        and isinstance(kept[-1].value, Known)
        and kept[-1].value.value is True
    ):
        return known(True)
    parts = [constants(each.value) for each in kept]
    if not is_and and all(each is not None for each in parts):
        return some(value for each in parts for value in each or ())
    outcomes = [flow.truth_of(each) for each in kept]
    if is_and:
        when_false = _common([each.when_false for each in outcomes])
    else:
        when_true = _common([each.when_true for each in outcomes])
    return V(
        rebuilt(node, values=[flow.shown(each) for each in kept]), Truth(when_true, when_false)
    )


def _common(several: list[Facts]) -> Facts:
    result = several[0]
    for each in several[1:]:
        result = facts.either(result, each)
    return result


def _compare(flow: Flow, node: ast.Compare, track: bool) -> V:
    values = [flow.ev(each, True) for each in (node.left, *node.comparators)]
    if len(values) == 2:
        left, right = values
        op = node.ops[0]
        decided = _decided(flow, op, left, right)
        if decided is not None:
            return known(decided)
        shown = rebuilt(node, left=flow.shown(left), comparators=[flow.shown(right)])
        return V(shown, _said(flow, op, left, right))
    nodes = [flow.shown(each) for each in values]
    return V(rebuilt(node, left=nodes[0], comparators=nodes[1:]))


def _decided(flow: Flow, op: ast.cmpop, left: V, right: V) -> bool | None:
    function = _COMPARE.get(type(op))
    lefts = constants(left.value)
    rights = constants(right.value)
    if rights is None and isinstance(op, ast.In | ast.NotIn):
        members = collection(flow, right)
        rights = None if members is None else (members,)
    if (
        isinstance(op, ast.Is | ast.IsNot)
        and rights == (None,)
        and lefts is None
        and isinstance(left.value, Ref | Func | Class)
    ):
        return isinstance(op, ast.IsNot)
    if function is None or lefts is None or rights is None or len(lefts) * len(rights) > 64:
        return None
    try:
        results = {bool(function(one, other)) for one in lefts for other in rights}
    except Exception:  # noqa: BLE001 -- the comparison fails there, so it says nothing
        return None
    return results.pop() if len(results) == 1 else None


def collection(flow: Flow, v: V) -> tuple[object, ...] | None:
    """The constants that a collection consists of."""
    thing = flow.thing(v)
    if isinstance(v.value, Known) and isinstance(v.value.value, tuple | frozenset):
        return tuple(v.value.value)
    if isinstance(thing, Table) and thing.kind == "dict":
        return tuple(thing.entries)
    if isinstance(thing, Items):
        found: list[object] = []
        for each in thing.items:
            values = constants(each.value)
            if values is None:
                return None
            found += values
        return tuple(found)
    return None


def _said(flow: Flow, op: ast.cmpop, left: V, right: V) -> Truth | None:
    """What a comparison says of its operands."""
    is_positive = isinstance(op, ast.Eq | ast.In | ast.Is)
    holds: Facts = NO_FACTS
    fails: Facts = NO_FACTS
    if isinstance(op, ast.In | ast.NotIn):
        holds, fails = _membership(flow, left, right)
    elif isinstance(op, ast.Eq | ast.NotEq | ast.Is | ast.IsNot):
        if constants(left.value) is not None and constants(right.value) is None:
            left, right = right, left
        if isinstance(left.value, Address):
            holds = _of_address(left.value)
            if (values := constants(right.value)) is not None:
                holds = facts.both(holds, facts.one_of(flow.keys(left), values))
        elif (values := constants(right.value)) is not None:
            if values[0] is None:
                # `x is None` is what a match that failed says.
                follows = _as_condition(flow, left)
                if isinstance(follows.value, Truth):
                    holds, fails = follows.value.when_false, follows.value.when_true
            else:
                holds = facts.one_of(flow.keys(left), values)
        else:
            holds, fails = _same_path(flow, left, right)
    elif isinstance(op, ast.Gt | ast.GtE | ast.Lt | ast.LtE):
        return None
    if not holds and not fails:
        return None
    return Truth(holds, fails) if is_positive else Truth(fails, holds)


def _membership(flow: Flow, left: V, right: V) -> tuple[Facts, Facts]:
    if isinstance(left.value, Known) and isinstance(left.value.value, str):
        # `"'" in x`
        if constants(right.value) is None and left.value.value:
            return NO_FACTS, facts.fact(flow.keys(right), "lacks", left.value.value)
        return NO_FACTS, NO_FACTS
    if isinstance(left.value, Address):
        own = facts.one_of(flow.keys(left), collection(flow, right) or ())
        return facts.both(_of_address(left.value), own), NO_FACTS
    if isinstance(right.value, Known) and isinstance(right.value.value, str):
        return facts.one_of(flow.keys(left), right.value.value[:1]), NO_FACTS
    members = collection(flow, right)
    if members:
        return facts.one_of(flow.keys(left), members), NO_FACTS
    if isinstance(right.node, ast.Attribute) and right.node.attr == "parents":
        owner = flow.ev(right.node.value)
        if isinstance(owner.value, Resolved):
            return facts.fact(flow.keys(owner), "inside"), NO_FACTS
    if members is None and isinstance(right.node, ast.Name | ast.Attribute):
        return facts.fact(flow.keys(left), "member", ast.unparse(right.node)), NO_FACTS
    return NO_FACTS, NO_FACTS


def _of_address(address: Address) -> Facts:
    if address.part in {"netloc", "hostname", "host"}:
        return facts.fact(address.keys, "host")
    return NO_FACTS


def _same_path(flow: Flow, left: V, right: V) -> tuple[Facts, Facts]:
    """`os.path.commonpath([base, path]) == base`."""
    for one in (left, right):
        if isinstance(one.node, ast.Call) and ast.unparse(one.node.func).endswith("commonpath"):
            holds: Facts = NO_FACTS
            for each in ast.walk(one.node):
                if isinstance(each, ast.Name):
                    v = look_up(flow, each)
                    if isinstance(v.value, Resolved):
                        holds = facts.both(holds, facts.fact((each.id,), "inside"))
            return holds, NO_FACTS
    return NO_FACTS, NO_FACTS


def _conditional(flow: Flow, node: ast.IfExp, track: bool) -> V:
    test = condition(flow, node.test)
    decided = truth(test.value)
    if decided is not None:
        return flow.ev(node.body if decided else node.orelse, track)
    follows = flow.truth_of(test)
    before = dict(flow.state.facts)
    flow.state.assume(follows.when_true)
    body = flow.ev(node.body, track)
    flow.state.facts = dict(before)
    flow.state.assume(follows.when_false)
    orelse = flow.ev(node.orelse, track)
    flow.state.facts = before
    joined = flow.joined(body, orelse)
    if isinstance(joined.node, ast.IfExp):
        return V(
            rebuilt(node, test=flow.shown(test), body=flow.shown(body), orelse=flow.shown(orelse))
        )
    return joined


# Texts and subscripts.


def _format(flow: Flow, node: ast.JoinedStr, track: bool) -> V:
    parts: list[ast.expr] = []
    text: str | None = ""
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            inner = flow.ev(part.value)
            if text is not None:
                text = _formatted(text, part, inner)
            shown = flow.shown(inner)
            if isinstance(inner.value, Known) and isinstance(inner.value.value, str):
                shown = part.value
                if not isinstance(shown, ast.Name):
                    shown = name("_") if "'" in str(inner.value.value) else inner.node
            parts.append(rebuilt(part, value=texts.quoted(texts.end_of(parts), shown)))
        else:
            if text is not None and isinstance(part, ast.Constant):
                text += str(part.value)
            parts.append(part)
    if text is not None:
        return V(node if len(text) > 2000 else known(text).node, Known(text))
    return V(texts.starting(texts.start_of(parts), rebuilt(node, values=parts)))


def _formatted(text: str, part: ast.FormattedValue, inner: V) -> str | None:
    if not isinstance(inner.value, Known) or part.format_spec is not None:
        return None
    value = inner.value.value
    if part.conversion == 114:
        return text + repr(value)
    return text + str(value)


def _subscript(flow: Flow, node: ast.Subscript, track: bool) -> V:
    base = flow.ev(node.value, True)
    if isinstance(node.slice, ast.Slice):
        return _sliced(flow, node, node.slice, base)
    index = flow.ev(node.slice)
    found = element(flow, base, index)
    if found is not None:
        return flow.refined(found)
    return _in_sight(flow, V(rebuilt(node, value=_owner(flow, base), slice=flow.shown(index))))


def _owner(flow: Flow, base: V) -> ast.expr:
    return flow.shown(base)


def element(flow: Flow, base: V, index: V) -> V | None:
    """An element of something known."""
    thing = flow.thing(base)
    if isinstance(base.value, Known) and isinstance(index.value, Known):
        try:
            found = base.value.value[index.value.value]  # type: ignore[index]
        except Exception:  # noqa: BLE001 -- the program fails there
            return None
        return known(found) if is_plain(found) else None
    if isinstance(thing, Items):
        if not thing.is_loose and isinstance(index.value, Known):
            try:
                return thing.items[index.value.value]  # type: ignore[call-overload,no-any-return]
            except (IndexError, TypeError):
                return None
        return _any(flow, thing.items)
    if isinstance(thing, Table):
        if thing.kind == "configuration":
            return _section(flow, thing, index)
        if isinstance(index.value, Known):
            try:
                return entry(flow, thing, index.value.value)
            except TypeError:
                return None
        if thing.entries and thing.of is None:
            return _any(flow, list(thing.entries.values()))
    if isinstance(base.value, Class) and _is_enumeration(base.value.node):
        return _any_member(base.value)
    return None


def entry(flow: Flow, thing: Table, key: object) -> V | None:
    """What a dict has under a key."""
    several = [v for each, v in thing.entries.items() if isinstance(each, Anywhere)]
    if key in thing.entries:
        several.append(thing.entries[key])
    return _any(flow, several)


def _section(flow: Flow, thing: Table, index: V) -> V | None:
    if not isinstance(index.value, Known):
        return None
    entries = {
        key[1]: v
        for key, v in thing.entries.items()
        if isinstance(key, tuple) and key[0] == index.value.value
    }
    return flow.make(ast.Dict([], []), Table(dict(entries)))


def _any_member(owner: Class) -> V | None:
    values = [
        each.value.value
        for each in owner.node.body
        if isinstance(each, ast.Assign) and isinstance(each.value, ast.Constant)
    ]
    return some(values) if values else None


def _any(flow: Flow, items: list[V]) -> V | None:
    if not items:
        return None
    if all(isinstance(each.value, Func | Class) for each in items):
        return choice(items)
    result = items[0]
    for each in items[1:]:
        result = flow.joined(result, each)
    return result


def _sliced(flow: Flow, node: ast.Subscript, part: ast.Slice, base: V) -> V:
    bounds = [None if each is None else flow.ev(each) for each in (part.lower, part.upper,
                                                                  part.step)]  # fmt: skip
    values = [
        None if each is None else each.value.value if isinstance(each.value, Known) else ...
        for each in bounds
    ]
    thing = flow.thing(base)
    if ... not in values:
        cut = slice(*values)
        try:
            if isinstance(base.value, Known):
                found = base.value.value[cut]  # type: ignore[index]
                if is_plain(found):
                    return known(found)
            elif isinstance(thing, Items) and not thing.is_loose:
                made = flow.make(node, Items(thing.kind, thing.items[cut]))  # type: ignore[index]
                return V(flow.shown(made), made.value)
        except (TypeError, ValueError):
            pass
    if not isinstance(node.ctx, ast.Load):
        return V(node)
    shown = [ast.Constant(None) if each is None else flow.shown(each) for each in bounds]
    inner = ast.Attribute(flow.shown(base), "__getitem__", ast.Load())
    return V(ast.Call(inner, [call("slice", *shown)], []))


# Displays and comprehensions.


def _display(flow: Flow, node: ast.List | ast.Tuple | ast.Set, track: bool) -> V:
    kind = {ast.List: "list", ast.Tuple: "tuple", ast.Set: "set"}[type(node)]
    if not isinstance(getattr(node, "ctx", None), ast.Load | None):
        return V(node)
    items = [flow.ev(each, track) for each in _spread(flow, node.elts)]
    if kind != "list" and items and all(isinstance(v.value, Known) for v in items):
        values = [v.value.value for v in items]  # type: ignore[union-attr]
        if len(values) <= 200 and all(isinstance(v, str | int | float | None) for v in values):
            return V(node, Known(tuple(values) if kind == "tuple" else frozenset(values)))
    shown: V = V(rebuilt(node, elts=[flow.shown(each) for each in items]))
    if (
        track
        and not any(isinstance(each, ast.Starred) for each in node.elts)
        and (len(items) <= MAX_ITEMS or all(isinstance(v.value, Known | Func) for v in items))
    ):
        try:
            items = [flow.atom(each) for each in items]
        except Unsupported:
            return shown
        made = flow.make(node, Items("list" if kind == "set" else kind, items))
        return V(flow.shown(made), made.value)
    return shown


def _spread(flow: Flow, nodes: list[ast.expr]) -> Iterator[ast.expr]:
    for each in nodes:
        if isinstance(each, ast.Starred):
            thing = flow.thing(flow.ev(each.value, True))
            if isinstance(thing, Items) and not thing.is_loose:
                for inner in thing.items:
                    yield inner.node
                continue
        yield each


def _starred(flow: Flow, node: ast.Starred, track: bool) -> V:
    return V(rebuilt(node, value=flow.show(node.value)))


def _dictionary(flow: Flow, node: ast.Dict, track: bool) -> V:
    entries: dict[object, V] = {}
    is_clear = True
    keys: list[ast.expr | None] = []
    values: list[ast.expr] = []
    for key, value in zip(node.keys, node.values, strict=True):
        v = flow.ev(value, track or key is None)
        if key is None:
            thing = flow.thing(v)
            if isinstance(thing, Table) and thing.kind == "dict":
                entries.update(thing.entries)
            else:
                is_clear = False
        else:
            at = flow.ev(key)
            if isinstance(at.value, Known) and isinstance(at.value.value, str | int | None):
                entries[at.value.value] = v
            else:
                is_clear = False
        keys.append(key)
        values.append(flow.shown(v))
    shown = V(rebuilt(node, keys=keys, values=values))
    if track and is_clear:
        are_fixed = all(isinstance(v.value, Known | Func | Class) for v in entries.values())
        if len(entries) <= MAX_ITEMS or (are_fixed and len(entries) <= 200):
            try:
                entries = {key: flow.atom(v) for key, v in entries.items()}
            except Unsupported:
                return shown
            made = flow.make(node, Table(entries))
            return V(flow.shown(made), made.value)
    return shown


def _comprehension(
    flow: Flow, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp, track: bool
) -> V:
    if len(node.generators) == 1:
        generator = node.generators[0]
        over = flow.ev(generator.iter, True)
        members = elements(flow, over)
        if members is not None and len(members) <= _MAX_UNROLLED:
            unrolled = _unrolled(flow, node, generator, members)
            if unrolled is not None:
                return unrolled
        return _each(flow, node, generator, over)
    return _nested(flow, node)


def elements(flow: Flow, v: V) -> list[V] | None:
    """What a loop over this goes through."""
    thing = flow.thing(v)
    if isinstance(thing, Items):
        return list(thing.items)
    if isinstance(thing, Table) and thing.of is None:
        return [known(key) for key in thing.entries]
    if isinstance(v.value, Known) and isinstance(v.value.value, tuple):
        return [known(each) for each in v.value.value]
    return None


def bind(flow: Flow, target: ast.expr, v: V) -> None:
    """Give names in the current frame their values."""
    if isinstance(target, ast.Name):
        flow.state.names[flow.frame.number, target.id] = v
        return
    if isinstance(target, ast.Tuple | ast.List):
        thing = flow.thing(v)
        parts: list[V] | None = None
        if isinstance(thing, Items) and not thing.is_loose:
            parts = thing.items
        elif isinstance(v.value, Known) and isinstance(v.value.value, tuple):
            parts = [known(each) for each in v.value.value]
        is_starred = any(isinstance(each, ast.Starred) for each in target.elts)
        if parts is not None and len(parts) == len(target.elts) and not is_starred:
            for each, part in zip(target.elts, parts, strict=True):
                bind(flow, each, part)
            return
        for number, each in enumerate(target.elts):
            inner = each.value if isinstance(each, ast.Starred) else each
            index = ast.Constant(number)
            bind(flow, inner, V(ast.Subscript(flow.shown(v), index, ast.Load())))
        return
    raise Unsupported


def _inside(flow: Flow, targets: frozenset[str]) -> Frame:
    return Frame(
        flow.modules.number(), flow.frame.module, flow.frame, targets, flow.frame.is_linear
    )


def _unrolled(flow: Flow, node: Any, generator: ast.comprehension, members: list[V]) -> V | None:
    outer = flow.frame
    flow.frame = _inside(flow, frozenset())
    items: list[V] = []
    entries: dict[object, V] = {}
    try:
        for member in members:
            bind(flow, generator.target, member)
            tests = [condition(flow, each) for each in generator.ifs]
            if any(truth(each.value) is False for each in tests):
                continue
            before = dict(flow.state.facts)
            for each in tests:
                flow.state.assume(flow.truth_of(each).when_true)
            if isinstance(node, ast.DictComp):
                key = flow.ev(node.key)
                if not isinstance(key.value, Known):
                    return None
                entries[key.value.value] = flow.atom(flow.ev(node.value, True))
            else:
                items.append(flow.atom(flow.ev(node.elt, True)))
            flow.state.facts = before
    except (Unsupported, TypeError):
        return None
    finally:
        flow.frame = outer
    made = flow.make(
        node, Table(entries) if isinstance(node, ast.DictComp) else Items("list", items)
    )
    return V(flow.shown(made), made.value)


def _each(flow: Flow, node: Any, generator: ast.comprehension, over: V) -> V:
    """Over something unknown: one element stands for all."""
    outer, state, written = flow.frame, flow.state.copy(), len(flow.written)
    names = frozenset(each.id for each in ast.walk(generator.target) if isinstance(each, ast.Name))
    flow.frame = _inside(flow, names)
    may_write, flow.may_write = flow.may_write, False
    try:
        result = _element_of(flow, node, generator, flow.shown(over))
    except Unsupported:
        result = None
    finally:
        flow.frame, flow.may_write = outer, may_write
    is_plain = not isinstance(node, ast.DictComp) and isinstance(node.elt, ast.Name)
    if result is not None and is_plain and not generator.ifs:
        flow.state = state
        if same(result.node, node):
            return V(node)
        if not _calls_something_known(flow, node, over):
            return result
    if not may_write:
        flow.state = state
        return result if result is not None else V(node)
    flow.state = state
    del flow.written[written:]
    flow.frame = _inside(flow, frozenset())
    try:
        first = call("next", call("iter", flow.shown(over)))
        bind(flow, generator.target, flow.kept(V(first)))
        before = dict(flow.state.facts)
        for each in generator.ifs:
            _pass(flow, each)
        if isinstance(node, ast.DictComp):
            items = [flow.ev(node.key), flow.ev(node.value)]
        else:
            items = [flow.ev(node.elt, True)]
        result = flow.make(node, Items("list", [flow.atom(each) for each in items], is_loose=True))
        flow.state.facts = before
    except Unsupported:
        flow.state = state
        del flow.written[written:]
        return V(node)
    finally:
        flow.frame = outer
    return V(flow.shown(result), result.value)


def _pass(flow: Flow, node: ast.expr) -> None:
    """Go on where a condition holds; what it is called with may matter as much."""
    test = condition(flow, node)
    shown = flow.shown(test)
    if isinstance(shown, ast.Call):
        flow.write(ast.Expr(shown))
    flow.state.assume(flow.truth_of(test).when_true)


def _calls_something_known(flow: Flow, node: ast.expr, over: V) -> bool:
    """Whether something is called in it whose source is known."""
    for each in ast.walk(node):
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Name):
            if isinstance(look_up(flow, each.func).value, Func | Class):
                return True
        elif isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name):
            thing = flow.thing(look_up(flow, each.value))
            if isinstance(thing, Table) and thing.of is not None:
                return True
    return False


def _element_of(flow: Flow, node: Any, generator: ast.comprehension, over: ast.expr) -> V:
    before = dict(flow.state.facts)
    tests = [condition(flow, each) for each in generator.ifs]
    for each in tests:
        flow.state.assume(flow.truth_of(each).when_true)
    fields = ("key", "value") if isinstance(node, ast.DictComp) else ("elt",)
    parts = {field: flow.show(getattr(node, field)) for field in fields}
    flow.state.facts = before
    changed = rebuilt(generator, iter=over, ifs=[flow.shown(each) for each in tests])
    return V(rebuilt(node, generators=[changed], **parts))


def _nested(flow: Flow, node: Any) -> V:
    if not flow.may_write:
        return V(node)
    outer, state, written = flow.frame, flow.state.copy(), len(flow.written)
    flow.frame = _inside(flow, frozenset())
    try:
        for generator in node.generators:
            over = flow.ev(generator.iter, True)
            bind(flow, generator.target, flow.kept(V(call("next", call("iter", flow.shown(over))))))
            for each in generator.ifs:
                flow.state.assume(flow.truth_of(condition(flow, each)).when_true)
        fields = ("key", "value") if isinstance(node, ast.DictComp) else ("elt",)
        shown = ast.List([flow.show(getattr(node, field)) for field in fields], ast.Load())
    except Unsupported:
        flow.state = state
        del flow.written[written:]
        return V(node)
    finally:
        flow.frame = outer
    flow.state.facts = state.facts
    return V(shown)


# The rest.


def _lambda(flow: Flow, node: ast.Lambda, track: bool) -> V:
    return V(node, Func(node, flow.frame))


def _await(flow: Flow, node: ast.Await, track: bool) -> V:
    inner = flow.ev(node.value, track)
    # Semgrep's taint ends at `await`.
    return V(flow.shown(inner), inner.value)


def _walrus(flow: Flow, node: ast.NamedExpr, track: bool) -> V:
    v = flow.ev(node.value, track)
    frame: Frame | None = flow.frame
    while (
        frame is not None
        and frame.local
        and not frame.is_linear
        and node.target.id not in frame.local
    ):
        frame = frame.parent
    number = (frame or flow.frame).number
    flow.state.facts.pop(node.target.id, None)
    if flow.frame.is_linear:
        kept = flow.atom(v)
        flow.state.names[number, node.target.id] = kept
        return kept
    if v.value is None:
        flow.state.names.pop((number, node.target.id), None)
    else:
        flow.state.names[number, node.target.id] = V(name(node.target.id), v.value)
    return V(rebuilt(node, value=flow.shown(v)), v.value)


def _yield(flow: Flow, node: ast.Yield | ast.YieldFrom, track: bool) -> V:
    if flow.frame.yielded is None:
        return _plain(flow, node)
    if node.value is not None:
        v = flow.ev(node.value, True)
        if isinstance(node, ast.YieldFrom):
            flow.frame.yielded.extend(elements(flow, v) or [V(call("next", flow.shown(v)))])
        else:
            flow.frame.yielded.append(flow.atom(v))
    return known(None)


def _call(flow: Flow, node: ast.Call, track: bool) -> V:
    return flow.engine.call(flow, node, track)


_HANDLERS: dict[type[ast.AST], Callable[[Flow, Any, bool], V]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.BoolOp: _boolean,
    ast.Compare: _compare,
    ast.IfExp: _conditional,
    ast.JoinedStr: _format,
    ast.Subscript: _subscript,
    ast.List: _display,
    ast.Tuple: _display,
    ast.Set: _display,
    ast.Starred: _starred,
    ast.Dict: _dictionary,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.DictComp: _comprehension,
    ast.Lambda: _lambda,
    ast.Await: _await,
    ast.NamedExpr: _walrus,
    ast.Yield: _yield,
    ast.YieldFrom: _yield,
    ast.Call: _call,
}
