"""This file is where tools answer what there is: symbols by name, their code, files as outlines."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from nootropic_lsp.core.spans import Place
from nootropic_lsp.core.symbols import OutlineItem, Symbol
from nootropic_lsp.features import outline as outlines
from nootropic_lsp.features.hover import documentation_of, signature
from nootropic_lsp.features.workspace_symbols import workspace_symbols
from nootropic_lsp.mcp.call import Call
from nootropic_lsp.mcp.names import choose, data_of, is_within, similar, symbols
from nootropic_lsp.mcp.workspace import View, Workspace

# Of a name that is matched in part only, so many are looked at.
_MOST_ALIKE = 200


def find_symbol(
    workspace: Workspace, call: Call, *, name: str, path: str | None, limit: int
) -> dict[str, Any]:
    """Where a name is defined; without that name, names that have its letters."""
    view = workspace.view(call)
    found = symbols(view, name, path)
    status, near = "found", list[str]()
    if not found:
        near = similar(view, name)
        within = None if path is None else view.path(path)
        alike = workspace_symbols(view.snapshot, name, limit=_MOST_ALIKE)
        found = [each for each in alike if is_within(each, within) and view.may_show(each.path)]
        found.sort(key=lambda each: each.name not in near)
        status = "alike" if found else "unknown"
    return {
        "status": status,
        "asked": name,
        "symbols": [_described(view, each) for each in found[:limit]],
        "total": len(found),
        "similar": near,
        **completeness(view),
    }


def read_symbol(
    workspace: Workspace, call: Call, *, name: str, path: str | None, max_lines: int
) -> dict[str, Any]:
    """The code of what has a name."""
    view = workspace.view(call)
    chosen = choose(view, name, path)
    if chosen.symbol is None:
        return {**chosen.data, **completeness(view)}
    symbol = chosen.symbol
    whole = Place(symbol.path, symbol.full_span)
    first, last = view.line_of(whole), view.last_line_of(whole)
    shown_to = min(last, first + max_lines - 1)
    return {
        **chosen.data,
        "first_line": first,
        "last_line": last,
        "code": view.code(symbol.path, first, shown_to),
        "shown_to": shown_to,
        **completeness(view),
    }


def outline(workspace: Workspace, call: Call, *, path: str, limit: int) -> dict[str, Any]:
    """What a file defines."""
    view = workspace.view(call)
    file = view.file(path)
    rows = _rows(view, file, outlines.outline(view.snapshot, file), depth=0)
    return {
        "path": view.shown(file),
        "symbols": rows[:limit],
        "total": len(rows),
        # One file is read whole, whatever the state of the index.
        "complete": True,
        "reason": None,
    }


def completeness(view: View) -> dict[str, Any]:
    """Whether something may be missing from an answer, and why."""
    reason = view.snapshot.incomplete
    return {"complete": reason is None, "reason": reason}


def _described(view: View, symbol: Symbol) -> dict[str, Any]:
    data = data_of(view, symbol)
    data["last_line"] = view.last_line_of(Place(symbol.path, symbol.full_span))
    site = view.snapshot.site_of(symbol)
    if site is not None:
        text = view.text(symbol.path)
        # A definition may have been edited away since the index was written.
        with suppress(IndexError):
            data["signature"] = signature(view.snapshot, site, text)
        documentation = documentation_of(site, text).strip()
        if documentation:
            data["summary"] = documentation.partition("\n\n")[0]
    return data


def _rows(view: View, path: str, items: Sequence[OutlineItem], depth: int) -> list[dict[str, Any]]:
    rows = []
    for item in items:
        rows.append(
            {
                "name": item.name,
                "kind": item.kind,
                "depth": depth,
                "line": view.line_of(Place(path, item.span)),
                "last_line": view.last_line_of(Place(path, item.full_span)),
                "detail": item.detail,
            }
        )
        rows += _rows(view, path, item.children, depth + 1)
    return rows
