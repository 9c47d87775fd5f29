"""Values that are made of other values; what they are made of has been read before them."""

from __future__ import annotations

import re
from collections.abc import Callable

from nootropic_lsp.index.facts import Kind, Op, Role
from nootropic_lsp.index.languages.queries.reading import Reading
from nootropic_lsp.index.languages.queries.vocabulary import Captures


def _member(reading: Reading, captures: Captures) -> int:
    receiver = captures.get("receiver")
    name = captures["name"][0]
    if receiver is None:
        this = reading.add(Op.NAME, Role.READ, -1, "this", reading.scope_at(name.start_byte))
        return reading.member(name, this)
    return reading.member(name, reading.value_of(receiver[0]))


def _call(reading: Reading, captures: Captures) -> int:
    callee = reading.value_of(captures["callee"][0])
    if callee < 0:
        return -1
    expression = reading.expressions[callee]
    if expression[0] <= Op.MEMBER and expression[1] == Role.READ:
        reading.expressions[callee] = (expression[0], Role.CALL, *expression[2:])
    elif expression[0] == Op.ITEM:
        reading.mark(expression[1], Role.CALL)
    argument = captures.get("argument")
    first = reading.value_of(argument[0]) if argument else -1
    return called(reading, callee, first, captures)


def called(reading: Reading, callee: int, first: int, captures: Captures) -> int:
    """A call whose function has been read."""
    arguments = captures.get("arguments")
    if arguments is None:
        return reading.add(Op.CALL, callee, first, -1)
    n_arguments = arguments[0].named_child_count
    if first < 0 and n_arguments:
        node = arguments[0].named_child(0)
        first = reading.value_of(node) if node is not None else -1
    return reading.add(Op.CALL, callee, first, -1, n_arguments)


def _new(reading: Reading, captures: Captures) -> int:
    cls = reading.value_of(captures["type"][0])
    if cls < 0:
        return -1
    expression = reading.expressions[cls]
    reading.mark(expression[1] if expression[0] == Op.ITEM else cls, Role.CALL)
    return reading.add(Op.NEW, cls)


def _instance(reading: Reading, captures: Captures) -> int:
    annotation = reading.value_of(captures["type"][0])
    reading.mark_types(annotation)
    return reading.add(Op.INSTANCE, annotation) if annotation >= 0 else -1


def _keyword(reading: Reading, captures: Captures) -> int:
    of = reading.value_of(captures["of"][0])
    name = captures["name"][0]
    start, end = name.byte_range
    known = reading.at.get(start)
    expression = (Op.KEYWORD, Role.READ, start, reading.text[start:end], of)
    if known is not None:
        reading.expressions[known] = expression
    elif end > start:
        reading.at[start] = reading.add(*expression)
    return -1


def _same(reading: Reading, captures: Captures) -> int:
    return reading.value_of(captures["value"][0])


def _item(reading: Reading, captures: Captures) -> int:
    return reading.element(reading.value_of(captures["value"][0]))


def _generic(reading: Reading, captures: Captures) -> int:
    head = reading.value_of(captures["type"][0])
    if head < 0:
        return -1
    arguments = [reading.value_of(child) for child in captures["arguments"][0].named_children]
    for argument in arguments:
        reading.mark_types(argument)
    return reading.add(Op.ITEM, head, reading.add(Op.DISPLAY, "tuple", *arguments))


def _list(reading: Reading, captures: Captures) -> int:
    return reading.add(Op.DISPLAY, "list", reading.value_of(captures["type"][0]))


def _tuple(reading: Reading, captures: Captures) -> int:
    children = captures["tuple"][0].named_children
    return reading.add(Op.DISPLAY, "tuple", *[reading.value_of(child) for child in children])


def _literal(reading: Reading, captures: Captures) -> int:
    node = captures["literal"][0]
    return reading.add(Op.LITERAL, reading.text[node.start_byte : node.end_byte])


def _text(reading: Reading, captures: Captures) -> int:
    return reading.add(Op.LITERAL, reading.text_type)


def _number(reading: Reading, captures: Captures) -> int:
    return reading.add(Op.LITERAL, "int")


def _written(reading: Reading, captures: Captures) -> int:
    reading.mark(reading.value_of(captures["written"][0]), Role.WRITE)
    return -1


def _import(reading: Reading, captures: Captures) -> int:
    node = captures["path"][0]
    start, end = node.byte_range
    path = reading.text[start:end].strip("\"'<>`")
    dotted = re.sub(r"\s*(?:::|\\|\.)\s*", ".", path).lstrip(".")
    module = reading.module(node, dotted)
    if "star" in captures:
        reading.stars.append(module)
        return -1
    name = captures.get("name")
    if name:
        reading.define(name[0], Kind.IMPORT, captures["import"][0], value=module)
    else:
        reading.import_last(node, captures["import"][0], module)
    return -1


def _package(reading: Reading, captures: Captures) -> int:
    node = captures["package"][0]
    start, end = node.byte_range
    dotted = re.sub(r"\s*(?:::|\\|\.)\s*", ".", reading.text[start:end])
    reading.definitions[0].value = reading.module(node, dotted)
    return -1


# What is read of a pattern by the capture that names it: the index of a value, or -1.
COMPOUNDS: dict[str, Callable[[Reading, Captures], int]] = {
    "member": _member,
    "call": _call,
    "new": _new,
    "instance": _instance,
    "keyword": _keyword,
    "same": _same,
    "item": _item,
    "element": _item,
    "generic": _generic,
    "list": _list,
    "tuple": _tuple,
    "literal": _literal,
    "text": _text,
    "number": _number,
    "written": _written,
    "import": _import,
    "package": _package,
}
