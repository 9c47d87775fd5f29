"""How names are found in Go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nootropic_lsp.index.facts import Kind, Op
from nootropic_lsp.index.languages.queries.files import folder_of, folders_around
from nootropic_lsp.index.languages.queries.names import package
from nootropic_lsp.index.languages.queries.neighbours import folders_in, names_in, units_in
from nootropic_lsp.index.languages.queries.rules import Listed, Lookups, Rules
from nootropic_lsp.index.languages.queries.values import NOTHING, PLACE, Value, Values
from nootropic_lsp.index.languages.queries.words import words
from nootropic_lsp.index.units import Site, Unit


def _outside(
    resolver: Lookups, unit: Unit, name: str, scope: int, position: int, role: int
) -> list[Site]:
    """The other files of the package, packages whose name is not that of their folder, dot imports."""
    found = _of_package(resolver, folder_of(unit), name, package(unit))
    if found:
        return found
    renamed = resolver.noted(("packages", unit), lambda: _packages(resolver, unit)).get(name)
    if renamed is not None:
        return [renamed]
    for star in unit.stars:
        for value in resolver.infer(unit, star):
            found = _of_package(resolver, value.name, name)
            if found:
                return found
    return []


def _packages(resolver: Lookups, unit: Unit) -> dict[str, Site]:
    """Imports by what the package calls itself, where that is not the name of its folder."""
    found = {}
    for name, entry in unit.names[0].items():
        for index in entry:
            if unit.definitions[index].kind == Kind.IMPORT:
                for value in resolver.value(Site(unit, index)):
                    own = _package_name(resolver, value.name)
                    if own and own != name:
                        found[own] = Site(unit, index)
    return found


def _of_package(resolver: Lookups, folder: str, name: str, own: str = "") -> list[Site]:
    found = [
        site
        for site in resolver.named(name)
        if site.definition.scope == 0 and folder_of(site.unit) == folder
    ]
    if own:
        return [site for site in found if package(site.unit) == own] or (
            found if own.endswith("_test") else []
        )
    # What tests declare is not seen from outside.
    return [site for site in found if not site.unit.path.endswith("_test.go")]


def _package_name(resolver: Lookups, folder: str) -> str:
    """What the files of a folder call their package."""
    for site in resolver.named("New"):
        if folder_of(site.unit) == folder:
            return package(site.unit).removesuffix("_test")
    return ""


def _module(resolver: Lookups, unit: Unit, path: str, level: int) -> Values:
    world = resolver.world

    def make() -> Values:
        for folder in _module_roots(resolver, folder_of(unit)):
            name = _module_name(resolver, folder)
            if name and (path == name or path.startswith(f"{name}/")):
                return (Value(PLACE, None, folder + path[len(name) :]),)
        for folder in world.folders:
            for inside in ("", "/vendor", "/src", "/usr/share/gocode/src"):
                if world.is_folder(f"{folder}{inside}/{path}"):
                    return (Value(PLACE, None, f"{folder}{inside}/{path}"),)
        if "." not in path.partition("/")[0]:
            return NOTHING  # the standard library's
        parts = path.split("/")
        for folder in world.folders:
            # The workspace may be a checkout of the module itself, without its go.mod.
            if folder.rpartition("/")[2] in parts:
                at = len(parts) - parts[::-1].index(folder.rpartition("/")[2])
                rest = "/".join(["", *parts[at:]])
                if not parts[at:] or world.is_folder(folder + rest):
                    return (Value(PLACE, None, folder + rest),)
        return NOTHING

    return resolver.noted(("import", path, folder_of(unit)), make)


def _module_name(resolver: Lookups, folder: str) -> str:
    """What the go.mod of a folder calls its module."""
    text = resolver.world.text(f"{folder}/go.mod") or ""
    lines = (line.split() for line in text.splitlines() if line.startswith("module "))
    return next((words[1].strip('"') for words in lines if len(words) > 1), "")


def _module_roots(resolver: Lookups, folder: str) -> list[str]:
    """The folders around a file that may hold its go.mod, nearest first, then the workspace's."""
    world = resolver.world
    return list(dict.fromkeys((*folders_around(world, folder), *world.folders)))


def _around(resolver: Lookups, unit: Unit, scope: int) -> Iterator[Iterable[Listed]]:
    own = package(unit)
    yield [
        each
        for other in units_in(resolver, folder_of(unit))
        if other.path != unit.path and package(other) in (own, own.removesuffix("_test"))
        for each in names_in(other)
    ]
    yield resolver.noted(("packages", unit), lambda: _packages(resolver, unit)).items()
    for star in unit.stars:
        for value in resolver.infer(unit, star):
            yield _contents(resolver, value, unit)


def _contents(resolver: Lookups, place: Value, unit: Unit) -> Iterator[Listed]:
    """What a package shows to others."""
    for other in units_in(resolver, place.name):
        if not other.path.endswith("_test.go"):
            for name, site in names_in(other):
                if name[:1].isupper():
                    yield name, site


def _below(resolver: Lookups, unit: Unit, path: str, level: int) -> Iterator[str]:
    """Packages of this module, and of those that are kept beside it, by their folders."""
    for folder in _module_roots(resolver, folder_of(unit)):
        name = _module_name(resolver, folder)
        if name and (path == name or path.startswith(f"{name}/")):
            yield from folders_in(resolver, folder + path[len(name) :])
        elif name.startswith(f"{path}/" if path else ""):
            rest = name[len(path) :].lstrip("/")
            yield rest.partition("/")[0] if path else rest
    for folder in resolver.world.folders:
        for inside in ("/vendor", "/src"):
            yield from folders_in(resolver, f"{folder}{inside}/{path}".rstrip("/"))


def _inside(resolver: Lookups, place: Value, name: str, unit: Unit) -> list[Site]:
    return _of_package(resolver, place.name, name)


def _called(resolver: Lookups, unit: Unit, callee: int, argument: int) -> Values:
    """`new(T)` and `make(T)` give their type."""
    expression = unit.expressions[callee]
    if expression[0] == Op.NAME and expression[3] in ("new", "make", "append"):
        if expression[3] == "append":
            return resolver.infer(unit, argument)
        return resolver.annotated(unit, argument)
    return NOTHING


RULES = Rules(
    family="go",
    outside=_outside,
    module=_module,
    inside=_inside,
    around=_around,
    contents=_contents,
    below=_below,
    called=_called,
    extended=True,
    embeds=True,
    distinct=True,
    common=words(
        "Error String Close Read Write Len Less Swap Lock Unlock Run Name Format Value Get Set Add "
        "Fatal Fatalf Errorf Log Logf Helper Printf Println Bytes Reset Done Err Wait"
    ),
)
