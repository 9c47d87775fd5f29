"""Looks at a text that take too long for each key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nootropic_lsp.core.findings import Finding
from nootropic_lsp.features.findings.find import as_you_type, findings
from nootropic_lsp.features.findings.fixes import proven
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.settings.options import Settings

# How long one look at a file may take. Nobody waits for it.
DEADLINE_S = 30.0


@dataclass(frozen=True, slots=True)
class Look:
    """What only this look at a file shows, and what went wrong with it, in sentences."""

    findings: Sequence[Finding] = ()
    problems: Sequence[str] = ()


def thorough(snapshot: Snapshot, path: str, settings: Settings) -> Look:
    """Have all engines look at a file, and try out their fixes."""
    problems: dict[str, None] = {}

    def find(snapshot: Snapshot, path: str) -> Sequence[Finding]:
        report = findings(snapshot, [path], settings, deadline_s=DEADLINE_S)
        # Who has not installed an extra does not want to hear of it each day: `doctor` says so.
        absent = report.absent
        problems.update(dict.fromkeys(each for each in report.problems if each not in absent))
        return report.by_path[path]

    everything = find(snapshot, path)
    quick = set(as_you_type(snapshot, path, settings))
    found = [each for each in everything if each not in quick]
    # Here is the time for it, with the engines that would find them again.
    return Look(proven(snapshot, path, found, everything, find), [*problems])


def by_graph(snapshot: Snapshot, path: str, settings: Settings) -> Look:
    """Ask the symbol graph alone, other files included."""
    quick = set(as_you_type(snapshot, path, settings, with_graph=False))
    return Look([each for each in as_you_type(snapshot, path, settings) if each not in quick])
