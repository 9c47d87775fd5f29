"""Findings as plain lists, for caches that are read without any library."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nootropic_lsp.core.findings import Finding, Fix, Related
from nootropic_lsp.core.spans import Place, Span
from nootropic_lsp.core.symbols import Edit


def encode(finding: Finding) -> list[Any]:
    """A finding as a list that JSON can hold."""
    fix = finding.fix
    return [
        finding.span.start,
        finding.span.end,
        finding.code,
        finding.message,
        finding.severity,
        [[r.place.path, r.place.span.start, r.place.span.end, r.message] for r in finding.related],
        list(finding.tags),
        fix
        and [
            fix.title,
            [[each.span.start, each.span.end, each.text] for each in fix.edits],
            fix.is_safe,
        ],
    ]


def decode(made: Sequence[Any]) -> Finding:
    """The finding that `encode` was given."""
    start, end, code, message, severity, related, tags, fix = made
    return Finding(
        Span(start, end),
        code,
        message,
        severity,
        tuple(Related(Place(path, Span(first, last)), said) for path, first, last, said in related),
        tuple(tags),
        fix
        and Fix(
            fix[0],
            tuple(Edit(Span(first, last), text) for first, last, text in fix[1]),
            fix[2],
        ),
    )
