"""`nootropic why`: why there is ghost text at a place, or none."""

from __future__ import annotations

from typing import Any

from nootropic_lsp.cli import shown
from nootropic_lsp.cli.answer import FOUND, NOTHING_FOUND, Answer
from nootropic_lsp.cli.ghosts import Ghost, as_data, asked, ghost_at
from nootropic_lsp.cli.spots import Spot, spot
from nootropic_lsp.core.suggestions import Silence, Suggestion
from nootropic_lsp.learning.situations import PLACES
from nootropic_lsp.learning.threshold import EXPECTED, Calibration

# What is asked for to see how far an unsure model was from saying something.
_LEAST_SURE = 0.02


def why(place: str, *, workspace: str | None = None, trust: bool = False) -> Answer:
    """The reason, how sure the token model is, and how sure it had to be."""
    with spot(place, workspace=workspace, trust=trust) as at:
        ghost = ghost_at(at)
        likeliest = _likeliest(at, ghost)
        return Answer(
            "\n".join(_lines(at, ghost, likeliest)),
            {
                "path": shown.shown_path(at.snapshot, at.document.path),
                "line": at.line,
                "column": at.column,
                "language": at.document.language,
                "place": ghost.place,
                **as_data(ghost.found),
                "likeliest": None if likeliest is None else as_data(likeliest)["ghost"],
                "threshold": _threshold_data(ghost.calibration),
            },
            code=FOUND if isinstance(ghost.found, Suggestion) else NOTHING_FOUND,
            incomplete=at.snapshot.incomplete,
        )


def _likeliest(at: Spot, ghost: Ghost) -> Suggestion | None:
    """What would be suggested by a model that need not be sure."""
    if isinstance(ghost.found, Suggestion) or ghost.found.reason != "unsure":
        return None
    found = asked(at, _LEAST_SURE)
    return found if isinstance(found, Suggestion) else None


def _lines(at: Spot, ghost: Ghost, likeliest: Suggestion | None) -> list[str]:
    found = ghost.found
    threshold = ghost.calibration.threshold
    if isinstance(found, Silence):
        lines = [f"no ghost text ({found.reason}): {found.sentence}"]
        if likeliest is not None:
            lines.append(
                f"likeliest: {likeliest.text!r}, {likeliest.probability:.0%} sure;"
                f" {threshold:.0%} would be needed"
            )
    else:
        lines = [
            f"ghost text: {found.text!r}, {found.probability:.0%} sure; {threshold:.0%} were needed"
        ]
    lines.append(f"the place: {PLACES[ghost.place]}, in {at.document.language}")
    lines.append(_threshold_line(ghost.calibration))
    return lines


def _threshold_line(calibration: Calibration) -> str:
    taken, refused = calibration.experience.taken, calibration.experience.refused
    if not taken and not refused:
        return f"the threshold: {calibration.default:.2f}, nothing was learned here so far"
    return (
        f"the threshold: {calibration.default:.2f} became {calibration.threshold:.2f}, because of"
        f" the latest ones {taken:.1f} were taken and {refused:.1f} refused:"
        f" {calibration.rate:.0%} are likely to be taken, {EXPECTED:.0%} usually are"
    )


def _threshold_data(calibration: Calibration) -> dict[str, Any]:
    return {
        "needed": round(calibration.threshold, 3),
        "default": calibration.default,
        "taken": round(calibration.experience.taken, 2),
        "refused": round(calibration.experience.refused, 2),
        "expected_to_be_taken": round(calibration.rate, 3),
    }
