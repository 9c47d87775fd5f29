"""Train the weights of the token model on some repositories.

    python tests/train/token_model.py FOLDER...

For places chosen at random in each folder, with their own file left out, it asks what speaks for
each token that might come next, and fits the weights to what did come next: a conditional logit,
by stochastic gradient descent with Adam. The result is `nootropic_lsp/predict/weights.npy`.

The weights in the repository were trained on checkouts of aiohttp, attrs, flask, httpx, jinja,
networkx, pytest, requests and werkzeug (Python) and of mobx, redux-toolkit, rxjs and typeorm
(TypeScript). Nothing that is measured in the benchmarks may be among them.
"""

from __future__ import annotations

import random
import sys
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from nootropic_lsp.core.documents import Document
from nootropic_lsp.index.discover import language_of
from nootropic_lsp.index.source import read_source
from nootropic_lsp.predict import ranker
from nootropic_lsp.predict.evidence import KindTable, Source, advance, search, weigh
from nootropic_lsp.predict.segment import MOST_TOKENS, Segment, build
from nootropic_lsp.predict.streams import Lexicon
from nootropic_lsp.predict.texts import Text
from nootropic_lsp.predict.tokens import BREAK, SPECIAL, is_string

PLACES_PER_FOLDER = 4_000
PLACES_PER_FILE = 8
STEPS = 5
WIDTH = 24
EPOCHS = 10
BATCH = 512
RATE = 0.05
DECAY = 1e-5
SUFFIXES = frozenset({".py", ".ts", ".tsx", ".js", ".jsx", ".go", ".rs", ".java"})
LARGEST = 300_000


class Row(NamedTuple):
    """One step: the features of each candidate, that of "none of these", and which is right."""

    features: np.ndarray
    nothing: int
    right: int


class Corpus:
    """The files of a folder, in segments."""

    def __init__(self, folder: Path) -> None:
        self.lexicon = Lexicon()
        self.kinds = KindTable(self.lexicon)
        self.documents = list(_documents(folder))
        self.segments: list[tuple[Segment, np.ndarray]] = []
        waiting = []
        size = 0
        for document in self.documents:
            stream = self.lexicon.read(document.text, document.language)
            if size + len(stream.ids) > MOST_TOKENS:
                self._add(waiting)
                waiting, size = [], 0
            waiting.append((document.path, stream))
            size += len(stream.ids)
        self._add(waiting)

    def _add(self, waiting: list) -> None:
        if waiting:
            files = [(path, b"") for path, _ in waiting]
            segment = build(self.lexicon, files, [stream for _, stream in waiting])
            self.segments.append((segment, np.full(len(segment.texts) + 1, -1, np.int32)))

    def sources(self, text: Text, path: str) -> list[Source]:
        """What is asked about a file, without what is known of that file from elsewhere."""
        nowhere = np.zeros(1, np.bool_)
        known = np.full(len(text.segment.texts) + 1, -1, np.int32)
        found = [Source(text.segment, True, nowhere, known, nowhere)]
        for segment, numbers in self.segments:
            masked = np.array([file.path == path for file in segment.files])
            near = segment.in_folder(path.rpartition("/")[0])
            found.append(Source(segment, False, near, numbers, masked))
        return found


def _documents(folder: Path):
    for path in sorted(folder.rglob("*")):
        if path.suffix not in SUFFIXES or "node_modules" in path.parts or not path.is_file():
            continue
        text = read_source(path).replace("\r\n", "\n")
        language = language_of(str(path), text[:1000].encode("utf-8", "replace"))
        if language is not None and 0 < len(text) < LARGEST:
            yield Document(path.as_posix(), language, 0, text)


def rows_of(corpus: Corpus, seed: int) -> list[Row]:
    """The evidence at places that are chosen at random, evenly over all tokens."""
    chosen = random.Random(seed)
    sizes = [len(document.text) for document in corpus.documents]
    n_files = PLACES_PER_FOLDER // PLACES_PER_FILE
    found: list[Row] = []
    for document in sorted(chosen.choices(corpus.documents, sizes, k=n_files), key=id):
        text = Text(document, corpus.lexicon, corpus.kinds)
        sources = corpus.sources(text, document.path)
        ids, ends = text.stream.ids.tolist(), text.stream.ends.tolist()
        for _ in range(PLACES_PER_FILE):
            at = chosen.randrange(len(ids))
            token = corpus.lexicon.texts[ids[at]]
            if token in SPECIAL or token.startswith(BREAK) or is_string(token):
                continue
            found += _steps(corpus, document, text, sources, ids[at : at + STEPS], ends[at])
    return found


def _steps(corpus, document, text, sources, following, end):
    token = corpus.lexicon.texts[following[0]]
    view = text.view(document, end - len(token))
    matches = search(sources, view.past, view.hidden)
    for step, number in enumerate(following):
        last = view.past.last
        found = weigh(matches, view.surroundings, last, step, corpus.kinds, most=WIDTH)
        if not len(found.tokens):
            return
        right = np.flatnonzero(found.tokens == number)
        yield Row(
            found.features.astype(np.int16),
            ranker.nothing_feature(last, step),
            int(right[0]) if len(right) else WIDTH,
        )
        view.past.numbers.append(number)
        matches = advance(matches.before(number), sources, view.past, view.hidden)


class Table(NamedTuple):
    """All rows as arrays, padded to one width."""

    features: np.ndarray  # rows x WIDTH x features
    is_real: np.ndarray  # rows x WIDTH
    nothing: np.ndarray
    right: np.ndarray

    @classmethod
    def of(cls, rows: list[Row]) -> Table:
        """The table of some rows."""
        n = len(rows)
        features = np.zeros((n, WIDTH, rows[0].features.shape[1]), np.int16)
        is_real = np.zeros((n, WIDTH), np.bool_)
        for at, row in enumerate(rows):
            features[at, : len(row.features)] = row.features
            is_real[at, : len(row.features)] = True
        nothing = np.array([row.nothing for row in rows])
        return cls(features, is_real, nothing, np.array([row.right for row in rows]))


def chances(table: Table, weights: np.ndarray, which: np.ndarray) -> np.ndarray:
    """The probability of each candidate and, last, of none of them."""
    scores = weights[table.features[which]].sum(axis=2)
    scores[~table.is_real[which]] = -1e9
    scores = np.concatenate([scores, weights[table.nothing[which]][:, None]], axis=1)
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True)


def fit(table: Table, which: np.ndarray) -> np.ndarray:
    """The weights under which what came next was likeliest."""
    chosen = np.random.default_rng(0)
    size = ranker.n_weights()
    weights, first, second = np.zeros(size), np.zeros(size), np.zeros(size)
    n_features = table.features.shape[2]
    which = which.copy()
    n_steps = EPOCHS * -(-len(which) // BATCH)
    step = 0
    for _ in range(EPOCHS):
        chosen.shuffle(which)
        for start in range(0, len(which), BATCH):
            batch = which[start : start + BATCH]
            error = chances(table, weights, batch)
            error[np.arange(len(batch)), table.right[batch]] -= 1
            error /= len(batch)
            real = np.where(table.is_real[batch], error[:, :WIDTH], 0)
            slope = DECAY * weights
            slope += np.bincount(
                table.features[batch].ravel(), np.repeat(real.ravel(), n_features), size
            )
            slope += np.bincount(table.nothing[batch], error[:, WIDTH], size)
            step += 1
            first = 0.9 * first + 0.1 * slope
            second = 0.999 * second + 0.001 * slope**2
            rate = RATE * (1 - step / (n_steps + 1))
            weights -= (
                rate * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
            )
    return weights


def report(table: Table, weights: np.ndarray, which: np.ndarray) -> str:
    """How good and how well calibrated the weights are."""
    shares = chances(table, weights, which)
    right = table.right[which]
    loss = -np.log(shares[np.arange(len(which)), right] + 1e-12).mean()
    best = shares[:, :WIDTH].argmax(axis=1)
    sure = shares[np.arange(len(which)), best]
    hit = best == right
    lines = [f"loss {loss:.4f}, first right {hit.mean():.3f}"]
    edges = (0, 0.2, 0.4, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 1.01)
    for low, high in pairwise(edges):
        inside = (sure >= low) & (sure < high)
        if inside.any():
            lines.append(
                f"  {low:4.2f}: {inside.mean():.3f} of all,"
                f" said {sure[inside].mean():.3f}, right {hit[inside].mean():.3f}"
            )
    return "\n".join(lines)


def main() -> None:
    """Train on all folders, after a rehearsal that leaves every fourth out."""
    rows: list[Row] = []
    groups: list[int] = []
    for at, folder in enumerate(sys.argv[1:]):
        corpus = Corpus(Path(folder))
        found = rows_of(corpus, at)
        print(f"{folder}: {len(corpus.documents)} files, {len(found)} steps", flush=True)
        rows += found
        groups += [at] * len(found)
    table = Table.of(rows)
    everything = np.arange(len(rows))
    left_out = np.array(groups) % 4 == 3
    if left_out.any():
        rehearsed = fit(table, everything[~left_out])
        print("on folders that were left out:", report(table, rehearsed, everything[left_out]))
    np.save(ranker.WEIGHTS, fit(table, everything).astype(np.float32))


if __name__ == "__main__":
    main()
