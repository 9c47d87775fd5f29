"""This file is where we write JavaScript expressions anew, with what is known of their values."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from nootropic_lsp.analysis.simplify import regexes
from nootropic_lsp.analysis.simplify.javascript import calls, functions
from nootropic_lsp.analysis.simplify.javascript.flow import (
    ANY_CONSTANT,
    Flow,
    Frame,
    flat,
    is_table,
    marked,
    padded,
    root,
    written,
)
from nootropic_lsp.analysis.simplify.javascript.paths import path_of, string_of, unescaped
from nootropic_lsp.analysis.simplify.javascript.sources import FUNCTIONS, TYPES
from nootropic_lsp.analysis.simplify.javascript.values import (
    NO_FACTS,
    Address,
    Class,
    Condition,
    Constant,
    Entry,
    Function,
    Pattern,
    Things,
    as_text,
    both,
    either,
    literal,
    truth,
)

if TYPE_CHECKING:
    from tree_sitter import Node

# A text that begins like this stays an address on the host that it names, or on this one.
_ROOTED = re.compile(r"/[A-Za-z0-9_-]|/?[?#]|https?://[\w.:-]+[/?#]|mailto:|\./")
_SETTING = re.compile(r"(process\.env|config|settings|env|this)\b|[A-Z][A-Z0-9_]+$")
_DUNDERS = frozenset({"__proto__", "constructor", "prototype"})


def evaluate(flow: Flow, frame: Frame, node: Node) -> Entry:
    """An expression as it is written in the simplified text, and what is known of it."""
    if node.type in _REMEMBERED:
        key = node.id, id(frame)
        # The frame is kept as well, so that no other one gets its number.
        known = flow.remembered.get(key)
        if known is None:
            flow.remembered[key] = known = _evaluated(flow, frame, node), frame
        return known[0]
    return _evaluated(flow, frame, node)


# What is written out as statements must be evaluated once only.
_REMEMBERED = FUNCTIONS | {"call_expression", "new_expression", "assignment_expression"}


def _evaluated(flow: Flow, frame: Frame, node: Node) -> Entry:
    flow.spend()
    handler = _HANDLERS.get(node.type)
    if handler is not None:
        return handler(flow, frame, node)
    if node.type in FUNCTIONS:
        return functions.function_expression(flow, frame, node)
    return Entry(parts(flow, frame, node))


def parts(flow: Flow, frame: Frame, node: Node) -> str:
    """A node as it is, with its parts written anew."""
    if node.type in TYPES:
        return "\n" * frame.source.text(node).count("\n")
    if not node.children:
        return frame.source.text(node)
    texts = []
    at = node.start_byte
    for each in node.children:
        texts.append(frame.source.between(at, each.start_byte))
        at = each.end_byte
        if each.is_named:
            texts.append(evaluate(flow, frame, each).text)
        else:
            texts.append(frame.source.text(each))
    texts.append(frame.source.between(at, node.end_byte))
    return "".join(texts)


def _identifier(flow: Flow, frame: Frame, node: Node) -> Entry:
    name = frame.source.text(node)
    name = frame.names.get(name, name)
    if name == "undefined":
        return Entry(name, Constant(None))
    entry = flow.state.known.get(name)
    if entry is None:
        return Entry(flow.shown(name))
    value = entry.value
    if isinstance(value, Pattern):
        return Entry(shown_pattern(value), value)
    if isinstance(value, Things) and _is_read_as_whole(node):
        return Entry(written(value) or flow.shown(name), value)
    if value is None or isinstance(value, Constant):
        return Entry(flow.shown(entry.text) if value is None else entry.text, value)
    return Entry(flow.shown(name), value)


def _is_read_as_whole(node: Node) -> bool:
    """Whether a container is given away here, and not only looked into."""
    parent = node.parent
    if parent is None or parent.type in {"member_expression", "subscript_expression"}:
        return False
    if parent.type in {"assignment_expression", "augmented_assignment_expression"}:
        return parent.child_by_field_name("left") != node
    return parent.type != "new_expression"


def shown_pattern(pattern: Pattern) -> str:
    if regexes.is_slow(pattern.source, pattern.flags):
        return "__slow__"
    return f"/{pattern.source}/{pattern.flags}" if pattern.source else "/x/"


def _shorthand(flow: Flow, frame: Frame, node: Node) -> Entry:
    name = frame.source.text(node)
    entry = _identifier(flow, frame, node)
    return Entry(f"{name}: {entry.text}" if entry.text != name else name, entry.value)


def _string(_flow: Flow, frame: Frame, node: Node) -> Entry:
    return Entry(frame.source.text(node), Constant(string_of(frame, node)))


def _number(_flow: Flow, frame: Frame, node: Node) -> Entry:
    text = frame.source.text(node)
    try:
        value = float(int(text, 0)) if text[:2].lower() in {"0x", "0b", "0o"} else float(text)
    except ValueError:
        return Entry(text)
    return Entry(text, Constant(value))


def _simple(value: bool | None) -> Callable[[Flow, Frame, Node], Entry]:
    return lambda _flow, frame, node: Entry(frame.source.text(node), Constant(value))


def _regex(_flow: Flow, frame: Frame, node: Node) -> Entry:
    pattern = node.child_by_field_name("pattern")
    flags = node.child_by_field_name("flags")
    value = Pattern(
        frame.source.text(pattern) if pattern is not None else "",
        frame.source.text(flags) if flags is not None else "",
    )
    return Entry(shown_pattern(value), value)


def _template(flow: Flow, frame: Frame, node: Node) -> Entry:
    texts, constants, start = [], [], None
    at = node.start_byte
    is_constant = True
    for each in node.children:
        if each.type == "template_substitution":
            entry = evaluate(flow, frame, each.named_children[0])
            if isinstance(entry.value, Constant):
                piece = as_text(entry.value.value)
                constants.append(piece)
                escaped = piece.replace("\\", "\\\\").replace("`", "\\`").replace("${", "\\${")
                texts.append(padded(escaped.replace("\n", "\\n"), frame.source.text(each)))
            else:
                if is_constant:
                    start = "".join(constants)
                    if not start and _SETTING.match(entry.text):
                        constants.append("https://host")
                        texts.append(f"${{{entry.text}}}")
                        at = each.end_byte
                        continue
                is_constant = False
                texts.append(f"${{{entry.text}}}")
        else:
            piece = frame.source.text(each)
            if each.is_named:
                constants.append(unescaped(piece) if each.type == "escape_sequence" else piece)
            texts.append(frame.source.between(at, each.start_byte) + piece)
        at = each.end_byte
    text = "".join(texts)
    parent = node.parent
    if parent is not None and parent.type == "call_expression":
        return Entry(text)
    if is_constant and "${" not in text:
        return Entry(text, Constant("".join(constants)))
    if flow.stack:
        text = text.replace("\n", " ")
    if _ROOTED.match("".join(constants) if start is None else start):
        return Entry(f"__same_host__({text})")
    return Entry(text)


def _parenthesized(flow: Flow, frame: Frame, node: Node) -> Entry:
    if not node.named_children:
        return Entry(frame.source.text(node))
    inner = [each for each in node.named_children if each.type != "comment"]
    entry = evaluate(flow, frame, inner[0])
    if len(inner) != 1 or isinstance(entry.value, Constant) or entry.text.startswith("("):
        return Entry(padded(entry.text, frame.source.text(node)), entry.value)
    return Entry(padded(f"({entry.text})", frame.source.text(node)), entry.value)


def _first_only(flow: Flow, frame: Frame, node: Node) -> Entry:
    """`x as T`, `x!`, `x satisfies T`."""
    entry = evaluate(flow, frame, node.named_children[0])
    return Entry(padded(entry.text, frame.source.text(node)), entry.value)


def _cast(flow: Flow, frame: Frame, node: Node) -> Entry:
    """`<T>x`."""
    entry = evaluate(flow, frame, node.named_children[-1])
    return Entry(padded(entry.text, frame.source.text(node)), entry.value)


def _await(flow: Flow, frame: Frame, node: Node) -> Entry:
    entry = evaluate(flow, frame, node.named_children[-1])
    if isinstance(entry.value, Constant):
        return entry
    return Entry(padded(f"await {entry.text}", frame.source.text(node)), entry.value)


def _unary(flow: Flow, frame: Frame, node: Node) -> Entry:
    operator = node.children[0].type
    entry = evaluate(flow, frame, node.children[-1])
    value = entry.value
    text = padded(f"{operator} {entry.text}", frame.source.text(node))
    if operator in {"!", "-", "+"}:
        text = padded(f"{operator}{entry.text}", frame.source.text(node))
    if operator == "!":
        if isinstance(value, Condition):
            return Entry(text, Condition(value.when_false, value.when_true))
        known = truth(value)
        if known is not None:
            return Entry(literal(not known), Constant(not known))
        path = path_of(flow, frame, node.children[-1])
        return Entry(text, Condition(NO_FACTS, NO_FACTS) if path else None)
    if isinstance(value, Constant):
        if operator == "-" and isinstance(value.value, float):
            return Entry(f"-{entry.text}", Constant(-value.value))
        if operator == "typeof" and isinstance(value.value, str):
            return Entry('"string"', Constant("string"))
    return Entry(text)


def _binary(flow: Flow, frame: Frame, node: Node) -> Entry:
    operator = node.children[1].type
    left_node, right_node = node.children[0], node.children[-1]
    if len(node.children) != 3:
        return Entry(parts(flow, frame, node))
    left = evaluate(flow, frame, left_node)
    if operator in {"&&", "||", "??"}:
        return _logical(flow, frame, node, left)
    right = evaluate(flow, frame, right_node)
    gap = frame.source.between(left_node.end_byte, right_node.start_byte)
    text = f"{left.text}{gap}{right.text}"
    if isinstance(left.value, Constant) and isinstance(right.value, Constant):
        folded = _folded(operator, left.value.value, right.value.value)
        if folded is not None:
            return Entry(padded(literal(folded.value), frame.source.text(node)), folded)
    if operator in {"===", "==", "!==", "!="}:
        value = _comparison(flow, frame, node, left, right)
        return Entry(text, value if operator[0] == "=" else _opposite(value))
    if operator in {"<", ">", "<=", ">="}:
        return Entry(text, _order(flow, frame, node, operator))
    if operator == "in":
        return Entry(text, _is_in(flow, frame, left_node, right))
    if operator == "+" and not _is_sum(node.parent):
        first = _leftmost(flow, frame, node)
        if _ROOTED.match(first):
            return Entry(f"__same_host__({text})")
    return Entry(text)


def _is_sum(node: Node | None) -> bool:
    return node is not None and node.type == "binary_expression" and node.children[1].type == "+"


def _leftmost(flow: Flow, frame: Frame, node: Node) -> str:
    """The constant text with which a sum begins."""
    operands: list[Node] = []
    while _is_sum(node):
        operands.insert(0, node.children[-1])
        node = node.children[0]
    operands.insert(0, node)
    found = ""
    for i, each in enumerate(operands):
        entry = evaluate(flow, frame, each)
        if isinstance(entry.value, Constant):
            found += as_text(entry.value.value)
        elif i == 0 and _SETTING.match(entry.text):
            found += "https://host"
        else:
            if not found and entry.text.startswith("__same_host__"):
                return "/x"
            break
    return found


def _folded(
    operator: str, one: str | float | bool | None, other: str | float | bool | None
) -> Constant | None:
    match operator:
        case "+" if isinstance(one, str) or isinstance(other, str):
            return Constant(as_text(one) + as_text(other))
        case "===" | "==":
            return Constant(one == other)
        case "!==" | "!=":
            return Constant(one != other)
    if not isinstance(one, float) or not isinstance(other, float):
        return None
    match operator:
        case "+":
            return Constant(one + other)
        case "-":
            return Constant(one - other)
        case "*":
            return Constant(one * other)
        case "/" if other:
            return Constant(one / other)
        case "%" if other and one >= 0 and other > 0:
            return Constant(one % other)
        case "<":
            return Constant(one < other)
        case ">":
            return Constant(one > other)
        case "<=":
            return Constant(one <= other)
        case ">=":
            return Constant(one >= other)
    return None


def _opposite(value: Condition | None) -> Condition | None:
    return value and Condition(value.when_false, value.when_true)


def _logical(flow: Flow, frame: Frame, node: Node, left: Entry) -> Entry:
    operator = node.children[1].type
    right_node = node.children[-1]
    known = truth(left.value)
    if operator == "??" and isinstance(left.value, Constant) and left.value.value is not None:
        return Entry(padded(left.text, frame.source.text(node)), left.value)
    if known is not None and (operator != "??" or not known):
        stays = known if operator == "||" else not known
        if operator == "??":
            stays = not (isinstance(left.value, Constant) and left.value.value is None)
        if stays:
            return Entry(padded(left.text, frame.source.text(node)), left.value)
        entry = evaluate(flow, frame, right_node)
        return Entry(padded(entry.text, frame.source.text(node)), entry.value)
    condition = as_condition(left.value)
    state = flow.state
    flow.state = state.copy()
    if operator == "&&":
        flow.assume(condition.when_true)
    elif operator == "||":
        flow.assume(condition.when_false)
    right = evaluate(flow, frame, right_node)
    flow.state = state
    gap = frame.source.between(node.children[0].end_byte, right_node.start_byte)
    text = f"{left.text}{gap}{right.text}"
    other = as_condition(right.value)
    if operator == "??":
        if isinstance(left.value, Address):
            return Entry(text, left.value)
        return Entry(text, right.value if isinstance(right.value, Condition) else None)
    if operator == "&&":
        when_false = either(condition.when_false, other.when_false)
        if isinstance(right.value, Constant) and right.value.value:
            when_false = condition.when_false
        result = Condition(both(condition.when_true, other.when_true), when_false)
    else:
        when_true = either(condition.when_true, other.when_true)
        result = Condition(when_true, both(condition.when_false, other.when_false))
    return Entry(text, result if result.when_true or result.when_false else None)


def as_condition(value: object) -> Condition:
    return value if isinstance(value, Condition) else Condition(NO_FACTS, NO_FACTS)


def _comparison(
    flow: Flow, frame: Frame, node: Node, left: Entry, right: Entry
) -> Condition | None:
    left_node, right_node = node.children[0], node.children[-1]
    for one_node, one, other in ((left_node, left, right), (right_node, right, left)):
        if _is_typeof(one_node) and isinstance(other.value, Constant):
            path = path_of(flow, frame, one_node.children[-1])
            kind = _KINDS.get(str(other.value.value), "")
            return Condition({path: frozenset({kind})}, NO_FACTS) if kind and path else None
        if isinstance(one.value, Address) and one.value.part in _HOSTS:
            keys = [each for each in (one.value.itself, one.value.origin) if each]
            if not _is_input(other):
                return Condition({key: frozenset({"host"}) for key in keys}, NO_FACTS)
        index = calls.index_of(flow, frame, one_node)
        if index and isinstance(other.value, Constant) and other.value.value == -1.0:
            return Condition(NO_FACTS, index)
        if isinstance(one.value, Condition) and truth(other.value) is not None:
            return one.value if truth(other.value) else _opposite(one.value)
    for one_node, other in ((left_node, right), (right_node, left)):
        path = path_of(flow, frame, one_node)
        if path and isinstance(other.value, Constant):
            if other.value.value in _DUNDERS:
                return Condition(NO_FACTS, {path: frozenset({"own key"})})
            return Condition({path: frozenset({"constant"})}, NO_FACTS)
    return None


_HOSTS = frozenset({"host", "hostname", "origin"})
_KINDS = {"string": "text", "number": "constant", "boolean": "constant"}


def _is_typeof(node: Node) -> bool:
    return node.type == "unary_expression" and node.children[0].type == "typeof"


def _is_input(entry: Entry) -> bool:
    return isinstance(entry.value, Address) and entry.value.part == ""


def _order(flow: Flow, frame: Frame, node: Node, operator: str) -> Condition | None:
    left, right = node.children[0], node.children[-1]
    index = calls.index_of(flow, frame, left)
    if index and operator in {">=", ">"}:
        return Condition(index, NO_FACTS)
    if index and operator == "<":
        return Condition(NO_FACTS, index)
    if left.type == "member_expression" and isinstance(
        evaluate(flow, frame, right).value, Constant
    ):
        member = left.child_by_field_name("property")
        if member is not None and frame.source.text(member) == "length":
            path = path_of(flow, frame, left.children[0])
            facts = {path: frozenset({"short"})} if path else NO_FACTS
            return Condition(NO_FACTS, facts) if ">" in operator else Condition(facts, NO_FACTS)
    return None


def _is_in(flow: Flow, frame: Frame, key: Node, container: Entry) -> Condition | None:
    path = path_of(flow, frame, key)
    if path and isinstance(container.value, Things) and is_table(container.value):
        return Condition({path: frozenset({"constant"})}, NO_FACTS)
    return None


def _ternary(flow: Flow, frame: Frame, node: Node) -> Entry:
    condition_node = node.child_by_field_name("condition")
    one_node = node.child_by_field_name("consequence")
    other_node = node.child_by_field_name("alternative")
    if condition_node is None or one_node is None or other_node is None:
        return Entry(parts(flow, frame, node))
    condition = evaluate(flow, frame, condition_node)
    known = truth(condition.value)
    if known is not None:
        entry = evaluate(flow, frame, one_node if known else other_node)
        return Entry(padded(entry.text, frame.source.text(node)), entry.value)
    facts = as_condition(condition.value)
    state = flow.state
    results = []
    for each, some in ((one_node, facts.when_true), (other_node, facts.when_false)):
        flow.state = state.copy()
        flow.assume(some)
        results.append(evaluate(flow, frame, each))
    flow.state = state
    one, other = results
    gap = frame.source.between(condition_node.end_byte, one_node.start_byte)
    middle = frame.source.between(one_node.end_byte, other_node.start_byte)
    if isinstance(one.value, Constant) and isinstance(other.value, Constant):
        return Entry(
            padded(f"({condition.text} ? {one.text} : {other.text})", frame.source.text(node))
        )
    return Entry(f"{condition.text}{gap}{one.text}{middle}{other.text}")


def _member(flow: Flow, frame: Frame, node: Node) -> Entry:
    base_node = node.children[0]
    member = node.child_by_field_name("property")
    if member is None:
        return Entry(parts(flow, frame, node))
    name = frame.source.text(member)
    if frame.source.text(base_node) == "path" and name == "sep":
        return Entry("path.sep", Constant("/"))
    base = evaluate(flow, frame, base_node)
    if isinstance(base.value, Constant) and name == "length" and isinstance(base.value.value, str):
        length = float(len(base.value.value))
        return Entry(padded(literal(length), frame.source.text(node)), Constant(length))
    found = member_of(flow, frame, base, name)
    if found is not None:
        return Entry(padded(found.text, frame.source.text(node)), found.value)
    if isinstance(base.value, Address) and not base.value.part:
        text = f"{base.text}.{name}"
        value = Address(base.value.origin, base.value.itself, name)
        return Entry(padded(text, frame.source.text(node)), value)
    path = path_of(flow, frame, node)
    facts = flow.state.facts.get(path)
    text = f"{base.text}{frame.source.between(base_node.end_byte, node.end_byte)}"
    if base.text == base_node.type == "this":
        text = frame.source.text(node)
    left = flow.left.of(flat(text)) if flow.left.known else None
    if left is not None:
        return Entry(padded(left, frame.source.text(node)))
    if facts:
        text = marked(text, facts)
    return Entry(text)


def member_of(flow: Flow, frame: Frame, base: Entry, name: str) -> Entry | None:
    """What is known of a member."""
    value = base.value
    if isinstance(value, Things) and value.kind in {"object", "instance"}:
        entry = value.entries.get(name)
        if entry is not None:
            if not entry.text:
                return Entry(f"{base.text}.{name}", entry.value)
            if isinstance(entry.value, Function | Class | Things):
                shown = written(entry.value) if isinstance(entry.value, Things) else None
                return Entry(shown or f"{base.text}.{name}", entry.value)
            if not root(entry.text) or flow.state.facts.get(entry.text):
                return Entry(flow.shown(entry.text), entry.value)
            return entry
    if isinstance(value, Things) and (value.kind, name, value.is_whole) == (
        "array",
        "length",
        True,
    ):
        return Entry(str(len(value.entries)), Constant(float(len(value.entries))))
    if isinstance(value, Things) and value.of is not None:
        method = functions.method(value.of, name)
        if method is not None:
            function = Function(method, value.of.source, value.of.scope, value)
            if any(each.type == "get" for each in method.children):
                return calls.inlined(flow, frame, function, [], this_text=base.text)
            return Entry(f"{base.text}.{name}", function)
    if isinstance(value, Class):
        method = functions.method(value, name)
        if method is not None:
            return Entry(f"{base.text}.{name}", Function(method, value.source, value.scope))
    exported = functions.exports_of(flow, value)
    if exported is not None and name in exported:
        return Entry(f"{base.text}.{name}", exported[name].value)
    return None


def _subscript(flow: Flow, frame: Frame, node: Node) -> Entry:
    base_node = node.children[0]
    index_node = node.child_by_field_name("index")
    if index_node is None:
        return Entry(parts(flow, frame, node))
    base = evaluate(flow, frame, base_node)
    index = evaluate(flow, frame, index_node)
    original = frame.source.text(node)
    value = base.value
    if isinstance(index.value, Constant):
        key = as_text(index.value.value)
        text = value.value if isinstance(value, Constant) else None
        if isinstance(text, str) and key.isdigit() and int(key) < len(text):
            found = text[int(key)]
            return Entry(padded(literal(found), original), Constant(found))
        if isinstance(value, Things) and value.kind in {"array", "object"}:
            entry = value.entries.get(key)
            if entry is not None and entry.text:
                return Entry(padded(entry.text, original), entry.value)
    elif isinstance(value, Things) and is_table(value):
        constants = [each for each in value.entries.values() if isinstance(each.value, Constant)]
        if constants:
            return Entry(padded(ANY_CONSTANT, original))
        functions_ = [each.value for each in value.entries.values()]
        if functions_ and len(functions_) == 1:
            return Entry(padded(f"{base.text}[{index.text}]", original), functions_[0])
    key_text = index.text
    if isinstance(value, Things) and value.kind == "null":
        key_text = f"__own_key__({key_text})"
    path = path_of(flow, frame, node)
    text = padded(f"{base.text}[{key_text}]", original)
    return Entry(text if not flow.state.facts.get(path) else flow.shown(path))


def _object(flow: Flow, frame: Frame, node: Node) -> Entry:
    texts = []
    things = Things("object", {})
    at = node.start_byte
    for each in node.children:
        texts.append(frame.source.between(at, each.start_byte))
        at = each.end_byte
        if each.is_named:
            texts.append(_property(flow, frame, each, things))
        else:
            texts.append(frame.source.text(each))
    texts.append(frame.source.between(at, node.end_byte))
    return Entry("".join(texts), things)


def _property(flow: Flow, frame: Frame, node: Node, things: Things) -> str:
    """A property of an object literal, which is added to what is known of the object."""
    key: str | None = None
    match node.type:
        case "comment":
            return _blank(frame, node)
        case "pair":
            key_node, value_node = node.children[0], node.children[-1]
            entry = evaluate(flow, frame, value_node)
            gap = frame.source.between(key_node.end_byte, value_node.start_byte)
            key = shown = frame.source.text(key_node)
            if key_node.type == "string":
                key = string_of(frame, key_node)
            elif key_node.type == "computed_property_name":
                computed = evaluate(flow, frame, key_node.named_children[0])
                shown = f"[{computed.text}]"
                constant = computed.value
                key = as_text(constant.value) if isinstance(constant, Constant) else None
            text = f"{shown}{gap}{entry.text}"
        case "shorthand_property_identifier":
            entry = _shorthand(flow, frame, node)
            key, text = frame.source.text(node), entry.text
            entry = Entry(text.partition(": ")[2] or text, entry.value)
        case "spread_element":
            return _spread(flow, frame, node, things)
        case "method_definition":
            name_node = node.child_by_field_name("name")
            entry = functions.function_expression(flow, frame, node)
            key = frame.source.text(name_node) if name_node is not None else None
            text, entry = entry.text, Entry("", entry.value)
        case _:
            things.is_whole = False
            return evaluate(flow, frame, node).text
    if key is None:
        things.is_whole = False
    else:
        things.entries.pop(key, None)
        things.entries[key] = flow.scalar(frame, entry)
    return text


def _spread(flow: Flow, frame: Frame, node: Node, things: Things) -> str:
    entry = evaluate(flow, frame, node.named_children[0])
    value = entry.value
    if isinstance(value, Things) and value.kind == "object":
        things.entries.update(value.entries)
        things.is_whole = things.is_whole and value.is_whole
    else:
        things.is_whole = False
    return f"...{entry.text}"


def _blank(frame: Frame, node: Node) -> str:
    return "\n" * frame.source.text(node).count("\n")


def _array(flow: Flow, frame: Frame, node: Node) -> Entry:
    texts = []
    entries: dict[str, Entry] = {}
    is_whole = True
    at = node.start_byte
    for each in node.children:
        texts.append(frame.source.between(at, each.start_byte))
        at = each.end_byte
        if not each.is_named:
            texts.append(frame.source.text(each))
            continue
        if each.type == "comment":
            texts.append(_blank(frame, each))
            continue
        entry = evaluate(
            flow, frame, each.named_children[0] if each.type == "spread_element" else each
        )
        if each.type != "spread_element":
            texts.append(entry.text)
            if is_whole:
                entries[str(len(entries))] = flow.scalar(frame, entry)
            continue
        texts.append(f"...{entry.text}")
        value = entry.value
        if isinstance(value, Things) and value.kind == "array" and value.is_whole and is_whole:
            for item in value.entries.values():
                entries[str(len(entries))] = item
        else:
            is_whole = False
    texts.append(frame.source.between(at, node.end_byte))
    return Entry("".join(texts), Things("array", entries, is_whole))


def _assignment(flow: Flow, frame: Frame, node: Node) -> Entry:
    left, right = node.children[0], node.children[-1]
    if left.type in {"object_pattern", "array_pattern"}:
        entry = evaluate(flow, frame, right)
        text = functions.destructured(flow, frame, left, entry, keyword="")
        return Entry(padded(f"({text})", frame.source.text(node)))
    entry = evaluate(flow, frame, right)
    gap = frame.source.between(left.end_byte, right.start_byte)
    return Entry(f"{assign(flow, frame, left, entry)}{gap}{entry.text}", entry.value)


def assign(flow: Flow, frame: Frame, target: Node, entry: Entry) -> str:
    """The left side of an assignment; from here on it has that value."""
    if target.type == "identifier":
        name = frame.source.text(target)
        name = frame.names.get(name, name)
        flow.bind(frame, name, entry)
        return name
    if target.type in {"member_expression", "subscript_expression"}:
        base_node = target.children[0]
        base = evaluate(flow, frame, base_node)
        path = path_of(flow, frame, target)
        for each in [known for known in flow.state.facts if path and known.startswith(path)]:
            del flow.state.facts[each]
        key: str | None = None
        member = target.child_by_field_name("property")
        index = target.child_by_field_name("index")
        if member is not None:
            key = frame.source.text(member)
            shown = f"{_place(flow, frame, base_node)}.{key}"
            flow.left.note(flat(shown), entry.text, is_constant=isinstance(entry.value, Constant))
        elif index is not None:
            computed = evaluate(flow, frame, index)
            constant = computed.value
            key = as_text(constant.value) if isinstance(constant, Constant) else None
            shown = computed.text
            if isinstance(base.value, Things) and base.value.kind in {"null", "map"}:
                shown = f"__own_key__({shown})"
            shown = f"{_place(flow, frame, base_node)}[{shown}]"
        else:
            shown = parts(flow, frame, target)
        if isinstance(base.value, Things):
            if key is None:
                base.value.is_whole = False
                base.value.entries.clear()
            else:
                base.value.entries[key] = flow.scalar(frame, entry)
        return padded(shown, frame.source.text(target))
    return parts(flow, frame, target)


def _place(flow: Flow, frame: Frame, node: Node) -> str:
    """A container that something is written into, by name."""
    if node.type in {"identifier", "this"}:
        path = path_of(flow, frame, node)
        return path or frame.source.text(node)
    return evaluate(flow, frame, node).text


def _augmented(flow: Flow, frame: Frame, node: Node) -> Entry:
    left, right = node.children[0], node.children[-1]
    before = evaluate(flow, frame, left)
    entry = evaluate(flow, frame, right)
    gap = frame.source.between(left.end_byte, right.start_byte)
    value = None
    start = before.value if node.children[1].type == "+=" else None
    if isinstance(start, Constant) and isinstance(entry.value, Constant):
        value = _folded("+", start.value, entry.value.value)
    target = assign(flow, frame, left, Entry("", value))
    if isinstance(start, Constant) and value is None:
        prefix = literal(start.value)
        sum_ = f"{prefix} + {entry.text}"
        if _ROOTED.match(as_text(start.value)):
            sum_ = f"__same_host__({sum_})"
        return Entry(padded(f"{target} = {sum_}", frame.source.text(node)))
    return Entry(f"{target}{gap}{entry.text}")


def _update(flow: Flow, frame: Frame, node: Node) -> Entry:
    argument = node.child_by_field_name("argument")
    if argument is not None and argument.type == "identifier":
        flow.forget(path_of(flow, frame, argument))
    return Entry(frame.source.text(node))


def _this(_flow: Flow, frame: Frame, _node: Node) -> Entry:
    return Entry(frame.this_text, frame.this)


def _comment(_flow: Flow, frame: Frame, node: Node) -> Entry:
    return Entry(_blank(frame, node))


def _class(flow: Flow, frame: Frame, node: Node) -> Entry:
    return Entry(functions.class_body(flow, frame, node), Class(node, frame.source, frame.names))


_Handler = Callable[[Flow, Frame, "Node"], Entry]
_HANDLERS: dict[str, _Handler] = {
    "identifier": _identifier,
    "shorthand_property_identifier": _shorthand,
    "string": _string,
    "number": _number,
    "true": _simple(True),
    "false": _simple(False),
    "null": _simple(None),
    "regex": _regex,
    "template_string": _template,
    "parenthesized_expression": _parenthesized,
    "as_expression": _first_only,
    "satisfies_expression": _first_only,
    "non_null_expression": _first_only,
    "type_assertion": _cast,
    "await_expression": _await,
    "unary_expression": _unary,
    "binary_expression": _binary,
    "ternary_expression": _ternary,
    "member_expression": _member,
    "subscript_expression": _subscript,
    "object": _object,
    "array": _array,
    "assignment_expression": _assignment,
    "augmented_assignment_expression": _augmented,
    "update_expression": _update,
    "call_expression": calls.call,
    "new_expression": calls.new,
    "this": _this,
    "comment": _comment,
    "class": _class,
}
