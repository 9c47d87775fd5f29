"""Interfaces that types satisfy without naming them, as in Go: by the methods they have.

A method counts if its head takes and gives the same types as they are written, without the
packages in front of them, and of a generic interface only as many. What an interface embeds
from outside of the workspace is not known and asks for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from nootropic_lsp.core.symbols import Symbol
from nootropic_lsp.features.graph import symbols_named
from nootropic_lsp.features.lineage import (
    TYPES,
    ancestors,
    built_on,
    reached,
)
from nootropic_lsp.features.snapshot import Snapshot, text_of
from nootropic_lsp.index.facts import KIND_WORDS, Kind
from nootropic_lsp.index.symbols import container_of
from nootropic_lsp.index.units import Site

_LANGUAGES = frozenset({"go"})
_METHOD = KIND_WORDS[Kind.METHOD]
_TYPES = frozenset(KIND_WORDS[kind] for kind in TYPES)
# Types with a method of one name that are looked at: enough for all but the commonest names.
_MOST = 500

# A type by its folder, which is its package, and its name.
_Key = tuple[str, str]


def satisfying(snapshot: Snapshot, interface: Site) -> list[Site]:
    """The types that have all methods of an interface, by files and lines."""
    return _sorted(_Search(snapshot).satisfying(interface)) if _is_interface(interface) else []


def satisfied(snapshot: Snapshot, cls: Site) -> list[Site]:
    """The interfaces all of whose methods a type has, by files and lines."""
    if cls.unit.language not in _LANGUAGES or cls.definition.kind not in TYPES:
        return []
    return _sorted(_Search(snapshot).satisfied(cls))


class _Search:
    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._owners: dict[str, dict[_Key, Symbol]] = {}
        self._texts: dict[str, str] = {}

    def satisfying(self, interface: Site) -> Iterator[Site]:
        wanted = self._asked_for(interface)
        if not wanted:
            return
        rarest = min((self._having(name) for name in wanted), key=len)
        for site in self._with_embedding(self._types(rarest)):
            if site != interface and self._has_all(site, wanted, interface):
                yield site

    def satisfied(self, cls: Site) -> Iterator[Site]:
        own = {name for site in self._line(cls) for name in self._method_names(site)}
        keys = dict.fromkeys(key for name in own for key in self._having(name))
        for site in self._with_embedding(filter(_is_interface, self._types(keys))):
            if site != cls and _is_interface(site):
                wanted = self._asked_for(site)
                if wanted and wanted.keys() <= own and self._has_all(cls, wanted, site):
                    yield site

    def _asked_for(self, interface: Site) -> dict[str, Site]:
        """The methods of an interface and of those that it embeds."""
        return {
            name: Site(each.unit, entry[0])
            for each in self._line(interface)
            if _is_interface(each)
            for name, entry in each.unit.names[each.definition.body].items()
            if each.unit.definitions[entry[0]].kind == Kind.METHOD
        }

    def _line(self, site: Site) -> list[Site]:
        """A type and what it embeds, whose methods are its own too."""
        return [site, *ancestors(self.snapshot, site)]

    def _with_embedding(self, types: Iterable[Site]) -> list[Site]:
        direct = list(types)
        return [*direct, *reached(direct, lambda site: built_on(self.snapshot, site))]

    def _having(self, name: str) -> dict[_Key, Symbol]:
        """The types that have a method of a name themselves, with that method."""
        known = self._owners.get(name)
        if known is None:
            known = self._owners[name] = {
                (_folder(symbol.path), symbol.container): symbol
                for symbol in symbols_named(self.snapshot, name)
                if symbol.kind == _METHOD and symbol.path.endswith(".go")
            }
        return known

    def _types(self, keys: Iterable[_Key]) -> Iterator[Site]:
        for folder, name in list(keys)[:_MOST]:
            for symbol in symbols_named(self.snapshot, name):
                if symbol.kind in _TYPES and _folder(symbol.path) == folder:
                    site = self.snapshot.site_of(symbol)
                    if site is not None:
                        yield site
                        break

    def _has_all(self, cls: Site, wanted: dict[str, Site], interface: Site) -> bool:
        line = self._line(cls)
        for name, asked in wanted.items():
            having = self._having(name)
            found = next(filter(None, (having.get(_key(site)) for site in line)), None)
            if found is None:
                return False
            if name[0].islower() and _folder(found.path) != _folder(asked.unit.path):
                return False  # only its own package can write that method
            method = self.snapshot.site_of(found)
            if method is None or not self._agree(method, asked, interface):
                return False
        return True

    def _agree(self, method: Site, asked: Site, interface: Site) -> bool:
        has, wants = self._head(method), self._head(asked)
        if any(
            interface.unit.definitions[entry[0]].kind == Kind.TYPE_PARAMETER
            for entry in interface.unit.names[interface.definition.body].values()
        ):
            return tuple(map(len, has)) == tuple(map(len, wants))
        return has == wants

    def _head(self, method: Site) -> tuple[list[str], list[str]]:
        """The types that a method takes and gives, as they are written."""
        path, definition = method.unit.path, method.definition
        text = self._texts.get(path)
        if text is None:
            text = self._texts[path] = text_of(self.snapshot, path)
        head = _COMMENT.sub("", text[definition.end : definition.head_end]).strip()
        end = _closing(head)
        results = head[end + 1 :].strip()
        inside = results[1:-1] if _closing(results) == len(results) - 1 else results
        return _types_of(head[1:end]), _types_of(inside)

    def _method_names(self, cls: Site) -> Iterator[str]:
        """The names of the methods that a type has itself, in any file of its package."""
        for path in self._package(_folder(cls.unit.path)):
            unit = self.snapshot.unit(path)
            if unit is None:
                continue
            for definition in unit.definitions:
                is_method = definition.kind == Kind.METHOD
                if is_method and container_of(unit, definition) == cls.definition.name:
                    yield definition.name

    def _package(self, folder: str) -> list[str]:
        paths = {path for path in self.snapshot.changed if _folder(path) == folder}
        for index in self.snapshot.indexes:
            inside = f"{index.relative(folder)}/" if folder != index.folder else ""
            paths |= {
                index.absolute(path)
                for path in index.catalogue.files
                if path.startswith(inside) and "/" not in path[len(inside) :]
            }
        return sorted(path for path in paths if path.endswith(".go"))


def _is_interface(site: Site) -> bool:
    return site.unit.language in _LANGUAGES and site.definition.kind == Kind.INTERFACE


def _key(site: Site) -> _Key:
    return _folder(site.unit.path), site.definition.name


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _sorted(sites: Iterable[Site]) -> list[Site]:
    return sorted(dict.fromkeys(sites), key=lambda site: (site.unit.path, site.definition.start))


# ---- heads of methods

_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_QUALIFIER = re.compile(r"\b\w+\.(?=\w)")
# A parameter with a name; these words begin a type.
_NAMED = re.compile(r"(?!(?:chan|func|map|struct|interface)\b)\w+\s+(\S.*)", re.DOTALL)
_SAME = {"interface{}": "any", "byte": "uint8", "rune": "int32"}


def _closing(text: str) -> int:
    """Where the parenthesis is closed that a text begins with, -1 if it begins with none."""
    depth = 0
    for at, character in enumerate(text):
        depth += (character in "([{") - (character in ")]}")
        if depth <= 0:
            return at or -1
    return -1


def _types_of(text: str) -> list[str]:
    """The types in a list of parameters, whose names do not count: `a, b int, c string`."""
    parts: list[str] = []
    depth = start = 0
    for at, character in enumerate(text + ","):
        depth += (character in "([{") - (character in ")]}")
        if character == "," and depth == 0:
            parts.append(text[start:at].strip())
            start = at + 1
    parts = [part for part in parts if part]
    named = [_NAMED.match(part) for part in parts]
    if not any(named):
        return [_plain(part) for part in parts]
    found: list[str] = []
    last = ""
    for part in reversed(named):  # several names may share the type behind the last of them
        last = last if part is None else _plain(part[1])
        found.append(last)
    return found[::-1]


def _plain(written: str) -> str:
    plain = "".join(_QUALIFIER.sub("", written).split())
    return _SAME.get(plain, plain)
