"""How names are found in C; C++ builds on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nootropic_lsp.index.facts import Flag, Kind, Op, ScopeKind
from nootropic_lsp.index.languages.queries.files import (
    climbed,
    folder_of,
    folders_around,
    note_file,
)
from nootropic_lsp.index.languages.queries.neighbours import names_in
from nootropic_lsp.index.languages.queries.rules import Listed, Lookups, Rules
from nootropic_lsp.index.languages.queries.values import NOTHING, PLACE, Value, Values
from nootropic_lsp.index.languages.queries.words import words
from nootropic_lsp.index.units import Site, Unit

_MOST_INCLUDED = 400
HEADERS = (".h", ".hh", ".hpp", ".hxx", ".inl", ".ipp")


def module(resolver: Lookups, unit: Unit, path: str, level: int) -> Values:
    """The file that an include names: beside this file, or the only one of the workspace."""
    if level >= 0:
        return NOTHING
    found = included(resolver, unit, path)
    return (Value(PLACE, Site(found, 0), found.path),) if found is not None else NOTHING


def included(resolver: Lookups, unit: Unit, path: str) -> Unit | None:
    """The file of an include, or None if it is not in the workspace."""
    start = folder_of(unit)

    def make() -> Unit | None:
        world = resolver.world
        note_file(resolver, path)
        folder, rest = climbed(start, path)
        for root in search_path(resolver, folder):
            if world.is_file(f"{root}/{rest}"):
                return world.unit(f"{root}/{rest}")
        return None

    return resolver.noted(("include", path, start), make)


def search_path(resolver: Lookups, folder: str) -> list[str]:
    """The folders that a file in one may include headers from, that first."""
    world = resolver.world
    outer = [*folders_around(world, folder)[1:]]
    for root in world.folders:
        outer += [root, *world.subfolders(root)]
    roots = [folder]
    for each in outer:
        roots += [each, f"{each}/include", f"{each}/src"]
    return list(dict.fromkeys(roots))


def reached(resolver: Lookups, unit: Unit) -> dict[str, int]:
    """The files that a file includes, also through others, with the order they come in."""

    def make() -> dict[str, int]:
        found = {unit.path: 0}
        pending = [unit]
        for this in pending:
            for star in this.stars:
                expression = this.expressions[star]
                if expression[0] != Op.MODULE:
                    continue
                other = included(resolver, this, expression[3])
                if other is not None and other.path not in found and len(found) < _MOST_INCLUDED:
                    found[other.path] = len(found)
                    pending.append(other)
                    resolver.touched.add((other, ""))
        return found

    return resolver.noted(("reached", unit), make)


def ranked(resolver: Lookups, unit: Unit, sites: list[Site]) -> list[Site]:
    """Of several definitions those that the file can mean, best first."""
    if not sites:
        return []
    seen = reached(resolver, unit)
    folder = folder_of(unit)
    usable = [site for site in sites if site.unit.path in seen or not _is_hidden(site)]
    if not usable:
        return []
    visible = [site for site in usable if site.unit.path in seen]
    if visible:
        visible.sort(key=lambda site: bool(site.definition.flags & Flag.DECLARED))
        if not visible[0].definition.flags & Flag.DECLARED:
            return visible[:1]
        # A header says that there is one: its body is elsewhere.
        bodies = [site for site in usable if not site.definition.flags & Flag.DECLARED]
        bodies = [
            site
            for site in bodies
            if site.definition.kind == visible[0].definition.kind
            or site.definition.kind != Kind.MACRO
        ]
        if bodies:
            bodies.sort(key=lambda site: _distance(visible[0].unit.path, site.unit.path))
            return bodies[:1]
        return visible[:1]
    usable.sort(
        key=lambda site: (
            bool(site.definition.flags & Flag.DECLARED),
            _distance(folder + "/", site.unit.path),
        )
    )
    bodies = [site for site in usable if not site.definition.flags & Flag.DECLARED]
    if len(bodies) > 1 and _distance(folder + "/", bodies[0].unit.path) == _distance(
        folder + "/", bodies[1].unit.path
    ):
        return [] if len(bodies) > 3 else bodies
    return usable[:1]


def _is_hidden(site: Site) -> bool:
    """Whether no other file can mean a definition that it does not include."""
    definition = site.definition
    if definition.flags & Flag.STATIC:
        return at_top(site)
    return bool(definition.flags & Flag.DECLARED) and not site.unit.path.endswith(HEADERS)


def _distance(path: str, other: str) -> int:
    """How many folders two files are apart, their different names counted last."""
    here, there = path.split("/"), other.split("/")
    same = 0
    for one, two in zip(here[:-1], there[:-1], strict=False):
        if one != two:
            break
        same += 1
    stem = here[-1].partition(".")[0]
    return (len(here) + len(there) - 2 * same) * 2 - (there[-1].partition(".")[0] == stem)


def at_top(site: Site) -> bool:
    """Whether a definition is seen without a receiver."""
    return site.unit.scopes[site.definition.scope].kind == ScopeKind.MODULE


def _outside(
    resolver: Lookups, unit: Unit, name: str, scope: int, position: int, role: int
) -> list[Site]:
    sites = [site for site in resolver.named(name) if at_top(site) or _enumerator(site)]
    return ranked(resolver, unit, sites)


def _enumerator(site: Site) -> bool:
    return site.definition.kind == Kind.ENUM_MEMBER


def _around(resolver: Lookups, unit: Unit, scope: int) -> Iterator[Iterable[Listed]]:
    yield from included_names(resolver, unit)


def included_names(resolver: Lookups, unit: Unit) -> Iterator[Iterable[Listed]]:
    """What is at the top of the files that a file includes."""
    for path in reached(resolver, unit):
        other = resolver.world.unit(path)
        if other is not None and path != unit.path:
            yield names_in(other)


def below(resolver: Lookups, unit: Unit, path: str, level: int) -> Iterator[str]:
    """The headers and folders in a folder that includes can be from."""
    folder, rest = climbed(folder_of(unit), f"{path}/" if path else "")
    for start in search_path(resolver, folder):
        for name in resolver.world.entries(f"{start}/{rest}".rstrip("/")):
            if name.endswith(("/", *HEADERS)) and not name.startswith("."):
                yield name.rstrip("/")


RULES = Rules(
    family="c",
    outside=_outside,
    module=module,
    around=_around,
    below=below,
    common=words("next prev data size len name type value key flags id count"),
)
