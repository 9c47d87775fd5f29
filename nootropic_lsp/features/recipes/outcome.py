"""What a recipe would do to the files of a workspace."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from nootropic_lsp.analysis.recipes.codemods import Together
from nootropic_lsp.core.symbols import Patch


@dataclass(slots=True)
class Outcome:
    """What a recipe would do.

    `seen` are the digests of the files on the disk that the patch was made from, `n_changes`
    counts by file, `left` says of each file that was refused why, `notes` what a person
    should look at in a file.
    """

    patch: Patch = field(default_factory=lambda: Patch({}))
    seen: dict[str, bytes] = field(default_factory=dict)
    n_changes: dict[str, int] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)
    notes: dict[str, list[str]] = field(default_factory=dict)
    n_files: int = 0

    def leave(self, path: str, why: str) -> None:
        """Leave a file as it is."""
        for kept in (self.patch.edits, self.patch.versions, self.seen, self.n_changes, self.notes):
            kept.pop(path, None)
        self.left[path] = why


def leave_half_done(outcome: Outcome, together: Together) -> None:
    """Where one file has to be left, leave those as well that only go with it."""
    everything = [*outcome.patch.edits, *outcome.left]
    for manifest in [each for each in everything if Path(each).name == together.manifest]:
        folder = Path(manifest).parent
        package = [
            each
            for each in everything
            if each.endswith(together.endings) and _package_of(each, together) == folder
        ]
        refused = next((each for each in (manifest, *package) if each in outcome.left), None)
        if refused is None:
            continue
        name = Path(refused).relative_to(folder).as_posix()
        for each in (manifest, *package):
            if each in outcome.patch.edits:
                outcome.leave(each, f"{name} has to be left, and {together.reason}")


def _package_of(path: str, together: Together) -> Path | None:
    folders = Path(path).parents
    return next((each for each in folders if (each / together.manifest).is_file()), None)
