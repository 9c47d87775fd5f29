"""What definitions bind their names to, and what members give that are read through a value."""

from __future__ import annotations

from nootropic_lsp.index.facts import Definition, Expression, Flag, Kind, ScopeKind
from nootropic_lsp.index.languages.python.declared import annotated, says_only_how
from nootropic_lsp.index.languages.python.inference import Inference
from nootropic_lsp.index.languages.python.members import member, order, own, receiver_of
from nootropic_lsp.index.languages.python.returns import returned
from nootropic_lsp.index.languages.python.values import (
    CLASS,
    FUNCTION,
    INSTANCE,
    MODULE,
    NOTHING,
    WIDEST,
    Value,
    Values,
    distinct,
    module_value,
)
from nootropic_lsp.index.units import Site, Unit

# Definitions that stand for what they define.
_THEMSELVES = {Kind.CLASS: CLASS, Kind.FUNCTION: FUNCTION, Kind.METHOD: FUNCTION}


def bound(inference: Inference, site: Site, receiver: Value | None) -> Values:
    """What a definition binds its name to. `receiver` fixes type variables of its class."""
    unit, index = site
    definition = unit.definitions[index]
    kind = definition.kind
    itself = _THEMSELVES.get(kind)
    if itself is not None:
        return (Value(itself, unit, index),)
    if kind == Kind.IMPORT:
        return _imported(inference, site)
    if kind == Kind.PARAMETER:
        return _parameter(inference, unit, definition)
    if kind == Kind.MODULE:
        return module_value(unit.path)
    if definition.annotation >= 0:
        values = annotated(inference, unit, definition.annotation, receiver)
        if values or not says_only_how(unit, definition.annotation):
            return values
    values = inference.infer(unit, definition.value)
    if kind == Kind.VARIABLE and values and _is_enum_member(inference, unit, definition):
        return (Value(INSTANCE, unit, unit.scopes[definition.scope].owner),)
    return values


def _imported(inference: Inference, site: Site) -> Values:
    values = distinct(
        value
        for target in inference.names.import_targets(site)
        if target != site
        for value in inference.value_of(target)
    )
    return values or module_value(inference.names.namespace(site))


def _is_enum_member(inference: Inference, unit: Unit, definition: Definition) -> bool:
    scope = unit.scopes[definition.scope]
    if scope.kind != ScopeKind.CLASS or definition.name.startswith("_"):
        return False
    bases = order(inference, Site(unit, scope.owner))[1:]
    return any(base.definition.name in ("Enum", "EnumMeta") for base in bases)


def _parameter(inference: Inference, unit: Unit, definition: Definition) -> Values:
    receiver = receiver_of(unit, unit.scopes[definition.scope].owner)
    values = annotated(inference, unit, definition.annotation, receiver)
    if definition.flags & Flag.VARIADIC:
        return inference.builtin("tuple", (values,) if definition.annotation >= 0 else ())
    if definition.flags & Flag.VARIADIC_KEYWORDS:
        return inference.builtin("dict", (NOTHING, values) if definition.annotation >= 0 else ())
    if values:
        return values
    if definition.related == [0] and receiver is not None:
        return (receiver,)
    # Most default values are of the type that is expected, other than None.
    return tuple(
        value for value in inference.infer(unit, definition.value) if value.kind == INSTANCE
    )


def infer_member(inference: Inference, unit: Unit, expression: Expression) -> Values:
    """`receiver.name`."""
    name, receiver = expression[3], expression[4]
    found: list[Value] = []
    for value in inference.infer(unit, receiver):
        found += _member_values(inference, value, name)
        if len(found) >= WIDEST:
            break
    return distinct(found)


def _member_values(inference: Inference, value: Value, name: str) -> Values:
    """What a member of a value may stand for, bound to it."""
    found: list[Value] = []
    sites = member(inference, value, name)
    if value.kind == MODULE:
        for site in sites:
            found += inference.value_of(site)
        return distinct(found)
    for site in sites:
        definition = site.definition
        if _THEMSELVES.get(definition.kind) != FUNCTION:
            for inner in inference.value_of(site, value):
                found += _described(inference, inner, value)
        elif not definition.flags & Flag.PROPERTY:
            found.append(Value(FUNCTION, site.unit, site.index, receiver=value))
        elif not definition.flags & Flag.SETTER:
            found += returned(inference, site, value)
        if found:
            break
    return distinct(found)


def _described(inference: Inference, inner: Value, receiver: Value) -> Values:
    """What a descriptor gives when it is read through an instance."""
    if inner.kind != INSTANCE or inner.unit is None or receiver.kind != INSTANCE:
        return (inner,)
    for owner in order(inference, Site(inner.unit, inner.at)):
        getters = own(inference, owner, "__get__")
        if getters:
            return returned(inference, getters[-1], inner) or (inner,)
    return (inner,)
