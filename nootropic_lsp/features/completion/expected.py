"""What the place at the cursor expects, by the types that are written for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from nootropic_lsp.features.completion.asked import Asked
from nootropic_lsp.features.completion.receivers import receiver_before
from nootropic_lsp.features.lineage import ancestors
from nootropic_lsp.features.snapshot import text_of
from nootropic_lsp.index.candidates import Lister
from nootropic_lsp.index.facts import Kind, Op, ScopeKind
from nootropic_lsp.index.grafts import Draft
from nootropic_lsp.index.units import Site, Unit

_LOOK_BACK = 400
_COMPARED = re.compile(r"(?:[=!]==?|\bcase)\s*\Z")
_SWITCHED = re.compile(r"\b(?:switch\s*\(|match\b)\s*([^\n]*?)\)?\s*[{:]\s*$", re.MULTILINE)
_DECLARED = re.compile(
    r"(?:^|[;{(,]|\b(?:let|const|var|readonly|private|protected|public|static))\s*"
    r"[\w$]+[?!]?\s*:\s*([^=;{}]+?)\s*=\s*\Z"
)
_ASSIGNED = re.compile(r"(?<![=!<>+\-*/%&|^:])=\s*\Z")
_RETURNED = re.compile(r"\breturn\s*\Z")
_ARGUMENT = re.compile(r"[(,]\s*\Z|[\w)]\s*=\s*\Z")


class Expected(NamedTuple):
    """A type that is expected: the text of it in a unit, or what has it where none is written."""

    unit: Unit
    text: str
    site: Site | None = None


def expected(asked: Asked, start: int) -> list[Expected]:
    """What a value that starts at an offset may be."""
    return asked.once(f"expected {start - asked.context.span.start}", lambda: _found(asked, start))


def _found(asked: Asked, start: int) -> list[Expected]:
    source = asked.document.text
    before = source[max(0, start - _LOOK_BACK) : start]
    line = before.rpartition("\n")[2]
    compared = _COMPARED.search(line)
    if compared is not None:
        if compared[0].startswith("case"):
            switches = list(_SWITCHED.finditer(source, max(0, start - 10 * _LOOK_BACK), start))
            return _of_expression(asked, switches[-1][1]) if switches else []
        end = start - len(line) + compared.start()
        return _of_expression(asked, source[receiver_before(source, end) : end].strip())
    declared = _DECLARED.search(line)
    at = asked.standing
    if declared is not None and at is not None:
        return [Expected(at.unit, declared[1])]
    if _RETURNED.search(line) is not None:
        return _returned(asked)
    slot = asked.slot if _ARGUMENT.search(before) is not None else None
    if slot is not None and slot.site is not None:
        return [of_site(asked, slot.site)]
    assigned = _ASSIGNED.search(line)
    if assigned is not None:
        end = start - len(line) + assigned.start()
        return _of_expression(asked, source[receiver_before(source, end) : end].strip())
    return []


def _of_expression(asked: Asked, source: str) -> list[Expected]:
    """The types of what an expression names."""

    def question(lister: Lister, unit: Unit, index: int) -> list[Site]:
        if unit.expressions[index][0] > Op.MEMBER:
            return []
        return lister.definitions(unit, index)

    return [of_site(asked, site) for site in asked.of_expression(source, question) or ()]


def _returned(asked: Asked) -> list[Expected]:
    """The type that the function around says it returns."""
    at = asked.standing
    if at is None:
        return []
    scope, scopes = at.scope, at.unit.scopes
    while scope > 0 and scopes[scope].kind != ScopeKind.FUNCTION:
        scope = scopes[scope].parent
    owner = scopes[scope].owner
    if scope <= 0 or owner < 0 or is_new(at.unit, owner):
        return []
    definition = at.unit.definitions[owner]
    text = _text(asked, at.unit)[definition.full_start : definition.head_end]
    written = text.rpartition("->" if asked.language == "python" else ")")[2]
    return [Expected(at.unit, written.strip().rstrip("{=>").strip().strip(":").strip())]


def of_site(asked: Asked, site: Site) -> Expected:
    """The type that is written for a definition, or for what it is the value of."""
    for _ in range(3):
        definition = site.definition
        if definition.annotation >= 0 or definition.value < 0:
            break
        if site.unit.expressions[definition.value][0] != Op.NAME:
            break
        sites = asked.base.definitions(site.unit, definition.value)
        if not sites or sites[0] == site:
            break
        site = sites[0]
    definition = site.definition
    written = ""
    if definition.annotation >= 0 and not is_new(site.unit, site.index):
        text = _text(asked, site.unit)[definition.full_start : definition.full_end]
        written = outside(text.partition(":")[2], "=")[0]
    return Expected(site.unit, written.strip().rstrip(";"), site)


# ---- what such a type is made of


class Choices(NamedTuple):
    """The strings that a type allows, and its enums with the names they have where it is."""

    texts: list[str]
    enums: list[Site]


_STRING = re.compile(r"""(["'`])((?:(?!\1)[^\\\n])*)\1\Z""")
_STRINGS = re.compile(r"""(["'])((?:(?!\1)[^\\\n])*)\1""")
_APPLIED = re.compile(r"(?:\w+\.)*(\w+)\s*\[(.*)\]\Z", re.DOTALL)
_INDEXED = re.compile(r"\(?\s*typeof\s+([\w$]+)\s*\)?\s*\[\s*number\s*\]\Z")
_KEYS = re.compile(r"keyof\s+typeof\s+([\w$]+)\Z")
_NAME = re.compile(r"[^\W\d][\w$]*\Z")
_ENUMS = frozenset({"Enum", "IntEnum", "StrEnum", "Flag", "IntFlag"})
_TRANSPARENT = frozenset({"Optional", "Union", "Final", "ClassVar", "Required", "NotRequired"})
_DEEPEST = 6


def choices(asked: Asked, wanted: list[Expected]) -> Choices:
    """The values that can be counted up of some expected types."""
    found = Choices([], [])
    for each in wanted:
        if each.text:
            _add(asked, found, each.unit, each.text, 0)
        elif each.site is not None:
            for cls in _types_of(asked, each.site):
                _add_enum(asked, found, cls)
    return Choices(list(dict.fromkeys(found.texts)), list(dict.fromkeys(found.enums)))


def _types_of(asked: Asked, site: Site) -> list[Site]:
    return asked.base.ask(site.unit, lambda resolver: resolver.types_of(site))


def _add(asked: Asked, found: Choices, unit: Unit, text: str, deep: int) -> None:
    is_python = unit.language == "python"
    for part in outside(text, "|"):
        part = part.strip()
        if not part or deep > _DEEPEST:
            continue
        quoted = _STRING.match(part)
        if quoted is not None:
            if is_python:  # the name of a type that is not there yet
                _add(asked, found, unit, quoted[2], deep + 1)
            elif "${" not in quoted[2]:
                found.texts.append(quoted[2])
        elif part[0] == "(" and part[-1] == ")":
            _add(asked, found, unit, part[1:-1], deep + 1)
        elif _NAME.match(part):
            _add_named(asked, found, unit, part, deep)
        elif is_python and (applied := _APPLIED.match(part)) is not None:
            if applied[1] == "Literal":
                found.texts.extend(each[2] for each in _STRINGS.finditer(applied[2]))
            elif applied[1] in _TRANSPARENT:
                for inner in outside(applied[2], ","):
                    _add(asked, found, unit, inner, deep + 1)
            elif applied[1] == "Annotated":
                _add(asked, found, unit, outside(applied[2], ",")[0], deep + 1)
        elif (indexed := _INDEXED.match(part)) is not None:
            for site in _named(asked, unit, indexed[1]):
                text = _definition_text(asked, site)
                found.texts.extend(each[2] for each in _STRINGS.finditer(text))
        elif (keys := _KEYS.match(part)) is not None:
            for site in _named(asked, unit, keys[1]):
                found.texts.extend(_keys(site))


def _add_named(asked: Asked, found: Choices, unit: Unit, name: str, deep: int) -> None:
    for site in _named(asked, unit, name):
        definition = site.definition
        if definition.kind == Kind.TYPE or (
            definition.kind in (Kind.VARIABLE, Kind.CONSTANT) and unit.language == "python"
        ):
            value = _definition_text(asked, site).partition("=")[2].strip().rstrip(";")
            _add(asked, found, site.unit, value, deep + 1)
        else:
            _add_enum(asked, found, site)


def _add_enum(asked: Asked, found: Choices, site: Site) -> None:
    if site.definition.kind == Kind.ENUM or (
        site.definition.kind == Kind.CLASS
        and site.unit.language == "python"
        and any(base.definition.name in _ENUMS for base in ancestors(asked.base, site))
    ):
        found.enums.append(site)


def members_of_enum(enum: Site) -> Iterator[tuple[str, Site]]:
    """The members of an enum, in their order."""
    unit, body = enum.unit, enum.definition.body
    for name, entry in unit.names[body].items() if body >= 0 else ():
        kind = unit.definitions[entry[0]].kind
        if kind == Kind.ENUM_MEMBER or (kind == Kind.VARIABLE and not name.startswith("_")):
            yield name, Site(unit, entry[0])


def _named(asked: Asked, unit: Unit, name: str) -> list[Site]:
    """What a name at the top of a file means."""
    entry = unit.names[0].get(name)
    if not entry:
        return []
    site = Site(unit, entry[-1])
    if is_new(unit, site.index):
        return []
    return asked.base.ask(unit, lambda resolver: resolver.followed(site))


def _keys(site: Site) -> list[str]:
    value = site.definition.value
    expression = site.unit.expressions[value] if value >= 0 else (Op.NAME,)
    return list(site.unit.names[expression[1]]) if expression[0] == Op.OBJECT else []


def _definition_text(asked: Asked, site: Site) -> str:
    definition = site.definition
    return _text(asked, site.unit)[definition.full_start : definition.full_end]


def _text(asked: Asked, unit: Unit) -> str:
    return text_of(asked.base, unit.path)


def is_new(unit: Unit, index: int) -> bool:
    """Whether a definition was written since, so that its offsets are not those of a text."""
    return isinstance(unit, Draft) and index >= len(unit.base.definitions)


_OPEN, _CLOSE = "([{<", ")]}>"


def outside(text: str, mark: str) -> list[str]:
    """The parts of a text between the marks that stand in no bracket and no string."""
    parts, depth, begin, quote = [], 0, 0, ""
    for at, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'`":
            quote = character
        elif character in _OPEN:
            depth += 1
        elif character in _CLOSE and text[at - 1 : at + 1] not in ("=>", "->"):
            depth -= 1
        elif character == mark and depth == 0 and text[at + 1 : at + 2] != ">":
            parts.append(text[begin:at])
            begin = at + 1
    return [*parts, text[begin:]]
