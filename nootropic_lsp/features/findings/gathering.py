"""Having every engine look at some files, each at those it is wanted for."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec

from nootropic_lsp.analysis.astgrep import AstGrep
from nootropic_lsp.analysis.rulebook import family_of
from nootropic_lsp.analysis.selection import Selection, chosen_rules
from nootropic_lsp.analysis.semgrep import Text, scan
from nootropic_lsp.analysis.simplify.needs import Needs, SemgrepRule
from nootropic_lsp.analysis.taint import semgrep_rules
from nootropic_lsp.analysis.user_rules import UserRules, code_of, read_user_rules
from nootropic_lsp.core.findings import Finding
from nootropic_lsp.features.findings.examined import (
    AST_GREP,
    GRAPH,
    OWN,
    SEMGREP,
    Examined,
    examine,
)
from nootropic_lsp.features.findings.mirror import EXAMINER, sent
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.discover import language_of
from nootropic_lsp.index.workers import Pool
from nootropic_lsp.settings.options import Settings

Progress = Callable[[int, int], None]
_BATCH_FILES = 24
_DEADLINE_S = 60.0
_SINGLE_DEADLINE_S = 15.0
# Fewer files are looked at sooner than another process has started.
_FEW = 12


@dataclass(frozen=True, slots=True)
class Task:
    """What is asked of the engines. `until` is a moment of `time.monotonic`.

    With `jobs`, files on the disk are looked at in so many processes.
    """

    snapshot: Snapshot
    settings: Settings
    selection: Selection
    until: float
    jobs: int = 0
    on_progress: Progress | None = None

    @property
    def left_s(self) -> float:
        """How much time there is left."""
        return max(0.0, self.until - time.monotonic())

    def language(self, path: str) -> str:
        """The language of a file, "" for none that is known."""
        document = self.snapshot.document(path)
        return language_of(path) or "" if document is None else document.language


@dataclass(slots=True)
class Said:
    """What the engines said, by engine and path.

    `others` are for each path the files beside it that were looked into, `consulted` is a digest
    of what may have been taken from them. `failed` are the
    files that were not looked at wholly. Of the `problems` those that are `passing` may be gone
    the next time.
    """

    found: dict[str, dict[str, list[Finding]]] = field(default_factory=dict)
    others: dict[str, list[str]] = field(default_factory=dict)
    consulted: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    passing: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)
    is_complete: bool = True

    def add(self, engine: str, path: str, findings: list[Finding]) -> None:
        """Note what an engine said of a file."""
        self.found.setdefault(engine, {})[path] = findings

    def of(self, path: str) -> dict[str, list[Finding]]:
        """What each engine said of a file."""
        return {engine: by[path] for engine, by in self.found.items() if path in by}

    def fail(self, problem: str, paths: Collection[str] = ()) -> None:
        """Note that something was not looked at: some files, or what holds for all of them."""
        self.is_complete = False
        if paths:
            self.passing.add(problem)
        self.failed.update(paths)
        self.problems.append(problem)


def gather(task: Task, wanted: Mapping[str, Collection[str]]) -> Said:
    """Have the engines look at the files that they are wanted for."""
    said = Said()
    rules = user_rules(task)
    ours, theirs = _semgrep_rules(task, rules) if wanted.get(SEMGREP) else ([], [])
    needs = Needs(ours, theirs)
    items: dict[str, list[str]] = {}
    for engine in (OWN, GRAPH, SEMGREP):
        for path in wanted.get(engine, ()):
            if engine == SEMGREP and family_of(task.language(path)) is None:
                continue
            items.setdefault(path, []).append(engine)
    if task.jobs and len(items) > _FEW:
        texts = _examine_apart(task, items, needs, said)
    else:
        texts = _examine_here(task, items, needs, said)
    if wanted.get(SEMGREP):
        _run_semgrep(task, texts, [*ours, *theirs], rules.places, said)
    if wanted.get(AST_GREP) and rules.ast_grep:
        _run_ast_grep(task, wanted[AST_GREP], rules, said)
    for problem in rules.problems:
        said.fail(problem)
    return said


def user_rules(task: Task) -> UserRules:
    """The rules that users wrote for the workspace."""
    rules = UserRules()
    for folder in task.snapshot.folders:
        found = read_user_rules(Path(folder), task.settings.lint.rules)
        rules.semgrep += found.semgrep
        rules.ast_grep += found.ast_grep
        rules.problems += found.problems
        rules.places |= found.places
    return rules


def _semgrep_rules(
    task: Task, rules: UserRules
) -> tuple[Sequence[SemgrepRule], Sequence[SemgrepRule]]:
    """Our rules for Semgrep and those of users, as far as they are chosen."""
    ours = semgrep_rules(chosen_rules(task.selection))
    return ours, [each for each in rules.semgrep if task.selection.takes(code_of(each["id"]))]


def _run_semgrep(
    task: Task,
    texts: list[Text],
    rules: Sequence[SemgrepRule],
    places: Mapping[str, str],
    said: Said,
) -> None:
    result = scan(texts, rules, deadline_s=task.left_s, n_jobs=max(1, task.jobs))
    for each in texts:
        found = [replace(e, code=code_of(e.code)) for e in result.by_path.get(each.path, ())]
        said.add(SEMGREP, each.path, found)
    for problem in result.problems:
        said.fail(_with_place(problem, places))
    said.is_complete = said.is_complete and result.is_complete


def _with_place(problem: str, places: Mapping[str, str]) -> str:
    """A sentence with the place of the user's rule that it is about."""
    named = re.match(r"rule (\S+?)[:,]? ", problem)
    code = code_of(named[1]) if named else ""
    if named and code in places:
        return f"{places[code]}: {problem.replace(named[1], code, 1)}"
    return problem


def _run_ast_grep(task: Task, paths: Collection[str], rules: UserRules, said: Said) -> None:
    engine = AstGrep(
        [each for each in rules.ast_grep if task.selection.takes(each.code)], rules.places
    )
    try:
        for path in paths:
            if not task.left_s:
                said.fail(f"{path}: the time was up before the rules of users", [path])
                break
            with suppress(OSError):
                text = task.snapshot.text(path)
                found = engine.findings(text, task.language(path), deadline_s=task.left_s)
                said.add(AST_GREP, path, found)
    finally:
        engine.close()
    for problem in engine.problems:
        said.fail(problem)


def _examine_here(
    task: Task, items: Mapping[str, list[str]], needs: Needs, said: Said
) -> list[Text]:
    texts: list[Text] = []
    for number, (path, engines) in enumerate(items.items()):
        if not task.left_s:
            _note_late(task, list(items)[number:], said)
            break
        _take(path, examine(task.snapshot, path, engines, task.selection, needs), said, texts)
        if task.on_progress is not None:
            task.on_progress(number + 1, len(items))
    return texts


def _examine_apart(
    task: Task, items: Mapping[str, list[str]], needs: Needs, said: Said
) -> list[Text]:
    pool = Pool(task.jobs, EXAMINER)
    pool.prepare(_opening(task, needs))
    cancelled = threading.Event()

    def give_up() -> None:
        cancelled.set()
        pool.stop()

    timer = threading.Timer(task.left_s, give_up)
    timer.daemon = True
    timer.start()
    waiting = set(items)
    texts: list[Text] = []
    try:
        for batch, answer, failure in pool.run(
            _batches(list(items.items())),
            lambda batch: {"do": "find", "files": batch},
            deadline_s=_DEADLINE_S,
            single_deadline_s=_SINGLE_DEADLINE_S,
            cancelled=cancelled,
        ):
            made = [Examined(fault=failure)] if failure else msgspec.convert(answer, list[Examined])
            for (path, _), each in zip(batch, made, strict=True):
                waiting.discard(path)
                _take(path, each, said, texts)
            if task.on_progress is not None:
                task.on_progress(len(items) - len(waiting), len(items))
    finally:
        timer.cancel()
        pool.stop()
    if waiting:
        _note_late(task, sorted(waiting), said)
    return texts


def _take(path: str, made: Examined, said: Said, texts: list[Text]) -> None:
    for engine, found in made.found.items():
        said.add(engine, path, found)
    ready = made.prepared
    if ready is not None:
        said.others[path] = ready.others
        said.consulted[path] = ready.consulted
        texts.append(Text(path, ready.language, ready.text, ready.simple, ready.place))
    if made.fault:
        said.fail(f"{path}: it {made.fault}", [path])


def _opening(task: Task, needs: Needs) -> dict[str, Any]:
    return {
        "do": "open",
        "workspace": sent(task.snapshot),
        "selection": task.selection,
        "rules": (needs.ours, needs.theirs),
    }


def _batches(items: Sequence[tuple[str, list[str]]]) -> Iterator[list[Any]]:
    # Neighbours share what they import, so a batch is a run of the list.
    for start in range(0, len(items), _BATCH_FILES):
        yield list(items[start : start + _BATCH_FILES])


def _note_late(task: Task, paths: Sequence[str], said: Said) -> None:
    more = f" and {len(paths) - 1} more files" if len(paths) > 1 else ""
    said.fail(
        f"{os.path.basename(paths[0])}{more} were not looked at:"  # noqa: PTH119 -- a string
        " the time was up (lint.deadlineS)",
        paths,
    )
