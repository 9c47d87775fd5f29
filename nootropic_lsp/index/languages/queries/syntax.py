"""What the shared extractor has to know of a language beside its queries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from nootropic_lsp.index.facts import Definition
from nootropic_lsp.index.languages.queries.reading import Reading
from nootropic_lsp.index.languages.queries.vocabulary import Captures

Rule = Callable[[Reading, Captures], None]


@dataclass(frozen=True, slots=True)
class Syntax:
    """How one language is read.

    `queries` are files below the folder of all languages. `comments` are the starts of lines
    that document what follows. `rebinds` says that an assignment in an inner
    block means the variable of an outer one. `finish` completes the definitions,
    `mend` finds more of them in a file with errors. `prepare` gives a text of
    the same length that the grammar reads better, `repair` one for a file with errors.
    """

    queries: tuple[str, ...]
    comments: tuple[str, ...] = ("//", "/*", "*")
    rules: Mapping[str, Rule] = field(default_factory=dict)
    constructors: frozenset[str] = frozenset()
    rebinds: bool = False
    text_type: str = "String"
    finish: Callable[[Reading, list[Definition]], None] | None = None
    mend: Callable[[Reading], None] | None = None
    prepare: Callable[[bytes], bytes] | None = None
    repair: Callable[[bytes], bytes] | None = None
