"""Passages and questions as vectors: the weighted mean of the vectors of their words.

The weights are trained by `tests/train/embedding.py` on docstrings and their functions; numpy
alone runs them. A word that is not in the vocabulary has the vector of its hash bucket.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files as resource_files
from io import BytesIO
from zlib import crc32

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]

N_BUCKETS = 8192
_VOWELS = frozenset("aeiouy")
# What is further down in a long passage says less of what it is for.
MOST_WORDS = 256


def stem(word: str) -> str:
    """A word without its endings, so that cached, caching and caches are one."""
    if len(word) < 4 or not word.isascii():
        return word
    if word.endswith("ies") and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed"):
        rest = word.removesuffix(ending)
        if rest != word and len(rest) > 2 and not _VOWELS.isdisjoint(rest):
            is_doubled = rest[-1] == rest[-2] and rest[-1] not in "lsz"
            word = rest[:-1] if is_doubled else rest
            break
    return word[:-1] if word.endswith("e") and len(word) > 3 else word


@dataclass(frozen=True)
class Embedder:
    """Vectors of words, one row each: first those of the vocabulary, then the hash buckets.

    `scale` is what a row is multiplied with; `in_question` and `in_code` are what a word weighs.
    """

    ids: dict[str, int]
    rows: npt.NDArray[np.int8]
    scale: Vectors
    in_question: Vectors
    in_code: Vectors

    @property
    def n_dimensions(self) -> int:
        """The length of a vector."""
        return int(self.rows.shape[1])

    def id_of(self, word: str) -> int:
        """The row of a word."""
        stemmed = _stemmed(word)
        known = self.ids.get(stemmed)
        return len(self.ids) + bucket_of(stemmed) if known is None else known

    def questions(self, texts: Sequence[Sequence[str]]) -> Vectors:
        """The vectors of questions, given as words: (number, dimensions), each of length 1."""
        return self._mean(texts, self.in_question)

    def passages(self, texts: Sequence[Sequence[str]]) -> Vectors:
        """The vectors of passages, given as words: (number, dimensions), each of length 1."""
        return self._mean(texts, self.in_code)

    def _mean(self, texts: Sequence[Sequence[str]], weights: Vectors) -> Vectors:
        made = np.zeros((len(texts), self.n_dimensions), np.float32)
        for number, words in enumerate(texts):
            counted = Counter(map(self.id_of, words[:MOST_WORDS]))
            if counted:
                ids = np.fromiter(counted.keys(), np.int64, len(counted))
                counts = np.fromiter(counted.values(), np.float32, len(counted))
                factors = weight_of(counts) * weights[ids] * self.scale[ids]
                made[number] = factors @ self.rows[ids].astype(np.float32)
        made /= np.maximum(np.linalg.norm(made, axis=1, keepdims=True), 1e-9)
        return made


def bucket_of(stemmed: str) -> int:
    """The hash bucket of a word that is not in the vocabulary."""
    return crc32(stemmed.encode("utf-8", "replace")) % N_BUCKETS


def weight_of(counts: Vectors) -> Vectors:
    """What a word counts that is there so many times."""
    made: Vectors = np.sqrt(counts)
    return made


def pack(rows: Vectors) -> tuple[npt.NDArray[np.int8], Vectors]:
    """Vectors as they are kept, a byte per number, and what each row is multiplied with."""
    scale = np.maximum(np.abs(rows).max(1), 1e-9) / 127
    return np.round(rows / scale[:, None]).astype(np.int8), scale.astype(np.float32)


@cache
def embedder() -> Embedder:
    """The one that comes with nootropic."""
    folder = resource_files("nootropic_lsp.retrieval") / "weights"
    with (folder / "words.txt").open(encoding="utf-8") as file:
        ids = {word: number for number, word in enumerate(file.read().split("\n"))}
    with (folder / "vectors.npz").open("rb") as held, np.load(BytesIO(held.read())) as arrays:
        scale, in_question, in_code = (
            arrays[name].astype(np.float32) for name in ("scale", "in_question", "in_code")
        )
        return Embedder(ids, arrays["rows"], scale, in_question, in_code)


_stemmed = cache(stem)
