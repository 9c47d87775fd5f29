"""This file is where we write functions and classes anew, in their own place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nootropic_lsp.analysis.simplify.javascript import sources
from nootropic_lsp.analysis.simplify.javascript.before import places
from nootropic_lsp.analysis.simplify.javascript.flow import (
    Flow,
    Frame,
    declared,
    flat,
    inside,
    padded,
    root,
)
from nootropic_lsp.analysis.simplify.javascript.paths import string_of
from nootropic_lsp.analysis.simplify.javascript.values import (
    MODULE_NAMES,
    Class,
    Constant,
    Entry,
    Function,
    Module,
    Things,
    Value,
    literal,
)

if TYPE_CHECKING:
    from tree_sitter import Node

# A handler that takes its request apart at once; what it takes says what it was.
_OF_REQUEST = frozenset(
    ["query", "params", "body", "headers", "cookies", "payload", "files", "file"]
)
_OF_CONTEXT = frozenset({"request", "ctx"})
_BLOCKS = frozenset({"statement_block", "class_static_block"})


def function_expression(flow: Flow, frame: Frame, node: Node, *, receiver: str = "") -> Entry:
    """A function in its own place. If a receiver is given, its first argument comes from there."""
    value = Function(node, frame.source, frame.names, frame.this)
    parameters = sources.parameters_of(node)
    names = [name for each in parameters for name in sources.names_in(frame.source, each)]
    this, this_text = frame.this, frame.this_text
    if node.type not in {"arrow_function", "method_definition"}:
        this, this_text = None, "this"
    inner = Frame(frame.source, inside(frame, names), this, this_text)
    state, before = flow.state, flow.before
    flow.state, flow.before = state.copy(), []
    flow.forget_steady(frame)
    for name in names:
        flow.forget(name)
    replaced: dict[int, str] = {}
    prologue = []
    for i, each in enumerate(parameters):
        pattern = each.child_by_field_name("left") if each.type == "assignment_pattern" else each
        if pattern is None:
            continue
        origin = receiver if i == 0 or (i == 1 and receiver.startswith("(")) else ""
        if pattern.type in {"object_pattern", "array_pattern"}:
            name = _name_of_taken_apart(frame, pattern, i) or f"p_{flow.fresh()}_"
            replaced[each.id] = name
            if origin:
                prologue.append(f"{name} = {origin};")
            taken = destructured(flow, inner, pattern, Entry(name), keyword="const")
            prologue.append(f"{taken};")
        elif origin and pattern.type == "identifier":
            prologue.append(f"{frame.source.text(pattern)} = {origin};")
    body = node.child_by_field_name("body")
    start = " ".join(flow.take_before().split("\n")) + " ".join(prologue)
    flow.left.own.append(places(frame.source.text(node)) if flow.left.known else frozenset())
    text = _rewritten(flow, frame, inner, node, body, replaced, start)
    flow.left.own.pop()
    flow.state, flow.before = state, before
    return Entry(text, value)


def _name_of_taken_apart(frame: Frame, pattern: Node, position: int) -> str:
    if pattern.type != "object_pattern" or position:
        return ""
    keys = set()
    for each in pattern.named_children:
        key = each.child_by_field_name("key") or each.child_by_field_name("left") or each
        keys.add(frame.source.text(key))
    if keys & _OF_CONTEXT:
        return "ctx"
    return "req" if keys & _OF_REQUEST else ""


def _rewritten(
    flow: Flow,
    frame: Frame,
    inner: Frame,
    node: Node,
    body: Node | None,
    replaced: dict[int, str],
    start: str,
) -> str:
    texts = []
    at = node.start_byte
    for each in node.children:
        texts.append(frame.source.between(at, each.start_byte))
        at = each.end_byte
        if body is not None and each == body:
            texts.append(_body(flow, inner, each, start))
        elif each.type in sources.TYPES or each.type == "comment":
            texts.append(padded("", frame.source.text(each)))
        elif each.id in replaced:
            texts.append(padded(f"({replaced[each.id]})", frame.source.text(each)))
        elif each.type == "formal_parameters" and replaced:
            texts.append(_parameters(frame, each, replaced))
        else:
            texts.append(frame.source.text(each))
    texts.append(frame.source.between(at, node.end_byte))
    return "".join(texts)


def _body(flow: Flow, inner: Frame, body: Node, start: str) -> str:
    if body.type in _BLOCKS:
        text, _exits = flow.run(flow, inner, body)
        return f"{{ {start} {text[1:]}" if start else text
    entry = flow.evaluate(flow, inner, body)
    first = flow.take_before()
    if start or first:
        return padded(f"{{ {start} {first}return {entry.text}; }}", inner.source.text(body))
    return entry.text


def _parameters(frame: Frame, node: Node, replaced: dict[int, str]) -> str:
    texts = []
    at = node.start_byte
    for each in node.children:
        texts.append(frame.source.between(at, each.start_byte))
        at = each.end_byte
        pattern = each.child_by_field_name("pattern") or each
        original = frame.source.text(each)
        if pattern.id in replaced:
            texts.append(padded(replaced[pattern.id], original))
        else:
            texts.append(original)
    texts.append(frame.source.between(at, node.end_byte))
    return "".join(texts)


def destructured(flow: Flow, frame: Frame, pattern: Node, entry: Entry, *, keyword: str) -> str:
    """The assignments that a pattern stands for."""
    base = flat(entry.text)
    known = entry.value if isinstance(entry.value, Things) else None
    if exported := exports_of(flow, entry.value):
        known = Things("object", {key: Entry("", each.value) for key, each in exported.items()})
    if not _is_path(base):
        name = f"o_{flow.fresh()}_"
        flow.before.append(f"const {name} = {base};")
        base = name
    found: list[str] = []
    _take_apart(flow, frame, pattern, Entry(base, known), found, keyword)
    return f"{keyword} {', '.join(found)}".strip() if found else "0"


def _is_path(text: str) -> bool:
    return all(each.isidentifier() for each in text.replace("$", "_").split("."))


def _take_apart(
    flow: Flow, frame: Frame, pattern: Node, entry: Entry, found: list[str], keyword: str
) -> None:
    kind = pattern.type
    if kind in {"identifier", "shorthand_property_identifier_pattern"}:
        name = frame.source.text(pattern)
        name = declared(flow, frame, name) if keyword else frame.names.get(name, name)
        flow.bind(frame, name, entry)
        flow.left.given[name] = entry.text
        found.append(f"{name} = {entry.text}")
        if root(entry.text) in MODULE_NAMES and name not in frame.source.assigned:
            flow.state.known.setdefault(name, Entry(entry.text))
    elif kind in {"assignment_pattern", "object_assignment_pattern"}:
        left, right = pattern.children[0], pattern.children[-1]
        if isinstance(entry.value, Constant) and entry.value.value is not None:
            _take_apart(flow, frame, left, entry, found, keyword)
            return
        default = flow.evaluate(flow, frame, right)
        text = f"{entry.text} ?? {flat(default.text)}"
        _take_apart(flow, frame, left, Entry(text), found, keyword)
    elif kind == "object_pattern":
        for each in pattern.named_children:
            _take_member(flow, frame, each, entry, found, keyword)
    elif kind == "array_pattern":
        index = 0
        for each in pattern.children:
            if each.type == ",":
                index += 1
            elif each.type == "rest_pattern":
                rest = f"{entry.text}.slice({index})"
                _take_apart(flow, frame, each.named_children[0], Entry(rest), found, keyword)
            elif each.is_named and each.type != "comment":
                item = _item(entry, str(index)) or Entry(f"{entry.text}[{index}]")
                _take_apart(flow, frame, each, item, found, keyword)
    elif kind in {"member_expression", "subscript_expression"}:
        found.append(f"{frame.source.text(pattern)} = {entry.text}")


def _take_member(
    flow: Flow, frame: Frame, each: Node, entry: Entry, found: list[str], keyword: str
) -> None:
    if each.type == "pair_pattern":
        key_node, value_node = each.children[0], each.children[-1]
        key = frame.source.text(key_node)
        if key_node.type == "string":
            key = string_of(frame, key_node)
        if key_node.type == "computed_property_name":
            computed = flow.evaluate(flow, frame, key_node.named_children[0])
            item = Entry(f"{entry.text}[{flat(computed.text)}]")
        else:
            item = _item(entry, key) or Entry(_member(flow, entry.text, key))
        _take_apart(flow, frame, value_node, item, found, keyword)
    elif each.type == "rest_pattern":
        rest = entry.value
        if isinstance(rest, Things):
            rest = Things(rest.kind, dict(rest.entries), is_whole=False)
        _take_apart(flow, frame, each.named_children[0], Entry(entry.text, None), found, keyword)
    elif each.type != "comment":
        target = each.children[0] if each.type == "object_assignment_pattern" else each
        key = frame.source.text(target)
        item = _item(entry, key) or Entry(_member(flow, entry.text, key))
        _take_apart(flow, frame, each, item, found, keyword)


def _member(flow: Flow, base: str, key: str) -> str:
    text = f"{base}.{key}" if key.replace("$", "_").isidentifier() else f"{base}[{literal(key)}]"
    return flow.shown(text)


def _item(entry: Entry, key: str) -> Entry | None:
    if isinstance(entry.value, Things):
        found = entry.value.entries.get(key)
        if found is not None and found.text:
            return found
        if found is not None:
            return Entry(f"{entry.text}.{key}", found.value)
    return None


def method(of: Class, name: str) -> Node | None:
    """A method of a class."""
    body = of.node.child_by_field_name("body")
    for each in body.named_children if body is not None else []:
        if each.type == "method_definition":
            found = each.child_by_field_name("name")
            if found is not None and of.source.text(found) == name:
                return each
        elif each.type in {"field_definition", "public_field_definition"}:
            found = each.child_by_field_name("property") or each.child_by_field_name("name")
            function = each.child_by_field_name("value")
            if found is not None and function is not None and of.source.text(found) == name:
                return function if function.type in sources.FUNCTIONS else None
    return None


def parameter_properties(of: Class, constructor: Node) -> list[str]:
    """Parameters that are fields at once, by position."""
    parameters = constructor.child_by_field_name("parameters")
    found = []
    for each in parameters.named_children if parameters is not None else []:
        pattern = each.child_by_field_name("pattern")
        is_field = any(
            child.type in {"accessibility_modifier", "readonly", "override_modifier"}
            for child in each.children
        )
        found.append(of.source.text(pattern) if is_field and pattern is not None else "")
    return found


def class_body(flow: Flow, frame: Frame, node: Node) -> str:
    """A class in its own place."""
    of = Class(node, frame.source, frame.names)
    things = Things("instance", {}, is_whole=False, of=of)
    _add_typed(flow, frame, of, things)
    body = node.child_by_field_name("body")
    texts = []
    at = node.start_byte
    inner = Frame(frame.source, dict(frame.names), things)
    nodes = node.children
    if body is not None:
        nodes = [each for each in nodes if each != body]
        index = node.children.index(body)
        nodes[index:index] = body.children
    for each in nodes:
        texts.append(frame.source.between(at, each.start_byte))
        at = each.end_byte
        if each.type == "method_definition":
            texts.append(function_expression(flow, inner, each).text)
        elif each.type in {"field_definition", "public_field_definition"}:
            value = each.child_by_field_name("value")
            if value is not None and value.type in sources.FUNCTIONS:
                texts.append(frame.source.between(each.start_byte, value.start_byte))
                texts.append(function_expression(flow, inner, value).text)
                texts.append(frame.source.between(value.end_byte, each.end_byte))
            else:
                texts.append(frame.source.text(each))
        else:
            texts.append(frame.source.text(each))
    texts.append(frame.source.between(at, node.end_byte))
    return "".join(texts)


def _add_typed(flow: Flow, frame: Frame, of: Class, things: Things) -> None:
    """Fields whose types are classes that we know: services that are handed in."""
    constructor = method(of, "constructor")
    parameters = constructor.child_by_field_name("parameters") if constructor is not None else None
    names = parameter_properties(of, constructor) if constructor is not None else []
    for name, each in zip(
        names, parameters.named_children if parameters is not None else [], strict=False
    ):
        annotation = each.child_by_field_name("type")
        if not name or annotation is None:
            continue
        type_name = frame.source.text(annotation).lstrip(": ")
        entry = flow.state.known.get(type_name)
        if entry is not None and isinstance(entry.value, Class):
            service = Things("instance", {}, is_whole=False, of=entry.value)
            things.entries[name] = Entry("", service)


def exports_of(flow: Flow, value: Value | None) -> dict[str, Entry] | None:
    """What a module of this workspace gives away."""
    if not isinstance(value, Module):
        return None
    return flow.modules.get(value.source.path)
