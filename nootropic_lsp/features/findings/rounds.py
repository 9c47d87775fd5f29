"""Putting findings right, and then those that only this has made possible to put right."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from time import monotonic

from nootropic_lsp.core.findings import Finding
from nootropic_lsp.core.spans import Span
from nootropic_lsp.core.symbols import Edit
from nootropic_lsp.features.findings.fixes import DEADLINE_S, Find, Fixed, fixed_together
from nootropic_lsp.features.findings.supposed import with_edits
from nootropic_lsp.features.snapshot import Snapshot

# Fixes that overlap wait for the next round; a file that needs more is not getting better.
MOST_ROUNDS = 10

Choose = Callable[[str, Sequence[Finding]], Sequence[Finding]]
"""Which findings of a text are to be put right."""


def fixed_in_rounds(
    snapshot: Snapshot,
    path: str,
    known: Sequence[Finding],
    find: Find,
    choose: Choose,
    *,
    deadline_s: float = DEADLINE_S,
) -> Fixed:
    """As many of the chosen findings as can be put right, round after round until none is left.

    `known` are the findings to begin with.
    """
    until = monotonic() + deadline_s
    done: list[Finding] = []
    changes: list[_Change] = []
    for _ in range(MOST_ROUNDS):
        text = snapshot.text(path)
        known = [_with_line_ends(each, text) for each in known]
        wanted, left_s = choose(text, known), until - monotonic()
        fixed = fixed_together(snapshot, path, wanted, known, find, deadline_s=left_s)
        after = with_edits(snapshot, path, fixed.edits) if fixed.edits else None
        if after is None:
            break
        done += fixed.findings
        changes = _one_after_the_other(changes, fixed.edits)
        snapshot, known = after, find(after, path)
    text = snapshot.text(path)
    edits = (Edit(each.before, text[each.now.start : each.now.end]) for each in changes)
    return Fixed(tuple(edits), tuple(done))


@dataclass(frozen=True, slots=True)
class _Change:
    """What was a span of the first text is one of the latest text now."""

    before: Span
    now: Span

    @property
    def growth(self) -> int:
        return _length(self.now) - _length(self.before)


def _one_after_the_other(changes: Iterable[_Change], edits: Iterable[Edit]) -> list[_Change]:
    """The changes after some edits more of the latest text, those that touch as one."""
    # Spans of the latest text, by how much they have grown so far, and by how much they will.
    parts = [(each.now, each.growth, 0) for each in changes]
    parts += [(each.span, 0, len(each.text) - _length(each.span)) for each in edits]
    made: list[_Change] = []
    grown = growing = 0
    for span, so_far, more in _touching_as_one(sorted(parts)):
        made.append(
            _Change(
                Span(span.start - grown, span.end - grown - so_far),
                Span(span.start + growing, span.end + growing + more),
            )
        )
        grown += so_far
        growing += more
    return made


def _touching_as_one(parts: Iterable[tuple[Span, int, int]]) -> list[tuple[Span, int, int]]:
    joined: list[tuple[Span, int, int]] = []
    for span, so_far, more in parts:
        if joined and span.start <= joined[-1][0].end:
            last, before, after = joined.pop()
            span = Span(last.start, max(last.end, span.end))
            so_far, more = so_far + before, more + after
        joined.append((span, so_far, more))
    return joined


def _length(span: Span) -> int:
    return span.end - span.start


def _with_line_ends(finding: Finding, text: str) -> Finding:
    """A finding whose fix ends lines as the file does."""
    if finding.fix is None or "\r\n" not in text:
        return finding
    edits = tuple(
        replace(edit, text=edit.text.replace("\r\n", "\n").replace("\n", "\r\n"))
        for edit in finding.fix.edits
    )
    return replace(finding, fix=replace(finding.fix, edits=edits))
