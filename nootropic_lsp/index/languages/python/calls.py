"""What calls give, and which parameters keyword arguments name."""

from __future__ import annotations

from nootropic_lsp.index.facts import Expression, Flag, Kind, Op, ScopeKind
from nootropic_lsp.index.languages.python.declared import annotated
from nootropic_lsp.index.languages.python.inference import Inference
from nootropic_lsp.index.languages.python.members import member, order, own
from nootropic_lsp.index.languages.python.reaching import overloads
from nootropic_lsp.index.languages.python.returns import called, elements
from nootropic_lsp.index.languages.python.values import (
    CLASS,
    FUNCTION,
    INSTANCE,
    NOTHING,
    WIDEST,
    Value,
    Values,
    distinct,
)
from nootropic_lsp.index.units import Site, Unit

# Builtin functions that give the elements of their argument, and in what.
_COLLECTORS = {
    "list": "list",
    "tuple": "tuple",
    "set": "set",
    "frozenset": "frozenset",
    "sorted": "list",
    "reversed": "list",
    "iter": "list",
}
_UNPACK = ("Unpack",)


def infer_call(inference: Inference, unit: Unit, expression: Expression) -> Values:
    """`function(first, second, ...)`."""
    _, function, first, second = expression
    target = unit.expressions[function]
    if target[0] == Op.NAME:
        special = _special_call(inference, unit, target, first, second)
        if special is not None:
            return special
    elif target[0] == Op.MEMBER and target[3] == "cast" and second >= 0:
        return annotated(inference, unit, first)
    found: list[Value] = []
    for value in inference.infer(unit, function):
        found += called(inference, value, (unit, first, second))
        if len(found) >= WIDEST:
            break
    return distinct(found)


def _special_call(
    inference: Inference, unit: Unit, target: Expression, first: int, second: int
) -> Values | None:
    """A call whose stub says less than we know about it; None for any other call."""
    name, scope = target[3], target[4]
    if name == "super":
        return _super(unit, scope)
    if name == "cast" and second >= 0:
        return annotated(inference, unit, first)
    if first < 0:
        return None
    if name == "type" and second < 0:
        known = tuple(
            Value(CLASS, value.unit, value.at)
            for value in inference.infer(unit, first)
            if value.kind == INSTANCE
        )
        return known or inference.builtin("type")
    if name in _COLLECTORS:
        items = elements(inference, inference.infer(unit, first))
        return inference.builtin(_COLLECTORS[name], (items,))
    if name == "next":
        return elements(inference, inference.infer(unit, first))
    if name == "enumerate":
        items = elements(inference, inference.infer(unit, first))
        pair = inference.builtin("tuple", (inference.builtin("int"), items))
        return inference.builtin("list", (pair,))
    if name == "zip":
        parts = tuple(
            elements(inference, inference.infer(unit, given))
            for given in (first, second)
            if given >= 0
        )
        return inference.builtin("list", (inference.builtin("tuple", parts),))
    return None


def _super(unit: Unit, scope: int) -> Values:
    """What stands for the classes behind the one whose method calls `super()`."""
    while scope >= 0:
        this = unit.scopes[scope]
        if this.kind == ScopeKind.FUNCTION and this.owner >= 0:
            method = unit.definitions[this.owner]
            holder = unit.scopes[method.scope]
            if method.kind == Kind.METHOD and holder.kind == ScopeKind.CLASS:
                is_of_class = method.flags & Flag.CLASS_METHOD or method.name == "__new__"
                own = Value(CLASS if is_of_class else INSTANCE, unit, holder.owner)
                return (own._replace(receiver=own),)
        scope = this.parent
    return NOTHING


def keyword_parameter(inference: Inference, unit: Unit, name: str, function: int) -> list[Site]:
    """The parameter, or the field of a dataclass or the like, that a keyword argument names."""
    for value in inference.infer(unit, function):
        functions = _callables(inference, value)
        for where, at in functions:
            definition = where.definitions[at]
            is_alone = len(where.names[definition.scope].get(definition.name, ())) < 2
            for each in (at,) if is_alone else overloads(where, at):
                body = where.definitions[each].body
                for index in where.names[body].get(name, ()) if body >= 0 else ():
                    if where.definitions[index].kind == Kind.PARAMETER:
                        return [Site(where, index)]
                found = _key(inference, where, body, name)
                if found:
                    return found
        if value.kind == CLASS and value.unit is not None:
            is_made_of_fields = not functions or _is_made_up(inference, functions[0])
            for owner in order(inference, Site(value.unit, value.at)):
                if is_made_of_fields or owner.definition.flags & Flag.DATACLASS:
                    fields = own(inference, owner, name)
                    if fields:
                        return fields[:1]
    return []


def _is_made_up(inference: Inference, constructor: Site) -> bool:
    """Whether a constructor is none that a program wrote, so that fields may stand for it."""
    unit = constructor.unit
    owner = unit.scopes[constructor.definition.scope].owner
    return unit is inference.names.builtins() or unit.definitions[owner].name == "NamedTuple"


def _key(inference: Inference, unit: Unit, body: int, name: str) -> list[Site]:
    """A key of a typed dictionary that a function takes as `**kwargs: Unpack[Keys]`."""
    for entry in unit.names[body].values() if body >= 0 else ():
        parameter = unit.definitions[entry[0]]
        if parameter.kind != Kind.PARAMETER:
            break  # they come before all other names
        if parameter.flags & Flag.VARIADIC_KEYWORDS and parameter.annotation >= 0:
            expression = unit.expressions[parameter.annotation]
            if expression[0] == Op.ITEM and unit.expressions[expression[1]][3:4] == _UNPACK:
                for value in annotated(inference, unit, expression[2]):
                    return member(inference, value, name)[:1]
    return []


def _callables(inference: Inference, value: Value) -> list[Site]:
    """The functions that run when a value is called."""
    if value.kind == FUNCTION and value.unit is not None:
        return [Site(value.unit, value.at)]
    if value.kind == CLASS:
        found = member(inference, value, "__init__")
        return found[:1] or member(inference, value, "__new__")[:1]
    if value.kind == INSTANCE:
        return member(inference, value, "__call__")[:1]
    return []
