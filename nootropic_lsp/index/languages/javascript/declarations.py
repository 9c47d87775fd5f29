"""What declaration files declare, seen from their texts alone: most are read no further.

A project sees hundreds of them, TypeScript's own and those of `@types`, and one name is in few.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from nootropic_lsp.index.units import World

_REFERENCE = re.compile(
    r"""^///\s*<reference\s+(path|lib|types)\s*=\s*["']([^"'\n]+)["']""", re.MULTILINE
)
_HEAD = 20_000  # characters in which references stand
# Levels of a MODULE use that is no specifier: the three kinds of `/// <reference>`.
_LEVELS = {"path": -2, "lib": -3, "types": -4}
# A comment, or a string that holds the marks of one.
_COMMENT = re.compile(r"""("[^"\n]*"|'[^'\n]*')|//[^\n]*|/\*.*?\*/""", re.DOTALL)
# More names than are declared do no harm: then the file is read for nothing.
_DECLARED = re.compile(
    r"\b(?:(?:var|let|const)\s+([^\n]*)"
    r"|(?:function|class|interface|type|enum|namespace|module|import)\s+"
    r"""(?:([\w$]+)|["']([^"'\n]+)["']))"""
)
_NAME = re.compile(r"[\w$]+")


class Reference(NamedTuple):
    """A `/// <reference>`: what it names, where that stands, and its level as a MODULE use."""

    name: str
    start: int
    level: int


class _Declared(NamedTuple):
    names: frozenset[str]
    modules: frozenset[str]
    references: tuple[Reference, ...]


class Declarations:
    """The declaration files of one state of the world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._known: dict[str, _Declared | None] = {}

    def may_declare(self, path: str, name: str) -> bool:
        """Whether a file may declare a name, in any of its scopes."""
        declared = self._of(path)
        return declared is None or name in declared.names

    def may_have_module(self, path: str, names: tuple[str, ...]) -> bool:
        """Whether a file may say `declare module "name"` of one of some names."""
        declared = self._of(path)
        return declared is None or not declared.modules.isdisjoint(names)

    def modules(self, path: str) -> frozenset[str]:
        """The modules that a file declares by a name in quotes."""
        declared = self._of(path)
        return frozenset() if declared is None else declared.modules - {""}

    def references(self, path: str) -> tuple[Reference, ...]:
        """The `/// <reference>` of a file."""
        declared = self._of(path)
        return () if declared is None else declared.references

    def _of(self, path: str) -> _Declared | None:
        """What a file declares; None if only reading it can tell."""
        if path not in self._known:
            text = self._world.text(path)
            self._known[path] = None if text is None else _declared(path, text)
        return self._known[path]


def references_in(text: str) -> Iterator[Reference]:
    """`/// <reference lib="dom" />` and its like, at the head of a file."""
    if "<reference" in text[:_HEAD]:
        for match in _REFERENCE.finditer(text, 0, _HEAD):
            yield Reference(match[2], match.start(2), _LEVELS[match[1]])


# The files of TypeScript and node hardly ever change, but the world does with every edit.
_LATEST: dict[tuple[str, int], _Declared] = {}
_MOST_LATEST = 1_000


def _declared(path: str, text: str) -> _Declared:
    key = path, hash(text)
    known = _LATEST.get(key)
    if known is None:
        names: set[str] = set()
        modules: set[str] = set()
        for variables, name, module in _DECLARED.findall(_COMMENT.sub(r"\1", text)):
            names.update(_NAME.findall(variables))
            names.add(name)
            modules.add(module)
        known = _Declared(frozenset(names), frozenset(modules), tuple(references_in(text)))
        if len(_LATEST) >= _MOST_LATEST:
            _LATEST.clear()
        _LATEST[key] = known
    return known
