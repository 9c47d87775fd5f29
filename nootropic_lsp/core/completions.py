"""What a completion menu is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from nootropic_lsp.core.spans import Span
from nootropic_lsp.core.symbols import Edit


class Item(NamedTuple):
    """An entry of a menu: what is shown, and what it writes.

    `insert` takes the place of the word at the cursor; the label does if it is "". `filter` is
    what typed letters are compared with, if that is not the label. `kind` is
    a word such as "method". `detail` stands right behind the label, `origin` at the edge.
    `source` is where it is defined, as a path and an offset: documentation is found by it.
    `edits` go with it. `may_commit` says that who types a dot or a bracket means the item.
    `selected` is the part of `insert` that one goes on writing at, in place of its end.
    """

    label: str
    kind: str
    insert: str = ""
    filter: str = ""
    detail: str = ""
    origin: str = ""
    is_deprecated: bool = False
    source: tuple[str, int] | None = None
    edits: tuple[Edit, ...] = ()
    may_commit: bool = False
    selected: Span | None = None


NOWHERE = Span(0, 0)


@dataclass(frozen=True, slots=True)
class Menu:
    """Items, the best first. `span` is the word at the cursor, some of which is typed.

    `is_whole` says that typing on finds nothing that is not in it. `is_sure` says that the
    first item is far likelier than the others.
    """

    items: tuple[Item, ...] = ()
    span: Span = NOWHERE
    is_whole: bool = True
    is_sure: bool = False


NOTHING = Menu()


@dataclass(frozen=True, slots=True)
class Details:
    """What is shown of an item when it is looked at."""

    signature: str = ""
    documentation: str = ""
