"""Text shown between the characters: names of parameters, and types that are not written."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nootropic_lsp.core.spans import Span
from nootropic_lsp.core.symbols import Hint
from nootropic_lsp.features.callable import Called, Slot, Sources, callables, slot_for
from nootropic_lsp.features.parsed import parsed
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.arguments import WrittenCall, calls_between
from nootropic_lsp.index.facts import Flag, Kind, Op
from nootropic_lsp.index.units import Site, Unit, written

_MANY = Flag.VARIADIC | Flag.VARIADIC_KEYWORDS | Flag.KEYWORD_ONLY
# Their results are only roughly known.
_LAZY = frozenset({"iter", "reversed", "enumerate", "zip", "map", "filter", "range"})
_VAGUE = frozenset({"Any", "object", "type", "function"})
# What is on the right side says its type itself.
_OBVIOUS = frozenset(
    {Op.LITERAL, Op.DISPLAY, Op.NEW, Op.OBJECT, Op.CLASS, Op.FUNCTION, Op.INSTANCE}
)
_FUNCTIONS = frozenset({Kind.FUNCTION, Kind.METHOD})
_TYPES = frozenset({Kind.CLASS, Kind.STRUCT, Kind.ENUM, Kind.INTERFACE})
# What is got out of a value: its type is declared where that of the value is.
_STEPS = frozenset({Op.AWAIT, Op.ELEMENT, Op.ENTER, Op.UNPACK, Op.ITEM})
_VALUES = frozenset({Kind.VARIABLE, Kind.ATTRIBUTE, Kind.FIELD, Kind.CONSTANT})
_DEEPEST = 6
_LONGEST_TYPE = 40
_MOST_ALTERNATIVES = 3
# Languages in which a variable may be declared without its type.
_INFERRED = frozenset({"python", "javascript", "typescript", "tsx", "go", "rust", "java", "csharp"})
_LAST_WORD = re.compile(r"(\w+)\W*\Z")


def inlay_hints(
    snapshot: Snapshot,
    path: str,
    span: Span,
    *,
    parameter_names: bool = True,
    types: bool = True,
) -> list[Hint]:
    """The hints inside a span, in the order of the text."""
    unit = snapshot.unit(path)
    text = parsed(snapshot, path)
    if unit is None or text is None:
        return []
    found: list[Hint] = []
    if parameter_names:
        source = text.document.text
        for call in calls_between(text, span.start, span.end):
            found += _names(snapshot, unit, call, source)
    if types and unit.language in _INFERRED:
        found += _types(snapshot, unit, span)
    kept = {hint.offset: hint for hint in found if span.touches(hint.offset)}
    return [kept[offset] for offset in sorted(kept)]


# ---- names of parameters


def _names(snapshot: Snapshot, unit: Unit, call: WrittenCall, source: str) -> Iterator[Hint]:
    positional = [each for each in call.arguments if not each.keyword]
    if not positional:
        return
    use = unit.use_at(call.callee_end)
    if use < 0 or unit.expressions[use][2] + len(written(unit.expressions[use])) != call.callee_end:
        return
    called = callables(Sources(snapshot), unit, use)
    if len(called) != 1 or _is_obvious(called[0], len(call.arguments)):
        return
    slots = called[0].slots
    for number, argument in enumerate(positional):
        if argument.is_spread:
            return  # nobody knows how many it stands for
        at = slot_for(slots, number, "")
        if at is None or slots[at].flags & _MANY:
            return
        if _says_something(slots[at], source[argument.start : argument.end]):
            mark = "=" if unit.language == "python" else ":"
            yield Hint(argument.start, slots[at].name.lstrip("$") + mark, "parameter")


def _is_obvious(called: Called, n_arguments: int) -> bool:
    """Whether there is only one thing that an argument could be."""
    required = [slot for slot in called.slots if not slot.flags & _MANY]
    return n_arguments == 1 and len(required) == 1


def _says_something(slot: Slot, argument: str) -> bool:
    """Whether the name tells more than the argument does."""
    name = slot.name.strip("_").lower().replace("_", "")
    if len(name) < 2 or slot.name.startswith("_") or slot.flags & Flag.POSITIONAL_ONLY:
        return False
    last = _LAST_WORD.search(argument)
    own = last[1].lower().replace("_", "") if last is not None else ""
    return not (own and (own == name or own.endswith(name) or own.startswith(name)))


# ---- types


def _types(snapshot: Snapshot, unit: Unit, span: Span) -> Iterator[Hint]:
    for index, definition in enumerate(unit.definitions):
        if (
            not span.start <= definition.start <= span.end
            or definition.kind != Kind.VARIABLE
            or definition.annotation >= 0
            or definition.value < 0
            or definition.name.startswith("_")
            or definition.flags & Flag.AUGMENTED
            or _is_plain(snapshot, unit, definition.value)
            or not _is_declared(snapshot, unit, definition.value)
            or unit.names[definition.scope][definition.name][0] != index
        ):
            continue
        label = _label(snapshot, Site(unit, index))
        if label:
            yield Hint(definition.end, f": {label}", "type")


def _is_plain(snapshot: Snapshot, unit: Unit, value: int) -> bool:
    """Whether a reader sees the type: a literal, or the name of a class that is called."""
    expression = unit.expressions[value]
    if expression[0] in _OBVIOUS:
        return True
    if expression[0] == Op.CALL:
        value = expression[1]
    if unit.expressions[value][0] <= Op.MEMBER:
        sites = snapshot.definitions(unit, value)[:1]
        # Another name for a class, a function or a module is not a value of some type.
        plain = _TYPES if expression[0] == Op.CALL else _TYPES | _FUNCTIONS | {Kind.MODULE}
        return any(
            site.definition.kind in plain and not site.definition.flags & Flag.PROPERTY
            for site in sites
        )
    return False


def _is_declared(snapshot: Snapshot, unit: Unit, value: int, depth: int = 0) -> bool:
    """Whether a type is written down somewhere on the way, so that it is no guess of ours."""
    if value < 0 or depth > _DEEPEST:
        return False
    expression = unit.expressions[value]
    operator = expression[0]
    if operator in _OBVIOUS:
        return True
    if operator in _STEPS:
        return _is_declared(snapshot, unit, expression[1], depth + 1)
    if operator == Op.EITHER:
        return all(_is_declared(snapshot, unit, part, depth + 1) for part in expression[1:])
    if operator == Op.CALL:
        called = unit.expressions[expression[1]]
        if called[0] > Op.MEMBER or called[3] in _LAZY:
            return False
        return any(
            site.definition.kind in _TYPES
            or (site.definition.kind in _FUNCTIONS and site.definition.annotation >= 0)
            for site in snapshot.definitions(unit, expression[1])[:1]
        )
    if operator > Op.MEMBER:
        return False
    for site in snapshot.definitions(unit, value)[:1]:
        definition = site.definition
        if definition.annotation >= 0:
            return True
        entry = site.unit.names[definition.scope].get(definition.name, ())
        if definition.kind in _VALUES and len(entry) == 1:
            return _is_declared(snapshot, site.unit, definition.value, depth + 1)
    return False


def _label(snapshot: Snapshot, site: Site) -> str:
    found = snapshot.ask(site.unit, lambda resolver: resolver.types_of(site))
    names = list(dict.fromkeys(each.definition.name for each in found if each.definition.name))
    if not names or len(names) > _MOST_ALTERNATIVES or not _VAGUE.isdisjoint(names):
        return ""
    if may_be_none(snapshot, site):
        names.append("None")
    label = " | ".join(names)
    return label if len(label) <= _LONGEST_TYPE else ""


def may_be_none(snapshot: Snapshot, site: Site) -> bool:
    """Whether a called function, or the value itself, says that there may be nothing."""
    unit, definition = site.unit, site.definition
    if unit.language != "python" or definition.value < 0:
        return False
    expression = unit.expressions[definition.value]
    if expression[0] == Op.CALL and unit.expressions[expression[1]][0] <= Op.MEMBER:
        for function in snapshot.definitions(unit, expression[1])[:1]:
            called = function.definition
            given = called.annotation if called.annotation >= 0 else called.value
            return _names_none(function.unit, given, 0)
    return _names_none(unit, definition.value, 0)


def _names_none(unit: Unit, index: int, depth: int) -> bool:
    if index < 0 or depth > 10:
        return False
    expression = unit.expressions[index]
    operator = expression[0]
    if operator == Op.LITERAL:
        return bool(expression[1] == "None")
    if operator == Op.NAME:
        return bool(expression[3] == "None")
    if operator == Op.EITHER:
        return any(_names_none(unit, part, depth + 1) for part in expression[1:])
    if operator == Op.BINARY and expression[1] == "|":
        return any(_names_none(unit, part, depth + 1) for part in expression[2:])
    if operator == Op.ITEM and expression[1] >= 0:
        head = unit.expressions[expression[1]]
        if head[0] <= Op.MEMBER and head[3] == "Optional":
            return True
        if head[0] <= Op.MEMBER and head[3] == "Union" and expression[2] >= 0:
            inside = unit.expressions[expression[2]]
            return inside[0] == Op.DISPLAY and any(
                _names_none(unit, part, depth + 1) for part in inside[2:]
            )
    return False
