"""Names that are imported and never used."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from nootropic_lsp.core.findings import HINT, UNNECESSARY, Finding, Fix
from nootropic_lsp.core.spans import Span
from nootropic_lsp.core.symbols import Edit
from nootropic_lsp.features.checks.code import Code
from nootropic_lsp.features.references import uses_of
from nootropic_lsp.index.facts import Definition, Flag, Kind, Op
from nootropic_lsp.index.units import Site, Unit, written

CODE = "unused-import"

# Files whose imports are for others.
_COLLECTIONS = ("__init__.py", "conftest.py")
# Modules that do something when they are imported.
_EFFECTIVE = frozenset({"antigravity", "readline", "rlcompleter", "this"})
_MEANT = re.compile(
    r"#.*(?:noqa|side.?effect|regist|re-?export|backward|compat|unused|keep|pylint|isort|pyflakes)",
    re.IGNORECASE,
)
_EVALUATED = re.compile(r"\b(?:locals|globals|vars|eval|exec)\s*\(")


def unused_imports(code: Code) -> list[Finding]:
    """Imports of names that this file does not use, and no other takes from it."""
    unit = code.unit
    if unit.errors or code.path.endswith(_COLLECTIONS) or code.path.endswith(".pyi"):
        return []
    suspects = list(_unread(unit))
    if all(each[0] != Op.NAME for each in unit.expressions) and len(suspects) > 1:
        return []  # a collection for others
    if not suspects or _EVALUATED.search(code.text):
        return []
    if unit.exports is None and "__all__" in unit.names[0]:
        return []  # it is put together in a way that is not read
    taken = None
    names = {unit.definitions[index].name for index in suspects}
    found = []
    for index in suspects:
        definition = unit.definitions[index]
        if _is_meant(code, definition):
            continue
        if definition.scope == 0:
            taken = _taken_by_others(code) if taken is None else taken
            if "*" in taken or not taken.isdisjoint(names):
                continue  # what is imported here is for others as well
        message = f"`{definition.name}` is imported but never used"
        found.append(
            Finding(
                Span(definition.start, definition.end),
                CODE,
                message,
                HINT,
                tags=(UNNECESSARY,),
                fix=_removal(code, definition),
            )
        )
    return found


def _unread(unit: Unit) -> Iterator[int]:
    """The imports whose name is used nowhere below their scope."""
    imports = [
        index
        for index, definition in enumerate(unit.definitions)
        if definition.kind == Kind.IMPORT and definition.value >= 0
    ]
    if not imports:
        return
    used: dict[str, set[int]] = {}
    for expression in unit.expressions:
        if expression[0] == Op.NAME:
            used.setdefault(expression[3], set()).add(expression[4])
    for index in imports:
        definition = unit.definitions[index]
        name, scope = definition.name, definition.scope
        if definition.flags & Flag.REEXPORT or name == "_" or _is_future(unit, definition):
            continue
        if any(_is_within(unit, each, scope) for each in used.get(name, ())):
            continue
        if len(unit.names[scope][name]) > 1 or _is_parameter(unit, name):
            continue
        yield index


def _is_within(unit: Unit, inner: int, outer: int) -> bool:
    while inner >= 0 and inner != outer:
        inner = unit.scopes[inner].parent
    return inner == outer


def _is_parameter(unit: Unit, name: str) -> bool:
    """Whether a function has a parameter of that name, as tests have for what they need."""
    return any(
        definition.kind == Kind.PARAMETER and definition.name == name
        for definition in unit.definitions
    )


def _is_future(unit: Unit, definition: Definition) -> bool:
    return _module_of(unit, definition)[3] == "__future__"


def _module_of(unit: Unit, definition: Definition) -> tuple[int, int, int, str, int]:
    """The expression of the module that an import names or takes a name from."""
    expression = unit.expressions[definition.value]
    if expression[0] == Op.MEMBER:
        expression = unit.expressions[expression[4]]
    operator, role, position, name, level = expression
    return operator, role, position, name, level


def _is_meant(code: Code, definition: Definition) -> bool:
    """Whether an import may be there for what it does, or for a reader that is no program."""
    unit, text = code.unit, code.text
    name = definition.name
    if not code.is_at(definition.start, name):
        return True
    end = text.find("\n", max(definition.full_end, definition.end))
    start = text.rfind("\n", 0, min(definition.full_start, definition.start)) + 1
    statement = text[start : len(text) if end < 0 else end]
    if _MEANT.search(statement) or ";" in statement or "\\\n" in statement:
        return True
    _, _, _, module, _ = _module_of(unit, definition)
    if module in _EFFECTIVE or re.search(rf"import {name} as {name}\b", statement):
        return True
    if unit.expressions[definition.value][0] == Op.MODULE:
        # Whoever loads a part of a package may want just that.
        is_dotted = text[definition.end : definition.end + 1] == "."
        if is_dotted and module.partition(".")[0] not in sys.stdlib_module_names:
            return True
    if _is_own_module(code, definition):
        return True
    if re.search(rf"""#\s*type:.*\b{name}\b|(["'])[^"'\n]*\b{name}\b[^"'\n]*\1""", text):
        return True
    return any(
        each.kind == "try" or (each.kind == "with" and "Error" in each.text)
        for each in code.around(definition.start)
    )


def _is_own_module(code: Code, definition: Definition) -> bool:
    """Whether it is a module of the workspace, which may do something when it is imported."""
    unit = code.unit
    sites = code.snapshot.definitions(unit, definition.value)
    if not sites:
        # A name that is found nowhere may be a module too.
        return (
            unit.expressions[definition.value][0] == Op.MEMBER
            and _module_of(unit, definition)[3].partition(".")[0] not in sys.stdlib_module_names
        )
    return any(
        site.definition.kind == Kind.MODULE
        and any(site.unit.path.startswith(f"{folder}/") for folder in code.snapshot.folders)
        for site in sites
    )


def _taken_by_others(code: Code) -> set[str]:
    """The names that other files take from this one; "*" for all."""
    snapshot, unit = code.snapshot, code.unit
    taken: set[str] = set()
    for path, _ in uses_of(snapshot, Site(unit, 0)):
        other = snapshot.unit(path)
        if other is None or other is unit:
            continue
        for star in other.stars:
            if any(site.unit is unit for site in snapshot.definitions(other, star)):
                return {"*"}
        # Without following who has it from where: any member of that name may be of this module.
        taken.update(
            written(expression) for expression in other.expressions if expression[0] == Op.MEMBER
        )
    return taken


# ---- the fix


def _removal(code: Code, definition: Definition) -> Fix | None:
    """Take one name out of its statement, or the statement away."""
    unit, text = code.unit, code.text
    expression = unit.expressions[definition.value]
    is_from = expression[0] == Op.MEMBER
    line = text.rfind("\n", 0, definition.full_start) + 1
    if is_from:
        start, end = definition.full_start, definition.full_end
        first = expression[2]
    else:
        start = line + len(text[line:]) - len(text[line:].lstrip(" \t"))
        end = text.find("\n", definition.full_start)
        end = len(text) if end < 0 else end
        end = start + len(text[start:end].partition("#")[0].rstrip())
        first = definition.full_start
    last = max(definition.end, definition.full_end) if not is_from else definition.end
    title = f"Remove the import of `{definition.name}`"
    others = text[start:first].strip(" \t\n(") + text[last:end].strip(" \t\n,)")
    head = r"from\s+[\w.\s]+\s+import" if is_from else "import"
    if re.fullmatch(head, others):
        return Fix(title, (_whole(code, start, end),))
    return Fix(title, (_part(text, first, last, end),))


def _whole(code: Code, start: int, end: int) -> Edit:
    """Remove a statement with its line, or leave `pass` where nothing else is in a block."""
    text = code.text
    if any(block.start == start and block.end == end for block in code.unit.blocks[1:]):
        return Edit(Span(start, end), "pass")
    line = text.rfind("\n", 0, start) + 1
    following = text.find("\n", end)
    following = len(text) if following < 0 else following + 1
    rest = text[end:following].strip()
    if text[line:start].strip() or (rest and not rest.startswith("#")):
        return Edit(Span(start, end), "pass")
    return Edit(Span(line, following), "")


def _part(text: str, first: int, last: int, end: int) -> Edit:
    """Remove one of several names with its comma, and its line if it has one of its own."""
    after = re.compile(r"[ \t]*,[ \t]*").match(text, last, end)
    line = text.rfind("\n", 0, first) + 1
    following = text.find("\n", last)
    if not text[line:first].strip() and after is not None and 0 <= following <= end:
        rest = text[after.end() : following].strip()
        if not rest or rest.startswith("#"):
            return Edit(Span(line, following + 1), "")
    if after is not None and text[after.end() : after.end() + 1] not in "\n)":
        return Edit(Span(first, after.end()), "")
    before = re.compile(r",\s*\Z").search(text, 0, first)
    return Edit(Span(first if before is None else before.start(), last), "")
