"""Where the members of values are defined, by the method resolution order of classes."""

from __future__ import annotations

from collections.abc import Iterable

from nootropic_lsp.index.facts import Flag, Kind
from nootropic_lsp.index.languages.python.inference import Inference
from nootropic_lsp.index.languages.python.reaching import member_definitions
from nootropic_lsp.index.languages.python.values import (
    CLASS,
    FUNCTION,
    INSTANCE,
    MODULE,
    Value,
)
from nootropic_lsp.index.units import Site, Unit

_CLASS_METHODS = frozenset({"__new__", "__init_subclass__", "__class_getitem__"})


def member(inference: Inference, value: Value, name: str) -> list[Site]:
    """Where a member of a value is defined."""
    if value.kind == MODULE:
        return inference.names.module_member(value.path, name)
    if value.unit is None:
        return []
    if value.kind == FUNCTION:
        return _builtin_member(inference, "function", name)
    found = _inherited(inference, value.unit, value.at, name, is_super=value.receiver is not None)
    if not found and value.kind == CLASS:
        for meta in metaclass(inference, value.unit, value.at):
            return _inherited(inference, *meta, name)
        return _builtin_member(inference, "type", name)
    return found


def metaclass(inference: Inference, unit: Unit, index: int) -> list[Site]:
    """The class of a class, where it or one of its bases says so."""
    touched = inference.touched
    known = inference.metaclasses.get((unit, index))
    if known is not None:
        touched.mask |= known[1]
        return known[0]
    outer, touched.mask = touched.mask, 0
    cls = Site(unit, index)
    inference.metaclasses[cls] = ([], 0)  # a class that is its own metaclass has none
    found = [
        Site(value.unit, value.at)
        for owner in order(inference, cls)
        for value in inference.infer(owner.unit, owner.definition.annotation)
        if value.kind == CLASS and value.unit is not None
    ][:1]
    inference.metaclasses[cls] = (found, touched.mask)
    touched.mask |= outer
    return found


def _inherited(
    inference: Inference, unit: Unit, cls: int, name: str, *, is_super: bool = False
) -> list[Site]:
    """A member by the method resolution order; `super()` begins behind the class."""
    key = (unit, ~cls if is_super else cls, name)
    touched = inference.touched
    known = inference.members.get(key)
    if known is not None:
        touched.mask |= known[1]
        return known[0]
    outer, touched.mask = touched.mask, 0
    found = _first(inference, order(inference, Site(unit, cls))[is_super:], name)
    inference.members[key] = (found, touched.mask)
    touched.mask |= outer
    return found


def _builtin_member(inference: Inference, cls: str, name: str) -> list[Site]:
    builtins = inference.names.builtins()
    if builtins is None:
        return []
    for index in builtins.names[0].get(cls, ()):
        found = _first(inference, order(inference, Site(builtins, index)), name)
        if found:
            return found
    return []


def _first(inference: Inference, owners: Iterable[Site], name: str) -> list[Site]:
    for owner in owners:
        found = own(inference, owner, name)
        if found:
            return found
    return []


def own(inference: Inference, owner: Site, name: str) -> list[Site]:
    """A member that a class itself defines, its best definition first."""
    unit, index = owner
    inference.touched.add((unit, name))
    entry = unit.names[unit.definitions[index].body].get(name)
    if not entry:
        return []
    return [Site(unit, index) for index in member_definitions(unit, entry)]


def order(inference: Inference, cls: Site) -> tuple[Site, ...]:
    """The method resolution order of a class, as far as its bases are known."""
    touched = inference.touched
    orders = inference.orders
    known = orders.get(cls)
    if known is not None:
        touched.mask |= known[1]
        return known[0]
    outer, touched.mask = touched.mask, 0
    orders[cls] = ((cls,), 0)  # a class that inherits from itself is only itself
    lines: list[list[Site]] = []
    bases: list[Site] = []
    for base in cls.definition.related:
        for value in inference.infer(cls.unit, base):
            if value.kind == CLASS and value.unit is not None:
                site = Site(value.unit, value.at)
                if site != cls and site not in bases:
                    bases.append(site)
                    lines.append(list(order(inference, site)))
                break
    if not bases:
        builtins = inference.names.builtins()
        entry = builtins.names[0].get("object") if builtins is not None else None
        if builtins is not None and entry and (builtins, entry[0]) != cls:
            lines.append([Site(builtins, entry[0])])
    found = (cls, *_merge([*lines, bases]))
    orders[cls] = (found, touched.mask)
    touched.mask |= outer
    return found


def _merge(lines: list[list[Site]]) -> list[Site]:
    """C3 linearisation; where a program has no consistent order, depth first."""
    merged: list[Site] = []
    lines = [line for line in lines if line]
    while lines:
        for line in lines:
            head = line[0]
            if not any(head in other[1:] for other in lines):
                break
        else:
            head = lines[0][0]
        merged.append(head)
        lines = [rest for line in lines if (rest := [site for site in line if site != head])]
    return merged


def is_enum(inference: Inference, cls: Site) -> bool:
    """Whether a class inherits from `Enum`."""
    return any(base.definition.name == "Enum" for base in order(inference, cls)[1:])


def receiver_of(unit: Unit, function: int) -> Value | None:
    """What the first parameter of a method is bound to; a function has none."""
    definition = unit.definitions[function]
    if definition.kind != Kind.METHOD or definition.flags & Flag.STATIC:
        return None
    is_of_class = definition.flags & Flag.CLASS_METHOD or definition.name in _CLASS_METHODS
    cls = unit.scopes[definition.scope].owner
    return Value(CLASS if is_of_class else INSTANCE, unit, cls)
