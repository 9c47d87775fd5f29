"""From the byte offsets of tree-sitter to code points."""

from __future__ import annotations

import re

from nootropic_lsp.index.facts import USES, Facts

_OTHERS = re.compile(rb"[\x80-\xff]+")


def code_point_table(data: bytes) -> list[int]:
    """For every byte offset, the end included, how many code points begin before it."""
    table: list[int] = []
    count = position = 0
    # Nearly everything is ASCII even in a file that is not: whole runs of it are counted at once.
    for run in _OTHERS.finditer(data):
        start, end = run.span()
        table.extend(range(count, count + start - position))
        count += start - position
        for byte in data[start:end]:
            is_first = (byte & 0xC0) != 0x80
            table.append(count)
            count += is_first
        position = end
    table.extend(range(count, count + len(data) - position + 1))
    return table


def to_code_points(facts: Facts, data: bytes) -> Facts:
    """The same facts with offsets in code points and names read as UTF-8, changed in place."""
    table = code_point_table(data)
    # An offset inside a character cannot come from the parser; -1 marks a synthetic use.
    table.append(-1)
    for scope in facts.scopes:
        scope.start, scope.end = table[scope.start], table[scope.end]
    for block in facts.blocks:
        block.start, block.end = table[block.start], table[block.end]
        block.exclusive_end = table[block.exclusive_end]
    for definition in facts.definitions:
        if not definition.name.isascii():
            definition.name = _as_utf8(definition.name)
        definition.start = table[definition.start]
        definition.full_start = table[definition.full_start]
        definition.full_end = table[definition.full_end]
        definition.head_end = table[definition.head_end]
        definition.doc_start = table[definition.doc_start]
        definition.doc_end = table[definition.doc_end]
    for index, expression in enumerate(facts.expressions):
        if expression[0] <= USES:
            operator, role, position, name, operand = expression
            moved = table[position]
            if moved != position or not name.isascii():
                facts.expressions[index] = (operator, role, moved, _as_utf8(name), operand)
    if facts.exports is not None:
        facts.exports = [_as_utf8(name) for name in facts.exports]
    facts.outer = [(scope, _as_utf8(name), outermost) for scope, name, outermost in facts.outer]
    return facts


def _as_utf8(name: str) -> str:
    return name if name.isascii() else name.encode("latin-1").decode("utf-8", "replace")
