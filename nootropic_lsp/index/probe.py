"""What stands before the cursor, read with the facts of an earlier version of its text.

Facts of a whole file take longer to make than anybody waits for a menu, and at the moment of
asking the text is broken. So those of an earlier version go on to be used: the cursor is mapped
into them, and the lines that were typed since are read alone and put on top. The unit made here
is of one question: a resolver is asked about it inside `aside`, in the world that the earlier
unit is of, so that everything else it knows stays known.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice

from nootropic_lsp.core.spans import replaced
from nootropic_lsp.index.facts import Block, Definition, Facts, Flag, Kind, ScopeKind
from nootropic_lsp.index.fragments import FRAMES, framed, read_between, read_receiver
from nootropic_lsp.index.grafts import Draft
from nootropic_lsp.index.units import Resolver, Unit

# Of what was typed since, so much before the cursor is read.
_MOST_TYPED = 3_000
# How far from the cursor a line is looked for that has not changed, and how long it has to be.
_FARTHEST_LINE = 60
_SHORTEST_LINE = 10
_WORD = re.compile(r"[^\W\d]\w*")
_CURSOR = "_"  # stands where something is about to be typed, so that more can be read there


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a cursor stands in an earlier version of its file.

    `unit` has the definitions of the earlier version without those on lines that have changed,
    and with those that are written there now. `scope` is the innermost scope at the cursor and
    `position` the offset, both as `unit` counts them: `Lister.visible(unit, scope, position)`.
    """

    unit: Draft
    scope: int
    position: int


def standing(unit: Unit, before: str, text: str, offset: int) -> Standing:
    """Where an offset of `text` stands in a unit that was made from the text `before`."""
    change = _Change(before, text, offset)
    draft = Draft(unit)
    draft.hide(*change.lines_before, set(_WORD.findall(before[slice(*change.lines_before)])))
    scope = _scope_at(unit, change, offset)
    position = change.earlier(offset)
    if unit.language in FRAMES and change.lines[0] <= offset <= change.lines[1]:
        scope = _add_lines(draft, change, scope)
    return Standing(draft, scope, position)


def probe(at: Standing, receiver: str, separator: str = "") -> int | None:
    """The index, in `at.unit`, of an expression as if it were written at the cursor.

    It can be given to `Resolver.types`, `Resolver.definitions` and `Lister.members`.
    `separator` is what stands between it and its members, the most usual one if it is "".
    None if the language has no such expressions, or this is none.
    """
    unit = at.unit
    read = read_receiver(unit.language, receiver, separator)
    if read is None:
        return None
    (facts, start), index = read
    scopes = _frame_scopes(unit, facts, start, at.scope, at.scope)
    position = max(at.position - 1, 0)  # it ends before the cursor, and maybe a block at it
    block = _block_at(unit, position)
    first, _ = unit.graft(facts, scopes, lambda _: position, block, lambda each: each.start < start)
    return first + index


@contextmanager
def aside(resolver: Resolver, unit: Draft) -> Iterator[None]:
    """Ask a resolver about a draft inside: it keeps nothing of that, but all else it finds out."""
    tables = resolver.remembered()
    sizes = [len(table) for table in tables]
    with resolver.touched.standing_for(unit.base, unit):
        try:
            yield
        finally:
            for table, size in zip(tables, sizes, strict=True):
                news = islice(reversed(table), max(len(table) - size, 0))
                for key in [key for key in news if _is_about(key, unit)]:
                    del table[key]


def _is_about(key: object, unit: Unit) -> bool:
    return key is unit or (isinstance(key, tuple) and any(_is_about(part, unit) for part in key))


class _Change:
    """The stretch at the cursor in which two versions of a text differ, by offsets and lines."""

    def __init__(self, before: str, text: str, offset: int) -> None:
        self.before = before
        self.text = text
        self.offset = offset
        start, end_before, end = replaced(before, text)
        self.start_before = self.start = start
        self.end_before, self.end = end_before, end
        if min(end_before, end) - start > _MOST_TYPED:
            self._narrow()
        self.lines_before = _whole_lines(before, self.start_before, self.end_before)
        self.lines = _whole_lines(text, self.start, self.end)

    def _narrow(self) -> None:
        """Between edits that are far from each other most is as it was: keep to the cursor."""
        old = self.before[self.start_before : self.end_before]
        new = self.text[self.start : self.end]
        cursor = min(max(self.offset - self.start, 0), len(new))
        above = new.rfind("\n", 0, cursor) + 1
        below = _end_of_line(new, cursor)
        first = _common_line(new[:above].splitlines(keepends=True)[::-1], new, old)
        last = _common_line(new[below:].splitlines(keepends=True), new, old)
        low, low_before = (new.index(first), old.index(first)) if first else (0, 0)
        high, high_before = (new.index(last), old.index(last)) if last else (len(new), len(old))
        if low_before > high_before:
            return
        start, end_before, end = replaced(old[low_before:high_before], new[low:high])
        self.end_before = self.start_before + low_before + end_before
        self.end = self.start + low + end
        self.start_before += low_before + start
        self.start += low + start

    def earlier(self, offset: int) -> int:
        """Where an offset of the later text is in the earlier one."""
        if offset >= self.end:
            return offset - self.end + self.end_before
        moved = max(offset - self.start + self.start_before, 0)
        return min(moved, self.end_before) if offset > self.start else moved


def _common_line(lines: list[str], new: str, old: str) -> str:
    """The first of some lines that stands once in each of two texts, "" if none does."""
    for line in lines[:_FARTHEST_LINE]:
        if len(line) > _SHORTEST_LINE and new.count(line) == 1 and old.count(line) == 1:
            return line
    return ""


def _whole_lines(text: str, start: int, end: int) -> tuple[int, int]:
    return text.rfind("\n", 0, start) + 1, _end_of_line(text, end)


def _end_of_line(text: str, offset: int) -> int:
    end = text.find("\n", offset)
    return len(text) if end < 0 else end


# ---- scopes


def _scope_at(unit: Unit, change: _Change, offset: int) -> int:
    """The innermost scope of the earlier version that an offset of the later text is in."""
    line = change.text.rfind("\n", 0, offset) + 1
    found = _innermost(unit, change.before, change.earlier(offset), change.earlier(line))
    if unit.language != "python":
        return found
    indented = _by_indentation(unit, change, line)
    return indented if _is_inside(unit, indented, found) else found


def _innermost(unit: Unit, text: str, position: int, line: int) -> int:
    """The innermost scope that holds a position of its text. What ends there, on the same line
    and without a bracket, may go on."""
    best, size = 0, len(text) + 1
    for number, scope in enumerate(unit.scopes):
        start, end = scope.start, scope.end
        if not start <= position <= end or end - start > size or scope.kind == ScopeKind.OBJECT:
            continue
        if position == end and (line >= end or text[end - 1 : end] == "}"):
            continue
        best, size = number, end - start
    return best


def _by_indentation(unit: Unit, change: _Change, line: int) -> int:
    """The scope that a line is in by its indentation, below the last line with anything in it."""
    text = change.text
    first = line
    while text[first : first + 1] in (" ", "\t"):
        first += 1
    above = len(change.before[: change.earlier(line)].rstrip())
    scope = _innermost(unit, change.before, above, -1)
    scopes = unit.scopes
    while scope > 0:
        this = scopes[scope]
        owner = this.owner
        is_block = this.kind != ScopeKind.COMPREHENSION and owner >= 0
        if (
            is_block
            and unit.definitions[owner].name
            and len(_indentation(change.before, this.start)) < first - line
        ):
            return scope
        scope = this.parent
    return 0


def _indentation(text: str, offset: int) -> str:
    """What the line that holds an offset begins with."""
    start = text.rfind("\n", 0, offset) + 1
    end = start
    while end < offset and text[end] in " \t":
        end += 1
    return text[start:end]


def _is_inside(unit: Unit, scope: int, other: int) -> bool:
    while scope != other and scope >= 0:
        scope = unit.scopes[scope].parent
    return scope == other


def _around(unit: Unit, scope: int, kind: int) -> int:
    """The nearest scope of a kind around a scope, itself included, or -1."""
    while scope >= 0 and unit.scopes[scope].kind != kind:
        scope = unit.scopes[scope].parent
    return scope


def _frame_scopes(
    unit: Unit, facts: Facts, start: int, scope: int, outermost: int
) -> dict[int, int]:
    """What the scopes of a frame around a piece of text stand for, where that is in a scope."""
    found = {0: outermost}
    for number, each in enumerate(facts.scopes):
        if number and each.start < start:
            found[number] = scope
            if each.kind == ScopeKind.CLASS:
                cls = _around(unit, scope, ScopeKind.CLASS)
                found[number] = cls if cls >= 0 else scope
    return found


def _block_at(draft: Draft, position: int) -> int:
    """The innermost run of statements at a position."""
    known, blocks = draft.base.blocks, draft.blocks
    best = bisect_right(known, position, key=_block_start) - 1
    while best > 0 and known[best].end < position:
        best = known[best].parent
    best = max(best, 0)
    size = known[best].end - known[best].start if known else 1 << 60
    for number in range(len(known), len(blocks)):
        block = blocks[number]
        if block.start <= position <= block.end and block.end - block.start <= size:
            best, size = number, block.end - block.start
    return best


def _block_start(block: Block) -> int:
    return block.start


# ---- lines that were typed since


def _add_lines(draft: Draft, change: _Change, scope: int) -> int:
    """Read the lines that have changed, as they are now; the scope at the cursor then."""
    text, cursor = change.text, change.offset
    first, last = change.lines
    if last - first > _MOST_TYPED:
        first = text.rfind("\n", 0, max(first, cursor - _MOST_TYPED)) + 1
        last = _end_of_line(text, cursor)
    if not text[first:last].strip():
        return scope
    code = first
    while text[code].isspace():
        code += 1
    around = _scope_at(draft.base, change, code)
    before, after = _frame(draft.base, change, around, text[first:code].rpartition("\n")[2])
    if text[first:last].rstrip().endswith(":"):
        after = " pass" + after
    piece = text[first:cursor] + _CURSOR + text[cursor:last]
    fragment = read_between(draft.language, before, piece, after)
    if fragment is None:
        return scope
    facts, start = fragment
    at = start + cursor - first
    position = change.earlier(cursor)

    def place(offset: int) -> int:
        moved = first + offset - start
        if moved > cursor:  # what encloses the cursor goes on behind it
            return max(change.earlier(moved - len(_CURSOR)), position + 1)
        # There may be no room for it before the cursor and what is probed, but that is where it is.
        latest = position - 2 if moved < cursor else position
        return max(min(change.earlier(max(moved, first)), latest), 0)

    def is_unbound(definition: Definition) -> bool:
        return definition.start < start or (
            definition.start <= at <= definition.end and definition.kind != Kind.NARROWED
        )

    inside = [
        (each.end - each.start, -number)
        for number, each in enumerate(facts.scopes)
        if start <= each.start <= at <= each.end and number
    ]
    scopes = _frame_scopes(draft.base, facts, start, around, 0 if before.strip() else around)
    block = _block_at(draft, change.earlier(code))
    _, now = draft.graft(facts, scopes, place, block, is_unbound)
    return now[-min(inside)[1]] if inside else scope


def _frame(unit: Unit, change: _Change, scope: int, indentation: str) -> tuple[str, str]:
    """What has to stand before and behind lines in a scope so that they can be read alone."""
    scopes = unit.scopes
    inner = scope
    while inner > 0 and not _is_written_block(unit, inner):
        inner = scopes[inner].parent
    in_function = inner > 0 and scopes[inner].kind == ScopeKind.FUNCTION
    outer = scopes[inner].parent if in_function else inner
    in_class = outer > 0 and scopes[outer].kind == ScopeKind.CLASS
    if unit.language != "python":
        return framed(unit.language, in_class=in_class, in_function=in_function)
    headers = []
    if in_class:
        headers.append(f"{_indentation(change.before, scopes[outer].start)}class _:\n")
    if in_function:
        receiver = _receiver(unit, inner)
        headers.append(f"{_indentation(change.before, scopes[inner].start)}def _({receiver}):\n")
    if (headers or [indentation])[0][:1].isspace():
        headers.insert(0, "if _:\n")
    return "".join(headers), ""


def _is_written_block(unit: Unit, scope: int) -> bool:
    """Whether a scope is the body of a class or of a function with a name."""
    this = unit.scopes[scope]
    if this.kind == ScopeKind.CLASS:
        return True
    return this.kind == ScopeKind.FUNCTION and (
        unit.language != "python" or (this.owner >= 0 and bool(unit.definitions[this.owner].name))
    )


def _receiver(unit: Unit, scope: int) -> str:
    """The first parameter of a method of Python, "" of any other function."""
    definition = unit.definitions[unit.scopes[scope].owner]
    if definition.kind != Kind.METHOD or definition.flags & Flag.STATIC:
        return ""
    for name, entry in unit.names[scope].items():
        first = unit.definitions[entry[0]]
        if first.kind == Kind.PARAMETER and first.related == [0]:
            return name
    return ""
