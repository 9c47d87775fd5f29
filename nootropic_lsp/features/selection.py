"""What a growing selection takes in, step by step."""

from __future__ import annotations

from collections.abc import Sequence

from nootropic_lsp.core.spans import Span
from nootropic_lsp.features.parsed import parsed
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.structure import surroundings


def selection_ranges(snapshot: Snapshot, path: str, offsets: Sequence[int]) -> list[list[Span]]:
    """For every offset the spans around it, the innermost first and the whole file last."""
    text = parsed(snapshot, path)
    if text is None:
        return [[] for _ in offsets]
    whole = Span(0, len(text.document.text))
    chains = []
    for regions in surroundings(text, offsets):
        chain = [Span(start, end) for start, end in regions]
        if not chain or chain[-1] != whole:
            chain.append(whole)
        chains.append(chain)
    return chains
