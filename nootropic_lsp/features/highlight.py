"""The other occurrences, in the same file, of what is under the cursor."""

from __future__ import annotations

from nootropic_lsp.core.symbols import Highlight
from nootropic_lsp.features.references import in_file
from nootropic_lsp.features.snapshot import Snapshot

_WRITES = frozenset({"write", "definition"})


def highlights(snapshot: Snapshot, path: str, offset: int) -> list[Highlight]:
    """Every occurrence in the file, with whether it writes."""
    sites = snapshot.sites_at(path, offset)
    unit = snapshot.unit(path)
    if not sites or unit is None:
        return []
    return [
        Highlight(use.place.span, use.role in _WRITES) for use in in_file(snapshot, unit, sites[0])
    ]
