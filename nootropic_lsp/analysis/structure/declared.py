"""The register of checks: what neither a list of calls nor a query can say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from tree_sitter import Node

from nootropic_lsp.analysis.structure.sight import Hit, Sight

Check = Callable[[Sight, Node], Iterator[Hit]]


class Declared(NamedTuple):
    """A check, the nodes it looks at, and for calls the last words of what is called.

    Nodes are told by their kind, or by a query that captures them as `@here`. `mentions` stands in
    every member in which it finds something.
    """

    kinds: tuple[str, ...]
    words: frozenset[str]
    mentions: str
    function: Check


class Checks:
    """Functions over nodes, by family and name. One without kinds is asked once for a member."""

    def __init__(self) -> None:
        self.found: dict[tuple[str, str], Declared] = {}

    def __call__(
        self, family: str, *kinds: str, words: Iterable[str] = (), mentions: str = ""
    ) -> Callable[[Check], Check]:
        """Declare a check. With `words`, it sees only the calls whose last word is among them."""

        def declare(function: Check) -> Check:
            declared = Declared(kinds, frozenset(words), mentions, function)
            self.found[family, function.__name__] = declared
            return function

        return declare


check = Checks()
