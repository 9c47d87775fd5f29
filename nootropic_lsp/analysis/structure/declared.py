"""The register of checks: what neither a list of calls nor a query can say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from tree_sitter import Node

from nootropic_lsp.analysis.structure.sight import Hit, Sight

Check = Callable[[Sight, Node], Iterator[Hit]]


class Declared(NamedTuple):
    """A check, the kinds of nodes it looks at, and for calls the last words of what is called."""

    kinds: tuple[str, ...]
    words: frozenset[str]
    function: Check


class Checks:
    """Functions over nodes, by family and name. One without kinds is asked once for a member."""

    def __init__(self) -> None:
        self.found: dict[tuple[str, str], Declared] = {}

    def __call__(
        self, family: str, *kinds: str, words: Iterable[str] = ()
    ) -> Callable[[Check], Check]:
        """Declare a check. With `words`, it sees only the calls whose last word is among them."""

        def declare(function: Check) -> Check:
            self.found[family, function.__name__] = Declared(kinds, frozenset(words), function)
            return function

        return declare


check = Checks()
