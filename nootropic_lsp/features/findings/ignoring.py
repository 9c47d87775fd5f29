"""Comments that have a finding ignored, put where they count and break nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from nootropic_lsp.core.findings import Finding, Fix
from nootropic_lsp.core.spans import Lines, Span
from nootropic_lsp.core.symbols import Edit
from nootropic_lsp.features.findings.fixes import Find, verified
from nootropic_lsp.features.parsed import parsed
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.opened import OpenText
from nootropic_lsp.index.surroundings import surroundings
from nootropic_lsp.predict.lexing import comment_marks

_DIRECTIVE = re.compile(r"nootropic:[ \t]*ignore\[(?P<codes>[^\]\n]*)\]")
_CLOSERS = {"/*": " */", "<!--": " -->"}
_MARKS = {"css": "/*"}
_NO_COMMENTS = frozenset({"json"})


def ignoring(
    snapshot: Snapshot, path: str, finding: Finding, known: Sequence[Finding], find: Find
) -> tuple[Edit, ...]:
    """The edit after which a finding is ignored; empty where there is no place for a comment."""
    text = parsed(snapshot, path)
    if text is None or text.document.language in _NO_COMMENTS:
        return ()
    for edit in _candidates(text, finding):
        tried = replace(finding, fix=Fix("", (edit,)))
        if verified(snapshot, path, tried, known, find):
            return (edit,)
    return ()


def _candidates(text: OpenText, finding: Finding) -> Iterator[Edit]:
    """An addition to a comment that is there, a comment at the end of a line, one above."""
    lines, source = text.document.lines, text.document.text
    first = lines.line_of(finding.span.start)
    last = lines.line_of(max(finding.span.start, finding.span.end - 1))
    either = sorted({first, last})
    for number in (*either, first - 1):
        start, end = _line(lines, source, number)
        for match in _DIRECTIVE.finditer(source, start, end):
            is_alone = not source[start : match.start()].strip(" \t#/*<!-")
            if surroundings(text, match.start()) == "comment" and (number >= first or is_alone):
                so_far = match["codes"].strip()
                codes = f"{so_far}, {finding.code}" if so_far else finding.code
                yield Edit(Span(*match.span("codes")), codes)
    mark = _MARKS.get(text.document.language) or comment_marks(text.document.language)[0]
    comment = f"{mark} nootropic: ignore[{finding.code}]{_CLOSERS.get(mark, '')}"
    gap = "  " if text.document.language == "python" else " "
    for number in either:
        start, end = _line(lines, source, number)
        around = surroundings(text, end)
        is_noted = around == "comment" and mark in source[start:end]
        if (around == "code" and not source[start:end].endswith("\\")) or is_noted:
            yield Edit(Span(end, end), f"{gap}{comment}")
    start, end = _line(lines, source, first)
    above = source[slice(*_line(lines, source, first - 1))] if first else ""
    if surroundings(text, start) == "code" and not above.endswith("\\"):
        indent = source[start:end][: end - start - len(source[start:end].lstrip())]
        newline = "\r\n" if "\r\n" in source else "\n"
        yield Edit(Span(start, start), f"{indent}{comment}{newline}")


def _line(lines: Lines, text: str, number: int) -> tuple[int, int]:
    """Where a line starts and ends, without its end of line; nothing for a line before the first."""
    if number < 0:
        return 0, 0
    start = lines.starts[number]
    end = lines.starts[number + 1] if number + 1 < len(lines) else len(text)
    return start, start + len(text[start:end].rstrip("\r\n"))
