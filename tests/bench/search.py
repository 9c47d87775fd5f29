"""This file is where search is measured: a docstring is the question, its function the answer.

    python tests/bench/search.py --work FOLDER PACKAGE... [--hide-names] [--functions N] [--queries N]

A PACKAGE is a folder with Python files. A workspace is made of modules taken in turn from the
packages until it has three times N functions; the docstrings that are asked for are taken out of
it. Printed are MRR@10 and recall@5 among N functions of these, chosen by chance. With `--adapt`,
half of the modules keep their docstrings, and vectors are adapted to these; all that is asked and
found is in the other half.
"""

from __future__ import annotations

import argparse
import ast
import json
import random
import re
import shutil
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nootropic_lsp.app import App
from nootropic_lsp.features.search import search
from nootropic_lsp.retrieval.adapting import adapt, adapted
from nootropic_lsp.retrieval.dense import own_vectors
from nootropic_lsp.retrieval.vectors import OwnModel
from nootropic_lsp.settings.options import Settings, VectorSettings


@dataclass(frozen=True)
class Query:
    """A question, and the place of the function that answers it."""

    text: str
    path: str
    name: str
    line: int


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("packages", type=Path, nargs="+")
    parser.add_argument("--work", type=Path, required=True, help="a folder to work in")
    parser.add_argument("--functions", type=int, default=3000)
    parser.add_argument("--queries", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--hide-names", action="store_true", help="functions lose their names")
    parser.add_argument(
        "--strip", choices=("asked", "all"), default="all", help="which docstrings are taken out"
    )
    parser.add_argument("--keep", action="store_true", help="docstrings stay: manual wording")
    parser.add_argument("--store", choices=("own", "off"), default="own", help="where vectors are")
    parser.add_argument("--adapt", action="store_true", help="before and after adapting")
    parser.add_argument("--show", type=int, default=0, help="list so many misses")
    arguments = parser.parse_args()
    shutil.rmtree(arguments.work, ignore_errors=True)
    queries, pool = workspace(arguments)
    settings = Settings(vectors=VectorSettings(store=arguments.store))
    app = App(settings, [str(arguments.work)])
    app.index()
    app.read_passages()
    print_scores(arguments, app, app.near, queries, pool)
    if arguments.adapt:
        ((folder, database),) = app.indexed_folders
        start = time.perf_counter()
        outcome = adapt(folder, database)
        print(f"{outcome}, {time.perf_counter() - start:.1f} s")
        made = adapted(database, outcome.model)
        if made is not None:
            dense = own_vectors(settings, OwnModel(made, outcome.model))
            dense.update(folder, database)
            print_scores(arguments, app, dense.near, queries, pool)
            dense.close()
    app.close_all()


def print_scores(
    arguments: argparse.Namespace,
    app: App,
    near: Any,
    queries: list[Query],
    pool: set[tuple[str, int]],
) -> None:
    """Ask everything."""
    snapshot = app.snapshot()
    ranks, seconds = [], []
    n_shown = 0
    for query in queries:
        start = time.perf_counter()
        hits = search(snapshot, query.text, limit=400, near=near).hits
        seconds.append(time.perf_counter() - start)
        functions = [hit for hit in hits if (hit.place.path, line_of(snapshot, hit)) in pool]
        places = list(dict.fromkeys((hit.place.path, line_of(snapshot, hit)) for hit in functions))
        right = (query.path, query.line)
        rank = places.index(right) + 1 if right in places else 0
        ranks.append(rank)
        if rank != 1 and n_shown < arguments.show:
            n_shown += 1
            print(rank, query.text, "|", Path(query.path).name, query.name)
            for hit in functions[:3]:
                print("     ", round(hit.score, 3), Path(hit.place.path).name, hit.container, hit.name)
    print(
        json.dumps(
            {
                "queries": len(ranks),
                "mrr@10": round(statistics.mean(1 / r if 0 < r <= 10 else 0 for r in ranks), 4),
                "r@5": round(statistics.mean(0 < r <= 5 for r in ranks), 4),
                "p50_ms": round(statistics.median(seconds) * 1000, 2),
                "p95_ms": round(sorted(seconds)[int(len(seconds) * 0.95)] * 1000, 2),
            }
        )
    )


def line_of(snapshot: Any, hit: Any) -> int:
    """The line that the name of what was found is on; 0 for the rest of a file."""
    symbol = snapshot.symbols_by_id([hit.symbol]).get(hit.symbol)
    return 0 if symbol is None else snapshot.lines(hit.place.path).line_of(symbol.span.start) + 1


def workspace(arguments: argparse.Namespace) -> tuple[list[Query], set[tuple[str, int]]]:
    """Write the files; the questions, and the places of all functions that may be answers."""
    rng = random.Random(arguments.seed)
    groups = []
    for package in arguments.packages:
        files = [
            path
            for path in sorted(package.rglob("*.py"))
            if not re.search(r"(^|/)(tests?|testing|docs?|examples?|benchmarks?)(/|_|\.)|test_", str(path.relative_to(package)))
        ]
        rng.shuffle(files)
        groups.append((package, files))
    n_functions = 0
    chosen: list[tuple[Path, Path, str, list[ast.FunctionDef]]] = []
    n_wanted = (6 if arguments.adapt else 3) * arguments.functions
    while n_functions < n_wanted and any(files for _, files in groups):
        for package, files in groups:
            if not files:
                continue
            path = files.pop()
            text = path.read_text(encoding="utf-8", errors="replace")
            try:
                found = list(functions_of(ast.parse(text)))
            except SyntaxError:
                continue
            if found:
                chosen.append((package, path, text, found))
                n_functions += len(found)
    asked = [
        (number, function)
        for number, (_, _, _, found) in enumerate(chosen)
        for function in found
        if question_of(function) and not (arguments.adapt and number % 2)
    ]
    pooled = rng.sample(asked, min(arguments.functions, len(asked)))
    asked = rng.sample(pooled, min(arguments.queries, len(pooled)))
    pool = {
        (str(target_of(arguments.work, *chosen[number][:2])), function.lineno)
        for number, function in pooled
    }
    by_file: dict[int, list[ast.FunctionDef]] = {}
    for number, function in asked:
        by_file.setdefault(number, []).append(function)
    queries = []
    for number, (package, path, text, found) in enumerate(chosen):
        target = target_of(arguments.work, package, path)
        target.parent.mkdir(parents=True, exist_ok=True)
        lines = text.split("\n")
        is_whole = arguments.adapt and number % 2
        for function in (found if arguments.strip == "all" else by_file.get(number, ())):
            if is_whole:
                break
            if question_of(function) and not arguments.keep:
                blank_docstring(lines, function)
        for function in by_file.get(number, ()):
            question = question_of(function)
            assert question is not None
            name = function.name
            if arguments.hide_names:
                name = f"f{function.lineno}"
            queries.append(Query(question, str(target), name, function.lineno))
        if arguments.hide_names:
            for function in found:
                at = function.lineno - 1
                lines[at] = re.sub(
                    rf"\bdef {function.name}\b", f"def f{function.lineno}", lines[at]
                )
        target.write_text("\n".join(lines), encoding="utf-8")
    return queries, pool


def target_of(work: Path, package: Path, path: Path) -> Path:
    """Where a file lies in the workspace."""
    return work / package.name / path.relative_to(package)


def functions_of(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    """Functions and methods, without those inside functions."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if len(node.body) > 1:
                yield node  # type: ignore[misc]
        elif isinstance(node, (ast.ClassDef, ast.If, ast.Try)):
            yield from functions_of(node)


def question_of(function: ast.FunctionDef) -> str | None:
    """The first paragraph of the docstring, if it says something."""
    text = ast.get_docstring(function)
    if not text:
        return None
    first = " ".join(re.split(r"\n\s*\n", text.strip())[0].split())
    first = re.split(r"(?<=[a-z)])\.\s", first)[0][:300]
    return first if len(re.findall(r"[A-Za-z]{2,}", first)) >= 4 else None


def blank_docstring(lines: list[str], function: ast.FunctionDef) -> None:
    """Take a docstring out; the lines stay."""
    node = function.body[0]
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    for number in range(node.lineno - 1, node.end_lineno):
        line = lines[number].encode()
        start = node.col_offset if number == node.lineno - 1 else 0
        end = node.end_col_offset if number == node.end_lineno - 1 else len(line)
        lines[number] = (line[:start] + b" " * (end - start) + line[end:]).decode().rstrip()


if __name__ == "__main__":
    main()
