"""This file is where findings are kept that take too long to be made at each key."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nootropic_lsp.core.documents import Document
from nootropic_lsp.core.findings import Finding
from nootropic_lsp.server.house import Features, Snapshot

log = logging.getLogger(__name__)


GRAPH, DEEP = "graph", "deep"
"""What the symbol graph says of a text, and what only the engines that take long say of it."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """What was found in the version `looked_at` of a text, carried along to a later one."""

    looked_at: int
    document: Document
    findings: Sequence[Finding]


class Thorough:
    """The last findings of each open file that nobody could wait for, by their kind.

    They are carried along while it is edited. The event loop changes this; any thread reads it.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], _Kept] = {}

    def keep(self, kind: str, document: Document, findings: Sequence[Finding]) -> bool:
        """Note what was found in a text; whether that is anything new."""
        before = self._kept.get((document.path, kind))
        if before is not None and before.looked_at > document.version:
            return False
        self._kept[document.path, kind] = _Kept(document.version, document, findings)
        return list(before.findings if before else ()) != list(findings)

    def forget(self, path: str) -> None:
        """The file was closed."""
        for kind in (GRAPH, DEEP):
            self._kept.pop((path, kind), None)

    def of(
        self, features: Features | Any, snapshot: Snapshot, path: str, kind: str
    ) -> Sequence[Finding]:
        """What is still known of a file as a snapshot has it."""
        kept = self._kept.get((path, kind))
        document = snapshot.document(path)
        if kept is None or document is None:
            return ()
        if kept.document is document:
            return kept.findings
        findings: Sequence[Finding] = features.findings.carried.carried(
            kept.findings, path, kept.document.text, document.text
        )
        # Step by step, so that an edit here and one there leave what lies between them alone.
        if kept.document.version < document.version and self._kept.get((path, kind)) is kept:
            self._kept[path, kind] = _Kept(kept.looked_at, document, findings)
        return findings
