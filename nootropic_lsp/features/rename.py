"""Giving something another name, everywhere and without breaking anything."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from nootropic_lsp.core.errors import RefusedError
from nootropic_lsp.core.spans import Place, Span
from nootropic_lsp.core.symbols import Edit, Patch
from nootropic_lsp.features import lineage, moving, types
from nootropic_lsp.features.edited import first_change
from nootropic_lsp.features.family import (
    Family,
    family_of,
    in_workspace,
    library,
    unaliased_target,
)
from nootropic_lsp.features.module_names import exported, module_stem
from nootropic_lsp.features.naming import complaint
from nootropic_lsp.features.parsed import parsed
from nootropic_lsp.features.possible import possible_uses
from nootropic_lsp.features.references import references_to
from nootropic_lsp.features.snapshot import Snapshot, text_of
from nootropic_lsp.index.facts import KIND_WORDS, Definition, Flag, Kind, Op, ScopeKind
from nootropic_lsp.index.languages.registry import LANGUAGES
from nootropic_lsp.index.structure import shorthands
from nootropic_lsp.index.units import Site, Unit

_FIXED = frozenset({"constructor", "main", "self", "this"})
_DUNDER = re.compile(r"__\w+__\Z")
_MADE_OF_DICTIONARY = re.compile(r"\b(?:cls|type\(self\)|self\.__class__)\([^()]*\*\*")
_PROPERTIES = frozenset({Kind.FIELD, Kind.PROPERTY, Kind.KEY, Kind.METHOD, Kind.ATTRIBUTE})


def prepare_rename(snapshot: Snapshot, path: str, offset: int) -> Span:
    """The name at an offset that can be renamed. Raises `RefusedError` if none can."""
    span, _ = _target(snapshot, path, offset)
    return span


def rename(snapshot: Snapshot, path: str, offset: int, new_name: str) -> Patch:
    """Everything that has to change for a new name. Raises `RefusedError` if it would break."""
    span, site = _target(snapshot, path, offset)
    old = snapshot.text(path)[span.start : span.end]
    if new_name == old:
        return Patch({})
    unit = site.unit
    complained = complaint(unit.language, old, new_name)
    if complained is not None:
        raise RefusedError(complained)
    if site.definition.kind == Kind.MODULE:
        return moving.rename_module(snapshot, unit.path, old, new_name)
    family = family_of(snapshot, site)
    _refuse_if_taken(snapshot, family, new_name)
    starts = {
        each: sorted(found | set(_exported(snapshot, family, each)))
        for each, found in sorted(family.starts.items())
    }
    edits = {each: _edits(snapshot, site, each, starts[each], old, new_name) for each in starts}
    texts = {each: applied(snapshot.text(each), edits[each]) for each in edits}
    if all(len(edit.text) == len(new_name) for found in edits.values() for edit in found):
        conflict = first_change(snapshot, starts, texts, old, new_name)
        if conflict is not None:
            raise RefusedError(
                f"with the name `{new_name}`, {_where(snapshot, conflict)} would mean something"
                " else than now; choose another name"
            )
    return Patch(
        edits,
        versions=versions(snapshot, edits),
        annotation=f"Rename {old} to {new_name}",
        confirm=frozenset(family.uncertain),
        note=_unknown(snapshot, family)
        or _by_string(snapshot, family)
        or _passed_on(snapshot, site),
    )


def rename_files(snapshot: Snapshot, moved: Sequence[tuple[str, str]]) -> Patch:
    """What has to change in imports when files or folders are moved from old to new paths."""
    _refuse_if_incomplete(snapshot)
    return moving.follow(snapshot, moved)


def applied(text: str, edits: Sequence[Edit]) -> str:
    """A text after edits, which are in order and do not overlap."""
    parts: list[str] = []
    last = 0
    for edit in edits:
        parts += text[last : edit.span.start], edit.text
        last = edit.span.end
    return "".join((*parts, text[last:]))


def versions(snapshot: Snapshot, paths: Mapping[str, object]) -> dict[str, int]:
    """The versions of the open documents among some files."""
    return {
        path: document.version
        for path in paths
        if (document := snapshot.document(path)) is not None
    }


# ---- what is to be renamed


def _target(snapshot: Snapshot, path: str, offset: int) -> tuple[Span, Site]:
    _refuse_if_incomplete(snapshot)
    span = snapshot.name_at(path, offset)
    unit = snapshot.unit(path)
    if span is None or unit is None:
        raise RefusedError("there is no name here that could be renamed")
    name = snapshot.text(path)[span.start : span.end]
    site = _alias(snapshot, unit, offset) or next(iter(snapshot.sites_at(path, offset)), None)
    if site is None:
        raise RefusedError(f"it is not known what `{name}` is, so its uses cannot be found")
    definition = site.definition
    if not in_workspace(snapshot, site.unit.path):
        raise RefusedError(
            f"`{name}` comes from {library(site.unit.path)}, outside of the workspace"
        )
    if site.unit.language == "python" and _DUNDER.match(name):
        raise RefusedError(f"`{name}` has a meaning of its own in Python and keeps its name")
    if definition.kind == Kind.CONSTRUCTOR and name in _FIXED:
        raise RefusedError(f"`{name}` is what the language calls it and keeps its name")
    if definition.kind == Kind.MODULE:
        if site.unit.language != "python" or name != module_stem(site.unit.path):
            raise RefusedError("rename the file itself; the imports of it follow")
    elif definition.name != name:
        raise RefusedError(
            f"`{name}` is another name of `{definition.name}`; rename it where it is given"
        )
    return span, site


def _alias(snapshot: Snapshot, unit: Unit, offset: int) -> Site | None:
    """The import that gives a name of its own to what it imports, if it is meant."""
    use = unit.use_at(offset)
    if use >= 0:
        found = snapshot.definitions(unit, use, follow=False)
    else:
        at = unit.definition_at(offset)
        found = [Site(unit, at)] if at >= 0 else []
    for site in found[:1]:
        if site.definition.kind != Kind.IMPORT or unaliased_target(site.unit, site.index) >= 0:
            return None
        value = site.unit.expressions[site.definition.value]
        if value[0] == Op.MODULE and value[3].partition(".")[0] == site.definition.name:
            return None
        if use >= 0 and unit.expressions[use][3] != site.definition.name:
            return None  # the cursor is on the name that is imported, not on the one that is given
        return site
    return None


def _refuse_if_incomplete(snapshot: Snapshot) -> None:
    if snapshot.incomplete is not None:
        raise RefusedError(
            f"a rename could miss some uses now: {snapshot.incomplete}; try again in a moment"
        )


# ---- what stands in the way


def _refuse_if_taken(snapshot: Snapshot, family: Family, new: str) -> None:
    """Refuse a name that another definition has where the family lives."""
    holders: dict[tuple[str, int], Site] = {}
    for (path, scope), unit in family.bindings.items():
        taken = unit.names[scope].get(new)
        if taken:
            raise _taken(snapshot, Site(unit, taken[0]), new)
        first = unit.names[scope].get(family.name)
        holder = lineage.holder(snapshot, Site(unit, first[0])) if first else None
        if holder is not None:
            holders[path, holder.index] = holder
    for holder in holders.values():
        for cls in types.related(snapshot, holder):
            for member in lineage.members(snapshot, cls, new)[:1]:
                raise _taken(snapshot, member, new)


def _taken(snapshot: Snapshot, site: Site, new: str) -> RefusedError:
    word = KIND_WORDS[site.definition.kind]
    place = Place(site.unit.path, Span(site.definition.start, site.definition.end))
    return RefusedError(
        f"there is already {'an' if word[0] in 'aeiou' else 'a'} {word} `{new}` at {_where(snapshot, place)}; choose another name"
    )


def _unknown(snapshot: Snapshot, family: Family) -> str:
    """What a rename leaves to the user, as a sentence."""
    places = possible_uses(snapshot, family)
    if not places:
        return ""
    n_files = len({place.path for place in places})
    uses = "one use" if len(places) == 1 else f"{len(places)} uses"
    files = "one file" if n_files == 1 else f"{n_files} files"
    return (
        f"`{family.name}` keeps its name in {uses} in {files}, because it is not known of what"
        f" type the value before it is; look at {_where(snapshot, places[0])} and search for"
        f" `.{family.name}`"
    )


def _by_string(snapshot: Snapshot, family: Family) -> str:
    """Where a Python class may take a member by a string that has its name, as a sentence."""
    quoted = re.compile(rf"""(["']){re.escape(family.name)}\1""")
    for (path, scope), unit in family.bindings.items():
        body = unit.scopes[scope]
        if unit.language != "python" or body.kind != ScopeKind.CLASS:
            continue
        found = quoted.search(snapshot.text(path), body.start, body.end)
        if found is not None and found.start() + 1 not in family.starts[path]:
            place = Place(path, Span(*found.span()))
            return f"`{family.name}` keeps its name in the string at {_where(snapshot, place)}"
        if sum(map(len, family.starts.values())) == len(family.bindings):
            holder = lineage.holder(snapshot, Site(unit, unit.names[scope][family.name][0]))
            line = [holder, *lineage.ancestors(snapshot, holder)] if holder is not None else []
            if any("getattr(self" in text_of(snapshot, each.unit.path) for each in line):
                return f"nothing is known to use `{family.name}`; it may be looked up by its name"
    return ""


def _passed_on(snapshot: Snapshot, site: Site) -> str:
    """Where the function of a Python parameter gets to be called by other names, as a sentence."""
    unit, definition = site.unit, site.definition
    owner = unit.scopes[definition.scope].owner
    if definition.kind != Kind.PARAMETER or unit.language != "python" or owner < 0:
        return ""
    function = Site(unit, owner)
    for use in references_to(snapshot, [function], include_declaration=False):
        if use.role == "read":
            name = function.definition.name
            return (
                f"`{name}` is passed on at {_where(snapshot, use.place)}; calls by another name"
                f" go on to name `{definition.name}`"
            )
    return _as_key(snapshot, function, definition) or _in_relatives(snapshot, function, definition)


def _as_key(snapshot: Snapshot, function: Site, parameter: Definition) -> str:
    """Where a class may pass itself a parameter of its constructor by a dictionary."""
    holder = lineage.holder(snapshot, function)
    if holder is None or function.definition.name != "__init__":
        return ""
    path, cls = holder.unit.path, holder.definition
    text, span = snapshot.text(path), (cls.full_start, cls.full_end)
    found = re.compile(rf"""(["']){re.escape(parameter.name)}\1""").search(text, *span)
    if found is None or _MADE_OF_DICTIONARY.search(text, *span) is None:
        return ""
    place = Place(path, Span(*found.span()))
    return f"`{parameter.name}` keeps its name in the string at {_where(snapshot, place)}"


def _in_relatives(snapshot: Snapshot, function: Site, parameter: Definition) -> str:
    """Where a method that may be called in place of a Python one has its parameter, too."""
    holder = lineage.holder(snapshot, function)
    names = function.unit.names[parameter.scope]
    is_first = all(names[parameter.name][0] <= entry[0] for entry in names.values())
    if holder is None or (is_first and not function.definition.flags & Flag.STATIC):
        return ""
    name, called = parameter.name, function.definition.name
    for cls in types.related(snapshot, holder):
        for other in lineage.members(snapshot, cls, called)[:1]:
            body = other.definition.body
            own = other.unit.names[body].get(name, ()) if body >= 0 else ()
            if cls is not holder and any(
                other.unit.definitions[index].kind == Kind.PARAMETER for index in own
            ):
                return (
                    f"`{cls.definition.name}.{called}` keeps its `{name}`, and calls that may mean"
                    " either go on to name it"
                )
    return ""


def _where(snapshot: Snapshot, place: Place) -> str:
    path = place.path
    for folder in snapshot.folders:
        path = path.removeprefix(f"{folder}/")
    return f"{path}:{snapshot.lines(place.path).line_of(place.span.start) + 1}"


# ---- what changes


def _edits(
    snapshot: Snapshot, site: Site, path: str, starts: Sequence[int], old: str, new: str
) -> tuple[Edit, ...]:
    text = snapshot.text(path)
    unit = snapshot.unit(path)
    short: set[int] = set()
    if unit is not None and LANGUAGES[unit.language].family == "javascript":
        opened = parsed(snapshot, path)
        short = shorthands(opened, starts) if opened is not None else set()
    edits = []
    for start in starts:
        end = start + len(old)
        if text[start:end] != old:
            raise RefusedError(
                f"{_where(snapshot, Place(path, Span(start, end)))} has changed since it was"
                " read; try again in a moment"
            )
        shown = new
        if start in short:
            # `{ total }` is a name and a key at once, of which only one changes.
            is_key = site.definition.kind in _PROPERTIES
            shown = f"{new}: {old}" if is_key else f"{old}: {new}"
        edits.append(Edit(Span(start, end), shown))
    return tuple(edits)


def _exported(snapshot: Snapshot, family: Family, path: str) -> Iterator[int]:
    """Where `__all__` of a file has the name as a string."""
    unit = family.bindings.get((path, 0))
    if unit is not None and unit.exports and family.name in unit.exports:
        yield from exported(unit, snapshot.text(path), family.name)
