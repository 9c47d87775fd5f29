"""Vectors by an embedding model of some server."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from hashlib import blake2b

import numpy as np

from nootropic_lsp.core.errors import ModelError, VectorStoreError
from nootropic_lsp.retrieval.builder import Chunk
from nootropic_lsp.retrieval.embedding import Vectors

# Makes a vector of each text by a model, named "backend:model".
Embed = Callable[[str, Sequence[str]], Sequence[Sequence[float]]]

# Embedding models read a few hundred tokens; the rest of a long passage only costs time.
_MOST_CHARS = 2_000
_AT_ONCE = 64


class ServedModel:
    """An embedding model of some server, asked through the gate like every model."""

    def __init__(self, name: str, embed: Embed) -> None:
        self.asked = name
        self._embed = embed
        plain = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")[:40]
        self.name = f"{plain}-{blake2b(name.encode(), digest_size=3).hexdigest()}"
        self._n_dimensions = 0

    @property
    def n_dimensions(self) -> int:
        """The length of a vector; the model is asked once for it."""
        if not self._n_dimensions:
            self._n_dimensions = len(self._made(["length"])[0])
        return self._n_dimensions

    def of_passages(self, chunks: Sequence[Chunk]) -> Vectors:
        """Of each passage a vector: (number, dimensions)."""
        texts = [chunk.text[:_MOST_CHARS] for chunk in chunks]
        return np.concatenate(
            [self._made(texts[at : at + _AT_ONCE]) for at in range(0, len(texts), _AT_ONCE)]
        )

    def of_question(self, question: str) -> Vectors:
        """The vector of a question: (dimensions,)."""
        made: Vectors = self._made([question[:_MOST_CHARS]])[0]
        return made

    def _made(self, texts: Sequence[str]) -> Vectors:
        try:
            made = np.asarray(self._embed(self.asked, texts), np.float32)
        except ModelError as error:
            raise VectorStoreError(f"`vectors.model` is {self.asked}: {error}") from error
        if made.ndim != 2 or len(made) != len(texts) or not np.isfinite(made).all():
            raise VectorStoreError(
                f"`vectors.model` is {self.asked}, which did not answer with a vector per text"
            )
        made /= np.maximum(np.linalg.norm(made, axis=1, keepdims=True), 1e-9)
        return made
