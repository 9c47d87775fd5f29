"""Train the vectors of words that search uses, on docstrings and their functions.

    python tests/train/embedding.py FOLDER [--epochs N] [--out FOLDER]

FOLDER holds wheels; which ones the vectors in the repository were trained on, with their versions
and licences, is in `embedding_packages.txt`. Django, SymPy, NetworkX, SQLAlchemy, Scrapy, Celery,
zod and the standard library are test material and may not be among them.
"""

from __future__ import annotations

import argparse
import ast
import math
import random
import re
import time
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from nootropic_lsp.retrieval import embedding
from nootropic_lsp.retrieval.contrast import Bag, Learner
from nootropic_lsp.retrieval.embedding import MOST_WORDS, N_BUCKETS, bucket_of, stem
from nootropic_lsp.retrieval.words import words_of

DIMENSIONS = 256
BATCH = 1024
# Pairs of one module in a batch: they are the hardest to tell apart.
TOGETHER = 32
MOST_PER_PACKAGE = 2_500
LEAST_SEEN = 4
MOST_WORDS_KNOWN = 28_500
RATE = 0.01
WHOLE = Path(embedding.__file__).with_name("weights")
FORBIDDEN = re.compile(r"^(django|sympy|networkx|sqlalchemy|scrapy|celery|zod)\b", re.IGNORECASE)
TESTS = re.compile(r"(^|/)(tests?|testing|_vendor|vendor|vendored|extern|externals)/|test_|_test")


class Pair(NamedTuple):
    """What a function is for, in words, and its words without that."""

    module: str
    question: list[str]
    code: list[str]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=WHOLE)
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    pairs: list[Pair] = []
    for wheel in sorted(arguments.folder.glob("*.whl")):
        if FORBIDDEN.match(wheel.name):
            raise SystemExit(f"{wheel.name} is test material")
        found = list(pairs_of(wheel))
        rng.shuffle(found)
        pairs += found[:MOST_PER_PACKAGE]
    once = {(tuple(pair.question), tuple(pair.code[:40])): pair for pair in pairs}
    pairs = list(once.values())
    modules = sorted({pair.module for pair in pairs})
    held = set(rng.sample(modules, len(modules) // 30))
    kept = [pair for pair in pairs if pair.module not in held]
    apart = [pair for pair in pairs if pair.module in held][:3000]
    print(
        f"{len(pairs)} pairs of {len(modules)} modules, {len(apart)} of them held out", flush=True
    )
    train(kept, apart, arguments, rng)


def train(
    pairs: Sequence[Pair], apart: Sequence[Pair], arguments: argparse.Namespace, rng: random.Random
) -> None:
    """Learn, and write what was learnt."""
    in_texts: Counter[str] = Counter()
    for pair in pairs:
        in_texts.update({stem(word) for word in (*pair.question, *pair.code)})
    words = [word for word, n in in_texts.most_common(MOST_WORDS_KNOWN) if n >= LEAST_SEEN]
    ids = {word: number for number, word in enumerate(words)}
    print(f"{len(words)} words", flush=True)
    n_rows = len(words) + N_BUCKETS
    dice = np.random.default_rng(arguments.seed)
    rows = dice.normal(0, 0.1, (n_rows, DIMENSIONS)).astype(np.float32)
    rarity = np.full(n_rows, math.log(1 + len(pairs) / LEAST_SEEN), np.float32)
    rarity[: len(words)] = [math.log(1 + len(pairs) / in_texts[word]) for word in words]
    learner = Learner(rows, np.log(rarity / rarity.max()), np.log(rarity / rarity.max()))
    bags = [(bag(pair.question, ids), bag(pair.code, ids)) for pair in pairs]
    order = {"modules": [pair.module for pair in pairs]}
    n_batches = len(pairs) // BATCH * arguments.epochs
    began, step = time.perf_counter(), 0
    for epoch in range(arguments.epochs):
        for batch in batches(order["modules"], rng):
            rate = RATE * min(1.0, (step + 1) / 20) * max(0.05, 1 - step / n_batches)
            loss = learner.learn(
                [bags[each][0] for each in batch], [bags[each][1] for each in batch], rate=rate
            )
            step += 1
            if step % 20 == 0:
                spent = time.perf_counter() - began
                print(
                    f"epoch {epoch} step {step}/{n_batches} loss {loss:.3f} {spent:.0f} s",
                    flush=True,
                )
        made = packed(words, learner)
        print(f"epoch {epoch}: held out MRR@10 {mrr(made, apart):.4f}", flush=True)
        write(made, arguments.out)


def packed(words: Sequence[str], learner: Learner) -> embedding.Embedder:
    """The vectors as they are kept: a byte per number."""
    rows, scale = embedding.pack(learner.rows)
    ids = {word: number for number, word in enumerate(words)}
    weights = (np.exp(each).astype(np.float32) for each in (learner.in_question, learner.in_code))
    return embedding.Embedder(ids, rows, scale, *weights)


def write(made: embedding.Embedder, folder: Path) -> None:
    """Write the files that are read by `embedder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "words.txt").write_text("\n".join(made.ids), encoding="utf-8")
    with (folder / "vectors.npz").open("wb") as file:
        np.savez(
            file,
            rows=made.rows,
            scale=made.scale,
            in_question=made.in_question.astype(np.float16),
            in_code=made.in_code.astype(np.float16),
        )


def mrr(made: embedding.Embedder, apart: Sequence[Pair]) -> float:
    """How well the functions are found by their docstrings, among one another."""
    likeness = (
        made.questions([each.question for each in apart])
        @ made.passages([each.code for each in apart]).T
    )
    ranks = 1 + (likeness > np.diag(likeness)[:, None]).sum(1)
    return float(np.where(ranks <= 10, 1 / ranks, 0).mean())


def bag(words: Sequence[str], ids: dict[str, int]) -> Bag:
    """The rows of the words of a text, each once, and how often it is there."""
    counted: Counter[int] = Counter()
    for word in words[:MOST_WORDS]:
        stemmed = stem(word)
        counted[ids.get(stemmed, len(ids) + bucket_of(stemmed))] += 1
    return (
        np.fromiter(counted.keys(), np.int64, len(counted)),
        np.fromiter(counted.values(), np.float32, len(counted)),
    )


def batches(modules: Sequence[str], rng: random.Random) -> Iterator[list[int]]:
    """All pairs once, in batches of runs that come from one module."""
    by_module: dict[str, list[int]] = {}
    for number, module in enumerate(modules):
        by_module.setdefault(module, []).append(number)
    runs = []
    for numbers in by_module.values():
        rng.shuffle(numbers)
        runs += [numbers[at : at + TOGETHER] for at in range(0, len(numbers), TOGETHER)]
    rng.shuffle(runs)
    flat = [number for run in runs for number in run]
    for at in range(0, len(flat) - BATCH + 1, BATCH):
        yield flat[at : at + BATCH]


def pairs_of(wheel: Path) -> Iterator[Pair]:
    """The functions of a wheel that say what they are for."""
    with zipfile.ZipFile(wheel) as archive:
        for name in sorted(archive.namelist()):
            if not name.endswith(".py") or TESTS.search(name):
                continue
            text = archive.read(name).decode("utf-8", "replace")
            try:
                tree = ast.parse(text)
            except (SyntaxError, ValueError, RecursionError):
                continue
            lines = text.split("\n")
            for node in ast.walk(tree):
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    question = question_of(node)
                    if question:
                        code = words_of(code_of(node, lines))
                        if len(code) >= 5:
                            yield Pair(f"{wheel.name}/{name}", question, code)


def question_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    """The words of the first paragraph of a docstring, if there are enough."""
    text = ast.get_docstring(node) if len(node.body) > 1 else None
    if not text:
        return []
    words = words_of(re.split(r"\n\s*\n", text.strip())[0][:400])
    return words if len(words) >= 4 else []


def code_of(node: ast.FunctionDef | ast.AsyncFunctionDef, lines: Sequence[str]) -> str:
    """The text of a function without its docstring."""
    said = node.body[0]
    assert said.end_lineno is not None
    assert node.end_lineno is not None
    return "\n".join(
        [*lines[node.lineno - 1 : said.lineno - 1], *lines[said.end_lineno : node.end_lineno]]
    )


if __name__ == "__main__":
    main()
