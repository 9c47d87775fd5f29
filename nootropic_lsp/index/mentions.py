"""Which files may use a symbol, by the names that are written in them.

Known as soon as a file has been read on its own, long before its uses are resolved: so a
question about one symbol has to look into a few files only, and need not wait for the rest.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from zlib import crc32

from nootropic_lsp.index.facts import USES, Kind, Op
from nootropic_lsp.index.units import Site, Unit, written
from nootropic_lsp.store import graph

# Here a use is written with the name of its symbol, unless an import gave that another name.
# Elsewhere words like `self` and `crate`, or the caller of an export, stand for any symbol.
_LITERAL = frozenset({"python"})


def mentions_of(unit: Unit) -> tuple[bytes, bytes]:
    """The names written in a file, and those that its imports rename, each with its new name.

    Hashes of 4 bytes.
    """
    names = {written(expression) for expression in unit.expressions if expression[0] <= USES}
    renamed = array("I")
    for definition in unit.definitions:
        if definition.kind == Kind.IMPORT:
            names.add(definition.name)
            original = _imported(unit, definition.value)
            if original != definition.name:
                renamed.extend((_hash(original), _hash(definition.name)))
    return array("I", sorted(map(_hash, names))).tobytes(), renamed.tobytes()


def _imported(unit: Unit, value: int) -> str:
    """The name that an import takes from elsewhere, the last part of a module's; "" for none."""
    if value < 0:
        return ""
    expression = unit.expressions[value]
    if expression[0] == Op.MODULE:
        return str(expression[3]).rpartition(".")[2]
    return written(expression) if expression[0] <= USES else ""


def spellings(site: Site) -> set[str] | None:
    """How a use of a definition may be written, apart from aliases; None for in any way."""
    definition = site.definition
    if site.unit.language not in _LITERAL:
        return None
    if definition.kind != Kind.MODULE:
        return {definition.name}
    folder, _, file = site.unit.path.rpartition("/")
    stem = file.partition(".")[0]
    return {stem, folder.rpartition("/")[2]} if stem == "__init__" else {stem}


def spellings_in(unit: Unit, site: Site) -> set[str] | None:
    """How a use of a definition may be written in one file, whose imports may rename it."""
    names = spellings(site)
    if names is None:
        return None
    imported = (each.name for each in unit.definitions if each.kind == Kind.IMPORT)
    return names.union(imported)


def files_mentioning(
    connection: graph.Connection, names: Iterable[str] | None, languages: Sequence[str]
) -> Iterator[str]:
    """The files without edges, in some languages, that may mention a name under any alias."""
    if graph.is_resolved(connection):
        return
    wanted = None if names is None else _with_aliases(connection, set(map(_hash, names)))
    for path, mentioned in graph.mentions(connection, languages, only_unresolved=True):
        if wanted is None or not wanted.isdisjoint(array("I", mentioned)):
            yield path


def files_naming(
    connection: graph.Connection, name: str, languages: Sequence[str]
) -> Iterator[str]:
    """The files in some languages in which a name is written."""
    wanted = _hash(name)
    for path, mentioned in graph.mentions(connection, languages):
        if wanted in array("I", mentioned):
            yield path


def all_mentions(connection: graph.Connection, languages: Sequence[str]) -> set[int]:
    """The names that are used in any file in some languages, as `mention` has them."""
    found: set[int] = set()
    for _, mentioned in graph.mentions(connection, languages):
        found.update(array("I", mentioned))
    return found


def all_aliases(connection: graph.Connection) -> set[int]:
    """The names that imports give to what they import, as `mention` has them."""
    return {alias for renamed in graph.renamed(connection) for alias in array("I", renamed)[1::2]}


def mention(name: str) -> int:
    """What a name is in the mentions of a file."""
    return _hash(name)


def _with_aliases(connection: graph.Connection, wanted: set[int]) -> set[int]:
    """Some names and all that imports make of them, one after the other."""
    pairs: dict[int, set[int]] = {}
    for renamed in graph.renamed(connection):
        values = array("I", renamed)
        for original, alias in zip(values[::2], values[1::2], strict=True):
            pairs.setdefault(original, set()).add(alias)
    waiting = list(wanted)
    while waiting:
        new = pairs.get(waiting.pop(), set()) - wanted
        wanted |= new
        waiting += new
    return wanted


def _hash(name: str) -> int:
    return crc32(name.encode("utf-8", "surrogatepass"))
