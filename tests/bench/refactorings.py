"""Refactor real packages at random, and run their own tests afterwards.

    python tests/bench/refactorings.py PACKAGE --python VENV/bin/python --kinds extract-variable \\
        --n 50 --seed 1 --tests tests --ignore tests/test_serving.py

For each kind, random places of the package are tried until `--n` refactorings were made. They
are applied to a scratch copy, in batches of changes that do not overlap; if the tests of a batch
fail, each half of it is tested. What fails alone is wrong, and is written to `--out`.
"""

from __future__ import annotations

import argparse
import difflib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from features.workspace import Workspace

from nootropic_lsp.core.errors import RefusedError
from nootropic_lsp.core.spans import Span
from nootropic_lsp.core.symbols import Edit, Patch
from nootropic_lsp.features import rename as renaming
from nootropic_lsp.features.refactor.change_signature import change_signature, changeable
from nootropic_lsp.features.refactor.extract_function import extract_function
from nootropic_lsp.features.refactor.extract_variable import extract_variable
from nootropic_lsp.features.refactor.grammars import PYTHON
from nootropic_lsp.features.refactor.inline_variable import inline_variable
from nootropic_lsp.features.refactor.move_symbol import move_symbol
from nootropic_lsp.features.refactor.parameters import Parameter
from nootropic_lsp.features.refactor.source import Source, source_of
from nootropic_lsp.index.facts import Kind
from nootropic_lsp.index.nodes import Node

Attempt = Callable[[], Patch]


@dataclass
class Tried:
    """A refactoring that was made."""

    kind: str
    place: str
    edits: dict[str, tuple[Edit, ...]]
    diff: str


def main() -> int:
    options = _options()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(dir=options.scratch) as folder:
        bench = Bench(Path(options.package), Path(folder), options)
        kinds = options.kinds.split(",")
        for kind in kinds:
            bench.make(kind)
            print(
                json.dumps({"package": bench.name, "kind": kind, **bench.counts[kind]}), flush=True
            )
        wrong = bench.test()
        for kind in kinds:
            bad = [each.place for each in wrong if each.kind == kind]
            shown = {"applied": bench.counts[kind]["applied"], "wrong": bad}
            print(json.dumps({"package": bench.name, "kind": kind, **shown}), flush=True)
    print(f"{time.monotonic() - began:.0f} s", file=sys.stderr)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("package")
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--n", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--batch", type=int, default=40)
    parser.add_argument("--source", default="src")
    parser.add_argument("--tests", default="tests")
    parser.add_argument("--ignore", default="")
    parser.add_argument("--deadline", type=float, default=300)
    parser.add_argument("--scratch", default=None)
    parser.add_argument("--out", default="")
    return parser.parse_args()


class Bench:
    """One package in a scratch copy."""

    def __init__(self, package: Path, folder: Path, options: argparse.Namespace) -> None:
        self.name = package.name
        self.options = options
        self.folder = folder / "project"
        skipped = shutil.ignore_patterns(".git", "docs", "examples", "*.pyc", "node_modules")
        shutil.copytree(package, self.folder, ignore=skipped)
        self.workspace = Workspace(folder, {})
        for path in (self.folder / options.source).rglob("*.py"):
            self.workspace.open(path.relative_to(self.folder).as_posix())
        self.made: list[Tried] = []
        self.counts: dict[str, dict[str, object]] = {}
        self.snapshot = self.workspace.snapshot()
        untouched = self._pytest("-rfE")
        if untouched.returncode not in (0, 1):
            raise SystemExit(f"the tests do not run untouched: {untouched.stdout[-1500:]}")
        self.deselected = _failed(untouched)

    def _pytest(
        self, *arguments: str, tests: Sequence[str] = ()
    ) -> subprocess.CompletedProcess[str]:
        options = self.options
        command = [options.python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
        command += [f"--ignore={each}" for each in options.ignore.split(",") if each]
        command += tests or options.tests.split()
        environment = {
            **os.environ,
            "PYTHONPATH": f"{self.folder / options.source}{os.pathsep}{self.folder}",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        try:
            return subprocess.run(
                command, cwd=self.folder, env=environment, capture_output=True, text=True,
                timeout=options.deadline, check=False, stdin=subprocess.DEVNULL,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return subprocess.CompletedProcess(command, 124, "deadline", "")

    def make(self, kind: str) -> None:
        """Make many refactorings of one kind."""
        chance = random.Random(f"{self.options.seed}-{kind}-{self.name}")
        made: list[Tried] = []
        refused: dict[str, int] = {}
        crashed: list[str] = []
        slowest = 0.0
        for place, attempt in KINDS[kind](self, chance):
            began = time.monotonic()
            try:
                patch = attempt()
            except RefusedError as error:
                refused[str(error)] = refused.get(str(error), 0) + 1
            except Exception as error:  # noqa: BLE001 -- counted, and shown
                crashed.append(f"{place}: {type(error).__name__}: {error}")
            else:
                if patch.edits and not patch.renames:
                    made.append(self._tried(kind, place, patch))
            slowest = max(slowest, time.monotonic() - began)
            if len(made) >= self.options.n or sum(refused.values()) > 12 * self.options.n:
                break
        self.made += made
        self._note(f"#### {self.name} {kind} CRASH {line}" for line in crashed)
        self._note(
            f"refused {self.name} {kind} {count} {line}"
            for line, count in sorted(refused.items(), key=lambda item: -item[1])[:40]
        )
        self.counts[kind] = {
            "applied": len(made),
            "refused": sum(refused.values()),
            "crashed": len(crashed),
            "slowest_s": round(slowest, 2),
        }

    def _note(self, lines: Iterable[str]) -> None:
        if self.options.out:
            with Path(self.options.out).open("a") as out:
                out.writelines(f"{line}\n" for line in lines)

    def _tried(self, kind: str, place: str, patch: Patch) -> Tried:
        diff: list[str] = []
        for path, edits in patch.edits.items():
            before = self.snapshot.text(path)
            after = renaming.applied(before, edits)
            name = self.workspace.name(path)
            diff += difflib.unified_diff(
                before.splitlines(), after.splitlines(), name, name, lineterm="", n=1
            )
        return Tried(kind, place, patch.edits, "\n".join(diff))

    def test(self) -> list[Tried]:
        """Test all that was made, in batches; those that are wrong."""
        wrong: list[Tried] = []
        waiting = list(self.made)
        random.Random(self.options.seed).shuffle(waiting)
        while waiting:
            batch: list[Tried] = []
            for each in waiting:
                if len(batch) < self.options.batch and not any(
                    _overlap(each, other) for other in batch
                ):
                    batch.append(each)
            waiting = [each for each in waiting if each not in batch]
            wrong += self._wrong(batch)
            print(f"{len(waiting)} left, {len(wrong)} wrong", file=sys.stderr, flush=True)
        return wrong

    def _wrong(self, batch: list[Tried]) -> list[Tried]:
        failing = self._failing(batch)
        if failing is None:
            return []
        output = failing.stdout[-3000:] + failing.stderr[-500:]
        places = [f"{each.kind} {each.place}" for each in batch]
        self._note([f"#### {self.name} {len(batch)} fail: {places}"])
        if len(batch) == 1:
            self._note([batch[0].diff, output])
            return batch
        self._note([output[-1500:]])
        half = len(batch) // 2
        return [*self._wrong(batch[:half]), *self._wrong(batch[half:])]

    def _failing(self, batch: list[Tried]) -> subprocess.CompletedProcess[str] | None:
        """The run that fails with these, unless what fails does so without them as well."""
        while (done := self._run_with(batch)).returncode != 0:
            failed = _failed(done)
            if done.returncode != 1 or not failed or self._pytest(tests=failed).returncode == 0:
                return done
            self.deselected += failed
        return None

    def _run_with(self, batch: list[Tried]) -> subprocess.CompletedProcess[str]:
        edits: dict[str, list[Edit]] = {}
        for each in batch:
            for path, found in each.edits.items():
                edits.setdefault(path, []).extend(found)
        changed = {
            path: renaming.applied(
                self.snapshot.text(path), sorted(found, key=lambda edit: edit.span)
            )
            for path, found in edits.items()
        }
        before = {path: Path(path).read_bytes() for path in changed}
        try:
            for path, text in changed.items():
                Path(path).write_bytes(text.encode("utf-8", "surrogatepass"))
            return self._pytest("-x", *(f"--deselect={each}" for each in self.deselected))
        finally:
            for path, data in before.items():
                Path(path).write_bytes(data)

    # ---- places

    def paths(self, chance: random.Random) -> list[str]:
        """The files of the package itself, larger ones more often."""
        root = self.folder / self.options.source
        found = [
            path.as_posix()
            for path in sorted(root.rglob("*.py"))
            if "tests" not in path.relative_to(root).parts
        ]
        weights = [Path(path).stat().st_size + 1 for path in found]
        return chance.choices(found, weights, k=100_000)

    def sources(self, chance: random.Random) -> Iterator[Source]:
        """Files at random, each read once."""
        known: dict[str, Source | None] = {}
        for path in self.paths(chance):
            if path not in known:
                try:
                    known[path] = source_of(self.snapshot, path)
                except RefusedError:
                    known[path] = None
            source = known[path]
            if source is not None:
                yield source


def _failed(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [
        line.partition(" ")[2].partition(" - ")[0]
        for line in done.stdout.splitlines()
        if line.startswith(("FAILED ", "ERROR "))
    ]


def _overlap(one: Tried, other: Tried) -> bool:
    """Whether two refactorings change the same place, or insert at it."""
    return any(
        a.span.start <= b.span.end and b.span.start <= a.span.end
        for path, edits in one.edits.items()
        for a in edits
        for b in other.edits.get(path, ())
    )


def _nodes(source: Source, chance: random.Random, kinds: frozenset[str]) -> Node:
    kept = source.__dict__.setdefault("bench_nodes", {})
    if kinds not in kept:
        kept[kinds] = [each for each in source.root.walk() if each.kind in kinds]
    return chance.choice(kept[kinds] or [source.root])


def _place(bench: Bench, source: Source, offset: int) -> str:
    line = source.text.count("\n", 0, offset) + 1
    return f"{bench.workspace.name(source.path)}:{line}"


# ruff: noqa: B023 -- each attempt is made before the next place is looked for.


def _extract_variable(bench: Bench, chance: random.Random) -> Iterator[tuple[str, Attempt]]:
    kinds = PYTHON.expressions - {"identifier", "integer", "true", "false", "none", "float"}
    for source in bench.sources(chance):
        node = _nodes(source, chance, kinds)
        everywhere = chance.random() < 0.5
        yield (
            _place(bench, source, node.start),
            lambda: extract_variable(
                bench.snapshot,
                source.path,
                Span(node.start, node.end),
                f"named_{node.start}",
                everywhere=everywhere,
            ),
        )


def _extract_function(bench: Bench, chance: random.Random) -> Iterator[tuple[str, Attempt]]:
    kinds = PYTHON.expressions - {"identifier", "integer", "true", "false", "none", "float"}
    for source in bench.sources(chance):
        if chance.random() < 0.25:
            node = _nodes(source, chance, kinds)
            span = Span(node.start, node.end)
        else:
            block = _nodes(source, chance, frozenset({"block"}))
            if not block.named:
                continue
            first = chance.randrange(len(block.named))
            last = chance.randrange(first, min(len(block.named), first + 6))
            span = Span(block.named[first].start, block.named[last].end)
        method = chance.random() < 0.5
        yield (
            _place(bench, source, span.start),
            lambda: extract_function(
                bench.snapshot, source.path, span, f"named_{span.start}_{span.end}", method=method
            ),
        )


def _inline(bench: Bench, chance: random.Random) -> Iterator[tuple[str, Attempt]]:
    for source in bench.sources(chance):
        node = _nodes(source, chance, frozenset({"assignment"}))
        is_in_function = any(each.kind in PYTHON.functions for each in node.ancestors())
        if not is_in_function or node.named[0].kind != "identifier":
            continue
        yield (
            _place(bench, source, node.start),
            lambda: inline_variable(bench.snapshot, source.path, node.start),
        )


_SYMBOLS = frozenset({Kind.CLASS, Kind.FUNCTION, Kind.METHOD, Kind.VARIABLE, Kind.CONSTANT,
                      Kind.PARAMETER, Kind.ATTRIBUTE})  # fmt: skip


def _rename(bench: Bench, chance: random.Random) -> Iterator[tuple[str, Attempt]]:
    for source in bench.sources(chance):
        definition = chance.choice(list(source.unit.definitions))
        if definition.kind not in _SYMBOLS or not definition.name:
            continue
        # What is public may be named in ways that no graph can see.
        new = f"{definition.name}_renamed"
        yield (
            f"{_place(bench, source, definition.start)} {definition.name}",
            lambda: _certain(renaming.rename(bench.snapshot, source.path, definition.start, new)),
        )


def _certain(patch: Patch) -> Patch:
    """A patch of which nothing is left for the user to check."""
    if patch.note:
        raise RefusedError("not all uses are known, as the note says")
    if patch.confirm:
        raise RefusedError("some uses are to be confirmed")
    return patch


def _move(bench: Bench, chance: random.Random) -> Iterator[tuple[str, Attempt]]:
    for source in bench.sources(chance):
        top = [
            each
            for each in source.unit.definitions
            if each.scope == 0 and each.kind in (Kind.CLASS, Kind.FUNCTION, Kind.CONSTANT,
                                                 Kind.VARIABLE)
        ]  # fmt: skip
        if not top:
            continue
        definition = chance.choice(top)
        target = next(each for each in bench.paths(chance) if each != source.path)
        yield (
            f"{_place(bench, source, definition.start)} {definition.name} -> {Path(target).name}",
            lambda: _certain(move_symbol(bench.snapshot, source.path, definition.start, target)),
        )


def _signature(bench: Bench, chance: random.Random) -> Iterator[tuple[str, Attempt]]:
    for source in bench.sources(chance):
        functions = [
            each
            for each in source.unit.definitions
            if each.kind in (Kind.FUNCTION, Kind.METHOD, Kind.CONSTRUCTOR) and each.name
        ]
        if not functions:
            continue
        definition = chance.choice(functions)
        changed = _changed(source, definition.start, chance)
        if changed is None:
            continue
        yield (
            f"{_place(bench, source, definition.start)} {definition.name} {changed}",
            lambda: _certain(
                change_signature(bench.snapshot, source.path, definition.start, changed)
            ),
        )


def _changed(source: Source, offset: int, chance: random.Random) -> list[Parameter] | None:
    """Other parameters for a function, by one change."""
    written = changeable(source, offset)
    if written is None:
        return None
    found = [Parameter(each.name, each.name) for each in written]
    plain = [at for at, each in enumerate(written) if each.is_plain]
    kind = chance.choice(["add", "add", "rename", "rename", "reorder", "remove"])
    if kind == "add":
        at = chance.randint(0, len(found))
        found.insert(at, Parameter("added_by_test", default="None"))
        return found
    if not plain:
        return None
    at = chance.choice(plain)
    if kind == "rename":
        found[at] = Parameter(f"{found[at].name}_renamed", found[at].name)
    elif kind == "remove":
        del found[at]
    else:
        other = chance.choice(plain)
        found[at], found[other] = found[other], found[at]
        if at == other:
            return None
    return found


KINDS: dict[str, Callable[[Bench, random.Random], Iterator[tuple[str, Attempt]]]] = {
    "rename": _rename,
    "extract-variable": _extract_variable,
    "extract-function": _extract_function,
    "inline": _inline,
    "move": _move,
    "change-signature": _signature,
}


if __name__ == "__main__":
    raise SystemExit(main())
