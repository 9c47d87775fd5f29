"""Generic classes: which type variables they have, and the older names of builtin ones."""

from __future__ import annotations

from collections.abc import Iterator

from nootropic_lsp.index.facts import Kind, Op, ScopeKind
from nootropic_lsp.index.languages.python.inference import Inference
from nootropic_lsp.index.languages.python.values import CLASS, INSTANCE, Value, Values
from nootropic_lsp.index.units import Site, Unit

_VARIABLES = frozenset({"TypeVar", "ParamSpec", "TypeVarTuple"})
_SAY_ORDER = frozenset({"Generic", "Protocol"})
# What `typing` has instead of classes: `List` and `Tuple` stand for those of a like name.
_STAND_INS = frozenset({"_Alias", "_SpecialForm"})
_HOMES = ("builtins", "collections")


def _holds_parameters(cls: Site) -> bool:
    """Whether it is a `class Name[T]`."""
    holder = cls.unit.scopes[cls.definition.body].parent
    return holder >= 0 and cls.unit.scopes[holder].owner == cls.index


def type_parameters(inference: Inference, cls: Site) -> list[str]:
    """The names of a class's type variables, in the order that arguments are given."""
    touched = inference.touched
    known = inference.parameters.get(cls)
    if known is None:
        outer, touched.mask = touched.mask, 0
        inference.parameters[cls] = ([], 0)  # a class in its own type arguments adds nothing
        known = inference.parameters[cls] = (_written_parameters(inference, cls), touched.mask)
        touched.mask |= outer
    touched.mask |= known[1]
    return known[0]


def _written_parameters(inference: Inference, cls: Site) -> list[str]:
    unit, definition = cls.unit, cls.definition
    if definition.body >= 0 and _holds_parameters(cls):
        return list(unit.names[unit.scopes[definition.body].parent])
    names: dict[str, None] = {}
    for base in definition.related:
        expression = unit.expressions[base]
        if expression[0] != Op.ITEM:
            continue
        head = unit.expressions[expression[1]]
        if head[0] <= Op.MEMBER and head[3] in _SAY_ORDER:
            return list(dict.fromkeys(_variables(inference, unit, expression[2])))
        names.update(dict.fromkeys(_variables(inference, unit, expression[2])))
    return list(names)


def _variables(inference: Inference, unit: Unit, index: int) -> Iterator[str]:
    """The type variables inside a type argument, in order."""
    expression = unit.expressions[index] if index >= 0 else ()
    if not expression:
        return
    if expression[0] <= Op.MEMBER:
        if is_variable(inference.infer(unit, index)):
            yield expression[3]
    elif expression[0] in (Op.ITEM, Op.BINARY, Op.DISPLAY):
        for part in expression[1:]:
            if isinstance(part, int):
                yield from _variables(inference, unit, part)


def is_variable(values: Values) -> bool:
    """Whether a name that stands for some values is an old-style type variable."""
    for value in values:
        if value.kind == INSTANCE and value.unit is not None:
            return value.unit.definitions[value.at].name in _VARIABLES
    return False


def is_parameter_of(unit: Unit, scope: int, name: str) -> bool:
    """Whether a name is a type parameter of a function, class or alias around a scope."""
    while scope >= 0:
        entry = unit.names[scope].get(name)
        if entry and unit.scopes[scope].kind != ScopeKind.CLASS:
            return unit.definitions[entry[0]].kind == Kind.TYPE_PARAMETER
        scope = unit.scopes[scope].parent
    return False


def is_special_form(value: Value) -> bool:
    """Whether a value is what `typing` has for `Callable` and the like."""
    return value.unit is not None and value.unit.definitions[value.at].name == "_SpecialForm"


def stood_for(inference: Inference, name: str, values: Values) -> Values:
    """The class that `typing.List` and its like stand for; other values for themselves."""
    for value in values:
        unit = value.unit
        if value.kind != INSTANCE or unit is None:
            return values
        if unit.definitions[value.at].name in _STAND_INS:
            for home in _HOMES:
                path = inference.names.module_path(home, 0, unit.path)
                for wanted in (name, name.lower()):
                    for site in inference.names.module_member(path, wanted) if path else ():
                        if site.definition.kind == Kind.CLASS:
                            return (Value(CLASS, *site),)
    return values
