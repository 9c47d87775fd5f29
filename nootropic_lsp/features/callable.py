"""What can be called: the functions behind a name, and their parameters as written."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nootropic_lsp.features import lineage
from nootropic_lsp.features.snapshot import Snapshot, text_of
from nootropic_lsp.index.facts import Flag, Kind, Op
from nootropic_lsp.index.units import Site, Unit

_FUNCTIONS = frozenset({Kind.FUNCTION, Kind.METHOD, Kind.CONSTRUCTOR, Kind.MACRO})
_CONSTRUCTORS = ("__init__", "__new__", "constructor", "__construct", "initialize")
_MANY = Flag.VARIADIC | Flag.VARIADIC_KEYWORDS
_FIELDS = frozenset({Kind.VARIABLE, Kind.FIELD, Kind.ATTRIBUTE, Kind.CONSTANT})
# Languages that write the type of the result behind the parameters.
_RESULTS_LAST = frozenset({"python", "typescript", "tsx", "go", "rust", "php"})
_COMMENT = re.compile(r"(?:#|//).*")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Slot:
    """A parameter: its name, how it is written, its flags, and where that is."""

    name: str
    text: str
    flags: int
    site: Site | None = None


@dataclass(frozen=True, slots=True)
class Called:
    """Something that can be called. `site` is what its documentation belongs to."""

    site: Site
    name: str
    slots: tuple[Slot, ...]
    returns: str = ""


class Sources:
    """The texts that facts were made from. `text` is that of `unit`, if it is not the file's."""

    def __init__(self, snapshot: Snapshot, unit: Unit | None = None, text: str = "") -> None:
        self.snapshot = snapshot
        self._unit = unit
        self._text = text

    def text(self, unit: Unit) -> str:
        """The text of a unit."""
        return self._text if unit is self._unit else text_of(self.snapshot, unit.path)


def callables(sources: Sources, unit: Unit, use: int) -> list[Called]:
    """What runs when the name at a use is called, best first; overloads one by one."""
    snapshot = sources.snapshot
    found: list[Called] = []
    for site in snapshot.definitions(unit, use)[:3]:
        kind = site.definition.kind
        if kind in _FUNCTIONS:
            through_type = _is_through_type(snapshot, unit, use)
            found += [_function(sources, each, bound=not through_type) for each in _overloads(site)]
        elif kind in lineage.TYPES:
            found += _construction(sources, site)
        else:
            found += _value(sources, site)
        if found:
            break
    return found


def _is_through_type(snapshot: Snapshot, unit: Unit, use: int) -> bool:
    """Whether a method is taken from its class, so that `self` is the first argument."""
    expression = unit.expressions[use]
    if expression[0] != Op.MEMBER or expression[4] < 0:
        return False
    if unit.expressions[expression[4]][0] > Op.MEMBER:
        return False
    receivers = snapshot.definitions(unit, expression[4])
    return bool(receivers) and receivers[0].definition.kind in lineage.TYPES


def _overloads(site: Site) -> list[Site]:
    """The declared overloads of a function, or the function itself."""
    unit, definition = site.unit, site.definition
    entry = unit.names[definition.scope].get(definition.name, ())
    declared = [
        Site(unit, index) for index in entry if unit.definitions[index].flags & Flag.OVERLOAD
    ]
    if declared:
        return declared
    if unit.language in ("java", "csharp", "cpp"):
        return [Site(unit, index) for index in entry if unit.definitions[index].kind in _FUNCTIONS]
    return [site]


def _construction(sources: Sources, cls: Site) -> list[Called]:
    name = cls.definition.name
    line = [cls, *lineage.ancestors(sources.snapshot, cls)]
    for owner in line:
        if owner.definition.flags & Flag.DATACLASS:
            return [Called(cls, name, _field_slots(sources, line))]
        for constructor in (*_CONSTRUCTORS, owner.definition.name):
            sites = [
                each
                for each in lineage.members(sources.snapshot, owner, constructor)
                if each.definition.kind in _FUNCTIONS
            ]
            if sites and not (owner.definition.name == "object" and owner is not cls):
                return [
                    _function(sources, each, bound=True, name=name, shown=cls)
                    for each in _overloads(sites[0])
                ]
    return [Called(cls, name, ())] if cls.definition.kind == Kind.CLASS else []


def _field_slots(sources: Sources, line: list[Site]) -> tuple[Slot, ...]:
    """The parameters that a dataclass makes from its fields and those of its bases."""
    fields: dict[str, Slot] = {}
    for cls in reversed(line):
        unit, body = cls.unit, cls.definition.body
        if not cls.definition.flags & Flag.DATACLASS or body < 0:
            continue
        text = sources.text(unit)
        for entry in unit.names[body].values():
            definition = unit.definitions[entry[0]]
            if definition.kind in _FIELDS and definition.annotation >= 0:
                shown = _one_line(text[definition.full_start : definition.full_end])
                if "ClassVar" not in shown and "init=False" not in shown:
                    flags = 0 if definition.flags & Flag.DECLARED else Flag.HAS_DEFAULT
                    field = Site(unit, entry[0])
                    fields[definition.name] = Slot(definition.name, shown, flags, field)
    return tuple(fields.values())


def _value(sources: Sources, site: Site) -> list[Called]:
    """A value that can be called: by its type's `__call__`, or because it is another's name."""
    unit, definition = site.unit, site.definition
    if definition.value >= 0 and unit.expressions[definition.value][0] <= Op.MEMBER:
        return callables(sources, unit, definition.value)
    if definition.value >= 0 and unit.expressions[definition.value][0] == Op.FUNCTION:
        inner = Site(unit, unit.expressions[definition.value][1])
        return [_function(sources, inner, bound=False, name=definition.name, shown=site)]
    for cls in sources.snapshot.ask(unit, lambda resolver: resolver.types_of(site)):
        for owner in (cls, *lineage.ancestors(sources.snapshot, cls)):
            for each in lineage.members(sources.snapshot, owner, "__call__")[:1]:
                return [_function(sources, each, bound=True, name=definition.name)]
    return []


def parameters(function: Site) -> list[int]:
    """The parameters of a function, in order."""
    unit, body = function.unit, function.definition.body
    if not 0 <= body < len(unit.scopes):
        return []
    # What stands before the name is what a method of Go belongs to, and no parameter.
    start = function.definition.start if function.definition.name else -1
    return sorted(
        index
        for entry in unit.names[body].values()
        for index in entry
        if unit.definitions[index].kind == Kind.PARAMETER and unit.definitions[index].start > start
    )


def _function(
    sources: Sources, site: Site, *, bound: bool, name: str = "", shown: Site | None = None
) -> Called:
    unit, definition = site.unit, site.definition
    text = sources.text(unit)
    slots = []
    indices = parameters(site)
    for index in indices:
        parameter = unit.definitions[index]
        written = _one_line(text[parameter.full_start : parameter.full_end])
        slots.append(Slot(parameter.name, written, parameter.flags, Site(unit, index)))
    takes_self = (
        unit.language == "python"
        and definition.kind == Kind.METHOD
        and not definition.flags & Flag.STATIC
    )
    if (takes_self and slots and (bound or definition.flags & Flag.CLASS_METHOD)) or (
        slots and slots[0].name in ("self", "this") and bound
    ):
        slots = slots[1:]
    after = unit.definitions[indices[-1]].full_end if indices else definition.end
    documented = site if definition.doc_end or shown is None else shown
    end = definition.head_end if unit.language in _RESULTS_LAST else 0
    return Called(
        documented,
        name or definition.name,
        tuple(slots),
        _returns(text, after, end),
    )


def _returns(text: str, after: int, head_end: int) -> str:
    """What stands between the parameters and the body: the declared result."""
    tail = _COMMENT.sub("", text[after:head_end])
    depth = 0
    for at, character in enumerate(tail):
        depth += (character in "([{") - (character in ")]}")
        if character == ")" and depth <= 0:
            shown = _one_line(tail[at + 1 :]).removesuffix("=>").rstrip(" {;")
            if shown.startswith("->"):
                shown = shown[2:].removesuffix(":")
            return shown.removeprefix(":").strip()
    return ""


def _one_line(text: str) -> str:
    return _SPACE.sub(" ", text).strip()


def slot_for(slots: tuple[Slot, ...], n_before: int, keyword: str) -> int | None:
    """Which parameter an argument is for, by its name or by how many stand before it."""
    if keyword:
        for at, slot in enumerate(slots):
            if slot.name == keyword and not slot.flags & (_MANY | Flag.POSITIONAL_ONLY):
                return at
        return next(
            (at for at, slot in enumerate(slots) if slot.flags & Flag.VARIADIC_KEYWORDS), None
        )
    positional = 0
    for at, slot in enumerate(slots):
        if slot.flags & Flag.VARIADIC:
            return at
        if slot.flags & (Flag.KEYWORD_ONLY | Flag.VARIADIC_KEYWORDS):
            continue
        if positional == n_before:
            return at
        positional += 1
    return None
