"""This file is where coloured stretches of text become the numbers of semantic tokens."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from nootropic_lsp.core.spans import units
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

_ENDLESS = 1 << 60
_TYPE = {name: number for number, name in enumerate(TYPES)}
_BIT = {name: 1 << number for number, name in enumerate(MODIFIERS)}


def encode(question: Question, path: str, tokens: Iterable[Token]) -> list[int]:
    """Five numbers for each token, its place relative to the one before."""
    lines = question.snapshot.lines(path)
    encoding = question.client.encoding
    text = "" if lines.ascii else question.text(path)
    bits: dict[tuple[str, ...], int] = {}
    data: list[int] = []
    last_line = last_column = 0
    for line, start, end, token in _by_line(question, path, lines, tokens):
        kind = _TYPE.get(token.type)
        if kind is None:
            continue
        modifiers = token.modifiers
        if modifiers not in bits:
            bits[modifiers] = sum(_BIT.get(modifier, 0) for modifier in modifiers)
        first = lines.starts[line]
        column, length = start - first, end - start
        if text:
            column, length = units(text[first:start], encoding), units(text[start:end], encoding)
        same_line = line == last_line
        data += (
            line - last_line,
            column - last_column if same_line else column,
            length,
            kind,
            bits[modifiers],
        )
        last_line, last_column = line, column
    return data


def _by_line(
    question: Question, path: str, lines: Any, tokens: Iterable[Token]
) -> Iterator[tuple[int, int, int, Token]]:
    """Line, start and end of every token, once for each of its lines.

    Not every client can colour a token of several lines.
    """
    starts = lines.starts
    line = behind = 0
    for token in tokens:
        start, end = token.start, token.end
        if start >= behind:
            line = lines.line_of(start)
            behind = starts[line + 1] if line + 1 < len(starts) else _ENDLESS
        if end <= behind:
            yield line, start, end, token
            continue
        text = question.text(path)
        for each in range(line, lines.line_of(end - 1) + 1):
            part_start = max(start, starts[each])
            part_end = min(end, end_of_line(text, lines, each))
            if part_start < part_end:
                yield each, part_start, part_end, token


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
