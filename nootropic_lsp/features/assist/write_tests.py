"""Tests for a function or class, as a proposal: a new file, or more in one that is there."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Sequence

from nootropic_lsp.analysis.testing import has_tests
from nootropic_lsp.core.errors import RefusedError
from nootropic_lsp.core.spans import Place, Span
from nootropic_lsp.core.symbols import Symbol
from nootropic_lsp.features.assist.checking import (
    Check,
    Trial,
    reads,
    silences_nothing,
    without_new_findings,
)
from nootropic_lsp.features.assist.edits import Order, Proposal, propose, text_to_change
from nootropic_lsp.features.assist.habits import Habits, habits_for
from nootropic_lsp.features.assist.means import Means, Room
from nootropic_lsp.features.assist.neighbours import symbol_around, used
from nootropic_lsp.features.assist.passages import Passage, once, passage_of, to_read
from nootropic_lsp.features.assist.views import view
from nootropic_lsp.features.snapshot import text_of
from nootropic_lsp.index.discover import language_of
from nootropic_lsp.models.matcher import Needs
from nootropic_lsp.prompts.registry import Filling

_CODE_WORTH, _EXAMPLE_WORTH, _USED_WORTH = 200.0, 0.8, 0.5
_MOST_EXAMPLE_LINES = 60


async def write_tests(means: Means, place: Place, *, model: str = "") -> Proposal:
    """Tests for what is around a place, by the habits of the project.

    Raises `RefusedError` as `propose` does.
    """
    means.refuse_unreadable(place.path)
    symbol = await asyncio.to_thread(symbol_around, means.snapshot, place.path, place.span)
    if symbol is None:
        raise RefusedError("there is no function or class to test at this place")
    habits = await asyncio.to_thread(habits_for, means, symbol)
    if habits is None:
        raise RefusedError(f"tests are not written for {language_of(place.path) or 'this'} yet")
    text = await asyncio.to_thread(text_to_change, means, habits.path)
    order = _order(means, symbol, habits, text)
    return await propose(means, order, Needs(model=model))


def _order(means: Means, symbol: Symbol, habits: Habits, text: str | None) -> Order:
    path = habits.path

    def gather(room: Room) -> list[Passage]:
        span = symbol.full_span
        code = passage_of(means, symbol.path, span, worth=_CODE_WORTH, why="it is to be tested")
        examples = [
            passage_of(
                means,
                each,
                Span(0, len(text_of(means.snapshot, each))),
                worth=_EXAMPLE_WORTH,
                why="other tests",
                most_lines=_MOST_EXAMPLE_LINES,
            )
            for each in habits.examples
        ]
        there = view(means, path, room, (), ()) if text else []
        around = used(means, symbol.path, span, _USED_WORTH)
        return once([code, *there, *examples, *around])

    def fill(passages: Sequence[Passage]) -> dict[str, Filling]:
        code = [each for each in passages if each.worth == _CODE_WORTH]
        tests = [each for each in passages if each.path == path]
        context = [each for each in passages if each not in code and each not in tests]
        return {
            "language": language_of(symbol.path) or "",
            "framework": habits.framework,
            "name": symbol.name,
            "module": f"{means.shown(symbol.path)}, which is {habits.imported} there",
            "path": means.shown(path),
            "code": [*to_read(means, code)],
            "tests": [*to_read(means, sorted(tests, key=lambda each: each.first))],
            "context": [*to_read(means, context)],
        }

    checks = (reads, _keeps, _adds_tests, silences_nothing, without_new_findings())
    new = frozenset((path,)) if text is None else frozenset[str]()
    return Order("write_tests", {path: text or ""}, gather, fill, checks, new, adds=True)


def _adds_tests(trial: Trial) -> Check:
    """There are tests in what is added."""
    name = "it adds tests"
    for before, after in trial.texts.values():
        added = (_lines(after) - _lines(before)).elements()
        if not has_tests("\n".join(added)):
            return Check(name, "failed", "it adds no test")
    return Check(name, "passed")


def _keeps(trial: Trial) -> Check:
    """No line of the tests that are there is gone, but for imports."""
    name = "the tests that are there stay as they are"
    for before, after in trial.texts.values():
        gone = [each for each in _lines(before) - _lines(after) if not _IMPORT.match(each)]
        if gone:
            return Check(name, "failed", f"it changes lines that were there, such as `{gone[0]}`")
    return Check(name, "passed")


def _lines(text: str) -> Counter[str]:
    # A list may get a comma where it goes on.
    return Counter(line.strip().rstrip(",") for line in text.splitlines() if line.strip())


_IMPORT = re.compile(r"(?:import|from|use|using|require)\b|.*(?:\brequire\(|\bfrom [\"'])")
