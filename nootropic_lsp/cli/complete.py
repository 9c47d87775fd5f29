"""`nootropic complete`: what could be written at a place, as a menu and as ghost text."""

from __future__ import annotations

from typing import Any

from nootropic_lsp.cli import shown
from nootropic_lsp.cli.answer import FOUND, NOTHING_FOUND, Answer
from nootropic_lsp.cli.ghosts import as_data, ghost_at
from nootropic_lsp.cli.output import bold, dim
from nootropic_lsp.cli.spots import Spot, spot
from nootropic_lsp.core.completions import Item
from nootropic_lsp.core.spans import Place, Span
from nootropic_lsp.core.suggestions import Silence, Suggestion
from nootropic_lsp.features import completion
from nootropic_lsp.features.fitting import start_of_line

_MOST_SHOWN = 10


def complete(place: str, *, workspace: str | None = None, trust: bool = False) -> Answer:
    """The first entries of the menu with where they come from, and the ghost text."""
    with spot(place, workspace=workspace, trust=trust) as at:
        menu = _menu(at)
        ghost = ghost_at(at).found
        is_found = bool(menu) or isinstance(ghost, Suggestion)
        return Answer(
            "\n\n".join(filter(None, (_ghost_text(at, ghost), _table(at, menu)))),
            {
                "path": shown.shown_path(at.snapshot, at.document.path),
                "line": at.line,
                "column": at.column,
                "menu": [_data(at, item) for item in menu],
                **as_data(ghost),
            },
            code=FOUND if is_found else NOTHING_FOUND,
            note=f"no ghost text: {ghost.sentence}" if isinstance(ghost, Silence) else "",
            incomplete=at.snapshot.incomplete,
        )


def _menu(at: Spot) -> tuple[Item, ...]:
    if not at.settings.features.completion:
        return ()
    return completion.complete(at.snapshot, at.document.path, at.offset).items[:_MOST_SHOWN]


def _ghost_text(at: Spot, ghost: Suggestion | Silence) -> str:
    """The line with what would be grey in an editor."""
    if isinstance(ghost, Silence):
        return ""
    sure = f"({ghost.probability:.0%} sure)"
    before = start_of_line(at.document, at.offset)
    return f"{bold('ghost text')} {sure}\n{dim(before)}{bold(ghost.text)}"


def _table(at: Spot, menu: tuple[Item, ...]) -> str:
    if not menu:
        return ""
    rows = [(item.label + item.detail, item.kind, _origin(at, item)) for item in menu]
    return f"{bold('menu')}\n{shown.table(rows)}"


def _origin(at: Spot, item: Item) -> str:
    place = _source(item)
    return item.origin if place is None else shown.spot(at.snapshot, place)


def _source(item: Item) -> Place | None:
    if item.source is None:
        return None
    path, start = item.source
    return Place(path, Span(start, start))


def _data(at: Spot, item: Item) -> dict[str, Any]:
    place = _source(item)
    return {
        "label": item.label,
        "kind": item.kind,
        "detail": item.detail,
        "inserts": item.insert or item.label,
        "origin": item.origin,
        "from": None if place is None else shown.place_data(at.snapshot, place),
        "imports": [edit.text.strip() for edit in item.edits],
    }
