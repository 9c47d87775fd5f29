"""This file is where we write calls of JavaScript anew, with known functions in their place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nootropic_lsp.analysis.simplify.javascript import functions, methods, modules, sources
from nootropic_lsp.analysis.simplify.javascript.flow import (
    MAX_ADDED,
    MAX_ADDED_BY_CALL,
    MAX_DEPTH,
    MAX_HELPER_BYTES,
    MAX_RECURSION,
    Flow,
    Frame,
    all_merged,
    flat,
    padded,
    written,
)
from nootropic_lsp.analysis.simplify.javascript.paths import arguments, path_of, string_of
from nootropic_lsp.analysis.simplify.javascript.values import (
    Address,
    Class,
    Condition,
    Constant,
    Entry,
    Facts,
    Function,
    Module,
    Pattern,
    Things,
    Value,
    either,
    literal,
    truth,
)

if TYPE_CHECKING:
    from tree_sitter import Node

_SIMPLE_PATH = re.compile(r"[\w$]+(\.[\w$]+)*(\[(\d+|\"[\w-]*\"|'[\w-]*')\])?")
# What the server was asked for: the host in it is its own.
_OWN_ADDRESS = re.compile(r"[\w$.]*[rR]eq(?:uest)?\.(?:url|nextUrl(?:\.href)?)")
# Methods that call their argument with what they are called on, or with parts of it.
_ITERATING = frozenset(
    [
        "then",
        "map",
        "forEach",
        "filter",
        "flatMap",
        "find",
        "some",
        "every",
        "findIndex",
        "findLast",
        "sort",
    ]
)


def call(flow: Flow, frame: Frame, node: Node) -> Entry:
    """A call."""
    callee = node.child_by_field_name("function")
    given = arguments(node)
    given_node = node.child_by_field_name("arguments")
    if callee is None or given_node is None or given_node.type == "template_string":
        return Entry(_in_place(flow, frame, node, callee, {}))
    name = frame.source.text(callee)
    if name == "require" and given and given[0].type == "string":
        return modules.required(flow, frame, string_of(frame, given[0]), frame.source.text(node))
    base = member = None
    if callee.type == "member_expression":
        base = flow.evaluate(flow, frame, callee.children[0])
        property_ = callee.child_by_field_name("property")
        member = frame.source.text(property_) if property_ is not None else ""
        found = methods.call(flow, frame, node, base, member, given)
        if found is not None:
            return Entry(padded(found.text, frame.source.text(node)), found.value)
    elif callee.type == "identifier":
        found = methods.plain_call(flow, frame, node, name, given)
        if found is not None:
            return Entry(padded(found.text, frame.source.text(node)), found.value)
    target = flow.evaluate(flow, frame, callee)
    receiver = ""
    if base is not None and member in _ITERATING and given:
        receiver = _receiver(flow, frame, base)
        alone = _named_callback(flow, frame, given, receiver, member)
        if alone is not None:
            return Entry(padded(alone.text, frame.source.text(node)), alone.value)
    if base is not None and member == "reduce" and given:
        receiver = f"({_receiver(flow, frame, base)})"
    entries = _given(flow, frame, given, receiver)
    paths = [path_of(flow, frame, each) for each in given]
    texts = {each.id: entry.text for each, entry in zip(given, entries, strict=True)}
    result = None
    if isinstance(target.value, Function) and not any(
        each.type == "spread_element" for each in given
    ):
        this_text = base.text if base is not None else "this"
        result = inlined(
            flow, frame, target.value, list(zip(entries, paths, strict=True)), this_text=this_text
        )
    original = frame.source.text(node)
    is_long = any(
        each.type in sources.FUNCTIONS and "\n" in frame.source.text(each) for each in given
    )
    if result is not None and not is_long:
        return Entry(padded(result.text, original), result.value)
    text = _in_place(flow, frame, node, callee, texts, target.text)
    if result is not None:
        return Entry(f"({text}, {result.text})", result.value)
    _give_away(flow, frame, given, name)
    return Entry(text)


def _given(flow: Flow, frame: Frame, given: list[Node], receiver: str) -> list[Entry]:
    """The arguments; a function that comes first is called with the receiver, if there is one."""
    entries = []
    for i, each in enumerate(given):
        if each.type in sources.FUNCTIONS and receiver and i == 0:
            entries.append(functions.function_expression(flow, frame, each, receiver=receiver))
        else:
            entries.append(flow.evaluate(flow, frame, each))
    return entries


def _receiver(flow: Flow, frame: Frame, base: Entry) -> str:
    text = flat(base.text)
    if isinstance(base.value, Things):
        text = written(base.value) or text
    if _SIMPLE_PATH.fullmatch(text):
        return text
    if "=>" in text or "function" in text or len(text) > 300:
        return text if text.count("=>") == 0 and len(text) <= 300 else ""
    name = f"v_{flow.fresh()}_"
    flow.before.append(f"const {name} = {text};")
    return name


def _named_callback(
    flow: Flow, frame: Frame, given: list[Node], receiver: str, member: str
) -> Entry | None:
    """`xs.map(f)`, or `x => expression` in place of `f`, as `[f(xs)]`."""
    if member not in {"map", "then", "flatMap"} or not receiver:
        return None
    first = given[0]
    if len(given) > 1 and member == "then":
        return None
    if first.type in {"identifier", "member_expression"}:
        entry = flow.evaluate(flow, frame, first)
        if isinstance(entry.value, Function):
            result = inlined(flow, frame, entry.value, [(Entry(receiver), receiver)])
            if result is not None:
                return Entry(f"[{result.text}]" if member != "then" else result.text)
        return Entry(
            f"[{entry.text}({receiver})]" if member != "then" else f"{entry.text}({receiver})"
        )
    if first.type == "arrow_function" and "\n" not in frame.source.text(first):
        body = first.child_by_field_name("body")
        if body is not None and body.type != "statement_block":
            function = Function(first, frame.source, frame.names, frame.this)
            result = inlined(flow, frame, function, [(Entry(receiver), receiver)])
            if result is not None:
                return Entry(f"[{result.text}]" if member != "then" else result.text)
    return None


def _give_away(flow: Flow, frame: Frame, given: list[Node], name: str) -> None:
    """Who gets a container may change it."""
    if name in {"JSON.stringify", "console.log"}:
        return
    for each in given:
        if each.type == "identifier":
            path = path_of(flow, frame, each)
            entry = flow.state.known.get(path)
            if entry is not None and isinstance(entry.value, Things) and entry.value.of is None:
                if entry.value.kind == "array":
                    continue
                flow.forget(path)


def _in_place(
    flow: Flow,
    frame: Frame,
    node: Node,
    callee: Node | None,
    texts: dict[int, str],
    callee_text: str | None = None,
) -> str:
    """A call as it stands there, with these texts of its arguments."""
    found = []
    at = node.start_byte
    for each in node.children:
        found.append(frame.source.between(at, each.start_byte))
        at = each.end_byte
        if callee is not None and each == callee:
            if callee_text is None:
                callee_text = flow.evaluate(flow, frame, each).text
            found.append(callee_text)
        elif each.type == "arguments":
            found.append(_arguments(flow, frame, each, texts))
        elif each.type in sources.TYPES:
            found.append(padded("", frame.source.text(each)))
        elif each.is_named and each.type != "optional_chain":
            found.append(flow.evaluate(flow, frame, each).text)
        else:
            found.append(frame.source.text(each))
    return "".join(found)


def _arguments(flow: Flow, frame: Frame, node: Node, texts: dict[int, str]) -> str:
    found = []
    at = node.start_byte
    for each in node.children:
        found.append(frame.source.between(at, each.start_byte))
        at = each.end_byte
        if each.type == "comment":
            found.append(padded("", frame.source.text(each)))
        elif not each.is_named:
            found.append(frame.source.text(each))
        elif each.id in texts:
            found.append(texts[each.id])
        else:
            found.append(flow.evaluate(flow, frame, each).text)
    return "".join(found)


def new(flow: Flow, frame: Frame, node: Node) -> Entry:
    """`new C(…)`."""
    callee = node.child_by_field_name("constructor")
    if callee is None:
        return Entry(frame.source.text(node))
    name = frame.source.text(callee)
    given = arguments(node)
    paths = [path_of(flow, frame, each) for each in given]
    entries = [flow.evaluate(flow, frame, each) for each in given]
    texts = {each.id: entry.text for each, entry in zip(given, entries, strict=True)}
    target = flow.evaluate(flow, frame, callee)
    text = _in_place(flow, frame, node, callee, texts, target.text)
    text = padded(text, frame.source.text(node))
    if name == "URL" and given:
        return _address(text, entries, paths)
    if name == "RegExp" and entries and isinstance(entries[0].value, Constant):
        flags = entries[1].value if len(entries) > 1 else None
        pattern = str(entries[0].value.value)
        return Entry(
            text, Pattern(pattern, str(flags.value) if isinstance(flags, Constant) else "")
        )
    if name in {"Map", "Set", "WeakMap"}:
        return Entry(text, methods.collection(name, entries))
    if isinstance(target.value, Class) and len(flow.stack) < MAX_DEPTH:
        things = _instance(flow, frame, target.value, list(zip(entries, paths, strict=True)))
        return Entry(text, things)
    return Entry(text)


def _instance(flow: Flow, frame: Frame, of: Class, given: list[tuple[Entry, str]]) -> Things:
    """A new object of a class."""
    things = Things("instance", {}, is_whole=False, of=of)
    body = of.node.child_by_field_name("body")
    for each in body.named_children if body is not None else []:
        if each.type in {"field_definition", "public_field_definition"}:
            name = each.child_by_field_name("property") or each.child_by_field_name("name")
            value = each.child_by_field_name("value")
            if name is not None and value is not None and value.type not in sources.FUNCTIONS:
                inner = Frame(of.source, dict(of.scope), things, number=flow.fresh())
                entry = flow.evaluate(flow, inner, value)
                things.entries[of.source.text(name)] = flow.scalar(frame, entry)
    constructor = functions.method(of, "constructor")
    if constructor is not None:
        for i, parameter in enumerate(functions.parameter_properties(of, constructor)):
            if parameter and i < len(given):
                things.entries[parameter] = flow.scalar(frame, given[i][0])
        function = Function(constructor, of.source, of.scope, things)
        inlined(flow, frame, function, given, this_text=f"i_{flow.fresh()}_")
    return things


def _address(text: str, entries: list[Entry], paths: list[str]) -> Entry:
    if len(entries) > 1 and entries[0].text.startswith("__same_host__("):
        return Entry(f"__same_host__({text})")
    first = entries[0].value
    if isinstance(first, Constant):
        if "://" in str(first.value):
            return Entry(literal(str(first.value)))
        if len(entries) > 1 and _OWN_ADDRESS.fullmatch(entries[1].text):
            return Entry(f"__same_host__({text})")
        return Entry(text if len(entries) == 1 else entries[1].text)
    return Entry(text, Address(paths[0]))


def inlined(
    flow: Flow,
    frame: Frame,
    function: Function,
    given: list[tuple[Entry, str]],
    *,
    this_text: str = "this",
) -> Entry | None:
    """A call of a known function, by its statements and the expression that it returns."""
    node, source = function.node, function.source
    body = node.child_by_field_name("body")
    if not flow.stack:
        flow.n_added_before = flow.n_added
    if (
        body is None
        or node.end_byte - node.start_byte > MAX_HELPER_BYTES
        or len(flow.stack) >= MAX_DEPTH
        or flow.stack.count(node.id) >= MAX_RECURSION
        or flow.n_added > MAX_ADDED
        or flow.n_added - flow.n_added_before > MAX_ADDED_BY_CALL
        or node.type.startswith("generator")
    ):
        return None
    number = flow.fresh()
    inner = Frame(source, dict(function.scope), function.this, this_text, number, f"_r{number}_")
    outer_before, flow.before = flow.before, []
    hidden = _overlay(flow, frame, source)
    flow.stack.append(node.id)
    own_assigned = set(sources.assigned_in(source, body))
    for i, each in enumerate(sources.parameters_of(node)):
        _bind_parameter(flow, inner, each, i, given, own_assigned)
    if body.type == "statement_block":
        result = _of_statements(flow, inner, body)
    else:
        entry = flow.evaluate(flow, inner, body)
        text = flat(entry.text)
        result = Entry(f"({text})" if " " in text else text, entry.value)
    flow.stack.pop()
    statements = flow.before
    flow.before = outer_before + statements
    flow.n_added += sum(map(len, statements)) + len(result.text)
    _restore(flow, hidden)
    return result


def _overlay(flow: Flow, frame: Frame, source: sources.Source) -> dict[str, Entry | None]:
    """While a function of another file is written, its names are known; gives what they hide."""
    if source is frame.source:
        return {}
    others = flow.overlays.get(source.path, {})
    hidden = {name: flow.state.known.get(name) for name in others}
    flow.state.known.update(others)
    return hidden


def _restore(flow: Flow, hidden: dict[str, Entry | None]) -> None:
    for name, entry in hidden.items():
        if entry is None:
            flow.state.known.pop(name, None)
        else:
            flow.state.known[name] = entry


def _of_statements(flow: Flow, inner: Frame, body: Node) -> Entry:
    inner.returns = []
    text, exits = flow.run(flow, inner, body)
    states = list(inner.returns)
    if not exits or not states:
        states.append(flow.state)
    flow.state = all_merged(states).copy() if len(states) > 1 else states[0]
    returned = inner.returned
    flow.before.append(f"let {inner.result};" if returned else "")
    flow.before.append(flat(text))
    flow.before = [each for each in flow.before if each and each != "{ }"]
    if not returned:
        return Entry("undefined")
    value = _joined([each.value for each in returned]) if exits else None
    if isinstance(value, Constant):
        return Entry(literal(value.value), value)
    if len(returned) == 1 and isinstance(value, Things):
        return Entry(inner.result, value)
    return Entry(inner.result, value)


def _joined(values: list[Value | None]) -> Value | None:
    """What is known of a value that is one of these."""
    first = values[0]
    if len(values) == 1:
        return first
    if all(each == first for each in values) and isinstance(first, Constant):
        return first
    if all(isinstance(each, Condition | Constant) for each in values):
        facts: list[Facts] = []
        for wanted in (True, False):
            found: Facts | None = None
            for each in values:
                if isinstance(each, Condition):
                    some = each.when_true if wanted else each.when_false
                elif truth(each) is wanted:
                    some = {}
                else:
                    continue
                found = some if found is None else either(found, some)
            facts.append(found or {})
        return Condition(*facts)
    return None


def _bind_parameter(
    flow: Flow,
    inner: Frame,
    pattern: Node,
    position: int,
    given: list[tuple[Entry, str]],
    assigned: set[str],
) -> None:
    if pattern.type == "this":
        return
    if pattern.type == "rest_pattern":
        rest = [each[0] for each in given[position:]]
        entries = {str(i): flow.scalar(inner, each) for i, each in enumerate(rest)}
        text = f"[{', '.join(flat(each.text) for each in rest)}]"
        _bind_name(
            flow, inner, pattern.named_children[0], Entry(text, Things("array", entries)), "", True
        )
        return
    if position >= len(given):
        if pattern.type == "assignment_pattern":
            default = flow.evaluate(flow, inner, pattern.children[-1])
            _bind_name(flow, inner, pattern.children[0], default, "", True)
        elif pattern.parent is not None and pattern.parent.child_by_field_name("value"):
            value = pattern.parent.child_by_field_name("value")
            if value is not None and value.type != "statement_block":
                default = flow.evaluate(flow, inner, value)
                _bind_name(flow, inner, pattern, default, "", True)
        elif pattern.type == "identifier":
            _bind_name(flow, inner, pattern, Entry("undefined", Constant(None)), "", True)
        return
    entry, path = given[position]
    target = pattern.children[0] if pattern.type == "assignment_pattern" else pattern
    is_changed = target.type == "identifier" and inner.source.text(target) in assigned
    if isinstance(entry.value, Things) and path:
        is_changed = False
    _bind_name(flow, inner, target, entry, path, is_changed)


def _bind_name(
    flow: Flow, inner: Frame, target: Node, entry: Entry, path: str, is_changed: bool
) -> None:
    if target.type != "identifier":
        if isinstance(entry.value, Things) and path:
            entry = Entry(path, entry.value)
        text = functions.destructured(flow, inner, target, entry, keyword="const")
        flow.before.append(f"{text};")
        return
    name = inner.source.text(target)
    value = entry.value
    if path and _SIMPLE_PATH.fullmatch(path) and not is_changed and not isinstance(value, Constant):
        inner.names[name] = path
        if value is not None and path not in flow.state.known:
            flow.state.known[path] = Entry(path, value)
        return
    own = inner.names[name] = f"{name}_{inner.number}_"
    if isinstance(value, Function | Class | Module):
        flow.state.known[own] = Entry(own, value)
        return
    flow.before.append(f"let {own} = {flat(entry.text)};")
    flow.forget(own)
    if value is not None and not isinstance(value, Address):
        shown = literal(value.value) if isinstance(value, Constant) else own
        flow.state.known[own] = Entry(shown, value)
    elif isinstance(value, Address):
        flow.state.known[own] = Entry(own, Address(value.origin, own, value.part))


def index_of(flow: Flow, frame: Frame, node: Node) -> Facts:
    """What `list.indexOf(x)` says if it is not -1."""
    if node.type == "identifier":
        return {}
    if node.type == "call_expression":
        callee = node.child_by_field_name("function")
        given = arguments(node)
        if callee is not None and callee.type == "member_expression" and given:
            property_ = callee.child_by_field_name("property")
            if property_ is not None and frame.source.text(property_) in {"indexOf", "findIndex"}:
                base = flow.evaluate(flow, frame, callee.children[0])
                path = path_of(flow, frame, given[0])
                if path and not isinstance(base.value, Constant) and isinstance(base.value, Things):
                    return {path: frozenset({"constant"})}
    return {}
