"""The Python grammar, and the numbers that it has for kinds of nodes."""

from __future__ import annotations

from functools import cache

import tree_sitter_python
from tree_sitter import Language


@cache
def language() -> Language:
    """The Python grammar."""
    return Language(tree_sitter_python.language())


@cache
def _ids_by_name() -> dict[str, frozenset[int]]:
    grammar = language()
    found: dict[str, set[int]] = {}
    for index in range(grammar.node_kind_count):
        if grammar.node_kind_is_named(index):
            found.setdefault(grammar.node_kind_for_id(index) or "", set()).add(index)
    return {name: frozenset(ids) for name, ids in found.items()}


def kinds(*names: str) -> frozenset[int]:
    """The ids of some kinds of named nodes. A kind that the grammar has an alias for has several.

    A name that this version of the grammar does not know has none.
    """
    known = _ids_by_name()
    return frozenset(index for name in names for index in known.get(name, ()))


def token(text: str) -> int:
    """The id of a kind of unnamed nodes: a keyword or a sign."""
    return language().id_for_node_kind(text, False) or 0


def kind(name: str) -> int:
    """The id of a kind that has only one."""
    (index,) = kinds(name)
    return index
