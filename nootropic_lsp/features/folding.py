"""What can be folded away."""

from __future__ import annotations

from nootropic_lsp.core.spans import Span
from nootropic_lsp.core.symbols import Fold
from nootropic_lsp.features.parsed import parsed
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.structure import folds as folds_of


def folds(snapshot: Snapshot, path: str) -> list[Fold]:
    """The regions of a file that can be folded, in the order of their starts."""
    text = parsed(snapshot, path)
    if text is None:
        return []
    return [Fold(Span(start, end), kind) for start, end, kind in folds_of(text)]
