"""What calling, iterating over and entering a value gives."""

from __future__ import annotations

from nootropic_lsp.index.facts import Kind, Op
from nootropic_lsp.index.languages.python.declared import annotated
from nootropic_lsp.index.languages.python.inference import DEEPEST, Inference
from nootropic_lsp.index.languages.python.members import is_enum, member, receiver_of
from nootropic_lsp.index.languages.python.reaching import parameters
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

# Views of a dictionary: what they give is not their first type argument.
_PAIRED = frozenset({"dict_items", "dict_values", "ItemsView", "ValuesView"})
_ITERATORS = (("__iter__", "__next__"), ("__aiter__", "__anext__"))


def called(inference: Inference, value: Value, given: Given) -> Values:
    """What a call of a value gives."""
    if value.kind == CLASS:
        return (instance(value),)
    if value.kind == FUNCTION and value.unit is not None:
        return returned(inference, Site(value.unit, value.at), value.receiver, given)
    if value.kind == INSTANCE:
        for site in member(inference, value, "__call__")[:1]:
            return returned(inference, site, value, given)
    return NOTHING


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
            values = annotated(inference, unit, definition.annotation, receiver)
            if not values and given is not None:
                values = _by_argument(inference, function, receiver, given)
            return values
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
    inference: Inference, function: Site, receiver: Value | None, given: Given
) -> Values:
    """A return type that is a type variable, by the argument that fixes it."""
    unit = function.unit
    result = unit.expressions[function.definition.annotation]
    if result[0] != Op.NAME:
        return NOTHING
    indices = parameters(unit, function.index)
    if receiver is not None:
        indices = indices[1:]
    for parameter, argument in zip(indices, given[1:], strict=False):
        annotation = unit.definitions[parameter].annotation
        if annotation < 0 or argument < 0:
            continue
        declared = unit.expressions[annotation]
        if declared[0] == Op.NAME and declared[3] == result[3]:
            return inference.infer(given[0], argument)
        if declared[0] == Op.ITEM:
            inside = unit.expressions[declared[2]] if declared[2] >= 0 else ()
            if inside and inside[0] == Op.NAME and inside[3] == result[3]:
                values = inference.infer(given[0], argument)
                head = unit.expressions[declared[1]]
                if head[0] <= Op.MEMBER and head[3] in ("type", "Type"):
                    return instances(values)
                return elements(inference, values)
    return NOTHING


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
    if value.arguments:
        name = value.unit.definitions[value.at].name
        if name == "tuple":
            return distinct(item for part in value.arguments for item in part)
        if name not in _PAIRED:
            return value.arguments[0]
    for method, step in _ITERATORS:
        for site in member(inference, value, method)[:1]:
            if site.unit is inference.names.builtins() and not value.arguments:
                return NOTHING
            return _stepped(inference, returned(inference, site, value), step)
    for site in member(inference, value, "__getitem__")[:1]:
        return returned(inference, site, value)
    return NOTHING


def _stepped(inference: Inference, iterators: Values, step: str) -> Values:
    """What iterators give."""
    found: list[Value] = []
    for iterator in iterators:
        if iterator.arguments:
            found += iterator.arguments[0]
            continue
        for following in member(inference, iterator, step)[:1]:
            found += returned(inference, following, iterator)
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
