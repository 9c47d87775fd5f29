"""What the findings of a file depend on besides its text, and whether that is still the same."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from nootropic_lsp.features.lint.linted import SKIPPED, UNREAD, Run
from nootropic_lsp.features.snapshot import Snapshot
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

    def stamp(self, path: str, found: str) -> int:
        """A number that is another one as soon as names in a file may mean something else.

        Without edges nobody knows what those depend on: then it is one for all files.
        """
        moment = self.resolved.get(path, 0)
        if not moment or any(code in found for code in _BY_OTHERS):
            return -self.content
        return moment

    def others(self, paths: Iterable[str]) -> str:
        """The files that a file was judged by as they are now, in the form that is kept."""
        states = {path: self.digests.get(path, "") for path in sorted(paths)}
        return json.dumps(states) if states else ""

    def stale(self, rows: Mapping[str, Kept]) -> set[str]:
        """The files of which findings are known that no longer need to be true."""
        return {
            path
            for path, row in rows.items()
            if row.others not in {SKIPPED, UNREAD}
            and (row.resolved != self.stamp(path, row.found) or self._have_changed(row.others))
        }

    def _have_changed(self, others: str) -> bool:
        states: dict[str, str] = json.loads(others) if others else {}
        return any(self.digests.get(path, "") != digest for path, digest in states.items())


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
    return Dependence(resolved, digests, content)
