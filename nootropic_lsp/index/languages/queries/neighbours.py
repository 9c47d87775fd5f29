"""The files around a file, and what is at the top of them: where lists of names come from."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from nootropic_lsp.index.facts import Definition, Kind
from nootropic_lsp.index.languages.queries.files import folder_of
from nootropic_lsp.index.languages.queries.names import namespaces
from nootropic_lsp.index.languages.queries.rules import Listed, Lookups
from nootropic_lsp.index.languages.queries.values import TYPE_KINDS
from nootropic_lsp.index.languages.registry import LANGUAGES
from nootropic_lsp.index.units import Site, Unit

_WORD = re.compile(r"(?:@@?|\$)?\w[\w-]*[?!]?")
_MOST_FILES = 400  # of one folder
_HIDDEN = frozenset({Kind.IMPORT, Kind.PARAMETER, Kind.TYPE_PARAMETER, Kind.CONSTRUCTOR})
_TYPES = frozenset({*TYPE_KINDS, Kind.TYPE})


def units_in(resolver: Lookups, folder: str) -> list[Unit]:
    """The files of the same family directly in a folder."""

    def make() -> list[Unit]:
        world, family = resolver.world, resolver.rules.family
        files = [name for name in world.entries(folder) if not name.endswith("/")]
        units = (world.unit(f"{folder}/{name}") for name in files[:_MOST_FILES])
        return [
            unit for unit in units if unit is not None and LANGUAGES[unit.language].family == family
        ]

    return resolver.noted(("units in", folder), make)


def folders_in(resolver: Lookups, folder: str) -> list[str]:
    """The names of the folders directly in one."""
    return [
        name[:-1]
        for name in resolver.world.entries(folder)
        if name.endswith("/") and not name.startswith(".")
    ]


def names_in(
    unit: Unit, scope: int = 0, fits: Callable[[Definition], bool] = lambda definition: True
) -> Iterator[Listed]:
    """What a scope of a file defines, without its imports: the first of each name that fits."""
    definitions = unit.definitions
    for name, entry in unit.names[scope].items() if scope >= 0 else ():
        for index in entry:
            definition = definitions[index]
            if (
                (definition.kind not in _HIDDEN or name == "__construct")
                and fits(definition)
                and is_word(name)
            ):
                yield name, Site(unit, index)
                break


def is_word(name: str) -> bool:
    """Whether a name can be written by itself, unlike that of an operator."""
    return name.isidentifier() or _WORD.fullmatch(name) is not None


def is_type(definition: Definition) -> bool:
    """Whether a definition is a type, whatever it is made of."""
    return definition.kind in _TYPES


# ---- packages and namespaces that are laid out in folders


def units_of(resolver: Lookups, unit: Unit, package: str) -> list[Unit]:
    """The files of a package or namespace, as far as folders show where they are."""

    def make() -> list[Unit]:
        found: dict[Unit, None] = {}
        if package in namespaces_of(unit):
            found.update(dict.fromkeys(units_in(resolver, folder_of(unit))))
        for folder in folders_of(resolver, unit, package):
            found.update(dict.fromkeys(units_in(resolver, folder)))
        return [each for each in found if package in namespaces_of(each)]

    return resolver.noted(("units of", package, unit), make)


def folders_of(resolver: Lookups, unit: Unit, package: str) -> list[str]:
    """The folders that a package may be in."""
    found = []
    for start, folder in _roots(resolver, unit):
        if not start or package == start or package.startswith(f"{start}."):
            rest = package[len(start) :].strip(".").replace(".", "/")
            found.append(f"{folder}/{rest}".rstrip("/"))
    return list(dict.fromkeys(found))


def namespaces_of(unit: Unit) -> list[str]:
    """The packages or namespaces that a file defines something in."""
    known: list[str] | None = unit.__dict__.get("namespaces_of")
    if known is None:
        found = namespaces(unit, 0)[:1]
        for scope, this in enumerate(unit.scopes):
            if this.owner > 0 and unit.definitions[this.owner].kind == Kind.NAMESPACE:
                found += namespaces(unit, scope)[:1]
        known = unit.__dict__["namespaces_of"] = found or [""]
    return known


def _roots(resolver: Lookups, unit: Unit) -> list[tuple[str, str]]:
    """Packages with the folders that they begin in, by this file and by what it imports."""

    def make() -> list[tuple[str, str]]:
        found: dict[tuple[str, str], None] = {}
        units = {unit: None}
        for entry in unit.names[0].values():
            for index in entry:
                if unit.definitions[index].kind == Kind.IMPORT:
                    for value in resolver.value(Site(unit, index)):
                        if value.site is not None:
                            units[value.site.unit] = None
        for each in units:
            for package in namespaces_of(each):
                outer, folder = package, folder_of(each)
                while outer and folder.rpartition("/")[2] == outer.rpartition(".")[2]:
                    outer, folder = outer.rpartition(".")[0], folder.rpartition("/")[0]
                found[outer, folder] = None
                for beside in _beside(resolver, folder):
                    found[outer, beside] = None
        return list(found)

    return resolver.noted(("roots", unit), make)


def _beside(resolver: Lookups, folder: str) -> Iterator[str]:
    """The other sources of a project: of `src/test/java` that is `src/main/java`."""
    outer, _, last = folder.rpartition("/")
    outer, _, middle = outer.rpartition("/")
    for name in folders_in(resolver, outer) if outer else ():
        if name != middle and resolver.world.is_folder(f"{outer}/{name}/{last}"):
            yield f"{outer}/{name}/{last}"


def packages_below(resolver: Lookups, unit: Unit, package: str) -> Iterator[str]:
    """The packages directly in one, by their folders."""
    for folder in folders_of(resolver, unit, package):
        yield from folders_in(resolver, folder)


def named_in(resolver: Lookups, path: str) -> Iterator[Listed]:
    """What the blocks of a namespace hold that are written with its name."""
    for site in (*resolver.at(path), *(resolver.named(path) if "." in path else ())):
        if site.definition.kind == Kind.NAMESPACE:
            yield from names_in(site.unit, site.definition.body)
