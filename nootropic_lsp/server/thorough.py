"""This file is where findings are kept that take too long to be made at each key."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
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


# A thorough look takes the interpreter's lock from everything else: it waits until nobody has
# asked anything for so long, though not for ever.
QUIET_S, LONGEST_S = 0.5, 20.0


class Looking:
    """Files that wait to be looked at thoroughly. Used on the event loop only.

    `look` does it on some other thread and calls `done` on the loop, whatever happens.
    """

    def __init__(
        self,
        look: Callable[[str, Callable[[], None]], None],
        later: Callable[[float, Callable[[], object]], Any],
    ) -> None:
        self._look = look
        self._later = later
        self._waiting: dict[str, None] = {}
        self._is_busy = False
        self._asked_at = self._looked_at = monotonic()

    def asked(self) -> None:
        """The editor waits for an answer."""
        self._asked_at = monotonic()

    @property
    def quiet_s(self) -> float:
        """For how long the editor has asked nothing."""
        return monotonic() - self._asked_at

    def want(self, path: str) -> None:
        """Look at a file, after those that wait already."""
        if not self._waiting:
            self._looked_at = monotonic()
        self._waiting[path] = None
        self._next()

    def drop(self, path: str) -> None:
        """A file need not be looked at any more."""
        self._waiting.pop(path, None)

    def _next(self) -> None:
        if self._is_busy or not self._waiting:
            return
        self._is_busy = True
        now, left_s = monotonic(), QUIET_S - self.quiet_s
        if left_s > 0 and now - self._looked_at < LONGEST_S:
            self._later(left_s, self._done)
            return
        self._looked_at = now
        path = next(iter(self._waiting))
        del self._waiting[path]
        self._look(path, self._done)

    def _done(self) -> None:
        self._is_busy = False
        self._next()
