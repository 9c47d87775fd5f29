"""Edits as models write them best, whole blocks before and after: read, and put into a text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from nootropic_lsp.core.errors import RefusedError


class Block(NamedTuple):
    """Lines to be replaced, and by which; `path` is "" where the answer names no file.

    Lines have no ends. No `original` lines at all are for a file that is empty or new.
    """

    path: str
    original: tuple[str, ...]
    updated: tuple[str, ...]


def parse_blocks(answer: str) -> list[Block]:
    """The blocks of an answer, whatever stands around them.

    Raises `RefusedError` for a block that is not whole or can be read in two ways.
    """
    lines = _lines(answer)
    blocks: list[Block] = []
    path = ""
    at = 0
    while at < len(lines):
        if not _BEGIN.fullmatch(lines[at]):
            at += 1
            continue
        end = _end_of(lines, at)
        inside = lines[at + 1 : end]
        middles = [number for number, line in enumerate(inside) if _MIDDLE.fullmatch(line)]
        if len(middles) != 1:
            raise RefusedError(
                f"a block has {len(middles)} lines with =======, "
                "so it is not clear what is to be replaced"
            )
        path = _path_before(lines, at) or path
        original, updated = inside[: middles[0]], inside[middles[0] + 1 :]
        blocks.append(Block(path, tuple(original), tuple(updated)))
        at = end + 1
    return blocks


def beside_blocks(answer: str) -> str:
    """What an answer says before and after its blocks, which have to be whole."""
    lines = _lines(answer)
    kept: list[str] = []
    at = 0
    while at < len(lines):
        if not _BEGIN.fullmatch(lines[at]):
            kept.append(lines[at])
            at += 1
            continue
        while kept and (not kept[-1].strip() or _FENCE.fullmatch(kept[-1])):
            kept.pop()
        if kept and _named_in(kept[-1]):
            kept.pop()
        at = _end_of(lines, at) + 1
    said = "\n".join(line for line in kept if not _FENCE.fullmatch(line))
    return re.sub(r"\n{3,}", "\n\n", said).strip()


def apply_blocks(text: str, blocks: Sequence[Block], *, adds: bool = False) -> str:
    """A text with all blocks in it; its line ends stay.

    What is to be replaced has to be there once: first as it is written, then with other blanks at
    the ends of lines and the whole block moved to the side. Raises `RefusedError` if it is not
    there, is there several times, or two blocks replace the same. With `adds`, a block that
    replaces nothing is added at the end of the text.
    """
    lines = _LINE.findall(text)
    bare = _lines(text)
    ends = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    if adds:
        added = [each for each in dict.fromkeys(blocks) if not _says_what(each)]
        blocks = [each for each in blocks if _says_what(each)]
        text = _with_end(text, added, ends)
        lines, bare = _LINE.findall(text), _lines(text)
    changes = sorted(_change(bare, block) for block in dict.fromkeys(blocks))
    for one, other in pairwise(changes):
        if other.start < one.end or other.start == one.start:
            raise RefusedError("two of its blocks change the same lines")
    for start, end, updated in reversed(changes):
        new = [line + ends for line in updated]
        if new and end == len(lines) and lines and not lines[-1].endswith(("\n", "\r")):
            new[-1] = updated[-1]
        lines[start:end] = new
    return "".join(lines)


# Not `splitlines`, which takes form feeds and the like for ends.
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_BEGIN = re.compile(r"\s*<{5,9} ?(?:ORIGINAL|SEARCH|BEFORE)\s*", re.IGNORECASE)
_MIDDLE = re.compile(r"\s*={7}(?: ?UPDATED)?\s*", re.IGNORECASE)
_FINISH = re.compile(r"\s*>{5,9} ?(?:UPDATED|REPLACE|AFTER|ORIGINAL)?\s*", re.IGNORECASE)
_FENCE = re.compile(r"\s*(?:`{3,}|~{3,})[\w+.-]*\s*")
_PATH = re.compile(
    r"[#>*\-\s]*(?:file(?:name)?:|path:)?\s*[*_`\"']*(?P<path>[^\s`\"'*]+?)[*_`\"':]*\s*",
    re.IGNORECASE,
)


def _lines(text: str) -> list[str]:
    return [line.rstrip("\r\n") for line in _LINE.findall(text)]


def _end_of(lines: Sequence[str], begin: int) -> int:
    for at in range(begin + 1, len(lines)):
        if _FINISH.fullmatch(lines[at]):
            return at
        if _BEGIN.fullmatch(lines[at]):
            break
    raise RefusedError(
        "it ends in the middle of a block; "
        "ask for less at once, or raise the setting `models.maxOutputTokens`"
    )


def _path_before(lines: Sequence[str], begin: int) -> str:
    """The file that a block names, on the line before it or before its fence."""
    at = begin - 1
    while at >= 0 and (not lines[at].strip() or _FENCE.fullmatch(lines[at])):
        at -= 1
    return _named_in(lines[at]) if at >= 0 else ""


def _named_in(line: str) -> str:
    """The path that a line consists of, "" for another line."""
    found = _PATH.fullmatch(line)
    if found is None or _FINISH.fullmatch(line):
        return ""
    path = found["path"]
    return path if re.search(r"[/\\]|\.\w+$", path) else ""


def _says_what(block: Block) -> bool:
    """Whether a block says what it replaces."""
    return any(map(str.strip, block.original))


def _with_end(text: str, added: Sequence[Block], ends: str) -> str:
    """A text with blocks at its end, an empty line before each."""
    for block in added:
        if text.strip():
            text += ends if text.endswith(("\n", "\r")) else ends * 2
        text += "".join(line + ends for line in block.updated)
    return text


class _Change(NamedTuple):
    start: int
    end: int
    updated: tuple[str, ...]


def _change(lines: Sequence[str], block: Block) -> _Change:
    if not _says_what(block):
        if any(map(str.strip, lines)):
            raise RefusedError("a block does not say what it replaces, and the file is not empty")
        return _Change(0, len(lines), block.updated)
    size = len(block.original)
    exact = [at for at in _starts(lines, size) if tuple(lines[at : at + size]) == block.original]
    if exact:
        _refuse_several(exact, block)
        return _Change(exact[0], exact[0] + size, block.updated)
    original, updated = _without_blank_ends(block.original), _without_blank_ends(block.updated)
    size = len(original)
    moved = [
        (at, shift)
        for at in _starts(lines, size)
        if (shift := _shift(original, lines[at : at + size])) is not None
    ]
    if not moved:
        raise RefusedError(
            "the file has no lines like "
            f"{_shown(block)}; it may have been edited meanwhile, so ask again"
        )
    _refuse_several(moved, block)
    at, shift = moved[0]
    return _Change(at, at + size, _shifted(updated, shift))


def _refuse_several(found: Sequence[object], block: Block) -> None:
    if len(found) > 1:
        raise RefusedError(
            f"the file has {len(found)} places like "
            f"{_shown(block)}, and it is not clear which one is meant"
        )


def _shown(block: Block) -> str:
    line = next(each for each in block.original if each.strip()).strip()
    return f"`{line[:60]}{'…' if len(line) > 60 else ''}`"


def _starts(lines: Sequence[str], size: int) -> range:
    return range(len(lines) - size + 1)


def _without_blank_ends(lines: Sequence[str]) -> tuple[str, ...]:
    full = [number for number, line in enumerate(lines) if line.strip()]
    return tuple(lines[full[0] : full[-1] + 1]) if full else ()


class _Shift(NamedTuple):
    """What lines begin with in an answer, and with what in the file."""

    said: str
    there: str


def _shift(original: Sequence[str], lines: Sequence[str]) -> _Shift | None:
    """How far lines are moved to the side, all of them alike; None if they are others."""
    if any(one.strip() != other.strip() for one, other in zip(original, lines, strict=True)):
        return None
    said, there = _indent(original[0]), _indent(lines[0])
    if there.endswith(said):
        shift = _Shift("", there.removesuffix(said))
    elif said.endswith(there):
        shift = _Shift(said.removesuffix(there), "")
    else:
        shift = _Shift(said, there)
    wanted = [line.rstrip() for line in lines]
    try:
        found = [line.rstrip() for line in _shifted(original, shift)]
    except RefusedError:
        return None
    return shift if found == wanted else None


def _shifted(lines: Iterable[str], shift: _Shift) -> tuple[str, ...]:
    return tuple(_moved(lines, shift))


def _moved(lines: Iterable[str], shift: _Shift) -> Iterator[str]:
    for line in lines:
        if not line.strip():
            yield ""
        elif line.startswith(shift.said):
            yield shift.there + line.removeprefix(shift.said)
        else:
            raise RefusedError("its lines are indented in another way than those of the file")


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]
