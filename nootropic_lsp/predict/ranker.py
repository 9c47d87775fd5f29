"""From evidence to probabilities: a sum of weights for each token, trained on other code.

`weights.npy` is made by `tests/train/token_model.py`.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nootropic_lsp.predict.evidence import N_FEATURES, N_STEPS, Step, place_of

WEIGHTS = Path(__file__).with_name("weights.npy")


def n_weights() -> int:
    """One per feature, and one per kind of place and step for "none of these"."""
    return N_FEATURES + 4 * N_STEPS


def nothing_feature(before: str, step: int) -> int:
    """The weight of "none of these" behind a token."""
    return N_FEATURES + place_of(before) * N_STEPS + min(step, N_STEPS - 1)


@cache
def weights() -> NDArray[np.float32]:
    """The trained weights."""
    found: NDArray[np.float32] = np.load(WEIGHTS, allow_pickle=False)
    if len(found) != n_weights():
        raise ValueError(f"{WEIGHTS.name} has {len(found)} weights where {n_weights()} are needed")
    return found


def probabilities(found: Step, before: str, step: int, unseen: float = 1.0) -> NDArray[Any]:
    """How likely each token is; what is missing to 1 is the chance of all others.

    `unseen` is the share of all other tokens that come into question at all.
    """
    table = weights()
    scores = table[found.features].sum(axis=1)
    rest = float(table[nothing_feature(before, step)])
    highest = max(float(scores.max(initial=rest)), rest)
    shares = np.exp(scores - highest)
    total = float(shares.sum()) + float(np.exp(rest - highest)) * unseen
    return np.asarray(shares / total)
