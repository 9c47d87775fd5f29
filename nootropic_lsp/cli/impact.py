"""`nootropic impact`: what may break if a name or a file changes."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from nootropic_lsp.cli import shown
from nootropic_lsp.cli.answer import Answer
from nootropic_lsp.cli.output import bold
from nootropic_lsp.cli.workspace import indexed, root_for
from nootropic_lsp.core.symbols import Symbol
from nootropic_lsp.features import graph
from nootropic_lsp.features import impact as feature
from nootropic_lsp.features.snapshot import Snapshot

_UNRESOLVED = "who uses what is not known of all files yet; `nootropic index` finds it out"


def impact(target: str, *, workspace: str | None = None, trust: bool = False) -> Answer:
    """Every group of symbols and files that depend on the target, under its own heading."""
    path = Path(target).expanduser()
    is_file = path.is_file()
    start = path.resolve().parent if is_file else None
    with indexed(root_for(workspace, start), trust=trust) as snapshot:
        if not is_file and not graph.find(snapshot, target):
            return shown.unknown_name(snapshot, target)
        answer = feature.impact(snapshot, str(path.resolve()) if is_file else target)
        groups = {
            field.name: tuple(getattr(answer, field.name)) for field in dataclasses.fields(answer)
        }
        return dataclasses.replace(
            shown.found(
                snapshot,
                rows=[_row(snapshot, item) for group in groups.values() for item in group],
                data={name: [_data(snapshot, item) for item in groups[name]] for name in groups},
            ),
            text="\n\n".join(_section(snapshot, name, groups[name]) for name in groups),
            # Unlike a question about one symbol, this one goes along edges that are written.
            incomplete=snapshot.incomplete or (None if snapshot.is_resolved else _UNRESOLVED),
        )


def _section(snapshot: Snapshot, name: str, items: tuple[Symbol | str, ...]) -> str:
    heading = f"{bold(name.replace('_', ' '))} ({len(items)})"
    return "\n".join((heading, *filter(None, [shown.table(_row(snapshot, i) for i in items)])))


def _row(snapshot: Snapshot, item: Symbol | str) -> tuple[str, ...]:
    if isinstance(item, Symbol):
        return shown.symbol_row(snapshot, item)
    return (shown.shown_path(snapshot, item), "", "")


def _data(snapshot: Snapshot, item: Symbol | str) -> object:
    if isinstance(item, Symbol):
        return shown.symbol_data(snapshot, item)
    return shown.shown_path(snapshot, item)
