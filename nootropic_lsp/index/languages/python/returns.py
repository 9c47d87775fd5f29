"""What calling, iterating over and entering a value gives."""

from __future__ import annotations

from functools import partial

from nootropic_lsp.index.facts import Flag, Kind, Op
from nootropic_lsp.index.languages.python.declared import Context, annotated, seen_as
from nootropic_lsp.index.languages.python.generics import is_special_form, type_parameters
from nootropic_lsp.index.languages.python.inference import DEEPEST, Inference
from nootropic_lsp.index.languages.python.members import is_enum, member, order, receiver_of
from nootropic_lsp.index.languages.python.reaching import overloads, parameters
from nootropic_lsp.index.languages.python.values import (
    CLASS,
    FUNCTION,
    INSTANCE,
    NOTHING,
    Value,
    Values,
    distinct,
    instance,
    instances,
)
from nootropic_lsp.index.units import Site, Unit

# The unit of a call and its first two arguments.
Given = tuple[Unit, int, int]

_COMPOUND = frozenset({Op.ITEM, Op.BINARY, Op.EITHER, Op.DISPLAY})
_ITERATORS = (("__iter__", "__next__"), ("__aiter__", "__anext__"))


def called(inference: Inference, value: Value, given: Given | None) -> Values:
    """What a call of a value gives."""
    if value.kind == CLASS:
        return (_constructed(inference, value, given),)
    if value.kind == FUNCTION and value.unit is not None:
        return returned(inference, Site(value.unit, value.at), value.receiver, given)
    if value.kind == INSTANCE:
        for site in member(inference, value, "__call__")[:1]:
            return returned(inference, site, value, given)
        if is_special_form(value):
            return value.arguments[-1] if value.arguments else NOTHING  # `Callable[..., this]`
    return NOTHING


def _constructed(inference: Inference, cls: Value, given: Given | None) -> Value:
    """What calling a class gives; arguments may say what its type variables are."""
    made = instance(cls)
    if cls.arguments or cls.unit is None or given is None or given[1] < 0:
        return made
    site = Site(cls.unit, cls.at)
    variables = type_parameters(inference, site)
    for name in ("__init__", "__new__") if variables else ():
        for function in member(inference, cls, name)[:1]:
            unit = function.unit
            if (unit, unit.scopes[function.definition.scope].owner) != site:
                continue
            for index in overloads(unit, function.index):
                arguments = tuple(
                    _by_argument(inference, Site(unit, index), made, given, variable)
                    for variable in variables
                )
                if any(arguments):
                    return made._replace(arguments=arguments)
    return made


def returned(
    inference: Inference, function: Site, receiver: Value | None = None, given: Given | None = None
) -> Values:
    """What a function gives back, by its annotation or else by its return statements."""
    unit, definition = function.unit, function.definition
    if definition.kind not in (Kind.FUNCTION, Kind.METHOD) or inference.depth > DEEPEST:
        return NOTHING
    inference.depth += 1
    try:
        if definition.annotation >= 0:
            argument = partial(_by_argument, inference, function, receiver, given)
            context = Context(receiver, None, argument)
            return annotated(inference, unit, definition.annotation, context)
        values = inference.infer(unit, definition.value)
        return values if receiver is None else _through(receiver, function, values)
    finally:
        inference.depth -= 1


def _through(receiver: Value, method: Site, values: Values) -> Values:
    """A method that returns `self` returns what it was called on, not its own class.

    A class method that returns `cls()` returns an instance of the class it was called on.
    """
    own = receiver_of(method.unit, method.index)
    if own is None or own.kind not in (receiver.kind, CLASS):
        return values
    made, wanted = instance(own), instance(receiver)
    return tuple(
        receiver
        if value[:3] == own[:3] and own.kind == receiver.kind
        else wanted
        if value[:3] == made[:3]
        else value
        for value in values
    )


def _by_argument(
    inference: Inference,
    function: Site,
    receiver: Value | None,
    given: Given | None,
    name: str,
) -> Values:
    """What the arguments of a call say that a type variable of the function is."""
    unit = function.unit
    indices = parameters(unit, function.index)
    if receiver is not None and indices and _is_bound(function, receiver):
        own = unit.definitions[indices[0]].annotation
        if own >= 0:
            values = _matched(inference, unit, own, (receiver,), name)
            if values:
                return values
        indices = indices[1:]
    if given is None:
        return NOTHING
    for parameter, argument in zip(indices, given[1:], strict=False):
        declared = unit.definitions[parameter].annotation
        if declared >= 0 and argument >= 0 and _mentions(unit, declared, name):
            return _matched(inference, unit, declared, inference.infer(given[0], argument), name)
    return NOTHING


def _is_bound(function: Site, receiver: Value) -> bool:
    """Whether what a function is read through is its first argument."""
    own = receiver_of(function.unit, function.index)
    return own is not None and (receiver.kind == own.kind or own.kind == CLASS)


def _mentions(unit: Unit, index: int, name: str) -> bool:
    """Whether a type variable is in an annotation."""
    expression = unit.expressions[index] if index >= 0 else ()
    if not expression:
        return False
    if expression[0] <= Op.MEMBER:
        return bool(expression[3] == name)
    return expression[0] in _COMPOUND and any(
        isinstance(part, int) and _mentions(unit, part, name) for part in expression[1:]
    )


def _matched(inference: Inference, unit: Unit, declared: int, values: Values, name: str) -> Values:
    """What a type variable in an annotation is where some values are given for it."""
    expression = unit.expressions[declared]
    if expression[0] <= Op.MEMBER:
        return values if expression[3] == name else NOTHING
    if expression[0] != Op.ITEM:
        for part in expression[1:]:
            if isinstance(part, int) and _mentions(unit, part, name):
                return _matched(inference, unit, part, values, name)
        return NOTHING
    head = unit.expressions[expression[1]]
    inside = unit.expressions[expression[2]] if expression[2] >= 0 else ()
    parts = inside[2:] if inside and inside[0] == Op.DISPLAY else (expression[2],)
    for at, part in enumerate(parts):
        if not _mentions(unit, part, name):
            continue
        kind = head[3] if head[0] <= Op.MEMBER else ""
        if kind in ("type", "Type"):
            values = instances(values)
        elif kind in ("Callable", "Awaitable", "Coroutine"):
            values = _results(inference, values) if at == len(parts) - 1 else NOTHING
        elif kind not in ("Optional", "Union", "Annotated"):
            values = _inside(inference, inference.infer(unit, expression[1]), values, at)
        return _matched(inference, unit, part, values, name)
    return NOTHING


def _inside(inference: Inference, heads: Values, values: Values, at: int) -> Values:
    """What values have for a type parameter of a generic class that they belong to."""
    found: list[Value] = []
    for value in values:
        arguments: tuple[Values, ...] = ()
        if value.unit is not None and value.kind == INSTANCE:
            for head in heads[:1]:
                if (head.unit, head.at) in order(inference, Site(value.unit, value.at)):
                    assert head.unit is not None
                    arguments = seen_as(inference, value, Site(head.unit, head.at))
        if at < len(arguments):
            found += arguments[at]
        elif not at:
            found += element(inference, value)
    return distinct(found)


def _results(inference: Inference, values: Values) -> Values:
    """What calling values gives, and what awaiting them does."""
    return distinct(
        item
        for value in values
        for item in ((value,) if value.kind == INSTANCE else called(inference, value, None))
    )


def elements(inference: Inference, values: Values) -> Values:
    """What iterating over one of several values gives."""
    return distinct(item for value in values for item in element(inference, value))


def element(inference: Inference, value: Value) -> Values:
    """What iterating over a value gives."""
    if value.unit is None:
        return NOTHING
    if value.kind == CLASS and is_enum(inference, Site(value.unit, value.at)):
        return (instance(value),)
    if value.kind != INSTANCE:
        return NOTHING
    if value.arguments and value.unit is inference.names.builtins():
        if value.unit.definitions[value.at].name == "tuple":
            return distinct(item for part in value.arguments for item in part)
        return value.arguments[0]
    for method, step in _ITERATORS:
        for site in member(inference, value, method)[:1]:
            return _stepped(inference, returned(inference, site, value), step)
    for site in member(inference, value, "__getitem__")[:1]:
        return returned(inference, site, value)
    return NOTHING


def _stepped(inference: Inference, iterators: Values, step: str) -> Values:
    """What iterators give."""
    found: list[Value] = []
    for iterator in iterators:
        following = member(inference, iterator, step)[:1]
        if following:
            found += returned(inference, following[0], iterator)
        elif iterator.arguments:
            found += iterator.arguments[0]  # a generator, which is taken for a list
    return distinct(found)


def is_coroutine(inference: Inference, unit: Unit, index: int) -> bool:
    """Whether an expression is a call of an `async` function."""
    expression = unit.expressions[index]
    return expression[0] == Op.CALL and any(
        value.kind == FUNCTION
        and value.unit is not None
        and value.unit.definitions[value.at].flags & Flag.ASYNC
        for value in inference.infer(unit, expression[1])
    )


def awaited(inference: Inference, values: Values) -> Values:
    """What waiting for one of several values gives: what its `__await__` returns at the end."""
    found: list[Value] = []
    for value in values:
        steps = member(inference, value, "__await__")[:1] if value.kind == INSTANCE else []
        if steps:
            for generator in returned(inference, steps[0], value):
                found += generator.arguments[-1] if generator.arguments else NOTHING
        else:
            found.append(value)
    return distinct(found)


def entered(inference: Inference, values: Values) -> Values:
    """What `with value as name` binds."""
    found: list[Value] = []
    for value in values:
        sites = member(inference, value, "__enter__") or member(inference, value, "__aenter__")
        if sites:
            found += returned(inference, sites[0], value) or (value,)
        else:
            # A generator that a decorator made a context manager of.
            found += element(inference, value) or (value,)
    return distinct(found)
