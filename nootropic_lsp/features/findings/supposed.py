"""The workspace as it would be with some edits made, to be asked like any other snapshot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace

from nootropic_lsp.core.documents import Document
from nootropic_lsp.core.symbols import Edit
from nootropic_lsp.features.parsed import parsed
from nootropic_lsp.features.rename import applied
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.discover import language_of
from nootropic_lsp.index.opened import OpenText, OpenUnits


def with_edits(snapshot: Snapshot, path: str, edits: Sequence[Edit]) -> Snapshot | None:
    """The snapshot after edits of one file, in order; None for a text without a grammar."""
    before = parsed(snapshot, path)
    if before is None:
        return None
    return with_texts(snapshot, {path: applied(before.document.text, edits)})


def with_texts(snapshot: Snapshot, texts: Mapping[str, str]) -> Snapshot:
    """The snapshot with these texts in files, some of which may be new."""
    made = {path: _made(snapshot, path, text) for path, text in texts.items()}
    opened = {**snapshot.opened, **made}
    changed = {**snapshot.changed, **made}
    return Snapshot(
        snapshot.world.with_overlay(OpenUnits(changed)),
        snapshot.indexes,
        opened,
        changed,
        snapshot.incomplete,
        read=snapshot.read,
    )


def _made(snapshot: Snapshot, path: str, text: str) -> OpenText:
    before = parsed(snapshot, path)
    if before is None:
        language = language_of(path, text[:1000].encode("utf-8", "replace")) or ""
        return OpenText(Document(path, language, 0, text))
    made = OpenText(replace(before.document, text=text), before)
    # What was found out about the text as it is must not be mistaken for what it would be.
    made.kept = {name: copy(each) for name, each in before.kept.items()}
    return made
