"""What every store of vectors can do."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]


class VectorStore(Protocol):
    """Vectors of one model by the keys of what they were made of: numbers of 64 bits.

    Vectors have length 1 and are given as (number, dimensions). One process at a time has a
    store open for writing. All of it may raise `VectorStoreError`.
    """

    def keys(self) -> set[int]:
        """What has a vector."""
        ...

    def add(self, keys: Sequence[int], vectors: Vectors) -> None:
        """Keep vectors; those of known keys are replaced. Kept when this returns."""
        ...

    def remove(self, keys: Collection[int]) -> None:
        """Forget vectors, whether they are there or not."""
        ...

    def nearest(self, vector: Vectors, limit: int) -> list[tuple[int, float]]:
        """The keys whose vectors are most like one (dimensions,), with the cosine, best first."""
        ...

    def n_bytes(self) -> int:
        """How much disk it takes; 0 if it is on another machine."""
        ...

    def drop(self) -> None:
        """Remove everything that this model has here, and close."""
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...
