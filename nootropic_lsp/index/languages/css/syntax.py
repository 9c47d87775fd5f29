"""How CSS is read: its rules by their selectors, and custom properties."""

from __future__ import annotations

from nootropic_lsp.index.facts import Kind
from nootropic_lsp.index.languages.queries.reading import Reading
from nootropic_lsp.index.languages.queries.syntax import Syntax
from nootropic_lsp.index.languages.queries.vocabulary import Captures


def _selector(reading: Reading, captures: Captures) -> None:
    selectors = captures["rule.selector"][0]
    start, end = selectors.byte_range
    name = reading.text[start:end].partition("\n")[0].rstrip(" ,\r")
    whole = selectors.parent or selectors
    rule = reading.bind(start, name, Kind.KEY, whole)
    rule.head_end = captures["body"][0].start_byte


SYNTAX = Syntax(queries=("css/css.scm",), comments=("/*", "*"), rules={"selector": _selector})
