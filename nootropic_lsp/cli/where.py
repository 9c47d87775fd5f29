"""`nootropic where`: the definitions of a name."""

from __future__ import annotations

from nootropic_lsp.cli import shown
from nootropic_lsp.cli.answer import Answer
from nootropic_lsp.cli.workspace import indexed, root_for
from nootropic_lsp.features import graph


def where(name: str, *, workspace: str | None = None, trust: bool = False) -> Answer:
    """Where a name is defined."""
    with indexed(root_for(workspace), trust=trust, uses_of=None) as snapshot:
        symbols = graph.find(snapshot, name)
        if not symbols:
            return shown.unknown_name(snapshot, name)
        return shown.found(
            snapshot,
            rows=[shown.symbol_row(snapshot, symbol) for symbol in symbols],
            data={"symbols": [shown.symbol_data(snapshot, symbol) for symbol in symbols]},
        )
