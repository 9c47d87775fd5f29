"""`nootropic outline`: what a file defines, as a tree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from nootropic_lsp.cli import shown
from nootropic_lsp.cli.answer import FOUND, NOTHING_FOUND, Answer
from nootropic_lsp.cli.workspace import opened, root_for
from nootropic_lsp.core.errors import NootropicError
from nootropic_lsp.core.spans import Lines
from nootropic_lsp.core.symbols import OutlineItem
from nootropic_lsp.features import outline as feature


def outline(file: str, *, workspace: str | None = None, trust: bool = False) -> Answer:
    """The definitions of one file; it need not be indexed for that."""
    path = Path(file).expanduser().resolve()
    if not path.is_file():
        raise NootropicError(f"{file} is not a file; name one that exists")
    with opened(root_for(workspace, path.parent), trust=trust) as app:
        snapshot = app.snapshot()
        items = feature.outline(snapshot, str(path))
        lines = snapshot.lines(str(path))
        rows = list(_rows(items, lines, depth=0))
        # One file is read whole, whatever the state of the index.
        return Answer(
            shown.table(rows) if rows else "",
            {
                "path": shown.shown_path(snapshot, str(path)),
                "symbols": [_data(item, lines) for item in items],
            },
            code=FOUND if rows else NOTHING_FOUND,
        )


def _rows(items: Sequence[OutlineItem], lines: Lines, depth: int) -> Iterator[tuple[str, ...]]:
    for item in items:
        line = str(lines.line_of(item.span.start) + 1)
        yield line, f"{'  ' * depth}{item.kind} {item.name}", item.detail
        yield from _rows(item.children, lines, depth + 1)


def _data(item: OutlineItem, lines: Lines) -> dict[str, Any]:
    line, column = lines.position(item.span.start)
    return {
        "name": item.name,
        "kind": item.kind,
        "line": line + 1,
        "column": column + 1,
        "end_line": lines.line_of(item.full_span.end) + 1,
        "detail": item.detail,
        "deprecated": item.deprecated,
        "children": [_data(child, lines) for child in item.children],
    }
