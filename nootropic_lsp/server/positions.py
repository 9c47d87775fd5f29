"""This file is where an editor's lines and columns become offsets, and offsets positions."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from nootropic_lsp.core.spans import Encoding, Lines, Span, code_points, units
from nootropic_lsp.server.params import Position, Range


def choose_encoding(offered: Sequence[object]) -> Encoding:
    """The first unit of the client's that we know; without any, UTF-16, as the protocol says."""
    for name in offered:
        if name in (Encoding.UTF8, Encoding.UTF16, Encoding.UTF32):
            return Encoding(str(name))
    return Encoding.UTF16


def to_offset(text: str, lines: Lines, position: Position, encoding: Encoding) -> int:
    """The offset of a position; one past the end of its line or of the text means that end."""
    if position.line >= len(lines):
        return len(text)
    line = max(0, position.line)
    column = max(0, position.character)
    start = lines.starts[line]
    end = end_of_line(text, lines, line)
    if lines.ascii or encoding is Encoding.UTF32:
        return min(start + column, end)
    # No unit is wider than one character needs, so the rest of a long line need not be looked at.
    return start + code_points(text[start : min(end, start + column)], column, encoding)


def to_span(text: str, lines: Lines, given: Range, encoding: Encoding) -> Span:
    """The span of a range; one that ends before it starts is empty."""
    start = to_offset(text, lines, given.start, encoding)
    return Span(start, max(start, to_offset(text, lines, given.end, encoding)))


def end_of_line(text: str, lines: Lines, line: int) -> int:
    """The offset after the last character of a line, before what ends it."""
    if line + 1 >= len(lines):
        return len(text)
    end = lines.starts[line + 1] - 1
    if end and text[end] == "\n" and text[end - 1] == "\r" and end > lines.starts[line]:
        return end - 1
    return end


def to_position(text: str, lines: Lines, offset: int, encoding: Encoding) -> Position:
    """The position of an offset. `text` is looked at only if it has more than ASCII."""
    line = bisect_right(lines.starts, offset) - 1
    start = lines.starts[line]
    if lines.ascii or encoding is Encoding.UTF32:
        return Position(line, offset - start)
    return Position(line, units(text[start:offset], encoding))


def to_range(text: str, lines: Lines, span: Span, encoding: Encoding) -> Range:
    """The range of a span. `text` is looked at only if it has more than ASCII."""
    start = to_position(text, lines, span.start, encoding)
    line = start.line
    if lines.ascii and (line + 1 == len(lines) or span.end < lines.starts[line + 1]):
        # Most spans are names, and large answers consist of them: no second look for the line.
        end = Position(line, start.character + span.end - span.start)
    else:
        end = to_position(text, lines, span.end, encoding)
    return Range(start, end)
