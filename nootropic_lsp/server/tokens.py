"""This file is where coloured stretches of text become the numbers of semantic tokens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from nootropic_lsp.core.spans import Span
from nootropic_lsp.core.symbols import Token
from nootropic_lsp.server.positions import end_of_line
from nootropic_lsp.server.question import Question

Json = dict[str, Any]

TYPES = (
    "namespace", "type", "class", "enum", "interface", "struct", "typeParameter", "parameter",
    "variable", "property", "enumMember", "event", "function", "method", "macro", "keyword",
    "modifier", "comment", "string", "number", "regexp", "operator", "decorator", "label",
)  # fmt: skip
MODIFIERS = (
    "declaration", "definition", "readonly", "static", "deprecated", "abstract", "async",
    "modification", "documentation", "defaultLibrary",
)  # fmt: skip
LEGEND: Json = {"tokenTypes": list(TYPES), "tokenModifiers": list(MODIFIERS)}

_TYPE = {name: number for number, name in enumerate(TYPES)}
_BIT = {name: 1 << number for number, name in enumerate(MODIFIERS)}


def encode(question: Question, path: str, tokens: Iterable[Token]) -> list[int]:
    """Five numbers for each token, its place relative to the one before."""
    lines = question.snapshot.lines(path)
    data: list[int] = []
    last_line = last_column = 0
    for token in tokens:
        kind = _TYPE.get(token.type)
        if kind is None:
            continue
        bits = sum(_BIT.get(modifier, 0) for modifier in token.modifiers)
        for span in _per_line(question, path, lines, token.span):
            extent = question.range(path, span)
            line, column = extent.start.line, extent.start.character
            same_line = line == last_line
            data += (
                line - last_line,
                column - last_column if same_line else column,
                extent.end.character - column,
                kind,
                bits,
            )
            last_line, last_column = line, column
    return data


def _per_line(question: Question, path: str, lines: Any, span: Span) -> Iterable[Span]:
    """Not every client can colour a token of several lines, so that each gets one per line."""
    first, last = lines.line_of(span.start), lines.line_of(max(span.start, span.end - 1))
    if first == last:
        return (span,)
    text = question.snapshot.text(path)
    parts = (
        Span(
            max(span.start, lines.starts[line]),
            min(span.end, end_of_line(text, lines, line)),
        )
        for line in range(first, last + 1)
    )
    return [part for part in parts if part.start < part.end]


def delta(before: Sequence[int], after: list[int]) -> list[Json]:
    """One edit that turns the old numbers into the new ones; none if they are the same."""
    shortest = min(len(before), len(after))
    start = next((i for i in range(shortest) if before[i] != after[i]), shortest)
    if start == len(before) == len(after):
        return []
    end = next(
        (i for i in range(shortest - start) if before[-1 - i] != after[-1 - i]), shortest - start
    )
    return [
        {
            "start": start,
            "deleteCount": len(before) - start - end,
            "data": after[start : len(after) - end],
        }
    ]
