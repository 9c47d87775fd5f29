"""This file is where we say what methods and functions of JavaScript's own library give."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nootropic_lsp.analysis.simplify import regexes
from nootropic_lsp.analysis.simplify.javascript.flow import (
    ANY_CONSTANT,
    Flow,
    Frame,
    flat,
    is_table,
)
from nootropic_lsp.analysis.simplify.javascript.paths import arguments, path_of
from nootropic_lsp.analysis.simplify.javascript.values import (
    NO_FACTS,
    Address,
    Condition,
    Constant,
    Entry,
    Function,
    Pattern,
    Resolved,
    Things,
    as_text,
    literal,
)

if TYPE_CHECKING:
    from tree_sitter import Node

_HOSTS = frozenset({"host", "hostname", "origin"})
_DUNDERS = frozenset({"__proto__", "constructor", "prototype"})
_STRICT = re.compile(
    r"^(validator\.)?(isUUID|isInt|isNumeric|isAlphanumeric|isAlpha|isHexadecimal|isMongoId|isIP"
    r"|isSlug|isISO8601|isIn|isIPv4|isIPv6)$|^(uuid|net)\.(validate|isIP|isIPv4|isIPv6)$"
    r"|^Number\.(isInteger|isSafeInteger)$"
)
_ROOTED = re.compile(r"/[A-Za-z0-9_-]|https?://[\w.:-]+[/?#]")


def call(
    flow: Flow, frame: Frame, node: Node, base: Entry, name: str, given: list[Node]
) -> Entry | None:
    """A call of a method, if more is known of it than that it is one."""
    value = base.value
    callee = node.child_by_field_name("function")
    owner = frame.source.text(callee.children[0]) if callee is not None else ""
    if isinstance(value, Things) and value.kind != "instance":
        found = _of_things(flow, frame, node, value, name, given)
        if found is not None:
            return found
    if isinstance(value, Constant) and isinstance(value.value, str):
        found = _of_text(flow, frame, value.value, name, given)
        if found is not None:
            return found
    if name == "promisify" and len(given) == 1:
        return flow.evaluate(flow, frame, given[0])
    if owner in {"path", "path.posix", "nodePath"} or name in {"realpathSync", "realpath"}:
        return _of_path(flow, frame, node, name, given)
    if name in {"replace", "replaceAll"} and len(given) == 2:
        return _replaced(flow, frame, base, name, given)
    return _condition(flow, frame, node, base, name, given, owner)


def plain_call(flow: Flow, frame: Frame, node: Node, name: str, given: list[Node]) -> Entry | None:
    """A call of a function by its name."""
    if name == "String" and len(given) == 1:
        entry = flow.evaluate(flow, frame, given[0])
        if isinstance(entry.value, Constant):
            text = as_text(entry.value.value)
            return Entry(literal(text), Constant(text))
        return Entry(
            f"String({entry.text})", entry.value if isinstance(entry.value, Address) else None
        )
    if name == "promisify" and len(given) == 1:
        return flow.evaluate(flow, frame, given[0])
    if name in {"join", "resolve", "normalize", "relative", "isAbsolute"} and given:
        if frame.names.get(name, name) in flow.state.known:
            return None
        return _of_path(flow, frame, node, name, given)
    if _STRICT.match(name):
        return _says(flow, frame, node, given, "constant")
    return None


def _says(flow: Flow, frame: Frame, node: Node, given: list[Node], fact: str) -> Entry | None:
    path = path_of(flow, frame, given[0]) if given else ""
    if not path:
        return None
    return Entry(_plain(flow, frame, node), Condition({path: frozenset({fact})}, NO_FACTS))


def _plain(flow: Flow, frame: Frame, node: Node) -> str:
    """The call as it is, with its parts written anew."""
    callee = node.child_by_field_name("function")
    texts = [flow.evaluate(flow, frame, each).text for each in arguments(node)]
    if callee is None:
        return frame.source.text(node)
    if callee.type == "member_expression":
        base = flow.evaluate(flow, frame, callee.children[0]).text
        member = callee.child_by_field_name("property")
        shown = f"{base}.{frame.source.text(member)}" if member is not None else base
    else:
        shown = frame.source.text(callee)
    return f"{shown}({', '.join(texts)})"


def _constants(flow: Flow, frame: Frame, given: list[Node]) -> list[str] | None:
    found = []
    for each in given:
        value = flow.evaluate(flow, frame, each).value
        if not isinstance(value, Constant):
            return None
        found.append(as_text(value.value))
    return found


def _of_text(flow: Flow, frame: Frame, text: str, name: str, given: list[Node]) -> Entry | None:
    constants = _constants(flow, frame, given)
    if constants is None:
        return None
    result: str | float | bool
    match name, constants:
        case "charAt", [index] if index.isdigit():
            result = text[int(index) : int(index) + 1]
        case "toLowerCase", []:
            result = text.lower()
        case "toUpperCase", []:
            result = text.upper()
        case "trim", []:
            result = text.strip()
        case "toString", []:
            result = text
        case "includes", [part]:
            result = part in text
        case "startsWith", [part]:
            result = text.startswith(part)
        case "endsWith", [part]:
            result = text.endswith(part)
        case "indexOf", [part]:
            result = float(text.find(part))
        case (("slice" | "substring"), [start]) if start.isdigit():
            result = text[int(start) :]
        case (("slice" | "substring"), [start, end]) if start.isdigit() and end.isdigit():
            result = text[int(start) : int(end)]
        case "charCodeAt", [index] if index.isdigit() and int(index) < len(text):
            result = float(ord(text[int(index)]))
        case _:
            return None
    return Entry(literal(result), Constant(result))


def _of_things(
    flow: Flow, frame: Frame, node: Node, things: Things, name: str, given: list[Node]
) -> Entry | None:
    if name in {"includes", "has", "indexOf"} and len(given) == 1:
        return _membership(flow, frame, node, things, name, given[0])
    if things.kind in {"map", "set"}:
        return _of_map(flow, frame, node, things, name, given)
    if things.kind == "array":
        return _of_array(flow, frame, node, things, name, given)
    if name == "hasOwnProperty" and given:
        fact = "constant" if is_table(things) else "own key"
        return _says(flow, frame, node, given, fact)
    return None


def _membership(
    flow: Flow, frame: Frame, node: Node, things: Things, name: str, key: Node
) -> Entry | None:
    path = path_of(flow, frame, key)
    text = _plain(flow, frame, node)
    if name == "indexOf":
        return Entry(text)
    if facts := _of_host(flow, frame, key):
        return Entry(text, Condition(facts, NO_FACTS))
    if not path:
        return Entry(text)
    texts = {
        as_text(each.value.value)
        for each in things.entries.values()
        if isinstance(each.value, Constant)
    }
    if texts & _DUNDERS:
        return Entry(text, Condition(NO_FACTS, {path: frozenset({"own key"})}))
    if things.kind == "map" or is_table(things):
        return Entry(text, Condition({path: frozenset({"constant"})}, NO_FACTS))
    return Entry(text)


def _of_host(flow: Flow, frame: Frame, node: Node) -> dict[str, frozenset[str]]:
    """If this is the host of an URL: that the host of the URL is one of some."""
    value = flow.evaluate(flow, frame, node).value
    if not isinstance(value, Address) or value.part not in _HOSTS:
        return {}
    return {each: frozenset({"host"}) for each in (value.itself, value.origin) if each}


def _of_map(
    flow: Flow, frame: Frame, node: Node, things: Things, name: str, given: list[Node]
) -> Entry | None:
    entries = [flow.evaluate(flow, frame, each) for each in given]
    key = entries[0].value if entries else None
    constant = as_text(key.value) if isinstance(key, Constant) else None
    if name == "set" and len(entries) == 2:
        if constant is None:
            things.is_whole = False
            things.entries.clear()
            base = _base(flow, frame, node)
            return Entry(f"({base} = [{base}, {entries[1].text}])", things)
        stored = flow.scalar(frame, entries[1])
        things.entries[constant] = stored
        base = _base(flow, frame, node)
        return Entry(f"({base} = [{base}, {stored.text or entries[1].text}])", things)
    if name == "get" and entries:
        if constant is not None and constant in things.entries:
            return things.entries[constant] if things.entries[constant].text else None
        if constant is None and is_table(things):
            if any(isinstance(each.value, Function) for each in things.entries.values()):
                return None
            return Entry(ANY_CONSTANT)
    if name == "add" and entries:
        things.entries[str(len(things.entries))] = flow.scalar(frame, entries[0])
    elif name == "delete" and constant is not None:
        things.entries.pop(constant, None)
    elif name in {"clear", "delete"}:
        things.entries.clear()
        things.is_whole = False
    return None


def _base(flow: Flow, frame: Frame, node: Node) -> str:
    callee = node.child_by_field_name("function")
    if callee is None:
        return ""
    return path_of(flow, frame, callee.children[0]) or frame.source.text(callee.children[0])


def _of_array(
    flow: Flow, frame: Frame, node: Node, things: Things, name: str, given: list[Node]
) -> Entry | None:
    if name not in _ARRAY_METHODS or not things.is_whole:
        return None
    items = list(things.entries.values())
    entries = [flow.evaluate(flow, frame, each) for each in given if each.type != "spread_element"]
    if len(entries) != len(given) or len(items) + len(entries) > 40:
        things.is_whole = False
        things.entries.clear()
        return None
    result: Entry | None = None
    numbers = [
        int(each.value.value)
        for each in entries
        if isinstance(each.value, Constant) and isinstance(each.value.value, float)
    ]
    are_numbers = len(numbers) == len(entries)
    base = _base(flow, frame, node)
    match name:
        case "push" | "unshift":
            stored = [flow.scalar(frame, each) for each in entries]
            items = items + stored if name == "push" else stored + items
            shown = ", ".join(flat(each.text or "0") for each in stored)
            result = Entry(f"{base} = [{base}, {shown}]")
        case "pop" if items:
            result = items.pop()
        case "shift" if items:
            result = items.pop(0)
        case "reverse":
            items.reverse()
            result = Entry(base, things)
        case "at" if are_numbers and numbers and -len(items) <= numbers[0] < len(items):
            return items[numbers[0]] if items[numbers[0]].text else None
        case "slice" if are_numbers:
            return _array(items[slice(*numbers) if len(numbers) > 1 else slice(numbers[0], None)]
                          if numbers else items)  # fmt: skip
        case "concat":
            return _concatenated(flow, frame, items, entries)
        case "join":
            return _joined(items, entries)
        case "splice" if are_numbers and len(numbers) == 2 and numbers[0] >= 0:
            gone = items[numbers[0] : numbers[0] + numbers[1]]
            del items[numbers[0] : numbers[0] + numbers[1]]
            result = _array(gone)
        case _:
            if name in {"splice", "fill", "sort", "pop", "shift"}:
                things.is_whole = False
                things.entries.clear()
            return None
    things.entries.clear()
    things.entries.update({str(i): each for i, each in enumerate(items)})
    return result if result is not None and result.text else None


def _concatenated(
    flow: Flow, frame: Frame, items: list[Entry], entries: list[Entry]
) -> Entry | None:
    more = list(items)
    for each in entries:
        if isinstance(each.value, Things) and each.value.kind == "array":
            if not each.value.is_whole:
                return None
            more += each.value.entries.values()
        else:
            more.append(flow.scalar(frame, each))
    return _array(more)


_ARRAY_METHODS = frozenset(
    [
        "push",
        "unshift",
        "pop",
        "shift",
        "reverse",
        "at",
        "slice",
        "concat",
        "join",
        "splice",
        "fill",
        "sort",
    ]
)


def _array(items: list[Entry]) -> Entry | None:
    if not all(each.text for each in items):
        return None
    text = f"[{', '.join(flat(each.text) for each in items)}]"
    return Entry(text, Things("array", {str(i): each for i, each in enumerate(items)}))


def _joined(items: list[Entry], entries: list[Entry]) -> Entry | None:
    separator = entries[0].value if entries else Constant(",")
    if not isinstance(separator, Constant) or not all(each.text for each in items):
        return None
    between = as_text(separator.value)
    if all(isinstance(each.value, Constant) for each in items):
        text = between.join(
            as_text(each.value.value) for each in items if isinstance(each.value, Constant)
        )
        return Entry(literal(text), Constant(text))
    pieces: list[str] = []
    constant = ""
    for i, each in enumerate(items):
        constant += between if i else ""
        if isinstance(each.value, Constant):
            constant += as_text(each.value.value)
            continue
        pieces += [literal(constant)] if constant or not pieces else []
        constant = ""
        pieces.append(f"({flat(each.text)})")
    pieces += [literal(constant)] if constant else []
    text = f"({' + '.join(pieces)})"
    first = items[0].value
    if isinstance(first, Constant) and _ROOTED.match(as_text(first.value) + between):
        text = f"__same_host__{text}"
    return Entry(text)


def collection(name: str, entries: list[Entry]) -> Things:
    """`new Map(…)` and `new Set(…)`."""
    kind = "set" if name == "Set" else "map"
    value = entries[0].value if entries else None
    if not entries:
        return Things(kind, {})
    if not isinstance(value, Things) or not value.is_whole:
        return Things(kind, {}, is_whole=False)
    if kind == "set":
        return Things(kind, dict(value.entries))
    found = {}
    for each in value.entries.values():
        pair = each.value
        if not isinstance(pair, Things) or len(pair.entries) != 2:
            return Things(kind, {}, is_whole=False)
        key = pair.entries["0"].value
        if not isinstance(key, Constant):
            return Things(kind, {}, is_whole=False)
        found[as_text(key.value)] = pair.entries["1"]
    return Things(kind, found)


def _of_path(flow: Flow, frame: Frame, node: Node, name: str, given: list[Node]) -> Entry | None:
    if name in {"join", "resolve", "normalize", "realpathSync", "realpath"}:
        constants = _constants(flow, frame, given)
        text = _plain(flow, frame, node)
        if constants is not None and name in {"join", "resolve", "normalize"}:
            joined = re.sub(r"/+", "/", "/".join(constants))
            return Entry(literal(joined), Constant(joined))
        return Entry(text, Resolved())
    if name == "relative" and len(given) == 2:
        return Entry(_plain(flow, frame, node), Resolved(path_of(flow, frame, given[1])))
    return None


def _replaced(flow: Flow, frame: Frame, base: Entry, name: str, given: list[Node]) -> Entry | None:
    what = flow.evaluate(flow, frame, given[0])
    to = flow.evaluate(flow, frame, given[1])
    replacement = as_text(to.value.value) if isinstance(to.value, Constant) else ""
    plain = f"{base.text}.{name}({what.text}, {to.text})"
    if isinstance(what.value, Constant) and name == "replaceAll":
        kind = "escaped" if what.value.value == "<" and replacement == "&lt;" else ""
    elif isinstance(what.value, Pattern):
        if isinstance(to.value, Constant | Function) or given[1].type == "arrow_function":
            flags = what.value.flags + ("g" if name == "replaceAll" else "")
            kind = regexes.leaves(what.value.source, flags, replacement)
            if what.value.source == "<" and replacement == "&lt;" and "g" in flags:
                kind = "escaped"
        else:
            kind = ""
    else:
        return None
    if kind == "constant":
        return Entry(ANY_CONSTANT)
    if kind:
        return Entry(f"__{kind}__({plain})")
    return None


def _condition(
    flow: Flow, frame: Frame, node: Node, base: Entry, name: str, given: list[Node], owner: str
) -> Entry | None:
    if _STRICT.match(f"{owner}.{name}") or (owner == "validator" and _STRICT.match(name)):
        return _says(flow, frame, node, given, "constant")
    if name == "call" and owner.endswith("hasOwnProperty") and len(given) == 2:
        return _own_key(flow, frame, node, given)
    if owner == "Object":
        return _of_object(flow, frame, node, name, given)
    if name == "test" and isinstance(base.value, Pattern) and given:
        path = path_of(flow, frame, given[0])
        says = regexes.says(base.value.source, base.value.flags)
        condition = Condition({path: says}, NO_FACTS) if path and says else None
        return Entry(_plain(flow, frame, node), condition)
    if name == "match" and given:
        pattern = flow.evaluate(flow, frame, given[0]).value
        callee = node.child_by_field_name("function")
        path = path_of(flow, frame, callee.children[0]) if callee is not None else ""
        if isinstance(pattern, Pattern) and path:
            says = regexes.says(pattern.source, pattern.flags)
            if says:
                return Entry(_plain(flow, frame, node), Condition({path: says}, NO_FACTS))
    if name in {"startsWith", "endsWith", "includes"} and len(given) == 1:
        return _text_condition(flow, frame, node, base, name, given[0])
    if name == "has" and len(given) == 1 and (facts := _of_host(flow, frame, given[0])):
        return Entry(_plain(flow, frame, node), Condition(facts, NO_FACTS))
    if name in {"push", "unshift", "add"} and given and node.parent is not None:
        place = _base(flow, frame, node)
        if node.parent.type == "expression_statement" and place:
            shown = ", ".join(flow.evaluate(flow, frame, each).text for each in given)
            return Entry(f"{place} = [{place}, {shown}]")
    if name == "isAbsolute":
        return Entry(_plain(flow, frame, node), Condition(NO_FACTS, NO_FACTS))
    return None


def _own_key(flow: Flow, frame: Frame, node: Node, given: list[Node]) -> Entry | None:
    path = path_of(flow, frame, given[1])
    things = flow.evaluate(flow, frame, given[0]).value
    if not path:
        return None
    fact = "constant" if isinstance(things, Things) and is_table(things) else "own key"
    return Entry(_plain(flow, frame, node), Condition({path: frozenset({fact})}, NO_FACTS))


def _of_object(flow: Flow, frame: Frame, node: Node, name: str, given: list[Node]) -> Entry | None:
    if name == "create" and given and frame.source.text(given[0]) == "null":
        return Entry("Object.create(null)", Things("null", {}, is_whole=False))
    if name == "hasOwn" and len(given) == 2:
        return _own_key(flow, frame, node, given)
    if name in {"freeze", "seal"} and len(given) == 1:
        return flow.evaluate(flow, frame, given[0])
    if name in {"keys", "values", "entries"} and len(given) == 1:
        things = flow.evaluate(flow, frame, given[0]).value
        if isinstance(things, Things) and is_table(things) and name != "entries":
            items = [Entry(literal(each), Constant(each)) for each in things.entries]
            return _array(items if name == "keys" else list(things.entries.values()))
    return None


def _text_condition(
    flow: Flow, frame: Frame, node: Node, base: Entry, name: str, argument: Node
) -> Entry:
    callee = node.child_by_field_name("function")
    path = path_of(flow, frame, callee.children[0]) if callee is not None else ""
    given = flow.evaluate(flow, frame, argument)
    text = _plain(flow, frame, node)
    part = as_text(given.value.value) if isinstance(given.value, Constant) else None
    if (
        isinstance(base.value, Address)
        and base.value.part in _HOSTS
        and part
        and name == "endsWith"
    ):
        keys = [each for each in (base.value.itself, base.value.origin) if each]
        facts = {each: frozenset({"host"}) for each in keys} if part.startswith(".") else {}
        return Entry(text, Condition(facts, NO_FACTS))
    if name == "includes" and (facts := _of_host(flow, frame, argument)):
        return Entry(text, Condition(facts, NO_FACTS))
    if name == "includes" and part is None:
        # A list that we cannot see, which somebody chose to compare with.
        own = path_of(flow, frame, argument)
        if own and not isinstance(base.value, Constant):
            return Entry(text, Condition({own: frozenset({"constant"})}, NO_FACTS))
        return Entry(text)
    if not path:
        return Entry(text)
    if name == "startsWith":
        return Entry(text, _prefix(base, path, part, flat(given.text)))
    if name == "includes" and part in {"..", "../", "/", "\\"}:
        fact = frozenset({"inside"}) if part.startswith("..") else frozenset()
        return Entry(text, Condition(NO_FACTS, {path: fact} if fact else NO_FACTS))
    if name == "includes" and part in _DUNDERS:
        return Entry(text, Condition(NO_FACTS, {path: frozenset({"own key"})}))
    return Entry(text)


def _prefix(base: Entry, path: str, part: str | None, shown: str) -> Condition | None:
    if isinstance(base.value, Resolved):
        if base.value.relative_of:
            inside = {base.value.relative_of: frozenset({"inside"}), path: frozenset({"inside"})}
            return Condition(NO_FACTS, inside) if part and part.startswith("..") else None
        ends = part.endswith("/") if part is not None else bool(_ENDS_WITH_SEPARATOR.search(shown))
        return Condition({path: frozenset({"inside"})}, NO_FACTS) if ends else None
    if part == "/":
        return Condition({path: frozenset({"slash"})}, NO_FACTS)
    if part in {"//", "/\\"}:
        return Condition(NO_FACTS, {path: frozenset({"single slash"})})
    if part and _ROOTED.match(part):
        return Condition({path: frozenset({"host"})}, NO_FACTS)
    return None


_ENDS_WITH_SEPARATOR = re.compile(r"(/['\"`]|\bsep|\bsep\}`)\)*$")
