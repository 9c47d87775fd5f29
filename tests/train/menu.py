"""Train the weights of the completion menu's ranker, or measure it, on folders of source code.

    python tests/train/menu.py FOLDER ... [--write] [--hold-out FOLDER ...]

Each folder is indexed in this process. At random uses of names of at least three characters the
name is hidden behind its first 0, 1 or 3 characters; the rest of the line stays, in training
at every other place only. What the menu
gathers there is ranked by a softmax over linear scores, whose weights are fitted by the
likelihood of what the author wrote (conditional logit). `--write` rewrites `weights.py`.

Train on no package that a benchmark uses. The weights in the repository were trained on requests,
flask, werkzeug, httpx, attrs, jinja2, pytest, aiohttp, black, marshmallow (wheels from PyPI) and
the sources of rxjs, redux-toolkit, mobx and preact.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

from features.workspace import Workspace  # noqa: E402

from nootropic_lsp.core.documents import Document  # noqa: E402
from nootropic_lsp.features.completion import weights as kept  # noqa: E402
from nootropic_lsp.features.completion.asked import Asked  # noqa: E402
from nootropic_lsp.features.completion.context import At  # noqa: E402
from nootropic_lsp.features.completion.found import Source  # noqa: E402
from nootropic_lsp.features.completion.gather import gather  # noqa: E402
from nootropic_lsp.features.completion.guesses import guesses_at  # noqa: E402
from nootropic_lsp.features.completion.rank import Features  # noqa: E402
from nootropic_lsp.features.snapshot import Snapshot  # noqa: E402
from nootropic_lsp.index.facts import Op, Role  # noqa: E402
from nootropic_lsp.index.opened import OpenText  # noqa: E402
from nootropic_lsp.index.units import written  # noqa: E402
from nootropic_lsp.predict.builder import update  # noqa: E402
from nootropic_lsp.predict.engine import Engine  # noqa: E402
from nootropic_lsp.store import graph  # noqa: E402

TYPED = (0, 1, 3)
ENDINGS = (".py", ".ts", ".tsx", ".js", ".go", ".rs", ".java")
MOST_NEGATIVES = 120
WITHOUT_MODEL = 0.25
MORE_IMPORTS = 4  # one for so many places
# What no sample shows, because strings are not sampled.
UNSEEN = {"from key": 6.0, "from expected": 6.0}
GROUPS = ("member", "unknown", "name", "module", "imported", "other")


@dataclass
class Sample:
    """What was gathered at one place: features of each name, and which one was written."""

    group: str
    typed: int
    rows: list[list[tuple[str, float]]]
    right: int  # -1 if it was not gathered


@dataclass
class Problem:
    """All samples of a group as sparse arrays."""

    names: dict[str, int] = field(default_factory=dict)
    row: list[int] = field(default_factory=list)
    column: list[int] = field(default_factory=list)
    value: list[float] = field(default_factory=list)
    sample: list[int] = field(default_factory=list)
    right: list[int] = field(default_factory=list)

    def add(self, sample: Sample, rng: random.Random) -> None:
        others = [at for at in range(len(sample.rows)) if at != sample.right]
        if len(others) > MOST_NEGATIVES:
            others = rng.sample(others, MOST_NEGATIVES)
        number = len(self.right)
        for at in (sample.right, *others):
            row = len(self.sample)
            self.sample.append(number)
            if at == sample.right:
                self.right.append(row)
            for name, value in sample.rows[at]:
                self.row.append(row)
                self.column.append(self.names.setdefault(name, len(self.names)))
                self.value.append(value)

    def fit(self, *, steps: int = 400, l2: float = 5e-4) -> dict[str, float]:
        """The weights, by Adam on the whole."""
        row, column = np.array(self.row), np.array(self.column)
        value, sample = np.array(self.value), np.array(self.sample)
        right = np.array(self.right)
        n_rows, n_columns = len(sample), len(self.names)
        starts = np.flatnonzero(np.diff(sample, prepend=-1))
        weights, first, second = (np.zeros(n_columns) for _ in range(3))
        for step in range(1, steps + 1):
            score = np.bincount(row, weights[column] * value, n_rows)
            score -= np.maximum.reduceat(score, starts)[sample]
            exp = np.exp(score)
            share = exp / np.add.reduceat(exp, starts)[sample]
            share[right] -= 1
            slope = np.bincount(column, share[row] * value, n_columns) / len(right) + l2 * weights
            first = 0.9 * first + 0.1 * slope
            second = 0.999 * second + 0.001 * slope**2
            rate = 0.1 * (1 if step < steps * 0.7 else 0.2)
            corrected = second / (1 - 0.999**step)
            weights -= rate * (first / (1 - 0.9**step)) / (np.sqrt(corrected) + 1e-8)
        return dict(zip(self.names, weights.tolist(), strict=True))


def samples(
    folder: Path, n_wanted: int, rng: random.Random, *, hide_rest: bool = False, model: bool = True
) -> Iterator[Sample]:
    """Random places of the source files below a folder.

    `hide_rest` hides the rest of the line at every other place, as when one types at its end;
    imports, which are rare, are taken more often then, and the token model says nothing at some.
    Without `model` the token model says nothing.
    """
    files = {
        str(path.relative_to(folder)): path.read_bytes().decode("utf-8", "replace")
        for path in sorted(folder.rglob("*"))
        if path.suffix in ENDINGS
        and path.is_file()
        and "node_modules" not in path.parts
        and path.stat().st_size < 300_000
    }
    with tempfile.TemporaryDirectory() as root:
        started = time.perf_counter()
        workspace = Workspace(Path(root), files, resolve=False)
        print(f"{folder.name}: {len(files)} files indexed in {time.perf_counter() - started:.0f} s")
        predictor = predictor_of(workspace, Path(root) / "graph.db") if model else None
        places, imports = [], []
        for name in files:
            unit = workspace.snapshot().unit(workspace.path(name))
            if unit is None or ".pyi" in name or ".d.ts" in name:
                continue
            for start, index in unit.uses:
                word = written(unit.expressions[index])
                if len(word) >= 3 and files[name][start : start + len(word)] == word:
                    expression = unit.expressions[index]
                    places.append((name, start, word, expression[0] == Op.KEYWORD))
                    if expression[1] == Role.IMPORT:
                        imports.append(places[-1])
        chosen = rng.sample(places, min(n_wanted, len(places)))
        if hide_rest:
            chosen += rng.sample(imports, min(n_wanted // MORE_IMPORTS, len(imports)))
        chosen.sort()
        opened: dict[str, OpenText] = {}
        for name, start, word, is_keyword in chosen:
            path = workspace.path(name)
            if path not in opened:
                workspace.opened.clear()
                workspace.open(name)
                opened = dict(workspace.opened)
                base = workspace.snapshot()
            whole = files[name]
            end = start + len(word)
            if hide_rest and rng.random() < 0.5:
                end = whole.find("\n", end)
                end = len(whole) if end < 0 else end
            # The menu has to be in a good order before the token model is built as well.
            is_silent = hide_rest and rng.random() < WITHOUT_MODEL
            for typed in TYPED:
                text = whole[: start + typed] + whole[end:]
                document = Document(path, opened[path].document.language, 2, text)
                later = OpenText(document, opened[path])
                now = {path: later}
                snapshot = Snapshot(
                    base.world,
                    base.indexes,
                    now,
                    now,
                    None,
                    predictor=None if is_silent else predictor,
                    earlier=base,
                )
                yield sample(
                    Asked(snapshot, later, start + typed), word, typed, is_keyword=is_keyword
                )


def predictor_of(workspace: Workspace, database: Path) -> Engine:
    """The token model of a workspace."""
    update(str(workspace.root), database)
    connection = graph.open_graph(database, readonly=True)
    digests = {row.path: row.digest for row in graph.all_files(connection)}
    connection.close()
    engine = Engine()
    engine.look([(str(workspace.root), database, digests)])
    return engine


def sample(asked: Asked, word: str, typed: int, *, is_keyword: bool) -> Sample:
    guesses = guesses_at(asked)
    found = gather(asked, guesses, auto_import=True) if asked.context.at is not At.NOTHING else []
    names = [each.name for each in found]
    # Of a path, what is in front of the last slash stays.
    word = word[max(asked.context.span.start - asked.offset + typed, 0) :]
    if asked.context.dotted.endswith("/"):
        word = word.partition("/")[0]
    known = any(each.source == Source.SCOPE for each in found)
    features = Features(asked, guesses, is_known=known)
    written = f"{word}=" if is_keyword and f"{word}=" in names else word
    right = names.index(written) if written in names else -1
    return Sample(features.group, typed, [features.of(each) for each in found], right)


def report(title: str, found: list[Sample], weights: dict[str, dict[str, float]]) -> None:
    print(title)
    for group in (*GROUPS, "all"):
        for typed in TYPED:
            ranks = []
            for each in found:
                if each.typed != typed or group not in (each.group, "all"):
                    continue
                if each.right < 0:
                    ranks.append(0)
                    continue
                table = weights[each.group]
                scores = [sum(table.get(n, 0) * v for n, v in row) for row in each.rows]
                ranks.append(1 + sum(score > scores[each.right] for score in scores))
            if ranks:
                n = len(ranks)
                there = sum(rank > 0 for rank in ranks) / n
                one, five = (sum(0 < rank <= most for rank in ranks) / n for most in (1, 5))
                mrr = sum(1 / rank for rank in ranks if rank) / n
                print(f"  {group:7} {typed} typed  n {n:5}  gathered {there:.3f}"
                      f"  top-1 {one:.3f}  top-5 {five:.3f}  MRR {mrr:.3f}")  # fmt: skip


def write(weights: dict[str, dict[str, float]]) -> None:
    lines = [
        '"""What the ranker\'s features count for: written by `tests/train/menu.py`."""',
        "",
        "from __future__ import annotations",
        "",
        "from collections.abc import Mapping",
        "",
        "WEIGHTS: Mapping[str, Mapping[str, float]] = {",
    ]
    weights["name"] |= UNSEEN
    for group in GROUPS:
        lines.append(f'    "{group}": {{')
        for name, weight in sorted(weights[group].items()):
            if abs(weight) >= 0.05:
                lines.append(f'        "{name}": {weight:.2f},')
        lines.append("    },")
    Path(kept.__file__).write_text("\n".join((*lines, "}", "")), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--hold-out", nargs="*", type=Path, default=[])
    parser.add_argument("--places", type=int, default=400, help="per folder")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--no-model", dest="model", action="store_false")
    given = parser.parse_args()
    rng = random.Random(7)
    training = [
        each
        for folder in given.folders
        for each in samples(folder, given.places, rng, hide_rest=True, model=given.model)
    ]
    weights = {group: dict(kept.WEIGHTS.get(group, {})) for group in GROUPS}
    if training:
        for group in GROUPS:
            problem = Problem()
            for each in training:
                if each.group == group and each.right >= 0 and len(each.rows) > 1:
                    problem.add(each, rng)
            if problem.right:
                weights[group] = problem.fit()
        report("trained on", training, weights)
    held = [
        each
        for folder in given.hold_out
        for each in samples(folder, given.places, rng, model=given.model)
    ]
    if held:
        report("held out", held, weights)
        report("held out, with the weights of the repository",
               held, {group: dict(kept.WEIGHTS.get(group, {})) for group in GROUPS})  # fmt: skip
    if given.write:
        write(weights)


if __name__ == "__main__":
    main()
