"""Places in text: spans of code points, lines, and the column units that editors count in."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import AnyStr


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Half-open range of code-point offsets into a text."""

    start: int
    end: int

    def __contains__(self, offset: object) -> bool:
        return isinstance(offset, int) and self.start <= offset < self.end

    def touches(self, offset: int) -> bool:
        """Whether a cursor at `offset` is inside or at either edge."""
        return self.start <= offset <= self.end


@dataclass(frozen=True, slots=True)
class Place:
    """A span in a file. `path` is absolute, or the URI of a document that has no path."""

    path: str
    span: Span


class Encoding(StrEnum):
    """The unit in which an editor counts columns."""

    UTF8 = "utf-8"
    UTF16 = "utf-16"
    UTF32 = "utf-32"


class Lines:
    """Where the lines of a text start, in code points.

    A line ends after `\\n`, `\\r\\n` or a lone `\\r`, as the Language Server Protocol
    counts them. Other characters that Python's `splitlines` breaks at do not end a line.
    """

    __slots__ = ("ascii", "starts")

    def __init__(self, starts: array[int], *, ascii: bool) -> None:
        self.starts = starts
        self.ascii = ascii

    @classmethod
    def of(cls, text: str) -> Lines:
        """The lines of a text."""
        starts = array("I", (0,))
        if "\r" in text:
            starts.extend(_universal_starts(text))
        else:
            position = text.find("\n")
            while position >= 0:
                starts.append(position + 1)
                position = text.find("\n", position + 1)
        return cls(starts, ascii=text.isascii())

    def line_of(self, offset: int) -> int:
        """The line, counted from 0, that holds `offset`."""
        return bisect_right(self.starts, offset) - 1

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column, both from 0 and in code points."""
        line = self.line_of(offset)
        return line, offset - self.starts[line]

    def start_of(self, line: int) -> int:
        """The offset at which a line starts; past the last line, that of the last."""
        return self.starts[min(line, len(self.starts) - 1)]

    def __len__(self) -> int:
        return len(self.starts)


def _universal_starts(text: str) -> Iterable[int]:
    end = len(text)
    position = 0
    while position < end:
        feed = text.find("\n", position)
        carriage = text.find("\r", position, feed if feed >= 0 else end)
        if carriage >= 0:
            position = carriage + (2 if carriage + 1 == feed else 1)
        elif feed >= 0:
            position = feed + 1
        else:
            return
        yield position


def units(text: str, encoding: Encoding) -> int:
    """How many units of `encoding` a text takes."""
    if encoding is Encoding.UTF32 or text.isascii():
        return len(text)
    if encoding is Encoding.UTF16:
        return len(text.encode("utf-16-le", "surrogatepass")) // 2
    return len(text.encode("utf-8", "surrogatepass"))


def code_points(line: str, column: int, encoding: Encoding) -> int:
    """The number of code points before `column`, counted in units of `encoding`.

    A column inside a character means its start; one past the end means the end.
    """
    if encoding is Encoding.UTF32 or line.isascii():
        return min(column, len(line))
    # Every character takes a unit at least, so these are enough, and perhaps too many.
    head = line[:column]
    if encoding is Encoding.UTF8:
        encoded = head.encode("utf-8", "surrogatepass")
        if len(encoded) <= column:
            return len(head)
        starts = len(encoded[:column].translate(None, _CONTINUATION))
        return starts - (encoded[column] in _CONTINUATION)
    low, high = 0, len(head)
    while low < high:
        middle = (low + high + 1) // 2
        if units(head[:middle], encoding) <= column:
            low = middle
        else:
            high = middle - 1
    return low


_CONTINUATION = bytes(range(0x80, 0xC0))


def replaced(before: AnyStr, after: AnyStr) -> tuple[int, int, int]:
    """The stretch in which two texts differ: its start, its end in one and its end in the other."""
    # By halving: comparing slices is fast, a loop is not.
    low, high = 0, min(len(before), len(after))
    while low < high:
        middle = (low + high + 1) // 2
        if before[low:middle] == after[low:middle]:
            low = middle
        else:
            high = middle - 1
    start, n, m = low, len(before), len(after)
    low, high = 0, min(n, m) - start
    while low < high:
        middle = (low + high + 1) // 2
        if before[n - middle : n - low] == after[m - middle : m - low]:
            low = middle
        else:
            high = middle - 1
    return start, n - low, m - low
