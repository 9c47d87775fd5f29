"""How a suggestion is fitted between what stands before the cursor and what stands after it."""

from __future__ import annotations

import re
from dataclasses import replace

from nootropic_lsp.core.documents import Document
from nootropic_lsp.core.suggestions import Suggestion

_CLOSERS = {")": "(", "]": "[", "}": "{"}
_OPENERS = frozenset(_CLOSERS.values())
# What may stand right of the cursor: it ends or separates, so something may be put before it.
_ENDS = ")]},;:"
# Less than that is typed faster than it is read.
_LEAST = 3
_STRING = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`")
_LETTER = re.compile(r"[^\W\d]")


def rest_of_line(document: Document, offset: int) -> str:
    """What stands right of an offset, to the end of its line."""
    text = document.text
    end = offset
    while end < len(text) and text[end] not in "\r\n":
        end += 1
    return text[offset:end]


def start_of_line(document: Document, offset: int) -> str:
    """What stands left of an offset, from the start of its line."""
    return document.text[document.lines.starts[document.lines.line_of(offset)] : offset]


def has_room(rest: str) -> bool:
    """Whether something may be put before the rest of a line."""
    stripped = rest.strip()
    return not stripped or stripped[0] in _ENDS


def cut(suggestion: Suggestion, length: int) -> Suggestion:
    """No more than so many characters of a suggestion, without white space at the end."""
    text = suggestion.text[:length].rstrip()
    if text == suggestion.text:
        return suggestion
    return replace(
        suggestion, text=text, ends=(*(e for e in suggestion.ends if e < len(text)), len(text))
    )


def is_worth_it(suggestion: Suggestion) -> bool:
    """Whether reading it is less work than typing it."""
    return len(suggestion.text) >= _LEAST and _LETTER.search(suggestion.text) is not None


def fitted(suggestion: Suggestion, document: Document, offset: int, most_lines: int) -> Suggestion:
    """As much of a suggestion as is not there already; its text is empty if nothing is left."""
    before, rest = start_of_line(document, offset), rest_of_line(document, offset)
    found = suggestion
    if rest.strip():
        found = cut(found, _line_end(found.text))
        if rest.strip().startswith(found.text.strip()):
            return cut(found, 0)
        found = cut(found, _first_closed_twice(found.text, before, rest.strip()))
    found = cut(found, _end_of_lines(found.text, most_lines))
    return cut(found, _first_repeated(found.text, before, _next_line(document, offset)))


def _line_end(text: str) -> int:
    end = text.find("\n")
    return len(text) if end < 0 else end


def _end_of_lines(text: str, most: int) -> int:
    """Where the last of so many lines ends; an empty first one, the rest of the present, counts not."""
    end = -1
    for _ in range(most + (not text[: _line_end(text)].strip())):
        end = text.find("\n", end + 1)
        if end < 0:
            return len(text)
    return end


def _next_line(document: Document, offset: int) -> str:
    """The first line below an offset that is not blank, without its indentation."""
    lines, text = document.lines, document.text
    for line in range(lines.line_of(offset) + 1, len(lines)):
        end = lines.starts[line + 1] if line + 1 < len(lines) else len(text)
        written = text[lines.starts[line] : end].strip()
        if written:
            return written
    return ""


def _first_repeated(text: str, before: str, below: str) -> int:
    """Where a suggestion begins to repeat the line that stands below it."""
    if not below:
        return len(text)
    position = 0
    lines = text.split("\n")
    for number, line in enumerate(lines):
        whole = (before + line if number == 0 else line).strip()
        is_last = number == len(lines) - 1
        if line.strip() and (
            whole == below or (is_last and number > 0 and below.startswith(whole))
        ):
            return position
        position += len(line) + 1
    return len(text)


def _first_closed_twice(text: str, before: str, rest: str) -> int:
    """Where a suggestion begins to write what stands right of the cursor already.

    Of what closes, as much may be closed as the line has opened and does not close itself.
    """
    allowed = max(0, _unclosed(before) - _unopened(rest)) if rest[0] in _CLOSERS else 0
    opened: list[str] = []
    quote = ""
    for position, letter in enumerate(text):
        if quote:
            quote = "" if letter == quote and text[position - 1] != "\\" else quote
        elif letter in "\"'`":
            quote = letter
        elif letter in _OPENERS:
            opened.append(letter)
        elif letter in _CLOSERS and opened:
            opened.pop()
        elif not opened and letter == rest[0] and letter not in _CLOSERS:
            return position
        elif letter in _CLOSERS:
            if allowed == 0:
                return position
            allowed -= 1
    return len(text)


def _unclosed(line: str) -> int:
    """How many brackets a piece of a line leaves open."""
    depth = 0
    for letter in _without_strings(line):
        depth = depth + 1 if letter in _OPENERS else max(0, depth - (letter in _CLOSERS))
    return depth


def _unopened(line: str) -> int:
    """How many brackets a piece of a line closes that it has not opened."""
    depth = found = 0
    for letter in _without_strings(line):
        if letter in _OPENERS:
            depth += 1
        elif letter in _CLOSERS:
            found += depth == 0
            depth = max(0, depth - 1)
    return found


def _without_strings(line: str) -> str:
    return _STRING.sub("", line)
