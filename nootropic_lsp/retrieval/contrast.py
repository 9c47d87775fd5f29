"""Learning vectors of words from pairs of a question and the passage that answers it.

InfoNCE (van den Oord et al., 2018) with the other pairs of a batch as wrong answers, both ways;
Adam (Kingma and Ba, 2015) on the rows that a batch has touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from nootropic_lsp.retrieval.embedding import Vectors, weight_of

# (ids, counts) of the words of a text.
Bag = tuple[npt.NDArray[np.int64], Vectors]

_TEMPERATURE = 0.05
_FADE, _FADE_SQUARED = 0.9, 0.999
_TINY = 1e-8


@dataclass
class _Adam:
    """The moments of one array, by its rows."""

    first: Vectors
    second: Vectors
    steps: npt.NDArray[np.int64]

    @classmethod
    def like(cls, values: Vectors) -> _Adam:
        return cls(np.zeros_like(values), np.zeros_like(values), np.zeros(len(values), np.int64))

    def move(
        self, values: Vectors, rows: npt.NDArray[np.int64], slope: Vectors, rate: float
    ) -> None:
        self.steps[rows] += 1
        self.first[rows] = _FADE * self.first[rows] + (1 - _FADE) * slope
        self.second[rows] = _FADE_SQUARED * self.second[rows] + (1 - _FADE_SQUARED) * slope**2
        n_steps = self.steps[rows].reshape(-1, *[1] * (slope.ndim - 1))
        first = self.first[rows] / (1 - _FADE**n_steps)
        second = self.second[rows] / (1 - _FADE_SQUARED**n_steps)
        values[rows] -= rate * first / (np.sqrt(second) + _TINY)


@dataclass
class Learner:
    """Vectors that learn. The weights of words are kept as logarithms, so that they stay positive."""

    rows: Vectors
    in_question: Vectors
    in_code: Vectors
    _of_rows: _Adam = field(init=False)
    _of_questions: _Adam = field(init=False)
    _of_code: _Adam = field(init=False)

    def __post_init__(self) -> None:
        self._of_rows = _Adam.like(self.rows)
        self._of_questions = _Adam.like(self.in_question)
        self._of_code = _Adam.like(self.in_code)

    def learn(self, questions: Sequence[Bag], passages: Sequence[Bag], *, rate: float) -> float:
        """Learn from a batch, whose passages answer its questions in their order; the loss."""
        asked = _Side(questions, self.rows, self.in_question)
        told = _Side(passages, self.rows, self.in_code)
        likeness = asked.units @ told.units.T / _TEMPERATURE
        by_question, by_passage = _softmax(likeness), _softmax(likeness.T).T
        n_pairs = len(questions)
        right = np.arange(n_pairs)
        loss = -np.log(by_question[right, right] + _TINY) - np.log(by_passage[right, right] + _TINY)
        slope = by_question + by_passage
        slope[right, right] -= 2
        slope /= n_pairs * _TEMPERATURE
        self._follow(asked, slope @ told.units, self.in_question, self._of_questions, rate)
        self._follow(told, slope.T @ asked.units, self.in_code, self._of_code, rate)
        return float(loss.mean() / 2)

    def _follow(
        self, side: _Side, slope: Vectors, weights: Vectors, adam: _Adam, rate: float
    ) -> None:
        # A vector is made as long as 1, so only what turns it matters.
        slope -= side.units * (slope * side.units).sum(1, keepdims=True)
        slope /= side.lengths
        on_weights = ((slope @ side.vectors.T) * side.factors).sum(0)
        self._of_rows.move(self.rows, side.ids, side.factors.T @ slope, rate)
        adam.move(weights, side.ids, on_weights, rate)


class _Side:
    """One side of a batch: `factors` is what each of its words (`ids`) counts in each text."""

    def __init__(self, bags: Sequence[Bag], rows: Vectors, weights: Vectors) -> None:
        all_ids = np.concatenate([ids for ids, _ in bags])
        self.ids, at = np.unique(all_ids, return_inverse=True)
        of_text = np.repeat(np.arange(len(bags)), [len(ids) for ids, _ in bags])
        self.factors = np.zeros((len(bags), len(self.ids)), np.float32)
        counts = weight_of(np.concatenate([counts for _, counts in bags]))
        self.factors[of_text, at] = counts * np.exp(weights[all_ids])
        self.vectors = rows[self.ids]
        sums = self.factors @ self.vectors
        self.lengths = np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-6)
        self.units = sums / self.lengths


def _softmax(values: Vectors) -> Vectors:
    made: Vectors = np.exp(values - values.max(1, keepdims=True))
    made /= made.sum(1, keepdims=True)
    return made
