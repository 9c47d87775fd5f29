"""What displays, their elements and items, and operators stand for."""

from __future__ import annotations

from nootropic_lsp.index.facts import Expression, Flag, Kind, Op
from nootropic_lsp.index.languages.python.declared import seen_as, type_arguments
from nootropic_lsp.index.languages.python.inference import Inference
from nootropic_lsp.index.languages.python.members import member, order
from nootropic_lsp.index.languages.python.reaching import overloads
from nootropic_lsp.index.languages.python.returns import Given, element, elements, returned
from nootropic_lsp.index.languages.python.values import (
    CLASS,
    INSTANCE,
    NOTHING,
    Value,
    Values,
    distinct,
)
from nootropic_lsp.index.units import Site, Unit

_SLICEABLE = frozenset({"list", "tuple", "str", "bytes"})
# Builtin types whose operators give their own type.
_CLOSED = frozenset({"str", "list", "tuple", "int", "float", "bytes"})
_OPERATORS = {
    "+": "__add__",
    "-": "__sub__",
    "*": "__mul__",
    "/": "__truediv__",
    "//": "__floordiv__",
    "%": "__mod__",
    "&": "__and__",
    "|": "__or__",
    "^": "__xor__",
    "@": "__matmul__",
    "**": "__pow__",
}


def infer_display(inference: Inference, unit: Unit, expression: Expression) -> Values:
    """`[a, b]`, `(a, b)`, `{a: b}` and the like."""
    name = expression[1]
    parts = tuple(inference.infer(unit, part) for part in expression[2:])
    if name in ("tuple", "dict"):
        return inference.builtin(name, parts)
    return inference.builtin(name, (distinct(value for part in parts for value in part),))


def infer_yield(inference: Inference, unit: Unit, expression: Expression) -> Values:
    """A generator: a list will do for it."""
    return inference.builtin("list", (infer_either(inference, unit, expression),))


def infer_either(inference: Inference, unit: Unit, expression: Expression) -> Values:
    """One of several values."""
    return distinct(value for part in expression[1:] for value in inference.infer(unit, part))


def infer_element(inference: Inference, unit: Unit, expression: Expression) -> Values:
    """One element of an iterable."""
    return elements(inference, inference.infer(unit, expression[1]))


def infer_unpacked(inference: Inference, unit: Unit, expression: Expression) -> Values:
    """One of the names on the left of `a, b = value`."""
    _, value_index, place = expression
    found: list[Value] = []
    for value in inference.infer(unit, value_index):
        arguments = _of_tuple(inference, value)
        if len(arguments) > max(1, place):
            found += arguments[place]
        else:
            found += _field(inference, value, place) or element(inference, value)
    return distinct(found)


def _of_tuple(inference: Inference, value: Value) -> tuple[Values, ...]:
    """The types of the elements of a tuple, or of a value of a class below it."""
    if value.kind != INSTANCE or value.unit is None:
        return ()
    for base in inference.builtin("tuple"):
        cls = Site(value.unit, value.at)
        if base.unit is not None and (base.unit, base.at) in order(inference, cls):
            return seen_as(inference, value, Site(base.unit, base.at))
    return ()


def _field(inference: Inference, value: Value, place: int) -> Values:
    """What a field of a named tuple holds, by its place."""
    if value.kind != INSTANCE or value.unit is None:
        return NOTHING
    unit, cls = value.unit, value.unit.definitions[value.at]
    bases = (unit.expressions[base] for base in cls.related)
    if not any(base[0] <= Op.MEMBER and base[3] == "NamedTuple" for base in bases):
        return NOTHING
    fields = [
        index
        for entry in unit.names[cls.body].values()
        for index in entry
        if unit.definitions[index].annotation >= 0 and unit.definitions[index].kind == Kind.VARIABLE
    ]
    return inference.value_of(Site(unit, fields[place])) if place < len(fields) else NOTHING


def infer_item(inference: Inference, unit: Unit, expression: Expression) -> Values:
    """`container[index]`."""
    _, container, index = expression
    found: list[Value] = []
    for value in inference.infer(unit, container):
        if value.kind == CLASS:
            # A generic class with its arguments stays a class: `list[int]()`.
            found.append(value._replace(arguments=type_arguments(inference, unit, index)))
        elif value.kind == INSTANCE and value.unit is not None:
            name = value.unit.definitions[value.at].name
            if _is_slice(unit, index) and name in _SLICEABLE:
                found.append(value)
            else:
                found += _item_of(inference, value, name, (unit, index, -1))
    return distinct(found)


def _is_slice(unit: Unit, index: int) -> bool:
    return index >= 0 and unit.expressions[index][:2] == (Op.LITERAL, "slice")


def _item_of(inference: Inference, value: Value, name: str, given: Given) -> Values:
    if value.arguments and value.unit is inference.names.builtins():
        if name == "dict":
            return value.arguments[1] if len(value.arguments) > 1 else NOTHING
        return distinct(item for part in value.arguments for item in part)
    if name == "str":
        return (value,)
    for site in member(inference, value, "__getitem__")[:1]:
        if site.definition.flags & Flag.OVERLOAD and _is_slice(given[0], given[1]):
            # Where there is an overload for slices, it is the last.
            site = Site(site.unit, overloads(site.unit, site.index)[-2])
        return returned(inference, site, value, given)
    return NOTHING


def infer_binary(inference: Inference, unit: Unit, expression: Expression) -> Values:
    """`left + right`."""
    _, operator, left, right = expression
    values = inference.infer(unit, left)
    if operator == "|" and any(value.kind == CLASS for value in values):
        return distinct([*values, *inference.infer(unit, right)])
    method = _OPERATORS.get(operator)
    if method is None:
        return NOTHING
    for value in values:
        if value.kind != INSTANCE or value.unit is None:
            continue
        name = value.unit.definitions[value.at].name
        if name in _CLOSED:
            if name == "int" and operator != "%":
                return inference.infer(unit, right) or (value,)
            return (value,)
        for site in member(inference, value, method)[:1]:
            return returned(inference, site, value)
    return NOTHING
