"""What the findings of a file depend on besides its text, and whether that is still the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nootropic_lsp.features.lint.linted import UNREAD, Run, skipped_as
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.discover import language_of
from nootropic_lsp.store import graph
from nootropic_lsp.store.findings import Kept

# What is found of a file by who uses it: a change anywhere may put that right.
_BY_OTHERS = ("unused-function", "import-cycle")


@dataclass(frozen=True, slots=True)
class Dependence:
    """What the index knows of each file, by its path in the workspace, and how far all of it is."""

    resolved: Mapping[str, int] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    content: int = 0
    # What a file may take from others, given by their paths in the workspace.
    consulted: Callable[[str, Sequence[str]], str] | None = None

    def stamp(self, path: str, found: str) -> int:
        """A number that is another one as soon as names in a file may mean something else.

        Without edges nobody knows what those depend on: then it is one for all files.
        """
        moment = self.resolved.get(path, 0)
        if not moment or any(code in found for code in _BY_OTHERS):
            return -self.content
        return moment

    def others(self, paths: Iterable[str], consulted: str) -> str:
        """The files that a file was judged by as they are now, in the form that is kept.

        `consulted` is a digest of what mattered of them.
        """
        states = {path: self.digests.get(path, "") for path in sorted(paths)}
        return json.dumps([states, consulted]) if states else ""

    def stale(self, rows: Mapping[str, Kept]) -> set[str]:
        """The files of which findings are known that no longer need to be true."""
        return {
            path
            for path, row in rows.items()
            if row.others != UNREAD
            and skipped_as(row.others) is None
            and (row.resolved != self.stamp(path, row.found) or self.have_changed(row))
        }

    def have_changed(self, row: Kept) -> bool:
        """Whether what was taken from other files to follow values in one has changed."""
        if not row.others:
            return False
        states, known = json.loads(row.others)
        if all(self.digests.get(path, "") == digest for path, digest in states.items()):
            return False
        return self.consulted is None or self.consulted(row.path, list(states)) != known


def dependence(run: Run, snapshot: Snapshot) -> Dependence:
    """What findings depend on in an index that is up to date."""
    resolved: dict[str, int] = {}
    digests: dict[str, str] = {}
    for index in snapshot.indexes:
        for path, (moment, digest) in graph.file_states(index.connection).items():
            relative = run.relative(index.absolute(path))
            resolved[relative] = moment
            digests[relative] = digest.hex()
    content = sum(graph.version(index.connection).content for index in snapshot.indexes)

    def consulted(path: str, others: Sequence[str]) -> str:
        # The engines take a while to import, and nothing has changed most of the time.
        from nootropic_lsp.features.findings.examined import consulted_of  # noqa: PLC0415

        absolute = str(Path(run.root, path))
        try:
            text = snapshot.text(absolute)
        except OSError:
            return ""
        paths = [str(Path(run.root, each)) for each in others]
        return consulted_of(snapshot, text, language_of(absolute) or "", paths)

    return Dependence(resolved, digests, content, consulted)
