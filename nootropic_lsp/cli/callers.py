"""`nootropic callers`: who calls a function or makes an object of a class."""

from __future__ import annotations

from nootropic_lsp.cli import shown
from nootropic_lsp.cli.answer import Answer
from nootropic_lsp.cli.workspace import indexed, root_for
from nootropic_lsp.core.spans import Place
from nootropic_lsp.features import calls, graph


def callers(name: str, *, workspace: str | None = None, trust: bool = False) -> Answer:
    """Who calls what has this name, one row for every call."""
    with indexed(root_for(workspace), trust=trust, uses_of=name) as snapshot:
        symbols = graph.find(snapshot, name)
        if not symbols:
            return shown.unknown_name(snapshot, name)
        edges = [(symbol, calls.callers(snapshot, symbol)) for symbol in symbols]
        return shown.found(
            snapshot,
            rows=[
                (
                    shown.spot(snapshot, Place(call.symbol.path, span)),
                    call.symbol.kind,
                    shown.qualified(call.symbol),
                    f"calls {shown.qualified(symbol)}",
                )
                for symbol, of_symbol in edges
                for call in of_symbol
                for span in call.spans
            ],
            data={
                "symbols": [
                    {
                        **shown.symbol_data(snapshot, symbol),
                        "callers": [
                            {
                                **shown.symbol_data(snapshot, call.symbol),
                                "calls": [
                                    shown.place_data(snapshot, Place(call.symbol.path, span))
                                    for span in call.spans
                                ],
                            }
                            for call in of_symbol
                        ],
                    }
                    for symbol, of_symbol in edges
                ]
            },
        )
