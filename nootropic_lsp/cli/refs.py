"""`nootropic refs`: the uses of a name."""

from __future__ import annotations

from nootropic_lsp.cli import shown
from nootropic_lsp.cli.answer import Answer
from nootropic_lsp.cli.workspace import indexed, root_for
from nootropic_lsp.features import graph
from nootropic_lsp.features.references import references_of


def refs(name: str, *, workspace: str | None = None, trust: bool = False) -> Answer:
    """Where a name is used, with the source line and what the use does."""
    with indexed(root_for(workspace), trust=trust, uses_of=name) as snapshot:
        symbols = graph.find(snapshot, name)
        if not symbols:
            return shown.unknown_name(snapshot, name)
        uses = [(symbol, references_of(snapshot, symbol)) for symbol in symbols]
        return shown.found(
            snapshot,
            rows=[
                (
                    shown.spot(snapshot, use.place),
                    use.role,
                    shown.qualified(symbol),
                    shown.source_line(snapshot, use.place),
                )
                for symbol, of_symbol in uses
                for use in of_symbol
            ],
            data={
                "symbols": [
                    {
                        **shown.symbol_data(snapshot, symbol),
                        "references": [
                            {**shown.place_data(snapshot, use.place), "role": use.role}
                            for use in of_symbol
                        ],
                    }
                    for symbol, of_symbol in uses
                ]
            },
        )
