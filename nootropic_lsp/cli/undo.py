"""`nootropic undo`: take back what `rewrite` and its like have written."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from nootropic_lsp.cli import shown
from nootropic_lsp.cli.answer import FOUND, NOTHING_FOUND, Answer
from nootropic_lsp.cli.output import count
from nootropic_lsp.cli.workspace import root_for
from nootropic_lsp.features import checkpoints
from nootropic_lsp.features.checkpoints import Undone


def undo(*, list: bool = False, to: str | None = None, workspace: str | None = None) -> Answer:
    """Bring files back to what they were before the latest checkpoint, or before the one named."""
    root = root_for(workspace)
    said = recovered(root)
    if list:
        return _listed(root, said)
    done = checkpoints.undo(root, to=to)
    if not done:
        return Answer("there is nothing to undo", {"undone": []}, code=NOTHING_FOUND, note=said)
    return Answer(
        "\n".join(line for each in done for line in _lines(each)),
        {
            "undone": [
                {
                    "checkpoint": each.checkpoint.id,
                    "title": each.checkpoint.title,
                    "restored": [*each.restored],
                    "kept": dict(each.kept),
                }
                for each in done
            ]
        },
        code=NOTHING_FOUND if any(each.kept for each in done) else FOUND,
        note=said,
    )


def recovered(root: Path) -> str:
    """Take back what a process that died had half done; what to say about it."""
    return "\n".join(_interrupted(checkpoints.recover(root)))


def _interrupted(done: Sequence[Undone]) -> list[str]:
    return [
        f"nootropic: `{each.checkpoint.title}` was interrupted ({each.checkpoint.id});"
        f" {count(len(each.restored), 'file')} brought back"
        + "".join(f"; {path} is kept: {why}" for path, why in each.kept.items())
        for each in done
    ]


def _lines(done: Undone) -> list[str]:
    return [
        f"{done.checkpoint.id} {done.checkpoint.title}:"
        f" {count(len(done.restored), 'file')} brought back",
        *(f"  {path} is kept: {why}" for path, why in done.kept.items()),
    ]


def _listed(root: Path, said: str) -> Answer:
    known = checkpoints.checkpoints(root)
    rows = [
        (
            each.id,
            time.strftime("%Y-%m-%d %H:%M", time.localtime(each.made)),
            each.title,
            count(len(each.entries), "file"),
            "" if each.state == "applied" else "undone but for these",
        )
        for each in known
    ]
    return Answer(
        shown.table(rows) if rows else "there is nothing to undo",
        {
            "checkpoints": [
                {
                    "id": each.id,
                    "made": each.made,
                    "title": each.title,
                    "state": each.state,
                    "files": [entry.path for entry in each.entries],
                }
                for each in known
            ]
        },
        code=FOUND if known else NOTHING_FOUND,
        note=said,
    )
