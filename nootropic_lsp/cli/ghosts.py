"""This file is where a shell asks for ghost text, as an editor with the same settings would."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nootropic_lsp.cli.spots import Spot
from nootropic_lsp.core.suggestions import Silence, Suggestion
from nootropic_lsp.features.fitting import start_of_line
from nootropic_lsp.features.ghost import ghost
from nootropic_lsp.learning.counters import Counters
from nootropic_lsp.learning.situations import place_of
from nootropic_lsp.learning.threshold import Calibration
from nootropic_lsp.settings.folders import cache_folder

OFF = Silence("off", "Ghost text is switched off by features.inlineCompletion.")


@dataclass(frozen=True)
class Ghost:
    """What there is to suggest, for which kind of place, and how sure one had to be."""

    found: Suggestion | Silence
    place: str
    calibration: Calibration


def counters() -> Counters:
    """What became of suggestions on this machine."""
    return Counters(cache_folder() / "learning.db")


def ghost_at(spot: Spot) -> Ghost:
    """The ghost text at a place."""
    chosen = spot.settings.ghost_text
    place = place_of(start_of_line(spot.document, spot.offset))
    calibration = counters().calibration(spot.document.language, place, chosen.threshold)
    found: Suggestion | Silence = OFF
    if spot.settings.features.inline_completion:
        found = asked(spot, calibration.threshold)
    return Ghost(found, place, calibration)


def asked(spot: Spot, threshold: float) -> Suggestion | Silence:
    """The ghost text at a place, for another threshold."""
    chosen = spot.settings.ghost_text
    return ghost(
        spot.snapshot,
        spot.document.path,
        spot.offset,
        threshold=threshold,
        most_lines=chosen.max_lines,
        disabled=chosen.disabled_languages,
    )


def as_data(found: Suggestion | Silence) -> dict[str, Any]:
    """A suggestion or a silence as plain data, the other one null."""
    if isinstance(found, Silence):
        return {"ghost": None, "silence": found._asdict()}
    said = {"text": found.text, "probability": round(found.probability, 3)}
    return {"ghost": {**said, "ends": list(found.ends)}, "silence": None}
