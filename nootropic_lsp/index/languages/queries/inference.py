"""What the values of expressions and annotations are."""

from __future__ import annotations

from collections.abc import Iterable

from nootropic_lsp.index.facts import Kind, Op, Role
from nootropic_lsp.index.languages.queries.names import last_name, qualified
from nootropic_lsp.index.languages.queries.rules import Lookups
from nootropic_lsp.index.languages.queries.values import (
    FUNCTION,
    FUNCTION_KINDS,
    INSTANCE,
    NOTHING,
    PLACE,
    TYPE,
    TYPE_KINDS,
    VARIABLE_KINDS,
    Value,
    Values,
)
from nootropic_lsp.index.units import Site, Unit

_WIDEST = 5  # alternatives of one value


def inferred(resolver: Lookups, unit: Unit, index: int) -> Values:
    expression = unit.expressions[index]
    operator = expression[0]
    if operator == Op.NAME:
        return _infer_name(resolver, unit, index, expression)
    if operator == Op.MEMBER:
        return _infer_member(resolver, unit, index, expression)
    if operator == Op.KEYWORD:
        return _all(resolver, resolver.sites(unit, index))
    if operator == Op.CALL:
        return _infer_call(resolver, unit, expression)
    if operator == Op.NEW:
        return _instances(resolver.infer(unit, expression[1]))
    if operator == Op.INSTANCE:
        return resolver.annotated(unit, expression[1])
    if operator == Op.LITERAL:
        return (Value(INSTANCE, None, expression[1]),)
    if operator == Op.AWAIT:
        values = resolver.infer(unit, expression[1])
        return _distinct(
            inner
            for value in values
            for inner in (value.arguments[-1] if value.arguments and not value.site else (value,))
        )
    if operator == Op.ELEMENT:
        return _elements(resolver.infer(unit, expression[1]))
    if operator == Op.UNPACK:
        return _infer_unpack(resolver, unit, expression)
    if operator == Op.EITHER:
        return _distinct(v for part in expression[1:] for v in resolver.infer(unit, part))
    if operator == Op.MODULE:
        return resolver.rules.module(resolver, unit, expression[3], expression[4])
    if operator == Op.ITEM:
        return _applied(resolver, unit, expression, None)
    if operator == Op.DISPLAY:
        return _displayed(resolver, unit, expression, None)
    if operator == Op.OBJECT:
        owner = Site(unit, unit.scopes[expression[1]].owner)
        return (Value(TYPE, owner),) if owner.index >= 0 else NOTHING
    return NOTHING


def _infer_name(resolver: Lookups, unit: Unit, index: int, expression: tuple) -> Values:  # type: ignore[type-arg]
    _, role, position, name, scope = expression
    rules = resolver.rules
    if rules.special is not None:
        special = rules.special(resolver, unit, name, scope, position)
        if special:
            return special
    if name in rules.this or name in rules.this_type or name in rules.parent:
        return resolver.self_values(unit, name, scope)
    sites = resolver.sites(unit, index)
    if not sites:
        if role in (Role.TYPE, Role.BASE):
            return (Value(TYPE, None, name),)
        return (Value(PLACE, None, name),) if rules.places and role != Role.CALL else NOTHING
    return _all(resolver, sites)


def _infer_member(resolver: Lookups, unit: Unit, index: int, expression: tuple) -> Values:  # type: ignore[type-arg]
    _, role, _, name, operand = expression
    receivers = resolver.infer(unit, operand)
    for receiver in receivers:
        if receiver.kind == TYPE and name in resolver.rules.makers:
            return (receiver._replace(kind=INSTANCE),)
        if receiver.kind == PLACE and receiver.site is None and resolver.rules.places:
            path = f"{receiver.name}.{name}"
            sites = resolver.member(receiver, name, unit, role)
            if sites:
                return _all(resolver, sites)
            kind, own = (TYPE, name) if role in (Role.TYPE, Role.BASE) else (PLACE, path)
            return (Value(kind, None, own),)
    sites = resolver.sites(unit, index)
    if not sites:
        return (Value(TYPE, None, name),) if role in (Role.TYPE, Role.BASE) else NOTHING
    first = receivers[0] if receivers else None
    found: list[Value] = []
    for site in sites:
        definition = site.definition
        if definition.kind in VARIABLE_KINDS and definition.annotation >= 0:
            found += resolver.annotated(site.unit, definition.annotation, first)
        else:
            found += [
                value._replace(receiver=first) if value.kind == FUNCTION else value
                for value in resolver.value(site)
            ]
    return _distinct(found)


def _all(resolver: Lookups, sites: Iterable[Site]) -> Values:
    return _distinct(value for site in sites for value in resolver.value(site))


def _infer_call(resolver: Lookups, unit: Unit, expression: tuple) -> Values:  # type: ignore[type-arg]
    callee = expression[1]
    if resolver.rules.called is not None:
        known = resolver.rules.called(resolver, unit, callee, expression[2])
        if known:
            return known
    found: list[Value] = []
    for value in resolver.infer(unit, callee):
        if value.kind == TYPE:
            found.append(value._replace(kind=INSTANCE))
        elif value.kind == FUNCTION and value.site is not None:
            function = value.site.definition
            found += resolver.annotated(value.site.unit, function.annotation, value.receiver)
        elif value.kind == INSTANCE:
            found.append(value)
    target = unit.expressions[callee]
    if not found and target[0] == Op.MEMBER:
        found += [
            value._replace(fog=True)
            for value in resolver.infer(unit, target[4])
            if value.site is None and value.arguments
        ]
    return _distinct(found)


def _infer_unpack(resolver: Lookups, unit: Unit, expression: tuple) -> Values:  # type: ignore[type-arg]
    _, source, position = expression
    found: list[Value] = []
    if unit.expressions[source][0] in (Op.NAME, Op.MEMBER):
        for site in resolver.sites(unit, source):
            if site.definition.kind == Kind.ENUM_MEMBER and site.definition.annotation >= 0:
                payload = resolver.annotated(site.unit, site.definition.annotation)
                return tuple(
                    inner
                    for value in payload
                    if position < len(value.arguments)
                    for inner in value.arguments[position]
                )
    for value in resolver.infer(unit, source):
        if value.name == "tuple" and value.site is None:
            if position < len(value.arguments):
                found += value.arguments[position]
        elif position == 0:
            found.append(value)
    return _distinct(found)


def defined(resolver: Lookups, site: Site) -> Values:
    definition = site.definition
    kind = definition.kind
    if kind in TYPE_KINDS:
        return (Value(TYPE, site, definition.name),)
    if kind in FUNCTION_KINDS:
        return (Value(FUNCTION, site, definition.name),)
    if kind == Kind.IMPORT:
        # What is imported from outside the workspace is some type: nothing is guessed of it.
        return resolver.imported(site) or (Value(TYPE, None, definition.name),)
    if kind in (Kind.NAMESPACE, Kind.MODULE):
        return (Value(PLACE, site, qualified(site)),)
    if kind == Kind.ENUM_MEMBER:
        owner = resolver.owner(site)
        return (Value(INSTANCE, owner, owner.definition.name),) if owner else NOTHING
    if kind == Kind.TYPE and resolver.rules.distinct:
        underlying = resolver.annotated(site.unit, definition.annotation)
        elements = underlying[0].arguments if underlying else ()
        return (Value(TYPE, site, definition.name, elements),)
    if kind == Kind.TYPE:
        return tuple(
            value._replace(kind=TYPE) if value.kind == INSTANCE else value
            for value in resolver.annotated(site.unit, definition.annotation)
        ) or (Value(TYPE, site, definition.name),)
    if kind == Kind.TYPE_PARAMETER:
        bounds = resolver.annotated(site.unit, definition.annotation)
        return tuple(value._replace(kind=TYPE) for value in bounds)
    if definition.annotation >= 0:
        declared = resolver.annotated(site.unit, definition.annotation)
        if declared or definition.value < 0:
            return declared
    return resolver.infer(site.unit, definition.value)


def annotated(resolver: Lookups, unit: Unit, index: int, receiver: Value | None = None) -> Values:
    """Values of the type that an annotation names; `receiver` says what its parameters are."""
    if index < 0:
        return NOTHING
    expression = unit.expressions[index]
    operator = expression[0]
    if operator in (Op.NAME, Op.MEMBER):
        if receiver is not None:
            if expression[3] in resolver.rules.this_type and receiver.site is not None:
                return (receiver._replace(kind=INSTANCE),)
            given = _argument(resolver, unit, expression, receiver)
            if given is not None:
                return given
        return _instances(resolver.infer(unit, index))
    if operator == Op.ITEM:
        return _instances(_applied(resolver, unit, expression, receiver))
    if operator == Op.OBJECT:
        return _instances(resolver.infer(unit, index))
    if operator == Op.DISPLAY:
        return _displayed(resolver, unit, expression, receiver)
    if operator == Op.LITERAL:
        return (Value(INSTANCE, None, expression[1]),)
    if operator == Op.EITHER:
        return _distinct(
            value for part in expression[1:] for value in resolver.annotated(unit, part, receiver)
        )
    return NOTHING


def _argument(resolver: Lookups, unit: Unit, expression: tuple, receiver: Value) -> Values | None:  # type: ignore[type-arg]
    """What a type parameter of the receiver's type stands for."""
    if expression[0] != Op.NAME or receiver.site is None or not receiver.arguments:
        return None
    owner = receiver.site
    body = owner.definition.body
    if body < 0:
        return None
    names = [
        (entry[0], name)
        for name, entry in owner.unit.names[body].items()
        if owner.unit.definitions[entry[0]].kind == Kind.TYPE_PARAMETER
    ]
    for position, (_, name) in enumerate(sorted(names)):
        if name == expression[3] and position < len(receiver.arguments):
            return receiver.arguments[position]
    return None


def _applied(resolver: Lookups, unit: Unit, expression: tuple, receiver: Value | None) -> Values:  # type: ignore[type-arg]
    """A generic type with its arguments."""
    _, head, inside = expression
    heads = resolver.infer(unit, head)
    if not heads:
        name = last_name(unit, head)
        heads = (Value(TYPE, None, name),) if name else NOTHING
    parts = unit.expressions[inside][2:] if inside >= 0 else ()
    arguments = tuple(resolver.annotated(unit, part, receiver) for part in parts)
    return tuple(
        value._replace(arguments=arguments) if value.kind in (TYPE, INSTANCE) else value
        for value in heads
    )


def _displayed(resolver: Lookups, unit: Unit, expression: tuple, receiver: Value | None) -> Values:  # type: ignore[type-arg]
    arguments = tuple(resolver.annotated(unit, part, receiver) for part in expression[2:])
    return (Value(INSTANCE, None, expression[1], arguments),)


def _instances(values: Values) -> Values:
    return tuple(
        value._replace(kind=INSTANCE) for value in values if value.kind in (TYPE, INSTANCE)
    )


def _elements(values: Values) -> Values:
    return _distinct(inner for value in values if value.arguments for inner in value.arguments[-1])


def _distinct(values: Iterable[Value]) -> Values:
    return tuple(dict.fromkeys(values))[:_WIDEST]
