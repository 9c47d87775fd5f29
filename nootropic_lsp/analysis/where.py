"""This file is where a place in a simplified text is found again in the user's."""

from __future__ import annotations

import re
from collections.abc import Mapping

from nootropic_lsp.core.spans import Span

_OPENING, _CLOSING = "([{", ")]}"
# A statement of more lines is not looked through.
_MAX_LINES = 60


def located(text: str, seen: str, start: Mapping[str, int], end: Mapping[str, int]) -> Span:
    """The span in `text` of what lies between two places of `seen`, a text with the same lines.

    Lines count from 1; so do columns, in bytes.
    """
    ours, theirs = text.split("\n"), seen.split("\n")
    first, last = start["line"] - 1, end["line"] - 1
    begin = sum(len(each) + 1 for each in ours[:first])
    if ours[first : last + 1] == theirs[first : last + 1]:
        stop = sum(len(each) + 1 for each in ours[:last])
        return Span(
            begin + _characters(ours[first], start["col"]),
            stop + _characters(ours[last], end["col"]),
        )
    matched = theirs[first][_characters(theirs[first], start["col"]) :]
    if first == last:
        matched = matched[: _characters(theirs[first], end["col"])
                          - _characters(theirs[first], start["col"])]  # fmt: skip
    window = "\n".join(ours[first : first + _MAX_LINES])
    return _found(window, matched, begin) or _line(ours[first], begin)


def _characters(line: str, column: int) -> int:
    return len(line.encode("utf-8", "surrogatepass")[: column - 1].decode("utf-8", "ignore"))


def _found(window: str, matched: str, begin: int) -> Span | None:
    """The same text on that line, or the call that begins like it."""
    line = window.partition("\n")[0]
    at = line.find(matched)
    if matched and at >= 0:
        return Span(begin + at, begin + at + len(matched))
    called = re.match(r"[\w.]*?(\w+)\(", matched)
    if called is None:
        return None
    at = line.find(called[0])
    if at < 0:
        again = re.search(rf"\b{re.escape(called[1])}\(", line)
        if again is None:
            return None
        at = again.start()
    return Span(begin + at, begin + _closed(window, window.index("(", at)))


def _closed(window: str, at: int) -> int:
    """Where the bracket at an offset is closed, or the line ends."""
    depth = 0
    for offset in range(at, len(window)):
        if window[offset] in _OPENING:
            depth += 1
        elif window[offset] in _CLOSING:
            depth -= 1
            if depth == 0:
                return offset + 1
    return window.find("\n", at) if "\n" in window[at:] else len(window)


def _line(line: str, begin: int) -> Span:
    text = line.strip()
    at = len(line) - len(line.lstrip())
    return Span(begin + at, begin + at + len(text))
