"""The findings of all files of the workspace: what `nootropic lint` shows, and from its cache."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from nootropic_lsp.core.findings import Finding
from nootropic_lsp.features.lint.linted import Run
from nootropic_lsp.features.lint.linting import lint
from nootropic_lsp.features.lint.targets import targets
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.opened import OpenUnits
from nootropic_lsp.settings.options import Settings

# So many files are looked at before the first are told of.
_AT_ONCE = 300


def sweep(snapshot: Snapshot, settings: Settings) -> Iterator[dict[str, list[Finding]]]:
    """The findings of some files after those of others; every file comes once."""
    # As on the disk: what is kept for the next time must not depend on texts that nobody saved.
    saved = Snapshot(
        snapshot.world.with_overlay(OpenUnits({})),
        snapshot.indexes,
        {},
        {},
        snapshot.incomplete,
        read=snapshot.read,
    )
    for folder in snapshot.folders:
        run = Run(folder, settings, lambda _need: saved, settings.lint.deadline_s, jobs=1)
        wanted = targets(Path(folder), [], settings)
        for start in range(0, len(wanted.chosen), _AT_ONCE):
            chosen = wanted.chosen[start : start + _AT_ONCE]
            found: dict[str, list[Finding]] = {each.path: [] for each in chosen}
            for each in lint(run, replace(wanted, chosen=chosen)).found:
                found[each.path].append(each.finding)
            yield found
