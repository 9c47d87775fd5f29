"""What annotations say: the values of the types that they name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nootropic_lsp.index.facts import Definition, Expression, Op, ScopeKind
from nootropic_lsp.index.languages.python.inference import DEEPEST, Inference
from nootropic_lsp.index.languages.python.values import (
    CLASS,
    INSTANCE,
    NOTHING,
    Value,
    Values,
    distinct,
    instances,
)
from nootropic_lsp.index.units import Unit

# What stands in brackets behind one of these is the type itself.
_TRANSPARENT = frozenset(
    {"Optional", "ClassVar", "Final", "Required", "NotRequired", "ReadOnly", "Annotated"}
)
# Only what is awaited matters of these, and it comes last.
_AWAITABLE = frozenset({"Awaitable", "Coroutine"})
_VARIABLES = frozenset({"TypeVar", "ParamSpec"})
_SAYS_ONLY_HOW = frozenset({"Final", "ClassVar", "TypeAlias"})


def annotated(
    inference: Inference, unit: Unit, index: int, receiver: Value | None = None
) -> Values:
    """Values of the type that an annotation names. `receiver` fixes `Self` and type variables."""
    if index < 0 or inference.depth > DEEPEST:
        return NOTHING
    expression = unit.expressions[index]
    operator = expression[0]
    if operator <= Op.MEMBER:
        return _name(inference, unit, index, expression, receiver)
    if operator == Op.ITEM:
        return _generic(inference, unit, expression, receiver)
    if operator == Op.BINARY:
        return _any_of(inference, unit, expression[2:], receiver)
    if operator == Op.EITHER:
        return _any_of(inference, unit, expression[1:], receiver)
    return NOTHING


def says_only_how(unit: Unit, index: int) -> bool:
    """`Final`, `ClassVar` and `TypeAlias` alone leave the type to the value."""
    expression = unit.expressions[index]
    return expression[0] <= Op.MEMBER and expression[3] in _SAYS_ONLY_HOW


def instance_of(inference: Inference, unit: Unit, expression: Expression) -> Values:
    """A value that something else than an annotation says the type of."""
    return annotated(inference, unit, expression[1])


def type_arguments(inference: Inference, unit: Unit, index: int) -> tuple[Values, ...]:
    """What stands in the brackets behind a generic class."""
    if index < 0:
        return ()
    expression = unit.expressions[index]
    parts = expression[2:] if expression[0] == Op.DISPLAY else (index,)
    return tuple(annotated(inference, unit, part) for part in parts)


def _any_of(
    inference: Inference, unit: Unit, parts: Iterable[int], receiver: Value | None
) -> Values:
    return distinct(value for part in parts for value in annotated(inference, unit, part, receiver))


def _name(
    inference: Inference, unit: Unit, index: int, expression: Expression, receiver: Value | None
) -> Values:
    name = expression[3]
    if name == "Self":
        if receiver is not None:
            return (receiver._replace(kind=INSTANCE),)
        return _enclosing_class(unit, expression)
    values = _instances_of(inference, unit, index)
    if values and receiver is not None and values[0].unit is not None:
        # A type variable of the class is what the receiver's arguments say it is.
        if _is_variable(values[0]):
            return _type_variable(name, receiver)
    elif not values and receiver is not None and receiver.arguments:
        return _type_variable(name, receiver)
    return tuple(value for value in values if not _is_variable(value))


def _instances_of(inference: Inference, unit: Unit, index: int) -> Values:
    inference.depth += 1
    values = instances(inference.infer(unit, index))
    inference.depth -= 1
    return values


def _is_variable(value: Value) -> bool:
    return value.unit is not None and value.unit.definitions[value.at].name in _VARIABLES


def _type_variable(name: str, receiver: Value) -> Values:
    """What a type variable of a class stands for in a value of that class."""
    if not receiver.arguments or receiver.unit is None:
        return NOTHING
    names = _type_parameters(receiver.unit, receiver.unit.definitions[receiver.at])
    if name not in names:
        return NOTHING
    at = names.index(name)
    return receiver.arguments[at] if at < len(receiver.arguments) else NOTHING


def _type_parameters(unit: Unit, cls: Definition) -> list[str]:
    """The names of a class's type variables, in the order that arguments are given."""
    names: list[str] = []
    for base in cls.related:
        expression = unit.expressions[base]
        if expression[0] != Op.ITEM or expression[2] < 0:
            continue
        head = unit.expressions[expression[1]]
        says_order = head[0] <= Op.MEMBER and head[3] in ("Generic", "Protocol")
        if says_order:
            names = []
        inside = unit.expressions[expression[2]]
        parts = inside[2:] if inside[0] == Op.DISPLAY else (expression[2],)
        for part in parts:
            if part >= 0 and unit.expressions[part][0] == Op.NAME:
                name = unit.expressions[part][3]
                if name not in names:
                    names.append(name)
        if says_order:
            break
    return names


def _enclosing_class(unit: Unit, expression: Expression) -> Values:
    scope = expression[4] if expression[0] == Op.NAME else -1
    while scope >= 0:
        this = unit.scopes[scope]
        if this.kind == ScopeKind.CLASS:
            return (Value(INSTANCE, unit, this.owner),)
        scope = this.parent
    return NOTHING


def _generic(
    inference: Inference, unit: Unit, expression: Expression, receiver: Value | None
) -> Values:
    """`head[parts]`."""
    _, head, inside = expression
    target = unit.expressions[head]
    name = target[3] if target[0] <= Op.MEMBER else ""
    parts: Sequence[int] = (inside,)
    if inside >= 0 and unit.expressions[inside][0] == Op.DISPLAY:
        parts = unit.expressions[inside][2:]
    first, last = (parts[0], parts[-1]) if parts else (-1, -1)  # `Tuple[()]` has none
    if name in _TRANSPARENT:
        return annotated(inference, unit, first, receiver)
    if name == "Union":
        return _any_of(inference, unit, parts, receiver)
    if name in _AWAITABLE:
        return annotated(inference, unit, last, receiver)
    if name in ("type", "Type"):
        return tuple(
            value._replace(kind=CLASS, arguments=())
            for value in annotated(inference, unit, first, receiver)
            if value.kind == INSTANCE
        )
    if name == "Literal":
        return inference.builtin("str")
    arguments = tuple(annotated(inference, unit, part, receiver) for part in parts)
    heads = _instances_of(inference, unit, head)
    return tuple(value._replace(arguments=arguments) for value in heads)
