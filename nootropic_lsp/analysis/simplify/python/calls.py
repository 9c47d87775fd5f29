"""This file is where calls are written out: of functions whose source is known, and of containers."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from nootropic_lsp.analysis.simplify import patterns
from nootropic_lsp.analysis.simplify.python import expressions, facts, methods, templates
from nootropic_lsp.analysis.simplify.python.arguments import again, arguments_of, folded
from nootropic_lsp.analysis.simplify.python.flow import MAX_DEPTH, MAX_WRITTEN, Flow, rebuilt
from nootropic_lsp.analysis.simplify.python.values import (
    NO_FACTS,
    Address,
    Choice,
    Class,
    Facts,
    Frame,
    Func,
    Items,
    Known,
    Made,
    Matched,
    Page,
    Pattern,
    Resolved,
    Signature,
    Table,
    Thing,
    Truth,
    Unsupported,
    V,
    call,
    constants,
    known,
    name,
    truth,
)

_PURE = {
    each.__name__: each
    for each in (len, str, int, float, bool, chr, ord, min, max, abs, repr, sum, round, bytes)
}
_CLEANING = frozenset({"int", "float", "bool", "len", "abs", "round", "ord"})
# They bring back what was checked to be absent.
_DECODING = frozenset(
    [
        "unquote",
        "unquote_plus",
        "unquote_to_bytes",
        "unescape",
        "b64decode",
        "urlsafe_b64decode",
        "fromhex",
        "unhexlify",
        "b32decode",
        "a85decode",
        "b85decode",
        "decompress",
        "loads",
    ]
)
_NORMAL = {"os.path.realpath", "os.path.abspath", "os.path.normpath"}
_PARSERS = {"urllib.parse.urlparse", "urllib.parse.urlsplit", "yarl.URL", "httpx.URL"}
_HOST_CHECKS = {"url_has_allowed_host_and_scheme", "is_safe_url"}
_CONFIGURATIONS = {
    "configparser.ConfigParser", "configparser.RawConfigParser", "configparser.SafeConfigParser",
}  # fmt: skip
_QUEUES = {
    "collections.deque": "queue", "queue.Queue": "queue", "queue.SimpleQueue": "queue",
    "queue.LifoQueue": "stack", "asyncio.Queue": "queue", "io.StringIO": "text",
    "io.BytesIO": "bytes",
}  # fmt: skip


def evaluated(flow: Flow, node: ast.Call, track: bool) -> V:
    """A call."""
    if isinstance(node.func, ast.Name) and node.func.id in facts.MARKS:
        return V(node)
    if isinstance(node.func, ast.Attribute):
        base = flow.ev(node.func.value, True)
        found = _of_attribute(flow, node, node.func, base, track)
        if found is not None:
            return found
        function = expressions.attribute(flow, base, node.func.attr)
        shown: ast.expr = rebuilt(node.func, value=_receiver(flow, base))
        if function is None:
            function = V(shown)
    else:
        function = flow.ev(node.func, True)
        shown = function.node if not isinstance(node.func, ast.Lambda) else node.func
    dotted = qualified(flow, shown)
    if isinstance(function.value, Func | Class | Choice):
        arguments = arguments_of(flow, node, True)
        if arguments is not None:
            result = applied(flow, function, *arguments)
            if result is not None:
                return result
            return V(again(flow, node, shown, arguments))
    special = _special(flow, node, dotted, track)
    if special is not None:
        return special
    values = [flow.ev(each) for each in node.args]
    named = [flow.ev(each.value) for each in node.keywords]
    if dotted.startswith("hashlib.") and flow.may_write:
        values = _apart(flow, values)
    if dotted.rpartition(".")[2] in _DECODING:
        values = [V(_bare(each.node), each.value) for each in values]
    result = rebuilt(
        node,
        func=shown,
        args=[flow.argument(each) for each in values],
        keywords=[
            rebuilt(each, value=flow.argument(v))
            for each, v in zip(node.keywords, named, strict=True)
        ],
    )
    if dotted in _NORMAL or (shown_attr(node) in {"resolve", "realpath"} and not node.args):
        return V(result, Resolved())
    if (
        dotted.rpartition(".")[2][:1].isupper()
        and "." in dotted
        and all(isinstance(each.value, Known) for each in [*values, *named])
    ):
        made = rebuilt(result, func=ast.parse(dotted.lstrip("."), mode="eval").body)
        return V(result, Made(made))
    return V(result)


def shown_attr(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else ""


def _receiver(flow: Flow, base: V) -> ast.expr:
    thing = flow.thing(base)
    if isinstance(thing, Table) and thing.of is not None:
        return base.node
    return flow.shown(base)


def qualified(flow: Flow, node: ast.expr) -> str:
    """The dotted name of what is called, imports resolved."""
    if isinstance(node, ast.Name):
        origin = flow.frame.module.imports.get(node.id)
        if origin is None:
            return node.id
        return f"{origin[0]}.{origin[1]}" if origin[1] else origin[0]
    if isinstance(node, ast.Attribute):
        base = qualified(flow, node.value)
        return f"{base}.{node.attr}" if base else ""
    return ""


# Functions whose source is known.


def applied(flow: Flow, function: V, positional: Sequence[V], named: Mapping[str, V]) -> V | None:
    """What a call gives, its statements written out before the current one."""
    match function.value:
        case Func() as known_function:
            return inlined(flow, known_function, positional, named)
        case Class() as owner:
            return _made(flow, owner, positional, named)
        case Choice(functions):
            return _either(flow, functions, positional, named)
    return None


def _either(
    flow: Flow, functions: Sequence[V], positional: Sequence[V], named: Mapping[str, V]
) -> V | None:
    results = [applied(flow, each, positional, named) for each in functions]
    result = results[0]
    for each in results[1:]:
        if result is None or each is None:
            return None
        result = flow.joined(result, each)
    return result


def inlined(
    flow: Flow, function: Func, positional: Sequence[V], named: Mapping[str, V]
) -> V | None:
    """The result of a function, or None if its body cannot be written out here."""
    node = function.node
    if flow.caught is not None and node is flow.caught.node:
        flow.caught.given.append(([*function.first, *positional], dict(named)))
        return known(None)
    if node in flow.stack or len(flow.stack) >= MAX_DEPTH:
        return None
    before, written, outer = flow.state.copy(), len(flow.written), flow.frame
    try:
        flow.spend()
        frame = Frame(flow.modules.number(), function.frame.module, function.frame,
                      frozenset(), is_linear=True)  # fmt: skip
        given = _bound(flow, node.args, [*function.first, *positional],
                       {**dict(function.named), **named}, frame, function.frame)  # fmt: skip
        for key, v in given.items():
            flow.state.names[frame.number, key] = flow.atom(v)
        flow.frame = frame
        flow.stack.append(node)
        try:
            result = _body(flow, node, frame)
        finally:
            flow.stack.pop()
            flow.frame = outer
        if len(flow.written) - written > MAX_WRITTEN:
            raise Unsupported
        return result
    except Unsupported:
        flow.state, flow.frame = before, outer
        del flow.written[written:]
        return None


def _body(flow: Flow, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, frame: Frame) -> V:
    if isinstance(node, ast.Lambda):
        return flow.ev(node.body, True)
    at_start = dict(flow.state.facts)
    if _is_generator(node):
        frame.yielded = []
    falls = flow.engine.run(flow, node.body)
    if frame.yielded is not None:
        return flow.make(ast.List([], ast.Load()), Items("list", frame.yielded))
    if falls:
        frame.returned.append((known(None), dict(flow.state.facts)))
    if not frame.returned:
        # It always raises.
        return known(None)
    result = _returned(flow, frame)
    flow.state.facts = at_start if not falls and len(frame.returned) > 1 else flow.state.facts
    if len(frame.returned) > 1:
        common: Facts = frame.returned[0][1]
        for _, each in frame.returned[1:]:
            common = facts.either(common, each)
        flow.state.facts = dict(common)
    return result


def _returned(flow: Flow, frame: Frame) -> V:
    """The join of what a function returns."""
    several = frame.returned
    result = several[0][0]
    if len(several) == 1:
        return result
    for v, _ in several[1:]:
        result = flow.joined(result, v)
    follows = _truth_of_returns(flow, several)
    if constants(result.value) is not None and len(set(constants(result.value) or ())) == 1:
        return result
    if follows is not None:
        return V(result.node, follows)
    return result


def _truth_of_returns(
    flow: Flow, several: Sequence[tuple[V, dict[str, frozenset[tuple[str, ...]]]]]
) -> Truth | None:
    """What follows from a function's result being true: it took one of certain ways."""
    outcome: dict[bool, Facts | None] = {True: None, False: None}
    for v, on_path in several:
        decided = truth(v.value)
        said = flow.truth_of(v)
        for wanted, follows in ((True, said.when_true), (False, said.when_false)):
            if decided is (not wanted):
                continue
            here = facts.both(on_path, follows)
            seen = outcome[wanted]
            outcome[wanted] = here if seen is None else facts.either(seen, here)
    if not outcome[True] and not outcome[False]:
        return None
    return Truth(outcome[True] or NO_FACTS, outcome[False] or NO_FACTS)


def _is_generator(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    pending: list[ast.AST] = list(node.body)
    while pending:
        each = pending.pop()
        if isinstance(each, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            pending.extend(ast.iter_child_nodes(each))
    return False


def _bound(
    flow: Flow,
    parameters: ast.arguments,
    positional: list[V],
    named: dict[str, V],
    frame: Frame,
    home: Frame,
) -> dict[str, V]:
    """The values of a function's parameters."""
    names = [each.arg for each in (*parameters.posonlyargs, *parameters.args)]
    bound = dict(zip(names, positional, strict=False))
    rest = positional[len(names) :]
    if parameters.vararg is not None:
        items = [flow.atom(each) for each in rest]
        bound[parameters.vararg.arg] = flow.make(name(parameters.vararg.arg), Items("tuple", items))
    elif rest:
        raise Unsupported
    extra: dict[object, V] = {}
    names += [each.arg for each in parameters.kwonlyargs]
    for key, v in named.items():
        if key in names:
            bound[key] = v
        elif parameters.kwarg is not None:
            extra[key] = flow.atom(v)
        else:
            raise Unsupported
    if parameters.kwarg is not None:
        bound[parameters.kwarg.arg] = flow.make(name(parameters.kwarg.arg), Table(extra))
    defaults = list(zip(names[: len(names) - len(parameters.kwonlyargs)][::-1],
                        parameters.defaults[::-1], strict=False))  # fmt: skip
    defaults += [
        (each.arg, default)
        for each, default in zip(parameters.kwonlyargs, parameters.kw_defaults, strict=True)
        if default is not None
    ]
    for key, default in defaults:
        if key not in bound:
            outer, flow.frame = flow.frame, home
            try:
                bound[key] = flow.ev(default, True)
            finally:
                flow.frame = outer
    if any(each not in bound for each in names):
        raise Unsupported
    return bound


# Objects of classes whose source is known.


def _made(flow: Flow, owner: Class, positional: Sequence[V], named: Mapping[str, V]) -> V | None:
    node = owner.node
    if expressions._is_enumeration(node):
        return expressions._any_member(owner)
    this = flow.make(call(node.name), Table({}, of=owner))
    thing = flow.thing(this)
    assert isinstance(thing, Table)
    thing.name = f"{flow.modules.fresh()}"
    initial = expressions._member(flow, owner, "__init__")
    try:
        if initial is not None and isinstance(initial[0], ast.FunctionDef):
            function = Func(initial[0], initial[1].frame, (this,))
            if inlined(flow, function, positional, named) is None:
                return None
        elif _is_record(flow, owner):
            _fill(flow, owner, thing, positional, named)
        elif positional or named or not _is_all_known(flow, owner):
            return None
    except Unsupported:
        return None
    return V(ast.Call(name(node.name), [], []), this.value)


def _is_record(flow: Flow, owner: Class) -> bool:
    decorators = {ast.unparse(each).partition("(")[0] for each in owner.node.decorator_list}
    if decorators & {"dataclass", "dataclasses.dataclass", "define", "attr.s", "attrs.define"}:
        return True
    return any(ast.unparse(each).endswith("NamedTuple") for each in owner.node.bases)


def _is_all_known(flow: Flow, owner: Class) -> bool:
    """Whether all its bases are classes whose source is known."""
    for base in owner.node.bases:
        if ast.unparse(base) in {"object", "ABC", "abc.ABC"}:
            continue
        if not isinstance(base, ast.Name):
            return False
        v = expressions.of_module(flow, owner.frame.module, base.id)
        if v is None or not isinstance(v.value, Class) or not _is_all_known(flow, v.value):
            return False
    return True


def _fill(
    flow: Flow, owner: Class, thing: Table, positional: Sequence[V], named: Mapping[str, V]
) -> None:
    fields = [
        each
        for each in owner.node.body
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
    ]
    given = dict(zip([each.target.id for each in fields], positional, strict=False))  # type: ignore[union-attr]
    given.update(named)
    for each in fields:
        key = each.target.id  # type: ignore[union-attr]
        if key in given:
            thing.entries[key] = flow.atom(given[key])
        elif isinstance(each.value, ast.Constant):
            thing.entries[key] = known(each.value.value)
        elif isinstance(each.value, ast.Call):
            made: dict[str, Thing] = {"list": Items("list", []), "dict": Table({})}
            for keyword in each.value.keywords:
                if keyword.arg == "default_factory":
                    kind = ast.unparse(keyword.value)
                    if kind in made:
                        thing.entries[key] = flow.make(ast.List([], ast.Load()), made[kind].copy())
                elif keyword.arg == "default" and isinstance(keyword.value, ast.Constant):
                    thing.entries[key] = known(keyword.value.value)


# Functions that everybody knows.


def _special(flow: Flow, node: ast.Call, dotted: str, track: bool) -> V | None:
    """Functions of the standard library that make or take apart what we follow."""
    if any(isinstance(each, ast.Starred) for each in node.args):
        return None
    if dotted in _PURE and len(node.args) in {1, 2} and not node.keywords:
        return _pure(flow, node, dotted)
    if dotted in {"list", "tuple", "sorted", "set", "reversed", "iter", "enumerate"}:
        return _collected(flow, node, dotted)
    if dotted == "next" and node.args:
        items = expressions.elements(flow, flow.ev(node.args[0], True))
        return items[0] if items else None
    if dotted == "dict":
        return _dictionary(flow, node)
    if dotted == "map" and len(node.args) == 2:
        return _mapped(flow, node)
    if dotted == "isinstance" and len(node.args) == 2 and ast.unparse(node.args[1]) == "str":
        v = flow.ev(node.args[0])
        shown = rebuilt(node, args=[flow.shown(v), node.args[1]])
        return V(shown, Truth(facts.fact(flow.keys(v), "text"), NO_FACTS))
    if dotted == "getattr" and len(node.args) in {2, 3}:
        return _attribute(flow, node)
    if dotted in _CONFIGURATIONS:
        return flow.make(node, Table({}, kind="configuration"))
    if dotted in _QUEUES and track:
        return _queue(flow, node, _QUEUES[dotted])
    if dotted == "functools.partial" and node.args:
        return _partial(flow, node)
    if dotted == "re.compile" and node.args:
        pattern = flow.ev(node.args[0])
        if isinstance(pattern.value, Known) and isinstance(pattern.value.value, str):
            return V(node, Pattern(pattern.value.value, _flags(node.args[1:])))
    if dotted in {"re.match", "re.fullmatch", "re.search", "re.sub"} and len(node.args) >= 2:
        pattern = flow.ev(node.args[0])
        if isinstance(pattern.value, Known) and isinstance(pattern.value.value, str):
            n_used = 3 if dotted == "re.sub" else 2
            compiled = Pattern(pattern.value.value, _flags(node.args[n_used:]))
            return matched(flow, node, compiled, dotted[3:], node.args[1:])
    if dotted in _PARSERS and node.args:
        v = flow.ev(node.args[0])
        return V(rebuilt(node, args=[flow.shown(v), *node.args[1:]]), Address(flow.keys(v)))
    if dotted.rpartition(".")[2] in _HOST_CHECKS and node.args:
        v = flow.ev(node.args[0])
        return V(node, Truth(facts.fact(flow.keys(v), "host"), NO_FACTS))
    if dotted in {"hmac.new", "hmac.digest"} and len(node.args) > 1:
        values = [flow.ev(each) for each in node.args]
        return V(
            rebuilt(node, args=[flow.shown(v) for v in values]), Signature(flow.keys(values[1]))
        )
    if dotted in {"hmac.compare_digest", "secrets.compare_digest"} and len(node.args) == 2:
        return _verified(flow, node)
    page = templates.made(flow, node, dotted)
    if page is not None:
        return page
    if dotted == "string.Template" and node.args:
        v = flow.ev(node.args[0])
        if isinstance(v.value, Known):
            return V(node, v.value)
    return None


def _verified(flow: Flow, node: ast.Call) -> V:
    values = [flow.ev(each) for each in node.args]
    holds: Facts = NO_FACTS
    for v in values:
        if isinstance(v.value, Signature):
            holds = facts.both(holds, facts.fact(v.value.keys, "signed"))
    return V(rebuilt(node, args=[flow.shown(v) for v in values]), Truth(holds, NO_FACTS))


def _flags(nodes: Sequence[ast.expr]) -> int:
    flags = 0
    for node in nodes:
        for each in ast.walk(node):
            if isinstance(each, ast.Attribute):
                flags |= int(getattr(re, each.attr, 0))
    return flags


def _pure(flow: Flow, node: ast.Call, dotted: str) -> V | None:
    values = [flow.ev(each, True) for each in node.args]
    if dotted in _CLEANING and flow.may_write:
        values = _apart(flow, values)
    if all(isinstance(v.value, Known) for v in values):
        return folded(_PURE[dotted], [v.value.value for v in values])  # type: ignore[union-attr]
    thing = flow.thing(values[0])
    if dotted == "len" and thing is not None:
        if isinstance(thing, Items) and not thing.is_loose:
            return known(len(thing.items))
        if isinstance(thing, Table) and thing.of is None:
            return known(len(thing.entries))
    shown = rebuilt(node, args=[flow.shown(v) for v in values])
    if dotted == "bool":
        return V(shown, flow.truth_of(values[0]))
    if dotted == "str" and isinstance(values[0].value, Resolved):
        return V(shown, values[0].value)
    return V(shown)


def _apart(flow: Flow, values: Sequence[V]) -> list[V]:
    """The arguments of a call whose result is clean, which calls inside it need not be."""
    return [
        flow.kept(v) if any(isinstance(each, ast.Call) for each in ast.walk(v.node)) else v
        for v in values
    ]


def _bare(node: ast.expr) -> ast.expr:
    """An expression without what is known of it."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
        if node.func.id not in facts.MARKS:
            break
        node = node.args[-1]
    return node


def _collected(flow: Flow, node: ast.Call, dotted: str) -> V | None:
    if not node.args:
        return flow.make(node, Items("tuple" if dotted == "tuple" else "list", []))
    v = flow.ev(node.args[0], True)
    if dotted in {"list", "iter", "tuple", "reversed", "enumerate", "set", "sorted"}:
        items = expressions.elements(flow, v)
        thing = flow.thing(v)
        if items is not None and len(items) <= 24:
            is_loose = isinstance(thing, Items) and thing.is_loose
            if dotted == "reversed":
                items.reverse()
            if dotted == "enumerate":
                items = [
                    flow.make(node, Items("tuple", [known(number), each]))
                    for number, each in enumerate(items)
                ]
            if dotted in {"set", "sorted"}:
                is_loose = is_loose or len(items) > 1
            kind = "tuple" if dotted == "tuple" else "list"
            made = flow.make(node, Items(kind, items, is_loose))
            return V(flow.shown(made), made.value)
    keywords = [rebuilt(each, value=flow.show(each.value)) for each in node.keywords]
    return V(rebuilt(node, args=[flow.shown(v), *map(flow.show, node.args[1:])], keywords=keywords))


def _dictionary(flow: Flow, node: ast.Call) -> V | None:
    entries: dict[object, V] = {}
    for each in node.args:
        thing = flow.thing(flow.ev(each, True))
        if not isinstance(thing, Table) or thing.kind != "dict":
            return None
        entries.update(thing.entries)
    for keyword in node.keywords:
        if keyword.arg is None:
            return None
        entries[keyword.arg] = flow.ev(keyword.value, True)
    try:
        entries = {key: flow.atom(v) for key, v in entries.items()}
    except Unsupported:
        return None
    made = flow.make(node, Table(entries))
    return V(flow.shown(made), made.value)


def _mapped(flow: Flow, node: ast.Call) -> V | None:
    function = flow.ev(node.args[0])
    over = flow.ev(node.args[1], True)
    items = expressions.elements(flow, over)
    if items is None:
        items = [V(call("next", call("iter", flow.shown(over))))]
    results = []
    for each in items[:8]:
        result = applied(flow, function, [each], {})
        if result is None:
            result = V(ast.Call(function.node, [flow.shown(each)], []))
        results.append(result)
    return V(ast.List([flow.shown(each) for each in results], ast.Load()))


def _attribute(flow: Flow, node: ast.Call) -> V | None:
    base, text = flow.ev(node.args[0], True), flow.ev(node.args[1])
    if isinstance(text.value, Known) and str(text.value.value).isidentifier():
        found = expressions.attribute(flow, base, str(text.value.value))
        if found is not None:
            return found
        return V(ast.Attribute(flow.shown(base), str(text.value.value), ast.Load()))
    rest = [flow.show(each) for each in node.args[2:]]
    return V(rebuilt(node, args=[flow.shown(base), flow.shown(text), *rest]))


def _queue(flow: Flow, node: ast.Call, kind: str) -> V | None:
    items: list[V] = []
    if node.args and kind != "stack":
        v = flow.ev(node.args[0], True)
        found = [v] if kind in {"text", "bytes"} else expressions.elements(flow, v)
        if found is None:
            return None
        items = [flow.atom(each) for each in found]
    if kind == "bytes" and items:
        return None
    return flow.make(node, Items(kind, items))


def _partial(flow: Flow, node: ast.Call) -> V | None:
    arguments = arguments_of(flow, node, True)
    if arguments is None:
        return None
    positional, named = arguments
    function = positional[0]
    if isinstance(function.value, Func):
        first = tuple(flow.atom(each) for each in positional[1:])
        kept = tuple((key, flow.atom(v)) for key, v in named.items())
        partial = replace(
            function.value,
            first=function.value.first + first,
            named=function.value.named + kept,
        )
        return V(node, partial)
    return None


# Methods.


def _of_attribute(
    flow: Flow, node: ast.Call, function: ast.Attribute, base: V, track: bool
) -> V | None:
    method = function.attr
    thing = flow.thing(base)
    if isinstance(base.value, Known):
        return methods.of_constant(flow, node, base, method)
    if isinstance(thing, Items):
        return methods.of_items(flow, node, base, thing, method)
    if isinstance(thing, Table) and thing.of is None:
        return methods.of_table(flow, node, base, thing, method)
    match base.value:
        case Pattern() as pattern if node.args and method in {
            "match",
            "fullmatch",
            "search",
            "sub",
        }:
            return matched(flow, node, pattern, method, node.args)
        case Matched(characters, _) if method in {"group", "groups", "groupdict"}:
            shown = rebuilt(function, value=flow.shown(base))
            return V(call(facts.ONLY, ast.Constant(characters), rebuilt(node, func=shown)))
        case Address(_, "") if method == "geturl":
            shown = rebuilt(function, value=flow.shown(base))
            keys = base.value.keys
            return flow.refined(V(name(keys[0]))) if keys and keys[0].isidentifier() else None
        case Signature() if method in {"digest", "hexdigest"}:
            shown = rebuilt(function, value=flow.shown(base))
            return V(rebuilt(node, func=shown), base.value)
        case Page() as page:
            return templates.used(flow, node, page, method)
        case Resolved() if method in {"is_relative_to", "startswith", "relative_to"} and node.args:
            return _inside(flow, node, base)
    if method in {"startswith", "endswith"} and node.args:
        return _starts(flow, node, base, method)
    if method in {"isdigit", "isdecimal", "isnumeric", "isalnum", "isalpha", "isidentifier"}:
        allowed = {"isidentifier": "_a", "isalnum": "a", "isalpha": "a"}.get(method, "")
        shown = rebuilt(node, func=rebuilt(function, value=flow.shown(base)))
        return V(shown, Truth(facts.fact(flow.keys(base), "only", allowed), NO_FACTS))
    if method == "replace" and len(node.args) == 2:
        return methods.replaced(flow, node, base)
    if method in {"append", "extend"}:
        return None
    return None


def matched(
    flow: Flow, node: ast.Call, pattern: Pattern, method: str, arguments: Sequence[ast.expr]
) -> V | None:
    """A regular expression used on a text."""
    if method == "sub":
        if len(arguments) < 2:
            return None
        v, replacement = flow.ev(arguments[1]), flow.ev(arguments[0])
        if not isinstance(replacement.value, Known):
            return None
        left = patterns.removed(pattern.pattern, str(replacement.value.value))
        if left is None:
            at = len(node.args) - len(arguments)
            shown = [*node.args]
            shown[at + 1] = flow.shown(v)
            return V(rebuilt(node, args=shown))
        return V(call(facts.ONLY, ast.Constant(left[1]), flow.shown(v)))
    v = flow.ev(arguments[0])
    at = len(node.args) - len(arguments)
    shown = [*node.args]
    shown[at] = flow.shown(v)
    found = patterns.of_match(pattern.pattern, pattern.flags, method)
    result = rebuilt(node, args=shown)
    if isinstance(v.value, Known):
        compiled = getattr(re, method)
        is_match = folded(lambda: bool(compiled(pattern.pattern, v.value.value)), [])
        if is_match is not None and not is_match.value.value:  # type: ignore[union-attr]
            return known(None)
    holds = dict.fromkeys(flow.keys(v), found) if found else NO_FACTS
    return V(result, Matched(patterns.characters(pattern.pattern, pattern.flags), holds))


def _inside(flow: Flow, node: ast.Call, base: V) -> V | None:
    prefix = flow.ev(node.args[0])
    shown = rebuilt(node, args=[flow.shown(prefix), *node.args[1:]])
    keys = flow.keys(base)
    method = shown_attr(node)
    if (
        method == "startswith"
        and isinstance(prefix.value, Known)
        and (not str(prefix.value.value).endswith("/") or prefix.value.value == "/")
    ):
        return V(shown)
    holds = facts.fact(keys, "inside")
    if method == "relative_to":
        # It raises if it does not.
        flow.state.assume(holds)
        return V(shown)
    return V(shown, Truth(holds, NO_FACTS))


def _starts(flow: Flow, node: ast.Call, base: V, method: str) -> V:
    prefix = flow.ev(node.args[0])
    shown = rebuilt(node, func=rebuilt(node.func, value=flow.shown(base)))
    values = constants(prefix.value)
    if method == "endswith" or values is None:
        return V(shown)
    texts = values[0] if len(values) == 1 and isinstance(values[0], tuple) else values
    keys = flow.keys(base)
    holds: Facts = NO_FACTS
    fails: Facts = NO_FACTS
    if len(texts) == 1 or all(str(each).startswith(("https://", "http://")) for each in texts):
        holds = facts.fact(keys, "starts", str(texts[0]))
    for each in texts:
        fails = facts.both(fails, facts.fact(keys, "starts-not", str(each)))
    return V(shown, Truth(holds, fails))
