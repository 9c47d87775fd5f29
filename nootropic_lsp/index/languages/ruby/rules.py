"""How names are found in Ruby."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nootropic_lsp.index.facts import Kind, Role, ScopeKind
from nootropic_lsp.index.languages.queries.files import (
    climbed,
    file_at,
    folder_of,
    folders_around,
    note_file,
)
from nootropic_lsp.index.languages.queries.names import namespaces, qualified
from nootropic_lsp.index.languages.queries.neighbours import names_in
from nootropic_lsp.index.languages.queries.rules import Listed, Lookups, Rules
from nootropic_lsp.index.languages.queries.values import (
    FUNCTION_KINDS,
    NOTHING,
    TYPE,
    Value,
    Values,
)
from nootropic_lsp.index.languages.queries.words import words
from nootropic_lsp.index.units import Site, Unit

_CONSTANTS = (Kind.CLASS, Kind.NAMESPACE, Kind.CONSTANT)


def _module(resolver: Lookups, unit: Unit, path: str, level: int) -> Values:
    """The file that is required: beside this one (-2), or below some `lib` (-1)."""
    start = folder_of(unit)

    def make() -> Values:
        name = path if path.endswith(".rb") else f"{path}.rb"
        if level == -2 or name.startswith("."):
            folder, name = climbed(start, name)
            return file_at(resolver, f"{folder}/{name}")
        for root in _load_path(resolver, start):
            found = file_at(resolver, f"{root}/{name}")
            if found:
                return found
        return NOTHING

    note_file(resolver, path)
    return resolver.noted(("require", path, level, start), make)


def _load_path(resolver: Lookups, start: str) -> list[str]:
    """The folders that the files in one may require others from."""
    roots = []
    for around in folders_around(resolver.world, start):
        roots += [around, f"{around}/lib"]
    for root in resolver.world.folders:
        roots += [f"{inner}/lib" for inner in resolver.world.subfolders(root)]
    return list(dict.fromkeys(roots))


def _outside(
    resolver: Lookups, unit: Unit, name: str, scope: int, position: int, role: int
) -> list[Site]:
    if name[:1].isupper() and role != Role.CALL:
        return _constant(resolver, unit, name, scope)
    if name[:1] in "@$":
        return []
    if name.endswith("=") and len(name) > 1:
        return []
    at_top = [
        site
        for site in resolver.named(name)
        if site.definition.scope == 0 and site.definition.kind in FUNCTION_KINDS
    ]
    return at_top if len(at_top) == 1 else [site for site in at_top if site.unit is unit]


def _constant(resolver: Lookups, unit: Unit, name: str, scope: int) -> list[Site]:
    """The modules around, what they inherit, then the top."""
    for path in namespaces(unit, scope):
        found = _at(resolver, f"{path}.{name}")
        if found:
            return found
    owner = _owner(unit, scope)
    if owner is not None:
        for cls in resolver.order(owner)[1:]:
            found = _at(resolver, f"{qualified(cls)}.{name}")
            if found:
                return found
    return _at(resolver, name)


def _owner(unit: Unit, scope: int) -> Site | None:
    while scope > 0:
        this = unit.scopes[scope]
        if this.kind == ScopeKind.CLASS and this.owner >= 0:
            return Site(unit, this.owner)
        scope = this.parent
    return None


def _at(resolver: Lookups, path: str) -> list[Site]:
    """A module that is opened in many files is answered by the place that holds most."""
    found = [site for site in resolver.at(path) if site.definition.kind in _CONSTANTS]
    if len(found) > 1:
        found.sort(key=lambda site: site.definition.full_start - site.definition.full_end)
        return found[:1]
    return found


def _inside(resolver: Lookups, place: Value, name: str, unit: Unit) -> list[Site]:
    """A constant or a method of a module."""
    if place.site is None:
        return []
    if name[:1].isupper():
        found = _at(resolver, f"{place.name}.{name}")
        if found:
            return found
    return resolver.member(Value(TYPE, place.site, place.name), name, unit, Role.READ)


def _around(resolver: Lookups, unit: Unit, scope: int) -> Iterator[Iterable[Listed]]:
    """Constants of the modules around and of what they inherit, then what is required."""
    for path in namespaces(unit, scope):
        yield _constants(resolver, path)
    owner = _owner(unit, scope)
    for cls in resolver.order(owner)[1:] if owner is not None else ():
        yield _constants(resolver, qualified(cls))
    for star in unit.stars:
        for value in resolver.infer(unit, star):
            if value.site is not None:
                yield names_in(value.site.unit)


def _constants(resolver: Lookups, path: str) -> Iterator[Listed]:
    for site in resolver.at(path):
        yield from names_in(site.unit, site.definition.body, lambda each: each.kind in _CONSTANTS)


def _contents(resolver: Lookups, place: Value, unit: Unit) -> Iterator[Listed]:
    """The constants and methods of a module, wherever it is opened."""
    for site in resolver.at(place.name):
        yield from names_in(site.unit, site.definition.body)


def _below(resolver: Lookups, unit: Unit, path: str, level: int) -> Iterator[str]:
    """The files and folders that `require` finds, or `require_relative` at level -2."""
    start = folder_of(unit)
    if level == -2:
        folder, rest = climbed(start, f"{path}/" if path else "")
        places = [f"{folder}/{rest}"]
    else:
        places = [f"{root}/{path}" for root in _load_path(resolver, start)]
    for place in places:
        for name in resolver.world.entries(place.rstrip("/")):
            if name.endswith(("/", ".rb")) and not name.startswith("."):
                yield name.removesuffix(".rb").rstrip("/")


RULES = Rules(
    family="ruby",
    outside=_outside,
    module=_module,
    inside=_inside,
    around=_around,
    contents=_contents,
    below=_below,
    bare_members=True,
    ordered=False,
    closed=True,
    partial=True,
    mixins=True,
    this=frozenset({"self"}),
    makers=frozenset({"new"}),
    common=words(
        "each map select reject size length count first last push pop shift unshift join split "
        "to_s to_i to_a to_h to_sym inspect new call name key keys value values fetch delete merge "
        "update include? empty? nil? any? all? find sort sort_by min max sum inject reduce dup clone "
        "freeze frozen? class is_a? respond_to? send public_send raise puts print gsub sub match "
        "match? strip chomp start_with? end_with? upcase downcase read write close open each_with_index "
        "zip flatten compact uniq reverse concat insert index slice replace clear has_key? key? "
        "instance_variable_get instance_variable_set define_method require load rewind eof? gets "
        "synchronize lock then tap itself hash eql? equal? between? times upto step ord chr unpack pack "
        "bytesize encoding force_encoding encode valid_encoding? =~ message backtrace path status run"
    ),
)
