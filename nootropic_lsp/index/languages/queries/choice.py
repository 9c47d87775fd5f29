"""Which of several definitions a use means."""

from __future__ import annotations

from nootropic_lsp.index.facts import Definition, Flag, Kind, Op, Role
from nootropic_lsp.index.languages.queries.rules import Lookups
from nootropic_lsp.index.languages.queries.values import FUNCTION_KINDS, VARIABLE_KINDS
from nootropic_lsp.index.units import Site, Unit


def reaching(unit: Unit, entry: list[int], position: int, *, ordered: bool) -> list[int]:
    """The definition of a local name that a use shows: the last one before it."""
    if len(entry) == 1 and not ordered:
        return entry
    definitions = unit.definitions
    before = [
        at
        for at in entry
        if position < 0
        or (definitions[at].start <= position and not _inside(definitions[at], position))
    ]
    if not before:
        return (
            []
            if ordered and not _is_hoisted(definitions[entry[0]] if entry else None)
            else entry[:1]
        )
    # An assignment is a binding only where nothing was declared before it.
    return before[-1:] if ordered else before[:1]


def _inside(definition: Definition, position: int) -> bool:
    """Whether a use stands in the value that the definition is given."""
    return (
        definition.kind == Kind.VARIABLE
        and definition.value >= 0
        and definition.start < position < definition.full_end
    )


def _is_hoisted(definition: Definition | None) -> bool:
    return definition is not None and definition.kind not in (Kind.VARIABLE, Kind.PARAMETER)


def fits(definition: Definition, role: int) -> bool:
    """Whether a name used in this way may mean a method, or a variable."""
    if role == Role.CALL:
        return definition.kind not in VARIABLE_KINDS
    if role == Role.IMPORT:
        return True
    return definition.kind not in FUNCTION_KINDS


def best(unit: Unit, sites: list[Site]) -> list[Site]:
    """Of one symbol only its best definition: the first that is no mere declaration."""
    if len(sites) < 2:
        return sites
    kept: dict[tuple[int, int, str], Site] = {}
    for site in sites:
        definition = site.definition
        key = (id(site.unit), definition.scope, definition.name)
        known = kept.get(key)
        if known is None or (
            known.definition.flags & Flag.DECLARED and not definition.flags & Flag.DECLARED
        ):
            kept[key] = site
    found = list(kept.values())
    found.sort(key=lambda site: bool(site.definition.flags & Flag.DECLARED))
    return found


def chosen_overload(resolver: Lookups, unit: Unit, index: int, sites: list[Site]) -> list[Site]:
    """That of several functions that fits the number of arguments and the first one's type."""
    call = _calls(unit).get(index)
    if call is None:
        return sites
    given, first = call
    names: set[str] = set()
    for value in resolver.infer(unit, first):
        names.add(value.name)
        if value.site is not None:
            names.update(base.definition.name for base in resolver.order(value.site))
    return [min(sites, key=lambda site: _misfit(site, given, names))]


def _misfit(site: Site, given: int, names: set[str]) -> int:
    definition = site.definition
    if definition.kind not in FUNCTION_KINDS or definition.body < 0:
        return 4
    definitions = site.unit.definitions
    parameters = sorted(
        at
        for entry in site.unit.names[definition.body].values()
        for at in entry
        if definitions[at].kind == Kind.PARAMETER
    )
    flags = [definitions[at].flags for at in parameters]
    other = 0
    if parameters and names:
        written = _type_name(site.unit, definitions[parameters[0]].annotation)
        other = 0 if written in names else 1 if not written else 2
    if len(flags) == given:
        return other
    needed = sum(not flag & (Flag.HAS_DEFAULT | Flag.VARIADIC) for flag in flags)
    if needed <= given and (given <= len(flags) or any(f & Flag.VARIADIC for f in flags)):
        return 3 + other
    return 6 + abs(len(flags) - given)


def _type_name(unit: Unit, index: int) -> str:
    while index >= 0:
        expression = unit.expressions[index]
        if expression[0] == Op.LITERAL:
            return str(expression[1])
        if expression[0] <= Op.MEMBER:
            return str(expression[3])
        if expression[0] != Op.ITEM:
            break
        index = expression[1]
    return ""


def _calls(unit: Unit) -> dict[int, tuple[int, int]]:
    """Of each called name the number of arguments and the first of them."""
    known: dict[int, tuple[int, int]] | None = unit.__dict__.get("calls")
    if known is None:
        known = {}
        for expression in unit.expressions:
            if expression[0] == Op.CALL and len(expression) > 4:
                known[expression[1]] = (expression[4], expression[2])
        unit.__dict__["calls"] = known
    return known
