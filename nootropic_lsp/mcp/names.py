"""This file is where a name that somebody gives becomes a symbol, or a choice of symbols."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from nootropic_lsp.core.errors import NootropicError
from nootropic_lsp.core.symbols import Symbol
from nootropic_lsp.features.graph import find
from nootropic_lsp.features.workspace_symbols import similar_names
from nootropic_lsp.mcp.workspace import View

MOST_CANDIDATES = 20


@dataclass(frozen=True)
class Chosen:
    """The one symbol that is meant; without it, `data` says what there is to choose from."""

    symbol: Symbol | None
    data: dict[str, Any]


def choose(view: View, name: str, path: str | None) -> Chosen:
    """The symbol of a name, if there is one only."""
    found = symbols(view, name, path)
    if len(found) == 1:
        return Chosen(found[0], {"status": "found", "symbol": data_of(view, found[0])})
    if not found:
        return Chosen(None, {"status": "unknown", "asked": name, "similar": similar(view, name)})
    return Chosen(
        None,
        {
            "status": "ambiguous",
            "asked": name,
            "candidates": [data_of(view, each) for each in found[:MOST_CANDIDATES]],
            "total": len(found),
        },
    )


def symbols(view: View, name: str, path: str | None) -> list[Symbol]:
    """The symbols of a name, the most used first: `total`, `Cart.total`, `shop.cart.Cart.total`.

    What contains them may have gaps, as in `shop.Cart` for what `shop` takes from `shop.cart`.
    """
    name = name.strip().replace("::", ".").replace("#", ".").strip(".")
    if not name:
        raise NootropicError("the name is empty")
    within = None if path is None else view.path(path)
    found = _shown(view, find(view.snapshot, name), within)
    if found or "." not in name:
        return found
    container, _, last = name.rpartition(".")
    parts = container.split(".")
    near = (each for each in find(view.snapshot, last) if _has(parts, _whole(view, each)))
    return _shown(view, near, within)


def similar(view: View, name: str) -> list[str]:
    """Names that a slip of the finger is away, of symbols that may be shown."""
    near = similar_names(view.snapshot, name)
    return [each for each in near if symbols(view, each, None)]


def qualified(symbol: Symbol) -> str:
    """A name with what contains it in its file."""
    return f"{symbol.container}.{symbol.name}" if symbol.container else symbol.name


def is_within(symbol: Symbol, path: str | None) -> bool:
    """Whether a symbol lies in a file or folder; in any, if that is None."""
    return path is None or symbol.path == path or symbol.path.startswith(f"{path}/")


def data_of(view: View, symbol: Symbol) -> dict[str, Any]:
    """A symbol as answers have it, with its uses as far as they are counted."""
    counted = {"uses": symbol.uses} if view.snapshot.is_resolved else {}
    return {**spot_of(view, symbol), **counted}


def spot_of(view: View, symbol: Symbol) -> dict[str, Any]:
    """A symbol of which nobody has counted the uses."""
    return {
        "name": qualified(symbol),
        "kind": symbol.kind,
        "path": view.shown(symbol.path),
        "line": view.line_of(symbol.place),
    }


def _shown(view: View, found: Iterable[Symbol], within: str | None) -> list[Symbol]:
    return [each for each in found if is_within(each, within) and view.may_show(each.path)]


def _whole(view: View, symbol: Symbol) -> list[str]:
    folders = PurePosixPath(view.shown(symbol.path)).with_suffix("").parts
    return [*folders, *symbol.container.split(".")]


def _has(parts: list[str], whole: list[str]) -> bool:
    """Whether the parts are there in their order."""
    rest = iter(whole)
    return all(part in rest for part in parts)
