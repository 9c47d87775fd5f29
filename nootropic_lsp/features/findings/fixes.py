"""Fixes that do what they say: the text can still be read, the findings are gone, none is new."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from time import monotonic

from nootropic_lsp.core.findings import Finding
from nootropic_lsp.core.spans import Span
from nootropic_lsp.core.symbols import Edit, Patch
from nootropic_lsp.features.findings.supposed import with_edits
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.features.syntax import syntax_findings

Find = Callable[[Snapshot, str], Sequence[Finding]]
"""The findings of a file: those by which a fix is judged."""

_VERIFIED = "verified fixes"
# Looking for the culprit among many fixes takes a run over the text for each guess.
DEADLINE_S = 5.0


@dataclass(frozen=True, slots=True)
class Fixed:
    """Edits that were tried out together, and the findings that they put right."""

    edits: tuple[Edit, ...] = ()
    findings: tuple[Finding, ...] = ()


def verified(
    snapshot: Snapshot, path: str, finding: Finding, known: Sequence[Finding], find: Find
) -> bool:
    """Whether the fix of a finding, one of those `known` of a file, may be offered."""
    # Editors ask whenever the cursor moves.
    asked_before: dict[tuple[str, Finding], bool] = snapshot.kept.setdefault(_VERIFIED, {})
    is_good = asked_before.get((path, finding))
    if is_good is None:
        is_good = finding.fix is not None and _is_good(snapshot, path, (finding,), known, find)
        asked_before[path, finding] = is_good
    return is_good


def proven(
    snapshot: Snapshot,
    path: str,
    findings: Iterable[Finding],
    known: Sequence[Finding],
    find: Find,
) -> list[Finding]:
    """The findings of a file as they are, but without the fixes that may not be offered."""
    found = list(findings)
    with_fix = [each for each in found if each.fix is not None]
    if not with_fix:
        return found
    good = set(fixed_together(snapshot, path, with_fix, known, find).findings)
    return [
        each
        if each.fix is None or each in good or _is_good(snapshot, path, (each,), known, find)
        else replace(each, fix=None)
        for each in found
    ]


def fixed_together(
    snapshot: Snapshot,
    path: str,
    wanted: Iterable[Finding],
    known: Sequence[Finding],
    find: Find,
    *,
    deadline_s: float = DEADLINE_S,
) -> Fixed:
    """As many of the wanted findings of a file as can be put right at once.

    Of fixes that overlap the first one counts; for the others one asks again afterwards.
    """
    until = monotonic() + deadline_s

    def good(more: tuple[Finding, ...], so_far: tuple[Finding, ...]) -> tuple[Finding, ...]:
        if not more or monotonic() > until:
            return so_far
        if _is_good(snapshot, path, so_far + more, known, find):
            return so_far + more
        if len(more) == 1:
            return so_far
        half = len(more) // 2
        return good(more[half:], good(more[:half], so_far))

    chosen = good(_apart(wanted), ())
    return Fixed(edits_of(chosen), chosen)


def patch_of(snapshot: Snapshot, path: str, edits: Iterable[Edit], title: str) -> Patch:
    """Edits of one file as a patch, for the version that it has in the editor."""
    document = snapshot.document(path)
    versions = {} if document is None else {path: document.version}
    return Patch({path: tuple(edits)}, versions=versions, annotation=title)


def edits_of(findings: Iterable[Finding]) -> tuple[Edit, ...]:
    """The edits of all fixes in the order of the text, what several need only once."""
    edits = {edit for each in findings if each.fix is not None for edit in each.fix.edits}
    return tuple(sorted(edits, key=lambda each: (each.span, each.text)))


def _apart(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings with fixes that do not touch each other, the first of those that do."""
    chosen: list[Finding] = []
    edits: set[Edit] = set()
    taken: list[Span] = []
    for each in sorted(findings, key=lambda finding: finding.span):
        new = () if each.fix is None else [edit for edit in each.fix.edits if edit not in edits]
        if each.fix is None or any(_clashes(edit.span, taken) for edit in new):
            continue
        chosen.append(each)
        edits.update(new)
        for edit in new:
            insort(taken, edit.span)
    return tuple(chosen)


def _clashes(span: Span, taken: Sequence[Span]) -> bool:
    """Whether a span touches one of some that are in order and apart."""
    at = bisect_left(taken, span)
    return any(_clash(span, other) for other in taken[max(0, at - 1) : at + 2])


def _clash(one: Span, other: Span) -> bool:
    if one.start == one.end or other.start == other.end:
        # Two insertions at one place have no order.
        return one.start <= other.end and other.start <= one.end
    return one.start < other.end and other.start < one.end


def _is_good(
    snapshot: Snapshot,
    path: str,
    wanted: Sequence[Finding],
    known: Sequence[Finding],
    find: Find,
) -> bool:
    edits = edits_of(wanted)
    after = with_edits(snapshot, path, edits)
    if not edits or after is None or not _reads_as_well(snapshot, after, path):
        return False
    untouched: Counter[tuple[str, Span]] = Counter()
    touched: Counter[str] = Counter()
    for each in _without(known, wanted):
        span = _moved(each.span, edits)
        if span is None:
            touched[each.code] += 1
        else:
            untouched[each.code, span] += 1
    lines = snapshot.lines(path)
    repaired = {(each.code, lines.line_of(each.span.start)) for each in wanted}
    gone = {(each.code, each.span) for each in wanted}
    for each in find(after, path):
        if untouched[each.code, each.span]:
            untouched[each.code, each.span] -= 1
        elif touched[each.code]:
            touched[each.code] -= 1
        else:
            # Of several in one line only the first one was shown.
            before = _moved_back(each.span, edits)
            if before is None or (each.code, before) in gone:
                return False
            if (each.code, lines.line_of(before.start)) not in repaired:
                return False
    return True


def _reads_as_well(before: Snapshot, after: Snapshot, path: str) -> bool:
    new = Counter(each.message for each in syntax_findings(after, path))
    return not new or new <= Counter(each.message for each in syntax_findings(before, path))


def _without(findings: Sequence[Finding], some: Sequence[Finding]) -> list[Finding]:
    left = Counter((each.code, each.span) for each in some)
    kept = []
    for each in findings:
        if left[each.code, each.span]:
            left[each.code, each.span] -= 1
        else:
            kept.append(each)
    return kept


def _moved(span: Span, edits: Sequence[Edit]) -> Span | None:
    """Where a span lies after some edits in order; None if one of them touches it."""
    shift = 0
    for edit in edits:
        if edit.span.end <= span.start:
            shift += len(edit.text) - (edit.span.end - edit.span.start)
        elif edit.span.start < span.end:
            return None
    return Span(span.start + shift, span.end + shift)


def _moved_back(span: Span, edits: Sequence[Edit]) -> Span | None:
    """Where a span lay before some edits in order; None if one of them has written in it."""
    shift = 0
    for edit in edits:
        start = edit.span.start + shift
        end = start + len(edit.text)
        if end <= span.start:
            shift += len(edit.text) - (edit.span.end - edit.span.start)
        elif start < span.end:
            return None
    return Span(span.start - shift, span.end - shift)
