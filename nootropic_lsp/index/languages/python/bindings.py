"""What definitions bind their names to, and what members give that are read through a value."""

from __future__ import annotations

from nootropic_lsp.index.facts import Definition, Expression, Flag, Kind, Op, ScopeKind
from nootropic_lsp.index.languages.python.declared import Context, annotated, says_only_how
from nootropic_lsp.index.languages.python.generics import is_special_form, stood_for
from nootropic_lsp.index.languages.python.inference import Inference
from nootropic_lsp.index.languages.python.members import member, order, own, receiver_of
from nootropic_lsp.index.languages.python.narrowing import member_key
from nootropic_lsp.index.languages.python.reaching import flows, overloads
from nootropic_lsp.index.languages.python.returns import called, returned
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
    instance,
    module_value,
)
from nootropic_lsp.index.units import Site, Unit

# Definitions that stand for what they define.
_THEMSELVES = {Kind.CLASS: CLASS, Kind.FUNCTION: FUNCTION, Kind.METHOD: FUNCTION}
_NONE = (Op.LITERAL, "None")
_ASSIGNED = frozenset({Kind.ATTRIBUTE, Kind.VARIABLE})


def bound(inference: Inference, site: Site, receiver: Value | None) -> Values:
    """What a definition binds its name to. `receiver` fixes type variables of its class."""
    unit, index = site
    definition = unit.definitions[index]
    kind = definition.kind
    itself = _THEMSELVES.get(kind)
    if itself is not None:
        value = Value(itself, unit, index)
        if kind == Kind.FUNCTION and definition.related:
            return (value, *_replaced(inference, unit, definition.related))
        return (value,)
    if kind == Kind.IMPORT:
        return _imported(inference, site)
    if kind == Kind.PARAMETER:
        return _parameter(inference, unit, definition)
    if kind == Kind.MODULE:
        return module_value(unit.path)
    if definition.annotation >= 0:
        values = annotated(inference, unit, definition.annotation, Context(receiver))
        if values or not says_only_how(unit, definition.annotation):
            return stood_for(inference, definition.name, values)
    values = inference.infer(unit, definition.value)
    if kind == Kind.VARIABLE and values:
        if _is_enum_member(inference, unit, definition):
            return (Value(INSTANCE, unit, unit.scopes[definition.scope].owner),)
        return stood_for(inference, definition.name, values)
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
    values = annotated(inference, unit, definition.annotation, Context(receiver))
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
    narrowed = unit.narrowed
    for index in narrowed.get(member_key(name), ()) if narrowed else ():
        known = unit.definitions[index]
        if known.full_start <= expression[2] < known.full_end and _is_same(
            unit, unit.expressions[known.annotation][4], receiver
        ):
            values = inference.infer(unit, known.value)
            if values:
                return values
    found: list[Value] = []
    for value in inference.infer(unit, receiver):
        found += _member_values(inference, value, name)
        if len(found) >= WIDEST:
            break
    return distinct(found)


def _is_same(unit: Unit, one: int, other: int) -> bool:
    """Whether two chains such as `self.node` are written alike."""
    while one >= 0 and other >= 0:
        this, that = unit.expressions[one], unit.expressions[other]
        if this[0] != that[0] or this[0] > Op.MEMBER or this[3] != that[3]:
            return False
        if this[0] == Op.NAME:
            return flows(unit, that[4], this[4])
        one, other = this[4], that[4]
    return False


def _member_values(inference: Inference, value: Value, name: str) -> Values:
    """What a member of a value may stand for, bound to it."""
    found: list[Value] = []
    sites = member(inference, value, name)
    if value.kind != FUNCTION and value.receiver is not None:
        value = value.receiver  # `super()` looks elsewhere, but for the same object
    if value.kind == MODULE:
        for site in sites:
            found += inference.value_of(site)
        return distinct(found)
    for site in sites:
        definition = site.definition
        if _THEMSELVES.get(definition.kind) != FUNCTION:
            for inner in inference.value_of(site, value) or _elsewhere(inference, site, value):
                found += _described(inference, inner, value)
        elif not definition.flags & Flag.PROPERTY:
            made = _decorated(inference, site, value) if definition.related else NOTHING
            found += made or (Value(FUNCTION, site.unit, site.index, receiver=value),)
        elif not definition.flags & Flag.SETTER:
            found += returned(inference, site, value)
        if found:
            break
    return distinct(found)


def _elsewhere(inference: Inference, first: Site, value: Value) -> Values:
    """What other assignments say of an attribute whose first one says nothing, such as `None`."""
    if value.unit is None or first.definition.kind not in _ASSIGNED:
        return NOTHING
    unit, definition = first.unit, first.definition
    name = definition.name
    for index in unit.names[definition.scope][name]:
        if index != first.index and unit.definitions[index].kind in _ASSIGNED:
            values = inference.value_of(Site(unit, index), value)
            if values:
                return values
    if definition.value >= 0 and unit.expressions[definition.value] != _NONE:
        return NOTHING
    owners = order(inference, Site(value.unit, value.at))
    for owner in owners[_place(owners, first) + 1 :]:
        for site in own(inference, owner, name):
            values = inference.value_of(site, value)
            if values:
                return values
    return NOTHING


def _place(owners: tuple[Site, ...], member: Site) -> int:
    """Which of some classes a member is written in."""
    owner = Site(member.unit, member.unit.scopes[member.definition.scope].owner)
    return owners.index(owner) if owner in owners else 0


def _replaced(inference: Inference, unit: Unit, decorators: list[int]) -> Values:
    """The objects that decorators say they put in the place of a function."""
    return tuple(
        value
        for decorator in decorators
        for made in inference.infer(unit, decorator)
        for value in called(inference, made, None)
        if value.kind == INSTANCE and not is_special_form(value)
    )


def _decorated(inference: Inference, method: Site, receiver: Value) -> Values:
    """What a method gives when it is read, where a decorator of it is a descriptor."""
    if method.definition.flags & (Flag.STATIC | Flag.CLASS_METHOD):
        return NOTHING
    for decorator in method.definition.related:
        for value in inference.infer(method.unit, decorator):
            getters = member(inference, value, "__get__") if value.kind == CLASS else []
            for getter in getters[-1:]:
                unit, at = getter.unit, overloads(getter.unit, getter.index)
                last = at[-2] if getter.definition.flags & Flag.OVERLOAD else getter.index
                result = Context(
                    instance(value), None, lambda _name: returned(inference, method, receiver)
                )
                return annotated(inference, unit, unit.definitions[last].annotation, result)
    return NOTHING


def _described(inference: Inference, inner: Value, receiver: Value) -> Values:
    """What a descriptor gives when it is read through an instance."""
    if inner.kind != INSTANCE or inner.unit is None or receiver.kind != INSTANCE:
        return (inner,)
    for owner in order(inference, Site(inner.unit, inner.at)):
        getters = own(inference, owner, "__get__")
        if getters:
            return returned(inference, getters[-1], inner) or (inner,)
    return (inner,)
