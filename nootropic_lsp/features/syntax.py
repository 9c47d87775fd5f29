"""What the parser could not read."""

from __future__ import annotations

from nootropic_lsp.core.findings import Finding
from nootropic_lsp.core.spans import Span
from nootropic_lsp.features.parsed import parsed
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.syntax import faults

CODE = "syntax"


def syntax_findings(snapshot: Snapshot, path: str) -> list[Finding]:
    """The first syntax errors of a file, in the order of its text."""
    unit = snapshot.unit(path) if path not in snapshot.changed else None
    if unit is not None and not unit.errors:
        return []  # whoever read it for the index has looked already
    text = parsed(snapshot, path)
    if text is None:
        return []
    return [Finding(Span(start, end), CODE, message) for start, end, message in faults(text)]
