"""How sure one has to be of a suggestion, by how often those like it were taken."""

from __future__ import annotations

from dataclasses import dataclass

# What people are known to take of what they are shown is about a third: Copilot 27-30 %,
# JetBrains' full line completion 35-38 %. So much counts as before anything is known, with the
# weight of so many suggestions.
EXPECTED = 1 / 3
PRIOR_WEIGHT = 12.0
# How far the threshold moves if all of them are refused or taken, and where it stays.
_SLOPE = 0.6
LOWEST, HIGHEST = 0.5, 0.95


@dataclass(frozen=True, slots=True)
class Experience:
    """What became of the latest suggestions of a kind: older ones weigh less."""

    taken: float = 0.0
    refused: float = 0.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """A threshold with where it comes from: `rate` is the share that is taken, as believed."""

    default: float
    threshold: float
    rate: float
    experience: Experience


def calibrated(default: float, experience: Experience) -> Calibration:
    """The threshold for suggestions of a kind.

    The share that is taken is believed to be the mean of a Beta distribution. The more it is
    above what is expected, the lower the threshold may be, and the other way round.
    """
    n_taken = experience.taken + PRIOR_WEIGHT * EXPECTED
    rate = n_taken / (experience.taken + experience.refused + PRIOR_WEIGHT)
    moved = default + _SLOPE * (EXPECTED - rate)
    # What the user has set outside of the bounds is left there.
    low, high = min(LOWEST, default), max(HIGHEST, default)
    return Calibration(default, min(high, max(low, moved)), rate, experience)
