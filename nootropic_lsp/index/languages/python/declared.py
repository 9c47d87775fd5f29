"""What annotations say: the values of the types that they name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from nootropic_lsp.index.facts import Expression, Kind, Op, ScopeKind
from nootropic_lsp.index.languages.python.generics import (
    is_parameter_of,
    is_variable,
    type_parameters,
)
from nootropic_lsp.index.languages.python.inference import DEEPEST, Inference
from nootropic_lsp.index.languages.python.members import order
from nootropic_lsp.index.languages.python.values import (
    CLASS,
    INSTANCE,
    NOTHING,
    Value,
    Values,
    distinct,
    instances,
)
from nootropic_lsp.index.units import Site, Unit

# What stands in brackets behind one of these is the type itself.
_TRANSPARENT = frozenset(
    {"Optional", "ClassVar", "Final", "Required", "NotRequired", "ReadOnly", "Annotated"}
)
# Only what is awaited matters of these, and it comes last.
_AWAITABLE = frozenset({"Awaitable", "Coroutine"})
_ALIASES = frozenset({Kind.VARIABLE, Kind.CONSTANT, Kind.TYPE})
_NEW_TYPE = ("NewType",)
_SAYS_ONLY_HOW = frozenset({"Final", "ClassVar", "TypeAlias"})


class Context(NamedTuple):
    """What is known where an annotation is read.

    `receiver` is the value that a member is read through: it fixes `Self` and the type
    variables of its class. `owner` is the class whose variables these are, if it is not
    the one around the annotation. `argument` finds what the arguments of a call say
    about a type variable of the function.
    """

    receiver: Value | None = None
    owner: Site | None = None
    argument: Callable[[str], Values] | None = None


_NOWHERE = Context()


def annotated(inference: Inference, unit: Unit, index: int, context: Context = _NOWHERE) -> Values:
    """Values of the type that an annotation names."""
    if index < 0 or inference.depth > DEEPEST:
        return NOTHING
    expression = unit.expressions[index]
    operator = expression[0]
    if operator <= Op.MEMBER:
        return _name(inference, unit, index, expression, context)
    if operator == Op.ITEM:
        return _generic(inference, unit, expression, context)
    if operator == Op.BINARY:
        return _any_of(inference, unit, expression[2:], context)
    if operator == Op.EITHER:
        return _any_of(inference, unit, expression[1:], context)
    if operator == Op.CALL and unit.expressions[expression[1]][3:4] == _NEW_TYPE:
        return annotated(inference, unit, expression[3], context)
    return NOTHING


def says_only_how(unit: Unit, index: int) -> bool:
    """`Final`, `ClassVar` and `TypeAlias` alone leave the type to the value."""
    expression = unit.expressions[index]
    return expression[0] <= Op.MEMBER and expression[3] in _SAYS_ONLY_HOW


def instance_of(inference: Inference, unit: Unit, expression: Expression) -> Values:
    """A value that something else than an annotation says the type of."""
    return annotated(inference, unit, expression[1])


def type_arguments(
    inference: Inference, unit: Unit, index: int, context: Context = _NOWHERE
) -> tuple[Values, ...]:
    """What stands in the brackets behind a generic class."""
    return tuple(annotated(inference, unit, part, context) for part in _parts(unit, index))


def _parts(unit: Unit, index: int) -> Sequence[int]:
    if index < 0:
        return ()
    expression = unit.expressions[index]
    if expression[0] != Op.DISPLAY:
        return (index,)
    parts = expression[2:]
    # `tuple[int, ...]` has one type.
    return parts[:1] if parts[1:] == (-1,) else parts


def _any_of(inference: Inference, unit: Unit, parts: Iterable[int], context: Context) -> Values:
    return distinct(value for part in parts for value in annotated(inference, unit, part, context))


def _name(
    inference: Inference, unit: Unit, index: int, expression: Expression, context: Context
) -> Values:
    name = expression[3]
    if name == "Self":
        if context.receiver is not None:
            return (context.receiver._replace(kind=INSTANCE),)
        return _enclosing_class(unit, expression)
    inference.depth += 1
    try:
        values = inference.infer(unit, index)
        found = instances(values)
        if found:
            return found if name != "Any" else NOTHING
        if is_variable(values) or (
            not values and expression[0] == Op.NAME and is_parameter_of(unit, expression[4], name)
        ):
            return _variable(inference, unit, expression, context)
        if name == "LiteralString":
            return inference.builtin("str")
        return _alias(inference, unit, expression, context)
    finally:
        inference.depth -= 1


def _alias(inference: Inference, unit: Unit, expression: Expression, context: Context) -> Values:
    """What a name stands for that is not a class: a union, say."""
    for where, at in _sites(inference, unit, expression):
        definition = where.definitions[at]
        if definition.kind in _ALIASES and definition.value >= 0:
            return annotated(inference, where, definition.value, context)
    return NOTHING


def _sites(inference: Inference, unit: Unit, expression: Expression) -> list[Site]:
    """The definitions of a name in an annotation."""
    operator, _, position, name, operand = expression
    names = inference.names
    if operator == Op.NAME:
        return names.follow(names.named(unit, name, operand, position))
    return [
        site
        for value in inference.infer(unit, operand)
        for site in names.follow(names.module_member(value.path, name) if value.path else [])
    ]


def _variable(inference: Inference, unit: Unit, expression: Expression, context: Context) -> Values:
    """What a type variable stands for: by the receiver, by the arguments, or by its bound."""
    name = expression[3]
    receiver = context.receiver
    if receiver is not None and receiver.unit is not None:
        owner = context.owner or _owner(unit, expression)
        if owner is not None:
            names = type_parameters(inference, owner)
            if name in names:
                arguments = seen_as(inference, receiver, owner)
                at = names.index(name)
                if at < len(arguments):
                    return arguments[at]
    if context.argument is not None:
        values = context.argument(name)
        if values:
            return values
    for where, at in _sites(inference, unit, expression)[:1]:
        return _any_of(inference, where, where.definitions[at].related, _NOWHERE)
    return NOTHING


def seen_as(inference: Inference, value: Value, owner: Site) -> tuple[Values, ...]:
    """The type arguments of a class, as a value of it or of a class below it has them."""
    if value.unit is None or owner == (value.unit, value.at):
        return value.arguments
    cls = Site(value.unit, value.at)
    context = Context(value, cls)
    for base in cls.definition.related:
        for parent in inference.infer(cls.unit, base):
            if parent.kind != CLASS or parent.unit is None:
                continue
            if owner in order(inference, Site(parent.unit, parent.at)):
                expression = cls.unit.expressions[base]
                if expression[0] == Op.ITEM:
                    arguments = type_arguments(inference, cls.unit, expression[2], context)
                    parent = parent._replace(arguments=arguments)
                return seen_as(inference, parent, owner)
    return ()


def _owner(unit: Unit, expression: Expression) -> Site | None:
    """The class around a name in an annotation."""
    scope = expression[4] if expression[0] == Op.NAME else -1
    while scope >= 0:
        this = unit.scopes[scope]
        if this.kind == ScopeKind.CLASS:
            return Site(unit, this.owner)
        scope = this.parent
    return None


def _enclosing_class(unit: Unit, expression: Expression) -> Values:
    owner = _owner(unit, expression)
    return NOTHING if owner is None else (Value(INSTANCE, *owner),)


def _generic(inference: Inference, unit: Unit, expression: Expression, context: Context) -> Values:
    """`head[parts]`."""
    _, head, inside = expression
    target = unit.expressions[head] if head >= 0 else (-1,)
    name = target[3] if 0 <= target[0] <= Op.MEMBER else ""
    parts = _parts(unit, inside)
    first, last = (parts[0], parts[-1]) if parts else (-1, -1)  # `Tuple[()]` has none
    if name in _TRANSPARENT:
        return annotated(inference, unit, first, context)
    if name == "Union":
        return _any_of(inference, unit, parts, context)
    if name in _AWAITABLE:
        return annotated(inference, unit, last, context)
    if name in ("type", "Type"):
        return tuple(
            value._replace(kind=CLASS, arguments=())
            for value in annotated(inference, unit, first, context)
            if value.kind == INSTANCE
        )
    if name == "Literal":
        return inference.builtin("str")
    arguments = tuple(annotated(inference, unit, part, context) for part in parts)
    heads = inference.infer(unit, head) if name == "Callable" else annotated(inference, unit, head)
    return tuple(value._replace(arguments=arguments) for value in heads)
