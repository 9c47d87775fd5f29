"""Findings of an earlier text, carried along to where they are in a later one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from nootropic_lsp.core.findings import Finding, Fix, Related
from nootropic_lsp.core.spans import Place, Span, replaced


def carried(findings: Iterable[Finding], path: str, before: str, after: str) -> list[Finding]:
    """The findings on lines that are as they were, with everything that belongs to them.

    A finding goes when one of its places in this file was changed: nobody knows any more
    whether it is true. Its fix goes when only that touches what was changed.
    """
    if before == after:
        return list(findings)
    change = _Change(before, after)
    moved = (_moved(each, path, change) for each in findings)
    return [each for each in moved if each is not None]


class _Change:
    """Which whole lines of a text were replaced, and how far what follows them has moved."""

    def __init__(self, before: str, after: str) -> None:
        start, end, new_end = _by_lines(before, after, *replaced(before, after))
        self.shift = new_end - end
        if _ends_line(before, start) and _ends_line(after, start):
            # The line before the change is whole in both.
            self.start = start
        else:
            self.start = _line_start(before, start)
        if _starts_line(before, end) and _starts_line(after, new_end):
            self.end = end
        else:
            self.end = _line_end(before, end)

    def moved(self, span: Span) -> Span | None:
        if span.end <= self.start:
            return span
        if span.start >= self.end:
            return Span(span.start + self.shift, span.end + self.shift)
        return None


def _by_lines(before: str, after: str, start: int, end: int, new_end: int) -> tuple[int, int, int]:
    """The same change seen as one of whole lines, where something was only put in or taken out.

    Whether of two like lines the first or the second came, the text alone does not say.
    """
    if start not in (end, new_end):
        return start, end, new_end
    longer, longer_end = (before, end) if start == new_end else (after, new_end)
    back = start - _line_start(longer, start)
    if longer[start - back : start] == longer[longer_end - back : longer_end]:
        return start - back, end - back, new_end - back
    return start, end, new_end


def _moved(finding: Finding, path: str, change: _Change) -> Finding | None:
    span = change.moved(finding.span)
    if span is None:
        return None
    related: list[Related] = []
    for each in finding.related:
        if each.place.path != path:
            related.append(each)
            continue
        place = change.moved(each.place.span)
        if place is None:
            return None
        related.append(Related(Place(path, place), each.message))
    return replace(finding, span=span, related=tuple(related), fix=_moved_fix(finding.fix, change))


def _moved_fix(fix: Fix | None, change: _Change) -> Fix | None:
    if fix is None:
        return None
    spans = [change.moved(edit.span) for edit in fix.edits]
    if None in spans:
        return None
    pairs = zip(fix.edits, spans, strict=True)
    return replace(fix, edits=tuple(replace(edit, span=span) for edit, span in pairs if span))


def _starts_line(text: str, offset: int) -> bool:
    return offset == 0 or text[offset - 1] in "\r\n"


def _ends_line(text: str, offset: int) -> bool:
    return offset == len(text) or text[offset] in "\r\n"


def _line_start(text: str, offset: int) -> int:
    return max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1


def _line_end(text: str, offset: int) -> int:
    ends = [at for mark in "\r\n" if (at := text.find(mark, offset)) >= 0]
    return min(ends, default=len(text))


def joined(live: Iterable[Finding], others: Iterable[Finding]) -> list[Finding]:
    """Both kinds of findings in the order of the text, what is known twice only once."""
    found = list(live)
    known = {(each.code, each.span) for each in found}
    found += (each for each in others if (each.code, each.span) not in known)
    return sorted(found, key=lambda each: (each.span, each.code))
