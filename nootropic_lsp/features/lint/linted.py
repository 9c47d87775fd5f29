"""What linting gives, and how that is kept."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from nootropic_lsp.core.findings import Finding
from nootropic_lsp.features.lint.encoded import decode, encode
from nootropic_lsp.settings.options import Settings
from nootropic_lsp.store.findings import Connection, Kept

if TYPE_CHECKING:
    from nootropic_lsp.features.findings.gathering import Progress
    from nootropic_lsp.features.snapshot import Snapshot

# Stand for the other files that a file was judged by: where it was not worth looking at, with the
# reason, and where nobody has asked for it, but others may have been judged by it.
SKIPPED, UNREAD = "-", "?"


def skipped_as(others: str) -> str | None:
    """Why a file was not worth looking at, by what is kept in place of other files."""
    return others[len(SKIPPED) :] if others.startswith(SKIPPED) else None


class Located(NamedTuple):
    """A finding with the file it is in, where as people count, and what it is known by.

    Lines and columns count from 1, columns in characters; the end is behind the last one.
    """

    path: str
    finding: Finding
    start: tuple[int, int]
    end: tuple[int, int]
    fingerprint: str


@dataclass(slots=True)
class Linted:
    """What linting some files has shown. `problems` are sentences on what was not checked.

    `passed_over` counts the files that were not looked at, by the reason.
    """

    n_files: int = 0
    found: list[Located] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    is_complete: bool = True
    passed_over: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Run:
    """How to lint. `snapshot` brings the index up to date, as far as it is needed: with "nothing"
    not at all, with "files" all files are read, with "edges" also resolved."""

    root: str
    settings: Settings
    snapshot: Callable[[str], Snapshot]
    deadline_s: float
    jobs: int
    use_cache: bool = True
    on_progress: Progress | None = None

    def relative(self, path: str) -> str:
        """A path as it is seen from the workspace, with "/"."""
        prefix = self.root.rstrip("/\\") + os.sep
        inside = (
            path[len(prefix) :] if path.startswith(prefix) else os.path.relpath(path, self.root)
        )
        return inside.replace(os.sep, "/")


@dataclass(frozen=True, slots=True)
class Earlier:
    """What is known from earlier runs of the same kind. `rows` are by path in the workspace."""

    key: bytes
    connection: Connection | None
    rows: Mapping[str, Kept]


def located(path: str, kept: str) -> list[Located]:
    """The findings that `kept_form` was given."""
    return [
        Located(path, decode(finding), (start[0], start[1]), (end[0], end[1]), fingerprint)
        for finding, start, end, fingerprint in json.loads(kept or "[]")
    ]


def kept_form(found: Sequence[Located]) -> str:
    """Findings as they are kept."""
    if not found:
        return ""
    return json.dumps(
        [(encode(each.finding), each.start, each.end, each.fingerprint) for each in found]
    )
