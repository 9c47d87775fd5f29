"""How C# is read."""

from __future__ import annotations

import re

from nootropic_lsp.index.facts import Kind, Op, Role
from nootropic_lsp.index.languages.queries.branches import first_branches
from nootropic_lsp.index.languages.queries.reading import Reading
from nootropic_lsp.index.languages.queries.syntax import Syntax
from nootropic_lsp.index.languages.queries.vocabulary import Captures

_NAME = re.compile(r"[^\W\d]\w*")
_SPACES = re.compile(r"\s+")


def _using(reading: Reading, captures: Captures) -> None:
    """`using A.B;`, `using static A.B;` and `using X = A.B;`."""
    whole = captures["rule.using"][0]
    names = [node for node in whole.named_children if node.type != "comment"]
    if not names:
        return
    path = names[-1]
    dotted = _SPACES.sub("", reading.text[path.start_byte : path.end_byte]).partition("<")[0]
    module = reading.module(path, dotted)
    if len(names) > 1:
        reading.unuse(names[0].start_byte)
        reading.define(names[0], Kind.IMPORT, whole, value=module)
    else:
        reading.stars.append(module)


def _constraint(reading: Reading, captures: Captures) -> None:
    """`where T : Bound`."""
    bound = captures["rule.constraint"][0]
    annotation = reading.value_of(bound)
    reading.mark_types(annotation)
    clause = bound.parent.parent if bound.parent is not None else None
    if clause is None or not clause.named_child_count:
        return
    name = clause.named_children[0]
    text = reading.text[name.start_byte : name.end_byte]
    reading.bounds.setdefault((reading.scope_at(name.start_byte), text), annotation)


def _component(reading: Reading, captures: Captures) -> None:
    """A parameter of a record is a property of it."""
    name = captures["name"][0]
    annotation = reading.value_of(captures["type"][0])
    reading.define(name, Kind.PROPERTY, captures["rule.component"][0], annotation=annotation)


def _unless_var(reading: Reading, captures: Captures) -> int:
    node = captures["type"][0]
    if node.type == "implicit_type":
        return -1
    annotation = reading.value_of(node)
    reading.mark_types(annotation)
    return annotation


def _local(reading: Reading, captures: Captures) -> None:
    whole, name = captures["rule.local"][0], captures["name"][0]
    given = whole.named_children[-1]
    value = reading.value_of(given) if given != name else -1
    reading.define(
        name, Kind.VARIABLE, whole, value=value, annotation=_unless_var(reading, captures)
    )


def _tuple(reading: Reading, captures: Captures) -> None:
    name = captures["rule.tuple"][0]
    reading.define(name, Kind.VARIABLE, name)


def _each(reading: Reading, captures: Captures) -> None:
    source = reading.value_of(captures["rule.each"][0])
    value = reading.element(source)
    name = captures["name"][0]
    reading.define(
        name, Kind.VARIABLE, name, value=value, annotation=_unless_var(reading, captures)
    )


def _implicit(reading: Reading, captures: Captures) -> None:
    name = captures["rule.implicit"][0]
    reading.define(name, Kind.PARAMETER, name)


def _bases(reading: Reading, captures: Captures) -> None:
    for child in captures["rule.bases"][0].named_children:
        value = reading.value_of(child)
        if value >= 0 and reading.expressions[value][0] == Op.ITEM:
            value = reading.expressions[value][1]
        reading.mark(value, Role.BASE)


def _member(reading: Reading, captures: Captures) -> None:
    """`object.Name`; `this` and `base` are no nodes with a name."""
    node, name = captures["rule.member"][0], captures["name"][0]
    receiver = captures.get("receiver")
    if receiver:
        value = reading.value_of(receiver[0])
    else:
        word = "base" if reading.text.startswith("base", node.start_byte) else "this"
        value = reading.add(Op.NAME, Role.READ, -1, word, reading.scope_at(node.start_byte))
    reading.values[node.byte_range] = reading.member(name, value)


def _bound(reading: Reading, captures: Captures) -> None:
    """`object?.Name`."""
    node = captures["rule.bound"][0]
    outer = node.parent
    value = -1
    if outer is not None and outer.named_child_count:
        value = reading.value_of(outer.named_children[0])
    reading.values[node.byte_range] = reading.member(captures["name"][0], value)


def _argument(reading: Reading, captures: Captures) -> None:
    """`F(name: value)`."""
    name = captures["rule.argument"][0]
    call = name.parent
    while call is not None and call.type not in (
        "invocation_expression",
        "object_creation_expression",
        "attribute",
    ):
        call = call.parent
    callee = call.named_children[0] if call is not None and call.named_child_count else None
    of = reading.value_of(callee) if callee is not None else -1
    start, end = name.byte_range
    reading.unuse(start)
    reading.at[start] = reading.add(Op.KEYWORD, Role.READ, start, reading.text[start:end], of)


def _await(reading: Reading, captures: Captures) -> None:
    """What a task gives; what is no task stays what it is."""
    value = reading.value_of(captures["value"][0])
    if value >= 0:
        awaited = reading.add(Op.AWAIT, value)
        reading.values[captures["rule.await"][0].byte_range] = awaited


def _condition(reading: Reading, captures: Captures) -> None:
    """The symbols of `#if` are defined nowhere."""
    for part in _NAME.finditer(reading.text, *captures["rule.condition"][0].byte_range):
        reading.unuse(part.start())


SYNTAX = Syntax(
    queries=("csharp/csharp.scm",),
    text_type="string",
    repair=first_branches,
    rules={
        "using": _using,
        "constraint": _constraint,
        "component": _component,
        "local": _local,
        "tuple": _tuple,
        "each": _each,
        "implicit": _implicit,
        "bases": _bases,
        "member": _member,
        "bound": _bound,
        "argument": _argument,
        "await": _await,
        "condition": _condition,
    },
)
