"""What the symbol graph answers with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from nootropic_lsp.core.spans import Place, Span


@dataclass(frozen=True, slots=True)
class Symbol:
    """A definition in the graph.

    `id` is the same for the same qualified name in the same file, whatever else
    changes. `kind` is a word such as "class", "method" or "variable".
    `container` is the qualified name of what holds it, without the file; "" at
    the top of a file.
    """

    id: int
    name: str
    kind: str
    path: str
    span: Span
    full_span: Span
    container: str = ""
    uses: int = 0

    @property
    def place(self) -> Place:
        """Where its name is written."""
        return Place(self.path, self.span)


@dataclass(frozen=True, slots=True)
class Reference:
    """A use of a symbol. `role` is call, read, write, import, type, base, decorator or definition.

    `caller` is the id of the innermost symbol around the use, 0 at the top of a file.
    """

    place: Place
    role: str
    caller: int = 0


@dataclass(frozen=True, slots=True)
class OutlineItem:
    """A symbol of a file with what it contains."""

    name: str
    kind: str
    span: Span
    full_span: Span
    detail: str = ""
    deprecated: bool = False
    children: tuple[OutlineItem, ...] = ()


@dataclass(frozen=True, slots=True)
class Hover:
    """What to show over a name: Markdown, and the span of the name."""

    markdown: str
    span: Span


@dataclass(frozen=True, slots=True)
class Highlight:
    """An occurrence in the same file of what is under the cursor."""

    span: Span
    write: bool


@dataclass(frozen=True, slots=True)
class Call:
    """One edge of the call hierarchy: who, and at which places in the file of the caller."""

    symbol: Symbol
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter in a signature; `span` is its part of `Signature.label`."""

    name: str
    span: Span
    documentation: str = ""


@dataclass(frozen=True, slots=True)
class Signature:
    """A callable as it is shown while its arguments are typed."""

    label: str
    parameters: tuple[Parameter, ...]
    active: int | None
    documentation: str = ""


@dataclass(frozen=True, slots=True)
class Fold:
    """A region that can be folded; `kind` is "", "comment", "imports" or "region"."""

    span: Span
    kind: str = ""


class Token(NamedTuple):
    """A coloured stretch of text, with the standard names of the protocol.

    A tuple, because after every key there are thousands of them to be made.
    """

    start: int
    end: int
    type: str
    modifiers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hint:
    """Text shown between the characters; `kind` is "parameter" or "type"."""

    offset: int
    label: str
    kind: str


@dataclass(frozen=True, slots=True)
class Lens:
    """A line above a definition: how often it is used, and where."""

    span: Span
    symbol: int
    title: str = ""  # until it is filled in
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """Text that opens another file or address."""

    span: Span
    target: str
    tooltip: str = ""


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace a span by text."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Patch:
    """Edits per file, file renames, and the versions of open documents they were made for.

    `creates` are new files with their texts.
    `annotation` is the label an editor shows for the whole; files named in
    `confirm` are to be looked at before they are changed. `note` is what the user has to know.
    """

    edits: dict[str, tuple[Edit, ...]]
    renames: dict[str, str] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    annotation: str = ""
    confirm: frozenset[str] = frozenset()
    note: str = ""
    creates: dict[str, str] = field(default_factory=dict)
