"""Adapting the vectors of words to a workspace: what it calls the things that it talks of.

Whatever is documented there is a pair to learn from: what a symbol is for, and how that is
written. Some files are kept apart; only if their documentation then finds its code better than
before are the new vectors used. A child of the worker does it, so that nobody waits for it.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import blake2b
from io import BytesIO
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile

import msgspec
import numpy as np
import numpy.typing as npt

from nootropic_lsp.index.clean import clean_text
from nootropic_lsp.index.facts import Definition
from nootropic_lsp.index.stored import decode_definitions, decode_stored
from nootropic_lsp.retrieval.contrast import Bag, Learner
from nootropic_lsp.retrieval.embedding import MOST_WORDS, Embedder, embedder, pack
from nootropic_lsp.retrieval.words import question_words, words_of
from nootropic_lsp.store import graph

log = logging.getLogger(__name__)

VERSION = 1
"""Another one if the same workspace would lead to other vectors."""

_NOTE = "adapted.json"
# Fewer tell nothing that is not chance.
_LEAST_LEARNT = 400
_LEAST_APART = 100
# More take longer than anybody wants to hear a fan.
_MOST_PAIRS = 20_000
_MOST_APART = 2_000
_LEAST_WORDS = 4
_EPOCHS = 6
_RATE = 0.01
_BATCH = 1024
# How much better files that were kept apart have to be found, as MRR@10.
_LEAST_GAIN = 0.01


class Pair(NamedTuple):
    """What something is for, in words, and its own words without that; `file` is a path."""

    file: str
    question: list[str]
    code: list[str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it: the MRR@10 on files kept apart, before and after.

    `model` is what the vectors are called, "" if they are not used; `n_files` how many there were.
    """

    version: int
    n_files: int
    n_pairs: int = 0
    before: float = 0.0
    after: float = 0.0
    model: str = ""


def outcome_of(database: Path) -> Outcome | None:
    """What the last adaptation to the workspace of an index has led to, if that is still there."""
    try:
        said = json.loads(database.with_name(_NOTE).read_text(encoding="utf-8"))
        outcome = Outcome(**said)
    except (OSError, ValueError, TypeError):
        return None
    is_whole = not outcome.model or _file(database, outcome.model).exists()
    return outcome if outcome.version == VERSION and is_whole else None


def adapted(database: Path, name: str) -> Embedder | None:
    """The vectors of words that were adapted, by the name of their model."""
    base = embedder()
    try:
        with np.load(BytesIO(_file(database, name).read_bytes())) as arrays:
            ids = arrays["ids"]
            new = {part: arrays[part] for part in ("rows", "scale", "in_question", "in_code")}
    except (OSError, ValueError, KeyError, BadZipFile):
        return None
    changed = {part: getattr(base, part).copy() for part in new}
    for part, values in new.items():
        changed[part][ids] = values
    return replace(base, **changed)


def forget_others(database: Path, name: str) -> None:
    """Remove the vectors of words that are of no use any more."""
    for path in database.parent.glob("adapted-*.npz"):
        if path != _file(database, name):
            with contextlib.suppress(OSError):
                path.unlink()


def adapt(folder: str, database: Path) -> Outcome:
    """Learn, and use what was learnt if it is better; what became of it, as it is noted as well."""
    index = graph.open_graph(database, readonly=True)
    try:
        n_files = len(graph.file_paths(index))
        pairs = list(_pairs(folder, index))
    finally:
        index.close()
    outcome = Outcome(VERSION, n_files, len(pairs))
    learnt, apart = _split(pairs)
    if len(learnt) >= _LEAST_LEARNT and len(apart) >= _LEAST_APART:
        base = embedder()
        ids, made = _learn(base, learnt)
        before, after = _mrr(base, apart), _mrr(made, apart)
        outcome = replace(outcome, before=round(before, 4), after=round(after, 4))
        if after >= before + _LEAST_GAIN:
            outcome = replace(outcome, model=_write(database, made, ids))
    _replace(database.with_name(_NOTE), json.dumps(asdict(outcome)).encode())
    return outcome


# ---- what there is to learn from

_DOCUMENTED = re.compile(r"\s*\n\s*\n|(?<=[a-z)])\.\s")
_LEAST_CODE = 5


def _pairs(folder: str, index: graph.Connection) -> Iterator[Pair]:
    doubtful = graph.files_with_secrets(index)
    for row in graph.all_files(index):
        facts = graph.read_facts(index, row.path)
        text = clean_text(folder, row, has_secrets=row.path in doubtful)
        if facts is None or not text:
            continue
        with contextlib.suppress(msgspec.DecodeError):
            for raw in decode_stored(facts[2]).definitions:
                for definition in decode_definitions(raw):
                    yield from _pair(row.path, text, definition)


def _pair(path: str, text: str, definition: Definition) -> Iterator[Pair]:
    start, end = definition.doc_start, definition.doc_end
    if not start < end or definition.body < 0:
        return
    said = _DOCUMENTED.split(text[start:end].strip("\"'/*#!< \t\r\n"))[0]
    n_words = len(words_of(said[:400]))
    code = words_of(
        text[definition.full_start : max(start, definition.full_start)]
        + text[max(end, definition.full_start) : definition.full_end]
    )
    if n_words >= _LEAST_WORDS and len(code) >= _LEAST_CODE:
        yield Pair(path, question_words(said[:400]), code[:MOST_WORDS])


def _split(pairs: Sequence[Pair]) -> tuple[list[Pair], list[Pair]]:
    """What is learnt from, and what is kept apart: whole files, the same ones every time."""
    once = list({(tuple(pair.question), *pair.code[:40]): pair for pair in pairs}.values())
    random.Random(VERSION).shuffle(once)
    n_wanted = max(_LEAST_APART, len(once) // 10)
    by_file = Counter(pair.file for pair in once)
    files: set[str] = set()
    for file in sorted(by_file, key=lambda each: blake2b(each.encode(), digest_size=8).digest()):
        if n_wanted > 0:
            files.add(file)
            n_wanted -= by_file[file]
    apart = [pair for pair in once if pair.file in files]
    learnt = [pair for pair in once if pair.file not in files]
    return learnt[:_MOST_PAIRS], apart[:_MOST_APART]


# ---- learning


def _learn(base: Embedder, pairs: Sequence[Pair]) -> tuple[npt.NDArray[np.int64], Embedder]:
    """The rows that were touched, and the embedder that has them changed."""
    bags = [(_bag(base, pair.question), _bag(base, pair.code)) for pair in pairs]
    ids = np.unique(np.concatenate([each[0] for pair in bags for each in pair]))
    rows = base.rows[ids].astype(np.float32) * base.scale[ids, None]
    learner = Learner(rows, *(np.log(part[ids]) for part in (base.in_question, base.in_code)))
    few = [tuple((np.searchsorted(ids, each[0]), each[1]) for each in pair) for pair in bags]
    dice = random.Random(VERSION)
    size = min(_BATCH, len(few))
    n_steps, step = len(few) // size * _EPOCHS, 0
    order = list(range(len(few)))
    for _ in range(_EPOCHS):
        dice.shuffle(order)
        for at in range(0, len(order) - size + 1, size):
            some = [few[each] for each in order[at : at + size]]
            rate = _RATE * max(0.05, 1 - step / n_steps)
            learner.learn([each[0] for each in some], [each[1] for each in some], rate=rate)
            step += 1
    packed, scale = pack(learner.rows)
    changed = {
        "rows": packed,
        "scale": scale,
        "in_question": np.exp(learner.in_question),
        "in_code": np.exp(learner.in_code),
    }
    whole = {part: getattr(base, part).copy() for part in changed}
    for part, values in changed.items():
        whole[part][ids] = values
    return ids, replace(base, **whole)


def _bag(base: Embedder, words: Sequence[str]) -> Bag:
    counted = Counter(map(base.id_of, words))
    return (
        np.fromiter(counted.keys(), np.int64, len(counted)),
        np.fromiter(counted.values(), np.float32, len(counted)),
    )


def _mrr(made: Embedder, apart: Sequence[Pair]) -> float:
    """How well code is found by its documentation, among all that was kept apart: MRR@10."""
    asked = made.questions([pair.question for pair in apart])
    likeness = asked @ made.passages([pair.code for pair in apart]).T
    ranks = 1 + (likeness > np.diag(likeness)[:, None]).sum(1)
    return float(np.where(ranks <= 10, 1 / ranks, 0).mean())


def _write(database: Path, made: Embedder, ids: npt.NDArray[np.int64]) -> str:
    buffer = BytesIO()
    parts = {part: getattr(made, part)[ids] for part in ("rows", "scale", "in_question", "in_code")}
    np.savez(buffer, ids=ids, **parts)
    name = f"own-1-{blake2b(buffer.getvalue(), digest_size=4).hexdigest()}"
    _replace(_file(database, name), buffer.getvalue())
    return name


def _file(database: Path, name: str) -> Path:
    return database.with_name(f"adapted-{name.rpartition('-')[2]}.npz")


def _replace(path: Path, content: bytes) -> None:
    new = path.with_name(f"{path.name}.new")
    new.write_bytes(content)
    new.replace(path)


def main() -> int:
    """Adapt to the workspace whose folder and index are given."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    with contextlib.suppress(OSError, AttributeError):
        os.nice(10)
    try:
        adapt(sys.argv[1], Path(sys.argv[2]))
    except (graph.DatabaseError, graph.DamagedIndexError, graph.NoRoomError, OSError) as error:
        log.warning("the vectors are not adapted to %s: %s", sys.argv[1], error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
