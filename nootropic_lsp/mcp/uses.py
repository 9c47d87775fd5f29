"""This file is where tools answer who uses a symbol, and what depends on it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from nootropic_lsp.core.symbols import Reference, Symbol
from nootropic_lsp.features import impact as impacts
from nootropic_lsp.features.possible import possible_references
from nootropic_lsp.features.references import references_of
from nootropic_lsp.mcp.call import Call
from nootropic_lsp.mcp.looking import completeness
from nootropic_lsp.mcp.names import choose, qualified, spot_of
from nootropic_lsp.mcp.workspace import View, Workspace


def references(
    workspace: Workspace,
    call: Call,
    *,
    name: str,
    path: str | None,
    roles: list[str],
    limit: int,
) -> dict[str, Any]:
    """Every use of a symbol, with its line and what it is in."""
    view = workspace.view(call, uses_of=name)
    chosen = choose(view, name, path)
    if chosen.symbol is None:
        return {**chosen.data, **completeness(view)}
    found = _wanted(view, references_of(view.snapshot, chosen.symbol), roles)
    possible = _wanted(view, possible_references(view.snapshot, chosen.symbol), roles)
    callers = view.snapshot.symbols_by_id([use.caller for use in found[:limit] if use.caller])
    rest = limit - len(found[:limit])
    return {
        **chosen.data,
        "references": [_use(view, use, callers) for use in found[:limit]],
        "total": len(found),
        "files": len({use.place.path for use in found}),
        "possible": [_use(view, use, {}) for use in possible[:rest]],
        "total_possible": len(possible),
        **completeness(view),
    }


def impact(
    workspace: Workspace, call: Call, *, target: str, path: str | None, limit: int
) -> dict[str, Any]:
    """What may break if a symbol or a file changes."""
    view = workspace.view(call, edges=True)
    if (workspace.root / target).is_file():
        file = view.file(target)
        found = impacts.impact(view.snapshot, file)
        about: dict[str, Any] = {"status": "found", "file": view.shown(file)}
    else:
        chosen = choose(view, target, path)
        if chosen.symbol is None:
            return {**chosen.data, **completeness(view)}
        found = impacts.impact_of(view.snapshot, [chosen.symbol])
        possible = _wanted(view, possible_references(view.snapshot, chosen.symbol), [])
        about = {**chosen.data, "total_possible": len(possible)}
    groups = {}
    for field in dataclasses.fields(found):
        shown = [each for each in getattr(found, field.name) if view.may_show(_path_of(each))]
        groups[field.name] = {
            "total": len(shown),
            "items": [_dependent(view, each) for each in shown[:limit]],
        }
    return {**about, "groups": groups, **completeness(view)}


def _wanted(view: View, uses: Iterable[Reference], roles: list[str]) -> list[Reference]:
    return [
        use for use in uses if (not roles or use.role in roles) and view.may_show(use.place.path)
    ]


def _use(view: View, use: Reference, callers: dict[int, Symbol]) -> dict[str, Any]:
    line = view.line_of(use.place)
    caller = callers.get(use.caller)
    return {
        "path": view.shown(use.place.path),
        "line": line,
        "role": use.role,
        "in": "" if caller is None else qualified(caller),
        "code": view.code(use.place.path, line, line).strip(),
    }


def _dependent(view: View, item: Symbol | str) -> dict[str, Any]:
    return {"path": view.shown(item)} if isinstance(item, str) else spot_of(view, item)


def _path_of(item: Symbol | str) -> str:
    return item if isinstance(item, str) else Path(item.path).as_posix()
