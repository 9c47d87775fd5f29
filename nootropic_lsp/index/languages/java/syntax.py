"""How Java is read."""

from __future__ import annotations

from nootropic_lsp.index.facts import Flag, Kind, Op, Role
from nootropic_lsp.index.languages.queries.reading import Reading
from nootropic_lsp.index.languages.queries.syntax import Syntax
from nootropic_lsp.index.languages.queries.vocabulary import Captures


def _import(reading: Reading, captures: Captures) -> None:
    path, whole = captures["path"][0], captures["rule.import"][0]
    if path.type == "asterisk":
        return
    dotted = "".join(reading.text[path.start_byte : path.end_byte].split())
    module = reading.module(path, dotted)
    if whole.named_children[-1].type == "asterisk":
        reading.stars.append(module)
    else:
        reading.import_last(path, whole, module)


def _spread(reading: Reading, captures: Captures) -> None:
    kind = captures["rule.spread"][0]
    if kind.type == "modifiers":
        return
    element = reading.value_of(kind)
    reading.mark_types(element)
    annotation = reading.add(Op.DISPLAY, "list", element)
    name = captures["name"][0]
    parameter = reading.define(name, Kind.PARAMETER, name, annotation=annotation)
    if parameter is not None:
        parameter.flags |= Flag.VARIADIC


def _each(reading: Reading, captures: Captures) -> None:
    """`for (T x : xs)`, where T may be `var`."""
    annotation = reading.value_of(captures["type"][0])
    source = reading.value_of(captures["rule.each"][0])
    reading.mark_types(annotation)
    value = reading.element(source)
    name = captures["name"][0]
    reading.define(
        name, Kind.VARIABLE, name, value=value, annotation=_unless_var(reading, annotation)
    )


def _unless_var(reading: Reading, annotation: int) -> int:
    if annotation >= 0 and reading.expressions[annotation][3:4] == ("var",):
        return -1
    return annotation


def _lambda(reading: Reading, captures: Captures) -> None:
    name = captures["name"][0]
    parameter = reading.define(name, Kind.PARAMETER, name)
    if parameter is not None:
        parameter.scope = reading.scope_at(name.start_byte)


def _label(reading: Reading, captures: Captures) -> None:
    """Labels are no names of the graph."""
    reading.unuse(captures["rule.label"][0].start_byte)


def _case(reading: Reading, captures: Captures) -> None:
    """A bare name after `case` is a constant, of the enum that is switched on if it is one."""
    name = captures["rule.case"][0]
    value = reading.value_of(captures["value"][0])
    index = reading.at.get(name.start_byte, -1)
    if index >= 0 and value >= 0:
        text = reading.text[name.start_byte : name.end_byte]
        bare = reading.add(*reading.expressions[index][:2], -1, *reading.expressions[index][3:])
        of = reading.add(Op.EITHER, value, bare)
        reading.expressions[index] = (Op.KEYWORD, Role.READ, name.start_byte, text, of)


def _scoped(reading: Reading, captures: Captures) -> None:
    receiver = captures["receiver"][0]
    value = reading.value_of(receiver)
    member = reading.member(captures["name"][0], value, Role.TYPE)
    reading.values[captures["rule.scoped"][0].byte_range] = member


def _array(reading: Reading, captures: Captures) -> None:
    kind = captures["rule.array"][0]
    whole = kind.parent
    element = reading.value_of(kind)
    if whole is not None:
        reading.values[whole.byte_range] = reading.add(Op.DISPLAY, "list", element)


SYNTAX = Syntax(
    queries=("java/java.scm",),
    rules={
        "import": _import,
        "spread": _spread,
        "each": _each,
        "lambda": _lambda,
        "label": _label,
        "case": _case,
        "scoped": _scoped,
        "array": _array,
    },
)
