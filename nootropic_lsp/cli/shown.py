"""This file is where symbols and places become text lines and plain data.

Lines and columns are counted from 1, columns in characters; paths are relative to
the current folder for what lies in the workspace.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from nootropic_lsp.cli.answer import FOUND, NOTHING_FOUND, Answer
from nootropic_lsp.core.spans import Place
from nootropic_lsp.core.symbols import Symbol
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.features.workspace_symbols import similar_names


def symbol_data(snapshot: Snapshot, symbol: Symbol) -> dict[str, Any]:
    """A symbol as plain data."""
    return {
        "name": symbol.name,
        "qualified": qualified(symbol),
        "kind": symbol.kind,
        **place_data(snapshot, symbol.place),
        "uses": symbol.uses if snapshot.is_resolved else None,
    }


def place_data(snapshot: Snapshot, place: Place) -> dict[str, Any]:
    """A place as plain data."""
    line, column = position(snapshot, place)
    return {"path": shown_path(snapshot, place.path), "line": line, "column": column}


def spot(snapshot: Snapshot, place: Place) -> str:
    """`path:line:column`, as terminals and editors make it a link."""
    line, column = position(snapshot, place)
    return f"{shown_path(snapshot, place.path)}:{line}:{column}"


def symbol_row(snapshot: Snapshot, symbol: Symbol) -> tuple[str, ...]:
    """A symbol as a row for `table`."""
    return spot(snapshot, symbol.place), symbol.kind, qualified(symbol)


def table(rows: Iterable[Sequence[str]]) -> str:
    """Rows with their columns aligned."""
    cells = [tuple(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    )


def position(snapshot: Snapshot, place: Place) -> tuple[int, int]:
    """Line and column of a place, both from 1."""
    line, column = snapshot.lines(place.path).position(place.span.start)
    return line + 1, column + 1


def source_line(snapshot: Snapshot, place: Place) -> str:
    """The source line that a place is on, without its indentation."""
    text = snapshot.text(place.path)
    lines = snapshot.lines(place.path)
    line = lines.line_of(place.span.start)
    end = lines.starts[line + 1] if line + 1 < len(lines) else len(text)
    return text[lines.starts[line] : end].strip()


def shown_path(snapshot: Snapshot, path: str) -> str:
    """A path of the workspace relative to the current folder, any other as it is."""
    if not any(Path(path).is_relative_to(folder) for folder in snapshot.folders):
        return path
    try:
        return os.path.relpath(path)
    except ValueError:  # another drive
        return path


def qualified(symbol: Symbol) -> str:
    """A name with what contains it, as in `Cart.total`."""
    return f"{symbol.container}.{symbol.name}" if symbol.container else symbol.name


def found(snapshot: Snapshot, *, rows: Sequence[Sequence[str]], data: dict[str, Any]) -> Answer:
    """The answer that shows rows, or says that there are none."""
    return Answer(
        table(rows),
        data,
        code=FOUND if rows else NOTHING_FOUND,
        incomplete=snapshot.incomplete,
    )


def unknown_name(snapshot: Snapshot, name: str) -> Answer:
    """The answer to a name that nothing has, with names like it."""
    near = similar_names(snapshot, name)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    return Answer(
        "",
        {"symbols": [], "similar": near},
        code=NOTHING_FOUND,
        note=f"nothing here is called {name}{hint}",
        incomplete=snapshot.incomplete,
    )
